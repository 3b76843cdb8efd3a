//! The choice of a route.

use http::Method;
use mintgate_policy::{MethodSet, NoRoute, Route, RouteConflict, Routes};

use crate::support::{path, route, routes, settings, taken};

#[test]
fn the_most_specific_path_wins_in_any_order() {
    let list = [("all", "/{*rest}"), ("one", "/v1/{id}"), ("me", "/v1/me"), ("below", "/v1/{id}/{*rest}")];
    for turn in 0..list.len() {
        let mut turned = list;
        turned.rotate_left(turn);
        let routes = routes(&turned);
        for (target, name) in [
            ("/v1/me", "me"),
            ("/v1/other", "one"),
            ("/v1/other/x", "below"),
            ("/v1/me/x", "below"),
            ("/v2", "all"),
            ("/", "all"),
            ("/v1", "all"),
        ] {
            assert_eq!(taken(&routes, target), name, "{target}");
        }
    }
}

#[test]
fn a_rest_may_be_empty_with_and_without_its_slash() {
    let routes = routes(&[("orders", "/v1/orders/{*rest}")]);
    for target in ["/v1/orders", "/v1/orders/", "/v1/orders/7", "/v1/orders/7/lines/"] {
        assert_eq!(taken(&routes, target), "orders");
    }
    assert_eq!(taken(&routes, "/v1/ordersx"), "no route is for this path");
    assert_eq!(taken(&routes, "/v1"), "no route is for this path");
}

#[test]
fn r15_a_trailing_slash_does_not_slip_past_a_route() {
    let routes = routes(&[("admin", "/admin"), ("user", "/users/{id}/"), ("all", "/{*rest}")]);
    assert_eq!(taken(&routes, "/admin/"), "admin");
    assert_eq!(taken(&routes, "/users/7"), "user");
    assert_eq!(taken(&routes, "/users/7/"), "user");
}

#[test]
fn r15_every_escaped_spelling_takes_the_route_of_what_it_stands_for() {
    let list = [("export", "/orders:export"), ("mail", "/a@b.c"), ("cafe", "/café 1"), ("all", "/{*rest}")];
    let routes = routes(&list);
    for (target, name) in [
        ("/orders:export", "export"),
        ("/orders%3Aexport", "export"),
        ("/orders%3aexport", "export"),
        ("/a%40b.c", "mail"),
        ("/caf%C3%A9%201", "cafe"),
        ("/caf%c3%a9%201", "cafe"),
        ("/orders%3Aexports", "all"),
    ] {
        assert_eq!(taken(&routes, target), name, "{target}");
    }
}

#[test]
fn r15_path_parameters_do_not_slip_past_a_route() {
    let guarded = routes(&[("admin", "/admin/users"), ("all", "/{*rest}")]);
    let ambiguous = "the path would name another route without its path parameters";
    for target in ["/admin;x/users", "/admin;/users", "/admin/users;v=1", "/admin%3Bx/users", "/admin;a;b"] {
        assert_eq!(taken(&guarded, target), ambiguous, "{target}");
    }
    assert_eq!(taken(&guarded, "/other;x=1/y;z"), "all");
    assert_eq!(taken(&routes(&[("one", "/users/{id}")]), "/users/7;v=1"), "one");
}

#[test]
fn the_method_never_leads_to_a_less_specific_path() {
    let mut strict = settings("export", "/v1/export");
    strict.methods = MethodSet::parse(["POST", "OPTIONS"]).expect("methods");
    let strict = Route::new(strict).expect("settings that fit");
    let routes = Routes::new(vec![strict, route("all", "/{*rest}")]).expect("no conflicts");
    let refusal = routes.find("a", &path("/v1/export"), &Method::GET).expect_err("POST only");
    let NoRoute::MethodNotAllowed { allow } = refusal else { panic!("{refusal}") };
    assert_eq!(allow.to_string(), "POST, OPTIONS");
}

#[test]
fn routes_of_one_path_share_its_methods() {
    let with = |name: &str, methods: &[&str]| {
        let mut settings = settings(name, "/x");
        settings.methods = MethodSet::parse(methods.iter().copied()).expect("methods");
        Route::new(settings).expect("settings that fit")
    };
    let routes = Routes::new(vec![with("read", &["GET"]), with("head", &["HEAD"]), with("write", &["PUT"])]);
    let routes = routes.expect("no conflicts");
    let name = |method| routes.find("a", &path("/x"), &method).map(|route| route.name().to_string());
    assert_eq!(name(Method::GET).expect("a route"), "read");
    assert_eq!(name(Method::HEAD).expect("a route"), "head");
    assert_eq!(name(Method::PUT).expect("a route"), "write");
    let refusal = name(Method::DELETE).expect_err("nobody takes DELETE");
    assert_eq!(refusal.to_string(), "the path takes GET, HEAD, PUT only");
}

#[test]
fn r17_hosts_match_whatever_their_spelling_and_unknown_ones_are_refused() {
    let mut only = settings("api", "/{*rest}");
    only.hosts = vec!["api.example.com".parse().expect("a host")];
    let routes = Routes::new(vec![Route::new(only).expect("settings that fit")]).expect("no conflicts");
    for host in [
        "api.example.com",
        "API.example.COM",
        "api.example.com.",
        "api.example.com:443",
        "api.example.com.:80",
    ] {
        assert!(routes.find(host, &path("/x"), &Method::GET).is_ok(), "{host}");
    }
    for host in [
        "",
        "example.com",
        "xapi.example.com",
        "api.example.com.evil",
        "api.example.com..",
        "api.example.com:x",
        "a@api.example.com",
    ] {
        assert_eq!(
            routes.find(host, &path("/x"), &Method::GET).expect_err(host),
            NoRoute::UnknownHost,
            "{host}"
        );
    }
}

#[test]
fn r17_a_named_host_comes_before_any_and_an_odd_port_does_not_change_that() {
    let mut named = settings("named", "/admin");
    named.hosts = vec!["api.example.com".parse().expect("a host")];
    let named = Route::new(named).expect("settings that fit");
    let routes = Routes::new(vec![route("any", "/{*rest}"), named]).expect("no conflicts");
    let name =
        |host, target| routes.find(host, &path(target), &Method::GET).map(|route| route.name().to_string());
    assert_eq!(name("api.example.com", "/admin").expect("a route"), "named");
    assert_eq!(name("Api.example.com.:31337", "/admin").expect("a route"), "named");
    assert_eq!(name("api.example.com", "/other").expect("a route"), "any");
    assert_eq!(name("other.example", "/admin").expect("a route"), "any");
    assert_eq!(name("", "/admin").expect("a route"), "any");
    assert_eq!(name("api.example.com@x", "/admin").expect_err("no host"), NoRoute::UnknownHost);
}

#[test]
fn r19_the_query_takes_no_part_in_the_choice() {
    let routes = routes(&[("admin", "/admin"), ("all", "/{*rest}")]);
    assert_eq!(taken(&routes, "/admin?x=/../public"), "admin");
    assert_eq!(taken(&routes, "/public?/../admin"), "all");
}

#[test]
fn what_only_order_could_decide_is_a_conflict() {
    let conflicts = Routes::new(vec![
        route("a", "/x/{id}"),
        route("b", "/x/{name}/"),
        route("c", "/y"),
        route("c", "/z"),
    ])
    .expect_err("two conflicts");
    let words: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "route `b` takes GET, HEAD, POST, PUT, PATCH, DELETE for the same path as route `a`",
            "there are two routes named `c`",
        ]
    );
    assert!(matches!(conflicts[1], RouteConflict::Name { position: 3, .. }));
}

#[test]
fn a_conflict_on_a_host_names_it() {
    let on = |name: &str, hosts: &[&str]| {
        let mut settings = settings(name, "/");
        settings.hosts = hosts.iter().map(|host| host.parse().expect("a host")).collect();
        Route::new(settings).expect("settings that fit")
    };
    let conflicts = Routes::new(vec![on("a", &["x", "y"]), on("b", &["y", "Y."]), on("c", &[])]);
    let words: Vec<_> = conflicts.expect_err("one").iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["route `b` takes GET, HEAD, POST, PUT, PATCH, DELETE for the same path on host `y` as route `a`"]
    );
}
