//! What is expected of an origin, and what to call what it did.

use serde::Serialize;

use crate::{answer::Answer, wire::NoAnswer};

/// What an origin should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Let the request through.
    Accepted,
    /// 401: these are credentials, and they are no good.
    Unauthorized,
    /// Refuse, in whichever way; a connection that is closed over it is one.
    Refused,
    /// 401, or 503 as long as the issuer cannot be asked for the key.
    UnknownKey,
    /// 503: nobody knows whether the token is good.
    Unavailable,
    /// 403: a good token that is not enough.
    Forbidden,
    /// Both answers can be defended; failing cannot.
    Either,
    /// Refuse; letting it through opens no door by itself, but shows a lax parser.
    Strict,
    /// Of several requests let at most one through: two readings of the same request are one too many.
    AtMostOne,
    /// Ask the issuer for its keys once or twice; the answers are judged elsewhere.
    FewFetches,
    /// Ask nobody.
    NoFetch,
}

/// What an origin did, in one word. The later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not tried, with the reason.
    Skipped,
    /// As it should.
    Passed,
    /// Nobody was let in, but the answer is not one that callers and operators can work with.
    WrongManner,
    /// Somebody honest was kept out.
    GoodRefused,
    /// Something hostile was let in.
    HostilePassed,
}

/// One answer, or none.
pub(crate) type Heard = Result<Answer, NoAnswer>;

impl Expected {
    /// In words for a report.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Accepted => "2xx",
            Self::Unauthorized => "401",
            Self::Refused => "4xx",
            Self::UnknownKey => "401 or 503",
            Self::Unavailable => "503",
            Self::Forbidden => "403",
            Self::Either => "2xx or 4xx",
            Self::Strict => "4xx (strict)",
            Self::AtMostOne => "one reading",
            Self::FewFetches => "few fetches",
            Self::NoFetch => "no fetch",
        }
    }

    /// The worst that can be said of the answers.
    pub(crate) fn judge(self, heard: &[Heard]) -> Verdict {
        let accepted = heard.iter().filter(|heard| heard.as_ref().is_ok_and(Answer::is_success)).count();
        if self == Self::AtMostOne && accepted > 1 {
            return Verdict::HostilePassed;
        }
        heard.iter().map(|heard| self.judge_one(heard)).max().unwrap_or(Verdict::Skipped)
    }

    fn judge_one(self, heard: &Heard) -> Verdict {
        let status = match heard {
            Ok(answer) => answer.status,
            // No answer at all lets nobody in. Hanging up on an oversized or broken request is an answer of sorts.
            Err(NoAnswer::Closed) if matches!(self, Self::Refused | Self::Either | Self::Strict) => {
                return Verdict::Passed;
            }
            Err(_) if self == Self::Accepted => return Verdict::GoodRefused,
            Err(_) => return Verdict::WrongManner,
        };
        let is_success = (200..300).contains(&status);
        let is_as_expected = match self {
            Self::Accepted => return if is_success { Verdict::Passed } else { Verdict::GoodRefused },
            Self::Unauthorized => status == 401,
            Self::Refused | Self::Strict => (400..500).contains(&status),
            Self::UnknownKey => matches!(status, 401 | 503),
            Self::Unavailable => status == 503,
            Self::Forbidden => status == 403,
            Self::Either | Self::AtMostOne | Self::FewFetches | Self::NoFetch => {
                is_success || (400..500).contains(&status)
            }
        };
        match (is_as_expected, is_success) {
            (true, _) => Verdict::Passed,
            (false, true) if self != Self::Strict => Verdict::HostilePassed,
            (false, _) => Verdict::WrongManner,
        }
    }
}

impl Verdict {
    /// In words for a report.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::HostilePassed => "HOSTILE PASSED",
            Self::GoodRefused => "GOOD REFUSED",
            Self::WrongManner => "wrong manner",
            Self::Skipped => "skipped",
        }
    }
}

/// What came, for a report: statuses in their order, runs of the same one counted.
pub(crate) fn in_words(heard: &[Heard]) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for heard in heard {
        let word = match heard {
            Ok(answer) => answer.status.to_string(),
            Err(NoAnswer::NoConnection) => "no connection".into(),
            Err(NoAnswer::Closed) => "closed".into(),
            Err(NoAnswer::TimedOut) => "no answer in time".into(),
            Err(NoAnswer::NotHttp) => "no HTTP".into(),
        };
        match runs.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => runs.push((word, 1)),
        }
    }
    let words =
        runs.into_iter().map(|(word, count)| if count > 1 { format!("{count} x {word}") } else { word });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an answer as it is heard")]
    fn heard(status: u16) -> Heard {
        let text = format!("HTTP/1.1 {status} .\r\nContent-Length: 0\r\n\r\n");
        Ok(Answer::parse(text.as_bytes(), true).unwrap().unwrap().0)
    }

    #[test]
    fn every_expectation_tells_letting_in_from_failing_and_from_refusing_well() {
        use Verdict::{GoodRefused, HostilePassed, Passed, WrongManner};
        for (expected, on_200, on_400, on_401, on_403, on_500, on_503) in [
            (Expected::Accepted, Passed, GoodRefused, GoodRefused, GoodRefused, GoodRefused, GoodRefused),
            (
                Expected::Unauthorized,
                HostilePassed,
                WrongManner,
                Passed,
                WrongManner,
                WrongManner,
                WrongManner,
            ),
            (Expected::Refused, HostilePassed, Passed, Passed, Passed, WrongManner, WrongManner),
            (Expected::UnknownKey, HostilePassed, WrongManner, Passed, WrongManner, WrongManner, Passed),
            (
                Expected::Unavailable,
                HostilePassed,
                WrongManner,
                WrongManner,
                WrongManner,
                WrongManner,
                Passed,
            ),
            (Expected::Forbidden, HostilePassed, WrongManner, WrongManner, Passed, WrongManner, WrongManner),
            (Expected::Either, Passed, Passed, Passed, Passed, WrongManner, WrongManner),
            (Expected::Strict, WrongManner, Passed, Passed, Passed, WrongManner, WrongManner),
        ] {
            let found = [200, 400, 401, 403, 500, 503].map(|status| expected.judge(&[heard(status)]));
            assert_eq!(found, [on_200, on_400, on_401, on_403, on_500, on_503], "{expected:?}");
        }
    }

    #[test]
    fn the_worst_of_several_answers_counts() {
        assert_eq!(Expected::Unauthorized.judge(&[heard(401), heard(401)]), Verdict::Passed);
        assert_eq!(Expected::Unauthorized.judge(&[heard(401), heard(500)]), Verdict::WrongManner);
        assert_eq!(Expected::Refused.judge(&[heard(200), heard(401)]), Verdict::HostilePassed);
        assert_eq!(Expected::AtMostOne.judge(&[heard(200), heard(401)]), Verdict::Passed);
        assert_eq!(Expected::AtMostOne.judge(&[heard(200), heard(200)]), Verdict::HostilePassed);
    }

    #[test]
    fn silence_is_never_a_good_manner_and_hanging_up_is_one_only_for_the_broken() {
        let closed = [Err(NoAnswer::Closed)];
        assert_eq!(Expected::Refused.judge(&closed), Verdict::Passed);
        assert_eq!(Expected::Unauthorized.judge(&closed), Verdict::WrongManner);
        assert_eq!(Expected::Accepted.judge(&closed), Verdict::GoodRefused);
        assert_eq!(Expected::Refused.judge(&[Err(NoAnswer::TimedOut)]), Verdict::WrongManner);
    }

    #[test]
    fn runs_of_answers_are_counted() {
        assert_eq!(in_words(&[heard(503), heard(503), heard(200)]), "2 x 503, 200");
    }
}
