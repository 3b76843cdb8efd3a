//! The program under test.

use std::{path::PathBuf, process::Command};

/// `mintgate`, ready for arguments. It must have been built before: `cargo build --bins`, which `make` does.
#[must_use]
pub fn mintgate() -> Command {
    let mut command = program("mintgate");
    // Nothing of the developer's own set-up takes part.
    for variable in ["MINTGATE_ADMIN_URL", "MINTGATE_ADMIN_TOKEN_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// The example origin in axum, ready for arguments. Built like the gateway.
#[must_use]
pub fn axum_example() -> Command {
    program("mintgate-example-axum")
}

fn program(name: &str) -> Command {
    let binary = path(name);
    assert!(
        binary.is_file(),
        "{} is not there: run `cargo build --workspace --bins` before these tests",
        binary.display()
    );
    Command::new(binary)
}

/// Beside the folder that the test's own program is in.
fn path(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a test knows where it runs from");
    let folder = own.parent().expect("a program is in a folder");
    let folder =
        if folder.ends_with("deps") { folder.parent().expect("deps is in a folder") } else { folder };
    folder.join(name)
}
