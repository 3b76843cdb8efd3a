//! For whom each operation of the document is, by the judgement that its endpoint asks for. Only told here, not decided: a
//! test holds the document to what everybody is really answered.

use mintgate_admin_api::Role;
use serde_json::Value;

use crate::operation::{self as of, CommonOperation, Duty, Operation, OwnOperation};

/// For whom an operation is, as the document says it: the roles, a manager's among them, and whether admins of some buckets
/// may, in those.
pub(crate) fn told(operation_id: &str) -> Option<Value> {
    let (_, audience) = AUDIENCES.iter().find(|(id, _)| *id == operation_id)?;
    let role = |role: &Role| serde_json::to_value(role).expect("a role is a word");
    let roles = audience.duty.roles().iter().map(role);
    let roles: Vec<_> = roles.chain(audience.managers.then(|| "manager".into())).collect();
    Some(serde_json::json!({ "roles": roles, "limited_to_buckets": audience.duty.is_in_buckets() }))
}

/// For whom something is.
struct Audience {
    duty: &'static Duty,
    managers: bool,
}

const fn admins<O: Operation>() -> Audience {
    Audience { duty: O::DUTY, managers: false }
}

const fn managers<O: OwnOperation>() -> Audience {
    Audience { duty: O::DUTY, managers: true }
}

const fn everybody<O: CommonOperation>() -> Audience {
    Audience { duty: O::DUTY, managers: true }
}

const AUDIENCES: &[(&str, Audience)] = &[
    ("list_buckets", admins::<of::ListBuckets>()),
    ("show_bucket", admins::<of::ShowBucket>()),
    ("create_bucket", admins::<of::CreateBucket>()),
    ("update_bucket", admins::<of::UpdateBucket>()),
    ("delete_bucket", admins::<of::DeleteBucket>()),
    ("find_consumers", admins::<of::ListConsumers>()),
    ("list_consumers", admins::<of::ListConsumers>()),
    ("show_consumer", admins::<of::ShowConsumer>()),
    ("create_consumer", admins::<of::CreateConsumer>()),
    ("create_consumers", admins::<of::CreateConsumer>()),
    ("update_consumer", admins::<of::UpdateConsumer>()),
    ("delete_consumer", admins::<of::DeleteConsumer>()),
    ("list_keys", admins::<of::ListKeys>()),
    ("list_consumer_keys", admins::<of::ListKeys>()),
    ("show_key", admins::<of::ShowKey>()),
    ("verify_key", admins::<of::VerifyKey>()),
    ("create_key", admins::<of::CreateKey>()),
    ("update_key", admins::<of::UpdateKey>()),
    ("roll_key", admins::<of::RollKeys>()),
    ("roll_consumer_keys", admins::<of::RollKeys>()),
    ("revoke_key", admins::<of::RevokeKey>()),
    ("revoke_keys", admins::<of::RevokeKey>()),
    ("import_keys", admins::<of::ImportKeys>()),
    ("list_signing_keys", admins::<of::ListSigningKeys>()),
    ("rotate_signing_keys", admins::<of::RotateSigningKeys>()),
    ("retire_signing_key", admins::<of::RetireSigningKey>()),
    ("list_admin_tokens", admins::<of::ListAdminTokens>()),
    ("show_admin_token", admins::<of::ShowAdminToken>()),
    ("create_admin_token", admins::<of::CreateAdminToken>()),
    ("roll_admin_token", admins::<of::RollAdminToken>()),
    ("revoke_admin_token", admins::<of::RevokeAdminToken>()),
    ("list_audit", admins::<of::ListAudit>()),
    ("export_audit", admins::<of::ExportAudit>()),
    ("verify_audit", admins::<of::VerifyAudit>()),
    ("back_up", admins::<of::BackUp>()),
    ("show_config", admins::<of::ShowConfig>()),
    ("show_usage", admins::<of::ShowUsage>()),
    ("show_top_usage", admins::<of::ShowUsage>()),
    ("show_refusals", admins::<of::ShowRefusals>()),
    ("show_status", admins::<of::ShowStatus>()),
    ("whoami", everybody::<of::ShowWhoAmI>()),
    ("show_session", everybody::<of::ShowSession>()),
    ("sign_out", everybody::<of::EndSession>()),
    ("list_own_consumers", managers::<of::ListOwnConsumers>()),
    ("list_own_keys", managers::<of::ListOwnKeys>()),
    ("show_own_key", managers::<of::ShowOwnKey>()),
    ("roll_own_key", managers::<of::RollOwnKey>()),
    ("show_own_usage", managers::<of::ShowOwnUsage>()),
    ("show_openapi", admins::<of::ShowOpenApi>()),
];
