//! The contract of the admin API: paths, request and reply types.
