//! The way of one request, top to bottom.

use std::{rc::Rc, sync::Arc};

use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version, header, request::Parts};
use hyper::body::{Body as _, Incoming};
use mintgate_apikey::PresentedKey;
use mintgate_exchange::{Caller, Exchange, Token};
use mintgate_policy::{Denied, NoRoute, Permit, RequestPath, Requirement, Route, Routes};
use mintgate_types::{BufferedEntropy, RequestId};

use crate::{
    body::{OutboundBody, ReplyBody},
    config::{BodyLimit, GateConfig},
    connection::ConnectionState,
    credential,
    documents::Documents,
    headers::{self, Asked, Forwarded, Managed},
    origin::{Origin, OriginError},
    refusal::Refusal,
    reply,
    usage::{Counters, Meter},
};

/// Everything that one worker needs to take requests through.
pub(crate) struct Gate {
    // Dependencies.
    exchange: Arc<Exchange>,
    documents: Documents,
    origins: Vec<Rc<Origin>>,
    ids: BufferedEntropy,
    counters: Rc<Counters>,
    // Settings.
    config: GateConfig,
    routes: Routes,
    managed: Managed,
}

/// What a gate works with.
pub(crate) struct GateDeps {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) documents: Documents,
    pub(crate) origins: Vec<Rc<Origin>>,
    pub(crate) ids: BufferedEntropy,
    pub(crate) counters: Rc<Counters>,
}

/// A request as it came, with what is known of its way.
pub(crate) struct Inbound<'c, 'g> {
    pub(crate) request: Request<Incoming>,
    pub(crate) forwarded: Forwarded,
    pub(crate) id: &'c HeaderValue,
    pub(crate) connection: &'c Rc<ConnectionState>,
    /// Starts when the request may pass.
    pub(crate) meter: &'c mut Option<Meter<'g>>,
}

impl Gate {
    pub(crate) fn new(config: GateConfig, routes: Routes, deps: GateDeps) -> Self {
        let GateDeps { exchange, documents, origins, ids, counters } = deps;
        let managed = Managed::new(&routes);
        Self { exchange, documents, origins, ids, counters, config, routes, managed }
    }

    pub(crate) fn config(&self) -> &GateConfig {
        &self.config
    }

    /// A refusal, for its reason and, where one was found that did not get in, for its key.
    pub(crate) fn count_refusal(&self, refusal: &Refusal) {
        if let Some(reason) = refusal.reason() {
            self.counters.refuse(reason, refusal.key(), self.exchange.now());
        }
    }

    pub(crate) fn new_id(&self) -> HeaderValue {
        reply::id_value(RequestId::generate(&self.ids))
    }

    /// From a request to the origin's answer, or to the reason why there is none.
    pub(crate) async fn handle<'g>(
        &'g self,
        inbound: Inbound<'_, 'g>,
    ) -> Result<Response<ReplyBody>, Refusal> {
        let Inbound { request, forwarded, id, connection, meter } = inbound;
        let (mut parts, body) = request.into_parts();
        let target = target_of(&parts.uri)?;
        let path = RequestPath::parse(target)?;
        if let Some(reply) = self.documents.answer(path.as_str(), &parts.method, &parts.headers) {
            return reply;
        }
        let host = host_of(&parts.headers)?;
        let route = self.routes.find(host, &path, &parts.method)?;
        let origin = &self.origins[route.origin_index().0];
        let host = origin.host_header(host).cloned();
        let permit = self.admit(&parts, &path, route)?;
        *meter = permit.as_ref().map(|permit| Meter::start(&self.counters, permit.caller()));
        let asked = Asked::of(&parts.headers);
        self.check_body(&parts.headers, &asked, &body)?;
        let token = match &permit {
            Some(permit) => Some(self.exchange.token_for(permit).await?),
            None => None,
        };
        if let Some(target) = rewritten(route, &path) {
            parts.uri = target;
        }
        self.dress(&mut parts, &asked, token.as_deref());
        forwarded.write(&mut parts.headers);
        parts.headers.insert(headers::X_REQUEST_ID, id.clone());
        let body = OutboundBody::of(body, self.config.body, self.config.body_timeout);
        if let Some(host) = host {
            parts.headers.insert(header::HOST, host);
        }
        let sent = origin.send(&parts, body, route.response_timeout()).await;
        let mut response =
            sent.map(|response| response.map(ReplyBody::of_origin)).map_err(|error| match error {
                OriginError::Unsendable(fault) => fault.refusal(connection),
                error => Refusal::Origin { origin: origin.config().name.clone(), error },
            })?;
        // What the origin speaks is between it and us (RFC 9112 §2.3).
        *response.version_mut() = Version::HTTP_11;
        headers::strip_hop_by_hop(response.headers_mut());
        if let Some(grace) = permit.and_then(|permit| permit.caller().grace()) {
            reply::add_deprecation(grace, response.headers_mut());
        }
        Ok(response)
    }

    /// Who may pass, if the route asks. `None` on a public route, which gives no token.
    fn admit(
        &self,
        parts: &Parts,
        path: &RequestPath<'_>,
        route: &Arc<Route>,
    ) -> Result<Option<Permit<Caller>>, Refusal> {
        if route.requirement() == Requirement::Public || cfg!(feature = "bench-bare") {
            return Ok(None);
        }
        let text = credential::find(&parts.headers, path, route.credentials())?;
        let caller = self.exchange.authenticate(&PresentedKey::parse(&text)?)?;
        let key = caller.key();
        match route.authorize(caller) {
            Ok(permit) => Ok(Some(permit)),
            Err(Denied::InsufficientScope { needed }) => Err(Refusal::Scope { key, needed }),
            Err(Denied::Public) => Ok(None),
        }
    }

    /// Refuses what need not be begun: the client has not been told to go on yet.
    fn check_body(&self, headers: &HeaderMap, asked: &Asked, body: &Incoming) -> Result<(), Refusal> {
        let is_known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        if asked.expects && !headers.get_all(header::EXPECT).iter().all(is_known) {
            return Err(Refusal::Expectation);
        }
        match self.config.body {
            BodyLimit::Bytes(limit) if body.size_hint().lower() > limit => Err(Refusal::BodyTooLarge),
            BodyLimit::Bytes(_) | BodyLimit::Unlimited => Ok(()),
        }
    }

    /// Leaves nothing of what only the gate may say, then says it.
    fn dress(&self, parts: &mut Parts, asked: &Asked, token: Option<&Token>) {
        let headers = &mut parts.headers;
        headers::strip_hop_by_hop(headers);
        self.managed.strip(headers);
        if asked.expects {
            // The expectation was ours to meet: reading the body tells the client to go on.
            headers.remove(header::EXPECT);
        }
        match token {
            Some(token) => headers.insert(header::AUTHORIZATION, token.authorization().clone()),
            None => headers.remove(header::AUTHORIZATION),
        };
        if asked.takes_trailers {
            headers::ask_for_trailers(headers);
        }
        parts.version = Version::HTTP_11;
    }
}

impl From<NoRoute> for Refusal {
    fn from(refused: NoRoute) -> Self {
        match refused {
            NoRoute::UnknownHost => Self::UnknownHost,
            NoRoute::AmbiguousPath => Self::AmbiguousPath,
            NoRoute::MethodNotAllowed { allow } => Self::Method { allow },
            _ => Self::NoRoute,
        }
    }
}

/// The target in origin form. Absolute form and authority form name a host a second time (R18).
fn target_of(uri: &Uri) -> Result<&str, Refusal> {
    if uri.scheme().is_some() || uri.authority().is_some() {
        return Err(Refusal::Path(mintgate_policy::PathRefusal::NotOriginForm));
    }
    Ok(uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str))
}

fn host_of(headers: &HeaderMap) -> Result<&str, Refusal> {
    headers.get(header::HOST).map_or(Ok(""), |host| host.to_str().map_err(|_| Refusal::Host))
}

/// The target for the origin, where it differs from the client's.
fn rewritten(route: &Route, path: &RequestPath<'_>) -> Option<Uri> {
    let parameter = route.credentials().query.as_ref();
    if route.strip_prefix().is_none() && parameter.is_none() {
        return None;
    }
    let target = route.outbound_target(path);
    let target = match parameter {
        Some(parameter) => credential::without_parameter(&target, parameter),
        None => target.into_owned(),
    };
    Some(Uri::try_from(target).expect("a part of a target, from slash to slash or `?`, is a target"))
}
