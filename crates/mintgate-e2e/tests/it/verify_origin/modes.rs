//! Whose tokens are used, whom the kit attacks, and what it writes.

use mintgate_e2e::{Gateway, Origin, ReservedPort, Server, mintgate, run};

use super::{attack, report, rows_but, script, verdicts};

#[test]
fn with_the_key_of_another_issuer_everything_is_tried_but_what_needs_an_issuer_that_fails() {
    let issuer = Origin::start(|visit| {
        while let Some(request) = visit.request() {
            let host = request.header("host").expect("a host").to_owned();
            let document = if request.target().ends_with("jwks.json") {
                format!("{{\"keys\":[{PUBLIC},\"kid\":\"known\"}}]}}")
            } else {
                format!("{{\"issuer\":\"http://{host}\",\"jwks_uri\":\"http://{host}/jwks.json\"}}")
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}",
                document.len()
            );
            visit.send(format!("{head}\r\n\r\n{document}").as_bytes());
        }
    });
    let issuer_url = format!("http://{}", issuer.address());
    let port = ReservedPort::new();
    let mut command = script("examples/cherrypy/app.py");
    command.args(["--issuer", &issuer_url, "--audience", "orders"]);
    command.args(["--port", &port.address().port().to_string()]);
    let _origin = Server::start(&mut command, port.address());
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key.json");
    std::fs::write(&key, format!("{PUBLIC},\"d\":\"{PRIVATE}\"}}")).expect("a file");
    let junit = folder.path().join("report.xml");

    let mut kit = mintgate();
    kit.arg("verify-origin").arg(format!("http://{}/protected", port.address())).arg("--json");
    kit.arg("--private-key").arg(&key).args(["--kid", "known", "--issuer", &issuer_url]);
    kit.args(["--upload-path", "/upload"]).arg("--junit").arg(&junit);
    let ran = run(&mut kit, "");
    let found = report(&ran);
    assert!(rows_but(&found, &["passed", "skipped"]).is_empty() && ran.status == Some(0), "{found:#}");
    assert!(found["summary"]["passed"].as_u64() >= Some(95), "{}", found["summary"]);
    for row in rows_but(&found, &["passed"]) {
        assert!(
            row["came"].as_str().is_some_and(|why| why.contains("needs") || why.contains("--slow")),
            "{row}"
        );
    }
    let xml = std::fs::read_to_string(&junit).expect("the report");
    assert!(xml.contains("failures=\"0\"") && xml.contains("name=\"claims/exp-past\""), "{xml}");
    assert!(!ran.stdout.contains(PRIVATE) && !ran.stderr.contains(PRIVATE) && !xml.contains(PRIVATE));
}

#[test]
fn with_tokens_of_a_running_gateway_what_needs_no_key_is_tried_and_nothing_is_left_behind() {
    let port = ReservedPort::new();
    let gateway = Gateway::builder()
        .issuer("algorithm = \"RS256\"")
        .origin_with("orders", port.address(), "profile = \"cherrypy\"")
        .start();
    let mut command = script("examples/cherrypy/app.py");
    command.args(["--issuer", &gateway.issuer(), "--audience", "orders"]);
    command.args(["--port", &port.address().port().to_string()]);
    let _origin = Server::start(&mut command, port.address());
    let resource = format!("http://{}/orders", port.address());
    let attack = ["verify-origin", &resource, "--gateway", "orders", "--scope", "orders:read", "--json"];
    let ran = gateway.cli(&attack);
    let found = report(&ran);
    assert!(rows_but(&found, &["passed", "skipped"]).is_empty() && ran.status == Some(0), "{found:#}");
    for id in
        ["good/token", "signature/hs256-pem", "signature/other-claims", "transport/two-lines", "kid/query"]
    {
        let passed = verdicts(&found).into_iter().any(|row| row == (id.to_owned(), "passed".to_owned()));
        assert!(passed, "{id}: {found:#}");
    }
    assert!(found["summary"]["passed"].as_u64() >= Some(60), "{}", found["summary"]);
    assert_eq!(gateway.cli(&["consumers", "list", "--json"]).json(), serde_json::json!([]));
    let unknown = gateway.cli(&["verify-origin", &resource, "--gateway", "billing"]).refused(1);
    assert!(unknown.contains("billing") || unknown.contains("origin"), "{unknown}");
    assert_eq!(gateway.cli(&["consumers", "list", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn an_origin_that_lets_everybody_in_is_told_so() {
    let open = Origin::echo();
    let mut kit = mintgate();
    kit.arg("verify-origin").arg(format!("http://{}/", open.address()));
    kit.args(["--issuer-listen", "127.0.0.1:0", "--only", "access", "--only", "signature"]);
    let ran = run(&mut kit, "");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    for line in ["HOSTILE PASSED  access/no-token", "HOSTILE PASSED  signature/none "] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
}

#[test]
fn an_origin_that_refuses_everything_proves_nothing() {
    let shut = Origin::answering("HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let mut kit = mintgate();
    kit.arg("verify-origin").arg(format!("http://{}/", shut.address()));
    kit.args(["--issuer-listen", "127.0.0.1:0", "--only", "access", "--wait", "1s"]);
    let ran = run(&mut kit, "");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("so that other refusals prove nothing"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\nok "), "{}", ran.stdout);
}

#[test]
fn nobody_is_attacked_by_mistake_and_wrong_arguments_are_status_2() {
    for (arguments, hint) in [
        (&["http://192.0.2.1/"][..], "--i-may-attack-this-host"),
        (&["ftp://127.0.0.1/"], "http://"),
        (&["http://127.0.0.1:1/", "--only", "clams"], "claims"),
        (&["http://127.0.0.1:1/", "--header", "no colon"], "NAME: VALUE"),
        (&["http://127.0.0.1:1/", "--private-key", "x"], "--kid"),
        (&["http://127.0.0.1:1/", "--alg", "HS256"], "RS256"),
    ] {
        let said = run(mintgate().arg("verify-origin").args(arguments), "").refused(2);
        assert!(said.contains(hint), "{arguments:?}: {said}");
    }
}

#[test]
fn manners_fail_a_run_unless_they_are_forgiven() {
    let start = || script("examples/cherrypy/plain_python.py");
    let only = ["--only", "access", "--only", "manners"];
    let strict = attack(&start, "/protected", &only);
    assert_eq!(strict.status, Some(1), "{}", strict.stdout);
    let lenient = attack(&start, "/protected", &[&only[..], &["--lenient"]].concat());
    assert_eq!(lenient.status, Some(0), "{}", lenient.stdout);
    assert_eq!(report(&strict)["summary"]["wrong_manner"], report(&lenient)["summary"]["wrong_manner"]);
}

/// The key of RFC 7515 §A.3, which everybody has.
const PUBLIC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
const PRIVATE: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
