//! `GET /openapi.json`: the contract, for programs.

use axum::Json;
use mintgate_admin_api::paths;
use utoipa::openapi::OpenApi;

use crate::{
    document,
    operation::{self, Allowed},
};

/// This document
#[utoipa::path(
    get,
    path = paths::OPENAPI,
    tag = "installation",
    responses((status = 200, description = "The document", body = Object, content_type = "application/json"))
)]
pub(crate) async fn show_openapi(_: Allowed<operation::ShowOpenApi>) -> Json<OpenApi> {
    Json(document())
}
