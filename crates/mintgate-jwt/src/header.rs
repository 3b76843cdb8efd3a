//! The first part of a token, before anything is verified.
//!
//! It offers the kid, to find the key by, and nothing else: `jku`, `x5u`, `jwk` and `x5c` are not even read
//! (RFC 8725 §3.10), and the algorithm is only ever compared with what configuration and key allow.

use mintgate_types::Kid;
use serde_json::{Map, Value};

use crate::{
    Algorithm, Part, Refusal, TokenPolicy, base64url,
    json::{NotStrictJson, parse_object},
    members::{Member, Members},
};

/// A token that was taken apart, with a header that the policy bears. Nothing in it is verified.
#[derive(Debug)]
pub struct UnverifiedHeader<'token> {
    kid: Option<Kid>,
    /// The policy that the header met, and that the rest will be judged by.
    pub(crate) policy: &'token TokenPolicy,
    pub(crate) algorithm: Algorithm,
    /// What the signature is over: the first two parts and the dot between them.
    pub(crate) signed: &'token [u8],
    pub(crate) payload: &'token str,
    pub(crate) signature: &'token str,
}

impl<'token> UnverifiedHeader<'token> {
    /// The longest token that is looked at, in bytes: more than any front server lets through in a header.
    pub const LONGEST_TOKEN: usize = 16 * 1024;

    /// Takes a token apart and refuses it when its header alone is reason enough.
    pub fn read(token: &'token str, policy: &'token TokenPolicy) -> Result<Self, Refusal> {
        let parts = Parts::of(token)?;
        let mut room = [0; 384];
        let bytes = base64url::decode_within(parts.header, &mut room)
            .map_err(|_| Refusal::NotBase64Url(Part::Header))?;
        let header = Members::parse(&bytes).map_err(|error| Refusal::of_json(error, Part::Header))?;
        if header.has_enc {
            return Err(Refusal::Encrypted);
        }
        let algorithm = algorithm(&header.alg)?;
        if header.has_crit {
            return Err(Refusal::Critical);
        }
        if header.has_b64 {
            return Err(Refusal::Unencoded);
        }
        if !policy.algorithms.contains(algorithm) {
            return Err(Refusal::AlgorithmNotAllowed);
        }
        let typ = match &header.typ {
            Member::Absent => None,
            Member::Text(typ) => Some(&**typ),
            Member::Other => return Err(Refusal::WrongType),
        };
        if !policy.typ.accepts(typ) {
            return Err(Refusal::WrongType);
        }
        let kid = match &header.kid {
            Member::Absent => None,
            Member::Text(kid) => Some(kid.parse().map_err(|_| Refusal::KidInvalid)?),
            Member::Other => return Err(Refusal::KidInvalid),
        };
        if parts.signature.is_empty() {
            return Err(Refusal::SignatureMissing);
        }
        let Parts { payload, signature, signed, .. } = parts;
        Ok(Self { kid, policy, algorithm, signed, payload, signature })
    }

    /// The name of the key that the token says it was signed with. Opaque: look it up, do nothing else with it.
    #[must_use]
    pub fn kid(&self) -> Option<&Kid> {
        self.kid.as_ref()
    }
}

/// The three parts of a compact JWS.
pub(crate) struct Parts<'token> {
    pub(crate) header: &'token str,
    pub(crate) payload: &'token str,
    pub(crate) signature: &'token str,
    pub(crate) signed: &'token [u8],
}

impl<'token> Parts<'token> {
    /// Looks at the token's bytes once and allocates nothing, whatever is in it.
    pub(crate) fn of(token: &'token str) -> Result<Self, Refusal> {
        if token.len() > UnverifiedHeader::LONGEST_TOKEN {
            return Err(Refusal::TooLong);
        }
        let (header, rest) = token.split_once('.').ok_or(Refusal::NotThreeParts)?;
        let (payload, signature) = rest.split_once('.').ok_or(Refusal::NotThreeParts)?;
        match signature.bytes().filter(|byte| *byte == b'.').count() {
            0 => {
                let signed = &token.as_bytes()[..=header.len() + payload.len()];
                Ok(Self { header, payload, signature, signed })
            }
            2 => Err(Refusal::Encrypted),
            _ => Err(Refusal::NotThreeParts),
        }
    }
}

/// Decodes a part that holds a JSON object.
pub(crate) fn object(text: &str, part: Part) -> Result<Map<String, Value>, Refusal> {
    let bytes = base64url::decode(text).map_err(|_| Refusal::NotBase64Url(part))?;
    parse_object(&bytes).map_err(|error| Refusal::of_json(error, part))
}

impl Refusal {
    fn of_json(error: NotStrictJson, part: Part) -> Self {
        match error {
            NotStrictJson::Malformed => Self::NotJson(part),
            NotStrictJson::DuplicateMember => Self::DuplicateMember(part),
            NotStrictJson::TooDeep => Self::TooDeep(part),
        }
    }
}

fn algorithm(alg: &Member<'_>) -> Result<Algorithm, Refusal> {
    let Member::Text(name) = alg else {
        return Err(Refusal::AlgorithmMissing);
    };
    name.parse().map_err(|_| {
        if name.eq_ignore_ascii_case("none") {
            Refusal::AlgorithmNone
        } else if matches!(&**name, "HS256" | "HS384" | "HS512") {
            Refusal::AlgorithmSymmetric
        } else {
            Refusal::AlgorithmUnknown
        }
    })
}
