//! A request as an origin got it.

use std::fmt;

use serde_json::json;

use crate::message::Head;

/// A request as an origin got it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The number of the connection that it came on.
    pub connection: usize,
    /// Its head.
    pub head: Head,
    /// The head, byte for byte, up to and with the empty line.
    pub head_bytes: Vec<u8>,
    /// Its body, without the chunked coding.
    pub body: Vec<u8>,
    /// What came behind a chunked body.
    pub trailers: Vec<(String, String)>,
}

impl Recorded {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.head.start.split(' ').next().unwrap_or_default()
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &str {
        self.head.start.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header; see [`Head::one`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.one(name)
    }

    /// The token in the one `Authorization` header.
    #[must_use]
    pub fn token(&self) -> String {
        let value = self.header("authorization").expect("the origin gets a token");
        value.strip_prefix("Bearer ").expect("a bearer token").to_owned()
    }

    /// What [`super::Origin::echo`] answers.
    pub(super) fn as_json_reply(&self) -> Vec<u8> {
        let body = json!({
            "method": self.method(),
            "target": self.target(),
            "headers": self.head.lines,
            "body": String::from_utf8_lossy(&self.body),
            "trailers": self.trailers,
        });
        let body = if self.method() == "HEAD" { String::new() } else { body.to_string() };
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

impl fmt::Debug for Recorded {
    /// As it stood in the bytes, but for a long body.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = &self.body[..self.body.len().min(200)];
        formatter
            .debug_struct("Recorded")
            .field("connection", &self.connection)
            .field("head", &String::from_utf8_lossy(&self.head_bytes))
            .field("body", &String::from_utf8_lossy(body))
            .field("body_length", &self.body.len())
            .field("trailers", &self.trailers)
            .finish()
    }
}
