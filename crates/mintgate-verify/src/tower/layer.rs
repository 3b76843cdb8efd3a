//! The layer that lets a request pass only with a good token.

use std::{
    error::Error,
    future::Future,
    mem,
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
    credential::bearer,
    reply::{Challenge, InvalidChallenge, Refused},
};
use crate::{Claims, Verified, Verifier, VerifyError, Verifying};

/// Lets requests pass only with a good token of a [`Verifier`]. See the [module](crate::tower).
#[derive(Clone)]
pub struct RequireToken(Arc<Guard>);

/// What all requests are judged by. Left in their extensions for [`super::RequireScopes`].
#[derive(Clone)]
pub(super) struct Guard {
    verifier: Arc<Verifier>,
    pub(super) challenge: Challenge,
    scopes: ScopeSet,
}

impl RequireToken {
    /// Asks for a token that `verifier` finds good, in the realm `api`.
    #[must_use]
    pub fn new(verifier: Arc<Verifier>) -> Self {
        Self(Arc::new(Guard { verifier, challenge: Challenge::usual(), scopes: ScopeSet::none() }))
    }

    /// Names this realm in challenges.
    pub fn with_realm(self, realm: &str) -> Result<Self, InvalidChallenge> {
        let guard = Arc::unwrap_or_clone(self.0);
        Ok(Self(Arc::new(Guard { challenge: guard.challenge.with_realm(realm)?, ..guard })))
    }

    /// Says in challenges where the metadata of this origin are (RFC 9728 §5.1): an address such as
    /// [`super::ResourceMetadata::address`] gives.
    pub fn with_resource_metadata(self, address: &str) -> Result<Self, InvalidChallenge> {
        let guard = Arc::unwrap_or_clone(self.0);
        Ok(Self(Arc::new(Guard { challenge: guard.challenge.with_resource_metadata(address)?, ..guard })))
    }

    /// Asks for all of these scopes on all routes. For single ones there is [`super::RequireScopes`].
    #[must_use]
    pub fn with_scopes(self, scopes: ScopeSet) -> Self {
        Self(Arc::new(Guard { scopes, ..Arc::unwrap_or_clone(self.0) }))
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = GuardedService<S>;

    fn layer(&self, inner: S) -> GuardedService<S> {
        GuardedService { inner, guard: Arc::clone(&self.0) }
    }
}

/// A service behind [`RequireToken`].
#[derive(Clone)]
pub struct GuardedService<S> {
    inner: S,
    guard: Arc<Guard>,
}

impl<S, B, R> Service<Request<B>> for GuardedService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Response = Response<Either<Full<Bytes>, R>>;
    type Error = S::Error;
    type Future = Guarding<S, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Guarding<S, B> {
        let guard = Arc::clone(&self.guard);
        let token = match bearer(request.headers()) {
            Ok(token) => token,
            Err(refused) => return Guarding { guard, stage: Stage::Refused { refused: Some(refused) } },
        };
        let stage = if let Some(verdict) = guard.verifier.try_verify(token) {
            match guard.admit(verdict, request) {
                Ok(request) => Stage::Passed { future: self.inner.call(request) },
                Err(refused) => Stage::Refused { refused: Some(refused) },
            }
        } else {
            let verifying = guard.verifier.verify_async(token);
            // The one that was found ready goes with the request.
            let spare = self.inner.clone();
            let ready = mem::replace(&mut self.inner, spare);
            Stage::Waiting { verifying, ready: Some((ready, request)) }
        };
        Guarding { guard, stage }
    }
}

impl Guard {
    /// The request with what is proven of it, if it may pass.
    fn admit<B>(
        self: &Arc<Self>,
        verdict: Result<Arc<Verified<Claims>>, VerifyError>,
        mut request: Request<B>,
    ) -> Result<Request<B>, Refused> {
        let verified = verdict.map_err(Refused::NotVerified)?;
        if !verified.claims().has_scopes(&self.scopes) {
            return Err(Refused::InsufficientScope(self.scopes.clone()));
        }
        let extensions = request.extensions_mut();
        extensions.insert(verified);
        extensions.insert(Arc::clone(self));
        Ok(request)
    }
}

pin_project! {
    /// The answer of a [`GuardedService`].
    pub struct Guarding<S, B>
    where
        S: Service<Request<B>>,
    {
        guard: Arc<Guard>,
        #[pin]
        stage: Stage<S, B>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<S, B>
    where
        S: Service<Request<B>>,
    {
        Refused { refused: Option<Refused> },
        Waiting { verifying: Verifying, ready: Option<(S, Request<B>)> },
        Passed { #[pin] future: S::Future },
    }
}

impl<S, B, R> Future for Guarding<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<Either<Full<Bytes>, R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.stage.as_mut().project() {
                StageProjection::Passed { future } => {
                    return Poll::Ready(
                        ready!(future.poll(context)).map(|response| response.map(Either::Right)),
                    );
                }
                StageProjection::Refused { refused } => {
                    let refused = refused.take().expect("a future is not polled after its end");
                    return Poll::Ready(Ok(refused.answer(&this.guard.challenge)));
                }
                StageProjection::Waiting { verifying, ready } => {
                    let verdict = ready!(Pin::new(verifying).poll(context));
                    let (mut inner, request) = ready.take().expect("taken once, when the verdict is there");
                    match this.guard.admit(verdict, request) {
                        Ok(request) => Stage::Passed { future: inner.call(request) },
                        Err(refused) => Stage::Refused { refused: Some(refused) },
                    }
                }
            };
            this.stage.set(next);
        }
    }
}
