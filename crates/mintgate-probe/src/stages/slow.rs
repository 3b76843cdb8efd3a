//! What shows only after as long as keys are kept.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use super::staged;
use crate::{
    Algorithm, Probe, Verdict,
    case::Case,
    forge::{Named, Role},
    issuer::Issuer,
    verdict::{Expected, Heard, in_words},
};

const AFTER_FLOOD: Case = staged(
    "slow/new-kid-in-a-flood",
    "tokens of a new key among tokens with unknown kids, until one is accepted",
    &["R42", "R43"],
    "a limit on fetches must not let strangers keep a new key out for good",
    Expected::Accepted,
);
const WITHDRAWN: Case = staged(
    "slow/withdrawn",
    "tokens of a key that is no longer published, until one is refused",
    &["R26", "guard 8"],
    "jwkset GHSA-675f-rq2r-jw82: a set that is merged keeps a stolen key for ever",
    Expected::Unauthorized,
);
const STALE: Case = staged(
    "slow/stale",
    "a good token when the issuer was down for longer than its keys are fresh",
    &["guard 10"],
    "an issuer that restarts must not stop every origin",
    Expected::Accepted,
);
pub(crate) const CASES: &[Case] = &[AFTER_FLOOD, WITHDRAWN, STALE];

pub(crate) fn run(probe: &mut Probe, talk: &mut dyn FnMut(&str)) -> io::Result<()> {
    if !probe.plan.selection.has_any_of("slow") {
        return Ok(());
    }
    let why = if probe.plan.slow { "needs an issuer of the kit's own" } else { "takes minutes: --slow" };
    let Some(mut issuer) = probe.issuer.take_if(|_| probe.plan.slow) else {
        for case in CASES {
            probe.skip(case, why);
        }
        return Ok(());
    };
    issuer.open()?;
    talk("the issuer takes a key back");
    let is_new = exchanged(probe, &issuer);
    if is_new {
        talk("the issuer is away for longer than its keys are fresh");
        issuer.shut();
        thread::sleep(issuer.max_age() + MARGIN);
        let heard = [probe.ask(&token(probe, Role::Last))];
        probe.record(&STALE, &heard, Expected::Accepted.judge(&heard));
    } else {
        probe.skip(&STALE, "the origin knows no key that is still published");
    }
    probe.issuer = Some(issuer);
    Ok(())
}

/// The main key goes and the last one comes; whether the origin noticed the latter.
fn exchanged(probe: &mut Probe, issuer: &Issuer) -> bool {
    let staying = |named: &&Named| matches!(named.role, Role::Next | Role::Last);
    issuer.publish(probe.forge.ring.iter().filter(staying).map(Named::jwk).collect());
    let (start, limit) = (Instant::now(), issuer.max_age() + COOL_DOWN);
    let (mut new, mut old): (Vec<Heard>, Vec<Heard>) = (Vec::new(), Vec::new());
    let (mut is_new, mut is_old) = (false, true);
    while (!is_new || is_old) && start.elapsed() < limit {
        let forge = &probe.forge;
        let stranger = forge.by_impostor(&forge.header_for("RS256", &forge.unique()));
        // Its answer is the same as in the flood.
        drop(probe.ask(&stranger.unwrap_or_default()));
        new.push(probe.ask(&token(probe, Role::Last)));
        old.push(probe.ask(&probe.forge.good().unwrap_or_default()));
        is_new = accepts(&new);
        is_old = accepts(&old);
        thread::sleep(BETWEEN);
    }
    let after = |heard: &[Heard]| format!("{} within {} s", in_words(heard), start.elapsed().as_secs());
    let (came_new, came_old) = (after(&new), after(&old));
    let last = |heard: &[Heard]| heard.last().cloned().into_iter().collect::<Vec<_>>();
    let verdict = Expected::Accepted.judge(&last(&new));
    probe.record_as(&AFTER_FLOOD, &last(&new), verdict, came_new);
    let verdict = Expected::Unauthorized.judge(&last(&old));
    probe.record_as(&WITHDRAWN, &last(&old), verdict, came_old);
    is_new
}

fn accepts(heard: &[Heard]) -> bool {
    let last = heard.last().map(std::slice::from_ref).unwrap_or_default();
    Expected::Accepted.judge(last) == Verdict::Passed
}

fn token(probe: &Probe, role: Role) -> String {
    probe.forge.signed_by(role, Algorithm::Rs256).unwrap_or_default()
}

/// How long an origin may take beyond the age that its issuer allows.
const COOL_DOWN: Duration = Duration::from_secs(45);
const MARGIN: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_secs(1);
