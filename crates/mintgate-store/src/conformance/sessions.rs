//! Promises of [`Sessions`](crate::Sessions).

use super::sample::{at, by};
use crate::{
    AuditFilter, AuditOrder, PageRequest, Session, SessionFingerprint, SessionHolder, SignedIn, Store,
};

fn session(seed: u8) -> Session {
    Session {
        fingerprint: SessionFingerprint::from_bytes([seed; 32]),
        holder: SessionHolder::Identity(SignedIn {
            issuer: "https://id.example".to_owned(),
            subject: "user-7".to_owned(),
            name: "Ann".parse().expect("a name"),
            email: Some("ann@example.com".to_owned()),
            groups: vec!["platform".to_owned()],
        }),
        created: at(10),
        expires: at(20),
    }
}

pub async fn a_session_comes_back_as_it_went_in_and_is_gone_when_it_was_ended(store: &dyn Store) {
    let (one, other) = (session(1), session(2));
    store.create_session(one.clone(), by()).await.expect("it is new");
    store.create_session(other.clone(), by()).await.expect("it is new");
    assert_eq!(store.session(one.fingerprint).await.expect("reads"), Some(one.clone()));
    assert_eq!(store.end_session(one.fingerprint, by()).await.expect("ends"), Some(one.clone()));
    assert_eq!(store.session(one.fingerprint).await.expect("reads"), None);
    assert_eq!(store.end_session(one.fingerprint, by()).await.expect("nothing to end"), None);
    assert_eq!(store.session(other.fingerprint).await.expect("reads"), Some(other));
}

pub async fn sessions_take_no_revision_and_leave_their_entries(store: &dyn Store) {
    let before = store.revision().await.expect("reads");
    store.create_session(session(1), by()).await.expect("it is new");
    store.end_session(session(1).fingerprint, by()).await.expect("ends");
    assert_eq!(store.revision().await.expect("reads"), before);
    let page = PageRequest { after: None, limit: 10 };
    let log = store.audit(&AuditFilter::default(), AuditOrder::OldestFirst, page).await.expect("reads");
    let actions: Vec<_> = log.items.iter().map(|entry| entry.record().action.clone()).collect();
    assert_eq!(actions, ["session.create", "session.end"]);
    let whole = serde_json::to_string(&log.items[0].record()).expect("an entry can be written");
    assert!(!whole.contains("0101010101010101010101"), "no fingerprint stands in the log: {whole}");
}

pub async fn sessions_whose_time_is_over_are_forgotten(store: &dyn Store) {
    let late = Session { expires: at(30), ..session(2) };
    store.create_session(session(1), by()).await.expect("it is new");
    store.create_session(late.clone(), by()).await.expect("it is new");
    assert_eq!(store.forget_sessions(at(20)).await.expect("forgets"), 1);
    assert_eq!(store.session(session(1).fingerprint).await.expect("reads"), None);
    assert_eq!(store.session(late.fingerprint).await.expect("reads"), Some(late));
}
