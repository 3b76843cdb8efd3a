//! Messages as they came over a connection.

use serde_json::Value;

/// The start line and header lines of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The first line, without its end.
    pub start: String,
    /// Names as they were written, and values without the white space around them.
    pub lines: Vec<(String, String)>,
}

/// A final answer with all of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its head.
    pub head: Head,
    /// Its body, without the chunked coding.
    pub body: Vec<u8>,
    /// What came behind a chunked body.
    pub trailers: Vec<(String, String)>,
}

impl Head {
    /// Reads a head, all of it, from the bytes before the empty line. Bytes that are not UTF-8 are replaced.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
        let start = lines.next().unwrap_or_default().to_owned();
        Self { start, lines: lines.map(parse_line).collect() }
    }

    /// The values of a header, of which there may be any number.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let of_name = self.lines.iter().filter(|(line, _)| line.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header. A test that asks for one value means that there is one: two are a failure.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "more than one {name}: {all:?}");
        all.first().copied()
    }

    /// Whether a header has this word in its list.
    #[must_use]
    pub fn lists(&self, name: &str, word: &str) -> bool {
        self.all(name).iter().any(|value| value.split(',').any(|item| item.trim().eq_ignore_ascii_case(word)))
    }

    /// The names, in lower case and in their order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lines.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
    }
}

impl Reply {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        status_of(&self.head)
    }

    /// The value of a header; see [`Head::one`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.one(name)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?} of {:?}", self.text(), self.head))
    }

    /// The `code` of a problem, from the gateway or from the admin API.
    #[must_use]
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        self.json()["code"].as_str().expect("a problem has a code").to_owned()
    }

    /// Fails the test unless this is a refusal as `docs/api.md` promises it: status, code, and nothing else.
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status(), status, "{:?} {}", self.head, self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{:?}", self.head);
        assert_eq!(self.header("cache-control"), Some("no-store"), "{:?}", self.head);
        let problem = self.json();
        let members: Vec<&String> = problem.as_object().expect("a problem is an object").keys().collect();
        assert_eq!(members, ["code", "request_id", "status", "title", "type"], "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("urn:mintgate:refusal:{code}"), "{problem}");
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{problem}");
    }
}

pub(crate) fn status_of(head: &Head) -> u16 {
    let code = head.start.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or_else(|| panic!("not a status line: {:?}", head.start))
}

pub(crate) fn parse_line(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name.to_owned(), value.trim().to_owned())
}
