//! What must hold between sections.

use std::net::{IpAddr, SocketAddr};

use mintgate_policy::{PathPattern, Requirement, Route};

use super::{
    admin::AdminSection, base_url::BaseUrl, issuer::IssuerSection, origin::OriginSection, problem::Finding,
    route::PlacedRoute, section::Ledger, setting::At,
};

/// Management never answers on the data listener.
pub(crate) fn apart(listen: &[At<SocketAddr>], admin: &AdminSection, ledger: &Ledger) {
    if let Some(data) = listen.iter().find(|data| collide(data.value, admin.listen.value)) {
        let message = format!("the admin API would listen on the data listener's address {}", data.value);
        let finding = Finding::new(admin.listen.span.clone().or_else(|| data.span.clone()), message)
            .related(data.span.clone().filter(|_| admin.listen.span.is_some()), "the data listener")
            .advice("give `admin.listen` a port of its own");
        ledger.problem(finding);
    }
}

/// No origin is the gateway itself: requests would go in circles, or reach the admin API through the data listener.
pub(crate) fn no_circles(
    listen: &[At<SocketAddr>],
    admin: &AdminSection,
    origins: &[OriginSection],
    ledger: &Ledger,
) {
    for origin in origins {
        let data = listen.iter().map(|at| (at.value, "this is the gateway's own data listener"));
        let admin = std::iter::once((admin.listen.value, "this is the gateway's own admin listener"));
        let own = data.chain(admin).find(|(address, _)| leads_to(&origin.config.url, *address));
        if let Some((_, message)) = own {
            ledger.problem(
                Finding::new(origin.url_span.clone(), message).advice("name the origin's own address"),
            );
        }
    }
}

/// What the configuration has but nothing uses.
pub(crate) fn used(routes: &[PlacedRoute], origins: &[OriginSection], ledger: &Ledger) {
    for origin in origins {
        if !routes.iter().any(|placed| placed.route.origin() == &origin.config.name) {
            let message = format!("no route leads to origin `{}`", origin.config.name);
            ledger.warning(Finding::new(origin.name_span.clone(), message));
        }
    }
    if origins.is_empty() && routes.is_empty() {
        let hint = "add an `[[origin]]` and a `[[route]]`";
        ledger.warning(Finding::new(None, "there is no route, so every request is refused").advice(hint));
    }
}

/// The issuer's documents are answered by the gateway itself; a route below its path would never be taken.
pub(crate) fn issuer_path_is_free(issuer: &IssuerSection, routes: &[PlacedRoute], ledger: &Ledger) {
    let path = &issuer.path.value.0;
    let whole: PathPattern = format!("{path}/{{*rest}}").parse().expect("an issuer path is literal");
    for placed in routes.iter().filter(|placed| whole.covers(placed.route.pattern())) {
        let message = format!("the gateway itself answers below `{path}`, so this route is never taken");
        let finding = Finding::new(placed.span.clone(), message)
            .related(issuer.path.span.clone(), "the issuer's path")
            .advice("move the route, or change `issuer.path`");
        ledger.problem(finding);
    }
}

/// A public pattern over a guarded one is only as strict as the gateway and the origin agree on paths.
pub(crate) fn public_over_guarded(routes: &[PlacedRoute], ledger: &Ledger) {
    let is_public = |route: &Route| route.requirement() == Requirement::Public;
    for public in routes.iter().filter(|placed| is_public(&placed.route) && placed.route.pattern().is_open())
    {
        let guarded = routes.iter().find(|placed| {
            !is_public(&placed.route)
                && placed.route.origin() == public.route.origin()
                && public.route.pattern().covers(placed.route.pattern())
        });
        if let Some(guarded) = guarded {
            let message = format!(
                "route `{}` is public and also matches what lies around route `{}`",
                public.route.name(),
                guarded.route.name()
            );
            let finding = Finding::new(public.span.clone(), message)
                .related(guarded.span.clone(), "guarded")
                .advice("if the origin takes another spelling for that path, it is open: name the public paths instead");
            ledger.warning(finding);
        }
    }
}

/// Whether two listeners would take the same connections.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let same_host = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && same_host
}

fn leads_to(url: &BaseUrl, address: SocketAddr) -> bool {
    let host = url.address();
    let is_own = match host {
        Some(host) if address.ip().is_unspecified() => host.is_loopback() || host.is_unspecified(),
        Some(host) => reached_by(host) == address.ip(),
        None => url.is_loopback() && (address.ip().is_loopback() || address.ip().is_unspecified()),
    };
    address.port() != 0 && url.port() == address.port() && is_own
}

/// Connecting to "any address" reaches this machine.
fn reached_by(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        other => other,
    }
}
