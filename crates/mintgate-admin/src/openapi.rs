//! `GET /openapi.json`: the contract, for programs.

use axum::Json;
use mintgate_admin_api::paths;
use utoipa::openapi::OpenApi;

use crate::{caller::Caller, document};

/// This document
#[utoipa::path(
    get,
    path = paths::OPENAPI,
    tag = "installation",
    responses((status = 200, description = "The document", body = Object, content_type = "application/json"))
)]
pub(crate) async fn show_openapi(_: Caller) -> Json<OpenApi> {
    Json(document())
}
