//! One issuer, or several that share their keys: what their tokens must say, and where the keys come from.

use std::sync::Arc;

use mintgate_jwt::{
    Claims, Expected, InvalidPolicy, Jwks, Refusal, TokenPolicy, UnverifiedHeader, Verified, cache::Wanted,
};
use mintgate_types::Timestamp;

use crate::{
    VerifyError,
    keys::{Keys, NoKeys},
};

pub(crate) struct Trust {
    pub(crate) policy: TokenPolicy,
    pub(crate) source: Source,
}

/// What remains of a [`crate::KeySource`].
pub(crate) enum Source {
    Kept(Keys),
    Fixed(Arc<Jwks>),
}

/// Why a token has no verdict, or a bad one.
pub(crate) enum NoVerdict {
    Error(VerifyError),
    /// Keys are being fetched.
    Pending,
}

impl Trust {
    /// Judges a token with the keys that `find` finds.
    pub(crate) fn judge(
        &self,
        token: &str,
        now: Timestamp,
        mut find: impl FnMut(&Keys, Wanted<'_>) -> Result<Arc<Jwks>, NoKeys>,
    ) -> Result<Verified<Claims>, NoVerdict> {
        let header = UnverifiedHeader::read(token, &self.policy)?;
        let set = match (&self.source, header.kid()) {
            (Source::Fixed(set), _) => Arc::clone(set),
            (Source::Kept(keys), Some(kid)) => find(keys, Wanted::Kid(kid))?,
            (Source::Kept(keys), None) => find(keys, Wanted::Any)?,
        };
        match (header.verify_with_set(&set, now), &self.source) {
            // Without a kid, nothing else shows that the issuer may have a new key.
            (Err(refusal), Source::Kept(keys))
                if header.kid().is_none() && refusal.is_for_want_of_a_key() =>
            {
                match find(keys, Wanted::NewerThan(&set)) {
                    Ok(newer) => Ok(header.verify_with_set(&newer, now)?),
                    Err(NoKeys::Absent) => Err(refusal.into()),
                    Err(other) => Err(other.into()),
                }
            }
            (result, _) => Ok(result?),
        }
    }

    /// The keys, if they are fresh.
    pub(crate) fn keys_at_hand(&self) -> Option<Arc<Jwks>> {
        match &self.source {
            Source::Fixed(set) => Some(Arc::clone(set)),
            Source::Kept(keys) => keys.at_hand(Wanted::Any),
        }
    }

    /// What is kept of the keys, unless they are fixed.
    pub(crate) fn kept_keys(&self) -> Option<&Keys> {
        match &self.source {
            Source::Fixed(_) => None,
            Source::Kept(keys) => Some(keys),
        }
    }

    /// Fetches the keys if they are not at hand.
    pub(crate) fn warm_up(&self) -> Result<(), VerifyError> {
        match &self.source {
            Source::Fixed(_) => Ok(()),
            Source::Kept(keys) => match keys.find(Wanted::Any) {
                Err(NoKeys::Unavailable(error)) => Err(error),
                Ok(_) | Err(NoKeys::Absent | NoKeys::Pending) => Ok(()),
            },
        }
    }
}

/// Makes sure that the issuer of a token says by which of the policies it is judged.
pub(crate) fn are_apart<'policy>(
    known: impl Iterator<Item = &'policy TokenPolicy>,
    another: &TokenPolicy,
) -> Result<(), InvalidPolicy> {
    let Expected::OneOf(names) = another.issuer() else { return Err(InvalidPolicy::AnyAmongSeveral) };
    for policy in known {
        let Expected::OneOf(taken) = policy.issuer() else { return Err(InvalidPolicy::AnyAmongSeveral) };
        if names.iter().any(|name| taken.contains(name)) {
            return Err(InvalidPolicy::IssuerTwice);
        }
    }
    Ok(())
}

impl From<Refusal> for NoVerdict {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal.into())
    }
}

impl From<NoKeys> for NoVerdict {
    fn from(missing: NoKeys) -> Self {
        match missing {
            NoKeys::Absent => Refusal::UnknownKey.into(),
            NoKeys::Unavailable(error) => Self::Error(error),
            NoKeys::Pending => Self::Pending,
        }
    }
}
