//! What lists are filtered by.

use std::{fmt, str::FromStr};

use mintgate_types::{BucketName, ConsumerName, TagName, TagValue, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{ConsumerState, Cursor, KeyStateName, NamePrefix, PageLimit, Span, schema};

macro_rules! as_text {
    ($name:ident, $error:ty) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

/// Text that is looked for; upper and lower case are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 128, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$")]
#[serde(try_from = "String", into = "String")]
pub struct SearchText(String);

/// Text that nothing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text to look for has 1 to 128 characters, none of them a control character")]
pub struct InvalidSearchText;

impl SearchText {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SearchText {
    type Err = InvalidSearchText;

    fn from_str(text: &str) -> Result<Self, InvalidSearchText> {
        let fits = (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidSearchText) }
    }
}

impl fmt::Display for SearchText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

as_text!(SearchText, InvalidSearchText);

/// A tag and its value, to the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagMatch {
    /// Which tag.
    pub name: TagName,
    /// What it says.
    pub value: TagValue,
}

/// Text that is no tag with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tag is written NAME:VALUE, such as plan:gold")]
pub struct InvalidTagMatch;

impl FromStr for TagMatch {
    type Err = InvalidTagMatch;

    fn from_str(text: &str) -> Result<Self, InvalidTagMatch> {
        let (name, value) = text.split_once(':').ok_or(InvalidTagMatch)?;
        let name = name.parse().map_err(|_| InvalidTagMatch)?;
        Ok(Self { name, value: value.parse().map_err(|_| InvalidTagMatch)? })
    }
}

impl fmt::Display for TagMatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.name, self.value)
    }
}

as_text!(TagMatch, InvalidTagMatch);

/// A member of the metadata, by a JSON pointer (RFC 6901), and its value: `/plan:gold`. The value is a string, or a number,
/// `true`, `false` or `null` as JSON writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 1024, pattern = "^/[^:]*:", example = "/plan:gold")]
#[serde(transparent)]
pub struct MetadataFilter(String);

impl MetadataFilter {
    /// The pointer, and the value behind the first colon.
    #[must_use]
    pub fn parts(&self) -> Option<(&str, &str)> {
        self.0.split_once(':').filter(|_| self.0.len() <= 1024)
    }
}

impl FromStr for MetadataFilter {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MetadataFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// In which order consumers come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsumerSort {
    /// By bucket and name.
    #[default]
    Name,
    /// The last one made first.
    Created,
    /// The last one seen at work first.
    LastUsed,
}

impl ConsumerSort {
    /// As it stands in a query.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Created => "created",
            Self::LastUsed => "last_used",
        }
    }
}

/// Which consumers are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListConsumers {
    /// Whose name begins so; only without `q`, and in the order of names.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<NamePrefix>,
    /// In whose name, subject, tags or keys' labels this stands, in any case; or one of whose keys' ids begins so (four
    /// characters at least). Never a key: those go to `keys:verify`, and into no URL.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<SearchText>,
    /// With this tag.
    #[param(value_type = Option<schema::TagMatch>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagMatch>,
    /// With this in the metadata.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataFilter>,
    /// Whose keys work, or do not.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ConsumerState>,
    /// In which order; by name if left out.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ConsumerSort>,
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

/// Which consumers of all buckets are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FindConsumers {
    /// In this bucket.
    #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// In whose name, subject, tags or keys' labels this stands, in any case; or one of whose keys' ids begins so (four
    /// characters at least). Never a key: those go to `keys:verify`, and into no URL.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<SearchText>,
    /// With this tag.
    #[param(value_type = Option<schema::TagMatch>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagMatch>,
    /// With this in the metadata.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataFilter>,
    /// Whose keys work, or do not.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ConsumerState>,
    /// In which order; by bucket and name if left out.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ConsumerSort>,
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

/// Which keys of all consumers are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FindKeys {
    /// Of consumers in this bucket.
    #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// Of this consumer; `bucket` must say where it lives.
    #[param(value_type = Option<schema::ConsumerName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<ConsumerName>,
    /// That stand so.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<KeyStateName>,
    /// That another system issued, or that Mintgate did.
    #[param(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<bool>,
    /// That stop to work by themselves before then, or have.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_before: Option<Timestamp>,
    /// Only those that were not used for so long, or never and are that old; revoked ones are left out.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_for: Option<Span>,
    /// In whose label this stands, in any case; or whose id begins so (four characters at least).
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<SearchText>,
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_name_and_whatever_stands_behind_the_colon() {
        let tag: TagMatch = "plan:a:b".parse().expect("a tag");
        assert_eq!((tag.name.as_str(), tag.value.as_str()), ("plan", "a:b"));
        for bad in ["", "plan", ":gold", "Plan:gold", "plan:\u{202E}"] {
            assert_eq!(bad.parse::<TagMatch>(), Err(InvalidTagMatch), "{bad}");
        }
    }

    #[test]
    fn a_text_to_look_for_has_no_control_characters() {
        assert!("Büro 50%".parse::<SearchText>().is_ok());
        for bad in ["", "a\nb", "\u{85}", &"x".repeat(129)] {
            assert_eq!(bad.parse::<SearchText>(), Err(InvalidSearchText), "{bad}");
        }
    }
}
