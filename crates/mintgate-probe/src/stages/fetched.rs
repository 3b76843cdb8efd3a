//! Whether anybody came by where hostile tokens pointed to.

use super::staged;
use crate::{Probe, Verdict, case::Case, verdict::Expected};

const NOBODY: Case = staged(
    "header/fetched",
    "nothing more: who asked the impostor after the tokens with jku, x5u and an address for a kid?",
    &["R25"],
    "a token that makes the origin fetch an address reaches whatever the origin can reach",
    Expected::NoFetch,
);
pub(crate) const CASES: &[Case] = &[NOBODY];

pub(crate) fn run(probe: &mut Probe) {
    let Some(issuer) = &probe.issuer else {
        probe.skip(&NOBODY, "needs an issuer of the kit's own");
        return;
    };
    let visits: Vec<String> = ["/jku", "/x5u", "/kid"]
        .into_iter()
        .map(|path| (path, issuer.visits(path)))
        .filter(|(_, visits)| *visits > 0)
        .map(|(path, visits)| format!("{path} was fetched {visits} times"))
        .collect();
    let (verdict, came) = if visits.is_empty() {
        (Verdict::Passed, "nobody".to_owned())
    } else {
        (Verdict::HostilePassed, visits.join(", "))
    };
    probe.record_as(&NOBODY, &[], verdict, came);
}
