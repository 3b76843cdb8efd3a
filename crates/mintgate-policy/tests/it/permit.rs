//! Decisions.

use std::sync::Arc;

use mintgate_policy::{Caller, CredentialSources, Denied, InvalidRoute, Requirement, Route};
use mintgate_types::ScopeSet;

use crate::support::settings;

#[derive(Debug)]
struct Holder(ScopeSet);

impl Caller for Holder {
    fn scopes(&self) -> &ScopeSet {
        &self.0
    }
}

fn scopes(text: &str) -> ScopeSet {
    text.parse().expect("scopes")
}

fn asking(name: &str, audience: &str, needed: &str) -> Arc<Route> {
    let mut settings = settings(name, "/{*rest}");
    settings.audience = audience.parse().expect("an audience");
    settings.scopes = scopes(needed);
    Arc::new(Route::new(settings).expect("settings that fit"))
}

#[test]
fn r31_a_permit_carries_the_caller_and_the_route_that_decided() {
    let (a, b) = (asking("a", "orders", "orders:read"), asking("b", "billing", "billing:read"));
    let permit = a.authorize(Holder(scopes("orders:read x"))).expect("the scope is there");
    assert_eq!(permit.route_name().as_str(), "a");
    assert_eq!(permit.audience().as_str(), "orders");
    assert_eq!(permit.caller().scopes().to_string(), "orders:read x");
    assert_eq!(permit.required_scopes().to_string(), "orders:read");
    assert!(Arc::ptr_eq(permit.route(), &a));
    // What satisfied route A is weighed anew on route B.
    assert!(b.authorize(Holder(scopes("orders:read x"))).is_err());
}

#[test]
fn a_caller_without_all_scopes_learns_which_are_needed() {
    let denied = asking("a", "orders", "b a").authorize(Holder(scopes("a"))).expect_err("b is missing");
    assert_eq!(denied, Denied::InsufficientScope { needed: scopes("a b") });
}

#[test]
fn a_public_route_gives_no_permit() {
    let mut settings = settings("open", "/");
    settings.requirement = Requirement::Public;
    let route = Arc::new(Route::new(settings).expect("settings that fit"));
    assert_eq!(route.authorize(Holder(scopes("a"))).expect_err("public"), Denied::Public);
}

#[test]
fn a_public_route_that_asks_for_something_is_refused() {
    let mut with_scopes = settings("open", "/");
    with_scopes.requirement = Requirement::Public;
    let mut with_header = with_scopes.clone();
    with_scopes.scopes = scopes("a");
    with_header.credentials =
        CredentialSources { header: Some("x-api-key".parse().expect("a header")), query: None };
    assert_eq!(Route::new(with_scopes).expect_err("scopes"), InvalidRoute::PublicWithScopes);
    assert_eq!(Route::new(with_header).expect_err("a header"), InvalidRoute::PublicWithCredentials);
}
