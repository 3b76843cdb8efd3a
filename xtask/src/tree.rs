//! The files of this repository that people wrote: what git tracks or would track.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The checkout and the paths in it, relative to its root, with `/` between the parts.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<String>,
}

impl Tree {
    pub(crate) fn of_this_repository() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the repository")?
            .to_owned();
        let done = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()
            .context("running git ls-files")?;
        ensure!(done.status.success(), "git ls-files: {}", String::from_utf8_lossy(&done.stderr));
        let listed = String::from_utf8(done.stdout).context("a path is not UTF-8")?;
        let files = listed.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file());
        Ok(Self { files: files.map(str::to_owned).collect(), root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Files whose name ends in one of `extensions`.
    pub(crate) fn sources(&self, extensions: &[&str]) -> impl Iterator<Item = &str> {
        self.files().filter(move |path| {
            Path::new(path).extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it))
        })
    }

    pub(crate) fn read(&self, path: &str) -> Result<String> {
        let bytes = std::fs::read(self.root.join(path)).with_context(|| format!("reading {path}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
