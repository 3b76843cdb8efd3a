//! `GET /v1/config`: what this node serves by, for those who may read everything but secrets.

use axum::{Json, extract::State};
use mintgate_admin_api::{RunningConfig, paths};

use crate::{
    AdminService,
    operation::{self, Allowed},
};

/// The configuration in force
#[utoipa::path(
    get,
    path = paths::CONFIG,
    tag = "installation",
    responses((status = 200, description = "Its sections, without secrets", body = RunningConfig))
)]
pub(crate) async fn show_config(
    State(service): State<AdminService>,
    _: Allowed<operation::ShowConfig>,
) -> Json<RunningConfig> {
    Json(service.settings().in_force())
}
