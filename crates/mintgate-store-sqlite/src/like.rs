//! Text as a search looks for it.

/// As text is kept for searching.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// A pattern of `LIKE … ESCAPE '\'` for what has this somewhere in it.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in folded(text).chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The end of what begins so: nothing that does sorts after it.
pub(crate) fn end_of(beginning: &str) -> String {
    format!("{beginning}\u{10FFFF}")
}

/// Whether this may be how the id of a key begins. Shorter beginnings say too little.
pub(crate) fn begins_a_key_id(text: &str) -> bool {
    (4..=mintgate_types::KeyId::LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_pattern_loses_it() {
        assert_eq!(containing("50%_Ä\\"), "%50\\%\\_ä\\\\%");
    }
}
