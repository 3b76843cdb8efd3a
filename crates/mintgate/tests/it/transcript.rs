//! Runs the program in a folder of its own, and writes down what it said.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).expect("a file");
    }

    /// The command with nothing in its environment that could change what it does.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mintgate"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Command, status, data and talk, as a reader of the documentation would see them.
    pub(crate) fn transcript(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let status = output.status.code().expect("an exit status");
        let quoted = |argument: &&str| {
            if argument.contains(' ') { format!("'{argument}'") } else { (*argument).to_owned() }
        };
        let line = arguments.iter().map(quoted).collect::<Vec<_>>().join(" ");
        let mut text = format!("$ mintgate {line}\n");
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let said = String::from_utf8_lossy(bytes);
                text += &["-- ", name, "\n", said.trim_end(), "\n"].concat();
            }
        }
        text + "-- status " + &status.to_string()
    }

    /// What can be said after `prefix`, as its help lists it.
    pub(crate) fn commands_of(&self, prefix: &[&str]) -> Vec<String> {
        let help = self.run(&[prefix, &["--help"]].concat()).stdout;
        let help = String::from_utf8(help).expect("text");
        let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
        let names = list.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| {
            let name =
                line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split_whitespace().next()?;
            (name != "help").then(|| name.to_owned())
        });
        names.collect()
    }
}
