//! The path of a route, as the configuration writes it.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use crate::path::{PathRefusal, RequestPath, decoded};

/// A pattern of segments: literal ones, `{name}` for exactly one segment, and `{*name}` at the end for all that
/// remain, none included.
///
/// A trailing slash plays no part: `/orders` and `/orders/` are one pattern and match both paths. `/orders/{*rest}`
/// matches `/orders`, `/orders/` and everything below. Literals are compared decoded, so that one pattern covers
/// every spelling: `/orders:export` also matches `/orders%3Aexport`. They may be written either way here, too.
#[derive(Debug, Clone)]
pub struct PathPattern {
    text: Box<str>,
    segments: Box<[Segment]>,
}

#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// Decoded.
    Literal(Box<[u8]>),
    One,
    Rest,
}

/// Text that is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// The first character is not a slash.
    #[error("a path must begin with `/`")]
    NoSlash,
    /// A query or a fragment.
    #[error("a path has no query and no fragment: they take no part in matching")]
    Query,
    /// Braces around something else than a name, or around part of a segment.
    #[error(
        "`{0}` is not a segment: braces hold a whole segment, `{{name}}` or `{{*name}}`, where a name is letters, \
         digits and `_`"
    )]
    Braces(String),
    /// `{*name}` before other segments.
    #[error("`{0}` stands for all that remains, so it must come last")]
    RestNotLast(String),
    /// One name for two segments.
    #[error("`{0}` names two segments")]
    NameTwice(String),
    /// A `;`, which cuts a segment short for some origins.
    #[error("a path may not have `;`: requests with path parameters are matched without them")]
    Semicolon,
    /// A segment that no request can have, because requests with it are refused.
    #[error("no request can match `{segment}`: {refusal}")]
    Unmatchable {
        /// The segment.
        segment: String,
        /// Why requests with it are refused.
        refusal: PathRefusal,
    },
    /// Braces where only literal segments have a meaning.
    #[error("a prefix has literal segments only, at least one")]
    NotAPrefix,
}

impl PathPattern {
    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every path that `other` matches is matched by this pattern, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let mut others = other.segments.iter();
        for segment in &self.segments {
            match (segment, others.next()) {
                (Segment::Rest, _) => return true,
                (Segment::One, Some(Segment::One | Segment::Literal(_))) => {}
                (Segment::Literal(mine), Some(Segment::Literal(theirs))) if mine == theirs => {}
                _ => return false,
            }
        }
        others.next().is_none()
    }

    /// Whether the pattern leaves something open: it has a `{name}` or a `{*name}`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.segments.iter().all(|segment| matches!(segment, Segment::Literal(_)))
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl FromStr for PathPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let inner = text.strip_prefix('/').ok_or(InvalidPattern::NoSlash)?;
        let mut names = Vec::new();
        let mut segments = Vec::new();
        let mut rest: Option<&str> = None;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        for segment in inner.split('/').filter(|_| !inner.is_empty()) {
            if let Some(rest) = rest {
                return Err(InvalidPattern::RestNotLast(rest.to_owned()));
            }
            let parsed = parse_segment(segment, &mut names)?;
            rest = matches!(parsed, Segment::Rest).then_some(segment);
            segments.push(parsed);
        }
        Ok(Self { text: text.into(), segments: segments.into() })
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

/// The start of a path that is cut off before the request goes to the origin: literal segments.
#[derive(Debug, Clone)]
pub struct PathPrefix(PathPattern);

impl PathPrefix {
    /// The prefix as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How many segments it cuts off.
    pub(crate) fn length(&self) -> usize {
        self.0.segments.len()
    }

    /// Whether every path that `pattern` matches begins with the prefix.
    pub(crate) fn begins(&self, pattern: &PathPattern) -> bool {
        let starts = self.0.segments.iter().zip(&pattern.segments);
        self.length() <= pattern.segments.len()
            && starts
                .into_iter()
                .all(|pair| matches!(pair, (Segment::Literal(a), Segment::Literal(b)) if a == b))
    }
}

impl FromStr for PathPrefix {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let pattern: PathPattern = text.parse()?;
        let is_prefix = !pattern.segments.is_empty() && !pattern.is_open();
        if is_prefix { Ok(Self(pattern)) } else { Err(InvalidPattern::NotAPrefix) }
    }
}

fn parse_segment<'a>(segment: &'a str, names: &mut Vec<&'a str>) -> Result<Segment, InvalidPattern> {
    if !segment.contains(['{', '}']) {
        return parse_literal(segment);
    }
    let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.ok_or_else(|| InvalidPattern::Braces(segment.to_owned()))?;
    let (name, parsed) = match inner.strip_prefix('*') {
        Some(name) => (name, Segment::Rest),
        None => (inner, Segment::One),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(InvalidPattern::Braces(segment.to_owned()));
    }
    if names.contains(&name) {
        return Err(InvalidPattern::NameTwice(name.to_owned()));
    }
    names.push(name);
    Ok(parsed)
}

/// A literal holds what a request's segment can hold, so the reader of requests judges it. People may write letters
/// of any language and spaces as they are.
fn parse_literal(segment: &str) -> Result<Segment, InvalidPattern> {
    let mut escaped = String::with_capacity(segment.len() + 1);
    escaped.push('/');
    for character in segment.chars() {
        if character == ' ' || !character.is_ascii() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                write!(escaped, "%{byte:02X}").expect("writing to a string succeeds");
            }
        } else {
            escaped.push(character);
        }
    }
    let unmatchable = |refusal| InvalidPattern::Unmatchable { segment: segment.to_owned(), refusal };
    let path = match RequestPath::parse(&escaped) {
        Ok(_) if segment.is_empty() => return Err(unmatchable(PathRefusal::EmptySegment)),
        Ok(path) if path.query().is_none() => path,
        Ok(_) | Err(PathRefusal::Fragment) => return Err(InvalidPattern::Query),
        Err(refusal) => return Err(unmatchable(refusal)),
    };
    if path.has_semicolons() {
        return Err(InvalidPattern::Semicolon);
    }
    Ok(Segment::Literal(decoded(path.segments().as_bytes()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<PathPattern>().expect_err(text).to_string()
    }

    #[test]
    fn a_pattern_that_no_request_can_match_says_why() {
        assert_eq!(refused("/a//b"), "no request can match ``: the path has an empty segment");
        assert_eq!(refused("/a/../b"), "no request can match `..`: the path has a dot segment");
        assert_eq!(
            refused("/a%2Fb"),
            "no request can match `a%2Fb`: the path has an escaped slash or backslash"
        );
        assert_eq!(refused("a"), "a path must begin with `/`");
        assert_eq!(refused("/a?b"), refused("/a#b"));
        assert_eq!(refused("/a;b"), refused("/a%3bb"));
    }

    #[test]
    fn braces_hold_a_whole_segment_and_a_rest_comes_last() {
        assert!(refused("/a/{id}.json").starts_with("`{id}.json` is not a segment"));
        assert!(refused("/{}").starts_with("`{}` is not a segment"));
        assert_eq!(refused("/{*all}/x"), "`{*all}` stands for all that remains, so it must come last");
        assert_eq!(refused("/{id}/{id}"), "`id` names two segments");
    }

    #[test]
    fn a_pattern_covers_what_it_matches_too() {
        let pattern = |text: &str| text.parse::<PathPattern>().expect("a pattern");
        assert!(pattern("/{*rest}").covers(&pattern("/")));
        assert!(pattern("/a/{*rest}").covers(&pattern("/a/")));
        assert!(pattern("/a/{x}").covers(&pattern("/a/b")));
        assert!(!pattern("/a/{x}").covers(&pattern("/a/{*rest}")));
        assert!(!pattern("/a/b").covers(&pattern("/a/{x}")));
        assert!(!pattern("/a").covers(&pattern("/a/b")));
    }

    #[test]
    fn a_prefix_is_literal_and_not_empty() {
        assert!("/api/v1".parse::<PathPrefix>().is_ok());
        assert_eq!("/".parse::<PathPrefix>().expect_err("nothing to cut"), InvalidPattern::NotAPrefix);
        assert_eq!("/{a}".parse::<PathPrefix>().expect_err("open"), InvalidPattern::NotAPrefix);
    }
}
