//! Looking at one thing and changing it, and not over somebody else's change.

use mintgate_e2e::{Gateway, Origin, Ran, Request, ReservedPort};
use serde_json::Value;

fn gateway() -> Gateway {
    Gateway::before(ReservedPort::new().address())
}

fn json(gateway: &Gateway, arguments: &[&str]) -> Value {
    gateway.cli(&[arguments, &["--json"]].concat()).json()
}

#[test]
fn a_key_is_shown_and_its_label_scopes_and_expiry_change() {
    let gateway = gateway();
    let id = gateway.admin().new_consumer("alice").id;
    let update = |arguments: &[&str]| json(&gateway, &[&["keys", "update", &id], arguments].concat());
    let changed = update(&["--label", "billing", "--scope", "a", "--scope", "b", "--expires", "90d"]);
    assert_eq!((&changed["label"], &changed["scopes"]), (&"billing".into(), &serde_json::json!(["a", "b"])));
    assert!(changed["expires"].is_string(), "{changed}");
    assert_eq!(json(&gateway, &["keys", "show", &id]), changed);
    let changed = update(&["--no-scopes", "--no-expiry"]);
    assert_eq!((&changed["label"], &changed["scopes"]), (&"billing".into(), &serde_json::json!([])));
    assert!(changed.get("expires").is_none(), "{changed}");
    let shown = gateway.cli(&["keys", "show", &id]).done();
    for fact in
        [&format!("ID          {id}\n"), "LABEL       billing\n", "STATE       active\n", "LAST USED   -\n"]
    {
        assert!(shown.contains(fact), "{fact} in {shown}");
    }
    let _ = gateway.cli(&["keys", "update", &id]).refused(2);
    let _ = gateway.cli(&["keys", "update", &id, "--no-expiry", "--expires", "1d"]).refused(2);
    assert!(gateway.cli(&["keys", "show", "0123456789ab"]).refused(1).contains("there is no such key"));
}

#[test]
fn what_somebody_else_has_changed_stays_theirs_under_if_match() {
    let gateway = gateway();
    let id = gateway.admin().new_consumer("alice").id;
    let _ = gateway.cli(&["buckets", "create", "staging"]).done();
    let revision = |arguments: &[&str]| json(&gateway, arguments)["revision"].to_string();
    let seen = [
        revision(&["keys", "show", &id]),
        revision(&["consumers", "show", "alice"]),
        revision(&["buckets", "show", "staging"]),
    ];
    for arguments in [
        &["keys", "update", &id, "--label", "theirs"][..],
        &["consumers", "update", "alice", "--tag", "plan=theirs"],
        &["buckets", "update", "staging", "--prefix", "theirs"],
    ] {
        let _ = gateway.cli(arguments).done();
    }
    for (arguments, seen) in [
        (&["keys", "update", &id, "--label", "mine"][..], &seen[0]),
        (&["consumers", "update", "alice", "--tag", "plan=mine"], &seen[1]),
        (&["consumers", "delete", "alice"], &seen[1]),
        (&["buckets", "update", "staging", "--prefix", "mine"], &seen[2]),
        (&["buckets", "delete", "staging"], &seen[2]),
    ] {
        let said = gateway.cli(&[arguments, &["--if-match", seen]].concat()).refused(1);
        assert!(said.to_lowercase().contains("changed"), "{arguments:?}: {said}");
    }
    let now = revision(&["keys", "show", &id]);
    let _ = gateway.cli(&["keys", "update", &id, "--label", "mine", "--if-match", &now]).done();
    let etag = format!("\"{}\"", revision(&["buckets", "show", "staging"]));
    let _ = gateway.cli(&["buckets", "delete", "staging", "--if-match", &etag]).done();
    assert_eq!(json(&gateway, &["consumers", "show", "alice"])["tags"]["plan"], "theirs");
}

#[test]
fn a_key_is_rolled_by_its_id_and_without_grace_it_has_ended() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let old = gateway.admin().new_consumer("alice");
    let Ran { stdout, stderr, .. } =
        gateway.cli(&["keys", "roll", &old.id, "--grace", "0s", "--label", "new"]);
    let new = stdout.trim_end();
    gateway.keep_secret(new);
    assert!(stderr.contains(&format!("key {} works no more", old.id)), "{stderr}");
    assert_eq!(gateway.ask(&Request::get("/").key(&old.text)).status(), 401);
    assert_eq!(gateway.ask(&Request::get("/").key(new)).status(), 200);
    let _ = gateway.cli(&["keys", "roll", &old.id, "--consumer", "alice"]).refused(2);
    let _ = gateway.cli(&["keys", "roll"]).refused(2);
}

#[test]
fn several_keys_are_revoked_by_their_ids() {
    let gateway = gateway();
    let ids = ["alice", "bob", "carol"].map(|name| gateway.admin().new_consumer(name).id);
    let dry = json(&gateway, &["keys", "revoke", &ids[0], "--dry-run"]);
    assert_eq!((&dry["matched"], &dry["revoked"]), (&1.into(), &0.into()));
    let Ran { status, stdout, stderr } =
        gateway.cli(&["keys", "revoke", &ids[0], &ids[1], "0123456789ab", "--reason", "leaked"]);
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stdout.contains(&ids[0]) && stdout.contains(&ids[1]) && !stdout.contains(&ids[2]), "{stdout}");
    assert!(stderr.contains("2 keys revoked") && stderr.contains("1 of the ids"), "{stderr}");
    assert_eq!(json(&gateway, &["keys", "show", &ids[2]])["state"], "active");
    assert_eq!(json(&gateway, &["keys", "show", &ids[1]])["revoked"]["reason"], "leaked");
}

#[test]
fn an_admin_sees_who_they_are_and_an_owner_what_is_in_force() {
    let gateway = gateway();
    let me = json(&gateway, &["whoami"]);
    assert_eq!((&me["role"], &me["via"]), (&"owner".into(), &"token".into()));
    assert!(gateway.cli(&["whoami"]).done().contains("ROLE     owner\nBUCKETS  all\n"));
    let config = json(&gateway, &["config", "show"]);
    assert!(config["settings"]["admin"].is_object(), "{config}");
    let lines = gateway.cli(&["config", "show"]).done();
    let listen = format!("admin.listen = \"{}\"", gateway.admin_address());
    assert!(lines.lines().any(|line| line == listen), "{lines}");
    let issued =
        json(&gateway, &["admin-tokens", "create", "ci", "--role", "operator", "--bucket", "production"]);
    let id = issued["admin_token"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(json(&gateway, &["admin-tokens", "show", &id]), issued["admin_token"]);
    let shown = gateway.cli(&["admin-tokens", "show", &id]).done();
    assert!(shown.contains("ROLE     operator\nBUCKETS  production\n"), "{shown}");
}

#[test]
fn a_list_of_no_items_is_no_wish() {
    let gateway = gateway();
    for command in [["keys", "list"], ["consumers", "list"], ["audit", "list"]] {
        let said = gateway.cli(&[&command[..], &["--limit", "0"]].concat()).refused(2);
        assert!(said.contains("a limit is a whole number of 1 or more"), "{said}");
    }
    let _ = gateway.admin().new_consumer("alice");
    let Ran { stderr, .. } = gateway.cli(&["audit", "list", "--limit", "1"]);
    assert!(stderr.contains("the latest 1 of more"), "{stderr}");
}

#[test]
fn usage_is_shown_between_two_moments() {
    let gateway = gateway();
    let usage = json(
        &gateway,
        &["usage", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-03T00:00:00Z", "--step", "day"],
    );
    assert_eq!(usage["points"].as_array().map(Vec::len), Some(2), "{usage}");
    let _ = gateway.cli(&["usage", "--from", "2026-01-01T00:00:00Z", "--since", "1d"]).refused(2);
}
