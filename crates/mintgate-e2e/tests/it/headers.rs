//! What of a client's headers reaches an origin, and what of them decides.

use mintgate_e2e::{Gateway, Origin, Recorded, Request, Visit};

/// A name as an origin may fold it: CGI and WSGI take `-` and `_` for one, some stacks `.` too.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The lines of a request that an origin could take for `name`.
fn taken_for<'r>(request: &'r Recorded, name: &str) -> Vec<&'r (String, String)> {
    request.head.lines.iter().filter(|(line, _)| folded(line) == folded(name)).collect()
}

/// What the origin gets of a request with these lines, on a guarded route and on a public one.
fn forwarded(lines: &str) -> [Recorded; 2] {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/guarded\"\norigin = \"orders\"\nauth = \"api-key\"")
        .route("path = \"/public\"\norigin = \"orders\"\nauth = \"public\"")
        .start();
    let key = gateway.key_for("alice");
    for request in [Request::get("/guarded").key(&key), Request::get("/public")] {
        let reply = gateway.ask(&request.lines(lines));
        assert_eq!(reply.status(), 200, "{}", reply.text());
    }
    origin.requests().try_into().expect("two requests were forwarded")
}

/// Lines of their own: each of the names with the value `evil`.
fn lines(names: &[&str]) -> String {
    names.iter().flat_map(|name| [name, ": evil\r\n"]).collect()
}

/// None of the names came with the client's value, under any name that folds to it, and no name came twice.
fn assert_none_came(names: &[&str]) {
    for request in forwarded(&lines(names)) {
        for name in names {
            let came = taken_for(&request, name);
            assert!(came.iter().all(|(_, value)| !value.contains("evil")), "{name}: {came:?}");
            assert!(came.len() < 2, "{name}: {came:?}");
        }
    }
}

#[test]
fn r01_connection_cannot_remove_what_the_gate_says() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for lines in [
        "Connection: authorization\r\n",
        "Connection: close, Authorization\r\nConnection: AUTHORIZATION\r\n",
        "Connection: authorization, x-request-id, x-forwarded-for, x-forwarded-proto, x-forwarded-host, host\r\n",
        "Connection: ,, authorization ,\tte , keep-alive\r\nTE: trailers\r\n",
        "Proxy-Connection: authorization\r\n",
        "Keep-Alive: authorization\r\n",
    ] {
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&Request::get("/").key(&key).lines(lines)).status(), 200, "{lines:?}");
        let request = &origin.requests()[seen];
        assert!(request.token().split('.').count() == 3, "{lines:?}: {request:?}");
        for name in ["host", "x-request-id", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"] {
            assert_eq!(request.head.all(name).len(), 1, "{name} with {lines:?}: {request:?}");
        }
    }
}

#[test]
fn r01_connection_cannot_take_the_length_from_a_body() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let post = Request::post("/", smuggled).key(&key).header("Connection", "content-length");
    assert_eq!(gateway.ask(&post).status(), 200);
    let chunked = format!("{:x}\r\n{smuggled}\r\n0\r\n\r\n", smuggled.len());
    let mut bytes = Request::new("POST", "/")
        .key(&key)
        .lines("Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n")
        .bytes();
    bytes.extend_from_slice(chunked.as_bytes());
    let mut wire = gateway.connect();
    wire.send(&bytes);
    assert_eq!(wire.reply().status(), 200);
    let requests = origin.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    assert!(requests.iter().all(|request| request.body == smuggled.as_bytes()), "{requests:#?}");
}

#[test]
fn r01_what_concerns_one_connection_only_stops_at_the_gate() {
    let names =
        ["X-Hop", "Keep-Alive", "Proxy-Connection", "Upgrade", "Proxy-Authenticate", "HTTP2-Settings"];
    let text = format!("Connection: x-hop, upgrade\r\n{}", lines(&names));
    for request in forwarded(&text) {
        for name in names {
            assert!(taken_for(&request, name).is_empty(), "{name}: {request:?}");
        }
    }
}

#[test]
fn r01_what_concerns_the_origins_connection_only_stops_at_the_gate() {
    let answer = "HTTP/1.1 200 OK\r\nConnection: x-hop, keep-alive, x-request-id\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
                  Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-End: 1\r\nX-Request-Id: theirs\r\nContent-Length: 2\r\n\r\nok";
    let origin = Origin::answering(answer);
    let gateway = Gateway::before(origin.address());
    let reply = gateway.ask(&Request::get("/").key(&gateway.key_for("alice")));
    for name in ["x-hop", "keep-alive", "proxy-authenticate", "upgrade", "connection"] {
        assert_eq!(reply.header(name), None, "{:?}", reply.head);
    }
    assert_eq!(reply.header("x-end"), Some("1"));
    assert_ne!(reply.header("x-request-id"), Some("theirs"));
    assert_eq!(reply.text(), "ok");
}

#[test]
fn r02_the_origin_sees_exactly_one_authorization_header() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let request =
        Request::get("/").lines(format!("aUTHORIZATION:   bEARER   {key}\t\r\nAuthorization_: x\r\n"));
    assert_eq!(gateway.ask(&request).status(), 200);
    let got = origin.the_request();
    assert_eq!(got.head.all("authorization").len(), 1, "{got:?}");
    assert_eq!(got.token().split('.').count(), 3, "{got:?}");
    origin.assert_never_saw(&key);
}

#[test]
fn r02_two_authorization_headers_are_refused_even_if_they_are_equal() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for lines in [
        format!("Authorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\n"),
        format!("Authorization: Bearer {key}\r\nauthorization: Basic eDp5\r\n"),
        format!("Authorization: Basic eDp5\r\nauthorization: Bearer {key}\r\n"),
        format!("Authorization:\r\nauthorization: Bearer {key}\r\n"),
        format!("Authorization: Bearer {key}, Bearer {key}\r\n"),
    ] {
        gateway.ask(&Request::get("/").lines(&lines)).assert_refused(400, "invalid_request");
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r02_a_public_route_forwards_no_authorization_at_all() {
    let [_, public] = forwarded("");
    assert!(taken_for(&public, "authorization").is_empty(), "{public:?}");
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"public\"")
        .start();
    let key = gateway.key_for("alice");
    let request = Request::get("/").key(&key).key(&key).lines("Authorization: Basic eDp5\r\n");
    assert_eq!(gateway.ask(&request).status(), 200);
    assert!(taken_for(&origin.the_request(), "authorization").is_empty(), "{:?}", origin.the_request());
    origin.assert_never_saw(&key);
}

#[test]
fn r03_underscore_aliases_of_managed_names_do_not_reach_the_origin() {
    assert_none_came(&[
        "X_Auth_User",
        "x_forwarded_proto",
        "X_Forwarded_For",
        "X-Forwarded_Host",
        "x_request_id",
        "X_Real_IP",
        "Proxy_Authorization",
        "cgi_authorization",
        "X_HTTP_Method_Override",
        "Remote_User",
    ]);
}

#[test]
fn r04_dots_and_mixed_spellings_of_managed_names_do_not_reach_the_origin() {
    assert_none_came(&[
        "X.Auth.User",
        "x.forwarded.proto",
        "X.Forwarded_For",
        "x-forwarded.host",
        "x_request.id",
        "Cgi.Authorization",
        "Proxy.Authorization",
        "X.Original-Authorization",
        "Content.Type",
        "Content_Type",
    ]);
}

#[test]
fn r05_a_header_that_carries_keys_is_one_name_whatever_its_spelling() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/a\"\norigin = \"orders\"\nauth = \"api-key\"\napi_key_header = \"X-SECRET-Key\"")
        .route("path = \"/b\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    let key = gateway.key_for("alice");
    for name in ["X-SECRET-Key", "x-secret-key", "X-Secret-Key"] {
        assert_eq!(gateway.ask(&Request::get("/a").header(name, &key)).status(), 200, "{name}");
    }
    // An alias is no credential, and the header is no credential of another route: in both cases it is not passed on.
    gateway.ask(&Request::get("/a").header("x_secret.key", &key)).assert_refused(401, "credential_required");
    let aliases = format!("X-Secret-Key: {key}\r\nx_secret_key: {key}\r\nX.Secret-Key: {key}\r\n");
    assert_eq!(gateway.ask(&Request::get("/b").key(&key).lines(aliases)).status(), 200);
    origin.assert_never_saw(&key);
    assert!(origin.requests().iter().all(|request| taken_for(request, "x-secret-key").is_empty()));
}

#[test]
fn r06_identity_headers_are_deleted_where_nothing_sets_them() {
    assert_none_came(&[
        "X-Auth-User",
        "X-Auth-Request-Email",
        "X-User",
        "X-User-Id",
        "X-Email",
        "X-Groups",
        "X-Roles",
        "X-Consumer-Id",
        "X-Consumer-Username",
        "X-Credential-Identifier",
        "X-Authenticated-Userid",
        "X-Forwarded-User",
        "X-Remote-User",
        "Remote-User",
        "X-Mintgate-Consumer",
        "X-Jwt-Claims",
        "X-Client-Cert",
        "SSL-Client-Cert",
        "X-Scopes",
    ]);
}

#[test]
fn r07_other_names_of_authorization_and_length_are_stripped() {
    assert_none_came(&[
        "Cgi-Authorization",
        "CGI_AUTHORIZATION",
        "Proxy-Authorization",
        "X-Original-Authorization",
        "X-Authorization",
        "X-Mintgate-Token",
        "X-Access-Token",
        "Content_Length",
        "content.length",
        "Transfer_Encoding",
    ]);
}

#[test]
fn r07_a_length_under_another_name_changes_no_body() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let post = Request::post("/", "hello").key(&key).lines("Content_Length: 2\r\nContent.Length: 3\r\n");
    assert_eq!(gateway.ask(&post).status(), 200);
    let got = origin.the_request();
    assert_eq!(got.body, b"hello");
    assert_eq!(taken_for(&got, "content-length").len(), 1, "{got:?}");
}

const WAY: &str = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.test\r\n\
                   X-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /evil\r\nForwarded: for=203.0.113.9;host=evil.test\r\n\
                   X-Real-IP: 203.0.113.9\r\nTrue-Client-IP: 203.0.113.9\r\nX-Request-Id: chosen-by-client\r\n";

#[test]
fn r08_what_an_untrusted_peer_says_of_the_way_is_rebuilt() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .server("trusted_proxies = [\"192.0.2.0/24\", \"::1\"]")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key).lines(WAY)).status(), 200);
    assert_rebuilt(&origin.the_request());
}

#[test]
fn r09_without_trusted_proxies_no_peer_is_believed() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key).lines(WAY)).status(), 200);
    assert_rebuilt(&origin.the_request());
}

fn assert_rebuilt(got: &Recorded) {
    assert_eq!(got.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(got.header("x-forwarded-proto"), Some("http"));
    assert_eq!(got.header("x-forwarded-host"), Some("gate.test"));
    assert_eq!(got.header("host"), Some("gate.test"));
    assert_ne!(got.header("x-request-id"), Some("chosen-by-client"));
    for name in ["x-forwarded-port", "x-forwarded-prefix", "forwarded", "x-real-ip", "true-client-ip"] {
        assert!(taken_for(got, name).is_empty(), "{name}: {got:?}");
    }
}

#[test]
fn r08_a_trusted_proxy_is_believed_and_added_to_the_way() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .server("trusted_proxies = [\"127.0.0.0/8\"]")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    let reply = gateway.ask(&Request::get("/").key(&key).lines(WAY));
    assert_eq!(reply.header("x-request-id"), Some("chosen-by-client"));
    let got = origin.the_request();
    assert_eq!(got.header("x-forwarded-for"), Some("203.0.113.9, 127.0.0.1"));
    assert_eq!(got.header("x-forwarded-proto"), Some("https"));
    assert_eq!(got.header("x-forwarded-host"), Some("evil.test"));
    assert_eq!(got.header("x-request-id"), Some("chosen-by-client"));
    assert!(taken_for(&got, "forwarded").is_empty(), "{got:?}");
    // Two values, or what would break a line of the log, are not believed.
    for lines in ["X-Request-Id: a\r\nX-Request-Id: b\r\n", "X-Request-Id: a b\r\n", "X-Request-Id: a\"b\r\n"]
    {
        let id =
            gateway.ask(&Request::get("/").key(&key).lines(lines)).header("x-request-id").map(str::to_owned);
        assert!(id.is_some_and(|id| id.len() > 10), "{lines:?}");
    }
}

#[test]
fn r08_forwarded_hosts_and_protocols_choose_no_route() {
    let origin = Origin::echo();
    for trusted in ["", "\"127.0.0.1\""] {
        let gateway = Gateway::builder()
            .server(&format!("trusted_proxies = [{trusted}]"))
            .origin("orders", origin.address())
            .route("path = \"/\"\nhosts = [\"open.test\"]\norigin = \"orders\"\nauth = \"public\"")
            .route("path = \"/\"\nhosts = [\"gate.test\"]\norigin = \"orders\"\nauth = \"api-key\"")
            .start();
        let lines = "X-Forwarded-Host: open.test\r\nForwarded: host=open.test\r\nX-Host: open.test\r\n";
        gateway.ask(&Request::get("/").lines(lines)).assert_refused(401, "credential_required");
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r10_no_header_changes_which_route_is_evaluated() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/guarded\"\norigin = \"orders\"\nauth = \"api-key\"\nmethods = [\"GET\"]")
        .route("path = \"/public\"\norigin = \"orders\"\nauth = \"public\"\nmethods = [\"GET\", \"POST\"]")
        .start();
    let rewrites = "X-HTTP-Method-Override: DELETE\r\nX-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\n\
                    X-Rewrite-URL: /public\r\nX-Original-URL: /public\r\nX-Envoy-Original-Path: /public\r\n\
                    X_HTTP_Method_Override: DELETE\r\nX.Original.URL: /public\r\n";
    gateway.ask(&Request::get("/guarded").lines(rewrites)).assert_refused(401, "credential_required");
    let post = Request::post("/guarded", "x").lines("X-HTTP-Method-Override: GET\r\n");
    gateway.ask(&post).assert_refused(405, "method_not_allowed");
    let swapped = rewrites.replace("/public", "/guarded");
    assert_eq!(gateway.ask(&Request::post("/public", "x").lines(&swapped)).status(), 200);
    let got = origin.the_request();
    assert_eq!((got.method(), got.target()), ("POST", "/public"));
    for name in
        ["x-http-method-override", "x-method-override", "x-http-method", "x-rewrite-url", "x-original-url"]
    {
        assert!(taken_for(&got, name).is_empty(), "{name}: {got:?}");
    }
}

#[test]
fn r11_no_health_check_passes_the_check() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let paths =
        ["/healthz", "/readyz", "/livez", "/ping", "/health", "/-/healthy", "/status", "/metrics", "/ready"];
    let agents = ["kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Consul Health Check"];
    for path in paths {
        for agent in agents {
            let request = Request::get(path).header("User-Agent", agent);
            gateway.ask(&request).assert_refused(401, "credential_required");
        }
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r12_a_condition_sees_all_values_of_a_header() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .server("trusted_proxies = [\"127.0.0.1\"]")
        .origin("orders", origin.address())
        .route("path = \"/\"\norigin = \"orders\"\nauth = \"api-key\"\napi_key_header = \"X-Secret-Key\"\nmethods = [\"GET\", \"POST\"]")
        .start();
    let key = gateway.key_for("alice");
    let refused = |lines: &str, status, code| {
        gateway.ask(&Request::get("/").lines(lines)).assert_refused(status, code);
    };
    refused(&format!("X-Secret-Key: {key}\r\nX-Secret-Key: other\r\n"), 400, "invalid_request");
    refused(&format!("X-Secret-Key: other\r\nX-Secret-Key: {key}\r\n"), 400, "invalid_request");
    refused(&format!("X-Secret-Key: {key}\r\nAuthorization: Bearer {key}\r\n"), 400, "invalid_request");
    let expectations = ["100-continue", "a-miracle"];
    for (first, second) in [(0, 1), (1, 0)] {
        let lines = format!("Expect: {}\r\nExpect: {}\r\n", expectations[first], expectations[second]);
        let request = Request::post("/", "x").key(&key).lines(lines);
        gateway.ask(&request).assert_refused(417, "expectation_failed");
    }
    assert_eq!(origin.requests(), []);
    let way = "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n";
    assert_eq!(gateway.ask(&Request::get("/").key(&key).lines(way)).status(), 200);
    assert_eq!(origin.the_request().header("x-forwarded-for"), Some("1.1.1.1, 2.2.2.2, 127.0.0.1"));
    assert_eq!(origin.the_request().header("x-forwarded-proto"), Some("http"), "two values are none");
}

#[test]
fn r14_when_one_origin_fails_no_other_gets_the_request() {
    let other = Origin::echo();
    let failing = Origin::start(Visit::end_with_reset);
    let gateway = Gateway::builder()
        .origin("failing", failing.address())
        .origin("other", other.address())
        .route("path = \"/{*rest}\"\norigin = \"failing\"\nauth = \"api-key\"")
        .route("path = \"/other\"\norigin = \"other\"\nauth = \"public\"")
        .start();
    let key = gateway.key_for("alice");
    for target in ["/", "/404", "/error", "/500.html"] {
        let request = Request::get(target).key(&key).header("Cookie", "session=1");
        gateway.ask(&request).assert_refused(502, "origin_unreachable");
    }
    let reply = gateway.ask(&Request::new("PUT", "/other/x").header("Cookie", "session=1"));
    reply.assert_refused(401, "credential_required");
    assert_eq!(other.connections(), 0);
}

#[test]
fn ordinary_headers_pass_as_they_are() {
    let text = "Accept: text/html\r\nAccept: */*\r\nCookie: a=1\r\nUser-Agent: test\r\nTraceparent: 00-1\r\n\
                Idempotency-Key: k\r\nX-Custom: \tspaced  out \r\nx_custom_name: 1\r\nX-Bytes: caf\u{e9}\r\nX-Empty:\r\n";
    for request in forwarded(text) {
        assert_eq!(request.head.all("accept"), ["text/html", "*/*"]);
        for (name, value) in [
            ("cookie", "a=1"),
            ("user-agent", "test"),
            ("traceparent", "00-1"),
            ("idempotency-key", "k"),
            ("x-custom", "spaced  out"),
            ("x_custom_name", "1"),
            ("x-bytes", "caf\u{e9}"),
            ("x-empty", ""),
        ] {
            assert_eq!(request.header(name), Some(value), "{request:?}");
        }
    }
}

#[test]
fn a_key_that_is_sent_twice_reaches_no_origin() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let guarded = Request::get("/a").key(&key);
    for copy in [
        format!("X-Api-Key: {key}\r\n"),
        format!("x_api_key: {key}\r\n"),
        format!("Cookie: theme=dark; key={key}\r\n"),
        format!("Referer: https://example.com/?key={key}\r\n"),
        format!("Connection: authorization\r\nX-Custom: {key}\r\n"),
    ] {
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&guarded.clone().lines(&copy)).status(), 200, "{copy}");
        let request = &origin.requests()[seen];
        assert!(!format!("{request:?}").contains(&key), "{request:?}");
    }
    let reply = gateway.ask(&Request::get(&format!("/a?access_token={key}")).key(&key));
    assert_eq!(reply.status(), 400, "{}", reply.text());
}
