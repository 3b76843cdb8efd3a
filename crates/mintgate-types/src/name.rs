//! Names that people choose, each with its alphabet and length. They appear in URLs, logs and tokens, so they are
//! plain ASCII; what people want to read freely goes into a [`Label`](crate::Label).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A string that is not a name of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {rule}")]
pub struct InvalidName {
    kind: &'static str,
    rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Whether `text` would parse, for those who need the answer and not the name.
            #[must_use]
            pub fn accepts(text: &str) -> bool {
                let holds: fn(&str) -> bool = $parse;
                holds(text)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                if Self::accepts(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidName { kind: $kind, rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

name!(
    /// A namespace of consumers, such as `production`.
    BucketName, "a bucket name",
    "1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit", is_slug
);
name!(
    /// Who holds keys; unique in its bucket, and the `client_id` of minted tokens.
    ConsumerName, "a consumer name",
    "1 to 128 of A-Z, a-z, 0-9, `-`, `_`, `.`, `@`, `+` and `~`, starting with a letter or digit",
    |text| starts_alphanumeric(text, 128) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@+~".contains(&byte))
);
name!(
    /// A protected backend, as the configuration calls it.
    OriginName, "an origin name",
    "1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit", is_slug
);
name!(
    /// A route, as the configuration calls it.
    RouteName, "a route name",
    "1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit", is_slug
);
name!(
    /// The name of a tag on a consumer.
    TagName, "a tag name",
    "1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit", is_slug
);
name!(
    /// What a token's `aud` says: the origin that it is for.
    Audience, "an audience",
    "1 to 255 visible ASCII characters", |text| is_visible_ascii(text, 255)
);
name!(
    /// What names a signing key in a JWKS and in a token's header. Opaque: compared, never interpreted
    /// (RFC 8725 §3.10).
    Kid, "a kid",
    "1 to 256 characters without control characters", |text| {
        (1..=256).contains(&text.len()) && !text.chars().any(char::is_control)
    }
);
name!(
    /// Who mints: a URL without query, fragment or trailing slash (RFC 8414 §2).
    IssuerUrl, "an issuer",
    "an http or https URL of visible ASCII characters without query, fragment or trailing slash", is_issuer
);
name!(
    /// A claim of a token.
    ClaimName, "a claim name",
    "1 to 128 visible ASCII characters", |text| is_visible_ascii(text, 128)
);
name!(
    /// What a bucket's keys begin with, so that people and scanners know them.
    KeyPrefix, "a key prefix",
    "1 to 32 letters, digits and `_`, starting with a letter and not ending in `_`",
    |text| {
        (1..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && !text.ends_with('_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
);

fn is_slug(text: &str) -> bool {
    starts_alphanumeric(text, 64)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
}

fn starts_alphanumeric(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn is_visible_ascii(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_issuer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    is_visible_ascii(rest, 2000)
        && !rest.starts_with('/')
        && !rest.ends_with('/')
        && !rest.contains(['?', '#', '"', '\\', '@', '<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outside_its_alphabet_says_the_rule() {
        let error = "Ünsafe name".parse::<BucketName>().expect_err("capitals, umlaut and space");
        assert_eq!(
            error.to_string(),
            "a bucket name must be 1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit"
        );
    }

    #[test]
    fn an_issuer_has_neither_query_nor_trailing_slash() {
        assert!("https://api.example.com/__mintgate/issuer".parse::<IssuerUrl>().is_ok());
        for bad in
            ["https://a/", "https://a?b", "https://a#b", "ftp://a", "https://", "https:///x", "https://u@h"]
        {
            assert!(bad.parse::<IssuerUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_may_hold_an_underscore_but_not_end_in_one() {
        assert!("my_app".parse::<KeyPrefix>().is_ok());
        assert!("my_app_".parse::<KeyPrefix>().is_err());
    }
}
