//! Runs make targets one after another, shows what they print, and ends with the totals of all test runners.
//!
//! Every target runs once, whatever the ones before it did, so that one run shows everything that is wrong.
//! The result is a failure as soon as one target failed or nothing was tested.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What the test runners of one or more targets counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    skipped: u64,
}

struct Outcome {
    target: String,
    took: Duration,
    good: bool,
    totals: Totals,
}

pub(crate) fn run(targets: &[&str]) -> Result<()> {
    let mut outcomes = Vec::new();
    for target in targets {
        println!("\n=== make {target}");
        outcomes.push(one(target)?);
    }
    println!("\n=== summary");
    let mut sum = Totals::default();
    for outcome in &outcomes {
        let Totals { passed, failed, skipped } = outcome.totals;
        sum.add(outcome.totals);
        // A target that failed with no failed test (it did not build, say) must not vanish from the totals.
        sum.failed += u64::from(!outcome.good && failed == 0);
        println!(
            "{} {:12} {:5} s  {passed} passed, {failed} failed, {skipped} skipped",
            if outcome.good { "ok    " } else { "FAILED" },
            outcome.target,
            outcome.took.as_secs(),
        );
    }
    println!("total: {} s", outcomes.iter().map(|outcome| outcome.took).sum::<Duration>().as_secs());
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    if sum.failed > 0 {
        bail!("failed");
    }
    Ok(())
}

fn one(target: &str) -> Result<Outcome> {
    let started = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", "exec make --no-print-directory \"$1\" 2>&1", "sh", target])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("running make")?;
    let totals = relay(child.stdout.take().context("make has an output")?, &mut std::io::stdout())?;
    let good = child.wait().context("waiting for make")?.success();
    Ok(Outcome { target: target.to_owned(), took: started.elapsed(), good, totals })
}

/// Copies every line and adds up those with which a test runner closes.
fn relay(from: impl Read, to: &mut impl Write) -> Result<Totals> {
    let mut totals = Totals::default();
    for line in BufReader::new(from).split(b'\n') {
        let line = line.context("reading what make prints")?;
        to.write_all(&line).and_then(|()| to.write_all(b"\n")).context("showing what make prints")?;
        totals.add(closing_line(&String::from_utf8_lossy(&line)).unwrap_or_default());
    }
    Ok(totals)
}

impl Totals {
    fn add(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

/// The counts in a closing line of nextest, cargo test, pytest, Playwright, node's test runner (through our own line) or
/// a fuzz run.
fn closing_line(line: &str) -> Option<Totals> {
    let plain = without_colours(line);
    let plain = plain.trim();
    let closes = plain.starts_with("Summary [")
        || plain.starts_with("test result: ")
        || (plain.starts_with('=') && plain.ends_with('=') && plain.contains(" in "))
        || is_bare_count(plain)
        || plain.starts_with("totals: ");
    if !closes {
        return None;
    }
    let words: Vec<&str> = plain.split([' ', ',', ';', '(']).filter(|word| !word.is_empty()).collect();
    let mut totals = Totals::default();
    for pair in words.windows(2) {
        let Ok(count) = pair[0].parse::<u64>() else { continue };
        match pair[1] {
            "passed" => totals.passed += count,
            "failed" | "errors" | "error" | "timed" => totals.failed += count,
            "skipped" | "ignored" => totals.skipped += count,
            _ => {}
        }
    }
    Some(totals)
}

/// A count and its time with nothing around them: `5 passed, 1 skipped in 0.31s` as quiet pytest writes it, and
/// `5 passed (3.1s)` as Playwright does.
fn is_bare_count(line: &str) -> bool {
    let mut words = line.split(' ');
    let begins = words.next().is_some_and(|word| word.parse::<u64>().is_ok())
        && words
            .next()
            .is_some_and(|word| matches!(word.trim_end_matches(','), "passed" | "failed" | "skipped"));
    let seconds = |text: &str| {
        let number = text.strip_suffix('s').or_else(|| text.strip_suffix('m'));
        number.is_some_and(|number| number.contains('.') && number.parse::<f64>().is_ok())
    };
    let after = line.split_once(" in ").map(|(_, time)| time.split(' ').next().unwrap_or_default());
    let within = line.split_once(" (").map(|(_, time)| time.trim_end_matches(')'));
    begins && (after.is_some_and(seconds) || within.is_some_and(seconds))
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(line: &str) -> Option<(u64, u64, u64)> {
        closing_line(line).map(|totals| (totals.passed, totals.failed, totals.skipped))
    }

    #[test]
    fn closing_lines_of_the_runners_are_read() {
        let nextest =
            "     Summary [   1.204s] 45 tests run: 42 passed (1 slow), 2 failed, 1 timed out, 3 skipped";
        assert_eq!(counts(nextest), Some((42, 3, 3)));
        let cargo = "test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts(cargo), Some((5, 1, 2)));
        assert_eq!(
            counts("\u{1b}[32m==== \u{1b}[1m30 passed\u{1b}[0m, 1 skipped, 2 errors in 2.1s ====\u{1b}[0m"),
            Some((30, 2, 1))
        );
        assert_eq!(counts("totals: 4 passed, 0 failed"), Some((4, 0, 0)));
        assert_eq!(counts("1 failed, 374 passed, 2 skipped in 71.25s (0:01:11)"), Some((374, 1, 2)));
        assert_eq!(counts("  12 passed (31.4s)"), Some((12, 0, 0)));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(counts("round 3 passed in 4 s"), None);
        assert_eq!(counts("=========== test session starts ==========="), None);
    }

    #[test]
    fn what_is_relayed_arrives_unchanged_even_when_it_is_not_text() {
        let mut shown = Vec::new();
        let totals = relay(&b"\xff\n test result: ok. 1 passed; 0 failed\n"[..], &mut shown).unwrap();
        assert_eq!(
            (totals.passed, shown.as_slice()),
            (1, &b"\xff\n test result: ok. 1 passed; 0 failed\n"[..])
        );
    }
}
