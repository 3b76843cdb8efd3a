//! What is to be done, with whom, and whose tokens are used.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;

use crate::{Algorithm, PrivateKey, Target};

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The origin, with the protected resource.
    pub target: Target,
    /// How the resource is asked for.
    pub method: String,
    /// Where the origin takes a `POST`; the resource itself if left out.
    pub upload_path: Option<String>,
    /// The audience that the origin checks.
    pub audience: String,
    /// The scopes that the resource asks for.
    pub scopes: Vec<String>,
    /// The `typ` of good tokens.
    pub typ: String,
    /// What the origin is to accept, beside the one that good tokens are signed with.
    pub algorithms: Vec<Algorithm>,
    /// Lines that every request has, such as `X-Tenant: 7`.
    pub lines: Vec<String>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long the origin may take to accept the first good token.
    pub wait: Duration,
    /// Whether to wait for what takes its time: withdrawn keys, an outage longer than the keys are fresh.
    pub slow: bool,
    /// What is tried.
    pub selection: Selection,
}

/// Whose tokens are used.
pub enum Tokens {
    /// An issuer of the kit's own, which the origin has to trust.
    Own(OwnIssuer),
    /// The private key of an issuer that the origin trusts.
    Key {
        /// Who that is.
        issuer: String,
        /// The name of the key.
        kid: String,
        /// The key.
        key: PrivateKey,
    },
    /// Somebody else hands out good tokens and keeps the key.
    Handed(HandedTokens),
}

/// Where the kit's own issuer is.
#[derive(Debug, Clone)]
pub struct OwnIssuer {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it calls itself, where the origin reaches it by another name.
    pub url: Option<String>,
    /// For how long it says that its keys may be kept.
    pub max_age: Duration,
}

/// Good tokens of somebody else.
pub struct HandedTokens {
    /// Who issues them.
    pub issuer: String,
    /// The name of the key that signs them.
    pub kid: String,
    /// What it signs with.
    pub algorithm: String,
    /// Its public part as a JWK, if that is known.
    pub public: Option<Value>,
    /// A good token that lives for a minute at least.
    pub fresh: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

/// What is tried, by group (`claims`) or by name (`claims/exp-past`).
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these; all if empty.
    pub only: Vec<String>,
    /// And not these.
    pub skip: Vec<String>,
}

/// There is no such group or case.
#[derive(Debug, thiserror::Error)]
#[error("no group or case is called {name}; groups are {groups}")]
pub struct InvalidSelection {
    name: String,
    groups: String,
}

impl Selection {
    /// Refuses names that select nothing.
    pub fn new(only: Vec<String>, skip: Vec<String>) -> Result<Self, InvalidSelection> {
        let ids = crate::stages::all_ids();
        for name in only.iter().chain(&skip) {
            if !ids.iter().any(|id| selects(name, id)) {
                let mut groups: Vec<&str> = Vec::new();
                for group in ids.iter().map(|id| group(id)) {
                    if !groups.contains(&group) {
                        groups.push(group);
                    }
                }
                return Err(InvalidSelection { name: name.clone(), groups: groups.join(", ") });
            }
        }
        Ok(Self { only, skip })
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|name| selects(name, id)))
            && !self.skip.iter().any(|name| selects(name, id))
    }

    /// Whether anything of a group is left.
    pub(crate) fn has_any_of(&self, wanted: &str) -> bool {
        crate::stages::all_ids().iter().any(|id| group(id) == wanted && self.has(id))
    }
}

fn group(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

fn selects(name: &str, id: &str) -> bool {
    name == id || name == group(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_cases_are_chosen_and_left_out() {
        let selection = Selection::new(vec!["claims".into()], vec!["claims/exp-past".into()]).unwrap();
        assert!(selection.has("claims/exp-missing"));
        assert!(!selection.has("claims/exp-past"));
        assert!(!selection.has("kid/path"));
        assert!(Selection::default().has("kid/path"));
        assert!(selection.has_any_of("claims") && !selection.has_any_of("cold"));
    }

    #[test]
    fn what_selects_nothing_is_refused_with_what_there_is() {
        let refusal = Selection::new(vec!["clams".into()], vec![]).unwrap_err().to_string();
        assert!(refusal.contains("clams") && refusal.contains("claims"), "{refusal}");
        assert_eq!(refusal.matches("header").count(), 1, "each group once: {refusal}");
        assert!(Selection::new(vec![], vec!["cold/one-fetch".into()]).is_ok());
    }
}
