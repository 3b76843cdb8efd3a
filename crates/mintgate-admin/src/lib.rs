//! The admin API: one file an endpoint.
