//! The provider against one that tells the truth, and against one that does not.

mod fake;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use mintgate_admin::{Identity, IdentityError, IdentityProvider, SignInAttempt};
use mintgate_oidc::{OidcConfig, OidcProvider};
use mintgate_verify::PlainHttp;
use serde_json::{Value, json};

use fake::{Fake, ok};

fn config(issuer: String) -> OidcConfig {
    OidcConfig {
        issuer,
        client_id: "mintgate".to_owned(),
        client_secret: Some("a secret: of ours".into()),
        redirect_url: "http://127.0.0.1:8081/v1/session/oidc/callback".to_owned(),
        scopes: vec!["email".to_owned()],
        groups_claim: "groups".to_owned(),
        plain_http: PlainHttp::LoopbackOnly,
        timeout: Duration::from_millis(800),
    }
}

fn provider(fake: &Fake) -> OidcProvider {
    OidcProvider::new(config(fake.issuer())).expect("a provider")
}

fn attempt() -> SignInAttempt {
    SignInAttempt {
        state: "a-state".into(),
        nonce: "a-nonce".into(),
        code_verifier: "a-verifier-of-at-least-forty-three-characters-0".into(),
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn finish(fake: &Fake) -> Result<Identity, IdentityError> {
    run(provider(fake).finish(&attempt(), "the-code".into()))
}

/// The identity that a token with these claims instead of the good ones makes.
fn finish_with(changes: &Value) -> Result<Identity, IdentityError> {
    let fake = Fake::start();
    let mut claims = fake.claims();
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    fake.identify(&claims);
    finish(&fake)
}

#[test]
fn a_browser_is_sent_out_with_state_nonce_and_challenge() {
    let fake = Fake::start();
    let url = run(provider(&fake).begin(&attempt())).expect("an address");
    let url: url::Url = url.parse().expect("a URL");
    assert_eq!(url.path(), "/auth");
    let parameters: Vec<_> = url.query_pairs().into_owned().collect();
    let one = |name: &str| {
        let all: Vec<_> = parameters.iter().filter(|(given, _)| given == name).collect();
        assert_eq!(all.len(), 1, "{name}");
        all[0].1.clone()
    };
    assert_eq!(one("response_type"), "code");
    assert_eq!(one("client_id"), "mintgate");
    assert_eq!(one("redirect_uri"), "http://127.0.0.1:8081/v1/session/oidc/callback");
    assert_eq!(one("scope"), "openid email");
    assert_eq!((one("state"), one("nonce")), ("a-state".to_owned(), "a-nonce".to_owned()));
    assert_eq!(one("code_challenge_method"), "S256");
    assert!(!url.as_str().contains("a-verifier"), "the verifier stays here");
}

#[test]
fn a_code_becomes_who_somebody_is() {
    let fake = Fake::start();
    fake.identify(&fake.claims());
    let identity = finish(&fake).expect("an identity");
    assert_eq!(
        identity,
        Identity {
            subject: "user-7".to_owned(),
            email: Some("ann@example.com".to_owned()),
            name: Some("Ann".to_owned()),
            groups: vec!["platform".to_owned(), "all".to_owned()],
        }
    );
    let posted = fake.posted();
    let field = |name: &str| posted.form.iter().find(|(given, _)| given == name).map(|(_, value)| &**value);
    assert_eq!(field("grant_type"), Some("authorization_code"));
    assert_eq!(field("code"), Some("the-code"));
    assert_eq!(field("code_verifier"), Some("a-verifier-of-at-least-forty-three-characters-0"));
    assert_eq!(field("redirect_uri"), Some("http://127.0.0.1:8081/v1/session/oidc/callback"));
    // The id and the secret are form-encoded before they are joined (RFC 6749 §2.3.1).
    let expected = format!("Basic {}", STANDARD.encode("mintgate:a+secret%3A+of+ours"));
    assert_eq!(posted.authorization.as_deref(), Some(&*expected));
}

#[test]
fn an_identity_token_for_somebody_or_something_else_is_refused() {
    for changes in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "aud": "another client" }),
        json!({ "aud": ["mintgate", "another client"] }),
        json!({ "azp": "another client" }),
        json!({ "iss": "http://127.0.0.1:1" }),
        json!({ "exp": 1_700_000_000 }),
        json!({ "iat": 4_000_000_000_i64 }),
        json!({ "sub": "" }),
    ] {
        let outcome = finish_with(&changes);
        assert!(matches!(outcome, Err(IdentityError::Refused(_))), "{changes}: {outcome:?}");
    }
    assert!(finish_with(&json!({ "aud": ["mintgate", "another"], "azp": "mintgate" })).is_ok());
}

#[test]
fn r21_an_identity_token_that_is_not_signed_is_refused() {
    let fake = Fake::start();
    let good = fake.sign(&json!({ "alg": "EdDSA", "kid": "k" }), &fake.claims());
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    for token in [
        fake.sign(&json!({ "alg": "none" }), &fake.claims()),
        fake.sign(&json!({ "alg": "HS256", "kid": "k" }), &fake.claims()),
        fake.sign(&json!({ "alg": "EdDSA", "kid": "another" }), &fake.claims()),
        format!("{signed}."),
        format!("{signed}.{}", "A".repeat(86)),
        String::new(),
    ] {
        fake.answer_with_token(&token);
        let outcome = finish(&fake);
        assert!(matches!(outcome, Err(IdentityError::Refused(_))), "{token}: {outcome:?}");
    }
}

#[test]
fn an_address_that_is_not_verified_is_nobodys() {
    for changes in [
        json!({ "email_verified": false }),
        json!({ "email_verified": "true" }),
        json!({ "email_verified": null }),
    ] {
        assert_eq!(finish_with(&changes).expect("an identity").email, None);
    }
    let identity = finish_with(&json!({ "groups": "platform", "name": null })).expect("an identity");
    assert_eq!((identity.groups, identity.name), (vec!["platform".to_owned()], None));
    assert!(finish_with(&json!({ "groups": { "a": 1 } })).expect("an identity").groups.is_empty());
}

#[test]
fn a_code_that_is_refused_and_an_answer_without_identity_are_refusals() {
    let fake = Fake::start();
    fake.answer_code(Some(("400 Bad Request".to_owned(), json!({ "error": "invalid_grant" }).to_string())));
    assert!(matches!(finish(&fake), Err(IdentityError::Refused(_))));
    fake.answer_code(Some(ok(&json!({ "access_token": "at", "token_type": "Bearer" }))));
    assert!(matches!(finish(&fake), Err(IdentityError::Refused(_))));
}

#[test]
fn a_provider_that_is_down_slow_or_broken_is_an_outage() {
    let fake = Fake::start();
    for answer in [
        None,
        Some(("500 Internal Server Error".to_owned(), String::new())),
        Some(("302 Found\r\nLocation: https://elsewhere.example/".to_owned(), String::new())),
        Some(("200 OK".to_owned(), "<html>".to_owned())),
        Some(("200 OK".to_owned(), " ".repeat(300_000))),
        Some(ok(&json!({ "issuer": "https://elsewhere.example" }))),
    ] {
        fake.answer_discovery(answer.clone());
        let outcome = run(provider(&fake).begin(&attempt()));
        assert!(matches!(outcome, Err(IdentityError::Unavailable(_))), "{outcome:?}");
    }
    let nobody = OidcProvider::new(config("http://127.0.0.1:9".to_owned())).expect("a provider");
    assert!(matches!(run(nobody.begin(&attempt())), Err(IdentityError::Unavailable(_))));
    // The token endpoint is asked with a secret: its silence ends in time, too.
    let fake = Fake::start();
    assert!(matches!(finish(&fake), Err(IdentityError::Unavailable(_))));
}

#[test]
fn a_provider_that_is_reached_in_the_clear_is_no_provider() {
    assert!(OidcProvider::new(config("http://id.example".to_owned())).is_err());
    assert!(OidcProvider::new(config("not a URL".to_owned())).is_err());
}

#[test]
fn r38_neither_the_secret_nor_an_attempt_shows_itself() {
    let fake = Fake::start();
    let shown = format!("{:?} {:?} {:?}", provider(&fake), config(fake.issuer()), attempt());
    for secret in ["a secret", "a-state", "a-nonce", "a-verifier"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
