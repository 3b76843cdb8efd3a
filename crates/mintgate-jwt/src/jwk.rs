//! One public key of a JWK set (RFC 7517), ready to verify with.
//!
//! A value of [`Jwk`] is a usable key: its members were decoded strictly, its size is in range, its point is on its
//! curve. Private members are never read, so none can be printed or published.

mod roca;
mod small_order;

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    digest,
    rsa::PublicKeyComponents,
    signature::{self, ParsedPublicKey, RsaParameters},
};
use mintgate_types::Kid;
use serde_json::{Map, Value, json};

use crate::{Algorithm, base64url};

/// A public key with what its set says about it. Clones share it.
#[derive(Clone)]
pub struct Jwk(Arc<Parts>);

struct Parts {
    kid: Option<Kid>,
    /// What the set binds the key to; without it, an RSA key serves every RSA algorithm.
    algorithm: Option<Algorithm>,
    material: Material,
    /// One entry for each algorithm that the key may be used with, parsed once.
    verifying: Box<[(Algorithm, ParsedPublicKey)]>,
}

/// Why a JSON value is not a key that we can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJwk {
    /// A key for something else: another type, curve, algorithm or use. Sets may hold those (RFC 7517 §5).
    #[error("the key is for another purpose: its {member} is not one that verifies here")]
    Foreign {
        /// The member that says so.
        member: &'static str,
    },
    /// A member that is missing or not what the RFC asks for.
    #[error("the key's {member} is missing or malformed")]
    Malformed {
        /// The member.
        member: &'static str,
    },
    /// An RSA modulus of fewer than 2048 or more than 8192 bits.
    #[error("an RSA key must have 2048 to 8192 bits, this one has {bits}")]
    Size {
        /// How many it has.
        bits: usize,
    },
    /// An RSA modulus of a generator that was broken (CVE-2017-15361): anybody can find the private key.
    #[error("the key is one that can be broken (CVE-2017-15361)")]
    Weak,
    /// An Ed25519 point of a small order, such as a key of zeros: anybody can make signatures that it verifies.
    #[error("anybody can sign for the key: its point has a small order")]
    SmallOrder,
    /// Parts that together are no key, such as a point that is not on the curve.
    #[error("the key's parts do not make a key")]
    Inconsistent,
}

#[derive(Clone, PartialEq, Eq)]
enum Material {
    Rsa { n: Box<[u8]>, e: Box<[u8]> },
    P256 { x: [u8; 32], y: [u8; 32] },
    P384 { x: [u8; 48], y: [u8; 48] },
    Ed25519 { x: [u8; 32] },
}

impl Jwk {
    /// Reads a key from a set. Members that we do not know, private ones among them, are passed over.
    pub fn parse(value: &Value) -> Result<Self, InvalidJwk> {
        let members = value.as_object().ok_or(InvalidJwk::Malformed { member: "value" })?;
        is_for_verifying(members)?;
        let material = Material::parse(members)?;
        let algorithm = match text(members, "alg")? {
            None => None,
            Some(name) => Some(name.parse().map_err(|_| InvalidJwk::Foreign { member: "alg" })?),
        };
        let kid = match text(members, "kid")? {
            None => None,
            Some(kid) => Some(kid.parse().map_err(|_| InvalidJwk::Malformed { member: "kid" })?),
        };
        Self::new(kid, algorithm, material)
    }

    /// An RSA key of ours for one algorithm, from its modulus and exponent (big-endian); its kid is its thumbprint.
    pub fn rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Self, InvalidJwk> {
        Self::ours(algorithm, Material::rsa(n, e)?)
    }

    /// An `ES256` key of ours, from its point; its kid is its thumbprint.
    pub fn p256(x: [u8; 32], y: [u8; 32]) -> Result<Self, InvalidJwk> {
        Self::ours(Algorithm::Es256, Material::P256 { x, y })
    }

    /// An `EdDSA` key of ours; its kid is its thumbprint.
    pub fn ed25519(x: [u8; 32]) -> Result<Self, InvalidJwk> {
        Self::ours(Algorithm::EdDsa, Material::ed25519(x)?)
    }

    fn ours(algorithm: Algorithm, material: Material) -> Result<Self, InvalidJwk> {
        let kid = material.thumbprint();
        Self::new(Some(kid), Some(algorithm), material)
    }

    fn new(kid: Option<Kid>, algorithm: Option<Algorithm>, material: Material) -> Result<Self, InvalidJwk> {
        let usable = match algorithm {
            Some(one) if material.serves(one) => vec![one],
            Some(_) => return Err(InvalidJwk::Malformed { member: "alg" }),
            None => Algorithm::ALL.into_iter().filter(|one| material.serves(*one)).collect(),
        };
        let verifying = usable
            .into_iter()
            .map(|one| Ok((one, material.prepare(one)?)))
            .collect::<Result<Box<[_]>, InvalidJwk>>()?;
        Ok(Self(Arc::new(Parts { kid, algorithm, material, verifying })))
    }

    /// What the set calls the key.
    #[must_use]
    pub fn kid(&self) -> Option<&Kid> {
        self.0.kid.as_ref()
    }

    /// The one algorithm that the set binds the key to, if it does.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.0.algorithm
    }

    /// Whether signatures of `algorithm` can be checked with this key.
    #[must_use]
    pub fn serves(&self, algorithm: Algorithm) -> bool {
        self.0.verifying.iter().any(|(one, _)| *one == algorithm)
    }

    /// The key's own name: SHA-256 over its required members (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Kid {
        self.0.material.thumbprint()
    }

    /// The key as a member of a published set.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = self.0.material.members();
        members.insert("use".into(), "sig".into());
        if let Some(algorithm) = self.0.algorithm {
            members.insert("alg".into(), algorithm.as_str().into());
        }
        if let Some(kid) = &self.0.kid {
            members.insert("kid".into(), kid.as_str().into());
        }
        Value::Object(members)
    }

    /// Whether both are the same key under the same name and binding.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.kid == other.0.kid
                && self.0.algorithm == other.0.algorithm
                && self.0.material == other.0.material
    }

    /// Whether `signature` is this key's over `message`. `None` when the key does not serve `algorithm`.
    pub(crate) fn check(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        let (_, key) = self.0.verifying.iter().find(|(one, _)| *one == algorithm)?;
        Some(key.verify_sig(message, signature).is_ok())
    }
}

/// The name and the binding; the key itself is public but long.
impl fmt::Debug for Jwk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Jwk")
            .field("kid", &self.0.kid)
            .field("algorithm", &self.0.algorithm)
            .field("thumbprint", &self.thumbprint().as_str())
            .finish_non_exhaustive()
    }
}

impl Material {
    fn parse(members: &Map<String, Value>) -> Result<Self, InvalidJwk> {
        let kty = text(members, "kty")?.ok_or(InvalidJwk::Malformed { member: "kty" })?;
        let curve = text(members, "crv")?;
        match (kty, curve) {
            ("RSA", _) => Self::rsa(&bytes(members, "n")?, &bytes(members, "e")?),
            ("EC", Some("P-256")) => Ok(Self::P256 { x: exactly(members, "x")?, y: exactly(members, "y")? }),
            ("EC", Some("P-384")) => Ok(Self::P384 { x: exactly(members, "x")?, y: exactly(members, "y")? }),
            ("OKP", Some("Ed25519")) => Self::ed25519(exactly(members, "x")?),
            ("EC" | "OKP", None) => Err(InvalidJwk::Malformed { member: "crv" }),
            ("EC" | "OKP", _) => Err(InvalidJwk::Foreign { member: "crv" }),
            _ => Err(InvalidJwk::Foreign { member: "kty" }),
        }
    }

    /// Leading zeros are dropped: some issuers send the one that ASN.1 needs and RFC 7518 §6.3.1 forbids.
    fn rsa(n: &[u8], e: &[u8]) -> Result<Self, InvalidJwk> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !(SMALLEST_RSA_BITS..=LARGEST_RSA_BITS).contains(&bits) {
            return Err(InvalidJwk::Size { bits });
        }
        if n.last().is_none_or(|last| last % 2 == 0) {
            return Err(InvalidJwk::Malformed { member: "n" });
        }
        // Odd, above one, and no longer than what aws-lc takes: long exponents are a way to make verifying slow.
        if e.len() > LONGEST_EXPONENT || e.last().is_none_or(|last| last % 2 == 0) || e == [1] {
            return Err(InvalidJwk::Malformed { member: "e" });
        }
        if roca::is_made_by_it(n) {
            return Err(InvalidJwk::Weak);
        }
        Ok(Self::Rsa { n: n.into(), e: e.into() })
    }

    fn ed25519(x: [u8; 32]) -> Result<Self, InvalidJwk> {
        if small_order::is_of_it(&x) { Err(InvalidJwk::SmallOrder) } else { Ok(Self::Ed25519 { x }) }
    }

    fn serves(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Rsa { .. } => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
            Self::P256 { .. } => algorithm == Es256,
            Self::P384 { .. } => algorithm == Es384,
            Self::Ed25519 { .. } => algorithm == EdDsa,
        }
    }

    fn prepare(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, InvalidJwk> {
        let parsed = match self {
            Self::Rsa { n, e } => {
                PublicKeyComponents { n, e }.to_parsed_public_key(rsa_parameters(algorithm))
            }
            Self::P256 { x, y } => {
                ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, uncompressed(x, y))
            }
            Self::P384 { x, y } => {
                ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, uncompressed(x, y))
            }
            Self::Ed25519 { x } => ParsedPublicKey::new(&signature::ED25519, x),
        };
        parsed.map_err(|_| InvalidJwk::Inconsistent)
    }

    fn members(&self) -> Map<String, Value> {
        let value = match self {
            Self::Rsa { n, e } => {
                json!({ "kty": "RSA", "n": base64url::encode(n), "e": base64url::encode(e) })
            }
            Self::P256 { x, y } => {
                json!({ "kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y) })
            }
            Self::P384 { x, y } => {
                json!({ "kty": "EC", "crv": "P-384", "x": base64url::encode(x), "y": base64url::encode(y) })
            }
            Self::Ed25519 { x } => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(x) }),
        };
        match value {
            Value::Object(members) => members,
            _ => unreachable!("each arm is an object"),
        }
    }

    /// The members in the order of their names, without white space (RFC 7638 §3.3). The values are base64url and
    /// fixed words, so nothing needs escaping.
    fn thumbprint(&self) -> Kid {
        let mut members: Vec<_> = self.members().into_iter().collect();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let canonical = format!("{{{}}}", members.join(","));
        let hash = digest::digest(&digest::SHA256, canonical.as_bytes());
        base64url::encode(hash).parse().expect("43 characters of base64url are a kid")
    }
}

/// `use` and `key_ops`, where given, must allow verifying (RFC 7517 §4.2, §4.3).
fn is_for_verifying(members: &Map<String, Value>) -> Result<(), InvalidJwk> {
    if text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(InvalidJwk::Foreign { member: "use" });
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|one| one == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(InvalidJwk::Foreign { member: "key_ops" }),
        Some(_) => Err(InvalidJwk::Malformed { member: "key_ops" }),
    }
}

fn text<'a>(members: &'a Map<String, Value>, member: &'static str) -> Result<Option<&'a str>, InvalidJwk> {
    match members.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(InvalidJwk::Malformed { member }),
    }
}

fn bytes(members: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, InvalidJwk> {
    let text = text(members, member)?.filter(|text| text.len() <= LONGEST_MEMBER);
    base64url::decode(text.ok_or(InvalidJwk::Malformed { member })?)
        .map_err(|_| InvalidJwk::Malformed { member })
}

/// Coordinates have the full length of their field (RFC 7518 §6.2.1.2).
fn exactly<const N: usize>(
    members: &Map<String, Value>,
    member: &'static str,
) -> Result<[u8; N], InvalidJwk> {
    bytes(members, member)?.try_into().map_err(|_| InvalidJwk::Malformed { member })
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

fn rsa_parameters(algorithm: Algorithm) -> &'static RsaParameters {
    match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => {
            unreachable!("an RSA key serves RSA algorithms only")
        }
    }
}

const SMALLEST_RSA_BITS: usize = 2048;
const LARGEST_RSA_BITS: usize = 8192;
const LONGEST_EXPONENT: usize = 4;
/// An 8192-bit modulus has 1366 characters; a leading zero or two are borne.
const LONGEST_MEMBER: usize = 1400;

#[cfg(test)]
mod tests;
