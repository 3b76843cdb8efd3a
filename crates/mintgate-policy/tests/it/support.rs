//! Routes for tests, as short as they can be said.

use mintgate_policy::{
    CredentialSources, MethodSet, OriginIndex, RequestPath, Requirement, Route, RouteSettings, Routes,
};
use mintgate_types::ScopeSet;

pub(crate) fn settings(name: &str, pattern: &str) -> RouteSettings {
    RouteSettings {
        name: name.parse().expect("a route name"),
        hosts: Vec::new(),
        pattern: pattern.parse().expect("a pattern"),
        methods: MethodSet::common(),
        origin: "orders".parse().expect("an origin name"),
        origin_index: OriginIndex(0),
        audience: "orders".parse().expect("an audience"),
        requirement: Requirement::ApiKey,
        scopes: ScopeSet::none(),
        credentials: CredentialSources::default(),
        strip_prefix: None,
        response_timeout: None,
    }
}

pub(crate) fn route(name: &str, pattern: &str) -> Route {
    Route::new(settings(name, pattern)).expect("settings that fit")
}

/// Routes that are called what their pattern is not: `("name", "/pattern")`.
pub(crate) fn routes(list: &[(&str, &str)]) -> Routes {
    Routes::new(list.iter().map(|(name, pattern)| route(name, pattern)).collect()).expect("no conflicts")
}

pub(crate) fn path(target: &str) -> RequestPath<'_> {
    RequestPath::parse(target).expect(target)
}

/// The name of the route that a GET of `target` takes, or why none.
pub(crate) fn taken(routes: &Routes, target: &str) -> String {
    match routes.find("any.example", &path(target), &http::Method::GET) {
        Ok(route) => route.name().to_string(),
        Err(refusal) => refusal.to_string(),
    }
}
