//! What verifiers fetch: the JWKS and the discovery documents, rendered once for each change of the keys.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use mintgate_jwt::{Jwk, Jwks};
use mintgate_types::{IssuerUrl, SignedDuration};
use serde_json::{Value, json};

/// The documents of one moment. All of them may be cached for [`max_age`](Self::max_age).
#[derive(Debug)]
pub struct Published {
    jwks: Document,
    openid_configuration: Document,
    authorization_server: Document,
    cache_control: String,
    max_age: SignedDuration,
}

/// A JSON document, ready to be sent.
#[derive(Debug, Clone)]
pub struct Document {
    body: Bytes,
    etag: String,
}

impl Published {
    pub(crate) fn new(issuer: &IssuerUrl, keys: &[Jwk], max_age: SignedDuration) -> Self {
        let discovery = discovery(issuer, keys);
        Self {
            jwks: Document::new(&Jwks::new(keys.iter().cloned()).to_json()),
            openid_configuration: Document::new(&discovery),
            authorization_server: Document::new(&discovery),
            cache_control: format!("public, max-age={}", max_age.as_secs()),
            max_age,
        }
    }

    /// For `{issuer}/.well-known/jwks.json`; `application/jwk-set+json`.
    #[must_use]
    pub fn jwks(&self) -> &Document {
        &self.jwks
    }

    /// For `{issuer}/.well-known/openid-configuration` (`OpenID` Connect Discovery 1.0 §4).
    #[must_use]
    pub fn openid_configuration(&self) -> &Document {
        &self.openid_configuration
    }

    /// For `/.well-known/oauth-authorization-server` followed by the issuer's path (RFC 8414 §3).
    #[must_use]
    pub fn authorization_server(&self) -> &Document {
        &self.authorization_server
    }

    /// The value of `Cache-Control` for each of them.
    #[must_use]
    pub fn cache_control(&self) -> &str {
        &self.cache_control
    }

    /// How long a copy may be used.
    #[must_use]
    pub fn max_age(&self) -> SignedDuration {
        self.max_age
    }
}

impl Document {
    fn new(value: &Value) -> Self {
        let body = Bytes::from(serde_json::to_vec(value).expect("a JSON value can be written to memory"));
        let hash = digest::digest(&digest::SHA256, &body);
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
        Self { body, etag }
    }

    /// Its bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// A strong entity tag, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }
}

/// What both standards require of every issuer and nothing that we do not have: no endpoints, because there are none.
/// Kubernetes and GitHub Actions, issuers that mint without a sign-in page too, publish the same members.
fn discovery(issuer: &IssuerUrl, keys: &[Jwk]) -> Value {
    let mut algorithms: Vec<_> = keys.iter().filter_map(Jwk::algorithm).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
    })
}
