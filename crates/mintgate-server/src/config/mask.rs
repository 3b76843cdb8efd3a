//! Keeps secrets that somebody wrote into a configuration, where they do not belong, out of reports about it.

/// `text` with what looks like secrets replaced by stars, byte for byte, so that positions stay right.
///
/// It works on lines, not on parsed values, because a file that does not parse is shown, too.
pub(crate) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut open_quotes: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        if let Some(quotes) = open_quotes {
            open_quotes = Some(quotes).filter(|quotes| !line.contains(quotes));
            masked.push_str(&stars(line));
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|(key, _)| names_a_secret(key)) else {
            mask_user(line, &mut masked);
            continue;
        };
        masked.push_str(key);
        masked.push('=');
        masked.push_str(&stars(value));
        open_quotes = ["\"\"\"", "'''"].into_iter().find(|quotes| value.matches(quotes).count() == 1);
    }
    masked
}

/// Keys of a kind that no setting of ours has: ours name a file or a variable.
fn names_a_secret(key: &str) -> bool {
    let name: String = key
        .chars()
        .filter(|character| !character.is_whitespace() && !"\"'".contains(*character))
        .map(|character| if character == '-' { '_' } else { character.to_ascii_lowercase() })
        .collect();
    SECRETS.iter().any(|secret| name.ends_with(secret))
}

/// Masks the user and password of URLs.
fn mask_user(line: &str, masked: &mut String) {
    let mut rest = line;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        masked.push_str(before);
        let authority = after.find(|end: char| "/?#\"'".contains(end) || end.is_whitespace());
        let user = after[..authority.unwrap_or(after.len())].rfind('@').unwrap_or(0);
        masked.push_str(&stars(&after[..user]));
        rest = &after[user..];
    }
    masked.push_str(rest);
}

fn stars(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { char::from(byte) } else { '*' }).collect()
}

const SECRETS: [&str; 9] =
    ["secret", "token", "password", "passwd", "passphrase", "pepper", "credential", "key", "keys"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r38_values_of_keys_that_name_secrets_are_masked_and_positions_stay() {
        for (text, expected) in [
            ("master_key = \"abc\" # x\nurl = 1\n", "master_key =**********\nurl = 1\n"),
            ("a.Token='é'\n", "a.Token=****\n"),
            ("\"api-key\" = 1", "\"api-key\" =**"),
            ("x_secret = \"\"\"\nabc\n\"\"\"\nok = 1", "x_secret =****\n***\n***\nok = 1"),
            ("master_key_file = \"k\"", "master_key_file = \"k\""),
            ("token_lifetime = \"5m\"", "token_lifetime = \"5m\""),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(text).len(), text.len());
        }
    }

    #[test]
    fn r38_passwords_in_urls_are_masked() {
        assert_eq!(
            masked("url = \"postgres://me:pa@ss@db/x\" # http://a@b http://c/d@e"),
            "url = \"postgres://********@db/x\" # http://*@b http://c/d@e"
        );
    }
}
