//! Lists in pages, by position: what is inserted meanwhile shifts nothing.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the next page of a list starts. Opaque: hand back what the last page said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,512}$", example = "YWxpY2U")]
#[serde(transparent)]
pub struct Cursor(String);

/// A cursor that no page of this list gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this list gave")]
pub struct InvalidCursor;

impl Cursor {
    /// A cursor that stands after the item with this name.
    #[must_use]
    pub fn after(position: &impl fmt::Display) -> Self {
        Self(URL_SAFE_NO_PAD.encode(position.to_string()))
    }

    /// The name that it stands after.
    pub fn position<T: FromStr>(&self) -> Result<T, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| InvalidCursor)?;
        std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or(InvalidCursor)
    }

    /// The cursor as it stands in a query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many items a page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
#[serde(try_from = "u32", into = "u32")]
pub struct PageLimit(u32);

/// A page of no items, or of too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page has 1 to {} items", PageLimit::MOST)]
pub struct InvalidPageLimit;

impl PageLimit {
    /// The most items of a page.
    pub const MOST: u32 = 1000;

    /// The largest page.
    #[must_use]
    pub const fn most() -> Self {
        Self(Self::MOST)
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<u32> for PageLimit {
    type Error = InvalidPageLimit;

    fn try_from(limit: u32) -> Result<Self, InvalidPageLimit> {
        if (1..=Self::MOST).contains(&limit) { Ok(Self(limit)) } else { Err(InvalidPageLimit) }
    }
}

impl From<PageLimit> for u32 {
    fn from(limit: PageLimit) -> Self {
        limit.0
    }
}

/// How a name begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 128)]
#[serde(try_from = "String", into = "String")]
pub struct NamePrefix(String);

/// A prefix that is longer than any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no name has more than 128 characters")]
pub struct InvalidNamePrefix;

impl TryFrom<String> for NamePrefix {
    type Error = InvalidNamePrefix;

    fn try_from(text: String) -> Result<Self, InvalidNamePrefix> {
        if text.chars().count() > 128 { Err(InvalidNamePrefix) } else { Ok(Self(text)) }
    }
}

impl From<NamePrefix> for String {
    fn from(prefix: NamePrefix) -> Self {
        prefix.0
    }
}

#[cfg(test)]
mod tests {
    use mintgate_types::ConsumerName;

    use super::*;

    #[test]
    fn a_cursor_gives_back_the_name_that_it_stands_after() {
        let name: ConsumerName = "alice@example.com".parse().expect("a name");
        assert_eq!(Cursor::after(&name).position::<ConsumerName>(), Ok(name));
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in ["", "%%", "_w", "4pyT"] {
            assert_eq!(Cursor(text.into()).position::<ConsumerName>(), Err(InvalidCursor), "{text}");
        }
    }
}
