//! A report for people.

use std::fmt::Write as _;

use crate::{Report, Row, Summary, Verdict};

/// Whether a report may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// It goes to a terminal.
    Coloured,
    /// It goes anywhere else.
    Plain,
}

impl Report {
    /// The rows by group, then what went wrong in full, then the sum.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = format!("{}\nissuer {}, audience {}\n", self.target, self.issuer, self.audience);
        let id_width = self.rows.iter().map(|row| row.id.len()).max().unwrap_or_default();
        let mut group = "";
        for row in &self.rows {
            if row.group() != group {
                group = row.group();
                text.push('\n');
            }
            let verdict = painted(row.verdict, paint);
            let pad = " ".repeat(VERDICT_WIDTH - row.verdict.words().len());
            let Row { id, expected, came, sent, .. } = row;
            let outcome =
                if row.verdict == Verdict::Skipped { came.clone() } else { format!("{expected} -> {came}") };
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{verdict}{pad}  {id:id_width$}  {outcome}  ({sent})");
        }
        for verdict in [Verdict::HostilePassed, Verdict::GoodRefused, Verdict::WrongManner] {
            self.in_full(&mut text, verdict, paint);
        }
        text + "\n" + &self.sum()
    }

    fn in_full(&self, text: &mut String, verdict: Verdict, paint: Paint) {
        for row in self.rows.iter().filter(|row| row.verdict == verdict) {
            let Row { id, sent, expected, came, why, marks, .. } = row;
            let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
            let _ = write!(
                text,
                "\n{} {id}{marks}\n  sent      {sent}\n  expected  {expected}\n  came      {came}\n  why       {why}\n",
                painted(verdict, paint)
            );
        }
    }

    fn sum(&self) -> String {
        let Summary { passed, hostile_passed, good_refused, wrong_manner, skipped } = self.summary;
        format!(
            "{passed} ok, {hostile_passed} hostile passed, {good_refused} good refused, \
             {wrong_manner} in the wrong manner, {skipped} skipped\n"
        )
    }
}

fn painted(verdict: Verdict, paint: Paint) -> String {
    let words = verdict.words();
    let colour = match verdict {
        Verdict::Passed => 32,
        Verdict::HostilePassed | Verdict::GoodRefused => 31,
        Verdict::WrongManner => 33,
        Verdict::Skipped => 90,
    };
    if paint == Paint::Coloured { format!("\u{1b}[{colour}m{words}\u{1b}[0m") } else { words.to_owned() }
}

const VERDICT_WIDTH: usize = 14;
