//! `token verify` and `token inspect`, held against the shared vectors.

use std::{io::Write as _, process::Stdio};

use serde_json::Value;

use crate::transcript::Folder;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../vectors/tokens.json")).expect("JSON")
}

fn folder(vectors: &Value) -> Folder {
    let folder = Folder::new();
    folder.write("jwks.json", vectors["jwks"].to_string());
    folder
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The arguments that stand for a policy; `None` where the command line has no words for it.
fn arguments(usual: &Value, case: &Value) -> Option<Vec<String>> {
    let own =
        |name: &str| case["policy"].get(name).or_else(|| usual.get(name)).cloned().unwrap_or(Value::Null);
    let mut arguments = vec!["--jwks".to_owned(), "jwks.json".to_owned()];
    for name in ["issuer", "audience"] {
        match own(name) {
            Value::String(any) if any == "any" => arguments.push(format!("--insecure-any-{name}")),
            Value::String(one) => arguments.extend([format!("--{name}"), one]),
            _ => return None,
        }
    }
    if let Value::String(typ) = own("typ") {
        arguments.extend(["--typ".to_owned(), typ]);
    }
    if let Value::Number(leeway) = own("leeway") {
        arguments.extend(["--leeway".to_owned(), leeway.to_string()]);
    }
    for (name, flag) in [("algorithms", "--alg"), ("scopes", "--scope")] {
        for value in own(name).as_array().into_iter().flatten() {
            arguments.extend([flag.to_owned(), text(value).to_owned()]);
        }
    }
    Some(arguments)
}

#[test]
fn the_command_judges_every_vector_as_the_library_does() {
    let vectors = vectors();
    let folder = folder(&vectors);
    let now = vectors["now"].to_string();
    let mut judged = 0;
    for case in vectors["cases"].as_array().expect("cases") {
        // Whitespace around a token is the shell's on stdin, and a NUL cannot stand in an argument.
        let Some(token) = case["token"].as_str().filter(|token| !token.contains('\0')) else { continue };
        let Some(arguments) = arguments(&vectors["policy"], case) else { continue };
        let mut all = vec!["token", "verify", "--now", &now];
        all.extend(arguments.iter().map(String::as_str));
        all.extend(["--", token]);
        let output = folder.run(&all);
        let expected = i32::from(case["accepted"] != true);
        assert_eq!(output.status.code(), Some(expected), "{}: {output:?}", case["name"]);
        if let Some(reason) = case["reason"].as_str() {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.ends_with(&format!("({reason})\n")), "{}: {said}", case["name"]);
        }
        judged += 1;
    }
    assert!(judged > 200, "only {judged} vectors were judged");
}

#[test]
fn a_good_token_shows_its_claims() {
    let vectors = vectors();
    let folder = folder(&vectors);
    let mut command = folder.command(&[
        "token",
        "verify",
        "--jwks",
        "jwks.json",
        "--issuer",
        "https://issuer.example/tenant",
        "--audience",
        "orders",
        "--now",
        "2027-01-15T08:00:00Z",
        "-",
    ]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{}", text(&vectors["cases"][0]["token"])).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).expect("text"), @r#"
    {
      "aud": "orders",
      "client_id": "alice",
      "exp": 1800000300,
      "iat": 1800000000,
      "iss": "https://issuer.example/tenant",
      "jti": "0123456789ABCDEFGHIJKL",
      "scope": "orders:read orders:write",
      "sub": "user-7"
    }
    "#);
}

#[test]
fn a_token_can_be_looked_into_without_belief() {
    let vectors = vectors();
    let folder = folder(&vectors);
    let output = folder.run(&["token", "inspect", text(&vectors["cases"][0]["token"])]);
    assert_eq!(output.stderr, b"not verified: anybody can write such a token\n");
    let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((text(&shown["header"]["alg"]), text(&shown["claims"]["sub"])), ("RS256", "user-7"));
    assert_eq!(folder.run(&["token", "inspect", "nonsense"]).status.code(), Some(1));
}

#[test]
fn r24_issuer_and_audience_are_left_out_only_on_purpose() {
    let vectors = vectors();
    let folder = folder(&vectors);
    let token = text(&vectors["cases"][0]["token"]);
    let run = |more: &[&str]| {
        let common = ["token", "verify", "--jwks", "jwks.json", "--now", "1800000000", token];
        folder.run(&[&common[..], more].concat()).status.code()
    };
    assert_eq!(run(&[]), Some(2));
    assert_eq!(run(&["--issuer", "https://issuer.example/tenant"]), Some(2));
    assert_eq!(run(&["--insecure-any-issuer"]), Some(2));
    assert_eq!(run(&["--insecure-any-issuer", "--insecure-any-audience"]), Some(0));
    assert_eq!(run(&["--issuer", "x", "--insecure-any-issuer", "--audience", "orders"]), Some(2));
}

#[test]
fn keys_that_cannot_be_had_are_not_the_tokens_fault() {
    let vectors = vectors();
    let folder = folder(&vectors);
    let token = text(&vectors["cases"][0]["token"]);
    let run = |jwks: &str| {
        let output =
            folder.run(&["token", "verify", "--jwks", jwks, "--issuer", "x", "--audience", "orders", token]);
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    for jwks in ["gone.json", "http://127.0.0.1:1/jwks.json", "http://keys.example/jwks.json"] {
        let (status, said) = run(jwks);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.starts_with("mintgate: "), "{said}");
    }
}
