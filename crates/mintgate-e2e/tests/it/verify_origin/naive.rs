//! Guards made by hand: red, and red where they must be. The reports that the documentation shows are held to it.

use super::{attack, documented, report, script, verdicts};

#[test]
fn the_report_on_the_naive_guard_is_as_the_documentation_shows_it() {
    let start = || script("crates/mintgate-e2e/origins/naive_guard.py");
    let ran = attack(&start, "/protected", &[]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let found = verdicts(&report(&ran));
    assert_eq!(found, documented("naive-guard.txt"));
    // The lines of what hand-written guards get wrong that show at such an origin.
    let red = |id: &str| found.iter().any(|(known, verdict)| known == id && verdict != "passed");
    for id in NAIVE {
        assert!(red(id), "{id}");
    }
}

#[test]
fn one_odd_key_among_good_ones_stops_the_naive_guard() {
    let start = || script("crates/mintgate-e2e/origins/naive_guard.py");
    let only = ["--only", "cold/odd-set", "--only", "cold/one-fetch", "--wait", "10s"];
    let ran = attack(&start, "/protected", &only);
    let found = verdicts(&report(&ran));
    let verdict = |id: &str| found.iter().find(|(known, _)| known == id).map(|(_, verdict)| verdict.as_str());
    assert_eq!(verdict("cold/odd-set"), Some("good_refused"), "{found:?}");
    assert_eq!(verdict("cold/one-fetch"), Some("wrong_manner"), "{found:?}");
}

#[test]
fn a_careful_guard_by_hand_shows_what_its_library_leaves_open() {
    let start = || script("examples/cherrypy/plain_python.py");
    let ran = attack(&start, "/protected", &["--alg", "RS256", "--skip", "cold", "--skip", "outage"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let found = verdicts(&report(&ran));
    let of = |wanted: &str| -> Vec<&str> {
        found.iter().filter(|(_, verdict)| verdict == wanted).map(|(id, _)| id.as_str()).collect()
    };
    assert_eq!(of("hostile_passed"), PLAIN_HOSTILE, "{found:?}");
    assert_eq!(of("good_refused"), [""; 0], "{found:?}");
}

/// For each line of `python/tests/naive-guard.md` that shows from outside, in its order.
const NAIVE: [&str; 26] = [
    "good/eddsa",
    "claims/aud-missing",
    "good/no-kid",
    "cold/odd-set",
    "rotation/new-kid",
    "cold/issuer-down",
    "cold/issuer-500",
    "cold/issuer-html",
    "cold/issuer-hangs",
    "cold/others-unharmed",
    "cold/one-fetch",
    "cold/back-off",
    "good/scheme-case",
    "good/two-spaces",
    "manners/challenge",
    "manners/page",
    "manners/leak",
    "manners/failure",
    "good/leeway",
    "claims/exp-missing",
    "claims/sub-missing",
    "claims/iat-future",
    "header/crit",
    "header/typ-jwt",
    "body/unread",
    "cold/redirect",
];

const PLAIN_HOSTILE: [&str; 11] = [
    "signature/encryption-key",
    "header/crit",
    "header/b64",
    "header/typ-jwt",
    "header/typ-other",
    "header/typ-missing",
    "claims/exp-type",
    "claims/exp-range",
    "claims/iat-future",
    "transport/cgi-authorization",
    "body/rest-chunked",
];
