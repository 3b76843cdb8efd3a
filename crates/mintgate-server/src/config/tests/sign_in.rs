//! `[admin.oidc]`.

use super::{and, problem, taken, warnings};
use crate::config::{RoleName, SecretSource};

const PROVIDER: &str = "[admin.oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"mintgate\"\n";
const GRANT: &str = "[[admin.oidc.grant]]\ngroup = \"support\"\nrole = \"operator\"\n";

#[test]
fn nobody_signs_in_elsewhere_unless_told_to() {
    assert_eq!(taken(&and("")).admin.oidc, None);
    assert_eq!(taken(&and("[admin]\nlisten = \"127.0.0.1:9\"")).admin.oidc, None);
}

#[test]
fn a_provider_needs_little_and_may_be_told_more() {
    let config = taken(&and(&format!("{PROVIDER}{GRANT}")));
    let oidc = config.admin.oidc.expect("a provider");
    assert_eq!((&*oidc.issuer, &*oidc.client_id), ("https://id.example.com", "mintgate"));
    assert_eq!((oidc.client_secret, &*oidc.groups_claim), (None, "groups"));
    assert_eq!(oidc.scopes, ["email", "profile"]);
    assert_eq!((oidc.grants[0].role, &oidc.grants[0].buckets), (RoleName::Operator, &None));
    let more = format!(
        "{PROVIDER}client_secret_file = \"data/client.secret\"\nscopes = []\n{GRANT}buckets = [\"production\"]\n"
    );
    let oidc = taken(&and(&more)).admin.oidc.expect("a provider");
    assert_eq!(oidc.client_secret, Some(SecretSource::File("data/client.secret".into())));
    assert!(oidc.scopes.is_empty());
    assert_eq!(oidc.grants[0].buckets.as_ref().map(std::collections::BTreeSet::len), Some(1));
}

#[test]
fn a_provider_that_nobody_may_use_or_that_cannot_be_one_is_refused() {
    assert!(problem(&and(PROVIDER)).contains("nobody may sign in"));
    let no_client = format!("[admin.oidc]\nissuer = \"https://id.example.com\"\n{GRANT}");
    assert!(problem(&and(&no_client)).contains("`admin.oidc.client_id` is missing"));
    let in_the_clear = format!("{PROVIDER}{GRANT}").replace("https://", "http://");
    assert!(problem(&and(&in_the_clear)).contains("over https"));
    let role = format!("{PROVIDER}{GRANT}").replace("operator", "oprator");
    assert!(problem(&and(&role)).contains("did you mean `operator`?"));
    let nowhere = format!("{PROVIDER}{GRANT}buckets = []\n");
    assert!(problem(&and(&nowhere)).contains("no bucket is named"));
}

#[test]
fn secrets_do_not_stand_in_the_file() {
    let said = problem(&and(&format!("{PROVIDER}client_secret = \"s3cret\"\n{GRANT}")));
    assert!(said.contains("secrets never stand in this file") && !said.contains("s3cret"), "{said}");
}

#[test]
fn signing_in_over_the_network_in_the_clear_is_warned_of() {
    let said = warnings(&and("[admin]\npublic_url = \"http://admin.example.com\""));
    assert!(said[0].contains("people sign in to the console over the network in the clear"), "{said:#?}");
    assert!(warnings(&and("[admin]\npublic_url = \"https://admin.example.com\"")).is_empty());
}

#[test]
fn self_service_is_off_and_needs_somebody_who_vouches() {
    assert!(!taken(&and(&format!("{PROVIDER}{GRANT}"))).admin.self_service);
    let on = "[admin]\nself_service = true\n";
    let said = problem(&and(on));
    assert!(said.contains("nobody vouches for the managers of consumers"), "{said}");
    assert!(taken(&and(&format!("{on}{PROVIDER}{GRANT}"))).admin.self_service);
    // Then nobody needs to be an admin by a group.
    let config = taken(&and(&format!("{on}{PROVIDER}")));
    assert!(config.admin.oidc.is_some_and(|oidc| oidc.grants.is_empty()));
    assert!(
        problem(&and(&format!("[admin]\nself_service = \"yes\"\n{PROVIDER}{GRANT}")))
            .contains("self_service")
    );
}
