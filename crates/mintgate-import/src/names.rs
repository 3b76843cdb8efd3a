//! Names of other products in our alphabets.

use aws_lc_rs::digest;
use mintgate_types::{ConsumerName, TagName};

/// A consumer's name that comes as near as it can, or one made of a digest where nothing of it would be left; `None`
/// where there is no letter and no digit of any script.
pub(crate) fn consumer(called: &str) -> Option<ConsumerName> {
    let trimmed = called.trim_start_matches(|first: char| !first.is_ascii_alphanumeric());
    let fitted = trimmed.chars().map(|character| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '@' | '+' | '~' => character,
        _ => '-',
    });
    let name = fitted.take(128).collect::<String>().parse().ok();
    name.or_else(|| called.contains(char::is_alphanumeric).then(|| by_digest(called)))
}

fn by_digest(called: &str) -> ConsumerName {
    let digest = digest::digest(&digest::SHA256, called.as_bytes());
    let start = digest.as_ref().iter().take(6).fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
    format!("consumer-{start:012x}").parse().expect("letters, digits and a hyphen")
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
        assert_eq!(name("山田").as_deref(), Some("consumer-5f34cd839919"));
        assert_eq!(tag("orgId").map(|tag| tag.to_string()).as_deref(), Some("orgid"));
    }
}
