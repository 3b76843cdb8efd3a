//! What is issued with at one moment.

use std::sync::Arc;

use mintgate_jwt::Jwk;
use mintgate_store::SigningKeyRecord;
use mintgate_types::{IssuerUrl, Kid, Revision, SigningKeyState, Timestamp};

use crate::{
    ActiveSigner, KeySeal, Published, RotationPolicy, SigningAlgorithm, SigningError, SigningKeyPair,
    rotation::KeyInfo,
};

/// The keys of one moment: the signer, the JWKS that its key stands in, and all keys that there are.
#[derive(Debug)]
pub struct Issued {
    pub(super) revision: Revision,
    keys: Vec<Held>,
    active: Arc<ActiveSigner>,
    published: Arc<Published>,
}

/// What may be told of a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyInfo {
    /// Its name.
    pub kid: Kid,
    /// What it signs with, as its row says; a retired key may be for one that this version does not know.
    pub algorithm: String,
    /// When it was made.
    pub created: Timestamp,
    /// Where it stands.
    pub state: SigningKeyState,
}

#[derive(Debug, Clone)]
struct Held {
    info: SigningKeyInfo,
    /// While it is in the JWKS.
    public: Option<Jwk>,
    /// While it signs or is going to: a key that only verifies has no business in memory.
    private: Option<Arc<SigningKeyPair>>,
}

impl Issued {
    /// Opens what is new among the stored keys. `None` where none is active.
    pub(super) fn new(
        records: &[SigningKeyRecord],
        revision: Revision,
        known: Option<&Self>,
        (seal, issuer, policy): (&KeySeal, &IssuerUrl, &RotationPolicy),
    ) -> Result<Option<Self>, SigningError> {
        let known = known.map_or(&[][..], |issued| &issued.keys);
        let keys =
            records.iter().map(|record| Held::new(record, known, seal)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::render(keys, revision, issuer, policy))
    }

    /// The same keys under another policy.
    pub(super) fn render_again(&self, issuer: &IssuerUrl, policy: &RotationPolicy) -> Option<Self> {
        Self::render(self.keys.clone(), self.revision, issuer, policy)
    }

    fn render(
        keys: Vec<Held>,
        revision: Revision,
        issuer: &IssuerUrl,
        policy: &RotationPolicy,
    ) -> Option<Self> {
        let pair = keys.iter().find(|held| held.info.state.signs())?.private.clone()?;
        let active = ActiveSigner::new(pair, issuer, policy.token_lifetime());
        let public: Vec<_> = keys.iter().filter_map(|held| held.public.clone()).collect();
        let published = Published::new(issuer, &public, policy.jwks_max_age());
        Some(Self { revision, keys, active: Arc::new(active), published: Arc::new(published) })
    }

    /// The signer.
    #[must_use]
    pub fn active(&self) -> &Arc<ActiveSigner> {
        &self.active
    }

    /// The signer's key.
    #[must_use]
    pub fn active_kid(&self) -> &Kid {
        self.active.kid()
    }

    /// The documents.
    #[must_use]
    pub fn published(&self) -> &Arc<Published> {
        &self.published
    }

    /// Whether the JWKS has that key: whether tokens that it signed still verify.
    #[must_use]
    pub fn contains(&self, kid: &Kid) -> bool {
        self.keys.iter().any(|held| held.info.state.is_in_jwks() && held.info.kid == *kid)
    }

    /// All keys, the retired ones too, oldest first.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &SigningKeyInfo> {
        self.keys.iter().map(|held| &held.info)
    }
}

impl Held {
    /// The public part is never taken from its row: whoever can write rows could have verifiers trust a key of theirs.
    fn new(record: &SigningKeyRecord, known: &[Self], seal: &KeySeal) -> Result<Self, SigningError> {
        let info = SigningKeyInfo {
            kid: record.kid.clone(),
            algorithm: record.algorithm.clone(),
            created: record.created,
            state: record.state,
        };
        if !record.state.is_in_jwks() {
            return Ok(Self { info, public: None, private: None });
        }
        let signs_later =
            matches!(record.state, SigningKeyState::Published { .. } | SigningKeyState::Active { .. });
        let known = known.iter().find(|held| held.info.kid == record.kid);
        if let Some(Self { public: Some(public), private, .. }) = known
            && (private.is_some() || !signs_later)
        {
            let private = private.clone().filter(|_| signs_later);
            return Ok(Self { info, public: Some(public.clone()), private });
        }
        let pair = seal.open(&record.kid, algorithm(record)?, &record.private)?;
        let public = Some(pair.public().clone());
        Ok(Self { info, public, private: signs_later.then(|| Arc::new(pair)) })
    }
}

/// What a plan needs to know. Retired keys are left out: no step concerns them but their refusal.
pub(super) fn key_infos(records: &[SigningKeyRecord]) -> Result<Vec<KeyInfo>, SigningError> {
    records
        .iter()
        .filter_map(|record| match algorithm(record) {
            Ok(algorithm) => Some(Ok(KeyInfo { kid: record.kid.clone(), algorithm, state: record.state })),
            Err(_) if !record.state.is_in_jwks() => None,
            Err(unknown) => Some(Err(unknown)),
        })
        .collect()
}

fn algorithm(record: &SigningKeyRecord) -> Result<SigningAlgorithm, SigningError> {
    record
        .algorithm
        .parse()
        .map_err(|_| SigningError::Algorithm { kid: record.kid.clone(), algorithm: record.algorithm.clone() })
}
