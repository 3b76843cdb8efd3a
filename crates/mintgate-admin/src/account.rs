//! What becomes of an attempt: the layer behind every endpoint that asks whether it judged its caller, and writes refused
//! attempts into the audit log.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use mintgate_apikey::{KeyForm, MalformedKey, PresentedKey};
use mintgate_store::{AuditTarget, RefusedAttempt, TargetKind};
use mintgate_types::{AdminTokenId, BucketName, ConsumerName, KeyId};

use crate::{
    AdminService, AdminToken,
    admin_token::recognise,
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
    let named = Named::of(&service, &mut parts).await;
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
    status == StatusCode::FORBIDDEN || !method.is_safe() && contradicts.contains(&status)
}

async fn note(service: &AdminService, trace: &Trace, (duty, named): (&Duty, Named), refusal: &Refusal) {
    let attempt = RefusedAttempt {
        action: duty.name(),
        target: named.target(duty.name()),
        code: refusal.code().to_owned(),
        passed_over: 0,
    };
    service.note_refused(attempt, &trace.author(service)).await;
}

/// What the path of a request names. People paste keys and admin tokens where their ids belong, to revoke them at that, and
/// who reads the log must not come by them: only what has the form of an id or a name is shown.
struct Named {
    id: String,
    bucket: Option<BucketName>,
}

impl Named {
    async fn of(service: &AdminService, parts: &mut http::request::Parts) -> Self {
        use axum::extract::FromRequestParts as _;
        let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else {
            return Self { id: String::new(), bucket: None };
        };
        let mut named = Self { id: String::new(), bucket: None };
        for (name, value) in &params {
            if name == "bucket" {
                named.bucket = value.parse().ok();
            }
            if !named.id.is_empty() {
                named.id.push('/');
            }
            named.id.push_str(&shown(name, value, &service.config().tokens));
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

/// One part of a path, for the log. Of a key's text, or of an admin token's from the store, that is its public part.
fn shown(name: &str, value: &str, tokens: &[AdminToken]) -> String {
    match PresentedKey::parse(value).map(|key| key.form()) {
        Ok(KeyForm::Native(id)) => return id.to_string(),
        Err(MalformedKey::BadChecksum) => return NOT_SHOWN.to_owned(),
        _ => {}
    }
    let is_named = match name {
        "bucket" => value.parse::<BucketName>().is_ok(),
        "consumer" => value.parse::<ConsumerName>().is_ok() && recognise(tokens, value.as_bytes()).is_none(),
        "key_id" => value.parse::<KeyId>().is_ok(),
        "token_id" => value.parse::<AdminTokenId>().is_ok(),
        // Ours are thumbprints (RFC 7638).
        "kid" => {
            value.len() == 43
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        }
        _ => false,
    };
    if is_named { value.to_owned() } else { NOT_SHOWN.to_owned() }
}

const NOT_SHOWN: &str = "?";

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::*;

    const KEY: &str = "mgk_000000000000_00000000000000000000000000000000000000";

    #[test]
    fn r38_what_is_pasted_where_an_id_belongs_is_not_written_down() {
        let text = "mga_DSDIfPdNuXSvTSCcuunwfG5ilRUuHIBnQytJ4QCDotr";
        let own =
            AdminToken::owner("ann".parse().expect("a name"), &SecretString::from(text)).expect("strong");
        for (name, value) in [
            ("key_id", "sk_live_51NcM2dLkQ"),
            ("token_id", text),
            ("consumer", text),
            ("kid", text),
            ("consumer", KEY),
            ("key_id", KEY),
            ("elsewhere", "anything"),
            ("bucket", "no\u{202E}name"),
        ] {
            assert_eq!(shown(name, value, std::slice::from_ref(&own)), NOT_SHOWN, "{name} {value}");
        }
        let issued = mintgate_apikey::IssuedKey::generate(
            &"mgk".parse().expect("a prefix"),
            &mintgate_types::SeededEntropy::new(1),
        );
        let id = issued.id().to_string();
        assert_eq!(shown("consumer", issued.reveal().expose_secret(), &[]), id);
    }

    #[test]
    fn ids_and_names_are_written_down() {
        for (name, value) in [
            ("bucket", "production"),
            ("consumer", "alice@example.com"),
            ("key_id", "0123456789ab"),
            ("token_id", "0123456789ab"),
            ("kid", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        ] {
            assert_eq!(shown(name, value, &[]), value);
        }
    }
}
