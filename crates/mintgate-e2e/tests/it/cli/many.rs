//! Many consumers at once, from a file of JSON Lines.

use mintgate_e2e::{Gateway, Origin, Ran, Request, ReservedPort};
use serde_json::Value;

const MANY: &[&str] = &["consumers", "create", "--from", "-"];

/// A line for each number.
fn named(numbers: std::ops::Range<usize>) -> String {
    let lines: Vec<_> = numbers.map(|number| format!("{{\"name\":\"c{number}\"}}\n")).collect();
    lines.concat()
}

fn gateway() -> Gateway {
    Gateway::before(ReservedPort::new().address())
}

#[test]
fn a_consumer_is_made_with_its_first_key_which_stands_alone_on_stdout() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.cli(&["consumers", "create", "alice", "--with-key", "--label", "first"]).done();
    gateway.keep_secret(key.trim_end());
    assert_eq!(gateway.ask(&Request::get("/").key(key.trim_end())).status(), 200);
    let made = gateway.cli(&["consumers", "create", "bob", "--with-key", "--scope", "a", "--json"]).json();
    assert_eq!(made["consumer"]["name"], "bob");
    assert_eq!(made["key"]["key"]["scopes"], serde_json::json!(["a"]));
    gateway.keep_secret(made["key"]["secret"].as_str().expect("a key"));
    let _ = gateway.cli(&["consumers", "create", "carol", "--label", "of no key"]).refused(2);
}

#[test]
fn more_than_a_batch_are_made_in_the_order_of_the_file() {
    let gateway = gateway();
    let lines = named(0..1_001);
    let last = "{\"name\":\"last\",\"tags\":{\"plan\":\"gold\"},\"managers\":[\"a@example.com\"],\"key\":{\"label\":\"l\"}}";
    let Ran { status, stdout, stderr } = gateway.cli_with(MANY, &(lines + last));
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stderr.contains("1002 consumers made"), "{stderr}");
    let made: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(made.len(), 1_002);
    assert_eq!(
        (&made[0]["consumer"]["name"], &made[1_000]["consumer"]["name"]),
        (&"c0".into(), &"c1000".into())
    );
    assert_eq!((&made[1_001]["key"]["key"]["label"], made[0].get("key")), (&"l".into(), None));
    assert_eq!(made[1_001]["consumer"]["managers"][0], "a@example.com");
}

#[test]
fn a_refusal_names_the_line_and_how_to_go_on() {
    let gateway = gateway();
    let said = gateway
        .cli_with(MANY, "{\"name\":\"a\"}\n\n{\"name\":\"b\",\"oops\":1}\n{\"name\":\"c\"}")
        .refused(1);
    assert!(
        said.contains("1 line cannot be taken") && said.contains("line 3: unknown field `oops`"),
        "{said}"
    );
    // What only the gateway can see; the first thousand are in.
    let mut lines = named(0..1_000);
    lines += "{\"name\":\"new\"}\n{\"name\":\"c7\"}\n{\"name\":\"x\",\"metadata\":{\"a\":1,\"a\":2}}\n";
    let said = gateway.cli_with(MANY, &lines).refused(1);
    assert!(said.contains("1000 consumers made") && said.contains("--start-line 1001"), "{said}");
    assert!(
        said.contains("line 1003, metadata: must not have a member twice"),
        "what is said twice is not for us to settle: {said}"
    );
    let lines = lines.replace("\"a\":2", "\"b\":2");
    let go_on = [MANY, &["--start-line", "1001"]].concat();
    let said = gateway.cli_with(&go_on, &lines).refused(1);
    assert!(said.contains("line 1002, name: is taken") && said.contains("nothing was made"), "{said}");
    let Ran { status, stdout, stderr } = gateway.cli_with(&go_on, &lines.replace("c7", "c1007"));
    assert_eq!((status, stdout.lines().count()), (Some(0), 3), "{stderr}");
    assert!(gateway.cli_with(MANY, "\n").refused(1).contains("no consumer to make"));
}
