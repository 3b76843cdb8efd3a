//! Names of other products in our alphabets.

use mintgate_types::{ConsumerName, TagName};

/// A consumer's name that comes as near as it can; `None` where nothing would be left.
pub(crate) fn consumer(called: &str) -> Option<ConsumerName> {
    let trimmed = called.trim_start_matches(|first: char| !first.is_ascii_alphanumeric());
    let fitted = trimmed.chars().map(|character| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '@' | '+' | '~' => character,
        _ => '-',
    });
    fitted.take(128).collect::<String>().parse().ok()
}

/// The same for a tag's name, which has small letters only.
pub(crate) fn tag(called: &str) -> Option<TagName> {
    let trimmed = called.trim_start_matches(|first: char| !first.is_ascii_alphanumeric());
    let fitted = trimmed.chars().map(|character| match character.to_ascii_lowercase() {
        fit @ ('a'..='z' | '0'..='9' | '-' | '_' | '.') => fit,
        _ => '-',
    });
    fitted.take(64).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_stays_and_another_comes_near() {
        let name = |text| consumer(text).map(|name| name.to_string());
        assert_eq!(name("a.b+c@example.com").as_deref(), Some("a.b+c@example.com"));
        assert_eq!(name("auth0|12 3").as_deref(), Some("auth0-12-3"));
        assert_eq!(name("_x").as_deref(), Some("x"));
        assert_eq!(name("\u{202E}"), None);
        assert_eq!(tag("orgId").map(|tag| tag.to_string()).as_deref(), Some("orgid"));
    }
}
