//! `mintgate init [DIR]`

use std::path::{Path, PathBuf};

use clap::Args;
use mintgate_server::{config::BaseUrl, init};
use mintgate_types::OsEntropy;

use crate::{failure::Outcome, screen::Screen};

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder to make, or an existing one without a configuration.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The backend to guard.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    origin: BaseUrl,
}

impl Init {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let created = init::write(&self.dir, &self.origin, &OsEntropy)?;
        screen.say(format_args!("made {}, which guards {}", created.config.display(), self.origin));
        screen.say(format_args!("made {} (keep it safe and backed up)", created.master_key.display()));
        screen.say(format_args!("made {}", created.admin_token.display()));
        screen.say("\nNext:");
        let config = quoted(&created.config);
        screen.say(format_args!("  mintgate serve --config {config}"));
        screen.say(format_args!("  mintgate consumers create alice --config {config}"));
        screen.say(format_args!("  mintgate keys create --consumer alice --config {config}"));
        Ok(())
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte)) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_space_can_be_pasted() {
        assert_eq!(quoted(Path::new("a/b.toml")), "a/b.toml");
        assert_eq!(quoted(Path::new("my gate/it's")), r"'my gate/it'\''s'");
    }
}
