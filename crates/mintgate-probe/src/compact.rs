//! Tokens as text: members in any order and number, and three parts with dots between them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Base64url without padding (RFC 7515 §2).
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The way back.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A JSON object whose members are whatever is to be sent: twice the same name, or numbers that no program can hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    /// In the place of a member of that name, or at the end; `raw` is JSON text and is not looked at.
    pub(crate) fn set(mut self, name: &str, raw: impl Into<String>) -> Self {
        let raw = raw.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = raw,
            None => self.0.push((name.to_owned(), raw)),
        }
        self
    }

    /// A member whose value is a text.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.set(name, quoted(value))
    }

    /// Without the members of that name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// One more member at the end, even if its name is there.
    pub(crate) fn again(mut self, name: &str, raw: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), raw.into()));
        self
    }

    /// The JSON text.
    pub(crate) fn json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, raw)| format!("{}:{raw}", quoted(name))).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What a signature is over.
pub(crate) fn signing_input(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", encode(header), encode(payload))
}

/// The three parts of a token; `None` where it has another number of them.
pub(crate) fn parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_set_doubled_and_taken_away() {
        let members =
            Members::default().text("a", "\"x\"").set("b", "1e400").set("a", "2").again("b", "null");
        assert_eq!(members.json(), r#"{"a":2,"b":1e400,"b":null}"#);
        assert_eq!(members.without("b").json(), r#"{"a":2}"#);
    }

    #[test]
    fn a_token_has_three_parts() {
        assert_eq!(parts("a.b.c"), Some(["a", "b", "c"]));
        assert_eq!(parts("a.b"), None);
        assert_eq!(parts("a.b.c.d"), None);
    }
}
