//! Requests, byte for byte as they are written down.

/// A request in the making. Nothing is added that was not asked for, but `Host` and the length of a body.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    target: String,
    host: Option<String>,
    lines: Vec<u8>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A request with a method and a target.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let host = Some("gate.test".to_owned());
        Self { method: method.to_owned(), target: target.to_owned(), host, lines: Vec::new(), body: None }
    }

    /// A GET.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST with a body.
    #[must_use]
    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", target).body(body)
    }

    /// With a key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    /// With a header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.lines.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        self
    }

    /// With lines as they are, each with its own end.
    #[must_use]
    pub fn lines(mut self, lines: impl AsRef<[u8]>) -> Self {
        self.lines.extend_from_slice(lines.as_ref());
        self
    }

    /// For another host.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// With a body and its `Content-Length`.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Closing the connection behind it.
    #[must_use]
    pub fn close(self) -> Self {
        self.header("Connection", "close")
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// As bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if let Some(host) = &self.host {
            bytes.extend_from_slice(format!("Host: {host}\r\n").as_bytes());
        }
        bytes.extend_from_slice(&self.lines);
        if let Some(body) = &self.body {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }
}
