//! The pages in docs/moving: what they tell people to type is typed here, on exports made for these tests.

use std::{fs, path::Path};

use mintgate_e2e::{Gateway, Origin, Request, mintgate, repository, run};

/// What a page's import must come to.
struct Moved<'a> {
    export: &'a str,
    /// Keys that work afterwards, and whose consumers' subjects origins see.
    works: &'a [(&'a str, &'a str)],
    /// What the report says.
    said: &'a [&'a str],
}

#[test]
fn from_kong() {
    let _ = moves(
        "kong",
        &Moved {
            export: "kong.yaml",
            works: &[
                ("kong_alice_0123456789abcdef", "customer-7"),
                ("kong_alice_second_0123456789", "customer-7"),
                ("kong_bob_0123456789abcdef", "bob"),
            ],
            said: &["would import 3 keys, 3 new consumers", "basic-auth credentials", "rate limits"],
        },
    );
}

#[test]
fn from_apisix() {
    let _ = moves(
        "apisix",
        &Moved {
            export: "apisix.json",
            works: &[("apisix_alice_0123456789", "alice"), ("apisix_bob_0123456789", "bob")],
            said: &["would import 2 keys, 2 new consumers", "rate limits"],
        },
    );
}

#[test]
fn from_tyk() {
    let _ = moves(
        "tyk",
        &Moved {
            export: "tyk.json",
            works: &[("tyk_alice_0123456789abcdef", "alice@example.com")],
            said: &[
                "would import 1 key, 2 new consumers",
                "line 3: left out: the key has expired",
                "rate limits",
                "access rights",
            ],
        },
    );
}

#[test]
fn from_zuplo() {
    let gateway = moves(
        "zuplo",
        &Moved {
            export: "zuplo.json",
            works: &[("zpka_alice_0123456789abcdef_0a1b2c3d", "alice")],
            said: &["would import 1 key, 2 new consumers", "invitations of managers"],
        },
    );
    let alice = gateway.cli(&["consumers", "show", "alice", "--json"]).json();
    assert_eq!(alice["managers"], serde_json::json!(["a@example.com"]));
}

#[test]
fn from_unkey() {
    let _ = moves(
        "unkey",
        &Moved {
            export: "unkey.json",
            works: &[("unkey_alice_0123456789abcdef", "customer|7"), ("unkey_bob_0123456789abcdef", "bob")],
            said: &[
                "would import 2 keys, 2 new consumers",
                "line 5: left out: the key is disabled",
                "rate limits",
                "roles",
            ],
        },
    );
}

#[test]
fn of_tyk_other_hashes_are_rejected_line_by_line_with_what_to_do() {
    let gateway = Gateway::before(Origin::echo().address());
    let file = fixture("tyk.json");
    let path = file.to_str().expect("a path of ours");
    let said = gateway.cli(&["keys", "import", "--from", "tyk", "--key-hash", "murmur64", path]).refused(1);
    assert!(
        said.contains("line 2: the key is stored as murmur64") && said.contains("issue a new key"),
        "{said}"
    );
    assert!(said.contains("nothing was imported"), "{said}");
    let said = gateway.cli(&["keys", "import", "--from", "tyk", path]).refused(1);
    assert!(said.contains("--key-hash"), "{said}");
}

fn fixture(name: &str) -> std::path::PathBuf {
    repository().join("crates/mintgate-e2e/fixtures/moving").join(name)
}

/// Types every `mintgate` line of the page, in a folder that has the export under the name that the page gives it.
fn moves(product: &str, moved: &Moved<'_>) -> Gateway {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    for (key, _) in moved.works {
        gateway.keep_secret(key);
    }
    let page =
        fs::read_to_string(repository().join(format!("docs/moving/from-{product}.md"))).expect("a page");
    let folder = gateway.home();
    fs::copy(fixture(moved.export), folder.join(moved.export)).expect("copies");
    let commands: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("mintgate ")).collect();
    assert!(commands.len() >= 3, "{commands:?}");
    let mut said = String::new();
    for command in commands {
        let ran = typed(&folder, command);
        assert_eq!(ran.status, Some(0), "{command}: {}", ran.stderr);
        for (key, _) in moved.works {
            assert!(!ran.stderr.contains(key) && !ran.stdout.contains(key), "{command} repeats a key");
        }
        said += &ran.stderr;
    }
    for expected in moved.said {
        assert!(said.contains(expected), "no {expected:?} in {said}");
    }
    for (key, subject) in moved.works {
        assert_eq!(gateway.ask(&Request::get("/x").key(key)).status(), 200, "{subject}");
        let token = origin.requests().pop().expect("a request").token();
        let claims = run(mintgate().args(["token", "inspect", &token]), "").json();
        assert_eq!(claims["claims"]["sub"], *subject);
        origin.assert_never_saw(key);
    }
    gateway
}

fn typed(folder: &Path, command: &str) -> mintgate_e2e::Ran {
    let mut program = mintgate();
    run(program.args(command.split(' ')).current_dir(folder), "")
}

#[test]
fn an_export_has_everything_but_secrets_and_a_csv_runs_nothing() {
    let gateway = Gateway::before(Origin::echo().address());
    let issued = gateway.admin().new_consumer_with(&serde_json::json!({
        "name": "alice", "key": { "label": "=HYPERLINK(\"http://x\")" },
    }));
    let file = fixture("kong.yaml");
    let _ = gateway
        .cli(&["keys", "import", "--from", "kong", file.to_str().expect("a path"), "--dry-run"])
        .done();
    let exported = gateway.cli(&["export"]);
    assert_eq!(exported.status, Some(0), "{}", exported.stderr);
    let lines: Vec<serde_json::Value> =
        exported.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().expect("a type")).collect();
    assert_eq!(types, ["export", "bucket", "consumer", "key", "admin_token", "signing_key"]);
    assert_eq!(lines[3]["id"], issued.id);
    let secret = issued.text.rsplit_once('_').expect("a key has parts").1;
    assert!(!exported.stdout.contains(secret) && !exported.stdout.contains("fingerprint"));
    let out = gateway.home().join("all.jsonl");
    let out = out.to_str().expect("a path of ours");
    let _ = gateway.cli(&["export", "--output", out]).done();
    assert_eq!(fs::read_to_string(out).expect("reads").lines().count(), 6);
    let _ = gateway.cli(&["export", "--output", out]).refused(1);
    let csv = gateway.cli(&["keys", "list", "--csv"]);
    assert!(csv.stdout.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{}", csv.stdout);
    assert!(gateway.cli(&["keys", "list", "--foreign", "--csv"]).stdout.lines().count() == 1);
}
