//! What all answers together show: challenges, pages for people, words that are none of the caller's business.

use crate::{
    answer::Answer,
    case::Row,
    verdict::{Heard, Verdict},
};

/// What was noticed, each with the case where it was.
#[derive(Debug, Default)]
pub(crate) struct Manners {
    refusals: usize,
    without_challenge: Found,
    as_page: Found,
    leaking: Found,
    failing: Found,
    without_pause: Found,
}

#[derive(Debug, Default)]
struct Found(Vec<String>);

impl Manners {
    pub(crate) fn notice(&mut self, id: &str, heard: &[Heard]) {
        for answer in heard.iter().flatten().filter(|answer| !answer.is_success()) {
            self.refusals += 1;
            let is_challenged = || {
                answer.all("www-authenticate").any(|value| value.to_ascii_lowercase().starts_with("bearer"))
            };
            self.without_challenge.add(id, answer.status == 401 && !is_challenged());
            let is_page = answer.all("content-type").any(|value| value.starts_with("text/html"));
            self.as_page.add(id, answer.status == 401 && is_page);
            if let Some(word) = leak(answer) {
                self.leaking.add(&format!("{id} ({word})"), true);
            }
            self.failing.add(id, answer.status >= 500 && answer.status != 503);
            let has_pause = answer.retry_after().is_some();
            self.without_pause.add(id, answer.status == 503 && !has_pause);
        }
    }

    /// A row for each.
    pub(crate) fn rows(&self) -> Vec<Row> {
        ROWS.iter()
            .map(|(id, sent, expected, marks, why)| {
                let found = match *id {
                    "manners/challenge" => &self.without_challenge,
                    "manners/page" => &self.as_page,
                    "manners/leak" => &self.leaking,
                    "manners/failure" => &self.failing,
                    _ => &self.without_pause,
                };
                let verdict = match (self.refusals, found.0.is_empty()) {
                    (0, _) => Verdict::Skipped,
                    (_, true) => Verdict::Passed,
                    (_, false) => Verdict::WrongManner,
                };
                Row {
                    id: (*id).to_owned(),
                    sent: format!("{sent} ({} refusals)", self.refusals),
                    expected: (*expected).to_owned(),
                    came: found.words(),
                    verdict,
                    why: (*why).to_owned(),
                    marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
                }
            })
            .collect()
    }
}

impl Found {
    fn add(&mut self, id: &str, is_so: bool) {
        if is_so && !self.0.iter().any(|known| known == id) {
            self.0.push(id.to_owned());
        }
    }

    fn words(&self) -> String {
        let shown = self.0.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        match self.0.len() {
            0 => "so it is".to_owned(),
            1..=3 => format!("not so: {shown}"),
            more => format!("not so in {more} cases: {shown}, …"),
        }
    }
}

/// A word in a refusal that shows how the origin is built, or what exactly it did not like.
fn leak(answer: &Answer) -> Option<&'static str> {
    let text = String::from_utf8_lossy(&answer.body);
    LEAKS.iter().find(|word| text.contains(**word)).copied()
}

/// The identifiers of the rows.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.0)
}

type RowTexts = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str);
const ROWS: [RowTexts; 5] = [
    (
        "manners/failure",
        "all of the above",
        "no 5xx but 503",
        &["R27", "guard 9", "guard 11"],
        "a 500 is a defect that a stranger can trigger, and it hides what is wrong",
    ),
    (
        "manners/challenge",
        "all of the above",
        "every 401 has WWW-Authenticate: Bearer",
        &["guard 19"],
        "RFC 9110 §15.5.2, RFC 6750 §3: programs learn from it what to do",
    ),
    (
        "manners/page",
        "all of the above, with Accept: application/json",
        "no 401 is a page of HTML",
        &["guard 20"],
        "a program that parses JSON fails on the refusal instead of reading it",
    ),
    (
        "manners/leak",
        "all of the above",
        "no tracebacks, paths or words of libraries",
        &["guard 21", "guard 22", "R38"],
        "they tell an attacker versions, places and which check was passed",
    ),
    (
        "manners/retry-after",
        "all of the above",
        "every 503 has Retry-After",
        &["guard 9"],
        "RFC 9110 §15.6.4: otherwise everybody tries again at once",
    ),
];

/// Of Python, Node.js, Java, Go, Ruby, .NET, Rust; then of the libraries that guards are made with.
const LEAKS: [&str; 44] = [
    "Traceback (most recent call last)",
    "File \"/",
    "site-packages",
    "dist-packages",
    ".py\"",
    ".py:",
    "node_modules",
    "at Object.",
    ".js:",
    "java.lang.",
    "at org.",
    "goroutine ",
    ".go:",
    ".rb:",
    "System.Exception",
    "panicked at",
    "stack backtrace",
    ".rs:",
    "jose.exceptions",
    "jwt.exceptions",
    "JWTError",
    "JWSError",
    "JWKError",
    "KeyError",
    "TypeError",
    "ValueError",
    "AttributeError",
    "UnicodeDecodeError",
    "Signature verification failed",
    "Signature has expired",
    "Not enough segments",
    "Invalid header string",
    "Invalid payload string",
    "Invalid crypto padding",
    "Error decoding token header",
    "Error decoding token claims",
    "Invalid audience",
    "Invalid issuer",
    "Invalid claims",
    "Unable to find a signing key",
    "JsonWebTokenError",
    "jwt malformed",
    "InvalidSignature",
    "HTTPConnectionPool",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an answer as it is heard")]
    fn answer(head: &str, body: &str) -> Heard {
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        Ok(Answer::parse(text.as_bytes(), true).unwrap().unwrap().0)
    }

    fn verdicts(heard: &[Heard]) -> Vec<(String, Verdict)> {
        let mut manners = Manners::default();
        manners.notice("x/y", heard);
        let rows = manners.rows().into_iter().map(|row| (row.id, row.verdict));
        rows.filter(|(_, verdict)| *verdict != Verdict::Passed).collect()
    }

    #[test]
    fn good_refusals_are_passed_over() {
        let good = [
            answer("401 No\r\nWWW-Authenticate: bearer realm=\"x\"\r\nContent-Type: application/json", "{}"),
            answer("503 No\r\nRetry-After: 3", "later"),
            answer("200 OK\r\nContent-Type: text/html", "Traceback (most recent call last)"),
        ];
        assert_eq!(verdicts(&good), []);
    }

    #[test]
    fn each_bad_manner_is_found_by_itself() {
        let challenge = "WWW-Authenticate: Bearer";
        for (heard, id) in [
            (answer("500 No", ""), "manners/failure"),
            (answer("401 No", ""), "manners/challenge"),
            (answer(&format!("401 No\r\n{challenge}\r\nContent-Type: text/html"), ""), "manners/page"),
            (answer(&format!("401 No\r\n{challenge}"), "Signature has expired."), "manners/leak"),
            (answer("503 No", ""), "manners/retry-after"),
        ] {
            assert_eq!(verdicts(&[heard]), [(id.to_owned(), Verdict::WrongManner)]);
        }
    }
}
