//! `[claims]`: which metadata of a consumer becomes which claim of its tokens.

use std::collections::BTreeMap;

use mintgate_signing::{ClaimMapping, ClaimSource};
use mintgate_types::ClaimName;

use super::{problem::Finding, section::Section, setting::chain};

pub(crate) fn read(root: &mut Section<'_>) -> ClaimMapping {
    let meaning = "Claims of minted tokens and where they come from: `\"plan\" = \"metadata.plan\"` or `\"team\" = \
                   \"tags.team\"`. Registered claims and Mintgate's own cannot be set.";
    let mut sources = BTreeMap::new();
    for (name, source) in root.entries::<ClaimSource>("claims", meaning) {
        let complain = |message: String| {
            root.ledger().problem(Finding::new(name.span.clone(), format!("`claims`: {message}")));
        };
        let claim = match name.value.parse::<ClaimName>() {
            Ok(claim) => claim,
            Err(error) => {
                complain(error.to_string());
                continue;
            }
        };
        // One at a time, so that each refusal has its place.
        match ClaimMapping::new(BTreeMap::from([(claim.clone(), source.value.clone())])) {
            Ok(_) => drop(sources.insert(claim, source.value)),
            Err(error) => complain(chain(&error)),
        }
    }
    ClaimMapping::new(sources).expect("each of them was accepted")
}
