//! Finding consumers among many: what the search of the admin API asks.

use async_trait::async_trait;
use mintgate_types::{BucketName, ConsumerId, ConsumerName, TagName, TagValue, Timestamp};

use crate::{Consumer, Page, PageRequest, StoreError, Within};

/// Which consumers are wanted; what is `None` or empty excludes nobody.
#[derive(Debug, Clone, Default)]
pub struct ConsumerSearch {
    /// Of this bucket only.
    pub bucket: Option<BucketName>,
    /// Of these buckets only.
    pub within: Within,
    /// In whose name, subject, tags or keys' labels this stands somewhere, in upper or lower case; or one of whose
    /// keys' ids begins so, to the letter.
    pub text: Option<String>,
    /// With all of these tags.
    pub tags: Vec<(TagName, TagValue)>,
    /// With all of these in their metadata.
    pub metadata: Vec<MetadataMatch>,
    /// Whether their keys rest.
    pub disabled: Option<bool>,
    /// In which order.
    pub order: ConsumerOrder,
}

/// A member of the metadata and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataMatch {
    tokens: Vec<String>,
    value: String,
}

/// Text that names no member of a JSON document, or one that cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a JSON pointer (RFC 6901) without quotes and backslashes, a colon, and a value: /plan:gold")]
pub struct InvalidMetadataMatch;

impl MetadataMatch {
    /// The member that `pointer` (RFC 6901) names, with this value: a string, or a number, `true`, `false` or `null` as JSON
    /// writes it.
    pub fn new(pointer: &str, value: &str) -> Result<Self, InvalidMetadataMatch> {
        let tokens = pointer.strip_prefix('/').ok_or(InvalidMetadataMatch)?;
        let tokens: Vec<String> = tokens
            .split('/')
            .map(|token| unescaped(token).filter(|token| !token.contains(['"', '\\'])))
            .collect::<Option<_>>()
            .ok_or(InvalidMetadataMatch)?;
        if tokens.len() > crate::Metadata::DEEPEST {
            return Err(InvalidMetadataMatch);
        }
        Ok(Self { tokens, value: value.to_owned() })
    }

    /// The names on the way to the member.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// What the member may be, as JSON: the value as a string, and itself where it is a number or the like.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        let text = serde_json::to_string(&self.value).expect("text can be written");
        match serde_json::from_str::<serde_json::Value>(&self.value) {
            Ok(
                value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_) | serde_json::Value::Null),
            ) => {
                vec![text, value.to_string()]
            }
            _ => vec![text],
        }
    }
}

fn unescaped(token: &str) -> Option<String> {
    let mut rest = token;
    let mut text = String::with_capacity(token.len());
    while let Some((before, after)) = rest.split_once('~') {
        text.push_str(before);
        text.push(match after.chars().next()? {
            '0' => '~',
            '1' => '/',
            _ => return None,
        });
        rest = &after[1..];
    }
    text.push_str(rest);
    Some(text)
}

/// In which order consumers come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConsumerOrder {
    /// By bucket and name.
    #[default]
    Name,
    /// The last one made first.
    Created,
    /// The last one seen at work first, and those never seen last.
    LastUsed,
}

/// Where a consumer stands in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsumerPosition {
    /// By bucket and name.
    Name(BucketName, ConsumerName),
    /// By a time, `None` for never, and among equals by id.
    Time(Option<Timestamp>, ConsumerId),
}

/// Finding in the store.
#[async_trait]
pub trait Search: Send + Sync {
    /// Consumers in the order that is asked for. A page may hold fewer than its limit, or none, and still not be the last:
    /// what one page looks at is bounded. A position of another order is taken as the beginning.
    async fn search_consumers(
        &self,
        search: &ConsumerSearch,
        page: PageRequest<ConsumerPosition>,
    ) -> Result<Page<Consumer, ConsumerPosition>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_read_as_its_standard_says() {
        let found = MetadataMatch::new("/a~1b/m~0n/0", "x").expect("a pointer");
        assert_eq!(found.tokens(), ["a/b", "m~n", "0"]);
        for bad in ["", "a", "/a~", "/a~2", "/a\"b", "/a\\b"] {
            assert_eq!(MetadataMatch::new(bad, "x"), Err(InvalidMetadataMatch), "{bad}");
        }
    }

    #[test]
    fn a_value_may_be_a_string_or_what_json_makes_of_it() {
        let forms = |value| MetadataMatch::new("/a", value).expect("a pointer").forms();
        assert_eq!(forms("gold"), ["\"gold\""]);
        assert_eq!(forms("5"), ["\"5\"", "5"]);
        assert_eq!(forms("true"), ["\"true\"", "true"]);
        assert_eq!(forms("{}"), ["\"{}\""]);
    }
}
