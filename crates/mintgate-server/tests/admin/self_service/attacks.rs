//! What people try to see and do more than is theirs.

use axum::body::Body;
use http::{Request, header};
use mintgate_store::{SessionFingerprint, SessionHolder, SignedIn};
use mintgate_types::Clock as _;
use serde_json::{Value, json};

use super::{ann, signed_in, start};
use crate::{
    api::by,
    people::{PeopleApi, Person},
    roles::without_id,
};

const CONSUMER: &str = "/v1/buckets/production/consumers/hers";

async fn let_in(api: &PeopleApi, person: &Person) -> bool {
    match api.signed_in(person).await {
        Ok(_) => true,
        Err(problem) => {
            assert_eq!(problem, "no_role");
            false
        }
    }
}

#[tokio::test]
async fn r39_only_a_verified_address_or_the_subject_makes_somebody_a_manager() {
    let api = start().await;
    api.managed("hers", &["Ann@Example.com", "user-1", "Ann", "all"]).await;
    let subject = Person::subject;
    // The provider adapter leaves an address out that is not verified.
    assert!(!let_in(&api, &subject("x").with_name("Ann@Example.com")).await);
    assert!(!let_in(&api, &subject("x").with_name("Ann").in_group("all").in_group("user-1")).await);
    assert!(let_in(&api, &subject("x").with_address("ann@example.COM")).await);
    assert!(let_in(&api, &subject("user-1")).await);
    // Subjects to the letter.
    for other in ["USER-1", "user-1 ", " user-1", "user-10", "user", "user-1\0"] {
        assert!(!let_in(&api, &subject(other)).await, "{other}");
    }
    // One is not taken for the other, whichever way round.
    assert!(!let_in(&api, &subject("Ann@Example.com")).await, "a subject that looks like an address");
    assert!(!let_in(&api, &subject("ann@example.com")).await, "a subject that looks like an address");
    assert!(!let_in(&api, &subject("x").with_address("user-1")).await, "an address that is none");
}

#[tokio::test]
async fn what_merely_looks_like_an_address_is_another_one() {
    let api = start().await;
    api.managed("hers", &["kim@example.com"]).await;
    for address in [
        "\u{212A}im@example.com",
        "k\u{131}m@example.com",
        "k\u{456}m@example.com",
        "kim@examp\u{2113}e.com",
        "kim\u{FF20}example.com",
        "kim@example.com.evil.example",
        "kim@example.com@evil.example",
        "evil@kim@example.com",
        "kim+x@example.com",
        "k.im@example.com",
        "kim@example.com ",
        "\"kim\"@example.com",
        "kim@example.com\0",
        "kim",
        "@example.com",
        "@",
        " ",
        "",
        "%",
        "kim@example._om",
    ] {
        assert!(!let_in(&api, &Person::subject("x").with_address(address)).await, "{address:?}");
        assert!(!let_in(&api, &Person::subject(address)).await, "{address:?}");
    }
    assert!(!let_in(&api, &Person::subject("ann\u{FF20}example.com")).await);
    assert!(let_in(&api, &Person::subject("x").with_address("KIM@example.com")).await);
}

#[tokio::test]
async fn managers_that_could_be_nobody_are_not_taken() {
    let api = start().await;
    api.managed("hers", &["Team 7", "user-1"]).await;
    for odd in ["@", " ", "ann@", "@example.com", "ann @example.com", "ann\u{FF20}example.com", ""] {
        let body = json!({"name": "x", "managers": ["user-1", odd]});
        let problem =
            api.post("/v1/buckets/production/consumers", body.clone()).await.refused(422, "invalid_field");
        assert!(
            problem["errors"][0]["field"].as_str().is_some_and(|at| at.starts_with("managers")),
            "{problem}"
        );
        api.patch(CONSUMER, json!({"managers": [odd]})).await.refused(422, "invalid_field");
        let batch = json!({"consumers": [body]});
        let path = "/v1/buckets/production/consumers:batch";
        let problem = api.post(path, batch).await.refused(422, "invalid_field");
        assert!(
            problem["errors"][0]["field"].as_str().is_some_and(|at| at.starts_with("consumers[0].managers"))
        );
    }
}

#[tokio::test]
async fn a_chosen_subject_passes_for_nobody_in_the_audit_log() {
    let api = start().await;
    let eve = Person::subject("ann@example.com").in_group("support");
    let eve = api.signed_in(&eve).await.expect("a role");
    assert_eq!(api.see(&eve, "/v1/session").await.done(200)["name"], "sub:ann@example.com");
    let entry = &api.get("/v1/audit?action=session.create").await.done(200)["data"][0];
    assert_eq!(entry["actor"]["name"], "sub:ann@example.com");
}

#[tokio::test]
async fn who_is_taken_off_the_list_is_out_with_the_next_request() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    api.managed("hers-too", &["user-1"]).await;
    let (_, key) = api.key("hers", json!({})).await;
    let ann = signed_in(&api).await;
    let (show, roll) = (format!("/v1/self/keys/{key}"), format!("/v1/self/keys/{key}/roll"));
    api.see(&ann, &show).await.done(200);
    api.patch(CONSUMER, json!({"managers": ["bob@example.com"]})).await.done(200);
    api.see(&ann, &show).await.refused(404, "not_found");
    api.as_person(&ann, "POST", &roll, json!({})).await.refused(404, "not_found");
    api.see(&ann, "/v1/self/keys?bucket=production&consumer=hers").await.refused(404, "not_found");
    assert_eq!(api.see(&ann, "/v1/self/keys").await.done(200), json!({"data": []}));
    // Who manages nothing any more has no session, until somebody names them again.
    api.delete("/v1/buckets/production/consumers/hers-too").await;
    for path in ["/v1/session", "/v1/whoami", "/v1/self/consumers", &show] {
        api.see(&ann, path).await.refused(401, "session_over");
    }
    api.as_person(&ann, "POST", &roll, json!({})).await.refused(401, "session_over");
    assert_eq!(
        api.store.key(key.parse().expect("an id")).await.expect("reads").map(|key| key.ends()),
        Some(None)
    );
    api.patch(CONSUMER, json!({"managers": ["ANN@example.com"]})).await.done(200);
    api.see(&ann, &show).await.done(200);
}

#[tokio::test]
async fn r39_anothers_key_is_to_the_letter_one_that_does_not_exist() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    api.managed("his", &["bob@example.com"]).await;
    let (_, other) = api.key("his", json!({})).await;
    let ann = signed_in(&api).await;
    for (method, path) in
        [("GET", "/v1/self/keys/ID"), ("POST", "/v1/self/keys/ID/roll"), ("GET", "/v1/self/usage?key_id=ID")]
    {
        let at = |id: &str| path.replace("ID", id);
        let body = if method == "POST" { json!({"grace": "1h"}) } else { Value::Null };
        let one = api.as_person(&ann, method, &at(&other), body.clone()).await;
        one.refused(404, "not_found");
        let none = api.as_person(&ann, method, &at("0123456789ab"), body).await;
        assert_eq!(without_id(&one), without_id(&none), "{path}");
    }
    for path in ["/v1/self/keys", "/v1/self/usage"] {
        let one = api.see(&ann, &format!("{path}?bucket=production&consumer=his")).await;
        let none = api.see(&ann, &format!("{path}?bucket=production&consumer=nobody")).await;
        one.refused(404, "not_found");
        assert_eq!(without_id(&one), without_id(&none), "{path}");
    }
    let state = api.get(&format!("/v1/keys/{other}")).await.done(200);
    assert_eq!(state["state"], "active");
}

#[tokio::test]
async fn r39_a_manager_is_refused_everywhere_else_and_that_is_written_down() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    let (_, own) = api.key("hers", json!({})).await;
    let ann = signed_in(&api).await;
    for (method, path) in [
        ("GET", "/v1/keys".to_owned()),
        ("GET", format!("/v1/keys/{own}")),
        ("PATCH", format!("/v1/keys/{own}")),
        ("POST", format!("/v1/keys/{own}/roll")),
        ("POST", format!("/v1/keys/{own}/revoke")),
        ("GET", CONSUMER.to_owned()),
        ("PATCH", CONSUMER.to_owned()),
        ("POST", format!("{CONSUMER}/keys")),
        ("GET", "/openapi.json".to_owned()),
    ] {
        api.as_person(&ann, method, &path, json!({})).await.refused(403, "forbidden");
    }
    api.see(&ann, "/v1/nothing").await.refused(404, "not_found");
    api.see(&ann, "/v1/self").await.refused(404, "not_found");
    let log = api.get("/v1/audit?outcome=refused").await.done(200);
    let entry = &log["data"].as_array().expect("entries").iter().find(|entry| entry["action"] == "key.roll");
    let entry = entry.expect("it is there");
    assert_eq!(
        entry["actor"],
        json!({"kind": "manager", "name": "ann@example.com", "id": "https://id.example/user-1"})
    );
    assert_eq!(entry["code"], "forbidden");
}

#[tokio::test]
async fn nobody_fills_the_audit_log_with_refusals() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    let ann = signed_in(&api).await;
    for _ in 0..40 {
        api.see(&ann, "/v1/keys").await.refused(403, "forbidden");
    }
    let log = api.get("/v1/audit?outcome=refused&limit=1000").await.done(200);
    assert_eq!(log["data"].as_array().map(Vec::len), Some(30));
}

#[tokio::test]
async fn an_admin_token_is_not_for_self_service_and_nor_is_a_session_of_one() {
    let api = start().await;
    api.managed("hers", &["ann@example.com", "admin"]).await;
    let (_, key) = api.key("hers", json!({})).await;
    let paths = ["/v1/self/consumers", "/v1/self/keys", &format!("/v1/self/keys/{key}"), "/v1/self/usage"];
    for path in paths {
        api.get(path).await.refused(403, "forbidden");
    }
    api.post(&format!("/v1/self/keys/{key}/roll"), json!({})).await.refused(403, "forbidden");
    // Nobody can be made one by a token either.
    let made = api.post("/v1/admin-tokens", json!({"name": "m", "role": "manager"})).await;
    made.refused(422, "invalid_field");
}

#[tokio::test]
async fn what_another_sites_page_makes_the_browser_send_is_refused() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    let (_, key) = api.key("hers", json!({})).await;
    let ann = signed_in(&api).await;
    let roll = || {
        Request::builder()
            .method("POST")
            .uri(format!("/v1/self/keys/{key}/roll"))
            .header(header::COOKIE, &ann.cookie)
    };
    let other = api.signed_in(&super::ann()).await.expect("she manages a consumer");
    for request in [
        roll(),
        roll().header("x-csrf-token", ""),
        roll().header("x-csrf-token", &other.csrf_token),
        roll().header("x-csrf-token", &ann.csrf_token).header("x-csrf-token", &ann.csrf_token),
        roll().header("x-csrf-token", &ann.csrf_token).header("sec-fetch-site", "cross-site"),
        roll().header("x-csrf-token", &ann.csrf_token).header("sec-fetch-site", "same-site"),
    ] {
        api.send(request.body(Body::empty()).expect("a request")).await.refused(403, "forged_request");
    }
    let read = Request::builder().uri("/v1/self/keys").header(header::COOKIE, &ann.cookie);
    let read = read.header("sec-fetch-site", "cross-site").body(Body::empty()).expect("a request");
    api.send(read).await.refused(403, "forged_request");
    assert_eq!(api.get(&format!("/v1/keys/{key}")).await.done(200)["state"], "active");
}

#[tokio::test]
async fn only_the_configured_provider_vouches_for_somebody() {
    let api = start().await;
    api.managed("hers", &["ann@example.com", "user-1"]).await;
    let holder = |issuer: &str| {
        SessionHolder::Identity(SignedIn {
            issuer: issuer.to_owned(),
            subject: "user-1".to_owned(),
            name: "ann@example.com".parse().expect("a name"),
            email: Some("ann@example.com".to_owned()),
            groups: Vec::new(),
        })
    };
    // Sessions of another time, when another provider was configured.
    for (seed, issuer, status) in
        [(1, "https://id.example/", 401), (2, "https://old.example", 401), (3, "https://id.example", 200)]
    {
        let secret = [seed; 32];
        let fingerprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &secret);
        let now = api.clock.now();
        let session = mintgate_store::Session {
            fingerprint: SessionFingerprint::from_bytes(fingerprint.as_ref().try_into().expect("32 bytes")),
            holder: holder(issuer),
            created: now,
            expires: now + std::time::Duration::from_hours(1),
        };
        api.store.create_session(session, by()).await.expect("works");
        let cookie = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, secret);
        let request = Request::builder()
            .uri("/v1/self/consumers")
            .header(header::COOKIE, format!("mintgate-session={cookie}"));
        let reply = api.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(reply.status, status, "{issuer}");
    }
}

#[tokio::test]
async fn what_admins_keep_to_themselves_is_not_shown() {
    let api = start().await;
    let consumer = json!({
        "name": "hers",
        "managers": ["ann@example.com", "hidden-manager"],
        "subject": "hidden-subject",
        "metadata": {"note": "hidden-metadata"},
        "tags": {"risk": "hidden-tag"},
    });
    api.post("/v1/buckets/production/consumers", consumer).await.done(201);
    let (secret, key) = api.key("hers", json!({})).await;
    api.post(&format!("/v1/keys/{key}/revoke"), json!({"reason": "hidden-reason"})).await.done(200);
    let ann = api.signed_in(&ann()).await.expect("she manages a consumer");
    for path in ["/v1/self/consumers", "/v1/self/keys", &format!("/v1/self/keys/{key}"), "/v1/session"] {
        let seen = api.see(&ann, path).await;
        seen.done(200);
        assert!(!seen.text.contains("hidden") && !seen.text.contains(&secret), "{path}: {}", seen.text);
    }
    let seen = api.see(&ann, &format!("/v1/self/keys/{key}")).await.done(200);
    assert_eq!((&seen["state"], seen["revoked"]["at"].is_string()), (&json!("revoked"), true));
}
