//! Verifies tokens against a JWKS. Never signs, never does I/O.
