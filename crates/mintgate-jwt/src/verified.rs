//! The judgement: a token, a key and a policy go in, a [`Verified`] value or a refusal comes out.

use mintgate_types::Timestamp;

use crate::{Claims, Jwk, Jwks, Part, Refusal, TokenPolicy, UnverifiedHeader, base64url, header::object};

/// Proof that a signature was checked and a policy met. Only this module makes one.
#[derive(Debug, Clone)]
pub struct Verified<C> {
    claims: C,
    /// The key that made the signature, so that those who keep the value can drop it when the key is withdrawn.
    key: Jwk,
}

impl<C> Verified<C> {
    /// What was verified.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// Gives up the proof for what was verified.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// Whether the key that verified it is in `set`, under the same name and for the same algorithm.
    #[must_use]
    pub fn is_backed_by(&self, set: &Jwks) -> bool {
        set.iter().any(|key| key.is_same(&self.key))
    }
}

impl Verified<Claims> {
    /// Whether the token is still good at `now` under the policy that it was verified with. For those who keep
    /// verified tokens: time is the one thing that changes about them.
    pub fn check_time(&self, policy: &TokenPolicy, now: Timestamp) -> Result<(), Refusal> {
        self.claims.check_time(policy, now)
    }
}

/// Verifies `token` with one key.
pub fn verify(
    token: &str,
    key: &Jwk,
    policy: &TokenPolicy,
    now: Timestamp,
) -> Result<Verified<Claims>, Refusal> {
    UnverifiedHeader::read(token, policy)?.verify(key, now)
}

/// Verifies `token` with the keys of its kid in `set`; with a few of its algorithm when it names none.
pub fn verify_with_set(
    token: &str,
    set: &Jwks,
    policy: &TokenPolicy,
    now: Timestamp,
) -> Result<Verified<Claims>, Refusal> {
    UnverifiedHeader::read(token, policy)?.verify_with_set(set, now)
}

impl UnverifiedHeader<'_> {
    /// Verifies the token with one key.
    pub fn verify(&self, key: &Jwk, now: Timestamp) -> Result<Verified<Claims>, Refusal> {
        self.verify_with_any([key].into_iter(), now)
    }

    /// Verifies the token with the keys of its kid in `set`; with a few of its algorithm when it names none.
    pub fn verify_with_set(&self, set: &Jwks, now: Timestamp) -> Result<Verified<Claims>, Refusal> {
        self.verify_with_any(set.candidates(self.kid(), self.algorithm), now)
    }

    fn verify_with_any<'key>(
        &self,
        keys: impl Iterator<Item = &'key Jwk>,
        now: Timestamp,
    ) -> Result<Verified<Claims>, Refusal> {
        let key = self.signer_among(keys)?;
        // Only now is the payload looked at: what is not verified decides nothing, not even which refusal is given.
        let payload = object(self.payload, Part::Payload)?;
        let claims = Claims::check(payload, self.policy, now)?;
        Ok(Verified { claims, key: key.clone() })
    }

    /// The key that made the signature.
    fn signer_among<'key>(&self, keys: impl Iterator<Item = &'key Jwk>) -> Result<&'key Jwk, Refusal> {
        // As long as the longest of our signatures, that of an RSA key of 8192 bits.
        let mut room = [0; 1026];
        let signature = base64url::decode_within(self.signature, &mut room)
            .map_err(|_| Refusal::NotBase64Url(Part::Signature))?;
        let mut refusal = Refusal::UnknownKey;
        for key in keys {
            match key.check(self.algorithm, self.signed, &signature) {
                Some(true) => return Ok(key),
                Some(false) => refusal = Refusal::BadSignature,
                None if refusal == Refusal::UnknownKey => refusal = Refusal::AlgorithmNotOfKey,
                None => {}
            }
        }
        Err(refusal)
    }
}
