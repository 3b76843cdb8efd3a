//! Verifies tokens at an origin: JWKS over HTTP and mintgate-jwt.
