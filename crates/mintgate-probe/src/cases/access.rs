//! Without any token at all.

use crate::{
    case::{Case, Draft},
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "access/no-token",
        "no Authorization at all",
        &["R30"],
        "whatever passes without a token is public",
        |_| Some(vec![Draft::default()]),
    ),
    Case::hostile(
        "access/basic",
        "Basic credentials in place of a token",
        &["R30"],
        "another scheme is no token; RFC 6750 §3 wants a challenge",
        |_| Some(vec![Draft::line("Authorization: Basic YWRtaW46YWRtaW4=")]),
    ),
    Case::hostile(
        "access/bare-scheme",
        "Bearer with nothing behind it",
        &["R30"],
        "an index into nothing is a classic 500",
        |_| Some(vec![Draft::line("Authorization: Bearer"), Draft::line("Authorization: Bearer ")]),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "access/empty",
        "an empty Authorization",
        &["R30"],
        "a header that is there is not yet a credential",
        |_| Some(vec![Draft::line("Authorization:")]),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "access/head",
        "HEAD without a token",
        &["R30"],
        "frameworks route HEAD to GET and guards forget it",
        |_| Some(vec![Draft { method: Some("HEAD"), ..Draft::default() }]),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "access/health-check",
        "no token, and the User-Agent of a health check",
        &["R11"],
        "oauth2-proxy CVE-2026-34457: whoever looked like a health check was let in",
        |_| Some(vec![Draft::line("User-Agent: kube-probe/1.30"), Draft::line("User-Agent: GoogleHC/1.0")]),
    ),
    Case::hostile(
        "access/local",
        "no token, and headers that say that it comes from this machine",
        &["R8"],
        "oauth2-proxy CVE-2026-40575: where a request says that it comes from is no credential",
        |_| {
            Some(vec![
                Draft::line("X-Forwarded-For: 127.0.0.1").and("X-Real-IP: 127.0.0.1"),
                Draft::line("Forwarded: for=127.0.0.1;proto=https"),
            ])
        },
    ),
    Case::hostile(
        "access/method-override",
        "no token, and headers that ask for another method",
        &["R10"],
        "a guard for GET alone is passed by a POST that turns into one, and the reverse",
        |_| {
            Some(vec![
                Draft::line("X-HTTP-Method-Override: OPTIONS"),
                Draft::line("X-HTTP-Method: HEAD").and("X-Method-Override: HEAD"),
            ])
        },
    ),
];
