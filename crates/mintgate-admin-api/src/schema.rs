//! The words of [`mintgate_types`] as OpenAPI schemas. Only the document uses these types; values travel in the words
//! themselves, whose parsers are what decides.

#![expect(dead_code, reason = "these types are read by the derive alone")]

use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{Object, OneOf, Ref, RefOr, Schema, Type, schema::SchemaType},
};

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

/// The public part of an admin token.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9]{12}$", example = "b7Qm1LtZ0xVd")]
pub struct AdminTokenId(String);

/// What an admin is called: 1 to 255 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 255,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "support team"
)]
pub struct ActorName(String);

/// What names a signing key in the JWKS and in a token's header.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
pub struct Kid(String);

/// Text in any language, at most 128 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    max_length = 128,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "billing job"
)]
pub struct Label(String);

/// Text in any language, 1 to 256 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 256,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "seen in a public repository"
)]
pub struct Reason(String);

/// The `sub` of minted tokens: 1 to 255 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 255,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "alice"
)]
pub struct Subject(String);

/// What the configuration calls an origin.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9._-]{0,63}$", example = "orders")]
pub struct OriginName(String);

/// Whom a token is for.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[!-~]{1,255}$", example = "orders")]
pub struct Audience(String);

/// Who may look after a consumer's keys: 1 to 255 bytes of UTF-8, without control, invisible or direction-changing
/// characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 255,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "ops@example.com"
)]
pub struct Manager(String);

/// What a key may be used for (RFC 6749 §3.3).
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[!#-\\[\\]-~]{1,128}$", example = "orders:read")]
pub struct Scope(String);

/// How many changes the store had seen. Quoted, it is the `ETag`.
#[derive(ToSchema)]
#[schema(value_type = u64, minimum = 0, example = 42)]
pub struct Revision(u64);

/// The value of a tag: at most 128 bytes of UTF-8, without control, invisible or direction-changing characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    max_length = 128,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", 
    example = "gold"
)]
pub struct TagValue(String);

/// Names and values by which consumers are found.
pub struct Tags;

/// Tags to set, and tags to remove, which are `null`.
pub struct TagPatch;

impl PartialSchema for Tags {
    fn schema() -> RefOr<Schema> {
        tags(RefOr::Ref(Ref::from_schema_name("TagValue")), "Names and values by which consumers are found.")
    }
}

impl ToSchema for Tags {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("TagValue".to_owned(), TagValue::schema()));
    }
}

impl PartialSchema for TagPatch {
    fn schema() -> RefOr<Schema> {
        let removed = Object::builder().schema_type(SchemaType::Type(Type::Null)).build();
        let value = OneOf::builder().item(Ref::from_schema_name("TagValue")).item(removed).build();
        tags(RefOr::T(Schema::OneOf(value)), "Tags to set, and tags to remove, which are `null`.")
    }
}

impl ToSchema for TagPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Tags::schemas(schemas);
    }
}

/// The derive knows no rule for the names of members.
fn tags(value: RefOr<Schema>, description: &str) -> RefOr<Schema> {
    let name = Object::builder()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some("^[a-z0-9][a-z0-9._-]{0,63}$"))
        .build();
    Object::builder()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some(description))
        .property_names(Some(Schema::Object(name)))
        .additional_properties(Some(value))
        .into()
}

/// A tag and its value, to the letter.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 200, pattern = "^[a-z0-9][a-z0-9._-]{0,63}:[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]*$", example = "plan:gold")]
pub struct TagMatch(String);

/// What an `ETag` said, or `*` for whatever is there.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^(\\*|\"[0-9]{1,19}\")$", example = "\"42\"")]
pub struct EntityTag(String);

/// A header that makes a change conditional.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// Do it only if this is still its `ETag`.
    #[param(rename = "If-Match", value_type = Option<EntityTag>, inline, nullable = false)]
    _tag: Option<EntityTag>,
}

/// A JSON object of at most 16 KiB; the configuration may map its members to claims.
#[derive(ToSchema)]
#[schema(value_type = Object, example = json!({"customer_number": 1234}))]
pub struct Metadata(());
