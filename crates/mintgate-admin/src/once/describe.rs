//! What the document says of requests with an idempotency key, so that it stands in one place there as it does here.

use utoipa::{
    IntoResponses,
    openapi::{
        HeaderBuilder, ObjectBuilder, RefOr,
        path::{Operation, ParameterIn},
        schema::Type,
    },
};

use super::header;
use crate::document::{self, MadeOnce};

/// Adds what such a request may be answered.
pub(crate) fn describe(operation: &mut Operation) {
    let takes_key = operation.parameters.iter().flatten().any(|parameter| {
        matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Header
            && parameter.name.eq_ignore_ascii_case(header::NAME.as_str()))
    });
    if !takes_key {
        return;
    }
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"])).build();
            let said = HeaderBuilder::new()
                .schema(Some(text))
                .description(Some("There when this reply was given before, and nothing was made"))
                .build();
            response.headers.insert("Idempotency-Replayed".to_owned(), RefOr::T(said));
        }
    }
    document::add(&mut operation.responses, MadeOnce::responses());
}
