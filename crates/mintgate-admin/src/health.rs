//! `GET /healthz` and `GET /readyz`: for machines that start and stop this one. They ask for no credential, so they say
//! nothing beyond the status.

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::paths;

use crate::AdminService;

/// Whether the process lives
#[utoipa::path(
    get,
    path = paths::HEALTHZ,
    tag = "installation",
    responses((status = 204, description = "It does"))
)]
pub(crate) async fn healthz() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether the node can serve
#[utoipa::path(
    get,
    path = paths::READYZ,
    tag = "installation",
    responses((status = 204, description = "It can"), (status = 503, description = "It cannot yet"))
)]
pub(crate) async fn readyz(State(service): State<AdminService>) -> StatusCode {
    if service.replica().is_ready() { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}
