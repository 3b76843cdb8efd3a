//! A configuration that changes while the gateway runs.

use std::fs;

use mintgate_e2e::{Gateway, Origin, Request};
use rustix::process::Signal;

const IN_FORCE: &str = "the changed configuration is in force";

/// Changes the file in one step, as editors do.
fn rewrite(gateway: &Gateway, change: impl Fn(&str) -> String) {
    let file = gateway.config_file();
    let changed = change(&fs::read_to_string(&file).expect("the configuration"));
    let draft = file.with_extension("draft");
    fs::write(&draft, changed).expect("a draft");
    fs::rename(&draft, &file).expect("in its place");
}

#[test]
fn a_changed_file_is_in_force_for_requests_on_open_connections_too() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .server("workers = 2")
        .origin("orders", origin.address())
        .route("path = \"/old/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/old/1").key(&key).bytes());
    assert_eq!(wire.reply().status(), 200);
    rewrite(&gateway, |text| text.replace("/old/", "/new/"));
    let _in_force = gateway.wait_for_log(|line| line.contains(IN_FORCE));
    wire.send(&Request::get("/old/2").key(&key).bytes());
    wire.reply().assert_refused(404, "no_route");
    wire.send(&Request::get("/new/3").key(&key).bytes());
    assert_eq!(wire.reply().status(), 200);
}

#[test]
fn a_broken_file_is_refused_loudly_and_the_last_good_one_stays_in_force() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    rewrite(&gateway, |text| format!("{text}\nthis = \"is no setting\"\n"));
    gateway.process().signal(Signal::HUP);
    let line = gateway.wait_for_log(|line| line.contains("is refused; the last good one stays in force"));
    assert!(line.contains("ERROR"), "{line}");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
}

#[test]
fn what_needs_a_restart_changes_nothing() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    rewrite(&gateway, |text| {
        let text = text.replace("auth = \"api-key\"", "auth = \"public\"");
        format!("{text}\n[claims]\nplan = \"metadata.plan\"\n")
    });
    let _refused = gateway.wait_for_log(|line| line.contains("needs a restart"));
    gateway.ask(&Request::get("/")).assert_refused(401, "credential_required");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
}
