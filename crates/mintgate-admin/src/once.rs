//! Making things once, however often they are asked for: the `Idempotency-Key` of requests.
//!
//! An endpoint that makes something takes a [`Once`] of its body, after the judgement of its caller. What was made under
//! the same key before is answered from its receipt, and the endpoint does not run; else it gets a [`Making`], the only
//! way on to the store, which keeps the receipt in the transaction of what is made. What is kept is the reply that is
//! sent. Why it is like this stands in `docs/decisions/014-idempotency-keys.md`.

mod asker;
mod describe;
mod header;
mod making;
mod rendered;
mod running;
mod seal;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, request::Parts};
use mintgate_store::{Receipt, StoreError};

pub use self::seal::ReceiptSeal;
use self::{
    asker::Asker,
    header::IdempotencyKey,
    running::Taken,
    seal::{Asked, ReceiptKey},
};
pub(crate) use self::{
    describe::describe,
    header::IdempotencyKeyHeader,
    making::{LARGEST_KEPT, Making},
    rendered::Rendered,
    running::Running,
    seal::Place,
};
use crate::{
    AdminService,
    input::{self, FromBytes},
    operation::Attempt,
    reply::{Refusal, Reply},
};

/// The body of a request that makes something, and the way to make it. Comes after the judgement of the caller.
pub(crate) struct Once<B>(pub(crate) Making, pub(crate) B);

/// Why an endpoint is not run.
pub(crate) enum Answered {
    /// There is nothing to do.
    Before(Rendered),
    /// It is not to be done.
    Refused(Refusal),
}

impl<B: FromBytes> FromRequest<AdminService> for Once<B> {
    type Rejection = Answered;

    async fn from_request(request: Request, service: &AdminService) -> Result<Self, Answered> {
        let (parts, body) = request.into_parts();
        let key = IdempotencyKey::of(&parts.headers)?;
        let bytes = input::whole(Request::from_parts(parts.clone(), body)).await?;
        let making = match key {
            Some(key) => look(service, &parts, &key, &bytes).await?,
            None => Making::plain(),
        };
        Ok(Self(making, B::from_bytes(&parts.headers, &bytes)?))
    }
}

/// Whether this was made before.
async fn look(
    service: &AdminService,
    parts: &Parts,
    key: &IdempotencyKey,
    body: &Bytes,
) -> Result<Making, Answered> {
    let duty = parts.extensions.get::<Attempt>().and_then(Attempt::duty).ok_or(Refusal::Unjudged)?;
    let who = Asker::of(parts, duty)?;
    let key = service.receipts().key(&who.identity(), duty.name(), key);
    let asked = key.asked(&parts.method, &parts.uri, body);
    // First this, then the look: what ends in between has its receipt by then.
    let taken = service.running_keys().take(&asked)?;
    match service.store().receipt(asked.id()).await.map_err(Refusal::from)? {
        Some(receipt) if receipt.expires > service.now() => {
            Err(Answered::Before(again(service, &who, (&key, &asked), &receipt).await?))
        }
        _ => Ok(Making::under(key, asked, taken)),
    }
}

/// The reply of a receipt, if it is of this request and its thing is there for who asks.
async fn again(
    service: &AdminService,
    who: &Asker,
    (key, asked): (&ReceiptKey, &Asked),
    receipt: &Receipt,
) -> Reply<Rendered> {
    if receipt.request != asked.mark() {
        return Err(Refusal::IdempotencyKeyReused);
    }
    let damaged = || StoreError::Damaged { what: "a receipt that does not open".to_owned(), source: None };
    let (place, reply) = key.open(asked, &receipt.reply).ok_or_else(damaged)?;
    who.refuse_beyond(service, &place).await?;
    // Whoever did it first may have been cut off between the store and this node's view of it.
    service.put_all_in_force().await?;
    who.told_again(key.operation());
    Ok(reply)
}

impl From<Refusal> for Answered {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Before(reply) => {
                let mut response = reply.into_response();
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                response
            }
        }
    }
}

/// Says that a reply was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
