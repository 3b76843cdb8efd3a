//! Keys that another system issued.

use std::fs;

use mintgate_e2e::{Gateway, Origin, Ran, Request, ReservedPort, mintgate, run};

/// A key of another system, and the SHA-256 of it as that system would export it.
const FOREIGN: &str = "sk_live_51NcM2dLkQ0a";
const SECOND: &str = "sk_live_second_key_0b";
const SECOND_SHA256: &str = "7645b023c98c5b2cf325fda01645b167cff974799755cd7fe969457af20829a1";

fn import(gateway: &Gateway, name: &str, content: &str, arguments: &[&str]) -> Ran {
    let file = gateway.home().join(name);
    fs::write(&file, content).expect("a folder of our own");
    gateway.keep_secret(FOREIGN);
    gateway.keep_secret(SECOND);
    let file = file.to_str().expect("a path of ours");
    gateway.cli(&[&["keys", "import", file], arguments].concat())
}

fn count(gateway: &Gateway) -> usize {
    gateway.cli(&["keys", "list", "--json"]).json().as_array().expect("a list").len()
}

#[test]
fn keys_from_csv_work_as_they_are_whether_in_plain_text_or_hashed() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let csv = format!(
        "consumer,key,sha256,label,scopes\n\
         alice,{FOREIGN},,\"old, from \"\"A\"\"\",orders:read orders:write\n\
         bob,,{SECOND_SHA256},,\n"
    );
    let done = import(&gateway, "keys.csv", &csv, &["--create-consumers", "--json"]).json();
    assert_eq!((&done["imported"], &done["consumers_created"]), (&2.into(), &2.into()), "{done}");
    for (key, consumer) in [(FOREIGN, "alice"), (SECOND, "bob")] {
        let reply = gateway.ask(&Request::get("/x").key(key));
        assert_eq!(reply.status(), 200, "{consumer}: {}", reply.text());
        let token = origin.requests().pop().expect("a request").token();
        let claims = run(mintgate().args(["token", "inspect", &token]), "").json();
        assert_eq!(claims["claims"]["sub"], consumer);
        origin.assert_never_saw(key);
    }
    let listed = gateway.cli(&["keys", "list", "--consumer", "alice", "--json"]).json();
    assert_eq!(listed[0]["format"], "foreign");
    assert_eq!(listed[0]["label"], "old, from \"A\"");
    assert_eq!(listed[0]["scopes"], serde_json::json!(["orders:read", "orders:write"]));
    let id = listed[0]["id"].as_str().expect("an id");
    let _ = gateway.cli(&["keys", "revoke", id]).done();
    assert_eq!(gateway.ask(&Request::get("/x").key(FOREIGN)).status(), 401);
}

#[test]
fn keys_from_json_lines_work_too_and_stdin_will_do() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let lines = format!("{{\"consumer\":\"alice\",\"sha256\":\"{SECOND_SHA256}\",\"scopes\":[\"a\"]}}\n\n");
    let mut command = mintgate();
    command.args(["keys", "import", "-", "--from", "jsonl", "--config"]).arg(gateway.config_file());
    let _ = run(&mut command, lines).done();
    assert_eq!(gateway.ask(&Request::get("/x").key(SECOND)).status(), 200);
}

#[test]
fn bad_lines_are_named_all_of_them_and_nothing_is_kept() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    // What the file itself shows.
    let csv = format!("consumer,key\nalice,{FOREIGN}\nalice\n\"bob\",\"x\",\"y\"\n");
    let said = import(&gateway, "form.csv", &csv, &[]).refused(1);
    assert!(said.contains("line 3:") && said.contains("line 4:") && !said.contains("line 2:"), "{said}");
    // What only the gateway can know.
    let jsonl = [
        format!("{{\"consumer\":\"alice\",\"key\":\"{FOREIGN}\"}}"),
        format!("{{\"consumer\":\"nobody\",\"key\":\"{SECOND}\"}}"),
        "{\"consumer\":\"alice\",\"sha256\":\"0123\"}".to_owned(),
        "{\"consumer\":\"alice\",\"key\":\"sk_x_00000000000000\",\"expires\":\"2001-01-01T00:00:00Z\"}"
            .to_owned(),
    ]
    .join("\n");
    let said = import(&gateway, "rows.jsonl", &jsonl, &[]).refused(1);
    assert!(
        said.contains("line 3") && said.contains("line 4") && said.contains("nothing was imported"),
        "{said}"
    );
    for key in [FOREIGN, SECOND] {
        assert!(!said.contains(key), "{said}");
    }
    // The same key twice, and a key that is there.
    let twice = format!("consumer,key\nalice,{FOREIGN}\nalice,{FOREIGN}\n");
    let said = import(&gateway, "twice.csv", &twice, &[]).refused(1);
    assert!(said.contains("line 3") && said.contains("line 2"), "{said}");
    assert_eq!(count(&gateway), 0);
    assert_eq!(gateway.ask(&Request::get("/x").key(FOREIGN)).status(), 401);
    let _ = import(&gateway, "one.csv", &format!("consumer,key\nalice,{FOREIGN}\n"), &[]).done();
    // Another consumer cannot have it, and its own has it already.
    let _ = gateway.cli(&["consumers", "create", "bob"]).done();
    let both = format!("consumer,key\nalice,{SECOND}\nbob,{FOREIGN}\n");
    let said = import(&gateway, "other.csv", &both, &[]).refused(1);
    assert!(said.contains("line 3") && said.contains("exists already"), "{said}");
    assert_eq!(count(&gateway), 1);
    let again = format!("consumer,key\nalice,{SECOND}\nalice,{FOREIGN}\n");
    let done = import(&gateway, "again.csv", &again, &["--json"]).json();
    assert_eq!((&done["imported"], &done["existing"]), (&1.into(), &1.into()), "{done}");
    assert_eq!(count(&gateway), 2);
}

#[test]
fn a_file_of_nothing_but_bad_lines_is_told_by_those_alone() {
    let gateway = Gateway::before(ReservedPort::new().address());
    for (csv, problems) in
        [("consumer,key\nalice,\"sk_live_51", 1), ("consumer;key\na;b\n", 1), ("consumer,key\nalice\n\"", 2)]
    {
        for arguments in [&["--create-consumers"][..], &["--dry-run"]] {
            let said = import(&gateway, "bad.csv", csv, arguments).refused(1);
            assert_eq!(said.lines().filter(|line| line.starts_with("line ")).count(), problems, "{said}");
        }
    }
}

#[test]
fn what_the_file_shows_and_what_the_gateway_knows_stand_in_one_report() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let csv = format!("consumer,key\nalice,{FOREIGN}\nalice\nnobody,{SECOND}\nalice,{FOREIGN}\n");
    let report = import(&gateway, "keys.csv", &csv, &["--json"]);
    assert_eq!(report.status, Some(1), "{}", report.stderr);
    let told: serde_json::Value = serde_json::from_str(&report.stdout).expect("a report");
    let lines: Vec<_> = told["rejected"].as_array().expect("a list").iter().map(|row| &row["line"]).collect();
    assert_eq!(lines, [3, 4, 5], "{told}");
    assert_eq!(count(&gateway), 0);
    let done = import(&gateway, "keys.csv", &csv, &["--skip-rejected", "--json"]).json();
    assert_eq!(done["imported"], 1, "{done}");
    assert_eq!(count(&gateway), 1);
}

#[test]
fn a_mistake_in_the_last_batch_is_found_before_the_first_is_kept() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let rows: Vec<_> = (0..25).map(|number| format!("alice,sk_live_0123456789_{number:04}\n")).collect();
    let csv = format!("consumer,key\n{}", rows.concat());
    let wrong = format!("{csv}alice,short\n");
    let arguments = ["--create-consumers", "--batch-size", "10"];
    let said = import(&gateway, "keys.csv", &wrong, &arguments).refused(1);
    assert!(said.contains("line 27"), "{said}");
    assert_eq!(count(&gateway), 0);
    let dry = import(&gateway, "keys.csv", &csv, &[&arguments[..], &["--dry-run", "--json"]].concat()).json();
    assert_eq!((&dry["imported"], &dry["dry_run"]), (&25.into(), &true.into()));
    assert_eq!(count(&gateway), 0);
    let _ = import(&gateway, "keys.csv", &csv, &arguments).done();
    assert_eq!(count(&gateway), 25);
}

#[test]
fn every_mistake_of_every_kind_is_told_at_once_and_the_rest_can_be_taken() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let taken = format!("consumer,key\nother,{FOREIGN}\n");
    let _ = import(&gateway, "taken.csv", &taken, &["--create-consumers"]).done();
    // One is too short, which shows in the row; one is another consumer's, which shows in the store only.
    let csv = format!("consumer,key\nalice,short\nalice,{FOREIGN}\nalice,{SECOND}\n");
    let report = import(&gateway, "keys.csv", &csv, &["--create-consumers", "--dry-run", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&report.stdout).expect("a report");
    let lines: Vec<_> = told["rejected"].as_array().expect("a list").iter().map(|row| &row["line"]).collect();
    assert_eq!(lines, [2, 3], "{told}");
    let rest = ["--create-consumers", "--skip-rejected", "--json"];
    let done = import(&gateway, "keys.csv", &csv, &rest).json();
    assert_eq!(done["imported"], 1, "{done}");
    assert_eq!(count(&gateway), 2);
}

#[test]
fn a_bad_key_takes_no_other_along_that_stands_in_the_same_line() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let deep = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
    let all_in_one_line = format!(
        "{{\"data\":[{{\"name\":\"alice\",\"apiKeys\":[{{\"key\":\"short\"}},{{\"key\":\"{FOREIGN}\"}}]}},\
         {{\"name\":\"bob\",\"apiKeys\":[{{\"key\":\"{SECOND}\"}}]}},\
         {{\"name\":\"deep\",\"metadata\":{deep},\"apiKeys\":[{{\"key\":\"sk_live_third_key_0c\"}}]}}]}}"
    );
    let done =
        import(&gateway, "zuplo.json", &all_in_one_line, &["--from", "zuplo", "--skip-rejected", "--json"]);
    let done = done.json();
    assert_eq!((&done["imported"], &done["consumers_created"]), (&2.into(), &2.into()), "{done}");
    // A consumer that is not as the file says is not made for its key either.
    let _ = gateway.cli(&["consumers", "show", "deep"]).refused(1);
    assert_eq!(count(&gateway), 2);
}
