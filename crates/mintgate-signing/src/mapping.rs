//! Which metadata becomes which claim: configured, and nothing without being named.

use std::{collections::BTreeMap, fmt, str::FromStr};

use mintgate_store::{Metadata, Tags};
use mintgate_types::{ClaimName, TagName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{InvalidClaim, MappedClaims, mapped_claims::is_reserved};

/// Where a claim's value comes from: `metadata.plan`, `metadata.address.city` or `tags.team`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ClaimSource {
    /// A member of the metadata, or of an object in it, and so on. Members whose names hold a dot cannot be reached.
    Metadata(Vec<String>),
    /// A tag's value.
    Tag(TagName),
}

/// Text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a claim comes from `metadata.NAME`, `metadata.NAME.NAME` and so on, or `tags.NAME`")]
pub struct InvalidClaimSource;

/// Which claim comes from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimMapping(BTreeMap<ClaimName, ClaimSource>);

impl ClaimMapping {
    /// Maps nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A mapping that sets no reserved claim.
    pub fn new(sources: BTreeMap<ClaimName, ClaimSource>) -> Result<Self, InvalidClaim> {
        match sources.keys().find(|name| is_reserved(name)) {
            Some(name) => Err(InvalidClaim::Reserved { name: name.clone() }),
            None => Ok(Self(sources)),
        }
    }

    /// Which claim comes from where.
    pub fn sources(&self) -> impl Iterator<Item = (&ClaimName, &ClaimSource)> {
        self.0.iter()
    }

    /// The claims of one consumer. What is absent or null gives no claim. All or nothing: a claim that was left out
    /// silently might have been the one that restricts.
    pub fn apply(&self, metadata: &Metadata, tags: &Tags) -> Result<MappedClaims, InvalidClaim> {
        if self.0.is_empty() {
            return Ok(MappedClaims::none());
        }
        let claim = |(name, source): (&ClaimName, &ClaimSource)| {
            source.find(metadata, tags).map(|value| (name.clone(), value))
        };
        MappedClaims::new(&self.0.iter().filter_map(claim).collect())
    }
}

impl ClaimSource {
    fn find(&self, metadata: &Metadata, tags: &Tags) -> Option<Value> {
        match self {
            Self::Tag(name) => tags.get(name).map(|value| value.as_str().into()),
            Self::Metadata(path) => {
                let (first, rest) = path.split_first()?;
                let found = metadata.as_object().get(first);
                rest.iter()
                    .fold(found, |found, member| found?.get(member))
                    .filter(|value| !value.is_null())
                    .cloned()
            }
        }
    }
}

impl FromStr for ClaimSource {
    type Err = InvalidClaimSource;

    fn from_str(text: &str) -> Result<Self, InvalidClaimSource> {
        match text.split_once('.') {
            Some(("tags", name)) => name.parse().map(Self::Tag).map_err(|_| InvalidClaimSource),
            Some(("metadata", path)) if path.split('.').all(|member| !member.is_empty()) => {
                Ok(Self::Metadata(path.split('.').map(str::to_owned).collect()))
            }
            _ => Err(InvalidClaimSource),
        }
    }
}

impl TryFrom<String> for ClaimSource {
    type Error = InvalidClaimSource;

    fn try_from(text: String) -> Result<Self, InvalidClaimSource> {
        text.parse()
    }
}

impl From<ClaimSource> for String {
    fn from(source: ClaimSource) -> Self {
        source.to_string()
    }
}

impl fmt::Display for ClaimSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(path) => write!(formatter, "metadata.{}", path.join(".")),
            Self::Tag(name) => write!(formatter, "tags.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping(sources: Value) -> Result<ClaimMapping, InvalidClaim> {
        ClaimMapping::new(serde_json::from_value(sources).expect("names and sources"))
    }

    fn metadata(value: Value) -> Metadata {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn a_claim_comes_from_metadata_at_any_depth_or_from_a_tag() {
        let mapping = mapping(json!({
            "plan": "metadata.plan", "city": "metadata.address.city", "team": "tags.team", "none": "metadata.none",
            "null": "metadata.null", "through": "metadata.plan.inside",
        }))
        .expect("nothing reserved");
        let metadata =
            metadata(json!({ "plan": "gold", "address": { "city": "Bern" }, "null": null, "extra": 1 }));
        let tags = Tags::from([("team".parse().expect("a name"), "blue".parse().expect("a value"))]);
        let mapped = mapping.apply(&metadata, &tags).expect("claims");
        assert_eq!(mapped.as_members(), r#","city":"Bern","plan":"gold","team":"blue""#);
    }

    #[test]
    fn r41_a_mapping_onto_a_registered_claim_is_refused() {
        assert!(matches!(mapping(json!({ "sub": "metadata.sub" })), Err(InvalidClaim::Reserved { .. })));
    }

    #[test]
    fn r41_metadata_with_the_names_of_registered_claims_sets_none() {
        let mapping = mapping(json!({ "profile": "metadata.profile" })).expect("nothing reserved");
        let metadata =
            metadata(json!({ "sub": "root", "exp": 9_999_999_999_u64, "profile": { "sub": "root" } }));
        let mapped = mapping.apply(&metadata, &Tags::new()).expect("claims");
        assert_eq!(mapped.as_members(), r#","profile":{"sub":"root"}"#);
    }

    #[test]
    fn a_source_reads_back_from_its_text_and_others_are_refused() {
        for text in ["metadata.plan", "metadata.a.b.c", "tags.team"] {
            assert_eq!(text.parse::<ClaimSource>().expect("a source").to_string(), text);
        }
        for text in
            ["", "plan", "metadata", "metadata.", "metadata..a", "metadata.a.", "tags.", "tags.A B", "name.x"]
        {
            assert!(text.parse::<ClaimSource>().is_err(), "{text}");
        }
    }
}
