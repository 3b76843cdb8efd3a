//! `/v1/signing-keys`.

use mintgate_store::{SealedPrivateKey, SigningKeyRecord};
use mintgate_types::{Revision, SigningKeyState, Timestamp};
use serde_json::json;

use crate::api::{Api, by};

async fn with_a_key() -> Api {
    let api = Api::start().await;
    let record = SigningKeyRecord {
        kid: "k1".parse().expect("a kid"),
        algorithm: "EdDSA".into(),
        public_jwk: json!({"kty": "OKP"}),
        private: SealedPrivateKey(vec![0xAB; 48]),
        created: Timestamp::UNIX_EPOCH,
        state: SigningKeyState::Active { since: Timestamp::UNIX_EPOCH },
    };
    api.store.change_signing_keys(vec![record], vec![], Revision::ZERO, None, by()).await.expect("stored");
    api
}

#[tokio::test]
async fn signing_keys_are_listed_without_their_private_side() {
    let api = with_a_key().await;
    insta::assert_json_snapshot!(api.get("/v1/signing-keys").await.done(200), @r#"
    {
      "data": [
        {
          "algorithm": "EdDSA",
          "created": "1970-01-01T00:00:00Z",
          "kid": "k1",
          "since": "1970-01-01T00:00:00Z",
          "state": "active"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_rotation_is_an_emergency_only_when_asked_for() {
    let api = with_a_key().await;
    let done = api.post("/v1/signing-keys/rotate", json!({})).await.done(200);
    assert_eq!((&done["outcome"], &done["kid"]), (&json!("published"), &json!("new")));
    api.post("/v1/signing-keys/rotate", json!({"emergency": true})).await.done(200);
    assert_eq!(*api.signing.asked.lock().expect("the lock"), ["rotate", "rotate in emergency"]);
    api.post("/v1/signing-keys/rotate", json!({"emergency": "yes"})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_signing_key_is_retired_by_its_kid() {
    let api = with_a_key().await;
    api.post("/v1/signing-keys/k%2F1/retire", json!({})).await.done(200);
    assert_eq!(*api.signing.asked.lock().expect("the lock"), ["retire k/1"]);
}

#[tokio::test]
async fn why_a_signing_key_is_not_retired_is_told_unless_it_is_our_fault() {
    let api = with_a_key().await;
    api.post("/v1/signing-keys/gone/retire", json!({})).await.refused(404, "not_found");
    let problem =
        api.post("/v1/signing-keys/active/retire", json!({})).await.refused(409, "signing_key_state");
    assert_eq!(problem["detail"], "it signs");
    let broken = api.post("/v1/signing-keys/broken/retire", json!({})).await;
    broken.refused(500, "internal");
    assert!(!broken.text.contains("wires"), "{}", broken.text);
}
