//! The audit log of a real store, which somebody alters who can write the file and knows how it is made.

use std::process::Command;

use mintgate_e2e::{Gateway, Origin, run};

/// A gateway with six entries or more, among them one that names alice, stopped in good order.
fn stopped(origin: &Origin) -> Gateway {
    let mut gateway = Gateway::before(origin.address());
    for name in ["alice", "bob", "carol"] {
        let _ = gateway.cli(&["consumers", "create", name]).done();
    }
    let _ = gateway.cli(&["audit", "verify"]).done();
    assert!(gateway.stop().success());
    gateway
}

fn tamper(gateway: &Gateway, how: &str) -> u64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/admin/tamper.py");
    let file = gateway.home().join("data/mintgate.db");
    let said = run(Command::new("python3").arg(script).arg(file).arg(how), "").done();
    said.trim().parse().expect("which entry")
}

#[test]
fn an_entry_that_was_altered_removed_moved_or_cut_off_is_found() {
    let origin = Origin::echo();
    for how in ["alter", "alter-with-checks", "alter-column", "remove", "move", "cut", "rewrite"] {
        let mut gateway = stopped(&origin);
        let expected = tamper(&gateway, how);
        gateway.boot();
        let said = gateway.cli(&["audit", "verify"]).refused(1);
        assert!(said.contains(&format!("entry {expected} of the audit log")), "{how}: {said}");
        // It stays found when the log goes on.
        let _ = gateway.cli(&["consumers", "create", "dave"]).done();
        let said = gateway.cli(&["audit", "verify"]).refused(1);
        // Where all was written anew, it is the new entry that does not follow the end that it finds.
        let expected = if how == "rewrite" { expected + 1 } else { expected };
        assert!(said.contains(&format!("entry {expected} of the audit log")), "{how}, later: {said}");
    }
}

#[test]
fn a_log_whose_end_was_forged_as_well_stops_the_start() {
    let origin = Origin::echo();
    for how in ["rewrite-with-head", "cut-with-head"] {
        let gateway = stopped(&origin);
        tamper(&gateway, how);
        let said = gateway.cli(&["serve"]).refused(1);
        assert!(said.contains("the end of the audit log is not the one that was written"), "{how}: {said}");
    }
}

#[test]
fn a_whole_log_is_verified_and_a_noted_entry_found_in_it() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let first = gateway.cli(&["audit", "verify"]).done().trim().to_owned();
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let later = gateway.cli(&["audit", "verify", "--mark", &first]).done().trim().to_owned();
    assert_ne!(first, later);
    let (seq, _) = first.split_once(':').expect("a number and a hash");
    let (_, hash) = later.split_once(':').expect("a number and a hash");
    let said = gateway.cli(&["audit", "verify", "--mark", &format!("{seq}:{hash}")]).refused(1);
    assert!(said.contains("it is not the entry that was noted"), "{said}");
}

#[test]
fn an_admin_token_lives_by_commands() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let token = gateway.cli(&["admin-tokens", "create", "helper", "--role", "auditor"]).done();
    gateway.keep_secret(token.trim());
    let file = gateway.home().join("helper.token");
    std::fs::write(&file, &token).expect("a folder of our own");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    let file = file.to_str().expect("a path").to_owned();
    let as_helper = |arguments: &[&str]| {
        let arguments = [arguments, &["--admin-token-file", &file]].concat();
        gateway.cli(&arguments)
    };
    let listed = as_helper(&["consumers", "list"]).done();
    assert!(listed.contains("alice"), "{listed}");
    let said = as_helper(&["consumers", "delete", "alice"]).refused(1);
    assert!(said.contains("does not allow this"), "{said}");
    let entries = gateway.cli(&["audit", "list", "--outcome", "refused", "--json"]).json();
    assert_eq!(entries[0]["actor"]["name"], "helper");
    assert_eq!(
        (&entries[0]["action"], &entries[0]["code"]),
        (&"consumer.delete".into(), &"forbidden".into())
    );
    let id = token.split('_').nth(1).expect("an id").to_owned();
    let _ = gateway.cli(&["admin-tokens", "revoke", &id]).done();
    let said = as_helper(&["consumers", "list"]).refused(1);
    assert!(said.contains("does not know this admin token"), "{said}");
    let table = gateway.cli(&["admin-tokens", "list"]).done();
    assert!(table.contains("configured") && table.contains("revoked"), "{table}");
    let lines = gateway.cli(&["audit", "export"]).done();
    assert!(!lines.contains(token.trim().rsplit('_').next().expect("a secret")));
}
