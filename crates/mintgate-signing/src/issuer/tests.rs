//! The issuer against a store in memory that can be made to fail and to be changed at the worst moment.

use std::{
    collections::BTreeSet,
    sync::{Mutex, atomic::AtomicBool, atomic::Ordering},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mintgate_jwt::{Expected, Jwks, TokenPolicy, verify_with_set};
use mintgate_store::{
    Conflict, Receipt, ReceiptId, RequestMark, SealedPrivateKey, SealedReply, SigningKeyRecord, StoreError,
};
use mintgate_types::{Revision, ScopeSet, SigningKeyState, TokenId};
use serde_json::Value;

use super::*;
use crate::{MappedClaims, Minted, RotationSettings, SigningAlgorithm, TokenLifetime, TokenRequest};

#[derive(Default)]
struct MemoryStore {
    state: Mutex<(Vec<SigningKeyRecord>, u64)>,
    receipts: Mutex<Vec<Receipt>>,
    refuses_writes: AtomicBool,
    refuses_reads: AtomicBool,
    /// Somebody else's change, made just before the next one of ours.
    ambush: Mutex<Option<SigningKeyRecord>>,
}

#[async_trait]
impl SigningKeys for MemoryStore {
    async fn signing_keys(&self) -> Result<(Vec<SigningKeyRecord>, Revision), StoreError> {
        if self.refuses_reads.load(Ordering::SeqCst) {
            return Err(unavailable());
        }
        let (records, revision) = self.state.lock().expect("unpoisoned").clone();
        Ok((records, Revision(revision)))
    }

    async fn change_signing_keys(
        &self,
        add: Vec<SigningKeyRecord>,
        states: Vec<(Kid, SigningKeyState)>,
        expected: Revision,
        receipt: Option<Receipt>,
        _by: &Author,
    ) -> Result<Revision, StoreError> {
        if self.refuses_writes.load(Ordering::SeqCst) {
            return Err(unavailable());
        }
        let (records, revision) = &mut *self.state.lock().expect("unpoisoned");
        if let Some(record) = self.ambush.lock().expect("unpoisoned").take() {
            records.push(record);
            *revision += 1;
        }
        if Revision(*revision) != expected {
            return Err(Conflict::Stale { expected, actual: Revision(*revision) }.into());
        }
        records.extend(add);
        for (kid, state) in states {
            records.iter_mut().find(|record| record.kid == kid).expect("a key that is there").state = state;
        }
        *revision += 1;
        self.receipts.lock().expect("unpoisoned").extend(receipt);
        Ok(Revision(*revision))
    }
}

impl MemoryStore {
    fn edit(&self, change: impl FnOnce(&mut Vec<SigningKeyRecord>)) {
        let (records, revision) = &mut *self.state.lock().expect("unpoisoned");
        change(records);
        *revision += 1;
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { source: "told to".into() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("in range")
}

fn policy_for(algorithm: SigningAlgorithm) -> RotationPolicy {
    RotationPolicy::new(RotationSettings {
        algorithm,
        token_lifetime: TokenLifetime::new(SignedDuration::from_secs(300)).expect("in range"),
        rotate_every: SignedDuration::from_hours(1),
        jwks_max_age: SignedDuration::from_secs(300),
        propagation_margin: RotationSettings::MARGIN,
        retire_margin: RotationSettings::MARGIN,
    })
    .expect("settings that fit together")
}

fn issuer_url() -> IssuerUrl {
    "https://api.example.com/__mintgate/issuer".parse().expect("an issuer")
}

async fn try_open(
    store: &Arc<MemoryStore>,
    master_key: u8,
    algorithm: SigningAlgorithm,
) -> Result<Issuer, SigningError> {
    let config = IssuerConfig {
        issuer: issuer_url(),
        policy: policy_for(algorithm),
        rsa_key_size: RsaKeySize::Bits2048,
    };
    let master_key = MasterKey::from_bytes([master_key; 32]);
    Issuer::open(Arc::clone(store) as Arc<dyn SigningKeys>, &master_key, config, at(0)).await
}

async fn open(store: &Arc<MemoryStore>) -> Issuer {
    try_open(store, 1, SigningAlgorithm::EdDsa).await.expect("a store that works")
}

fn states(issuer: &Issuer) -> Vec<&'static str> {
    issuer.keys().iter().map(|key| key.state.name()).collect()
}

fn mint(issuer: &Issuer, now: Timestamp) -> Minted {
    let extra = MappedClaims::none();
    let request = TokenRequest {
        subject: &"alice".parse().expect("a subject"),
        audience: &"orders".parse().expect("an audience"),
        client_id: &"alice".parse().expect("a name"),
        key_id: "aB3dE5gH7jK9".parse().expect("a key id"),
        scopes: &ScopeSet::none(),
        extra: &extra,
    };
    let id: TokenId = "0123456789abcdefghijKL".parse().expect("a token id");
    issuer.active().mint(&request, now, id).expect("a token")
}

fn verifies(token: &Minted, published: &Published, now: Timestamp) -> bool {
    let audience = Expected::exactly("orders".parse().expect("an audience"));
    let policy = TokenPolicy::new(Expected::exactly((&issuer_url()).into()), audience);
    let set = Jwks::parse(published.jwks().body()).expect("a JWK set");
    verify_with_set(token.token(), &set, &policy, now).is_ok()
}

fn json(document: &crate::Document) -> Value {
    serde_json::from_slice(document.body()).expect("JSON")
}

#[tokio::test]
async fn a_new_store_gets_its_first_key_and_a_second_start_finds_it() {
    let store = Arc::new(MemoryStore::default());
    let first = open(&store).await;
    assert_eq!(states(&first), ["active"]);
    let again = open(&store).await;
    assert_eq!(again.keys(), first.keys());
    let token = mint(&first, at(1));
    assert!(verifies(&token, &again.published(), at(1)));
}

#[tokio::test]
async fn the_jwks_holds_public_members_only_for_every_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let store = Arc::new(MemoryStore::default());
        let issuer = try_open(&store, 1, algorithm).await.expect("a store that works");
        issuer.rotate(&by(at(0))).await.expect("a successor");
        let set = json(issuer.published().jwks());
        let keys = set["keys"].as_array().expect("keys");
        assert_eq!(keys.len(), 2);
        for key in keys {
            let members: BTreeSet<_> = key.as_object().expect("a key").keys().map(String::as_str).collect();
            let of_type: &[&str] = match key["kty"].as_str().expect("a type") {
                "RSA" => &["n", "e"],
                "EC" => &["crv", "x", "y"],
                _ => &["crv", "x"],
            };
            let expected: BTreeSet<_> = ["kty", "use", "alg", "kid"].iter().chain(of_type).copied().collect();
            assert_eq!(members, expected);
            assert_eq!((&key["use"], &key["alg"]), (&Value::from("sig"), &Value::from(algorithm.as_str())));
        }
    }
}

#[tokio::test]
async fn a_private_part_appears_in_no_document() {
    let store = Arc::new(MemoryStore::default());
    let issuer = try_open(&store, 1, SigningAlgorithm::Rs256).await.expect("a store that works");
    let text = String::from_utf8(issuer.published().jwks().body().to_vec()).expect("UTF-8");
    for member in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\"", "\"oth\""] {
        assert!(!text.contains(member), "{member}");
    }
}

#[tokio::test]
async fn r38_debug_of_the_issuer_shows_no_private_key() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let record = store.state.lock().expect("unpoisoned").0[0].clone();
    let pair = issuer.seal.open(&record.kid, SigningAlgorithm::EdDsa, &record.private).expect("its own");
    let private = pair.to_pkcs8().expect("bytes");
    // The last 32 bytes are the secret (RFC 8410 §7).
    let secret = &private[private.len() - 32..];
    let shown = format!("{issuer:?} {:?}", issuer.current());
    assert!(shown.contains("SigningKeyPair"), "it is there, but");
    let listed = format!("{secret:?}");
    assert!(!shown.contains(&listed[1..listed.len() - 1]));
    assert!(!shown.contains(&URL_SAFE_NO_PAD.encode(secret)));
}

#[tokio::test]
async fn discovery_says_what_is_there_and_nothing_else() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let published = issuer.published();
    let expected = serde_json::json!({
        "issuer": "https://api.example.com/__mintgate/issuer",
        "jwks_uri": "https://api.example.com/__mintgate/issuer/.well-known/jwks.json",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    assert_eq!(json(published.openid_configuration()), expected);
    assert_eq!(json(published.authorization_server()), expected);
    assert_eq!(published.cache_control(), "public, max-age=300");
}

#[tokio::test]
async fn an_etag_changes_with_the_keys_and_only_then() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let etag = || issuer.published().jwks().etag().to_owned();
    let before = etag();
    issuer.tick(at(10)).await.expect("nothing to do");
    assert_eq!(etag(), before);
    assert_eq!(open(&store).await.published().jwks().etag(), before);
    issuer.rotate(&by(at(20))).await.expect("a successor");
    assert_ne!(etag(), before);
}

#[tokio::test]
async fn r48_tokens_from_before_and_after_a_rotation_verify_with_old_and_new_documents() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let Ok(Rotation::Published { kid, activates }) = issuer.rotate(&by(at(0))).await else {
        panic!("a successor")
    };
    let waiting = Rotation::AlreadyPublished { kid: kid.clone(), activates };
    assert_eq!(issuer.rotate(&by(at(9))).await.expect("one waits"), waiting);

    issuer.tick(at(359)).await.expect("too early");
    let (last_of_old, documents_before) = (mint(&issuer, at(359)), issuer.published());
    issuer.tick(activates).await.expect("a hand-over");
    let (first_of_new, documents_after) = (mint(&issuer, at(360)), issuer.published());
    assert_eq!(first_of_new.kid(), &kid);
    assert_ne!(last_of_old.kid(), &kid);
    for documents in [documents_before, documents_after] {
        assert!(verifies(&last_of_old, &documents, at(360)));
        assert!(verifies(&first_of_new, &documents, at(360)));
    }

    issuer.tick(at(719)).await.expect("too early");
    assert!(verifies(&last_of_old, &issuer.published(), at(658)));
    issuer.tick(at(720)).await.expect("the old key leaves");
    assert!(!verifies(&last_of_old, &issuer.published(), at(658)));
    assert!(!issuer.current().contains(last_of_old.kid()));
    assert_eq!(states(&issuer), ["retired", "active"]);
}

#[tokio::test]
async fn the_schedule_alone_rotates() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let first = issuer.current().active_kid().clone();
    let (mut now, end) = (at(0), at(2 * 3600));
    while now < end {
        let next = issuer.tick(now).await.expect("a store that works");
        assert!(
            next > now && next <= now + SignedDuration::from_secs(30),
            "soon enough to notice other nodes"
        );
        now = next;
    }
    assert_ne!(*issuer.current().active_kid(), first);
    assert_eq!(states(&issuer), ["retired", "active", "published"]);
}

#[tokio::test]
async fn a_rotation_hands_over_the_receipt_of_what_it_will_say() {
    let receipt = |said: String| Receipt {
        id: ReceiptId::from_bytes([1; 32]),
        request: RequestMark::from_bytes([2; 32]),
        reply: SealedReply(said.into_bytes()),
        expires: at(9),
    };
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let kept = || std::mem::take(&mut *store.receipts.lock().expect("unpoisoned"));
    let rotation =
        issuer.rotate_once(&by(at(0)), &|said| receipt(format!("{said:?}"))).await.expect("a successor");
    assert_eq!(kept(), [receipt(format!("{rotation:?}"))]);
    issuer.rotate_once(&by(at(1)), &|said| receipt(format!("{said:?}"))).await.expect("one waits");
    assert_eq!(kept(), [], "nothing was made");
    let emergency = issuer
        .rotate_emergency_once(&by(at(2)), &|said| receipt(format!("{said:?}")))
        .await
        .expect("a new key");
    assert_eq!(kept(), [receipt(format!("{emergency:?}"))]);
}

#[tokio::test]
async fn an_emergency_drops_every_other_key_at_once() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    issuer.rotate(&by(at(0))).await.expect("a successor");
    let token = mint(&issuer, at(1));
    let EmergencyRotation { active, dropped } = issuer.rotate_emergency(&by(at(1))).await.expect("a new key");
    assert_eq!(dropped.len(), 2);
    assert!(dropped.contains(token.kid()));
    assert_eq!(*issuer.current().active_kid(), active);
    assert!(!verifies(&token, &issuer.published(), at(1)));
    assert!(verifies(&mint(&issuer, at(1)), &issuer.published(), at(1)));
}

#[tokio::test]
async fn an_emergency_holds_on_this_node_even_if_the_store_goes_away_right_after() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let old = issuer.current().active_kid().clone();
    issuer.rotate_emergency(&by(at(1))).await.expect("a new key");
    store.refuses_reads.store(true, Ordering::SeqCst);
    assert!(issuer.tick(at(2)).await.is_err());
    assert!(!issuer.current().contains(&old));
}

#[tokio::test]
async fn r33_whoever_keeps_tokens_can_tell_that_their_key_left_the_jwks() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let token = mint(&issuer, at(0));
    issuer.rotate(&by(at(0))).await.expect("a successor");
    for (seconds, contained) in [(0, true), (360, true), (719, true), (720, false)] {
        issuer.tick(at(seconds)).await.expect("a store that works");
        assert_eq!(issuer.current().contains(token.kid()), contained, "after {seconds} s");
        assert_eq!(issuer.current().active_kid() == token.kid(), seconds < 360, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_key_that_does_not_sign_can_be_retired_and_the_active_one_cannot() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let active = issuer.current().active_kid().clone();
    issuer.rotate(&by(at(0))).await.expect("a successor");
    let successor = issuer.keys()[1].kid.clone();
    assert!(
        matches!(issuer.retire(&active, &by(at(1))).await, Err(SigningError::KeyActive { kid }) if kid == active)
    );
    issuer.retire(&successor, &by(at(1))).await.expect("published");
    assert!(matches!(issuer.retire(&successor, &by(at(1))).await, Err(SigningError::KeyRetired { .. })));
    let unknown: Kid = "unknown".parse().expect("a kid");
    assert!(matches!(issuer.retire(&unknown, &by(at(1))).await, Err(SigningError::NoSuchKey { .. })));
}

#[tokio::test]
async fn two_nodes_rotate_once() {
    let store = Arc::new(MemoryStore::default());
    let (one, other) = (open(&store).await, open(&store).await);
    let due = at(3600 - 360);
    one.tick(due).await.expect("a store that works");
    other.tick(due).await.expect("a store that works");
    assert_eq!(states(&one), ["active", "published"]);
    assert_eq!(one.keys(), other.keys());
}

#[tokio::test]
async fn a_node_that_comes_second_plans_again_from_what_the_first_did() {
    let store = Arc::new(MemoryStore::default());
    let (one, other) = (open(&store).await, Arc::new(MemoryStore::default()));
    let foreign = open(&other).await;
    foreign.rotate(&by(at(3000))).await.expect("a successor");
    let published = other.state.lock().expect("unpoisoned").0[1].clone();
    // The other node's successor arrives between our reading and our writing.
    *store.ambush.lock().expect("unpoisoned") = Some(published.clone());
    one.tick(at(3240)).await.expect("planned again");
    assert_eq!(states(&one), ["active", "published"]);
    assert_eq!(one.keys()[1].kid, published.kid);
}

#[tokio::test]
async fn a_reload_brings_an_emergency_of_another_node() {
    let store = Arc::new(MemoryStore::default());
    let (one, other) = (open(&store).await, open(&store).await);
    let EmergencyRotation { active, dropped } = other.rotate_emergency(&by(at(1))).await.expect("a new key");
    assert!(one.current().contains(&dropped[0]));
    one.reload().await.expect("a store that works");
    assert_eq!(*one.current().active_kid(), active);
    assert!(!one.current().contains(&dropped[0]));
}

#[tokio::test]
async fn while_the_store_is_away_the_keys_in_force_stay() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    let before = issuer.keys();
    store.refuses_reads.store(true, Ordering::SeqCst);
    assert!(matches!(issuer.tick(at(3600)).await, Err(SigningError::Store(_))));
    assert_eq!(issuer.keys(), before);
    assert!(verifies(&mint(&issuer, at(3600)), &issuer.published(), at(3600)));
}

#[tokio::test]
async fn a_store_that_takes_no_writes_still_lets_a_node_start() {
    let store = Arc::new(MemoryStore::default());
    let first = open(&store).await;
    store.refuses_writes.store(true, Ordering::SeqCst);
    let issuer = open(&store).await;
    assert_eq!(issuer.keys(), first.keys());
    assert!(issuer.tick(at(3600)).await.is_err(), "what is due is said to have failed");
}

#[tokio::test]
async fn keys_under_another_master_key_stop_the_start() {
    let store = Arc::new(MemoryStore::default());
    open(&store).await;
    let refused = try_open(&store, 2, SigningAlgorithm::EdDsa).await;
    assert!(matches!(refused, Err(SigningError::Sealed { .. })));
}

#[tokio::test]
async fn a_public_part_that_was_written_into_a_row_is_never_published() {
    let (store, foreign) = (Arc::new(MemoryStore::default()), Arc::new(MemoryStore::default()));
    open(&store).await;
    open(&foreign).await;
    let planted = foreign.state.lock().expect("unpoisoned").0[0].public_jwk.clone();
    store.edit(|records| records[0].public_jwk = planted.clone());
    let issuer = open(&store).await;
    assert_ne!(json(issuer.published().jwks())["keys"][0]["x"], planted["x"]);
}

#[tokio::test]
async fn a_row_with_a_private_part_of_another_row_is_refused_and_the_keys_in_force_stay() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    issuer.rotate(&by(at(0))).await.expect("a successor");
    let before = issuer.keys();
    store.edit(|records| {
        let other = records[0].private.clone();
        let mut planted = records[1].clone();
        planted.kid = "planted".parse().expect("a kid");
        planted.private = other;
        records.push(planted);
    });
    assert!(matches!(issuer.reload().await, Err(SigningError::Sealed { .. })));
    assert_eq!(issuer.keys(), before);
}

#[tokio::test]
async fn a_retired_key_is_never_opened() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    issuer.rotate_emergency(&by(at(1))).await.expect("a new key");
    store.edit(|records| {
        records[0].private = SealedPrivateKey(vec![]);
        records[0].algorithm = "HS256".into();
    });
    let again = open(&store).await;
    again.tick(at(2)).await.expect("the others are fine");
    assert_eq!(states(&again), ["retired", "active"]);
}

#[tokio::test]
async fn another_policy_holds_from_then_on() {
    let store = Arc::new(MemoryStore::default());
    let issuer = open(&store).await;
    issuer.set_policy(policy_for(SigningAlgorithm::Es256), at(0)).await.expect("a store that works");
    assert_eq!(states(&issuer), ["active", "published"]);
    let discovery = json(issuer.published().openid_configuration());
    assert_eq!(discovery["id_token_signing_alg_values_supported"], serde_json::json!(["ES256", "EdDSA"]));
    issuer.tick(at(360)).await.expect("a hand-over");
    assert_eq!(issuer.keys()[1].state.name(), "active");
    assert!(verifies(&mint(&issuer, at(360)), &issuer.published(), at(360)));
}

fn by(at: Timestamp) -> Author {
    Author::system(SystemPart::Start, at)
}
