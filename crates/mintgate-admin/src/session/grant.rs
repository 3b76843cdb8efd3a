//! What somebody may do whom an identity provider vouched for.

use std::collections::BTreeSet;

use mintgate_admin_api::{Role, Via};
use mintgate_store::{SignedIn, Within};
use mintgate_types::BucketName;

use crate::caller::Admin;

/// What the members of one group may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupGrant {
    /// The group, as the provider names it.
    pub group: String,
    /// What its members may do.
    pub role: Role,
    /// In which buckets; `None` for all, and for what is in none.
    pub buckets: Option<BTreeSet<BucketName>>,
}

/// The admin that somebody is by their groups: the strongest role that any of them gives, in all the buckets for which
/// one gives it. `None` for nobody.
pub(super) fn admin_of(grants: &[GroupGrant], who: &SignedIn) -> Option<Admin> {
    let own = || grants.iter().filter(|grant| who.groups.contains(&grant.group));
    let role = own().map(|grant| grant.role).max_by_key(|role| strength(*role))?;
    let within = own().filter(|grant| grant.role == role).fold(
        Within::Buckets(BTreeSet::new()),
        |all, grant| match (all, &grant.buckets) {
            (Within::Buckets(mut all), Some(more)) => {
                all.extend(more.iter().cloned());
                Within::Buckets(all)
            }
            _ => Within::Everything,
        },
    );
    let person = Some((who.issuer.clone(), who.subject.clone()));
    Some(Admin { name: who.name.clone(), id: None, person, role, within, expires: None, via: Via::Session })
}

fn strength(role: Role) -> u8 {
    match role {
        Role::Auditor => 0,
        Role::Operator => 1,
        Role::Owner => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(group: &str, role: Role, buckets: Option<&[&str]>) -> GroupGrant {
        let buckets = buckets.map(|all| all.iter().map(|name| name.parse().expect("a name")).collect());
        GroupGrant { group: group.to_owned(), role, buckets }
    }

    fn admin(groups: &[&str]) -> Option<(Role, Within)> {
        let grants = [
            grant("platform", Role::Owner, None),
            grant("support", Role::Operator, Some(&["production"])),
            grant("support-eu", Role::Operator, Some(&["europe"])),
            grant("everybody", Role::Auditor, None),
        ];
        let who = SignedIn {
            issuer: "https://id.example".to_owned(),
            subject: "1".to_owned(),
            name: "Ann".parse().expect("a name"),
            email: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        admin_of(&grants, &who).map(|admin| (admin.role, admin.within))
    }

    fn buckets(names: &[&str]) -> Within {
        Within::Buckets(names.iter().map(|name| name.parse().expect("a name")).collect())
    }

    #[test]
    fn the_strongest_role_counts_in_the_buckets_that_it_was_given_for() {
        assert_eq!(admin(&["everybody"]), Some((Role::Auditor, Within::Everything)));
        assert_eq!(admin(&["everybody", "support"]), Some((Role::Operator, buckets(&["production"]))));
        let both = admin(&["support-eu", "support"]);
        assert_eq!(both, Some((Role::Operator, buckets(&["europe", "production"]))));
        assert_eq!(admin(&["support", "platform"]), Some((Role::Owner, Within::Everything)));
    }

    #[test]
    fn who_is_in_no_group_of_ours_is_nobody() {
        assert_eq!(admin(&[]), None);
        assert_eq!(admin(&["Platform", "platform "]), None);
    }
}
