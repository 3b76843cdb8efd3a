//! What came of it.

use serde::Serialize;

use crate::{Row, Verdict};

/// What came of all cases.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The protected resource.
    pub target: String,
    /// Whose tokens were used.
    pub issuer: String,
    /// For whom they were.
    pub audience: String,
    /// How many of which kind.
    pub summary: Summary,
    /// Each case, in the order in which they were tried.
    pub rows: Vec<Row>,
}

/// How many rows came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// As they should.
    pub passed: usize,
    /// Something hostile was let in.
    pub hostile_passed: usize,
    /// Somebody honest was kept out.
    pub good_refused: usize,
    /// Refused, but not well.
    pub wrong_manner: usize,
    /// Not tried.
    pub skipped: usize,
}

/// What a wrong manner counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leniency {
    /// It fails the run.
    Strict,
    /// It is only shown.
    ForgiveManners,
}

impl Report {
    pub(crate) fn new(target: &str, issuer: &str, audience: &str, rows: Vec<Row>) -> Self {
        let mut summary = Summary::default();
        for row in &rows {
            *match row.verdict {
                Verdict::Passed => &mut summary.passed,
                Verdict::HostilePassed => &mut summary.hostile_passed,
                Verdict::GoodRefused => &mut summary.good_refused,
                Verdict::WrongManner => &mut summary.wrong_manner,
                Verdict::Skipped => &mut summary.skipped,
            } += 1;
        }
        let [target, issuer, audience] = [target, issuer, audience].map(str::to_owned);
        Self { target, issuer, audience, summary, rows }
    }

    /// Whether anything is wrong with the origin, or nothing was proven at all.
    #[must_use]
    pub fn has_failed(&self, leniency: Leniency) -> bool {
        let Summary { passed, hostile_passed, good_refused, wrong_manner, .. } = self.summary;
        let bad_manners = if leniency == Leniency::Strict { wrong_manner } else { 0 };
        hostile_passed + good_refused + bad_manners > 0 || passed == 0
    }
}
