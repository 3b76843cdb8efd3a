//! The words of [`mintgate_types`] as OpenAPI schemas. Only the document uses these types; values travel in the words
//! themselves, whose parsers are what decides.

#![expect(dead_code, reason = "these types are read by the derive alone")]

use utoipa::ToSchema;

/// A namespace of consumers.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9._-]{0,63}$", example = "production")]
pub struct BucketName(String);

/// Who holds keys; unique in its bucket, and the `client_id` of minted tokens.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._@+~-]{0,127}$", example = "alice")]
pub struct ConsumerName(String);

/// Names a consumer for good, through renames.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9]{16}$", example = "4vQk2ZpT9cXw7LmA")]
pub struct ConsumerId(String);

/// What a bucket's keys begin with, so that people and scanners know them.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z]([A-Za-z0-9_]{0,30}[A-Za-z0-9])?$", example = "mgk")]
pub struct KeyPrefix(String);

/// The public part of a key, by which logs and people name it.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9]{12}$", example = "8fJ2kQ0bZx5R")]
pub struct KeyId(String);

/// What names a signing key in the JWKS and in a token's header.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256)]
pub struct Kid(String);

/// Text in any language, at most 128 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 128, example = "billing job")]
pub struct Label(String);

/// Text in any language, 1 to 256 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256, example = "seen in a public repository")]
pub struct Reason(String);

/// The `sub` of minted tokens: 1 to 255 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 255, example = "alice")]
pub struct Subject(String);

/// What a key may be used for (RFC 6749 §3.3).
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[!#-\\[\\]-~]{1,128}$", example = "orders:read")]
pub struct Scope(String);

/// How many changes the store had seen. Quoted, it is the `ETag`.
#[derive(ToSchema)]
#[schema(value_type = u64, minimum = 0, example = 42)]
pub struct Revision(u64);

/// Names and values by which consumers are found. Names are 1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a
/// letter or digit; values have at most 128 bytes.
#[derive(ToSchema)]
#[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"plan": "gold"}))]
pub struct Tags(());

/// A JSON object of at most 16 KiB; the configuration may map its members to claims.
#[derive(ToSchema)]
#[schema(value_type = Object, example = json!({"customer_number": 1234}))]
pub struct Metadata(());
