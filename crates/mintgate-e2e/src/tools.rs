//! Other people's programs that the tests hold the gateway against. A missing one fails the test that needs it: a test
//! that passes over what it was to prove is worse than none.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the whole repository.
#[must_use]
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().and_then(Path::parent).expect("this crate lies two folders deep").to_owned()
}

/// Python with all packages of `scripts/python-packages.txt` and our own.
#[must_use]
pub fn python() -> Command {
    let mut python = Command::new(installed(".venv/bin/python", "make .venv/installed"));
    // What a developer exported is not what is tested, and scripts leave nothing beside themselves.
    python.env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUNBUFFERED", "1");
    python
}

/// Envoy.
#[must_use]
pub fn envoy() -> Command {
    Command::new(installed(".venv/bin/envoy", "make .venv/installed"))
}

/// Node.js, for scripts inside the repository: they find its packages.
#[must_use]
pub fn node() -> Command {
    installed("node_modules/jose/package.json", "make node_modules/.installed");
    let answers = Command::new("node").arg("--version").output().is_ok_and(|ran| ran.status.success());
    assert!(answers, "Node.js is missing: `make needs` installs it");
    Command::new("node")
}

/// A library that shows a program another time, to be preloaded.
#[must_use]
pub fn faketime_library() -> PathBuf {
    let places = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    let found = places.iter().map(|place| format!("/usr/lib/{place}/faketime/libfaketimeMT.so.1"));
    let found = found.map(PathBuf::from).find(|path| path.exists());
    found.expect("libfaketime is missing: `make needs` installs it")
}

fn installed(path: &str, remedy: &str) -> PathBuf {
    let path = repository().join(path);
    assert!(path.exists(), "{} is missing: `{remedy}` makes it", path.display());
    path
}
