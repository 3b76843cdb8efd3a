//! Signing keys: generation, rest under encryption, rotation, publication and minting.
//!
//! [`Issuer`] is the live part: it loads the keys, moves them through their states ([`rotation`] decides, purely),
//! and offers what the data plane reads for each request, the signer of the moment and the documents that verifiers
//! fetch. Promised: one key is active at all times; no key signs before verifiers can know it, nor leaves the JWKS
//! before the last token that it signed has expired, an emergency apart; private parts leave this crate only sealed.
//! Not here: what decides whether a token may be minted (that is `mintgate-exchange`), HTTP, and storage.

mod algorithm;
mod error;
mod issuer;
mod key_pair;
mod mapped_claims;
mod mapping;
mod mint;
mod published;
pub mod rotation;
mod seal;

pub use algorithm::{RsaKeySize, SigningAlgorithm, UnsupportedAlgorithm};
pub use error::SigningError;
pub use issuer::{
    Current, EmergencyRotation, Issued, Issuer, IssuerConfig, KeepReceipt, Rotation, SigningKeyInfo,
};
pub use key_pair::SigningKeyPair;
pub use mapped_claims::{InvalidClaim, MappedClaims};
pub use mapping::{ClaimMapping, ClaimSource, InvalidClaimSource};
pub use mint::{ActiveSigner, InvalidTokenLifetime, Minted, TokenLifetime, TokenRequest, UnsignedToken};
pub use published::{Document, Published};
pub use rotation::{InvalidPolicy, RotationPolicy, RotationSettings};
pub use seal::KeySeal;
