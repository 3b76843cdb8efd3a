//! A JWK set (RFC 7517 §5): what an issuer publishes.
//!
//! One bad key never spoils the set: keys that are malformed or not for us are skipped and counted. The set itself
//! has limits, because its bytes come from the network.

use mintgate_types::Kid;
use serde_json::{Value, json};

use crate::{Algorithm, InvalidJwk, Jwk, json::parse_object};

/// The usable keys of a set, without exact duplicates.
#[derive(Debug, Clone)]
pub struct Jwks {
    keys: Box<[Jwk]>,
    skipped: Box<[Skipped]>,
}

/// A key that stands in a set and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its place in the set, from zero.
    pub position: usize,
    /// Why.
    pub reason: InvalidJwk,
}

/// Why bytes are not a JWK set at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJwks {
    /// Longer than [`Jwks::LONGEST`].
    #[error("a JWK set may have at most {} bytes, this one has {bytes}", Jwks::LONGEST)]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Not strict JSON with an object at the top.
    #[error("not a JSON object")]
    NotJson,
    /// Without an array called `keys`.
    #[error("no array of keys")]
    NoKeys,
    /// More keys than [`Jwks::MOST_KEYS`].
    #[error("a JWK set may have at most {} keys, this one has {keys}", Jwks::MOST_KEYS)]
    TooMany {
        /// How many it has.
        keys: usize,
    },
}

impl Jwks {
    /// The longest set that is read, in bytes.
    pub const LONGEST: usize = 1024 * 1024;
    /// The most keys that a set may have, usable or not.
    pub const MOST_KEYS: usize = 256;
    /// How many keys are tried for one token, at most.
    pub const MOST_CANDIDATES: usize = 4;

    /// Reads a published set.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidJwks> {
        if bytes.len() > Self::LONGEST {
            return Err(InvalidJwks::TooLong { bytes: bytes.len() });
        }
        let set = parse_object(bytes).map_err(|_| InvalidJwks::NotJson)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(InvalidJwks::NoKeys)?;
        if keys.len() > Self::MOST_KEYS {
            return Err(InvalidJwks::TooMany { keys: keys.len() });
        }
        let (mut usable, mut skipped) = (Vec::new(), Vec::new());
        for (position, value) in keys.iter().enumerate() {
            match Jwk::parse(value) {
                Ok(key) => usable.push(key),
                Err(reason) => skipped.push(Skipped { position, reason }),
            }
        }
        Ok(Self { skipped: skipped.into(), ..Self::new(usable) })
    }

    /// A set of these keys, in this order; exact duplicates are dropped.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = Jwk>) -> Self {
        let mut distinct: Vec<Jwk> = Vec::new();
        for key in keys {
            if !distinct.iter().any(|known| known.is_same(&key)) {
                distinct.push(key);
            }
        }
        Self { keys: distinct.into(), skipped: Box::default() }
    }

    /// The keys.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Jwk> {
        self.keys.iter()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What stood in the set and was passed over.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Whether a key of that name is in the set.
    #[must_use]
    pub fn contains(&self, kid: &Kid) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// The keys to try for a token, at most [`Jwks::MOST_CANDIDATES`]: those of its kid (two keys may share one,
    /// RFC 7517 §4.5), or, when the token names none, those that serve its algorithm. Of keys that share a kid those that
    /// serve it come first; the others are there to say what is wrong.
    pub(crate) fn candidates(&self, kid: Option<&Kid>, algorithm: Algorithm) -> impl Iterator<Item = &Jwk> {
        let named = move |key: &&Jwk| kid.is_none_or(|kid| key.kid() == Some(kid));
        let serving = self.keys.iter().filter(named).filter(move |key| key.serves(algorithm));
        let others =
            self.keys.iter().filter(named).filter(move |key| kid.is_some() && !key.serves(algorithm));
        serving.chain(others).take(Self::MOST_CANDIDATES)
    }

    /// The set as it is published: public members only.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.keys.iter().map(Jwk::to_json).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests;
