//! The live part: the keys of this node, kept in step with the store and with the time.
//!
//! Everything that a request needs is in one [`Issued`] value that is swapped whole, so the signer, its kid and the
//! JWKS of one moment always belong together. Changes go through the store's compare-and-change: of several nodes that
//! want to rotate, one does, and the others find it done. While the store is away, nothing changes and the active key
//! goes on signing.

mod change;
mod issued;

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use mintgate_store::{Author, MasterKey, Receipt, SigningKeys, SystemPart};
use mintgate_types::{IssuerUrl, Kid, SignedDuration, Timestamp};

use crate::{
    ActiveSigner, KeySeal, Published, RotationPolicy, RsaKeySize, SigningError,
    rotation::{self, Plan, RetireRefused, Successor},
};
use change::Decision;
pub use issued::{Issued, SigningKeyInfo};

/// How an issuer is set up.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// The `iss` of its tokens.
    pub issuer: IssuerUrl,
    /// How its keys change.
    pub policy: RotationPolicy,
    /// How long new RSA keys are.
    pub rsa_key_size: RsaKeySize,
}

/// Keeps the signing keys. Shared by all that mint, publish or manage.
#[derive(Debug)]
pub struct Issuer {
    // Dependencies.
    store: Store,
    seal: KeySeal,
    // Settings.
    url: IssuerUrl,
    rsa_key_size: RsaKeySize,
    policy: ArcSwap<RotationPolicy>,
    // State.
    current: ArcSwap<Issued>,
    /// Held while keys are generated and changed: two rotations of one node would only disturb each other.
    changing: tokio::sync::Mutex<()>,
    /// Held while what was read is put in place, so that an older reading never replaces a newer one. Brief, and
    /// never held across an await.
    installing: std::sync::Mutex<()>,
}

/// The store, named in Debug and no more.
struct Store(Arc<dyn SigningKeys>);

/// A glance at the keys of this moment. For one look: whoever keeps it keeps the moment.
pub type Current = Guard<Arc<Issued>>;

/// Makes the receipt of what will be said. May be asked again when others were first.
pub type KeepReceipt<'a, T> = &'a (dyn Fn(&T) -> Receipt + Send + Sync);

/// What came of the wish to rotate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// A successor is published.
    Published {
        /// The successor.
        kid: Kid,
        /// When it will sign.
        activates: Timestamp,
    },
    /// A successor was published before.
    AlreadyPublished {
        /// The successor.
        kid: Kid,
        /// When it will sign.
        activates: Timestamp,
    },
}

/// What an emergency rotation did. Tokens of the dropped keys must not be forwarded any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyRotation {
    /// The only key from now on.
    pub active: Kid,
    /// Those that no longer verify.
    pub dropped: Vec<Kid>,
}

impl Issuer {
    /// Reads the keys, and makes the first one where there is none. What else is due is left to the first
    /// [`tick`](Self::tick), so that a node starts and serves even when the store takes no writes.
    pub async fn open(
        store: Arc<dyn SigningKeys>,
        master_key: &MasterKey,
        config: IssuerConfig,
        now: Timestamp,
    ) -> Result<Self, SigningError> {
        let IssuerConfig { issuer: url, policy, rsa_key_size } = config;
        let (store, seal) = (Store(store), KeySeal::new(master_key));
        let first = change::first_keys(&store.0, &seal, (&url, &policy, rsa_key_size), now).await?;
        Ok(Self {
            store,
            seal,
            url,
            rsa_key_size,
            policy: ArcSwap::from_pointee(policy),
            current: ArcSwap::from_pointee(first),
            changing: tokio::sync::Mutex::new(()),
            installing: std::sync::Mutex::new(()),
        })
    }

    /// The keys of this moment, for a look that costs a few nanoseconds.
    #[must_use]
    pub fn current(&self) -> Current {
        self.current.load()
    }

    /// The signer of this moment.
    #[must_use]
    pub fn active(&self) -> Arc<ActiveSigner> {
        Arc::clone(self.current.load().active())
    }

    /// The documents of this moment.
    #[must_use]
    pub fn published(&self) -> Arc<Published> {
        Arc::clone(self.current.load().published())
    }

    /// All keys that the store has, the retired ones too, oldest first.
    #[must_use]
    pub fn keys(&self) -> Vec<SigningKeyInfo> {
        self.current.load().keys().cloned().collect()
    }

    /// Takes in what other nodes changed and does what time has made due. Says when it wants to be called again; sooner
    /// is always fine, and calling it twice does nothing twice. After an error: soon again, the keys in force stay.
    pub async fn tick(&self, now: Timestamp) -> Result<Timestamp, SigningError> {
        let policy = **self.policy.load();
        let decide = |keys: &[rotation::KeyInfo]| {
            let Plan { steps, next_check } = rotation::plan(keys, now, &policy);
            Ok(Decision { steps, outcome: next_check })
        };
        let by = Author::system(SystemPart::Rotation, now);
        let (next_check, _) = self.change(&by, decide, |_, _| None).await?;
        // Often enough to learn within the margins what other nodes did.
        let half = policy.propagation_margin() / 2;
        let regular = rotation::later(now, half.clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
        Ok(next_check.min(regular))
    }

    /// Publishes a successor now, which is when its author asks; it signs when verifiers can know it.
    pub async fn rotate(&self, by: &Author) -> Result<Rotation, SigningError> {
        self.rotate_keeping(by, None).await
    }

    /// The same, and has the store keep the receipt of what it will say, if it changes something.
    pub async fn rotate_once(
        &self,
        by: &Author,
        keep: KeepReceipt<'_, Rotation>,
    ) -> Result<Rotation, SigningError> {
        self.rotate_keeping(by, Some(keep)).await
    }

    async fn rotate_keeping(
        &self,
        by: &Author,
        keep: Option<KeepReceipt<'_, Rotation>>,
    ) -> Result<Rotation, SigningError> {
        let now = by.at;
        let policy = **self.policy.load();
        let decide = |keys: &[rotation::KeyInfo]| {
            Ok(match rotation::successor(keys, now, &policy) {
                Successor::Publish { step, activates } => {
                    Decision { steps: vec![step], outcome: (None, activates) }
                }
                Successor::Waiting { kid, activates } => {
                    Decision { steps: vec![], outcome: (Some(kid), activates) }
                }
            })
        };
        let said = |(waiting, activates): &(Option<Kid>, Timestamp), added: Option<&Kid>| {
            let activates = *activates;
            match (waiting.clone(), added.cloned()) {
                (Some(kid), _) => Rotation::AlreadyPublished { kid, activates },
                (None, Some(kid)) => Rotation::Published { kid, activates },
                (None, None) => unreachable!("without a waiting successor one is added"),
            }
        };
        let receipt = |outcome: &_, added: Option<&Kid>| keep.map(|keep| keep(&said(outcome, added)));
        let (outcome, added) = self.change(by, decide, receipt).await?;
        Ok(said(&outcome, added.as_ref()))
    }

    /// A new key signs at once, and every other key leaves the JWKS.
    pub async fn rotate_emergency(&self, by: &Author) -> Result<EmergencyRotation, SigningError> {
        self.rotate_emergency_keeping(by, None).await
    }

    /// The same, and has the store keep the receipt of what it will say.
    pub async fn rotate_emergency_once(
        &self,
        by: &Author,
        keep: KeepReceipt<'_, EmergencyRotation>,
    ) -> Result<EmergencyRotation, SigningError> {
        self.rotate_emergency_keeping(by, Some(keep)).await
    }

    async fn rotate_emergency_keeping(
        &self,
        by: &Author,
        keep: Option<KeepReceipt<'_, EmergencyRotation>>,
    ) -> Result<EmergencyRotation, SigningError> {
        let now = by.at;
        let policy = **self.policy.load();
        let decide = |keys: &[rotation::KeyInfo]| {
            let dropped: Vec<Kid> =
                keys.iter().filter(|key| key.state.is_in_jwks()).map(|key| key.kid.clone()).collect();
            Ok(Decision { steps: rotation::emergency(keys, now, &policy), outcome: dropped })
        };
        let said = |dropped: &Vec<Kid>, added: Option<&Kid>| {
            let active = added.expect("an emergency adds a key").clone();
            EmergencyRotation { active, dropped: dropped.clone() }
        };
        let receipt = |outcome: &_, added: Option<&Kid>| keep.map(|keep| keep(&said(outcome, added)));
        let (outcome, added) = self.change(by, decide, receipt).await?;
        Ok(said(&outcome, added.as_ref()))
    }

    /// Takes a key that does not sign out of the JWKS before its time.
    pub async fn retire(&self, kid: &Kid, by: &Author) -> Result<(), SigningError> {
        let refused = |reason| {
            let kid = kid.clone();
            match reason {
                RetireRefused::Unknown => SigningError::NoSuchKey { kid },
                RetireRefused::Active => SigningError::KeyActive { kid },
                RetireRefused::Retired => SigningError::KeyRetired { kid },
            }
        };
        let decide = |keys: &[rotation::KeyInfo]| {
            let step = rotation::retire(keys, kid, by.at).map_err(refused)?;
            Ok(Decision { steps: vec![step], outcome: () })
        };
        self.change(by, decide, |(), _| None).await.map(|_| ())
    }

    /// Takes in what other nodes changed, and nothing else. For when the store says that something did.
    pub async fn reload(&self) -> Result<(), SigningError> {
        let (records, revision) = self.store.0.signing_keys().await?;
        self.install(&records, revision)
    }

    /// Goes by another policy from now on. A longer token lifetime holds for tokens from now on; a shorter one too, but
    /// a key that is replaced before the tokens of the former lifetime have expired leaves the JWKS too early for them.
    pub async fn set_policy(
        &self,
        policy: RotationPolicy,
        now: Timestamp,
    ) -> Result<Timestamp, SigningError> {
        self.policy.store(Arc::new(policy));
        self.render_again();
        self.tick(now).await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Store(..)")
    }
}

const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

#[cfg(test)]
mod tests;
