//! `GET /v1/status`: how the installation is.

use axum::{Json, extract::State};
use mintgate_admin_api::{KeyCounts, Node, Status, StoreStatus, paths};

use crate::{
    AdminService,
    operation::{self, Allowed},
    reply::Reply,
    wire,
};

/// How the installation is
#[utoipa::path(
    get,
    path = paths::STATUS,
    tag = "installation",
    responses((status = 200, description = "Nodes, store, keys and signing keys", body = Status))
)]
pub(crate) async fn show_status(
    State(service): State<AdminService>,
    _: Allowed<operation::ShowStatus>,
) -> Reply<Json<Status>> {
    let (total, working) = service.store().count_keys().await?;
    let (signing_keys, _) = service.store().signing_keys().await?;
    let revision = service.store().revision().await?;
    let config = service.config();
    Ok(Json(Status {
        version: config.version.clone(),
        nodes: vec![this_node(&service)],
        store: StoreStatus { kind: config.store_kind.clone(), revision },
        keys: KeyCounts { total, revoked: total.saturating_sub(working) },
        signing_keys: signing_keys
            .into_iter()
            .filter(|record| record.state.is_in_jwks())
            .map(wire::signing_key)
            .collect(),
    }))
}

fn this_node(service: &AdminService) -> Node {
    let config = service.config();
    let uptime = service.now().duration_since(config.started).as_secs();
    Node {
        name: config.node_name.clone(),
        started: config.started,
        // The clock may have been set back since.
        uptime_seconds: u64::try_from(uptime).unwrap_or(0),
        revision: service.replica().revision(),
        ready: service.replica().is_ready(),
    }
}
