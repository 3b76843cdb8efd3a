//! What surrounds the way of every request.

use std::{convert::Infallible, future::Future, rc::Rc};

use http::{Request, Response};
use hyper::body::Incoming;

use crate::{
    body::ReplyBody,
    connection::ConnectionState,
    headers::{Forwarded, X_REQUEST_ID},
    refusal::Refusal,
    reply,
    request::{Gate, Inbound},
};

/// Answers one request; there is always an answer.
pub(crate) fn answer(
    gate: Rc<Gate>,
    connection: &Rc<ConnectionState>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<ReplyBody>, Infallible>> {
    // First, and before the future is polled: requests are counted in the order in which they came.
    let violation = connection.begin_request();
    async move {
        // Before everything that may refuse, so that every reply and every line of the log has the id.
        let peer = (connection.peer(), connection.peer_value());
        let forwarded = Forwarded::read(request.headers(), peer, &gate.config().trusted_proxies);
        let id = forwarded.request_id().cloned().unwrap_or_else(|| gate.new_id());
        // A head that was refused is not looked at: what stands here is its replacement.
        let mut meter = None;
        let outcome = match violation {
            Some(violation) => Err(Refusal::Framing(violation)),
            None => gate.handle(Inbound { request, forwarded, id: &id, connection, meter: &mut meter }).await,
        };
        // Whoever goes away before this drops the meter, which counts as well.
        if let Some(meter) = meter {
            meter.settle(&outcome);
        }
        // Outside of everything that can fail, so that no failure has another form.
        let mut response = outcome.unwrap_or_else(|refusal| {
            note(&refusal, &id, connection);
            gate.count_refusal(&refusal);
            reply::refuse(&refusal, &gate.config().realm, &id)
        });
        // The origin's own id, if it has one, is not the one that our log knows.
        response.headers_mut().insert(X_REQUEST_ID, id);
        // Last: the request is over when its answer is.
        Ok(response.map(|body| body.ending(connection)))
    }
}

/// The one place where refusals are logged. A key is named only where it was found by its fingerprint.
fn note(refusal: &Refusal, id: &http::HeaderValue, connection: &ConnectionState) {
    let request_id = id.to_str().unwrap_or_default();
    let status = refusal.status().as_u16();
    let client = connection.peer();
    if status >= 500 {
        tracing::warn!(request.id = request_id, status, client.address = %client, reason = %refusal, "request failed");
    } else {
        tracing::info!(request.id = request_id, status, client.address = %client, reason = %refusal, "request refused");
    }
}
