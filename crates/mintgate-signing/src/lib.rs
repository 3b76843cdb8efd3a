//! Signing keys: generation, rest under encryption, rotation states, minting and publication.
