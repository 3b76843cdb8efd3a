//! API keys: their format, their checksum, and the fingerprint that is stored in their place.
//!
//! A key is `{prefix}_{id}_{secret}{check}`. Its text exists in two types only: [`IssuedKey`], which is shown to a
//! person once, and [`PresentedKey`], which lives for one request. Everything else holds a [`KeyFingerprint`].
//! No I/O; randomness is an argument.

mod fingerprint;
mod format;
mod issued;
mod presented;

pub use fingerprint::{InvalidFingerprint, KeyDigest, KeyFingerprint, Pepper};
pub use issued::IssuedKey;
pub use presented::{KeyForm, MalformedKey, PresentedKey};
