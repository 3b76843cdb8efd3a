//! Modules are named for a concept. A name that fits everything collects everything.

use std::path::Path;

use anyhow::Result;

use crate::tree::Tree;

const BANNED: [&str; 9] = ["utils", "util", "helpers", "helper", "common", "misc", "imp", "shared", "stuff"];
const LANGUAGES: [&str; 5] = ["rs", "py", "ts", "tsx", "lua"];

pub(crate) fn find() -> Result<Vec<String>> {
    let tree = Tree::of_this_repository()?;
    let mut found: Vec<String> =
        tree.sources(&LANGUAGES).filter(|path| has_banned_part(path)).map(str::to_owned).collect();
    for path in tree.sources(&["rs"]) {
        let text = tree.read(path)?;
        found.extend(banned_modules(&text).map(|(line, name)| format!("{path}:{line}: mod {name}")));
    }
    Ok(found)
}

fn has_banned_part(path: &str) -> bool {
    Path::new(path).components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        BANNED.contains(&name.split('.').next().unwrap_or_default())
    })
}

fn banned_modules(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let name = line
            .trim_start()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub ")
            .strip_prefix("mod ")?;
        let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        BANNED.contains(&name).then_some((index + 1, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_folder_of_a_banned_name_is_found() {
        assert!(has_banned_part("crates/x/src/utils.rs"));
        assert!(has_banned_part("crates/x/tests/common/mod.rs"));
        assert!(!has_banned_part("crates/x/src/uncommon.rs"));
    }

    #[test]
    fn an_inline_module_of_a_banned_name_is_found() {
        let text = "mod keys;\npub(crate) mod helpers {\n}\nmod common_names;\n";
        assert_eq!(banned_modules(text).collect::<Vec<_>>(), [(2, "helpers")]);
    }
}
