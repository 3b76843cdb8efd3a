//! Reading requests: bodies, queries and path segments, each with errors that say where.

mod exact;
mod objects;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use mintgate_admin_api::FieldProblem;
use serde::de::DeserializeOwned;

use self::{exact::Exact, objects::Objects};
use crate::reply::Refusal;

/// What a body can be read as, once all of it is there.
pub(crate) trait FromBytes: Sized {
    fn from_bytes(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Refusal>;
}

/// All of a request's body, within the limit of its endpoint.
pub(crate) async fn whole(request: Request) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, &()).await.map_err(|rejection| unread(&rejection))
}

/// A JSON body. A syntax error says line and column, a wrong value says its field.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromBytes for Body<T> {
    fn from_bytes(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Refusal> {
        if !is_json(headers) {
            return Err(Refusal::MediaType);
        }
        parse(bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        Self::from_bytes(&headers, &whole(request).await?)
    }
}

/// A JSON body that may be left out: then everything is as it is by default.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromBytes for OptionalBody<T> {
    fn from_bytes(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Refusal> {
        match (bytes.is_empty(), is_json(headers)) {
            (true, _) => Ok(Self(T::default())),
            // `null` says as little as nothing does.
            (false, true) => parse::<Option<T>>(bytes).map(|value| Self(value.unwrap_or_default())),
            (false, false) => Err(Refusal::MediaType),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        Self::from_bytes(&headers, &whole(request).await?)
    }
}

/// The query.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Refusal::Unreadable(rejection.body_text())),
        }
    }
}

/// The variable parts of the path.
pub(crate) struct Segments<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Self(segments)),
            Err(rejection) => Err(Refusal::Unreadable(rejection.body_text())),
        }
    }
}

/// The most bytes of a body, where an endpoint does not say otherwise.
pub(crate) const LARGEST_BODY: usize = 128 * 1024;
/// The most bytes of a body that carries a batch of keys.
pub(crate) const LARGEST_BATCH: usize = 32 * 1024 * 1024;

fn is_json(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
        || media_type.eq_ignore_ascii_case("application/merge-patch+json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let value = read(bytes)?;
    let Exact = read(bytes)?;
    Ok(value)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut reader)).map_err(|error| {
        let field = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            let message = match (field.as_str(), error.to_string()) {
                // serde would tell the name of the type in our code.
                (".", message)
                    if message.starts_with("invalid type") || message.starts_with(objects::NO_OBJECT) =>
                {
                    objects::NO_OBJECT.to_owned()
                }
                (_, message) => without_values(&message),
            };
            Refusal::Fields(vec![FieldProblem { field, message }])
        } else {
            Refusal::Unreadable(format!("not JSON: {error}"))
        }
    })?;
    reader.end().map_err(|error| Refusal::Unreadable(format!("not JSON: {error}")))?;
    Ok(value)
}

/// serde quotes a value of the wrong type in its messages. Where it is a string it may be a key, so it goes no further.
fn without_values(message: &str) -> String {
    match (message.find("string \""), message.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => {
            format!("{}string{}", &message[..start], &message[end + 1..])
        }
        _ => message.to_owned(),
    }
}

fn unread(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::TooLarge
    } else {
        Refusal::Unreadable("the body did not arrive".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use mintgate_admin_api::{CreateConsumer, CreateConsumers, CreateKey, ImportKeys, RevokeKeys};

    use super::*;

    #[test]
    fn a_syntax_error_says_line_and_column() {
        let Err(Refusal::Unreadable(detail)) = parse::<CreateKey>(b"{\n  \"label\": }") else {
            panic!("not refused as unreadable")
        };
        assert_eq!(detail, "not JSON: expected value at line 2 column 12");
    }

    #[test]
    fn a_wrong_value_says_its_field() {
        let Err(Refusal::Fields(fields)) = parse::<CreateKey>(br#"{"scopes":["a","b c"]}"#) else {
            panic!("not refused by field")
        };
        assert_eq!(fields[0].field, "scopes[1]");
        assert!(fields[0].message.starts_with("a scope must be"), "{}", fields[0].message);
    }

    #[test]
    fn what_is_no_object_is_told_without_the_names_of_types() {
        for body in ["[]", "7", "true", "\"x\"", "null"] {
            let Err(Refusal::Fields(fields)) = parse::<CreateKey>(body.as_bytes()) else {
                panic!("not refused by field: {body}")
            };
            assert_eq!((&*fields[0].field, &*fields[0].message), (".", "must be an object"), "{body}");
        }
    }

    #[test]
    fn no_object_is_read_from_an_array() {
        let of = |problem: Refusal| match problem {
            Refusal::Fields(fields) => fields[0].field.clone(),
            other => panic!("{other}"),
        };
        for body in [r#"{"filter":["staging"]}"#, r#"{"filter":[]}"#] {
            assert_eq!(
                parse::<RevokeKeys>(body.as_bytes()).err().map(of).as_deref(),
                Some("filter"),
                "{body}"
            );
        }
        let made = parse::<CreateConsumer>(br#"{"name":"alice","key":["a label"]}"#);
        assert_eq!(made.err().map(of).as_deref(), Some("key"));
        let made = parse::<CreateConsumers>(br#"{"consumers":[{"name":"alice"},["bob"]]}"#);
        assert_eq!(made.err().map(of).as_deref(), Some("consumers[1]"));
        let made = parse::<CreateConsumer>(
            br#"{"name":"alice","metadata":{"list":[1,[]]},"managers":["ann"],"key":{}}"#,
        );
        assert!(made.is_ok());
    }

    #[test]
    fn what_follows_the_body_is_refused() {
        assert!(matches!(parse::<CreateKey>(b"{} {}"), Err(Refusal::Unreadable(_))));
    }

    #[test]
    fn what_would_be_kept_otherwise_than_it_was_written_is_refused() {
        for (metadata, field) in [
            (r#"{"plan":"free","plan":"gold"}"#, "metadata"),
            (r#"{"a":[{"b":1,"b":1}]}"#, "metadata.a[0]"),
            (r#"{"n":18446744073709551616}"#, "metadata.n"),
            (r#"{"n":[-9223372036854775809]}"#, "metadata.n[0]"),
        ] {
            let body = format!(r#"{{"name":"alice","metadata":{metadata}}}"#);
            let Err(Refusal::Fields(fields)) = parse::<CreateConsumer>(body.as_bytes()) else {
                panic!("not refused by field: {metadata}")
            };
            assert_eq!(fields[0].field, field, "{fields:?}");
        }
        for metadata in
            [r#"{"n":18446744073709551615,"m":-9223372036854775808,"f":0.1,"g":1e3,"x":null}"#, "{}"]
        {
            let body = format!(r#"{{"name":"alice","metadata":{metadata}}}"#);
            assert!(parse::<CreateConsumer>(body.as_bytes()).is_ok(), "{metadata}");
        }
    }

    #[test]
    fn r38_a_key_in_the_wrong_place_is_not_repeated() {
        for body in [
            r#"{"keys":[{"consumer":"a","scopes":"sk_live_\", expected 51NcM2dLkQ"}]}"#,
            r#"{"keys":["sk_live_51NcM2dLkQ"]}"#,
            r#"{"keys":[{"consumer":"a","key":["sk_live_51NcM2dLkQ"], "dry":"sk_live_51NcM2dLkQ"}]}"#,
        ] {
            let Err(Refusal::Fields(fields)) = parse::<ImportKeys>(body.as_bytes()) else {
                panic!("not refused by field")
            };
            assert!(!format!("{fields:?}").contains("sk_live"), "{fields:?}");
        }
    }
}
