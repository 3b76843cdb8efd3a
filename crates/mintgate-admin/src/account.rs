//! What becomes of an attempt: the layer behind every endpoint that asks whether it judged its caller, and writes refused
//! attempts into the audit log.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use mintgate_store::{AuditTarget, RefusedAttempt, TargetKind};
use mintgate_types::BucketName;

use crate::{
    AdminService,
    caller::{Caller, Trace},
    operation::{Attempt, Duty},
    reply::Refusal,
    self_service::Manager,
};

/// Stands right before the endpoints, within the task that carries them through.
pub(crate) async fn account(State(service): State<AdminService>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    let manager = request.extensions().get::<Manager>().cloned();
    if caller.is_none() && manager.is_none() {
        // The health checks, and the door.
        return next.run(request).await;
    }
    let attempt = Attempt::default();
    let method = request.method().clone();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(attempt.clone());
    let named = Named::of(&mut parts).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let refusal = response.extensions().get::<Arc<Refusal>>().cloned();
    match (attempt.duty(), refusal) {
        // An attempt that is still under way was not refused.
        (_, Some(refusal)) if matches!(*refusal, Refusal::IdempotencyKeyInUse) => response,
        (Some(duty), Some(refusal)) if is_noted(&method, refusal.status()) => {
            let as_manager = manager.filter(|_| caller.is_none() || duty.is_of_managers());
            // Whoever has a session as a manager could otherwise fill the log with what they may not do.
            if as_manager.as_ref().is_none_or(|manager| manager.may_be_noted(&service)) {
                let trace = as_manager.as_ref().map(Manager::trace).or(caller.as_ref().map(Caller::trace));
                note(&service, trace.expect("there is one of them"), (duty, named), &refusal).await;
            }
            response
        }
        // Nobody asked who it is for. That is a fault of ours, and no reason to answer.
        (None, None) => Refusal::Unjudged.into_response(),
        _ => response,
    }
}

/// What an admin may not do, always; of changes, also what contradicts what is there. Requests that say nothing that could
/// be understood are not attempts.
fn is_noted(method: &Method, status: StatusCode) -> bool {
    let contradicts = [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::PRECONDITION_FAILED];
    status == StatusCode::FORBIDDEN || *method != Method::GET && contradicts.contains(&status)
}

async fn note(service: &AdminService, trace: &Trace, (duty, named): (&Duty, Named), refusal: &Refusal) {
    let attempt = RefusedAttempt {
        action: duty.name(),
        target: named.target(duty.name()),
        code: refusal.code().to_owned(),
    };
    if let Err(error) = service.store().note_refused(attempt, &trace.author(service)).await {
        // The attempt was refused all the same.
        tracing::warn!(error = &error as &dyn std::error::Error, "a refused attempt was not written down");
    }
}

/// What the path of a request names.
struct Named {
    id: String,
    bucket: Option<BucketName>,
}

impl Named {
    async fn of(parts: &mut http::request::Parts) -> Self {
        use axum::extract::FromRequestParts as _;
        let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else {
            return Self { id: String::new(), bucket: None };
        };
        let mut named = Self { id: String::new(), bucket: None };
        for (name, value) in &params {
            if name == "bucket" {
                named.bucket = value.parse().ok();
            }
            // A path may hold anything, and this is read on screens.
            let shown: String = value.chars().filter(char::is_ascii_graphic).take(LONGEST_NAME).collect();
            if !named.id.is_empty() {
                named.id.push('/');
            }
            named.id.push_str(&shown);
        }
        named
    }

    fn target(self, action: &str) -> AuditTarget {
        let kind = match action.split_once('.').map(|(kind, _)| kind) {
            Some("bucket") => TargetKind::Bucket,
            Some("consumer") => TargetKind::Consumer,
            Some("key") => TargetKind::Key,
            Some("signing_key") => TargetKind::SigningKey,
            Some("admin_token") => TargetKind::AdminToken,
            _ => TargetKind::Store,
        };
        AuditTarget::named(kind, self.id, self.bucket)
    }
}

/// Of one part of a path.
const LONGEST_NAME: usize = 256;
