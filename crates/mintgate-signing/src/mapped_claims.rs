//! Claims that come from a consumer's metadata.
//!
//! They are written into tokens as they stand, so they are checked once, here: none of them may say who the token is
//! from, for or about, how long it lives, or what it allows.

use std::{collections::BTreeMap, fmt};

use mintgate_types::ClaimName;
use serde_json::Value;

/// Claims that may stand in a token beside ours. Cheap to keep: their JSON, and nothing for none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MappedClaims {
    /// `,"name":value` for each: to be appended to an object that is not empty.
    members: Box<str>,
}

/// A claim that may not come from metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidClaim {
    /// It would say something that is the issuer's to say.
    #[error("the claim {name} is set by Mintgate or steers verifiers, so metadata may not set it")]
    Reserved {
        /// Which claim.
        name: ClaimName,
    },
    /// Verifiers limit how deeply JSON may nest.
    #[error("the claim {name} nests more than {deepest} levels", deepest = MappedClaims::DEEPEST)]
    TooDeep {
        /// Which claim.
        name: ClaimName,
    },
    /// Tokens travel in a header, and servers limit those, often to 8 KiB.
    #[error("mapped claims may have {longest} bytes in all, not {length}", longest = MappedClaims::LONGEST)]
    TooLong {
        /// How many bytes of JSON they have.
        length: usize,
    },
}

impl MappedClaims {
    /// The most bytes of JSON that they may have in all.
    pub const LONGEST: usize = 4096;
    /// How deeply a value may nest.
    pub const DEEPEST: usize = 8;

    /// No claims.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes claims of which none is reserved.
    pub fn new(claims: &BTreeMap<ClaimName, Value>) -> Result<Self, InvalidClaim> {
        let mut members = Vec::new();
        for (name, value) in claims {
            if is_reserved(name) {
                return Err(InvalidClaim::Reserved { name: name.clone() });
            }
            if depth(value) > Self::DEEPEST {
                return Err(InvalidClaim::TooDeep { name: name.clone() });
            }
            members.push(b',');
            serde_json::to_writer(&mut members, name).expect("a name can be written to memory");
            members.push(b':');
            serde_json::to_writer(&mut members, value).expect("a JSON value can be written to memory");
        }
        if members.len() > Self::LONGEST {
            return Err(InvalidClaim::TooLong { length: members.len() });
        }
        Ok(Self { members: String::from_utf8(members).expect("serde_json writes UTF-8").into() })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn as_members(&self) -> &str {
        &self.members
    }
}

/// Metadata is not secret, but it is people's data and does not belong in logs.
impl fmt::Debug for MappedClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MappedClaims({} bytes)", self.members.len())
    }
}

/// Names are compared without case: some verifiers bind claims to fields that way, and `Sub` would be one of them.
pub(crate) fn is_reserved(name: &ClaimName) -> bool {
    RESERVED.iter().any(|reserved| name.as_str().eq_ignore_ascii_case(reserved))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

pub(crate) const RESERVED: &[&str] = &[
    // RFC 7519 §4.1.
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    // Ours, after RFC 9068 §2.2; `scp` is read as `scope` by some verifiers.
    "client_id",
    "key_id",
    "scope",
    "scp",
    // Who acts for whom, and whose key the token is bound to (RFC 7800, RFC 8693, RFC 9396).
    "cnf",
    "act",
    "may_act",
    "azp",
    "authorization_details",
    "sub_id",
    "sub_jwk",
    // How and when somebody signed in, and in which session (OpenID Connect Core §2, RFC 9068 §2.2.1).
    "auth_time",
    "acr",
    "amr",
    "nonce",
    "sid",
    "sip_from_tag",
    "at_hash",
    "c_hash",
    "s_hash",
    "vot",
    "vtm",
    // What kind of statement this is (RFC 8417, RFC 7662, OpenID Connect logout and assurance).
    "events",
    "toe",
    "txn",
    "token_introspection",
    "verified_claims",
    "_claim_names",
    "_claim_sources",
    // Header parameters: some libraries look for them in both places (RFC 7519 §5.3).
    "alg",
    "enc",
    "zip",
    "typ",
    "cty",
    "kid",
    "crit",
    "b64",
    "jku",
    "jwk",
    "x5u",
    "x5c",
    "x5t",
    "x5t#S256",
    // Keys to trust.
    "jwks",
    "jwks_uri",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> BTreeMap<ClaimName, Value> {
        serde_json::from_value(value).expect("an object with claim names")
    }

    #[test]
    fn r41_a_registered_claim_in_metadata_is_refused() {
        for name in RESERVED {
            let refused = MappedClaims::new(&claims(json!({ *name: "anything" })));
            assert!(matches!(refused, Err(InvalidClaim::Reserved { .. })), "{name}");
        }
    }

    #[test]
    fn r41_another_case_of_a_registered_claim_is_refused_too() {
        for name in ["SUB", "Aud", "Client_Id"] {
            assert!(MappedClaims::new(&claims(json!({ name: "anything" }))).is_err(), "{name}");
        }
    }

    #[test]
    fn claims_are_kept_as_json_members() {
        let mapped =
            MappedClaims::new(&claims(json!({ "plan": "gold", "limits": { "rps": 5 } }))).expect("fine");
        assert_eq!(mapped.as_members(), r#","limits":{"rps":5},"plan":"gold""#);
        assert!(MappedClaims::none().is_empty());
    }

    #[test]
    fn what_would_break_out_of_the_json_is_escaped() {
        let mapped =
            MappedClaims::new(&claims(json!({ "a\"b": "\",\"sub\":\"root" }))).expect("odd but fine");
        let object: Value =
            serde_json::from_str(&format!("{{\"sub\":\"x\"{}}}", mapped.as_members())).expect("JSON");
        assert_eq!(object["sub"], "x");
        assert_eq!(object["a\"b"], "\",\"sub\":\"root");
    }

    #[test]
    fn claims_that_no_verifier_would_take_are_refused() {
        let long = claims(json!({ "a": "x".repeat(MappedClaims::LONGEST) }));
        assert!(matches!(MappedClaims::new(&long), Err(InvalidClaim::TooLong { length }) if length == 4103));
        let nest = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(MappedClaims::new(&claims(json!({ "a": nest(MappedClaims::DEEPEST) }))).is_ok());
        let deep = claims(json!({ "a": nest(MappedClaims::DEEPEST + 1) }));
        assert!(matches!(MappedClaims::new(&deep), Err(InvalidClaim::TooDeep { .. })));
    }
}
