//! What callers did is what usage says: by key, by the class of the reply, and by the reason of a refusal.

use std::time::Instant;

use mintgate_e2e::{Gateway, GatewayBuilder, Origin, PATIENCE, Request};
use serde_json::{Value, json};

/// Answers with the status that the path names, or breaks off.
fn origin() -> Origin {
    Origin::start(|visit| {
        while let Some(request) = visit.request() {
            let status = request.target().rsplit('/').next().unwrap_or_default().to_owned();
            if status == "broken" {
                return;
            }
            visit.send(format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n").as_bytes());
        }
    })
}

fn builder(origin: &Origin, interval: &str) -> GatewayBuilder {
    Gateway::builder()
        .server("workers = 3")
        .section(&format!("[usage]\ninterval = \"{interval}\""))
        .origin("orders", origin.address())
        .route("path = \"/open/{*rest}\"\norigin = \"orders\"\nauth = \"public\"")
        .route("path = \"/orders/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .route("path = \"/admin/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\nscopes = [\"admin\"]")
}

/// A request on a connection of its own, so that all workers get some.
fn ask(gateway: &Gateway, path: &str, key: Option<&str>) -> u16 {
    let request = Request::get(path).close();
    gateway.ask(&key.iter().fold(request, |request, key| request.key(key))).status()
}

/// Asks until the answer is the one that is meant; counts are written a moment after they were made.
fn wait_for(gateway: &Gateway, path: &str, is_meant: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = gateway.admin().must("GET", path, &Value::Null);
        if is_meant(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{path} still says {answer:#}");
    }
}

fn counts(ok: u64, moved: u64, faulty: u64, failed: u64, refused: u64) -> Value {
    let by_status = json!({ "2xx": ok, "3xx": moved, "4xx": faulty, "5xx": failed });
    json!({ "requests": ok + moved + faulty + failed, "by_status": by_status, "refused": refused })
}

#[test]
fn requests_over_several_workers_show_up_exactly() {
    let origin = origin();
    let gateway = builder(&origin, "100ms").start();
    let alice = gateway.admin().new_consumer("alice");
    let other = gateway.admin().new_key("alice", &json!({}));
    let bob = gateway.admin().new_consumer("bob");
    let get = |path: &str, key: &str| ask(&gateway, path, Some(key));
    for _ in 0..12 {
        assert_eq!(get("/orders/200", &alice.text), 200);
        assert_eq!(get("/orders/404", &alice.text), 404);
        assert_eq!(get("/orders/200", &bob.text), 200);
    }
    assert_eq!(get("/orders/304", &alice.text), 304);
    assert_eq!(get("/orders/503", &alice.text), 503);
    assert_eq!(get("/orders/broken", &alice.text), 502);
    assert_eq!(get("/orders/204", &other.text), 204);
    // R46: what is refused is not counted as served, and what has no key is nobody's.
    assert_eq!(get("/admin/200", &alice.text), 403);
    assert_eq!(ask(&gateway, "/orders/200", None), 401);
    assert_eq!(ask(&gateway, "/open/200", None), 200);
    assert_eq!(get("/elsewhere", &alice.text), 404);
    assert_eq!(get("/orders/200", "mgk_0123456789ab_nosuchkey"), 401);
    gateway.admin().revoke(&other);
    assert_eq!(get("/orders/200", &other.text), 401);

    let of_alice = counts(12, 1, 12, 2, 1);
    let by_key = format!("/v1/usage?key_id={}", alice.id);
    let usage = wait_for(&gateway, &by_key, |usage| usage["totals"] == of_alice);
    assert_eq!(usage["step"], "hour");
    let points = usage["points"].as_array().expect("points");
    assert!((24..=26).contains(&points.len()), "every hour of a day: {}", points.len());
    let by_consumer = "/v1/usage?bucket=production&consumer=alice&step=day";
    wait_for(&gateway, by_consumer, |usage| usage["totals"] == counts(13, 1, 12, 2, 2));
    for everybody in ["/v1/usage", "/v1/usage?bucket=production"] {
        wait_for(&gateway, everybody, |usage| usage["totals"] == counts(25, 1, 12, 2, 2));
    }
    let refusals = json!({
        "no_credential": 1, "no_route": 1, "unknown_key": 1, "insufficient_scope": 1, "revoked_key": 1,
    });
    wait_for(&gateway, "/v1/usage/refusals", |refused| {
        refused["totals"] == json!({ "refused": 5, "by_reason": refusals })
    });
    let top = wait_for(&gateway, "/v1/usage/top?by=key&limit=2", |_| true);
    let ranked: Vec<_> =
        top["data"].as_array().expect("entries").iter().map(|entry| &entry["key_id"]).collect();
    assert_eq!(ranked, [&json!(alice.id), &json!(bob.id)]);
    let key = gateway.admin().must("GET", &format!("/v1/keys/{}", alice.id), &Value::Null);
    let time = |name: &str| key[name].as_str().expect(name).to_owned();
    assert!(time("created") <= time("first_used") && time("first_used") < time("last_used"), "{key:#}");
    show(&gateway);
}

/// The command line says the same.
fn show(gateway: &Gateway) {
    let shown = gateway.cli(&["usage", "--consumer", "alice", "--json"]);
    let usage: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(usage["totals"], counts(13, 1, 12, 2, 2));
    let table = gateway.cli(&["usage", "--since", "1d", "--step", "hour"]).stdout;
    assert!(table.contains("REQUESTS") && table.contains('█') && table.contains("total"), "{table}");
    let top = gateway.cli(&["usage", "--top", "consumers"]).stdout;
    assert!(top.lines().nth(1).is_some_and(|line| line.contains("alice")), "{top}");
    let refusals = gateway.cli(&["usage", "--refusals"]).stdout;
    assert!(refusals.contains("insufficient_scope"), "{refusals}");
    let unused = gateway.cli(&["keys", "list", "--unused-for", "90d", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&unused.stdout).expect("JSON"), json!([]));
}

#[test]
fn a_stop_flushes_everything_that_was_counted() {
    let origin = origin();
    let mut gateway = builder(&origin, "1h").start();
    let alice = gateway.admin().new_consumer("alice");
    for _ in 0..30 {
        assert_eq!(ask(&gateway, "/orders/200", Some(&alice.text)), 200);
    }
    assert_eq!(ask(&gateway, "/orders/200", None), 401);
    assert!(gateway.stop().success());
    gateway.boot();
    let usage = gateway.admin().must("GET", "/v1/usage", &Value::Null);
    assert_eq!(usage["totals"], counts(30, 0, 0, 0, 0));
    let refusals = gateway.admin().must("GET", "/v1/usage/refusals", &Value::Null);
    assert_eq!(refusals["totals"], json!({ "refused": 1, "by_reason": { "no_credential": 1 } }));
}

#[test]
fn a_process_that_is_killed_loses_what_it_counted_last_and_nothing_else() {
    let origin = origin();
    let mut gateway = builder(&origin, "200ms").start();
    let alice = gateway.admin().new_consumer("alice");
    for _ in 0..10 {
        assert_eq!(ask(&gateway, "/orders/200", Some(&alice.text)), 200);
    }
    wait_for(&gateway, "/v1/usage", |usage| usage["totals"]["requests"] == 10);
    for _ in 0..5 {
        assert_eq!(ask(&gateway, "/orders/200", Some(&alice.text)), 200);
    }
    gateway.kill();
    gateway.boot();
    let usage = gateway.admin().must("GET", "/v1/usage", &Value::Null);
    let requests = usage["totals"]["requests"].as_u64().expect("a number");
    assert!((10..=15).contains(&requests), "{requests}");
}

#[test]
fn what_cannot_be_answered_is_told_by_its_parameter() {
    let origin = origin();
    let gateway = builder(&origin, "10s").start();
    let admin = gateway.admin();
    let _ = admin.new_consumer("alice");
    for (query, field) in [
        ("/v1/usage?from=2016-01-01T00:00:00Z&step=hour", "from"),
        ("/v1/usage?from=2016-01-01T00:00:00Z", "from"),
        ("/v1/usage?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "from"),
        ("/v1/usage/refusals?from=2016-01-01T00:00:00Z", "from"),
        ("/v1/usage/top?limit=101", "limit"),
        ("/v1/usage/top?limit=0", "limit"),
        ("/v1/usage?consumer=alice", "bucket"),
    ] {
        let reply = admin.ask("GET", query, &Value::Null);
        assert_eq!(reply.status(), 422, "{query}");
        assert_eq!(reply.json()["errors"][0]["field"], field, "{query}");
    }
    for query in [
        "/v1/usage?bucket=nowhere",
        "/v1/usage?bucket=production&consumer=nobody",
        "/v1/usage?key_id=0123456789ab",
    ] {
        assert_eq!(admin.ask("GET", query, &Value::Null).status(), 404, "{query}");
    }
    for query in ["/v1/usage?step=minute", "/v1/usage?from=yesterday", "/v1/usage?nothing=1"] {
        assert_eq!(admin.ask("GET", query, &Value::Null).status(), 400, "{query}");
    }
}
