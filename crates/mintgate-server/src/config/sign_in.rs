//! `[admin.oidc]`: signing in to the console with an `OpenID` Connect provider.

use std::collections::BTreeSet;

use mintgate_types::BucketName;
use mintgate_verify::{PlainHttp, SourceUrl};

use super::{
    problem::Finding,
    secrets::SecretSource,
    section::{Default, Section},
    setting::{At, Text, choice},
};

/// A provider that people sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcConfig {
    /// What people know it as.
    pub name: String,
    /// Its name in its own documents and tokens.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Where the secret is that proves it; a public client has none.
    pub client_secret: Option<SecretSource>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists what somebody belongs to.
    pub groups_claim: String,
    /// What its groups may do.
    pub grants: Vec<GrantConfig>,
}

/// What the members of a group may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantConfig {
    /// The group, as the provider names it.
    pub group: String,
    /// What its members may do.
    pub role: RoleName,
    /// In which buckets; `None` for all.
    pub buckets: Option<BTreeSet<BucketName>>,
}

choice!(
    /// What an admin may do.
    RoleName {
        /// Everything.
        Owner = "owner",
        /// Work with consumers and keys.
        Operator = "operator",
        /// Read everything but secrets.
        Auditor = "auditor",
    }
);

/// Who may sign in besides the members of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Nobody,
    /// The managers of consumers.
    Managers,
}

/// Reads the section. `None` where it is left out, or where a problem was noted.
pub(crate) fn read(section: &mut Section<'_>, is_there: bool, others: Others) -> Option<OidcConfig> {
    let issuer = section.optional::<Text>(
        "issuer",
        "The provider's name, byte for byte as its discovery document states it, and where that document is found.",
    );
    let client_id = section.optional::<Text>("client_id", "Who this gateway is at the provider.");
    let client_secret = secret(section);
    let name = section.defaulted::<Text>(
        "name",
        Default::Text("single sign-on"),
        "What people know the provider as. On the button.",
    );
    let scopes = section.optional::<Vec<At<Text>>>(
        "scopes",
        "What is asked for besides `openid`. `[\"email\", \"profile\"]`, if left out.",
    );
    let groups_claim = section.defaulted::<Text>(
        "groups_claim",
        Default::Text("groups"),
        "The claim of the identity token that lists what somebody belongs to.",
    );
    let grants = section.sections("grant", "What the members of a group may do.", read_grant);
    if !is_there {
        return None;
    }
    for (key, missing) in [("issuer", issuer.is_none()), ("client_id", client_id.is_none())] {
        if missing && !section.has(key) {
            section.missing(key, "an identity provider has an issuer and knows us by a client id");
        }
    }
    if grants.is_empty() && others == Others::Nobody {
        let finding = Finding::new(section.heading(), "nobody may sign in: no group is given a role")
            .advice("add `[[admin.oidc.grant]]` with `group` and `role`");
        section.ledger().problem(finding);
    }
    let (issuer, client_id) = (issuer?, client_id?);
    if let Err(error) = SourceUrl::parse(&issuer.value.0, PlainHttp::LoopbackOnly) {
        let message = format!("`{}`: {error}", section.full("issuer"));
        section.ledger().problem(Finding::new(issuer.span, message));
        return None;
    }
    let usual = || USUAL_SCOPES.map(str::to_owned).to_vec();
    Some(OidcConfig {
        name: name.value.0,
        issuer: issuer.value.0,
        client_id: client_id.value.0,
        client_secret: client_secret.map(|at| at.value),
        scopes: scopes.map_or_else(usual, |at| at.value.into_iter().map(|scope| scope.value.0).collect()),
        groups_claim: groups_claim.value.0,
        grants: grants.into_iter().collect::<Option<_>>()?,
    })
}

fn secret(section: &mut Section<'_>) -> Option<At<SecretSource>> {
    const KEYS: [&str; 2] = ["client_secret_file", "client_secret_env"];
    let meanings =
        ["A file with the secret of the client.", "An environment variable with the secret of the client."];
    if KEYS.iter().any(|key| section.has(key)) {
        return SecretSource::read(section, KEYS, meanings, None);
    }
    // A public client has none. The section still says that there could be one.
    for (key, meaning) in KEYS.into_iter().zip(meanings) {
        section.optional::<Text>(key, &format!("{meaning} A public client has none."));
    }
    None
}

fn read_grant(section: &mut Section<'_>) -> Option<GrantConfig> {
    let group = section.required::<Text>("group", "The group, as the provider names it.");
    let role = section.required::<RoleName>("role", "What its members may do.");
    let buckets =
        section.optional::<Vec<At<BucketName>>>("buckets", "In which buckets. In all, if left out.");
    if section.has("buckets") && buckets.as_ref().is_none_or(|at| at.value.is_empty()) {
        let span = buckets.and_then(|at| at.span);
        let finding = Finding::new(span, "no bucket is named").advice("leave `buckets` out for all of them");
        section.ledger().problem(finding);
        return None;
    }
    let buckets = buckets.map(|at| at.value.into_iter().map(|bucket| bucket.value).collect());
    Some(GrantConfig { group: group?.value.0, role: role?.value, buckets })
}

impl OidcConfig {
    pub(crate) fn based_on(self, folder: &std::path::Path) -> Self {
        Self { client_secret: self.client_secret.map(|secret| secret.based_on(folder)), ..self }
    }
}

const USUAL_SCOPES: [&str; 2] = ["email", "profile"];
