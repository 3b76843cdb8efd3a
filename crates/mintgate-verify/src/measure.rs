//! What is counted, through the `metrics` facade; names and labels are listed in the crate's documentation. Without the
//! feature `metrics` all of it is nothing. Counters that warm tokens go through are found once, not each time.

#[cfg(feature = "metrics")]
pub(crate) use counting::{Fetches, Verdicts};
#[cfg(not(feature = "metrics"))]
pub(crate) use nothing::{Fetches, Verdicts};

#[cfg(feature = "metrics")]
mod counting {
    use std::time::Duration;

    use metrics::{
        Counter, Histogram, SharedString, Unit, counter, describe_counter, describe_histogram, histogram,
    };

    use crate::{FetchError, VerifyError};

    /// Counts what becomes of tokens. Good ones are counted by handles that were found beforehand.
    pub(crate) struct Verdicts {
        fresh: Counter,
        remembered: Counter,
    }

    impl Verdicts {
        pub(crate) fn new() -> Self {
            describe_counter!(ACCEPTED, Unit::Count, "tokens that were found good");
            describe_counter!(REFUSED, Unit::Count, "tokens that were not, by reason");
            Self {
                fresh: counter!(ACCEPTED, "remembered" => "false"),
                remembered: counter!(ACCEPTED, "remembered" => "true"),
            }
        }

        pub(crate) fn fresh(&self) {
            self.fresh.increment(1);
        }

        pub(crate) fn remembered(&self) {
            self.remembered.increment(1);
        }

        #[expect(clippy::unused_self, reason = "the verdicts of one verifier are counted by one value")]
        pub(crate) fn refused(&self, error: &VerifyError) {
            counter!(REFUSED, "reason" => error.reason()).increment(1);
        }
    }

    /// Counts fetches from one source.
    pub(crate) struct Fetches {
        source: SharedString,
        seconds: Histogram,
    }

    impl Fetches {
        pub(crate) fn of(source: &str) -> Self {
            describe_counter!(FETCHES, Unit::Count, "fetches of an issuer's keys, by result");
            describe_histogram!(SECONDS, Unit::Seconds, "how long fetches of an issuer's keys took");
            let source = SharedString::from(source.to_owned());
            Self { seconds: histogram!(SECONDS, "source" => source.clone()), source }
        }

        pub(crate) fn count<T>(&self, result: &Result<T, FetchError>, took: Duration) {
            let result = result.as_ref().map_or_else(FetchError::kind, |_| "ok");
            counter!(FETCHES, "source" => self.source.clone(), "result" => result).increment(1);
            self.seconds.record(took.as_secs_f64());
        }
    }

    const ACCEPTED: &str = "mintgate_verify_accepted_total";
    const REFUSED: &str = "mintgate_verify_refused_total";
    const FETCHES: &str = "mintgate_verify_fetches_total";
    const SECONDS: &str = "mintgate_verify_fetch_seconds";
}

#[cfg(not(feature = "metrics"))]
#[expect(clippy::unused_self, reason = "as where something is counted")]
mod nothing {
    use std::time::Duration;

    use crate::{FetchError, VerifyError};

    pub(crate) struct Verdicts;

    impl Verdicts {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) fn fresh(&self) {}

        pub(crate) fn remembered(&self) {}

        pub(crate) fn refused(&self, _: &VerifyError) {}
    }

    pub(crate) struct Fetches;

    impl Fetches {
        pub(crate) fn of(_: &str) -> Self {
            Self
        }

        pub(crate) fn count<T>(&self, _: &Result<T, FetchError>, _: Duration) {}
    }
}
