//! What a newcomer types, in its order.

use std::{fs, path::Path, process::Command};

use mintgate_e2e::{Origin, Ran, Request, ReservedPort, Server, Wire, mintgate, run};

#[test]
fn the_first_five_commands_bring_a_request_with_a_key_to_the_origin_as_one_with_a_token() {
    let origin = Origin::echo();
    let folder = tempfile::tempdir().expect("a folder for the test");
    let ours = |arguments: &[&str]| -> Ran { run(mintgate().current_dir(folder.path()).args(arguments), "") };
    let made = ours(&["init", "d", "--origin", &format!("http://{}", origin.address())]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    assert_eq!(made.stdout, "", "talk goes to stderr");
    let (data, admin) = (ReservedPort::new(), ReservedPort::new());
    move_to(&folder.path().join("d/mintgate.toml"), &data, &admin);
    let mut serve: Command = mintgate();
    serve.current_dir(folder.path()).args(["serve", "--config", "d/mintgate.toml"]);
    let server = Server::start(&mut serve, data.address());

    let consumer = ours(&["consumers", "create", "alice", "--config", "d/mintgate.toml"]).done();
    assert!(consumer.contains("alice"), "{consumer}");
    let issued = ours(&["keys", "create", "--consumer", "alice", "--config", "d/mintgate.toml"]);
    let key = issued.stdout.strip_suffix('\n').expect("one newline").to_owned();
    assert!(is_key(&key), "the key alone stands on stdout: {:?}", issued.stdout);
    assert!(!issued.stderr.contains(&key) && !issued.stderr.is_empty(), "talk goes to stderr");

    let mut wire = Wire::connect(data.address());
    wire.send(
        &Request::get("/protected?x=1").host("localhost").key(&key).header("X-Api-Key", "other").bytes(),
    );
    let reply = wire.reply();
    assert_eq!(reply.status(), 200, "{}", reply.text());
    let request = origin.the_request();
    assert_eq!(request.target(), "/protected?x=1");
    assert_eq!(request.token().split('.').count(), 3, "{}", request.token());
    for part in [&key, key.rsplit('_').next().expect("a secret")] {
        origin.assert_never_saw(part);
        assert!(!server.log().contains(part), "{}", server.log());
    }
}

/// Ports that are free instead of the usual ones; all else as `init` wrote it.
fn move_to(config: &Path, data: &ReservedPort, admin: &ReservedPort) {
    let text = fs::read_to_string(config).expect("init made it");
    let moved = text
        .replace("127.0.0.1:8080", &data.address().to_string())
        .replace("localhost:8080", &format!("localhost:{}", data.address().port()))
        .replace("127.0.0.1:8081", &admin.address().to_string());
    assert_ne!(moved, text);
    fs::write(config, moved).expect("a folder of our own");
}

/// `mgk_`, twelve letters and digits, `_`, 38 of them.
fn is_key(text: &str) -> bool {
    let mut parts = text.split('_');
    let is_base62 = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    parts.next() == Some("mgk")
        && is_base62(parts.next(), 12)
        && is_base62(parts.next(), 38)
        && parts.next().is_none()
}
