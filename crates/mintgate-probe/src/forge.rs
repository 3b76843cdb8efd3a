//! Makes tokens: good ones, and whatever else is asked for.
//!
//! Shares no code with our verifiers: what they overlook must not be overlooked here too.

use std::sync::Arc;

use aws_lc_rs::{error::Unspecified, hmac};
use mintgate_types::{Clock, Entropy};
use serde_json::Value;

use crate::{
    compact::{self, Members},
    der,
    key::{Algorithm, SigningKey},
};

/// What good tokens say.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// `iss`.
    pub(crate) issuer: String,
    /// `aud`.
    pub(crate) audience: String,
    /// `typ`.
    pub(crate) typ: String,
    /// The scopes that the resource asks for.
    pub(crate) scopes: Vec<String>,
}

/// What a key is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Signs good tokens.
    Main,
    /// Signs good tokens with this algorithm.
    Other(Algorithm),
    /// Published for encryption only.
    Encryption,
    /// Published without a kid.
    Nameless,
    /// Published only where the issuer redirects to.
    Elsewhere,
    /// The one after a rotation.
    Next,
    /// The one after a rotation during a flood.
    Last,
}

/// A key of the issuer.
pub(crate) struct Named {
    pub(crate) role: Role,
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: SigningKey,
}

/// Where good tokens come from when no private key is there to sign them.
pub(crate) struct Handed {
    pub(crate) kid: String,
    pub(crate) algorithm: String,
    pub(crate) public: Option<Value>,
    pub(crate) fresh: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

/// Makes tokens.
pub(crate) struct Forge {
    pub(crate) profile: Profile,
    pub(crate) ring: Vec<Named>,
    pub(crate) handed: Option<Handed>,
    /// A key that nobody trusts.
    pub(crate) impostor: SigningKey,
    /// Where that key is published, for origins that can be talked into fetching it.
    pub(crate) impostors_url: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Named {
    pub(crate) fn generate(role: Role, algorithm: Algorithm, kid: String) -> Result<Self, Unspecified> {
        Ok(Self { role, kid, algorithm, key: SigningKey::generate(algorithm)? })
    }

    /// As the issuer publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = self.key.public_jwk();
        jwk["alg"] = self.algorithm.name().into();
        jwk["use"] = if self.role == Role::Encryption { "enc" } else { "sig" }.into();
        if self.role != Role::Nameless {
            jwk["kid"] = self.kid.as_str().into();
        }
        jwk
    }
}

impl Forge {
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// Letters that nobody else has.
    pub(crate) fn unique(&self) -> String {
        let mut bytes = [0; 12];
        self.entropy.fill(&mut bytes);
        compact::encode(bytes)
    }

    pub(crate) fn key(&self, role: Role) -> Option<&Named> {
        self.ring.iter().find(|named| named.role == role)
    }

    /// The name of the key that good tokens are signed with.
    pub(crate) fn kid(&self) -> &str {
        let handed = || self.handed.as_ref().map(|handed| handed.kid.as_str());
        self.key(Role::Main).map(|main| main.kid.as_str()).or_else(handed).unwrap_or_default()
    }

    /// What a good token's header says.
    pub(crate) fn header(&self) -> Members {
        let handed = || self.handed.as_ref().map(|handed| handed.algorithm.as_str());
        let algorithm = self.key(Role::Main).map(|main| main.algorithm.name()).or_else(handed);
        self.header_for(algorithm.unwrap_or("RS256"), self.kid())
    }

    pub(crate) fn header_for(&self, algorithm: &str, kid: &str) -> Members {
        Members::default().text("alg", algorithm).text("kid", kid).text("typ", &self.profile.typ)
    }

    /// What a good token says of its caller.
    pub(crate) fn claims(&self) -> Members {
        let now = self.now();
        let claims = Members::default()
            .text("iss", &self.profile.issuer)
            .text("sub", "probe")
            .text("aud", &self.profile.audience)
            .set("iat", now.to_string())
            .set("exp", (now + LIFE).to_string())
            .text("jti", &self.unique())
            .text("client_id", "probe");
        if self.profile.scopes.is_empty() {
            claims
        } else {
            claims.text("scope", &self.profile.scopes.join(" "))
        }
    }

    /// A token that must pass.
    pub(crate) fn good(&self) -> Option<String> {
        self.signed(&self.header(), &self.claims())
            .or_else(|| self.handed.as_ref().and_then(|handed| (handed.fresh)()))
    }

    /// Any header and claims, signed by the issuer's key.
    pub(crate) fn signed(&self, header: &Members, claims: &Members) -> Option<String> {
        self.signed_bytes(header.json().as_bytes(), claims.json().as_bytes())
    }

    /// Any bytes for header and claims, signed by the issuer's key.
    pub(crate) fn signed_bytes(&self, header: &[u8], payload: &[u8]) -> Option<String> {
        let main = self.key(Role::Main)?;
        sealed(&main.key, main.algorithm, header, payload)
    }

    /// A token that is good in everything but that this key signed it, so.
    pub(crate) fn signed_by(&self, role: Role, algorithm: Algorithm) -> Option<String> {
        let named = self.key(role)?;
        let header = self.header_for(algorithm.name(), &named.kid);
        sealed(&named.key, algorithm, header.json().as_bytes(), self.claims().json().as_bytes())
    }

    /// A good header with one change, over good claims, signed by the issuer.
    pub(crate) fn with_header(&self, change: impl FnOnce(Members) -> Members) -> Option<String> {
        self.signed(&change(self.header()), &self.claims())
    }

    /// Good claims with one change, signed by the issuer.
    pub(crate) fn with_claims(&self, change: impl FnOnce(Members) -> Members) -> Option<String> {
        self.signed(&self.header(), &change(self.claims()))
    }

    /// Good claims under this header, signed by somebody whom nobody trusts.
    pub(crate) fn by_impostor(&self, header: &Members) -> Option<String> {
        let (header, claims) = (header.json(), self.claims().json());
        sealed(&self.impostor, Algorithm::Rs256, header.as_bytes(), claims.as_bytes())
    }

    /// Good claims under this header, with these bytes for a signature.
    pub(crate) fn unsigned(&self, header: &Members, signature: &[u8]) -> String {
        let input = compact::signing_input(header.json().as_bytes(), self.claims().json().as_bytes());
        format!("{input}.{}", compact::encode(signature))
    }

    /// Good claims under an `HS256` header, with the given bytes as the shared secret.
    pub(crate) fn hmac(&self, secret: &[u8]) -> String {
        self.hmac_under(&self.header_for("HS256", self.kid()), secret)
    }

    /// The same under another header.
    pub(crate) fn hmac_under(&self, header: &Members, secret: &[u8]) -> String {
        let input = compact::signing_input(header.json().as_bytes(), self.claims().json().as_bytes());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        format!("{input}.{}", compact::encode(tag))
    }

    /// The public key that verifies good tokens.
    pub(crate) fn public_jwk(&self) -> Option<Value> {
        let handed = || self.handed.as_ref().and_then(|handed| handed.public.clone());
        self.key(Role::Main).map(|main| main.key.public_jwk()).or_else(handed)
    }

    /// The same as X.509 has it.
    pub(crate) fn public_der(&self) -> Option<Vec<u8>> {
        if let Some(main) = self.key(Role::Main) {
            return main.key.public_der();
        }
        let jwk = self.public_jwk()?;
        let number = |name: &str| Some(der::positive(&compact::decode(jwk[name].as_str()?)?));
        Some(der::rsa_public(&number("n")?, &number("e")?))
    }
}

/// Header and payload, and a signature over them.
fn sealed(key: &SigningKey, algorithm: Algorithm, header: &[u8], payload: &[u8]) -> Option<String> {
    let input = compact::signing_input(header, payload);
    let signature = key.sign(algorithm, input.as_bytes())?;
    Some(format!("{input}.{}", compact::encode(signature)))
}

/// Seconds from the birth of a good token to its end.
const LIFE: i64 = 300;

#[cfg(test)]
pub(crate) mod tests;
