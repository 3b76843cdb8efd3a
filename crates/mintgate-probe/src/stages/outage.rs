//! An issuer that goes away after the origin has its keys.

use std::{io, thread};

use super::staged;
use crate::{
    Probe,
    case::{Case, Draft},
    issuer::Mood,
    probe::PAUSE,
    verdict::Expected,
};

const KNOWN: Case = staged(
    "outage/known-key",
    "three good tokens while the issuer is down",
    &["guard 10"],
    "keys that are known go on working",
    Expected::Accepted,
);
const UNKNOWN: Case = staged(
    "outage/unknown-kid",
    "a token with an unknown kid while the issuer is down",
    &["R27"],
    "the fetch fails, and that must be an answer",
    Expected::UnknownKey,
);
const HANGS_KNOWN: Case = staged(
    "outage/hangs-known-key",
    "five good tokens while the issuer does not answer and others wait for it",
    &["guard 13", "guard 10"],
    "who needs no fetch must not wait for one",
    Expected::Accepted,
);
const HANGS_UNKNOWN: Case = staged(
    "outage/hangs-unknown-kid",
    "three tokens with unknown kids while the issuer does not answer",
    &["R27", "guard 13"],
    "strangers could otherwise stop every thread",
    Expected::UnknownKey,
);
pub(crate) const CASES: &[Case] = &[KNOWN, UNKNOWN, HANGS_KNOWN, HANGS_UNKNOWN];

pub(crate) fn run(probe: &mut Probe, talk: &mut dyn FnMut(&str)) -> io::Result<()> {
    if !probe.plan.selection.has_any_of("outage") {
        return Ok(());
    }
    let Some(mut issuer) = probe.issuer.take() else {
        for case in CASES {
            probe.skip(case, "needs an issuer of the kit's own");
        }
        return Ok(());
    };
    talk("the issuer goes down");
    issuer.shut();
    let heard = good(probe, 3).iter().map(|draft| probe.send(draft)).collect::<Vec<_>>();
    probe.record(&KNOWN, &heard, KNOWN.expected.judge(&heard));
    let heard = strangers(probe, 1).iter().map(|draft| probe.send(draft)).collect::<Vec<_>>();
    probe.record(&UNKNOWN, &heard, UNKNOWN.expected.judge(&heard));

    talk("the issuer hangs again");
    issuer.set_mood(Mood::Hanging);
    issuer.open()?;
    let (waiting, passing) = (strangers(probe, 3), good(probe, 5));
    let (waited, passed) = thread::scope(|scope| {
        let asking = &*probe;
        let waited = scope.spawn(|| asking.ask_together(&waiting));
        thread::sleep(PAUSE);
        let passed = asking.ask_together(&passing);
        (waited.join().expect("asking does not panic"), passed)
    });
    probe.record(&HANGS_KNOWN, &passed, HANGS_KNOWN.expected.judge(&passed));
    probe.record(&HANGS_UNKNOWN, &waited, HANGS_UNKNOWN.expected.judge(&waited));
    issuer.set_mood(Mood::Publishing { after: std::time::Duration::ZERO });
    probe.issuer = Some(issuer);
    Ok(())
}

fn good(probe: &Probe, count: usize) -> Vec<Draft> {
    (0..count).filter_map(|_| probe.forge.good()).map(|token| Draft::bearer(&token)).collect()
}

fn strangers(probe: &Probe, count: usize) -> Vec<Draft> {
    let forge = &probe.forge;
    let token = |_| forge.by_impostor(&forge.header_for("RS256", &forge.unique()));
    (0..count).filter_map(token).map(|token| Draft::bearer(&token)).collect()
}
