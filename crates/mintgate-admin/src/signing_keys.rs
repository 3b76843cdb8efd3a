//! Signing keys.

pub(crate) mod list;
pub(crate) mod retire;
pub(crate) mod rotate;

use mintgate_admin_api::SigningKeyList;

use crate::{AdminService, reply::Reply, wire};

/// All signing keys as they are now.
async fn all(service: &AdminService) -> Reply<SigningKeyList> {
    let (records, _) = service.store().signing_keys().await?;
    Ok(SigningKeyList { data: records.into_iter().map(wire::signing_key).collect() })
}
