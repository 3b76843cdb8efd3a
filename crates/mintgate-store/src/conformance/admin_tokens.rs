//! Promises of [`AdminTokens`](crate::AdminTokens).

use mintgate_apikey::KeyFingerprint;
use mintgate_types::{AdminTokenId, Revision, SeededEntropy};

use super::sample::{at, by};
use crate::{
    AdminRole, AdminTokenRecord, AdminTokenRoll, AdminTokenState, Conflict, NewAdminToken, Store, StoreError,
    Within,
};

pub async fn an_admin_token_comes_back_as_it_went_in(store: &dyn Store) {
    for (number, role, within, expires) in [
        (1, AdminRole::Owner, Within::Everything, None),
        (2, AdminRole::Operator, buckets(&["production", "a"]), Some(at(50))),
        (3, AdminRole::Auditor, buckets(&[]), None),
    ] {
        let wanted = NewAdminToken { role, within, expires, ..new(number) };
        let made = store.create_admin_token(wanted.clone(), by()).await.expect("free");
        let expected = AdminTokenRecord {
            id: wanted.id,
            name: wanted.name,
            fingerprint: wanted.fingerprint,
            role: wanted.role,
            within: wanted.within,
            created: wanted.created,
            expires: wanted.expires,
            state: AdminTokenState::Active,
            revision: Revision(number.into()),
        };
        assert_eq!(made, expected);
        assert_eq!(store.admin_token(made.id).await.expect("reads"), Some(expected));
    }
    let names: Vec<_> =
        store.admin_tokens().await.expect("reads").iter().map(|t| t.name.to_string()).collect();
    assert_eq!(names, ["admin-1", "admin-2", "admin-3"]);
}

pub async fn the_name_of_an_active_admin_token_is_taken(store: &dyn Store) {
    let made = store.create_admin_token(new(1), by()).await.expect("free");
    for twin in [
        NewAdminToken { name: new(1).name, ..new(2) },
        NewAdminToken { id: new(1).id, ..new(2) },
        NewAdminToken { fingerprint: new(1).fingerprint, ..new(2) },
    ] {
        let refused = store.create_admin_token(twin, by()).await.expect_err("taken");
        assert!(matches!(refused, StoreError::Conflict(Conflict::AdminTokenExists)), "{refused:?}");
    }
    assert_eq!(store.admin_tokens().await.expect("reads"), std::slice::from_ref(&made));
    store.revoke_admin_token(made.id, by()).await.expect("works").expect("is there");
    let successor = NewAdminToken { name: new(1).name, ..new(2) };
    store.create_admin_token(successor, by()).await.expect("the name is free again");
}

pub async fn a_rolled_admin_token_goes_on_until_its_grace_is_over(store: &dyn Store) {
    let first = NewAdminToken { role: AdminRole::Operator, within: buckets(&["main"]), ..new(1) };
    let first = store.create_admin_token(first, by()).await.expect("free");
    let roll = roll(first.id, 2);
    let rolled = store.roll_admin_token(roll.clone(), by()).await.expect("works").expect("is there");
    let state = AdminTokenState::Rolled { at: by().at, until: at(600), successor: roll.id };
    let replaced = AdminTokenRecord { state, revision: Revision(2), ..first.clone() };
    let successor = AdminTokenRecord {
        id: roll.id,
        fingerprint: roll.fingerprint,
        created: by().at,
        expires: Some(at(900)),
        revision: Revision(2),
        ..first
    };
    assert_eq!((&rolled.replaced, &rolled.successor), (&replaced, &successor));
    assert_eq!(rolled.replaced.ends(), Some(at(600)));
    for record in [replaced, successor] {
        assert_eq!(store.admin_token(record.id).await.expect("reads"), Some(record));
    }
}

pub async fn only_an_active_admin_token_is_rolled(store: &dyn Store) {
    let first = store.create_admin_token(new(1), by()).await.expect("free");
    store.roll_admin_token(roll(first.id, 2), by()).await.expect("works").expect("is there");
    let revoked = new(2).id;
    store.revoke_admin_token(revoked, by()).await.expect("works").expect("is there");
    let before = store.revision().await.expect("reads");
    for ended in [first.id, revoked] {
        let refused = store.roll_admin_token(roll(ended, 3), by()).await.expect_err("it ended");
        assert!(matches!(refused, StoreError::Conflict(Conflict::AdminTokenEnded)), "{refused:?}");
    }
    let taken = store.create_admin_token(new(4), by()).await.expect("free");
    let refused = store.roll_admin_token(roll(taken.id, 2), by()).await.expect_err("the id is taken");
    assert!(matches!(refused, StoreError::Conflict(Conflict::AdminTokenExists)), "{refused:?}");
    let kept = store.admin_token(taken.id).await.expect("reads");
    assert_eq!(kept, Some(taken), "nothing half done");
    assert_eq!(store.revision().await.expect("reads"), Revision(before.0 + 1));
}

pub async fn a_revoked_admin_token_stays_and_says_when(store: &dyn Store) {
    let made = store.create_admin_token(new(1), by()).await.expect("free");
    let revoked = store.revoke_admin_token(made.id, by()).await.expect("works").expect("is there");
    let expected =
        AdminTokenRecord { state: AdminTokenState::Revoked { at: by().at }, revision: Revision(2), ..made };
    assert_eq!((&revoked, revoked.ends()), (&expected, Some(by().at)));
    let again = store.revoke_admin_token(expected.id, by()).await.expect("works");
    assert_eq!(again, Some(expected), "the second time changes nothing");
    assert_eq!(store.revision().await.expect("reads"), Revision(2));
}

pub async fn an_absent_admin_token_is_none(store: &dyn Store) {
    assert_eq!(store.admin_token(new(1).id).await.expect("reads"), None);
    assert_eq!(store.revoke_admin_token(new(1).id, by()).await.expect("works"), None);
    assert_eq!(store.roll_admin_token(roll(new(1).id, 2), by()).await.expect("works"), None);
    assert_eq!(store.admin_tokens().await.expect("reads"), []);
    assert_eq!(store.revision().await.expect("reads"), Revision::ZERO);
}

fn new(number: u8) -> NewAdminToken {
    NewAdminToken {
        id: AdminTokenId::generate(&SeededEntropy::new(number.into())),
        name: format!("admin-{number}").parse().expect("a name"),
        fingerprint: KeyFingerprint::from([number; 32]),
        role: AdminRole::Owner,
        within: Within::Everything,
        created: at(number.into()),
        expires: None,
    }
}

fn roll(replaces: AdminTokenId, number: u8) -> AdminTokenRoll {
    let NewAdminToken { id, fingerprint, .. } = new(number);
    AdminTokenRoll { replaces, id, fingerprint, expires: Some(at(900)), until: at(600) }
}

fn buckets(names: &[&str]) -> Within {
    Within::Buckets(names.iter().map(|name| name.parse().expect("a bucket name")).collect())
}
