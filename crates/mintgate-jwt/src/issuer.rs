//! Whose token it says it is, before anything is verified: to choose among the issuers that are configured, and for
//! nothing else. A token that lies here is judged by the keys and the policy of the issuer that it names, and fails.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{CheckedClaim, Part, Refusal, TokenPolicy, base64url, header::Parts};

/// What a token says in `iss`. It can be compared with what a policy expects, and not be read.
pub struct UnverifiedIssuer(Box<str>);

impl UnverifiedIssuer {
    /// Reads the `iss` of a token and passes over everything else in it.
    pub fn read(token: &str) -> Result<Self, Refusal> {
        let parts = Parts::of(token)?;
        let payload = base64url::decode(parts.payload).map_err(|_| Refusal::NotBase64Url(Part::Payload))?;
        let only: OnlyIssuer<'_> = serde_json::from_slice(&payload).map_err(|error| {
            // Data: it is JSON, but `iss` is no string, or is there twice.
            if error.is_data() && payload.starts_with(b"{") {
                Refusal::Malformed(CheckedClaim::Issuer)
            } else {
                Refusal::NotJson(Part::Payload)
            }
        })?;
        only.iss.map(|issuer| Self(issuer.into())).ok_or(Refusal::Missing(CheckedClaim::Issuer))
    }

    /// Whether it is, byte for byte, one of the issuers that `policy` expects.
    #[must_use]
    pub fn is_expected_by(&self, policy: &TokenPolicy) -> bool {
        policy.issuer.accepts(&self.0, |issuer| issuer.as_str())
    }
}

#[derive(Deserialize)]
struct OnlyIssuer<'payload> {
    #[serde(borrow)]
    iss: Option<Cow<'payload, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expected;

    fn read(payload: &str) -> Result<UnverifiedIssuer, Refusal> {
        UnverifiedIssuer::read(&format!("e30.{}.AA", base64url::encode(payload)))
    }

    fn policy(issuer: &str) -> TokenPolicy {
        let issuer = issuer.parse().expect("an issuer");
        TokenPolicy::new(Expected::exactly(issuer), Expected::exactly("orders".parse().expect("an audience")))
    }

    #[test]
    fn an_issuer_is_compared_byte_for_byte() {
        let issuer = read(r#"{"aud":["x"],"iss":"https:\/\/a.example","deep":[[[{}]]]}"#).expect("there");
        assert!(issuer.is_expected_by(&policy("https://a.example")));
        for other in ["https://a.example/", "https://A.example", "https://a.exampl", "https://b.example"] {
            assert!(!issuer.is_expected_by(&policy(other)), "{other}");
        }
    }

    #[test]
    fn what_names_no_single_issuer_is_refused() {
        for (payload, reason) in [
            ("{}", "iss_missing"),
            (r#"{"iss":null}"#, "iss_missing"),
            (r#"{"iss":7}"#, "iss_malformed"),
            (r#"{"iss":["https://a.example"]}"#, "iss_malformed"),
            (r#"{"iss":"a","iss":"b"}"#, "iss_malformed"),
            (r#"{"iss":"a""#, "payload_not_json"),
            ("[]", "payload_not_json"),
            ("", "payload_not_json"),
        ] {
            assert_eq!(read(payload).err().map(Refusal::reason), Some(reason), "{payload}");
        }
        let deep = format!("{{\"iss\":\"a\",\"x\":{}", "[".repeat(5000));
        assert_eq!(read(&deep).err().map(Refusal::reason), Some("payload_not_json"));
        assert_eq!(
            UnverifiedIssuer::read("e30.!!.AA").err().map(Refusal::reason),
            Some("payload_not_base64url")
        );
        assert_eq!(UnverifiedIssuer::read("e30").err().map(Refusal::reason), Some("not_three_parts"));
    }
}
