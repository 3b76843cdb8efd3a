//! API keys: format, checksum, and the fingerprint that is stored in their place.
