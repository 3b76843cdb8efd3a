//! The verifier: what an origin asks about each request.

use std::sync::Arc;

use mintgate_jwt::{Claims, Jwks, Refusal, TokenPolicy, UnverifiedIssuer, Verified, cache::Wanted};
use mintgate_types::Timestamp;

use crate::{
    KeySource, VerifierBuilder, VerifyError, Verifying,
    clock::Clocks,
    keys::{Keys, NoKeys},
    measure::Verdicts,
    tokens::{Remembered, Sought, VerifiedTokens},
    trust::{NoVerdict, Trust},
};

/// Verifies the tokens of the issuers that it was told to trust. Make one and share it.
pub struct Verifier {
    /// Never empty.
    trusted: Box<[Trust]>,
    tokens: VerifiedTokens,
    clocks: Arc<dyn Clocks>,
    verdicts: Verdicts,
}

impl Verifier {
    /// A verifier of what `policy` demands with the keys of `source`. [`VerifierBuilder::and_issuer`] adds others.
    #[must_use]
    pub fn builder(policy: TokenPolicy, source: KeySource) -> VerifierBuilder {
        VerifierBuilder::new(policy, source)
    }

    pub(crate) fn new(trusted: Box<[Trust]>, most_tokens: usize, clocks: Arc<dyn Clocks>) -> Self {
        Self { trusted, tokens: VerifiedTokens::new(most_tokens), clocks, verdicts: Verdicts::new() }
    }

    /// Verifies a token. Blocks for as long as a fetch may take when the keys are not at hand, so asynchronous
    /// programs use [`Verifier::verify_async`].
    pub fn verify(&self, token: &str) -> Result<Arc<Verified<Claims>>, VerifyError> {
        match self.verify_with(token, |_, keys, wanted| keys.find(wanted)) {
            Ok(verified) => Ok(verified),
            Err(NoVerdict::Error(error)) => Err(error),
            Err(NoVerdict::Pending) => unreachable!("it waits for what is pending"),
        }
    }

    /// Verifies a token if that needs no fetch; `None` if it does: call [`Verifier::verify`] where blocking is
    /// allowed. Takes microseconds.
    pub fn try_verify(&self, token: &str) -> Option<Result<Arc<Verified<Claims>>, VerifyError>> {
        match self.verify_with(token, |_, keys, wanted| keys.at_hand(wanted).ok_or(NoKeys::Pending)) {
            Ok(verified) => Some(Ok(verified)),
            Err(NoVerdict::Error(error)) => Some(Err(error)),
            Err(NoVerdict::Pending) => None,
        }
    }

    /// Verifies a token without blocking, whatever runs the future: if keys have to be fetched, another thread does
    /// it, once for all that wait. The future ends no later than a fetch may take.
    pub fn verify_async(self: &Arc<Self>, token: impl Into<Box<str>>) -> Verifying {
        Verifying::new(Arc::clone(self), token.into())
    }

    /// A token that was verified before: what [`Verifier::try_verify`] does first, for those who want to prepare
    /// something before the rest of the work. `None` says nothing about the token.
    pub fn recall(&self, token: &str) -> Option<Result<Arc<Verified<Claims>>, VerifyError>> {
        self.seen_before(self.tokens.seek(token), self.clocks.now())
    }

    /// Verifies a token as of another time. For tools and tests: nothing is remembered.
    pub fn verify_at(&self, token: &str, now: Timestamp) -> Result<Verified<Claims>, VerifyError> {
        let (_, trust) = self.trust_for(token)?;
        match trust.judge(token, now, Keys::find) {
            Ok(verified) => Ok(verified),
            Err(NoVerdict::Error(error)) => Err(error),
            Err(NoVerdict::Pending) => unreachable!("it waits for what is pending"),
        }
    }

    /// Fetches the keys if they are not at hand, so that the first request need not wait. With several issuers, all
    /// are asked, and the first failure is told.
    pub fn warm_up(&self) -> Result<(), VerifyError> {
        self.trusted.iter().map(Trust::warm_up).fold(Ok(()), Result::and)
    }

    /// The verdict on a token, with keys that `find` finds, being told which of the trusted issuers it is about.
    pub(crate) fn verify_with(
        &self,
        token: &str,
        mut find: impl FnMut(usize, &Keys, Wanted<'_>) -> Result<Arc<Jwks>, NoKeys>,
    ) -> Result<Arc<Verified<Claims>>, NoVerdict> {
        let now = self.clocks.now();
        let sought = self.tokens.seek(token);
        if let Some(result) = self.seen_before(sought, now) {
            return result.map_err(NoVerdict::Error);
        }
        let judged = self.trust_for(token).map_err(NoVerdict::from).and_then(|(trusted, trust)| {
            let verified = trust.judge(token, now, |keys, wanted| find(trusted, keys, wanted))?;
            Ok(Remembered { verified: Arc::new(verified), trusted })
        });
        match judged {
            Ok(judged) => {
                self.verdicts.fresh();
                let verified = Arc::clone(&judged.verified);
                self.tokens.insert(sought, judged);
                Ok(verified)
            }
            Err(no_verdict) => {
                if let NoVerdict::Error(error) = &no_verdict {
                    self.verdicts.refused(error);
                }
                Err(no_verdict)
            }
        }
    }

    /// What is kept of the keys of one of the trusted issuers, unless they are fixed.
    pub(crate) fn keys(&self, trusted: usize) -> Option<&Keys> {
        self.trusted[trusted].kept_keys()
    }

    /// By which policy and keys a token is judged, and its number. A token that lies about its issuer is refused by
    /// those of the issuer that it names.
    fn trust_for(&self, token: &str) -> Result<(usize, &Trust), Refusal> {
        if let [only] = &*self.trusted {
            return Ok((0, only));
        }
        let issuer = UnverifiedIssuer::read(token)?;
        let named = self.trusted.iter().enumerate().find(|(_, trust)| issuer.is_expected_by(&trust.policy));
        named.ok_or(Refusal::WrongIssuer)
    }

    /// A token that was verified before, if its key is still among fresh ones.
    fn seen_before(
        &self,
        token: Sought<'_>,
        now: Timestamp,
    ) -> Option<Result<Arc<Verified<Claims>>, VerifyError>> {
        let Remembered { verified, trusted } = self.tokens.find(token)?;
        let trust = &self.trusted[trusted];
        let set = trust.keys_at_hand()?;
        if !verified.is_backed_by(&set) {
            self.tokens.forget(token);
            return None;
        }
        Some(match verified.check_time(&trust.policy, now) {
            Ok(()) => {
                self.verdicts.remembered();
                Ok(verified)
            }
            Err(refusal) => {
                self.tokens.forget(token);
                let error = VerifyError::from(refusal);
                self.verdicts.refused(&error);
                Err(error)
            }
        })
    }
}
