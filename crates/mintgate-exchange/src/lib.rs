//! A valid API key becomes a short-lived token: the snapshot of all keys and the mint cache.
