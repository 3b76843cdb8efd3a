//! What the program says about itself.

use std::io::Read as _;
use std::process::Stdio;

use crate::transcript::Folder;

#[test]
fn the_commands_are_listed() {
    insta::assert_snapshot!(Folder::new().transcript(&["--help"]), @r#"
    $ mintgate --help
    -- stdout
    API keys stop at the gate; short-lived JWTs go to the origin

    Usage: mintgate <COMMAND>

    Commands:
      init           Make a folder to serve from: configuration, master key and admin token
      serve          Run the gateway and the admin API
      check          Find all problems of a configuration at once
      explain        Say which route a request takes, and what it will be asked for
      buckets        Manage buckets: namespaces of consumers
      consumers      Manage consumers: who holds keys
      keys           Manage keys: what callers present
      signing-keys   Manage the keys that sign tokens
      admin-tokens   Manage admin tokens: who may manage, and what
      audit          See who did what, and whether the log of it is whole
      token          Look at tokens
      verify-origin  Attack an origin's check of tokens, and show what passes
      usage          Show how many requests there were
      export         Write out everything but secrets, as JSON Lines
      backup         Copy the whole store into a file, while it serves. The master key is not in it
      restore        Put a backup in place of the store, while no gateway uses it
      whoami         Show whose the admin token is, and what it may do
      config         See the configuration of a running gateway
      status         Show nodes, store, keys and signing keys
      completions    Print a completion script for a shell
      help           Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    -- status 0
    "#);
}

#[test]
fn wrong_arguments_are_status_2() {
    let folder = Folder::new();
    for arguments in [&["frobnicate"][..], &["keys"], &["keys", "create"], &["explain", "GET"]] {
        assert_eq!(folder.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn every_shell_gets_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = folder.run(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("signing-keys"), "{shell}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    let mut command = folder.command(&["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    drop(child.stdout.take());
    let mut talk = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut talk).expect("text");
    assert_eq!((child.wait().expect("an end").code(), talk.as_str()), (Some(0), ""));
}

#[test]
fn every_command_is_in_the_documentation() {
    let documentation = include_str!("../../../../docs/cli.md");
    let folder = Folder::new();
    for command in folder.commands_of(&[]) {
        let nested = folder.commands_of(&[&command]);
        let names = if nested.is_empty() {
            vec![command.clone()]
        } else {
            nested.iter().map(|nested| format!("{command} {nested}")).collect()
        };
        for name in names {
            assert!(documentation.contains(&format!("mintgate {name}")), "docs/cli.md lacks {name}");
        }
    }
}
