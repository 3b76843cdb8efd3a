//! An origin that has no keys yet, and an issuer that gives it none. Then one that does.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{at_most, staged};
use crate::{
    Algorithm, Probe, Verdict,
    answer::Answer,
    case::{Case, Draft},
    forge::{Named, Role},
    issuer::{Issuer, Mood},
    probe::PAUSE,
    verdict::{Expected, Heard, in_words},
};

const DOWN: Case = staged(
    "cold/issuer-down",
    "a good token while the issuer cannot be reached",
    &["R27", "guard 9"],
    "nobody knows whether it is good: 401 makes callers throw it away, 500 wakes the wrong people",
    Expected::Unavailable,
);
const HANGS: Case = staged(
    "cold/issuer-hangs",
    "12 good tokens at once while the issuer does not answer",
    &["R27", "guard 13"],
    "a fetch without a time limit blocks every thread that there is",
    Expected::Unavailable,
);
const OTHERS: Case = staged(
    "cold/others-unharmed",
    "no token, while those 12 wait",
    &["guard 13"],
    "callers who need no key must not pay for it",
    Expected::Unauthorized,
);
const FAILS: Case = staged(
    "cold/issuer-500",
    "a good token while the issuer answers 500",
    &["R27", "guard 9"],
    "the issuer's failure is not the caller's",
    Expected::Unavailable,
);
const BACK_OFF: Case = staged(
    "cold/back-off",
    "20 good tokens while the issuer answers 500",
    &["guard 15"],
    "a fetch for each request keeps a failing issuer down",
    Expected::FewFetches,
);
const CHATS: Case = staged(
    "cold/issuer-html",
    "a good token while the issuer answers with a page of HTML",
    &["R27", "guard 11"],
    "a page for maintenance is no key set",
    Expected::Unavailable,
);
const REDIRECT: Case = staged(
    "cold/redirect",
    "a token of the key that lies where the issuer redirects to",
    &["guard 30"],
    "whoever follows lets an open redirect at the issuer choose whom to trust",
    Expected::UnknownKey,
);
const ODD_SET: Case = staged(
    "cold/odd-set",
    "a good token; among the issuer's keys are a broken one, one without kid, one of an unknown type",
    &["R27", "guard 6", "guard 12"],
    "RFC 7517 §5: what is not understood is passed over; otherwise one bad key stops everybody",
    Expected::Accepted,
);
const ONE_FETCH: Case = staged(
    "cold/one-fetch",
    "10 good tokens at once, the first that can be verified",
    &["R43", "guard 14"],
    "one fetch serves all who wait; a fetch each is a stampede after every restart",
    Expected::FewFetches,
);
const ACCEPTED: Case = staged(
    "cold/accepted",
    "a good token, until it is accepted",
    &["guard 1"],
    "an origin that accepts nothing refuses everything, which proves nothing",
    Expected::Accepted,
);
pub(crate) const CASES: &[Case] =
    &[DOWN, HANGS, OTHERS, FAILS, BACK_OFF, CHATS, REDIRECT, ONE_FETCH, ODD_SET, ACCEPTED];

/// Whether good tokens are accepted in the end.
pub(crate) fn run(probe: &mut Probe, talk: &mut dyn FnMut(&str)) -> io::Result<bool> {
    let is_wanted = probe.plan.selection.has_any_of("cold");
    if let Some(issuer) = probe.issuer.take() {
        let mut issuer = issuer;
        issuer.publish(clean_set(probe));
        if is_wanted {
            without_keys(probe, &mut issuer, talk)?;
        } else {
            issuer.open()?;
        }
        probe.issuer = Some(issuer);
    } else if is_wanted {
        for case in CASES.iter().filter(|case| case.id != ACCEPTED.id) {
            probe.skip(case, "needs an issuer of the kit's own");
        }
    }
    talk("waiting for the origin to accept a good token");
    let heard = probe.wait_for_acceptance(probe.plan.wait);
    // What came before the last answer was said above.
    let last = heard.last().map(std::slice::from_ref).unwrap_or_default();
    let verdict = Expected::Accepted.judge(last);
    probe.record(&ACCEPTED, last, verdict);
    Ok(verdict == Verdict::Passed)
}

fn without_keys(probe: &mut Probe, issuer: &mut Issuer, talk: &mut dyn FnMut(&str)) -> io::Result<()> {
    let has = |probe: &Probe, cases: &[Case]| cases.iter().any(|case| probe.plan.selection.has(case.id));
    let good = |probe: &Probe| probe.forge.good().unwrap_or_default();
    if has(probe, &[DOWN]) {
        talk("the issuer is down");
        let heard: Vec<Heard> = (0..3).map(|_| probe.ask(&good(probe))).collect();
        judged(probe, &DOWN, &heard);
    }
    issuer.set_mood(Mood::Hanging);
    issuer.open()?;
    if has(probe, &[HANGS, OTHERS]) {
        talk("the issuer hangs");
        hanging(probe, issuer);
    }
    issuer.set_mood(Mood::Failing(500));
    if has(probe, &[FAILS, BACK_OFF]) {
        talk("the issuer fails");
        let heard = until_asked(probe, issuer, &good(probe));
        judged(probe, &FAILS, &heard);
        let before = issuer.fetches();
        let heard: Vec<Heard> = (0..20).map(|_| probe.ask(&good(probe))).collect();
        let fetches = issuer.fetches() - before;
        let came = format!("{}; {fetches} fetches", in_words(&heard));
        probe.record_as(&BACK_OFF, &heard, at_most(fetches, 5), came);
    }
    if has(probe, &[CHATS]) {
        talk("the issuer answers with a page");
        issuer.set_mood(Mood::Chatting);
        let heard = until_asked(probe, issuer, &good(probe));
        judged(probe, &CHATS, &heard);
    }
    let is_led_away = has(probe, &[REDIRECT]) && redirected(probe, issuer, talk);
    if is_led_away {
        issuer.set_mood(Mood::Publishing { after: Duration::ZERO });
        probe.skip(&ODD_SET, "the origin has keys already: start it afresh, and --only cold/odd-set");
    } else if has(probe, &[ONE_FETCH, ODD_SET]) {
        talk("the issuer answers");
        answered(probe, issuer);
    } else {
        issuer.set_mood(Mood::Publishing { after: Duration::ZERO });
    }
    Ok(())
}

/// As soon as the origin waits for the issuer, twelve more come, and one who does not need it.
fn hanging(probe: &mut Probe, issuer: &Issuer) {
    let drafts = good_drafts(probe, 12);
    let (before, until) = (issuer.fetches(), Instant::now() + PATIENCE);
    let (waiting, other) = thread::scope(|scope| {
        let asking = &*probe;
        // Somebody has to make the origin ask; it may be waiting for a while after a failure.
        while issuer.fetches() == before && Instant::now() < until {
            scope.spawn(|| asking.send(&drafts[0]));
            issuer.wait_for_fetch(before, PAUSE);
        }
        let waiting = scope.spawn(|| asking.ask_together(&drafts));
        thread::sleep(UNTIL_THEY_WAIT);
        let other = asking.send(&Draft::default());
        (waiting.join().expect("asking does not panic"), other)
    });
    judged(probe, &HANGS, &waiting);
    judged(probe, &OTHERS, &[other]);
}

/// Asks until the origin has asked the issuer, and once more; it may be waiting for a while after a failure.
fn until_asked(probe: &Probe, issuer: &Issuer, token: &str) -> Vec<Heard> {
    let (before, until) = (issuer.fetches(), Instant::now() + PATIENCE);
    let mut heard = Vec::new();
    loop {
        let answer = probe.ask(token);
        let pause = answer.as_ref().ok().and_then(Answer::retry_after).unwrap_or(PAUSE);
        heard.push(answer);
        let left = until.saturating_duration_since(Instant::now());
        let is_known = heard.last().is_some_and(|last| last.as_ref().is_ok_and(Answer::is_success));
        if is_known || issuer.fetches() > before || left.is_zero() {
            return heard;
        }
        if issuer.wait_for_fetch(before, pause.min(left)) {
            heard.push(probe.ask(token));
            return heard;
        }
    }
}

/// Whether the origin followed, and has keys from now on.
fn redirected(probe: &mut Probe, issuer: &Issuer, talk: &mut dyn FnMut(&str)) -> bool {
    talk("the issuer redirects");
    issuer.set_mood(Mood::Redirecting);
    let elsewhere = |probe: &Probe| probe.forge.signed_by(Role::Elsewhere, Algorithm::Rs256);
    let before = issuer.fetches();
    let first = ten_at_once(probe);
    let fetches = issuer.fetches() - before;
    if first.iter().flatten().any(Answer::is_success) {
        let came = format!("{}; {fetches} fetches", in_words(&first));
        probe.record_as(&ONE_FETCH, &first, at_most(fetches, 2), came);
    }
    let heard = until_asked(probe, issuer, &elsewhere(probe).unwrap_or_default());
    let good = probe.ask(&probe.forge.good().unwrap_or_default());
    let verdict = REDIRECT.expected.judge(&heard);
    if issuer.fetches() == before && verdict == Verdict::Passed {
        probe.record_as(
            &REDIRECT,
            &heard,
            Verdict::Skipped,
            "the origin did not ask for keys meanwhile".into(),
        );
    } else {
        probe.record(&REDIRECT, &heard, verdict);
    }
    good.is_ok_and(|answer| answer.is_success())
}

/// Ten at once, again and again, until they are accepted. The first fetch that succeeds serves them all.
fn answered(probe: &mut Probe, issuer: &Issuer) {
    let mut set = odd_keys().to_vec();
    set.extend(probe.forge.key(Role::Nameless).map(Named::jwk));
    set.extend(clean_set(probe));
    issuer.publish(set);
    issuer.set_mood(Mood::Publishing { after: Duration::from_millis(300) });
    let before = issuer.fetches();
    let until = Instant::now() + probe.plan.wait;
    let mut heard = Vec::new();
    let (mut is_accepted, mut rounds_with_keys) = (false, 0);
    while !is_accepted && rounds_with_keys < 3 && Instant::now() < until {
        heard = ten_at_once(probe);
        is_accepted = heard.iter().flatten().any(Answer::is_success);
        rounds_with_keys += usize::from(issuer.fetches() > before);
        let pause = heard.iter().flatten().filter_map(Answer::retry_after).max().unwrap_or(PAUSE);
        if !is_accepted {
            thread::sleep(pause.min(until.saturating_duration_since(Instant::now())));
        }
    }
    let fetches = issuer.fetches() - before;
    issuer.set_mood(Mood::Publishing { after: Duration::ZERO });
    let came = format!("{}; {fetches} fetches", in_words(&heard));
    probe.record_as(&ONE_FETCH, &heard, at_most(fetches, 2), came);
    // Nobody who came while the fetch was on its way counts here.
    let odd = [probe.ask(&probe.forge.good().unwrap_or_default())];
    judged(probe, &ODD_SET, &odd);
    if !odd.iter().flatten().any(Answer::is_success) {
        issuer.publish(clean_set(probe));
    }
}

fn ten_at_once(probe: &Probe) -> Vec<Heard> {
    probe.ask_together(&good_drafts(probe, 10))
}

fn good_drafts(probe: &Probe, count: usize) -> Vec<Draft> {
    (0..count).filter_map(|_| probe.forge.good()).map(|token| Draft::bearer(&token)).collect()
}

/// The keys that are published from the beginning, all of them well formed.
pub(crate) fn clean_set(probe: &Probe) -> Vec<Value> {
    let is_first = |role: Role| matches!(role, Role::Main | Role::Other(_) | Role::Encryption);
    probe.forge.ring.iter().filter(|named| is_first(named.role)).map(Named::jwk).collect()
}

fn odd_keys() -> [Value; 3] {
    [
        json!({"kty": "RSA", "kid": "broken", "alg": "RS256", "use": "sig", "n": "!", "e": 3}),
        json!({"kty": "AKP", "kid": "of-tomorrow", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kty": "EC", "crv": "secp256k1", "kid": "of-elsewhere", "x": "AA", "y": "AA"}),
    ]
}

fn judged(probe: &mut Probe, case: &Case, heard: &[Heard]) {
    let verdict = case.expected.judge(heard);
    probe.record(case, heard, verdict);
}

/// Servers with a short queue take a second to let twelve in.
const UNTIL_THEY_WAIT: Duration = Duration::from_millis(1500);
/// As long as an origin is given to ask its issuer again after a failure.
const PATIENCE: Duration = Duration::from_secs(20);
