//! What takes more than a request and its answer: an issuer that fails, keys that come and go, bodies.

pub(crate) mod body;
pub(crate) mod cold;
pub(crate) mod fetched;
pub(crate) mod outage;
pub(crate) mod rotation;
pub(crate) mod slow;

use crate::{
    case::{Case, Draft, Make},
    cases, manners,
    verdict::Expected,
};

/// A case that its stage carries out.
const fn staged(
    id: &'static str,
    sent: &'static str,
    marks: &'static [&'static str],
    why: &'static str,
    expected: Expected,
) -> Case {
    Case::hostile(id, sent, marks, why, BY_STAGE).expecting(expected)
}

const BY_STAGE: Make = |_| Some(Vec::<Draft>::new());

/// Everything that is tried, in its order.
pub(crate) fn in_order() -> impl Iterator<Item = &'static Case> {
    cold::CASES
        .iter()
        .chain(rotation::CASES)
        .chain(cases::all())
        .chain(fetched::CASES)
        .chain(body::CASES)
        .chain(outage::CASES)
        .chain(slow::CASES)
}

/// The names of all rows that a report can have.
pub(crate) fn all_ids() -> Vec<&'static str> {
    in_order().map(|case| case.id).chain(manners::ids()).collect()
}

/// A verdict on a number that should be small.
fn at_most(found: usize, most: usize) -> crate::Verdict {
    if found <= most { crate::Verdict::Passed } else { crate::Verdict::WrongManner }
}
