//! Tokens that the issuer signed, for somebody else, for another time, or with claims that are none.

use crate::{
    case::{Case, Draft, each, sent},
    compact::quoted,
    forge::Forge,
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile("claims/exp-past", "exp an hour ago", &["R23"], "RFC 7519 §4.1.4", |forge| {
        seconds(forge, "exp", -3600)
    }),
    Case::hostile(
        "claims/exp-past-leeway",
        "exp six minutes ago",
        &["R23"],
        "a leeway is for clocks, and those are not minutes apart",
        |forge| seconds(forge, "exp", -360),
    ),
    Case::hostile(
        "claims/exp-missing",
        "no exp",
        &["R23", "guard 24"],
        "a token without an end is good for ever",
        |forge| sent(forge.with_claims(|claims| claims.without("exp"))?),
    ),
    Case::hostile(
        "claims/exp-type",
        "exp as text, null, true, a list, an object",
        &["R23"],
        "jsonwebtoken CVE-2026-25537: what could not be read counted as absent",
        |forge| {
            let text = format!("\"{}\"", forge.now() + 300);
            raw(forge, "exp", &[&text, "null", "true", "[9999999999]", "{\"x\":1}"])
        },
    ),
    Case::hostile(
        "claims/exp-range",
        "exp 1e400, a number of 400 digits, -1, zero",
        &["R23"],
        "numbers that no clock holds turn into infinity, an overflow or the past",
        |forge| raw(forge, "exp", &["1e400", &"9".repeat(400), "-1", "0"]),
    ),
    Case::hostile("claims/nbf-future", "nbf in an hour", &["R23"], "RFC 7519 §4.1.5", |forge| {
        seconds(forge, "nbf", 3600)
    }),
    Case::hostile(
        "claims/nbf-type",
        "nbf as text, null, 1e400",
        &["R23"],
        "jsonwebtoken CVE-2026-25537: what could not be read counted as absent",
        |forge| raw(forge, "nbf", &["\"tomorrow\"", "null", "1e400"]),
    ),
    Case::hostile(
        "claims/iat-future",
        "iat in an hour, exp after it",
        &["R23", "guard 26"],
        "what has not been issued yet is forged, or a clock is wrong that decides",
        |forge| {
            let now = forge.now();
            let later = |claims: crate::compact::Members| {
                claims.set("iat", (now + 3600).to_string()).set("exp", (now + 7200).to_string())
            };
            sent(forge.with_claims(later)?)
        },
    ),
    Case::hostile("claims/iat-type", "iat as text, a list, 1e400", &["R23"], "as for exp", |forge| {
        raw(forge, "iat", &["\"now\"", "[1]", "1e400"])
    }),
    Case::hostile("claims/iss-missing", "no iss", &["R24"], "RFC 9068 §4", |forge| {
        sent(forge.with_claims(|claims| claims.without("iss"))?)
    }),
    Case::hostile(
        "claims/iss-other",
        "another iss, and ones that begin, end or are spelled like the right one",
        &["R24"],
        "RFC 9068 §4: the same, letter for letter",
        |forge| {
            let issuer = &forge.profile.issuer;
            let others = [
                "https://issuer.example".to_owned(),
                format!("{issuer}.evil.example"),
                format!("{issuer}/"),
                issuer.to_uppercase(),
                format!("https://evil.example/{issuer}"),
                String::new(),
            ];
            each(
                others
                    .iter()
                    .filter(|other| *other != issuer)
                    .map(|other| forge.with_claims(|claims| claims.text("iss", other))),
            )
        },
    ),
    Case::hostile(
        "claims/iss-type",
        "iss as a list, null, an object",
        &["R24"],
        "RFC 7519 §4.1.1",
        |forge| raw(forge, "iss", &[&format!("[{}]", quoted(&forge.profile.issuer)), "null", "{}"]),
    ),
    Case::hostile(
        "claims/aud-missing",
        "no aud",
        &["R24", "guard 4"],
        "agentgateway#2993: a token for anybody is a token for everybody",
        |forge| sent(forge.with_claims(|claims| claims.without("aud"))?),
    ),
    Case::hostile(
        "claims/aud-other",
        "the aud of another origin, and ones that begin or end like the right one",
        &["R24", "R29", "guard 3"],
        "Pomerium GO-2024-3179: a token for one origin opened another",
        |forge| {
            let audience = &forge.profile.audience;
            let cut = audience.get(..audience.len().saturating_sub(1)).unwrap_or_default();
            let others =
                ["billing".to_owned(), format!("{audience}2"), cut.to_owned(), audience.to_uppercase()];
            each(
                others
                    .iter()
                    .filter(|other| *other != audience)
                    .map(|other| forge.with_claims(|claims| claims.text("aud", other))),
            )
        },
    ),
    Case::hostile(
        "claims/aud-type",
        "aud empty, null, a number, an object, a list of others, a text with the right one in it",
        &["R24"],
        "a search in a text finds parts of words; RFC 7519 §4.1.3 compares whole ones",
        |forge| {
            let within = quoted(&format!("x {} y", forge.profile.audience));
            raw(forge, "aud", &["[]", "\"\"", "null", "7", "{}", "[\"billing\"]", "[null]", &within])
        },
    ),
    Case::hostile(
        "claims/sub-missing",
        "no sub",
        &["guard 25"],
        "RFC 9068 §2.2: a token about nobody",
        |forge| sent(forge.with_claims(|claims| claims.without("sub"))?),
    ),
    Case::hostile(
        "claims/sub-type",
        "sub as a number, null, a list, an object",
        &["R23", "guard 25"],
        "RFC 7519 §4.1.2; what is no text compares in surprising ways",
        |forge| raw(forge, "sub", &["7", "null", "[\"probe\"]", "{\"x\":1}"]),
    ),
    Case::hostile(
        "claims/no-object",
        "claims that are a list, null, a text, no JSON, nothing",
        &["R27"],
        "RFC 7519 §7.2: an object; the first look into anything else is a classic 500",
        |forge| {
            let header = forge.header().json();
            let payloads: [&[u8]; 6] = [b"[]", b"null", b"\"x\"", b"{\"sub\":", b"", b"\xff\xfe"];
            each(payloads.map(|payload| forge.signed_bytes(header.as_bytes(), payload)))
        },
    ),
    Case::hostile(
        "claims/twice",
        "sub, and aud, twice",
        &["R23"],
        "RFC 7519 §4: one of them at most; two programs read two callers",
        |forge| {
            let other = forge.claims().text("aud", "billing");
            each([
                forge.with_claims(|claims| claims.again("sub", "\"admin\"")),
                forge.signed(&forge.header(), &other.again("aud", quoted(&forge.profile.audience))),
            ])
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "claims/scope-missing",
        "a good token without the scope",
        &["R30"],
        "RFC 6750 §3.1: good for something else is 403, not 401",
        |forge| {
            (!forge.profile.scopes.is_empty()).then_some(())?;
            sent(forge.with_claims(|claims| claims.without("scope"))?)
        },
    )
    .expecting(Expected::Forbidden),
    Case::hostile(
        "claims/scope-other",
        "scopes that begin like the wanted one, or are it in capitals",
        &["R30"],
        "RFC 6749 §3.3: whole words, letter for letter",
        |forge| {
            let wanted = forge.profile.scopes.first()?;
            let others = [format!("{wanted}x"), wanted.to_uppercase(), format!("x{wanted}")];
            each(
                others
                    .iter()
                    .filter(|other| *other != wanted)
                    .map(|other| forge.with_claims(|claims| claims.text("scope", other))),
            )
        },
    )
    .expecting(Expected::Forbidden),
];

fn seconds(forge: &Forge, claim: &str, from_now: i64) -> Option<Vec<Draft>> {
    sent(forge.with_claims(|claims| claims.set(claim, (forge.now() + from_now).to_string()))?)
}

fn raw(forge: &Forge, claim: &str, values: &[&str]) -> Option<Vec<Draft>> {
    each(values.iter().map(|value| forge.with_claims(|claims| claims.set(claim, *value))))
}
