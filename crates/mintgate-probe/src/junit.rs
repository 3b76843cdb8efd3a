//! A report in the XML that continuous integration reads (`JUnit`'s, as Ant wrote it).

use std::fmt::Write as _;

use crate::{Leniency, Report, Verdict};

impl Report {
    /// The report as a test suite, a test case for each row.
    #[must_use]
    pub fn junit(&self, leniency: Leniency) -> String {
        let is_failure = |verdict| match verdict {
            Verdict::Passed | Verdict::Skipped => false,
            Verdict::WrongManner => leniency == Leniency::Strict,
            Verdict::HostilePassed | Verdict::GoodRefused => true,
        };
        let failures = self.rows.iter().filter(|row| is_failure(row.verdict)).count();
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"mintgate verify-origin {}\" \
             tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\">\n",
            escaped(&self.target),
            self.rows.len(),
            self.summary.skipped
        );
        for row in &self.rows {
            let (group, id) = (escaped(row.group()), escaped(&row.id));
            let text = escaped(&format!(
                "sent: {}\nexpected: {}\ncame: {}\nwhy: {}",
                row.sent, row.expected, row.came, row.why
            ));
            let inside = match row.verdict {
                Verdict::Skipped => format!("<skipped message=\"{}\"/>", escaped(&row.came)),
                verdict if is_failure(verdict) => {
                    format!("<failure message=\"{}\">{text}</failure>", verdict.words())
                }
                _ => format!("<system-out>{text}</system-out>"),
            };
            // Writing to a text cannot fail.
            let _ = writeln!(xml, "<testcase classname=\"{group}\" name=\"{id}\">{inside}</testcase>");
        }
        xml + "</testsuite>\n</testsuites>\n"
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML 1.0 §2.2 has no way to write the other control characters.
            '\n' | '\t' => safe.push(sign),
            sign if sign.is_control() => safe.push('\u{fffd}'),
            sign => safe.push(sign),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Row;

    fn row(id: &str, verdict: Verdict) -> Row {
        let text = |text: &str| text.to_owned();
        Row {
            id: text(id),
            sent: text("a <b> & \"c\"\u{0}"),
            expected: text("401"),
            came: text("200"),
            verdict,
            why: text("because"),
            marks: Vec::new(),
        }
    }

    #[test]
    fn failures_and_skips_are_counted_and_texts_are_escaped() {
        let rows = vec![
            row("a/one", Verdict::Passed),
            row("a/two", Verdict::HostilePassed),
            row("b/three", Verdict::Skipped),
            row("b/four", Verdict::WrongManner),
        ];
        let report = Report::new("http://127.0.0.1/", "i", "a", rows);
        let xml = report.junit(Leniency::Strict);
        assert!(xml.contains("tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\""), "{xml}");
        assert!(xml.contains("a &lt;b&gt; &amp; &quot;c&quot;\u{fffd}"), "{xml}");
        assert!(
            xml.contains("<testcase classname=\"b\" name=\"b/three\"><skipped message=\"200\"/></testcase>")
        );
        assert!(report.junit(Leniency::ForgiveManners).contains("failures=\"1\""));
    }
}
