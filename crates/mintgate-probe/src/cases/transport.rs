//! Good tokens in places where no token may be taken from, and lines with two readings.

use crate::{
    case::{Case, Draft},
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "transport/two-lines",
        "two Authorization lines, the good one first and the good one last",
        &["R2"],
        "ESPv1 CVE-2021-41130: whoever tries both has two readings of one request",
        |forge| {
            let good = format!("Authorization: Bearer {}", forge.good()?);
            let bad = "Authorization: Bearer garbage";
            Some(vec![Draft::line(good.clone()).and(bad), Draft::line(bad).and(good)])
        },
    )
    .expecting(Expected::AtMostOne),
    Case::hostile(
        "transport/two-in-one",
        "two tokens in one line, with a comma and with a space between them",
        &["R2", "R27"],
        "Envoy CVE-2025-64527 crashed over it; RFC 9110 §11.6.2 has one credential",
        |forge| {
            let good = forge.good()?;
            Some(
                [
                    format!("Bearer {good}, Bearer x"),
                    format!("Bearer x,Bearer {good}"),
                    format!("Bearer {good} x"),
                ]
                .map(|value| Draft::line(format!("Authorization: {value}")))
                .into(),
            )
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "transport/cgi-authorization",
        "Cgi-Authorization, alone and beside a bad token",
        &["R7"],
        "CherryPy shows it to applications as Authorization",
        |forge| {
            let good = forge.good()?;
            Some(vec![
                Draft::line(format!("Cgi-Authorization: Bearer {good}")),
                Draft::line(format!("Cgi_Authorization: Bearer {good}")),
                Draft::line("Authorization: Bearer garbage").and(format!("Cgi-Authorization: Bearer {good}")),
            ])
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/other-names",
        "a good token in Proxy-Authorization, X-Original-Authorization and their like",
        &["R6", "R7"],
        "what a proxy forgets to remove must not count",
        |forge| other_names(&forge.good()?, PROXY_NAMES),
    ),
    Case::hostile(
        "transport/aliases",
        "a good token under names that turn into HTTP_AUTHORIZATION",
        &["R3", "R4"],
        "Traefik CVE-2026-39858 and CVE-2026-88011: `_`, `.` and `-` are one sign to CGI",
        |forge| other_names(&forge.good()?, ALIASES),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/identity",
        "no token, and headers that say who it is",
        &["R3", "R4", "R6"],
        "Caddy GO-2026-4639, APISIX CVE-2026-39998: identity comes from a token or from nowhere",
        |_| Some(IDENTITIES.iter().map(|line| Draft::line(*line)).collect()),
    ),
    Case::hostile(
        "transport/query",
        "a good token in the query: access_token, token, jwt, authorization",
        &["R30"],
        "RFC 6750 §2.3 and RFC 9700 §4.3.2: addresses end up in logs and referrers",
        |forge| {
            let token = forge.good()?;
            let named = |name: &&str| Draft { query: Some(format!("{name}={token}")), ..Draft::default() };
            Some(["access_token", "token", "jwt", "authorization"].iter().map(named).collect())
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/form",
        "a good token in a form",
        &["R30"],
        "RFC 6750 §2.2: it would have to be read before anybody is known",
        |forge| {
            let form = Some(format!("access_token={}", forge.good()?));
            Some(vec![Draft { form, ..Draft::default() }])
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/cookie",
        "a good token in a cookie",
        &["R30"],
        "browsers send cookies for whoever asks: CSRF",
        |forge| {
            let token = forge.good()?;
            let named = |name: &&str| Draft::line(format!("Cookie: {name}={token}"));
            Some(["access_token", "token", "jwt", "Authorization"].iter().map(named).collect())
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/other-schemes",
        "a good token behind Token, JWT, DPoP, Bearer: and with quotes around it",
        &["R30"],
        "RFC 6750 §2.1 has one form; DPoP without its proof is a stolen token",
        |forge| {
            let token = forge.good()?;
            let values = [
                format!("Token {token}"),
                format!("JWT {token}"),
                format!("DPoP {token}"),
                format!("Bearer: {token}"),
                format!("Bearer \"{token}\""),
                format!("Bearer{token}"),
                token,
            ];
            Some(values.into_iter().map(|value| Draft::line(format!("Authorization: {value}"))).collect())
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "transport/encoded-word",
        "a good token as an encoded word of RFC 2047",
        &["R30"],
        "CherryPy decodes them in headers: a second way to spell a token",
        |forge| {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            let word = STANDARD.encode(format!("Bearer {}", forge.good()?));
            Some(vec![Draft::line(format!("Authorization: =?utf-8?b?{word}?="))])
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "transport/odd-spacing",
        "a tab behind Bearer, a space before the colon, a line that goes on in the next",
        &["R34"],
        "servers differ here; whatever they make of it, it must not break the check",
        |forge| {
            let token = forge.good()?;
            Some(vec![
                Draft::line(format!("Authorization: Bearer\t{token}")),
                Draft::line(format!("Authorization : Bearer {token}")),
                Draft::line(format!("Authorization: Bearer\r\n {token}")),
            ])
        },
    )
    .expecting(Expected::Either),
];

#[expect(clippy::unnecessary_wraps, reason = "the end of what makes a case")]
fn other_names(token: &str, names: &[&str]) -> Option<Vec<Draft>> {
    Some(names.iter().map(|name| Draft::line(format!("{name}: Bearer {token}"))).collect())
}

const PROXY_NAMES: &[&str] = &[
    "Proxy-Authorization",
    "X-Original-Authorization",
    "X-Forwarded-Authorization",
    "X-Authorization",
    "X-Forwarded-Access-Token",
    "X-Auth-Token",
    "X-Access-Token",
];
const ALIASES: &[&str] = &[
    "Http-Authorization",
    "HTTP_AUTHORIZATION",
    "Redirect-Http-Authorization",
    "Authorization_",
    "Authorization.",
];
const IDENTITIES: &[&str] = &[
    "X-Auth-User: admin",
    "X_Auth_User: admin",
    "X.Auth.User: admin",
    "X-Forwarded-User: admin",
    "X_Forwarded_User: admin",
    "Remote-User: admin",
    "REMOTE_USER: admin",
    "X-Consumer-Username: admin",
];
