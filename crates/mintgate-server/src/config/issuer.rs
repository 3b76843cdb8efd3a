//! `[issuer]`: tokens, and the keys that sign them.

use mintgate_signing::{
    InvalidPolicy, RotationPolicy, RotationSettings, RsaKeySize, SigningAlgorithm, TokenLifetime,
};
use mintgate_types::{IssuerUrl, SignedDuration};
use serde_json::{Value as Json, json};
use toml::{Spanned, de::DeValue};

use super::{
    base_url::BaseUrl,
    problem::Finding,
    quantity::Period,
    section::{Default, Section},
    setting::{At, Complaint, Setting, TextSetting},
};

/// Tokens, and the keys that sign them.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuerConfig {
    /// The path on the data listener below which JWKS and discovery are published. Begins with a slash, ends without.
    pub path: String,
    /// The `iss` of minted tokens: the public URL and the path.
    pub issuer: IssuerUrl,
    /// How signing keys change, and how long tokens live.
    pub policy: RotationPolicy,
    /// How long new RSA keys are.
    pub rsa_key_size: RsaKeySize,
}

/// `[issuer]` as far as it could be read.
pub(crate) struct IssuerSection {
    pub(crate) path: At<IssuerPath>,
    rsa_key_size: RsaKeySize,
    policy: Option<RotationPolicy>,
}

pub(crate) fn read(section: &mut Section<'_>) -> IssuerSection {
    let path = section.defaulted::<IssuerPath>(
        "path",
        Default::Text("/__mintgate/issuer"),
        "The path below which JWKS and discovery documents are published.",
    );
    let algorithm = section.defaulted::<SigningAlgorithm>(
        "algorithm",
        Default::Text("RS256"),
        "The algorithm of new signing keys.",
    );
    let rsa_bits = section.defaulted::<RsaBits>(
        "rsa_bits",
        Default::Number(2048),
        "Bits of new RSA keys. Longer ones sign more slowly.",
    );
    let lifetime = section.within(
        "token_lifetime",
        Default::Text("5m"),
        Period::seconds(2)..=Period::hours(24),
        "How long a minted token is valid.",
    );
    let rotate_every = section.within(
        "rotate_every",
        Default::Text("30d"),
        Period::seconds(5)..=Period::days(3650),
        "How often the signing key changes.",
    );
    let jwks_max_age = section.within(
        "jwks_max_age",
        Default::Text("5m"),
        Period::seconds(1)..=Period::hours(24),
        "How long verifiers may use a copy of the JWKS.",
    );
    let margin = section.within(
        "propagation_margin",
        Default::Text("60s"),
        Period::seconds(0)..=Period::hours(1),
        "Added to `jwks_max_age` before a new key signs, and to `token_lifetime` before an old one leaves the JWKS: \
         for clocks that differ and fetches that take their time.",
    );
    let times = Times { lifetime, rotate_every, jwks_max_age, margin };
    times.warn(section);
    IssuerSection { path, rsa_key_size: rsa_bits.value.0, policy: times.policy(section, algorithm.value) }
}

struct Times {
    lifetime: At<Period>,
    rotate_every: At<Period>,
    jwks_max_age: At<Period>,
    margin: At<Period>,
}

impl Times {
    fn policy(&self, section: &Section<'_>, algorithm: SigningAlgorithm) -> Option<RotationPolicy> {
        let lifetime = TokenLifetime::new(signed(&self.lifetime));
        let Ok(token_lifetime) = lifetime else {
            let finding =
                Finding::new(self.lifetime.span.clone(), "`issuer.token_lifetime` must be whole seconds");
            // Out of its range was said before.
            if self.lifetime.value.get().as_secs() > 0 && self.lifetime.value <= Period::hours(24) {
                section.ledger().problem(finding);
            }
            return None;
        };
        let least = signed(&self.jwks_max_age) + signed(&self.margin) + signed(&self.lifetime);
        if signed(&self.rotate_every) <= least {
            let message = format!(
                "`issuer.rotate_every` must be longer than {least:#}: `jwks_max_age` ({}), `propagation_margin` ({}) and \
                 `token_lifetime` ({}) together",
                self.jwks_max_age.value, self.margin.value, self.lifetime.value
            );
            let finding = Finding::new(self.rotate_every.span.clone().or_else(|| section.heading()), message)
                .advice("a key is published for the first two before it signs, and its last tokens live for the third");
            section.ledger().problem(finding);
            return None;
        }
        let settings = RotationSettings {
            algorithm,
            token_lifetime,
            rotate_every: signed(&self.rotate_every),
            jwks_max_age: signed(&self.jwks_max_age),
            propagation_margin: signed(&self.margin),
            retire_margin: signed(&self.margin),
        };
        let noted = |error: InvalidPolicy| {
            // Out of range was said before, with its place.
            if !section.ledger().has_problems() {
                section.ledger().problem(Finding::new(section.heading(), error.to_string()));
            }
        };
        RotationPolicy::new(settings).map_err(noted).ok()
    }

    fn warn(&self, section: &Section<'_>) {
        let warn = |at: &At<Period>, message: &str, hint: &str| {
            section.ledger().warning(Finding::new(at.span.clone(), message).advice(hint));
        };
        if self.lifetime.value < Period::seconds(30) {
            warn(&self.lifetime, "tokens this short fail where clocks differ", "30s or more, but for tests");
        }
        if self.margin.value < Period::seconds(60) {
            let message = "verifiers that are slow to fetch may refuse good tokens after a rotation";
            warn(&self.margin, message, "60s or more, but for tests");
        }
    }
}

fn signed(at: &At<Period>) -> SignedDuration {
    SignedDuration::try_from(at.value.get()).expect("the ranges of these settings end long before")
}

impl IssuerSection {
    /// Joins the public URL and the path. `None` where a problem was noted.
    pub(crate) fn into_config(
        self,
        section: &Section<'_>,
        public_url: Option<&BaseUrl>,
    ) -> Option<IssuerConfig> {
        let path = self.path.value.0;
        let noted = |error| section.ledger().problem(Finding::new(self.path.span.clone(), error));
        let issuer: IssuerUrl = format!("{}{path}", public_url?)
            .parse()
            .map_err(|error: mintgate_types::InvalidName| noted(error.to_string()))
            .ok()?;
        Some(IssuerConfig { path, issuer, policy: self.policy?, rsa_key_size: self.rsa_key_size })
    }
}

/// Bits of an RSA key.
struct RsaBits(RsaKeySize);

impl Setting for RsaBits {
    fn schema() -> Json {
        json!({ "enum": [2048, 3072, 4096] })
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        match u32::read(value)? {
            2048 => Ok(Self(RsaKeySize::Bits2048)),
            3072 => Ok(Self(RsaKeySize::Bits3072)),
            4096 => Ok(Self(RsaKeySize::Bits4096)),
            _ => {
                let message = "must be 2048, 3072 or 4096".to_owned();
                Err(vec![Complaint { span: value.span(), message, hint: None }])
            }
        }
    }
}

/// A path that has one spelling and ends without a slash, so that well-known paths can be put behind it.
#[derive(Debug, Clone)]
pub(crate) struct IssuerPath(pub(crate) String);

impl TextSetting for IssuerPath {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
        let has_one_reading = mintgate_policy::RequestPath::parse(text).is_ok();
        if has_one_reading && text.len() > 1 && !text.ends_with('/') && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let message = "must be a path of letters, digits, `-`, `_`, `.` and `~`, without a slash at the end";
        Err((message.to_owned(), Some("such as `/__mintgate/issuer`".to_owned())))
    }

    fn shape() -> Json {
        json!({ "pattern": "^(/[A-Za-z0-9_.~-]+)+$" })
    }
}
