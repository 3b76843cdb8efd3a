//! Nothing secret is said anywhere, however much is said.

use std::fs;

use mintgate_e2e::{Gateway, Origin, Request};
use serde_json::json;

/// What must not be found, under names for the message of a failure.
struct Hidden(Vec<(String, String)>);

impl Hidden {
    fn add(&mut self, name: &str, text: &str) {
        self.0.push((name.to_owned(), text.to_owned()));
    }

    fn assert_absent(&self, place: &str, text: &str) {
        for (name, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "{name} stands in {place}: {}", around(text, secret));
        }
    }
}

#[test]
fn r38_at_the_most_verbose_level_no_secret_is_logged_or_answered_or_stands_in_argv() {
    for format in ["text", "json"] {
        let origin = Origin::echo();
        let builder = Gateway::builder()
            .section(&format!("[log]\nlevel = \"trace\"\nformat = \"{format}\""))
            .issuer("algorithm = \"RS256\"")
            .origin("orders", origin.address())
            .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\napi_key_header = \"X-Partner-Key\"");
        let mut gateway = Gateway::prepare(&builder);
        gateway.set_variable("RUST_LOG", "trace");
        gateway.set_variable("RUST_BACKTRACE", "full");
        gateway.boot();
        let mut hidden = Hidden(Vec::new());
        let mut answers = everything_that_answers(&gateway, &mut hidden);
        hidden_files(&gateway, &mut hidden);
        for (number, request) in origin.requests().iter().enumerate() {
            let token = request.token();
            hidden.add(&format!("token {number}"), &token);
            hidden.add(&format!("signature {number}"), token.rsplit('.').next().expect("a signature"));
        }
        assert!(hidden.0.len() > 15, "{}", hidden.0.len());
        let process = format!("/proc/{}/cmdline", gateway.process().id());
        hidden.assert_absent("argv", &String::from_utf8_lossy(&fs::read(process).expect("it runs")));
        // It says all that it has to say.
        assert!(gateway.stop().success());
        let log = gateway.log();
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "it is verbose: {log}");
        hidden.assert_absent("the log", &log);
        for (what, answer) in answers.drain(..) {
            hidden.assert_absent(&what, &answer);
        }
        unknown_randomness_is_absent(&log);
    }
}

/// Requests and commands of every kind, good and bad; gives back what was answered, without the two answers that show a
/// new key.
fn everything_that_answers(gateway: &Gateway, hidden: &mut Hidden) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    let admin = gateway.admin();
    let (alice, bob) = (admin.new_consumer("alice"), admin.new_consumer("bob"));
    let rolled = admin.roll(&bob, "1h");
    let foreign = "sk_live_a_key_of_another_system_0123456789";
    let imported = json!({ "keys": [{ "consumer": "alice", "key": foreign }] });
    admin.must("POST", "/v1/buckets/production/keys/import", &imported);
    let mistyped = format!("{}x", &alice.text[..alice.text.len() - 1]);
    for (name, key) in [("alice's key", &alice.text), ("bob's key", &bob.text), ("his new key", &rolled.text)]
    {
        hidden.add(name, key);
        hidden.add(&format!("{name}, its secret"), key.rsplit('_').next().expect("a secret"));
    }
    hidden.add("the imported key", foreign);
    hidden.add("the mistyped key", &mistyped);
    for (name, request) in [
        ("a good key", Request::get("/x?secret=1").key(&alice.text)),
        ("a key in a header", Request::get("/x").header("X-Partner-Key", foreign)),
        ("a rolled key", Request::get("/x").key(&bob.text)),
        ("a mistyped key", Request::get("/x").key(&mistyped)),
        ("a bare key", Request::get("/x").header("Authorization", &alice.text)),
        ("basic", Request::get("/x").header("Authorization", &format!("Basic {}", alice.text))),
        ("two keys", Request::get("/x").key(&alice.text).header("X-Partner-Key", foreign)),
        ("a key in a cookie", Request::get("/x").header("Cookie", &format!("key={}", alice.text))),
        ("a key in the path", Request::get("/%2e%2e/x").key(&alice.text)),
        ("a key in a bad head", Request::get("/x").key(&alice.text).lines("bad name: x\r\n")),
        ("a key in a method that is none", Request::new("BREW", "/x").key(&alice.text)),
        (
            "a key and a large body",
            Request::post("/x", vec![b'x'; 1000]).key(&alice.text).header("Expect", "magic"),
        ),
    ] {
        let reply = gateway.ask(&request);
        if reply.status() != 200 {
            answers.push((name.to_owned(), format!("{:?} {}", reply.head, reply.text())));
        }
    }
    for (method, path, body) in [
        ("POST", "/v1/buckets/production/keys/import".to_owned(), imported),
        (
            "POST",
            "/v1/buckets/production/keys/import".to_owned(),
            json!({ "keys": [{ "consumer": foreign, "key": 7 }] }),
        ),
        (
            "POST",
            "/v1/buckets/production/consumers".to_owned(),
            json!({ "name": alice.text, "secret": foreign }),
        ),
        ("GET", format!("/v1/keys/{}", alice.id), json!(null)),
        ("GET", "/v1/keys".to_owned(), json!(null)),
        ("GET", "/v1/signing-keys".to_owned(), json!(null)),
        ("GET", "/v1/status".to_owned(), json!(null)),
        ("GET", "/v1/whoami".to_owned(), json!(null)),
        ("POST", "/v1/signing-keys/rotate".to_owned(), json!({ "emergency": true })),
        ("POST", format!("/v1/keys/{}/revoke", bob.id), json!({ "reason": "lost" })),
    ] {
        answers.push((format!("{method} {path}"), admin.ask(method, &path, &body).text()));
    }
    assert_eq!(gateway.ask(&Request::get("/x").key(&alice.text)).status(), 200);
    answers
}

fn hidden_files(gateway: &Gateway, hidden: &mut Hidden) {
    let read =
        |name: &str| fs::read_to_string(gateway.home().join(name)).expect("init made it").trim().to_owned();
    hidden.add("the admin token", &read("data/admin.token"));
    let master_key = read("data/master.key");
    hidden.add("the master key", &master_key);
    let bytes: Vec<u8> = (0..master_key.len() / 2)
        .map(|at| u8::from_str_radix(&master_key[2 * at..2 * at + 2], 16).expect("init writes hexadecimal"))
        .collect();
    hidden.add("the master key in upper case", &master_key.to_uppercase());
    hidden.add("the master key as Rust prints bytes", format!("{bytes:?}").trim_matches(['[', ']']));
    hidden.add("the master key in base64", &base64(&bytes));
}

/// Whatever else is random and long is secret until it is known to be public: private members of keys, seals,
/// fingerprints. Ids of keys and requests are shorter; names of signing keys are published.
fn unknown_randomness_is_absent(log: &str) {
    let of_randomness = |letter: char| letter.is_ascii_alphanumeric() || "-_+".contains(letter);
    for line in log.lines() {
        // A kid is a SHA-256 in base64url: 43 characters.
        let longest = if line.contains("signing_key") || line.contains("kid") { 43 } else { 39 };
        for word in line.split(|letter| !of_randomness(letter)).filter(|word| word.len() > longest) {
            let is_name = word.chars().all(|letter| letter.is_ascii_lowercase() || "_-".contains(letter));
            assert!(is_name, "what is {word}? {line}");
        }
    }
}

fn around<'a>(text: &'a str, part: &str) -> &'a str {
    text.lines().find(|line| line.contains(part)).unwrap_or(text)
}

/// As RFC 4648 §4 has it, without padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}
