//! How often keys change and how long each state lasts.

use mintgate_types::{SignedDuration, Timestamp};

use crate::{SigningAlgorithm, TokenLifetime};

/// What a policy is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationSettings {
    /// What new keys sign with.
    pub algorithm: SigningAlgorithm,
    /// How long tokens live, the longest that any of them may.
    pub token_lifetime: TokenLifetime,
    /// The age at which an active key hands over to its successor.
    pub rotate_every: SignedDuration,
    /// How long verifiers may use a copy of the JWKS; its `max-age`.
    pub jwks_max_age: SignedDuration,
    /// Added to `jwks_max_age` before a published key signs: for other nodes to publish it too, for fetches that take
    /// their time, and for clocks that differ.
    pub propagation_margin: SignedDuration,
    /// Added to `token_lifetime` before a retiring key leaves the JWKS: for the leeway of verifiers, and for nodes that
    /// learn late that another key signs now.
    pub retire_margin: SignedDuration,
}

/// Settings that keep the promises of [`rotation`](crate::rotation).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPolicy(RotationSettings);

/// Settings that would break a promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// A duration outside what makes sense for it.
    #[error("{setting} must be between {shortest:#} and {longest:#}, not {given:#}")]
    OutOfRange {
        /// Which.
        setting: &'static str,
        /// What was given.
        given: SignedDuration,
        /// The least.
        shortest: SignedDuration,
        /// The most.
        longest: SignedDuration,
    },
    /// Keys would be due before their successors may sign.
    #[error(
        "rotate_every must be at least {shortest:#}: a new key is published for that long before it may sign \
         (jwks_max_age and a margin)"
    )]
    TooOften {
        /// The least that these settings allow.
        shortest: SignedDuration,
    },
}

impl RotationSettings {
    /// The margins that are right unless a test is in a hurry: a minute each.
    pub const MARGIN: SignedDuration = SignedDuration::from_secs(60);
}

impl RotationPolicy {
    /// Takes settings that fit together.
    pub fn new(settings: RotationSettings) -> Result<Self, InvalidPolicy> {
        let RotationSettings { rotate_every, jwks_max_age, propagation_margin, retire_margin, .. } = settings;
        within("jwks_max_age", jwks_max_age, SignedDuration::from_secs(1), DAY)?;
        within("propagation_margin", propagation_margin, SignedDuration::ZERO, DAY)?;
        within("retire_margin", retire_margin, SignedDuration::ZERO, DAY)?;
        within("rotate_every", rotate_every, SignedDuration::from_secs(1), CENTURY)?;
        let policy = Self(settings);
        let shortest = policy.publication();
        if rotate_every < shortest { Err(InvalidPolicy::TooOften { shortest }) } else { Ok(policy) }
    }

    /// What new keys sign with.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.0.algorithm
    }

    /// How long tokens live.
    #[must_use]
    pub fn token_lifetime(&self) -> TokenLifetime {
        self.0.token_lifetime
    }

    /// The age at which an active key hands over to its successor.
    #[must_use]
    pub fn rotate_every(&self) -> SignedDuration {
        self.0.rotate_every
    }

    /// How long verifiers may use a copy of the JWKS.
    #[must_use]
    pub fn jwks_max_age(&self) -> SignedDuration {
        self.0.jwks_max_age
    }

    /// By how much clocks and nodes may differ.
    #[must_use]
    pub fn propagation_margin(&self) -> SignedDuration {
        self.0.propagation_margin
    }

    /// How long a key is published before it signs.
    #[must_use]
    pub fn publication(&self) -> SignedDuration {
        self.0.jwks_max_age.saturating_add(self.0.propagation_margin)
    }

    /// When a key that was published at `since` may sign.
    #[must_use]
    pub fn activation(&self, since: Timestamp) -> Timestamp {
        later(since, self.publication())
    }

    /// When the successor of a key that became active at `since` is published, so that it is ready in time.
    pub(crate) fn succession(&self, since: Timestamp) -> Timestamp {
        later(since, self.0.rotate_every.saturating_sub(self.publication()))
    }

    /// Until when a key that stops signing at `now` verifies.
    pub(crate) fn retirement(&self, now: Timestamp) -> Timestamp {
        later(now, self.0.token_lifetime.as_duration().saturating_add(self.0.retire_margin))
    }
}

pub(crate) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

fn within(
    setting: &'static str,
    given: SignedDuration,
    shortest: SignedDuration,
    longest: SignedDuration,
) -> Result<(), InvalidPolicy> {
    if (shortest..=longest).contains(&given) {
        return Ok(());
    }
    Err(InvalidPolicy::OutOfRange { setting, given, shortest, longest })
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const CENTURY: SignedDuration = SignedDuration::from_hours(24 * 36_525);
