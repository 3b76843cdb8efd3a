//! What stands on stdout, for programs and for people.

use std::{io, process::Stdio};

use mintgate_e2e::{Gateway, Ran, ReservedPort, mintgate, run};
use serde_json::Value;

fn gateway() -> Gateway {
    Gateway::before(ReservedPort::new().address())
}

#[test]
fn json_is_one_document_on_stdout_for_every_command_that_has_it() {
    let gateway = gateway();
    let json = |arguments: &[&str]| gateway.cli(&[arguments, &["--json"]].concat()).json();
    let made = json(&["consumers", "create", "alice", "--tag", "team=a", "--metadata", r#"{"plan":"gold"}"#]);
    assert_eq!((&made["name"], &made["metadata"]["plan"]), (&"alice".into(), &"gold".into()));
    assert_eq!(json(&["consumers", "list"])[0]["name"], "alice");
    assert_eq!(json(&["consumers", "show", "alice"])["subject"], "alice");
    assert_eq!(json(&["consumers", "update", "alice", "--disable"])["state"], "disabled");
    assert_eq!(
        json(&["consumers", "update", "alice", "--enable", "--untag", "team"])["tags"],
        serde_json::json!({})
    );
    let issued = json(&["keys", "create", "--consumer", "alice", "--scope", "a", "--label", "billing"]);
    let id = issued["key"]["id"].as_str().expect("an id").to_owned();
    assert!(issued["secret"].as_str().expect("the key").contains(&id));
    let listed = json(&["keys", "list"]);
    assert_eq!(listed[0]["id"], id.as_str());
    assert!(listed[0].get("secret").is_none(), "a key is shown once");
    let rolled = json(&["keys", "roll", "--consumer", "alice", "--grace", "1h"]);
    assert_eq!(rolled["replaced"][0]["id"], id.as_str());
    assert_eq!(json(&["keys", "revoke", &id])["state"], "revoked");
    let published = json(&["signing-keys", "rotate"]);
    let kid = published["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(json(&["signing-keys", "list"]).as_array().map(Vec::len), Some(2));
    let left = json(&["signing-keys", "retire", &kid]);
    assert!(
        left.as_array()
            .expect("a list")
            .iter()
            .any(|key| key["kid"] == kid.as_str() && key["state"] == "retired")
    );
    assert_eq!(json(&["status"])["nodes"][0]["ready"], true);
    assert_eq!(json(&["check"])["problems"], serde_json::json!([]));
    assert_eq!(json(&["explain", "GET", "/x"])["outcome"], "route");
    let export = gateway.cli(&["keys", "export"]).done();
    assert_eq!(
        export.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(),
        2,
        "{export}"
    );
    assert_eq!(json(&["keys", "list", "--limit", "1"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn tables_have_headings_and_a_line_for_each_thing() {
    let gateway = gateway();
    for name in ["alice", "bob"] {
        let _ = gateway.cli(&["consumers", "create", name]).done();
        let _ = gateway.cli(&["keys", "create", "--consumer", name]).done();
    }
    for (arguments, heading, names) in [
        (&["consumers", "list"][..], "NAME", &["alice", "bob"][..]),
        (&["keys", "list"], "ID", &["alice", "bob"]),
        (&["keys", "list", "--consumer", "bob"], "ID", &["bob"]),
        (&["signing-keys", "list"], "KID", &["active"]),
        (&["status"], "VERSION", &["sqlite"]),
    ] {
        let Ran { status, stdout, stderr } = gateway.cli(arguments);
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let lines: Vec<_> = stdout.lines().collect();
        assert!(lines[0].starts_with(heading), "{stdout}");
        for name in names {
            assert_eq!(lines[1..].iter().filter(|line| line.contains(name)).count(), 1, "{stdout}");
        }
        assert!(!stdout.contains('\u{1b}'), "no colours in a pipe: {stdout:?}");
    }
    assert_eq!(gateway.cli(&["keys", "list"]).done().lines().count(), 3);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let gateway = gateway();
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    for arguments in
        [&["keys", "list"][..], &["keys", "export"], &["status", "--json"], &["consumers", "list"]]
    {
        // As `| head -1` leaves it, sooner than any `head` could.
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let mut command = mintgate();
        command.args(arguments).arg("--config").arg(gateway.config_file());
        let ended = command
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the binary can be run");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn completions_are_there_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(mintgate().args(["completions", shell]), "").done();
        for word in ["signing-keys", "consumers", "explain"] {
            assert!(script.contains(word), "{shell}");
        }
    }
}
