//! Keys that come, and names of keys that never were.

use super::{at_most, cold, staged};
use crate::{
    Algorithm, Probe, Verdict,
    case::Case,
    forge::Role,
    verdict::{Expected, Heard, in_words},
};

const NEW_KID: Case = staged(
    "rotation/new-kid",
    "a token of a key that was published a moment ago",
    &["R42", "guard 7"],
    "agentgateway#2798, envoyproxy/gateway#4180: good tokens were refused until a timer ran out",
    Expected::Accepted,
);
const OLD_KID: Case = staged(
    "rotation/old-kid",
    "a token of the key before it, which is still published",
    &["R48"],
    "tokens outlive the rotation of their key",
    Expected::Accepted,
);
const ONE_FETCH: Case = staged(
    "rotation/one-fetch",
    "five tokens of either key",
    &["R42"],
    "one fetch finds the new key; the rest is known",
    Expected::FewFetches,
);
const FLOOD: Case = staged(
    "flood/kids",
    "40 tokens with 40 kids that do not exist",
    &["R43"],
    "an unknown kid is an unknown key, whatever its name",
    Expected::UnknownKey,
);
const FLOOD_FETCHES: Case = staged(
    "flood/fetches",
    "those 40, and how often the issuer was asked",
    &["R43"],
    "lua-resty-openidc#468: a fetch for each turns every origin into a weapon against its issuer",
    Expected::FewFetches,
);
const FLOOD_GOOD: Case = staged(
    "flood/good",
    "a good token after them",
    &["R43"],
    "names that do not exist must not push out those that do",
    Expected::Accepted,
);
pub(crate) const CASES: &[Case] = &[NEW_KID, OLD_KID, ONE_FETCH, FLOOD, FLOOD_FETCHES, FLOOD_GOOD];

pub(crate) fn run(probe: &mut Probe, talk: &mut dyn FnMut(&str)) {
    let Some(issuer) = probe.issuer.take() else {
        for case in CASES.iter().filter(|case| case.id != FLOOD.id) {
            probe.skip(case, "needs an issuer of the kit's own");
        }
        flood(probe);
        return;
    };
    if probe.plan.selection.has_any_of("rotation") {
        talk("the issuer rotates");
        let mut set = cold::clean_set(probe);
        set.extend(probe.forge.key(Role::Next).map(crate::forge::Named::jwk));
        issuer.publish(set);
        let before = issuer.fetches();
        let next = || probe.forge.signed_by(Role::Next, Algorithm::Rs256).unwrap_or_default();
        let new = vec![probe.ask(&next())];
        let old = vec![probe.ask(&probe.forge.good().unwrap_or_default())];
        let more: Vec<Heard> = (0..4).map(|_| probe.ask(&next())).collect();
        let fetches = issuer.fetches() - before;
        probe.record(&NEW_KID, &new, Expected::Accepted.judge(&new));
        probe.record(&OLD_KID, &old, Expected::Accepted.judge(&old));
        let is_found = Expected::Accepted.judge(&new) == Verdict::Passed;
        let came = format!("{}; {fetches} fetches", in_words(&more));
        let verdict = if is_found { at_most(fetches, 2) } else { Verdict::Skipped };
        probe.record_as(&ONE_FETCH, &more, verdict, came);
    }
    if probe.plan.selection.has_any_of("flood") {
        talk("a flood of unknown kids");
        let before = issuer.fetches();
        flood(probe);
        let fetches = issuer.fetches() - before;
        probe.record_as(&FLOOD_FETCHES, &[], at_most(fetches, 3), format!("{fetches} fetches"));
        let good = [probe.ask(&probe.forge.good().unwrap_or_default())];
        probe.record(&FLOOD_GOOD, &good, Expected::Accepted.judge(&good));
    }
    probe.issuer = Some(issuer);
}

fn flood(probe: &mut Probe) {
    if !probe.plan.selection.has(FLOOD.id) {
        return;
    }
    let forge = &probe.forge;
    let tokens: Vec<String> =
        (0..40).filter_map(|_| forge.by_impostor(&forge.header_for("RS256", &forge.unique()))).collect();
    let heard: Vec<Heard> = tokens.iter().map(|token| probe.ask(token)).collect();
    probe.record(&FLOOD, &heard, Expected::UnknownKey.judge(&heard));
}
