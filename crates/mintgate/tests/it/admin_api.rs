//! Management commands that find no admin API.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
};

use crate::transcript::Folder;

const TOKEN: &str = "mga_0123456789abcdefghijklmnopqrstuvwxyz";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("token", TOKEN);
    let owner_only = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(folder.path().join("token"), owner_only).expect("permissions");
    folder
}

#[test]
fn without_a_configuration_the_way_to_the_admin_api_must_be_said() {
    insta::assert_snapshot!(Folder::new().transcript(&["status"]), @r#"
    $ mintgate status
    -- stderr
    mintgate: where is the admin API? Say --config FILE, or --admin-url URL and --admin-token-file FILE
    -- status 2
    "#);
}

#[test]
fn r38_the_admin_token_does_not_travel_in_clear_text() {
    let folder = folder();
    insta::assert_snapshot!(
        folder.transcript(&["status", "--admin-url", "http://192.0.2.1:8081", "--admin-token-file", "token"]), @r#"
    $ mintgate status --admin-url http://192.0.2.1:8081 --admin-token-file token
    -- stderr
    mintgate: http://192.0.2.1:8081 is another machine, and the admin token would go there in clear text: use https, or --allow-plain-http if the network is trusted
    -- status 2
    "#);
}

#[test]
fn r38_a_token_file_that_others_may_read_is_refused() {
    let folder = folder();
    std::fs::set_permissions(folder.path().join("token"), std::fs::Permissions::from_mode(0o644))
        .expect("permissions");
    insta::assert_snapshot!(
        folder.transcript(&["status", "--admin-url", "http://127.0.0.1:1", "--admin-token-file", "token"]), @r#"
    $ mintgate status --admin-url http://127.0.0.1:1 --admin-token-file token
    -- stderr
    mintgate: the admin token can be read by others: token has mode 0644; run `chmod 600` on it, and replace the secret if others may have seen it
    -- status 1
    "#);
}

#[test]
fn a_gateway_that_does_not_run_is_suspected() {
    insta::assert_snapshot!(
        folder().transcript(&["status", "--admin-url", "http://127.0.0.1:1", "--admin-token-file", "token"]), @r#"
    $ mintgate status --admin-url http://127.0.0.1:1 --admin-token-file token
    -- stderr
    mintgate: no answer from the admin API at http://127.0.0.1:1 (is `mintgate serve` running?): io: Connection refused (os error 111)
    -- status 1
    "#);
}

/// Answers one request with `reply`, and gives back what was asked.
fn answer_once(reply: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.windows(4).any(|window| window == b"\r\n\r\n") {
            let read = connection.read(&mut buffer).expect("a request");
            request.extend_from_slice(&buffer[..read]);
        }
        connection.write_all(reply.as_bytes()).expect("an answer");
        String::from_utf8(request).expect("text")
    });
    (url, server)
}

#[test]
fn the_environment_may_say_where_the_admin_api_is() {
    let folder = folder();
    let body = r#"{"data":[]}"#;
    let (url, server) = answer_once(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"data\":[]}",
    );
    assert_eq!(body.len(), 11);
    let mut command = folder.command(&["signing-keys", "list", "--json"]);
    command.env("MINTGATE_ADMIN_URL", url).env("MINTGATE_ADMIN_TOKEN_FILE", "token");
    // A proxy would see the token.
    command.env("http_proxy", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"[]\n");
    let request = server.join().expect("a request").to_ascii_lowercase();
    assert!(request.starts_with("get /v1/signing-keys http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("authorization: bearer {TOKEN}")), "{request}");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let folder = folder();
    let mut command = folder.command(&["status"]);
    command.env("MINTGATE_ADMIN_URL", "").env("MINTGATE_ADMIN_TOKEN_FILE", "");
    let output = command.output().expect("the program runs");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("where is the admin API?"), "{said}");
    assert_eq!(output.status.code(), Some(2));
    // Said on the command line, it is a mistake.
    let output = folder.run(&["status", "--admin-url", ""]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8(output.stderr).expect("text").contains("where is the admin API?"));
}

#[test]
fn a_redirect_is_not_followed() {
    let folder = folder();
    let (url, server) = answer_once(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let output = folder.run(&["status", "--admin-url", &url, "--admin-token-file", "token"]);
    server.join().expect("a request");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("does not answer like an admin API: status 307"), "{said}");
}

#[test]
fn a_problem_is_told_in_words() {
    let folder = folder();
    let (url, server) = answer_once(concat!(
        "HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n",
        r#"{"type":"urn:mintgate:problem:later","title":"A later problem","status":409,"code":"later_code","#,
        r#""detail":"of a kind that came later","request_id":"r","errors":[{"field":"name","message":"odd"}],"new":1}"#,
    ));
    let output =
        folder.run(&["consumers", "create", "alice", "--admin-url", &url, "--admin-token-file", "token"]);
    server.join().expect("a request");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said, "mintgate: A later problem: of a kind that came later\n  name: odd\n");
    assert_eq!(output.status.code(), Some(1));
}
