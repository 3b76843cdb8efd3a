//! A disk that is full: played by a limit on the size of files, which every write beyond it meets with an error.

use mintgate_e2e::{Gateway, Origin, Request};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

#[test]
fn with_a_full_disk_changes_are_refused_whole_and_known_keys_go_on_working() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let admin = gateway.admin();
    let (kept, doomed) = (admin.new_consumer("alice"), admin.new_consumer("bob"));
    let works = |gateway: &Gateway, key: &str| gateway.ask(&Request::get("/").key(key)).status();

    limit_files(&mut gateway, Some(0));
    for (method, path, body) in [
        ("POST", "/v1/buckets/production/consumers".to_owned(), json!({ "name": "carol", "key": {} })),
        ("POST", "/v1/buckets/production/consumers/alice/keys".to_owned(), json!({})),
        ("POST", "/v1/buckets/production/consumers/alice/roll".to_owned(), json!({ "grace": "1h" })),
        ("POST", format!("/v1/keys/{}/revoke", doomed.id), json!({})),
        ("POST", "/v1/signing-keys/rotate".to_owned(), json!({ "emergency": true })),
    ] {
        let reply = admin.ask(method, &path, &body);
        assert_eq!(
            (reply.status(), reply.header("content-type")),
            (503, Some("application/problem+json")),
            "{path}"
        );
        assert_eq!(reply.json()["code"], "unavailable", "{path}: {}", reply.text());
    }
    let said = gateway.cli(&["keys", "create", "--consumer", "alice"]).refused(1);
    assert!(said.to_lowercase().contains("unavailable") || said.contains("store"), "{said}");
    for key in [&kept, &doomed] {
        assert_eq!(works(&gateway, &key.text), 200, "known keys go on working");
    }
    let _ = gateway.wait_for_log(|line| line.contains("ERROR") && line.contains("store"));

    // There is room again: it goes on without a restart, and nothing is half done.
    limit_files(&mut gateway, None);
    let listed = gateway.cli(&["keys", "list", "--json"]).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    assert_eq!(gateway.cli(&["consumers", "list", "--json"]).json().as_array().map(Vec::len), Some(2));
    assert_eq!(gateway.cli(&["signing-keys", "list", "--json"]).json().as_array().map(Vec::len), Some(1));
    let late = admin.new_consumer("carol");
    admin.revoke(&doomed);
    for _ in 0..2 {
        assert_eq!(works(&gateway, &kept.text), 200);
        assert_eq!(works(&gateway, &late.text), 200);
        assert_eq!(works(&gateway, &doomed.text), 401);
        gateway.kill();
        gateway.boot();
    }
}

/// Lets the running process make files of so many bytes at the most.
fn limit_files(gateway: &mut Gateway, most: Option<u64>) {
    let id = i32::try_from(gateway.process().id()).ok().and_then(Pid::from_raw);
    prlimit(id, Resource::Fsize, Rlimit { current: most, maximum: None }).expect("a process of ours");
}
