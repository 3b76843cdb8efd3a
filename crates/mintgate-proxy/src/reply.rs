//! Refusals as replies: RFC 9457 bodies, RFC 6750 challenges. The only place where a refusal becomes bytes, so the
//! only place that could tell a caller too much.

use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use mintgate_exchange::Grace;
use mintgate_types::{RequestId, Timestamp};

use crate::{body::ReplyBody, config::Realm, refusal::Refusal};

/// The reply to a refused request.
pub(crate) fn refuse(refusal: &Refusal, realm: &Realm, request: &HeaderValue) -> Response<ReplyBody> {
    let status = refusal.status();
    let code = refusal.code();
    let title = status.canonical_reason().unwrap_or("Refused");
    let id = request.to_str().unwrap_or_default();
    // Nothing in here comes from the request but the id, whose alphabet needs no escaping.
    let body = format!(
        r#"{{"type":"urn:mintgate:refusal:{code}","title":"{title}","status":{},"code":"{code}","request_id":"{id}"}}"#,
        status.as_u16()
    );
    let mut response = Response::new(ReplyBody::whole(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add_particulars(refusal, realm, headers);
    response
}

/// What goes with some refusals only.
fn add_particulars(refusal: &Refusal, realm: &Realm, headers: &mut HeaderMap) {
    let realm = realm.as_str();
    let challenge = match refusal {
        Refusal::NoCredential => Some(format!(r#"Bearer realm="{realm}""#)),
        Refusal::MalformedKey(_) | Refusal::Key(_) => {
            Some(format!(r#"Bearer realm="{realm}", error="invalid_token""#))
        }
        Refusal::ManyCredentials | Refusal::MalformedCredential => {
            Some(format!(r#"Bearer realm="{realm}", error="invalid_request""#))
        }
        Refusal::Scope { needed, .. } => {
            Some(format!(r#"Bearer realm="{realm}", error="insufficient_scope", scope="{needed}""#))
        }
        _ => None,
    };
    if let Some(challenge) = challenge {
        let value =
            HeaderValue::try_from(challenge).expect("realm and scopes are visible ASCII without quotes");
        headers.insert(header::WWW_AUTHENTICATE, value);
    }
    match refusal {
        Refusal::Method { allow } => {
            let names: Vec<&str> = allow.iter().map(http::Method::as_str).collect();
            let value = HeaderValue::try_from(names.join(", ")).expect("a method is a token");
            headers.insert(header::ALLOW, value);
        }
        Refusal::Mint(_) | Refusal::NotReady => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Refusal::Framing(_) | Refusal::BodyBroken | Refusal::BodyTooSlow | Refusal::BodyTooLarge => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
}

/// Tells the holder of a rolled key that it will stop to work (RFC 9745, RFC 8594).
pub(crate) fn add_deprecation(grace: Grace, headers: &mut HeaderMap) {
    let deprecation = format!("@{}", grace.since.as_second());
    headers.insert(DEPRECATION, HeaderValue::try_from(deprecation).expect("an at sign and digits"));
    headers.insert(SUNSET, http_date(grace.until));
}

fn http_date(at: Timestamp) -> HeaderValue {
    let date = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap_or_else(|_| "Fri, 31 Dec 9999 23:59:59 GMT".to_owned());
    HeaderValue::try_from(date).expect("a date is ASCII")
}

/// The id of a request as a header's value.
pub(crate) fn id_value(id: RequestId) -> HeaderValue {
    HeaderValue::from_str(id.as_str()).expect("base62 is visible ASCII")
}

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");
