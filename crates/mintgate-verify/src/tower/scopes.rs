//! The layer that asks a verified token for scopes.

use std::{
    error::Error,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use mintgate_types::ScopeSet;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    layer::Guard,
    reply::{Challenge, Refused},
};
use crate::{Claims, Verified};

/// Lets requests pass only if their token has all of these scopes. It has to stand inside of a
/// [`super::RequireToken`]; without one, nobody passes.
#[derive(Clone)]
pub struct RequireScopes(Arc<ScopeSet>);

impl RequireScopes {
    /// Asks for all of `scopes`.
    #[must_use]
    pub fn new(scopes: ScopeSet) -> Self {
        Self(Arc::new(scopes))
    }

    fn weigh<B>(&self, request: &Request<B>) -> Result<(), (Refused, Challenge)> {
        let extensions = request.extensions();
        let (Some(verified), Some(guard)) =
            (extensions.get::<Arc<Verified<Claims>>>(), extensions.get::<Arc<Guard>>())
        else {
            return Err((Refused::Unguarded, Challenge::usual()));
        };
        if verified.claims().has_scopes(&self.0) {
            return Ok(());
        }
        Err((Refused::InsufficientScope(ScopeSet::clone(&self.0)), guard.challenge.clone()))
    }
}

impl<S> Layer<S> for RequireScopes {
    type Service = ScopedService<S>;

    fn layer(&self, inner: S) -> ScopedService<S> {
        ScopedService { inner, required: self.clone() }
    }
}

/// A service behind [`RequireScopes`].
#[derive(Clone)]
pub struct ScopedService<S> {
    inner: S,
    required: RequireScopes,
}

impl<S, B, R> Service<Request<B>> for ScopedService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Response = Response<Either<Full<Bytes>, R>>;
    type Error = S::Error;
    type Future = Scoping<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.required.weigh(&request) {
            Ok(()) => Scoping { stage: Stage::Passed { future: self.inner.call(request) } },
            Err(refused) => Scoping { stage: Stage::Refused { refused: Some(refused) } },
        }
    }
}

pin_project! {
    /// The answer of a [`ScopedService`].
    pub struct Scoping<F> {
        #[pin]
        stage: Stage<F>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        Refused { refused: Option<(Refused, Challenge)> },
        Passed { #[pin] future: F },
    }
}

impl<F, R, E> Future for Scoping<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Either<Full<Bytes>, R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().stage.project() {
            StageProjection::Passed { future } => {
                Poll::Ready(ready!(future.poll(context)).map(|response| response.map(Either::Right)))
            }
            StageProjection::Refused { refused } => {
                let (refused, challenge) = refused.take().expect("a future is not polled after its end");
                Poll::Ready(Ok(refused.answer(&challenge)))
            }
        }
    }
}
