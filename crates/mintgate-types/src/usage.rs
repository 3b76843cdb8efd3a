//! What is counted of requests: by hour and day, by the class of the reply, and by the reason of a refusal.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// The class of a reply's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// 2xx.
    Success,
    /// 3xx.
    Redirection,
    /// 4xx.
    ClientError,
    /// 5xx.
    ServerError,
}

impl StatusClass {
    /// The class of a final status. What is below 200 is never a final one, and counts as the first class.
    #[must_use]
    pub fn of(status: u16) -> Self {
        match status {
            ..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

/// How many requests there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Those that were let through, by the class of the reply: 2xx, 3xx, 4xx, 5xx.
    pub by_class: [u64; 4],
    /// Those that the gate refused.
    pub refused: u64,
}

impl RequestCounts {
    /// Those that were let through.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.by_class.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.by_class.iter_mut().zip(other.by_class) {
            *count = count.saturating_add(more);
        }
        self.refused = self.refused.saturating_add(other.refused);
    }
}

/// How long a period is over which requests are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageStep {
    /// A full hour, UTC.
    Hour,
    /// A day from midnight to midnight, UTC.
    Day,
}

impl UsageStep {
    /// How long it is.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }

    /// The number of the period that a moment lies in, counted from 1970.
    #[must_use]
    pub fn period_of(self, moment: Timestamp) -> u32 {
        u32::try_from(moment.as_second().max(0) / self.seconds())
            .expect("the hours until the year 9999 fit in 32 bits")
    }

    /// When a period begins; the end of time for one that lies beyond it.
    #[must_use]
    pub fn start_of(self, period: u32) -> Timestamp {
        Timestamp::from_second(i64::from(period) * self.seconds()).unwrap_or(Timestamp::MAX)
    }
}

/// A full hour, UTC: the finest that requests are summed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageHour(u32);

impl UsageHour {
    /// The hour that a moment lies in.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(UsageStep::Hour.period_of(moment))
    }

    /// Its number among the periods of a step.
    #[must_use]
    pub fn period(self, step: UsageStep) -> u32 {
        match step {
            UsageStep::Hour => self.0,
            UsageStep::Day => self.0 / 24,
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)+) => {
        /// Why the gate refused a request, as admins see it counted. Callers learn less.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RefusalReason {
            $($(#[$doc])* $name,)+
        }

        impl RefusalReason {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What programs tell it by.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

reasons! {
    /// Two readings, a bad target, a bad `Host`, a body that broke off.
    InvalidRequest = "invalid_request";
    /// A head, a target or a body beyond its limit.
    TooLarge = "too_large";
    /// A head or a body that did not arrive in time.
    TooSlow = "too_slow";
    /// No route for the host or the path.
    NoRoute = "no_route";
    /// The path takes other methods.
    MethodNotAllowed = "method_not_allowed";
    /// No credential.
    NoCredential = "no_credential";
    /// More than one credential, or one that no key can be.
    MalformedCredential = "malformed_credential";
    /// A key that is not known.
    UnknownKey = "unknown_key";
    /// A key whose time is over.
    ExpiredKey = "expired_key";
    /// A key that was revoked.
    RevokedKey = "revoked_key";
    /// A key of a consumer that is disabled.
    DisabledConsumer = "disabled_consumer";
    /// A key without a scope that the route asks for.
    InsufficientScope = "insufficient_scope";
    /// No token could be had for it.
    NotReady = "not_ready";
}

impl RefusalReason {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Its place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

/// Text that is no reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reason of refusals")]
pub struct UnknownRefusalReason;

impl FromStr for RefusalReason {
    type Err = UnknownRefusalReason;

    fn from_str(text: &str) -> Result<Self, UnknownRefusalReason> {
        Self::ALL.iter().copied().find(|reason| reason.code() == text).ok_or(UnknownRefusalReason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_from_its_code_and_knows_its_place() {
        for (place, reason) in RefusalReason::ALL.iter().enumerate() {
            assert_eq!(reason.code().parse(), Ok(*reason));
            assert_eq!(reason.index(), place);
        }
    }

    #[test]
    fn a_moment_lies_in_the_hour_and_the_day_that_began_before_it() {
        let moment: Timestamp = "2026-03-29T23:59:59.9Z".parse().expect("a time");
        let hour = UsageHour::of(moment);
        let start = |step: UsageStep| step.start_of(hour.period(step)).to_string();
        assert_eq!(start(UsageStep::Hour), "2026-03-29T23:00:00Z");
        assert_eq!(start(UsageStep::Day), "2026-03-29T00:00:00Z");
    }

    #[test]
    fn every_moment_has_a_period() {
        for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            for step in [UsageStep::Hour, UsageStep::Day] {
                assert!(step.start_of(step.period_of(moment)) <= moment.max(Timestamp::UNIX_EPOCH));
            }
        }
        assert_eq!(UsageStep::Day.start_of(u32::MAX), Timestamp::MAX);
    }

    #[test]
    fn statuses_fall_into_their_classes() {
        for (status, class) in [
            (200, StatusClass::Success),
            (299, StatusClass::Success),
            (304, StatusClass::Redirection),
            (404, StatusClass::ClientError),
            (499, StatusClass::ClientError),
            (500, StatusClass::ServerError),
            (599, StatusClass::ServerError),
        ] {
            assert_eq!(StatusClass::of(status), class, "{status}");
        }
    }
}
