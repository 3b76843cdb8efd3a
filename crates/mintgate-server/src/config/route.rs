//! `[[route]]`: which requests go where, and what they must bring.

use std::{collections::HashSet, ops::Range, time::Duration};

use mintgate_policy::{
    CredentialSources, HostName, InvalidRoute, KeyHeader, KeyQuery, MethodSet, OriginIndex, PathPattern,
    PathPrefix, Requirement, Route, RouteConflict, RouteSettings, Routes,
};
use mintgate_types::{OriginName, RouteName, Scope, ScopeSet};
use serde_json::{Value as Json, json};
use toml::{Spanned, de::DeValue};

use super::{
    origin::OriginSection,
    problem::Finding,
    quantity::Period,
    section::{Default, Ledger, Section},
    setting::{At, Complaint, Setting, Text, did_you_mean},
};

/// A route as it stands in the file.
pub(crate) struct RouteSection {
    name: Option<RouteName>,
    hosts: Vec<HostName>,
    path: Option<At<PathPattern>>,
    methods: Option<MethodSet>,
    origin: Option<At<OriginName>>,
    auth: Option<Requirement>,
    scopes: Option<At<ScopeSet>>,
    header: Option<At<KeyHeader>>,
    query: Option<At<KeyQuery>>,
    strip_prefix: Option<At<PathPrefix>>,
    timeout: Option<Duration>,
    heading: Option<Range<usize>>,
}

/// A route and where its path stands.
pub(crate) struct PlacedRoute {
    pub(crate) route: Route,
    pub(crate) span: Option<Range<usize>>,
}

pub(crate) fn read(section: &mut Section<'_>) -> RouteSection {
    let name = section.optional("name", "How logs call the route. Made from its path, if left out.");
    let hosts = section.defaulted::<Vec<At<HostName>>>(
        "hosts",
        Default::EmptyList,
        "The hosts that the route is for; any, if left out. Case, port and a trailing dot play no part.",
    );
    let path = section.required(
        "path",
        "The paths that the route is for: literal segments, `{name}` for one segment, `{*name}` at the end for the \
         rest. A trailing slash plays no part.",
    );
    let methods = section.optional::<Vec<At<Text>>>(
        "methods",
        "The methods that the route takes. GET, HEAD, POST, PUT, PATCH and DELETE, if left out. HEAD comes with GET.",
    );
    let origin = section.required("origin", "The name of the origin that the route leads to.");
    let auth = section.required::<Auth>(
        "auth",
        "What a request must bring: `\"api-key\"`, or `\"public\"` for nothing. There is no default.",
    );
    let scopes = section.defaulted::<Vec<At<Scope>>>(
        "scopes",
        Default::EmptyList,
        "The scopes that a key must have, all of them.",
    );
    let header =
        section.optional("api_key_header", "A header besides `Authorization` that may carry the key.");
    let query = section.optional::<KeyQuery>(
        "api_key_query",
        "A query parameter that may carry the key. Queries end up in logs: only where nothing else is possible.",
    );
    let strip_prefix =
        section.optional("strip_prefix", "What is cut off the path before the origin gets it.");
    let timeout = section.optional::<Period>(
        "timeout",
        "How long the origin may take to begin its answer, if not the origin's `response_timeout`.",
    );
    if let Some(query) = &query {
        let finding = Finding::new(query.span.clone(), "keys in queries end up in logs and histories")
            .advice("use `api_key_header`, if the clients can");
        section.ledger().warning(finding);
    }
    RouteSection {
        name: name.map(|at| at.value),
        hosts: hosts.value.into_iter().map(|at| at.value).collect(),
        path,
        methods: read_methods(section, methods),
        origin,
        auth: auth.map(|at| at.value.0),
        scopes: read_scopes(section, scopes),
        header,
        query,
        strip_prefix,
        timeout: timeout.map(|at| at.value.get()),
        heading: section.heading(),
    }
}

/// `None` where a problem was noted.
fn read_methods(section: &Section<'_>, methods: Option<At<Vec<At<Text>>>>) -> Option<MethodSet> {
    let Some(methods) = methods else {
        return (!section.has("methods")).then(MethodSet::common);
    };
    let mut noted = false;
    for method in &methods.value {
        if let Err(error) = MethodSet::parse([method.value.0.as_str()]) {
            noted = true;
            let upper = method.value.0.to_uppercase();
            let hint = MethodSet::parse([upper.as_str()]).is_ok().then(|| format!("write `{upper}`"));
            section.ledger().problem(Finding::new(method.span.clone(), error.to_string()).hint(hint));
        }
    }
    let set = MethodSet::parse(methods.value.iter().map(|at| at.value.0.as_str()));
    if let (Err(error), false) = (&set, noted) {
        let finding =
            Finding::new(methods.span, error.to_string()).advice("leave `methods` out for the common ones");
        section.ledger().problem(finding);
    }
    set.ok()
}

fn read_scopes(section: &Section<'_>, scopes: At<Vec<At<Scope>>>) -> Option<At<ScopeSet>> {
    let span = scopes.span;
    match ScopeSet::new(scopes.value.into_iter().map(|at| at.value)) {
        Ok(set) => Some(At { value: set, span }),
        Err(error) => {
            section.ledger().problem(Finding::new(span, error.to_string()));
            None
        }
    }
}

/// Joins routes and origins, and finds what stands between them.
pub(crate) fn join(
    sections: Vec<RouteSection>,
    origins: &[OriginSection],
    ledger: &Ledger,
) -> Vec<PlacedRoute> {
    let mut names: HashSet<RouteName> = sections.iter().filter_map(|section| section.name.clone()).collect();
    let joined = sections.into_iter().filter_map(|mut section| {
        if section.name.is_none() {
            section.name = section.path.as_ref().map(|path| name_of(path.value.as_str(), &mut names));
        }
        section.join(origins, ledger)
    });
    joined.collect()
}

/// The set of all routes. `None` where a problem was noted.
pub(crate) fn set(placed: &[PlacedRoute], ledger: &Ledger) -> Option<Routes> {
    let conflicts = match Routes::new(placed.iter().map(|placed| placed.route.clone()).collect()) {
        Ok(routes) => return Some(routes),
        Err(conflicts) => conflicts,
    };
    for conflict in conflicts {
        let finding = match &conflict {
            RouteConflict::Name { position, .. } => {
                Finding::new(placed[*position].span.clone(), conflict.to_string())
                    .advice("give one of them another `name`")
            }
            RouteConflict::Overlap { position, rival, .. } => {
                let rival = placed.iter().find(|placed| placed.route.name() == rival);
                Finding::new(placed[*position].span.clone(), conflict.to_string())
                    .related(rival.and_then(|rival| rival.span.clone()), "the other one")
                    .advice("routes may share a path only with different `methods` or `hosts`")
            }
        };
        ledger.problem(finding);
    }
    None
}

impl RouteSection {
    fn join(self, origins: &[OriginSection], ledger: &Ledger) -> Option<PlacedRoute> {
        let (index, origin) = self.origin(origins, ledger)?;
        let path = self.path?;
        let span = path.span.clone();
        let settings = RouteSettings {
            name: self.name?,
            hosts: self.hosts,
            pattern: path.value,
            methods: self.methods?,
            origin: origin.config.name.clone(),
            origin_index: OriginIndex(index),
            audience: origin.config.audience.clone(),
            requirement: self.auth?,
            scopes: self.scopes.as_ref()?.value.clone(),
            credentials: CredentialSources {
                header: self.header.as_ref().map(|at| at.value.clone()),
                query: self.query.as_ref().map(|at| at.value.clone()),
            },
            strip_prefix: self.strip_prefix.as_ref().map(|at| at.value.clone()),
            response_timeout: self.timeout,
        };
        let place = |error: &InvalidRoute| match error {
            InvalidRoute::StripPrefix => self.strip_prefix.as_ref().and_then(|at| at.span.clone()),
            InvalidRoute::PublicWithScopes => self.scopes.as_ref().and_then(|at| at.span.clone()),
            InvalidRoute::PublicWithCredentials => {
                let header = self.header.as_ref().and_then(|at| at.span.clone());
                header.or_else(|| self.query.as_ref().and_then(|at| at.span.clone()))
            }
        };
        let noted = |error: InvalidRoute| ledger.problem(Finding::new(place(&error), error.to_string()));
        Some(PlacedRoute { route: Route::new(settings).map_err(noted).ok()?, span: span.or(self.heading) })
    }

    fn origin<'o>(
        &self,
        origins: &'o [OriginSection],
        ledger: &Ledger,
    ) -> Option<(usize, &'o OriginSection)> {
        let wanted = self.origin.as_ref()?;
        let found = origins.iter().enumerate().find(|(_, origin)| origin.config.name == wanted.value);
        if found.is_none() {
            let names: Vec<_> = origins.iter().map(|origin| origin.config.name.as_str()).collect();
            let hint =
                did_you_mean(wanted.value.as_str(), names.iter().copied()).or_else(|| match names[..] {
                    [] => Some("there is no usable `[[origin]]`".to_owned()),
                    _ => Some(format!("origins: `{}`", names.join("`, `"))),
                });
            let finding = Finding::new(wanted.span.clone(), format!("there is no origin `{}`", wanted.value));
            ledger.problem(finding.hint(hint));
        }
        found
    }
}

/// A name out of a path: `/v1/orders/{*rest}` becomes `v1-orders-rest`, the root `root`.
fn name_of(path: &str, taken: &mut HashSet<RouteName>) -> RouteName {
    let words =
        path.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut base = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    base.truncate(56);
    let base = if base.is_empty() { "root" } else { base.as_str() };
    let candidates = std::iter::once(base.to_owned()).chain((2..).map(|number| format!("{base}-{number}")));
    let name = candidates
        .map(|candidate| candidate.parse::<RouteName>().expect("letters, digits and dashes, not too long"))
        .find(|name| !taken.contains(name))
        .expect("numbers do not end");
    taken.insert(name.clone());
    name
}

/// What a request must bring: a word, or a list of words any of which will do.
struct Auth(Requirement);

impl Setting for Auth {
    fn schema() -> Json {
        let word = json!({ "enum": ["api-key", "public"] });
        json!({ "anyOf": [word, { "type": "array", "items": { "const": "api-key" }, "minItems": 1 }] })
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        let DeValue::Array(_) = value.get_ref() else {
            let Text(word) = Text::read(value)?;
            return Self::from_word(&word, value.span()).map_err(|complaint| vec![complaint]);
        };
        let words = Vec::<At<Text>>::read(value)?;
        let complain = |message: &str| {
            let message = message.to_owned();
            Err(vec![Complaint { span: value.span(), message, hint: Some(WAYS.to_owned()) }])
        };
        if words.is_empty() {
            return complain("an empty list asks for nothing");
        }
        if words.len() > 1 && words.iter().any(|at| at.value.0 == "public") {
            return complain("`public` asks for nothing, so nothing can stand beside it");
        }
        let span = |at: &At<Text>| at.span.clone().unwrap_or_else(|| value.span());
        let read = words.iter().map(|at| Self::from_word(&at.value.0, span(at)));
        let (read, complaints): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
        match read.into_iter().flatten().next() {
            Some(first) if complaints.is_empty() => Ok(first),
            _ => Err(complaints.into_iter().filter_map(Result::err).collect()),
        }
    }
}

impl Auth {
    fn from_word(word: &str, span: Range<usize>) -> Result<Self, Complaint> {
        match word {
            "api-key" => Ok(Self(Requirement::ApiKey)),
            "public" => Ok(Self(Requirement::Public)),
            _ if word.starts_with("jwt:") => {
                let message = "tokens of other issuers are not available in this version".to_owned();
                Err(Complaint { span, message, hint: Some(WAYS.to_owned()) })
            }
            _ => {
                let hint = did_you_mean(word, ["api-key", "public"]).or_else(|| Some(WAYS.to_owned()));
                Err(Complaint { span, message: "not a way to authenticate".to_owned(), hint })
            }
        }
    }
}

const WAYS: &str = "write `\"api-key\"`, or `\"public\"` to let everybody through";
