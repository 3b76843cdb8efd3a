//! How decided steps reach the store: read, decide, generate, compare and change; and again when others were first.

use std::sync::Arc;

use mintgate_store::{Author, Conflict, Receipt, SigningKeyRecord, SigningKeys, StoreError, SystemPart};
use mintgate_types::{IssuerUrl, Kid, Revision, SigningKeyState, Timestamp};

use super::{
    Issuer,
    issued::{Issued, key_infos},
};
use crate::{
    KeySeal, RotationPolicy, RsaKeySize, SigningAlgorithm, SigningError, SigningKeyPair,
    rotation::{self, KeyInfo, Step},
};

/// What is to happen to the keys as they were read.
pub(super) struct Decision<T> {
    pub(super) steps: Vec<Step>,
    pub(super) outcome: T,
}

impl Issuer {
    /// Carries out what `decide` says of the keys in the store. It is asked again when others changed them meanwhile.
    /// Gives its outcome and the key that was added, if one was; `receipt` of both is kept with
    /// what changes.
    pub(super) async fn change<T>(
        &self,
        by: &Author,
        mut decide: impl FnMut(&[KeyInfo]) -> Result<Decision<T>, SigningError>,
        receipt: impl Fn(&T, Option<&Kid>) -> Option<Receipt>,
    ) -> Result<(T, Option<Kid>), SigningError> {
        let _changing = self.changing.lock().await;
        let mut forge = Forge::new(&self.seal, self.rsa_key_size, by);
        for _ in 0..ATTEMPTS {
            let (records, revision) = self.store.0.signing_keys().await?;
            // What others did counts even if what we want then fails.
            self.install(&records, revision)?;
            let Decision { steps, outcome } = decide(&key_infos(&records)?)?;
            if steps.is_empty() {
                return Ok((outcome, None));
            }
            let keep = |added: Option<&Kid>| receipt(&outcome, added);
            let work = (steps, revision);
            if let Some(done) = forge.carry_out(&*self.store.0, records, work, keep).await? {
                // From what was written, not read again: a store that fails now must not keep a dropped key signing.
                self.install(&done.records, done.revision)?;
                return Ok((outcome, done.added));
            }
        }
        Err(SigningError::Contended)
    }

    /// Puts what was read in place, unless something newer is.
    pub(super) fn install(
        &self,
        records: &[SigningKeyRecord],
        revision: Revision,
    ) -> Result<(), SigningError> {
        let _installing = self.installing.lock().expect("no holder of this lock panics");
        let known = self.current.load();
        if revision <= known.revision {
            return Ok(());
        }
        let policy = **self.policy.load();
        let context = (&self.seal, &self.url, &policy);
        if let Some(issued) = Issued::new(records, revision, Some(&known), context)? {
            log_change(&known, &issued);
            self.current.store(Arc::new(issued));
        }
        Ok(())
    }

    pub(super) fn render_again(&self) {
        let _installing = self.installing.lock().expect("no holder of this lock panics");
        let known = self.current.load();
        if let Some(issued) = known.render_again(&self.url, &self.policy.load()) {
            self.current.store(Arc::new(issued));
        }
    }
}

/// The keys that a node starts with: those in the store, or the very first one.
pub(super) async fn first_keys(
    store: &Arc<dyn SigningKeys>,
    seal: &KeySeal,
    (issuer, policy, rsa_key_size): (&IssuerUrl, &RotationPolicy, RsaKeySize),
    now: Timestamp,
) -> Result<Issued, SigningError> {
    let by = Author::system(SystemPart::Start, now);
    let mut forge = Forge::new(seal, rsa_key_size, &by);
    for _ in 0..ATTEMPTS {
        let (records, revision) = store.signing_keys().await?;
        if let Some(issued) = Issued::new(&records, revision, None, (seal, issuer, policy))? {
            return Ok(issued);
        }
        let plan = rotation::plan(&key_infos(&records)?, now, policy);
        forge.carry_out(&**store, records, (plan.steps, revision), |_| None).await?;
    }
    Err(SigningError::Contended)
}

/// Makes keys and carries out steps with them. A key that came too late for one attempt serves the next.
struct Forge<'a> {
    seal: &'a KeySeal,
    rsa_key_size: RsaKeySize,
    by: &'a Author,
    spare: Option<SigningKeyPair>,
}

/// The keys after a change.
struct Done {
    records: Vec<SigningKeyRecord>,
    revision: Revision,
    added: Option<Kid>,
}

impl<'a> Forge<'a> {
    fn new(seal: &'a KeySeal, rsa_key_size: RsaKeySize, by: &'a Author) -> Self {
        Self { seal, rsa_key_size, by, spare: None }
    }

    /// `None` where others were first and nothing happened.
    async fn carry_out(
        &mut self,
        store: &dyn SigningKeys,
        mut records: Vec<SigningKeyRecord>,
        (steps, expected): (Vec<Step>, Revision),
        keep: impl FnOnce(Option<&Kid>) -> Option<Receipt>,
    ) -> Result<Option<Done>, SigningError> {
        let (mut add, mut states, mut made) = (Vec::new(), Vec::new(), None);
        for step in steps {
            match step {
                Step::Move { kid, to } => states.push((kid, to)),
                Step::Add { algorithm, state } => {
                    let pair = self.make(algorithm).await?;
                    add.push(self.record(&pair, state)?);
                    made = Some(pair);
                }
            }
        }
        let added = add.first().map(|record: &SigningKeyRecord| record.kid.clone());
        let receipt = keep(added.as_ref());
        match store.change_signing_keys(add.clone(), states.clone(), expected, receipt, self.by).await {
            Ok(revision) => {
                for (kid, state) in states {
                    records
                        .iter_mut()
                        .filter(|record| record.kid == kid)
                        .for_each(|record| record.state = state);
                }
                records.append(&mut add);
                Ok(Some(Done { records, revision, added }))
            }
            Err(StoreError::Conflict(Conflict::Stale { .. })) => {
                self.spare = made;
                Ok(None)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// On a thread of its own: an RSA key takes up to seconds.
    async fn make(&mut self, algorithm: SigningAlgorithm) -> Result<SigningKeyPair, SigningError> {
        if let Some(spare) = self.spare.take_if(|spare| spare.algorithm() == algorithm) {
            return Ok(spare);
        }
        let rsa = self.rsa_key_size;
        tokio::task::spawn_blocking(move || SigningKeyPair::generate(algorithm, rsa))
            .await
            .map_err(|_| SigningError::Interrupted)?
    }

    fn record(
        &self,
        pair: &SigningKeyPair,
        state: SigningKeyState,
    ) -> Result<SigningKeyRecord, SigningError> {
        Ok(SigningKeyRecord {
            kid: pair.kid().clone(),
            algorithm: pair.algorithm().as_str().to_owned(),
            public_jwk: pair.public().to_json(),
            private: self.seal.seal(pair)?,
            created: self.by.at,
            state,
        })
    }
}

fn log_change(before: &Issued, after: &Issued) {
    for key in after.keys() {
        let known = before.keys().find(|known| known.kid == key.kid);
        if known.is_none_or(|known| known.state != key.state) {
            tracing::info!(
                signing_key.kid = key.kid.as_str(),
                signing_key.algorithm = key.algorithm,
                signing_key.state = key.state.name(),
                "a signing key changed"
            );
        }
    }
}

/// Each attempt that fails means that another node got something done.
const ATTEMPTS: usize = 8;
