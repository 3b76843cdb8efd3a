//! Queries of the admin API, put together from arguments.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A path with what is asked of it.
pub(crate) struct Query(String);

impl Query {
    pub(crate) fn of(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// Adds a parameter, if there is one.
    pub(crate) fn with(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(name);
            self.0.push('=');
            self.0.extend(utf8_percent_encode(&value.to_string(), NON_ALPHANUMERIC));
        }
        self
    }

    /// The same with another place to start from.
    pub(crate) fn from(&self, cursor: Option<&mintgate_admin_api::Cursor>) -> String {
        Self(self.0.clone()).with("cursor", cursor.map(mintgate_admin_api::Cursor::as_str)).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_cannot_break_out_of_its_parameter() {
        let query =
            Query::of("/v1/keys").with("q", Some("a&b=c#d e")).with("limit", None::<u32>).with("x", Some(1));
        assert_eq!(query.from(None), "/v1/keys?q=a%26b%3Dc%23d%20e&x=1");
    }
}
