//! Counts one request, however it ends.

use http::Response;
use mintgate_exchange::Caller;
use mintgate_types::{KeyId, StatusClass, Timestamp};

use super::{Counters, Outcome};
use crate::{body::ReplyBody, refusal::Refusal};

/// A request with a key that was let through. It counts when this is dropped, so that none is missed and none counts
/// twice; where nobody said how it ended, its caller went away before the answer, which counts as 4xx.
pub(crate) struct Meter<'c> {
    counters: &'c Counters,
    key: KeyId,
    seen: Timestamp,
    outcome: Outcome,
}

impl<'c> Meter<'c> {
    pub(crate) fn start(counters: &'c Counters, caller: &Caller) -> Self {
        let outcome = Outcome::Answered(StatusClass::ClientError);
        Self { counters, key: caller.key(), seen: caller.seen(), outcome }
    }

    /// What the caller gets: an origin that fails us is a 5xx, everything else that keeps a request back is a refusal.
    pub(crate) fn settle(mut self, outcome: &Result<Response<ReplyBody>, Refusal>) {
        self.outcome = match outcome {
            Ok(response) => Outcome::Answered(StatusClass::of(response.status().as_u16())),
            Err(Refusal::Origin { .. }) => Outcome::Answered(StatusClass::ServerError),
            Err(_) => Outcome::Refused,
        };
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.counters.count(self.key, self.seen, self.outcome);
    }
}
