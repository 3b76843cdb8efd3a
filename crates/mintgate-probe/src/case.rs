//! One row of the report before it is run: what is sent, what is due, and why anybody should care.

use serde::Serialize;

use crate::{
    forge::Forge,
    verdict::{Expected, Verdict},
};

/// What is sent in a request beside what every request has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Another method than the resource's own.
    pub(crate) method: Option<&'static str>,
    /// Header lines, without their ends.
    pub(crate) lines: Vec<Vec<u8>>,
    pub(crate) query: Option<String>,
    /// A form.
    pub(crate) form: Option<String>,
}

impl Draft {
    /// With a token, as it should be.
    pub(crate) fn bearer(token: &str) -> Self {
        Self::line(format!("Authorization: Bearer {token}"))
    }

    /// With one line.
    pub(crate) fn line(line: impl Into<Vec<u8>>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }

    /// And with one more.
    pub(crate) fn and(mut self, line: impl Into<Vec<u8>>) -> Self {
        self.lines.push(line.into());
        self
    }
}

/// What is tried.
pub(crate) struct Case {
    /// Group and name.
    pub(crate) id: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) why: &'static str,
    /// Requirements, and lines of what hand-written guards get wrong.
    pub(crate) marks: &'static [&'static str],
    pub(crate) expected: Expected,
    pub(crate) make: Make,
}

/// `None` where it needs something that is not there, such as the private key.
pub(crate) type Make = fn(&Forge) -> Option<Vec<Draft>>;

impl Case {
    /// A case whose due answer is 401.
    pub(crate) const fn hostile(
        id: &'static str,
        sent: &'static str,
        marks: &'static [&'static str],
        why: &'static str,
        make: Make,
    ) -> Self {
        Self { id, sent, why, marks, expected: Expected::Unauthorized, make }
    }

    /// The same with another due answer.
    pub(crate) const fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }
}

/// One token, sent as it should be.
#[expect(clippy::unnecessary_wraps, reason = "the end of what makes a case")]
pub(crate) fn sent(token: impl AsRef<str>) -> Option<Vec<Draft>> {
    Some(vec![Draft::bearer(token.as_ref())])
}

/// Several tokens, each in a request of its own.
pub(crate) fn each(tokens: impl IntoIterator<Item = Option<String>>) -> Option<Vec<Draft>> {
    tokens.into_iter().map(|token| token.map(|token| Draft::bearer(&token))).collect()
}

/// One row of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Group and name.
    pub id: String,
    /// What was sent.
    pub sent: String,
    /// What is due.
    pub expected: String,
    /// What came.
    pub came: String,
    /// What to call it.
    pub verdict: Verdict,
    /// Why it matters.
    pub why: String,
    /// Requirements, and lines of what hand-written guards get wrong.
    pub marks: Vec<String>,
}

impl Row {
    /// What the row belongs to.
    #[must_use]
    pub fn group(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}
