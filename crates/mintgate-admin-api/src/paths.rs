//! Where everything is. The constants are templates for the router and the OpenAPI document; the functions fill
//! them in for those who call.

use mintgate_types::{AdminTokenId, BucketName, ConsumerName, KeyId, Kid};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All buckets.
pub const BUCKETS: &str = "/v1/buckets";
/// One bucket.
pub const BUCKET: &str = "/v1/buckets/{bucket}";
/// The consumers of all buckets.
pub const ALL_CONSUMERS: &str = "/v1/consumers";
/// The consumers of a bucket.
pub const CONSUMERS: &str = "/v1/buckets/{bucket}/consumers";
/// Makes many consumers.
pub const CONSUMERS_BATCH: &str = "/v1/buckets/{bucket}/consumers:batch";
/// One consumer.
pub const CONSUMER: &str = "/v1/buckets/{bucket}/consumers/{consumer}";
/// A consumer's keys.
pub const CONSUMER_KEYS: &str = "/v1/buckets/{bucket}/consumers/{consumer}/keys";
/// Replaces a consumer's keys by one new key.
pub const CONSUMER_ROLL: &str = "/v1/buckets/{bucket}/consumers/{consumer}/roll";
/// Takes in keys that another system issued.
pub const IMPORT: &str = "/v1/buckets/{bucket}/keys/import";
/// All keys.
pub const KEYS: &str = "/v1/keys";
/// Ends many keys.
pub const KEYS_REVOKE: &str = "/v1/keys:revoke";
/// Asks about a key.
pub const KEYS_VERIFY: &str = "/v1/keys:verify";
/// One key.
pub const KEY: &str = "/v1/keys/{key_id}";
/// Ends a key.
pub const KEY_REVOKE: &str = "/v1/keys/{key_id}/revoke";
/// Replaces a key.
pub const KEY_ROLL: &str = "/v1/keys/{key_id}/roll";
/// The keys that sign tokens.
pub const SIGNING_KEYS: &str = "/v1/signing-keys";
/// Brings a new signing key.
pub const SIGNING_KEYS_ROTATE: &str = "/v1/signing-keys/rotate";
/// Takes a signing key out of the JWKS at once.
pub const SIGNING_KEY_RETIRE: &str = "/v1/signing-keys/{kid}/retire";
/// Who may manage.
pub const ADMIN_TOKENS: &str = "/v1/admin-tokens";
/// One admin token.
pub const ADMIN_TOKEN: &str = "/v1/admin-tokens/{token_id}";
/// Replaces an admin token.
pub const ADMIN_TOKEN_ROLL: &str = "/v1/admin-tokens/{token_id}/roll";
/// Ends an admin token.
pub const ADMIN_TOKEN_REVOKE: &str = "/v1/admin-tokens/{token_id}/revoke";
/// Who did what.
pub const AUDIT: &str = "/v1/audit";
/// Who did what, as JSON Lines.
pub const AUDIT_EXPORT: &str = "/v1/audit/export";
/// Whether the audit log is as it was written.
pub const AUDIT_VERIFY: &str = "/v1/audit/verify";
/// Requests over time.
pub const USAGE: &str = "/v1/usage";
/// Those with the most requests.
pub const USAGE_TOP: &str = "/v1/usage/top";
/// What the gate refused.
pub const USAGE_REFUSALS: &str = "/v1/usage/refusals";
/// How the installation is.
pub const STATUS: &str = "/v1/status";
/// A copy of the whole store.
pub const BACKUP: &str = "/v1/backup";
/// Whose the credential is.
pub const WHOAMI: &str = "/v1/whoami";
/// The consumers whose manager somebody is.
pub const SELF_CONSUMERS: &str = "/v1/self/consumers";
/// The keys of those consumers.
pub const SELF_KEYS: &str = "/v1/self/keys";
/// One of those keys.
pub const SELF_KEY: &str = "/v1/self/keys/{key_id}";
/// Replaces one of those keys.
pub const SELF_KEY_ROLL: &str = "/v1/self/keys/{key_id}/roll";
/// The requests of those consumers over time.
pub const SELF_USAGE: &str = "/v1/self/usage";
/// How to sign in.
pub const SIGN_IN: &str = "/v1/sign-in";
/// The session of a browser.
pub const SESSION: &str = "/v1/session";
/// To the identity provider.
pub const SESSION_OIDC: &str = "/v1/session/oidc";
/// Back from the identity provider.
pub const SESSION_OIDC_CALLBACK: &str = "/v1/session/oidc/callback";
/// Where people work.
pub const CONSOLE: &str = "/console/";
/// This contract as an OpenAPI document.
pub const OPENAPI: &str = "/openapi.json";
/// The configuration in force.
pub const CONFIG: &str = "/v1/config";
/// Whether the process lives.
pub const HEALTHZ: &str = "/healthz";
/// Whether the node can serve.
pub const READYZ: &str = "/readyz";

/// [`BUCKET`] of a name.
#[must_use]
pub fn bucket(bucket: &BucketName) -> String {
    format!("{BUCKETS}/{bucket}")
}

/// [`CONSUMERS`] of a bucket.
#[must_use]
pub fn consumers(bucket: &BucketName) -> String {
    format!("{BUCKETS}/{bucket}/consumers")
}

/// [`CONSUMER`] of a name. Consumer names are made of characters that a path may hold as they are.
#[must_use]
pub fn consumer(bucket: &BucketName, consumer: &ConsumerName) -> String {
    format!("{}/{consumer}", consumers(bucket))
}

/// [`CONSUMER_KEYS`] of a consumer.
#[must_use]
pub fn consumer_keys(bucket: &BucketName, name: &ConsumerName) -> String {
    format!("{}/keys", consumer(bucket, name))
}

/// [`CONSUMER_ROLL`] of a consumer.
#[must_use]
pub fn consumer_roll(bucket: &BucketName, name: &ConsumerName) -> String {
    format!("{}/roll", consumer(bucket, name))
}

/// [`CONSUMERS_BATCH`] of a bucket.
#[must_use]
pub fn consumers_batch(bucket: &BucketName) -> String {
    format!("{}:batch", consumers(bucket))
}

/// [`IMPORT`] into a bucket.
#[must_use]
pub fn import(bucket: &BucketName) -> String {
    format!("{BUCKETS}/{bucket}/keys/import")
}

/// [`KEY`] of an id.
#[must_use]
pub fn key(id: KeyId) -> String {
    format!("{KEYS}/{id}")
}

/// [`KEY_REVOKE`] of an id.
#[must_use]
pub fn key_revoke(id: KeyId) -> String {
    format!("{KEYS}/{id}/revoke")
}

/// [`KEY_ROLL`] of an id.
#[must_use]
pub fn key_roll(id: KeyId) -> String {
    format!("{KEYS}/{id}/roll")
}

/// [`SIGNING_KEY_RETIRE`] of a kid. A kid is opaque and may hold anything.
#[must_use]
pub fn signing_key_retire(kid: &Kid) -> String {
    format!("{SIGNING_KEYS}/{}/retire", utf8_percent_encode(kid.as_str(), SEGMENT))
}

/// [`ADMIN_TOKEN`] of an id.
#[must_use]
pub fn admin_token(id: AdminTokenId) -> String {
    format!("{ADMIN_TOKENS}/{id}")
}

/// [`ADMIN_TOKEN_ROLL`] of an id.
#[must_use]
pub fn admin_token_roll(id: AdminTokenId) -> String {
    format!("{ADMIN_TOKENS}/{id}/roll")
}

/// [`ADMIN_TOKEN_REVOKE`] of an id.
#[must_use]
pub fn admin_token_revoke(id: AdminTokenId) -> String {
    format!("{ADMIN_TOKENS}/{id}/revoke")
}

/// A path with a query. Absent parameters are left out.
#[must_use]
pub fn with_query(path: &str, parameters: &impl serde::Serialize) -> String {
    let mut text = path.to_owned();
    let parameters = serde_json::to_value(parameters).expect("parameters are text and numbers");
    let mut separator = '?';
    for (name, value) in parameters.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.extend([separator]);
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(&value, SEGMENT));
        separator = '&';
    }
    text
}

/// What a path segment cannot hold as it is: everything but the unreserved characters (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_fill_in_the_templates() {
        let bucket: BucketName = "production".parse().expect("a bucket");
        let name: ConsumerName = "alice@example.com".parse().expect("a consumer");
        let id: KeyId = "0123456789ab".parse().expect("a key id");
        let fill = |template: &str| {
            template
                .replace("{bucket}", bucket.as_str())
                .replace("{consumer}", name.as_str())
                .replace("{key_id}", id.as_str())
        };
        assert_eq!(super::bucket(&bucket), fill(BUCKET));
        assert_eq!(consumers(&bucket), fill(CONSUMERS));
        assert_eq!(consumer(&bucket, &name), fill(CONSUMER));
        assert_eq!(consumer_keys(&bucket, &name), fill(CONSUMER_KEYS));
        assert_eq!(consumer_roll(&bucket, &name), fill(CONSUMER_ROLL));
        assert_eq!(consumers_batch(&bucket), fill(CONSUMERS_BATCH));
        assert_eq!(import(&bucket), fill(IMPORT));
        assert_eq!(key(id), fill(KEY));
        assert_eq!(key_revoke(id), fill(KEY_REVOKE));
        assert_eq!(key_roll(id), fill(KEY_ROLL));
    }

    #[test]
    fn a_query_holds_any_value() {
        let consumer = Some("a+b@example.com".parse().expect("a consumer"));
        let query = crate::ShowUsage { consumer, ..crate::ShowUsage::default() };
        assert_eq!(with_query(USAGE, &query), "/v1/usage?consumer=a%2Bb%40example.com");
        assert_eq!(with_query(USAGE, &crate::ShowUsage::default()), USAGE);
    }

    #[test]
    fn a_kid_cannot_leave_its_segment() {
        let kid: Kid = "../x?y#z".parse().expect("a kid");
        assert_eq!(signing_key_retire(&kid), "/v1/signing-keys/..%2Fx%3Fy%23z/retire");
    }
}
