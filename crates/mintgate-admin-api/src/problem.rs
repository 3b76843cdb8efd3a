//! Refusals and failures (RFC 9457). The caller learns what to do about it, and the request id under which the log has
//! the rest.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was not carried out, as `application/problem+json`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem for programs; `code` says the same in short.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "urn:mintgate:problem:consumer_exists")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The status of the reply.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The kind of problem.
    pub code: ProblemCode,
    /// This very problem in words.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which fields are wrong.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Names the request in the log.
    pub request_id: String,
}

impl Problem {
    /// Its media type.
    pub const MEDIA_TYPE: &str = "application/problem+json";
    /// How each kind begins: the refusals of the data listener are problems, too, but of other kinds.
    pub const KINDS: &str = "urn:mintgate:problem:";

    /// A problem of a kind.
    #[must_use]
    pub fn new(status: u16, code: ProblemCode, request_id: String) -> Self {
        Self {
            kind: format!("{}{}", Self::KINDS, code.name()),
            title: code.title().to_owned(),
            status,
            code,
            detail: None,
            errors: Vec::new(),
            request_id,
        }
    }
}

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// Where it stands: a path into the body such as `keys[17].expires`, or the name of a parameter.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:tt, $title:tt;)*) => {
        /// The kinds of problems. Programs must be ready for more of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
            /// A kind that this version does not know.
            #[serde(other, skip_serializing)]
            #[schema(ignore)]
            Unknown,
        }

        impl ProblemCode {
            /// As it stands in replies.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Unknown => "unknown" }
            }

            /// In words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* Self::Unknown => "Something went wrong" }
            }
        }
    };
}

codes! {
    /// No admin token came.
    MissingToken = "missing_token", "An admin token is required";
    /// The admin token is not known.
    InvalidToken = "invalid_token", "The admin token is not valid";
    /// The session has ended, or never was.
    SessionOver = "session_over", "The session is over";
    /// A request with a session's cookie that no page of the console made.
    ForgedRequest = "forged_request", "The request does not come from the console";
    /// Too many failures to sign in.
    TooManyAttempts = "too_many_attempts", "Too many failed attempts to sign in";
    /// More changes in a short time than one manager may make.
    TooManyChanges = "too_many_changes", "Too many changes in a short time";
    /// The caller may not do this.
    Forbidden = "forbidden", "This credential does not allow this";
    /// The request cannot be read: its headers, its query or its JSON.
    InvalidRequest = "invalid_request", "The request cannot be read";
    /// A field has a value that it cannot have.
    InvalidField = "invalid_field", "A field is wrong";
    /// The body is not JSON by its `Content-Type`.
    UnsupportedMediaType = "unsupported_media_type", "The body must be JSON";
    /// The body is larger than this endpoint takes.
    TooLarge = "too_large", "The body is too large";
    /// There is nothing of this name.
    NotFound = "not_found", "There is no such thing";
    /// There is something here, but it does not do that.
    MethodNotAllowed = "method_not_allowed", "This method is not allowed here";
    /// The bucket's name is taken.
    BucketExists = "bucket_exists", "A bucket of this name exists";
    /// The consumer's name is taken in its bucket.
    ConsumerExists = "consumer_exists", "A consumer of this name exists in the bucket";
    /// The key is already there.
    KeyExists = "key_exists", "This key exists";
    /// The key was revoked, and stays so.
    KeyRevoked = "key_revoked", "The key is revoked";
    /// The key was rolled or is over, so it is not its managers' to roll.
    KeyNotActive = "key_not_active", "The key is not active";
    /// The consumer is disabled, so its keys are not its managers' to roll.
    ConsumerDisabled = "consumer_disabled", "The consumer is disabled";
    /// An active admin token has the name.
    AdminTokenExists = "admin_token_exists", "An admin token of this name exists";
    /// The admin token was rolled or revoked.
    AdminTokenEnded = "admin_token_ended", "The admin token is not active";
    /// The consumer has no key that could be rolled.
    NothingToRoll = "nothing_to_roll", "There is no active key to roll";
    /// The idempotency key stands for another request.
    IdempotencyKeyReused = "idempotency_key_reused", "The Idempotency-Key was used for another request";
    /// The request with this idempotency key is under way.
    IdempotencyKeyInUse = "idempotency_key_in_use", "The request with this Idempotency-Key is still under way";
    /// The bucket still has consumers.
    BucketNotEmpty = "bucket_not_empty", "The bucket is not empty";
    /// The signing key stands where this step does not follow.
    SigningKeyState = "signing_key_state", "The signing key's state does not allow this";
    /// It changed since the revision in `If-Match`.
    Stale = "stale", "It has changed since you looked";
    /// The change was made, but this node could not be brought to the point where it serves by it.
    NotYetInForce = "not_yet_in_force", "The change is stored but not yet in force";
    /// The store cannot be reached, is full or too busy.
    Unavailable = "unavailable", "The store is unavailable";
    /// This node has not read its keys yet, or could not sign a token.
    NotReady = "not_ready", "The gateway is not ready";
    /// The request took too long.
    Timeout = "timeout", "The request took too long";
    /// Our fault; the log has the rest.
    Internal = "internal", "Something went wrong";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_its_code_in_two_ways() {
        let problem = Problem::new(409, ProblemCode::ConsumerExists, "r1".into());
        let json = serde_json::to_value(&problem).expect("JSON");
        assert_eq!(json["type"], "urn:mintgate:problem:consumer_exists");
        assert_eq!(json["code"], "consumer_exists");
    }

    #[test]
    fn a_code_of_a_later_version_can_be_read() {
        assert_eq!(serde_json::from_str::<ProblemCode>("\"later\"").ok(), Some(ProblemCode::Unknown));
    }
}
