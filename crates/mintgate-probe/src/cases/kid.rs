//! Names of keys that are more than names to some program.

use crate::{
    case::{Case, each},
    compact::quoted,
    forge::Forge,
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "kid/path",
        "a kid that is a path, signed with what lies there",
        &["R25"],
        "RFC 8725 §3.10: /dev/null is an empty secret that everybody has",
        |forge| {
            let paths = ["../../../../../../dev/null", "/dev/null", "file:///dev/null"];
            let names = each(paths.map(|path| named(forge, path)));
            let secrets = each(paths.map(|path| Some(with_empty_secret(forge, path))));
            Some([names?, secrets?].concat())
        },
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/query",
        "a kid that ends a query: SQL, LDAP, shell",
        &["R25"],
        "RFC 8725 §3.10: a kid is a name to look up, nothing to paste",
        |forge| {
            let names = [
                "x' UNION SELECT 'AAAA' --",
                "*)(uid=*))(|(uid=*",
                "$(id)",
                "`id`",
                "{{7*7}}",
                "%00",
                "'\"\\",
            ];
            each(names.map(|name| named(forge, name)))
        },
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/address",
        "a kid that is an address",
        &["R25"],
        "RFC 8725 §3.10: whoever fetches it asks a stranger whom to trust",
        |forge| {
            let url = format!("{}/kid", forge.impostors_url.as_ref()?);
            each([named(forge, &url)])
        },
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/strange-text",
        "a kid that is empty, a control character, or not in Unicode",
        &["R25", "R27"],
        "a look-up, a log line or a cache key must bear it",
        |forge| each(["", "\u{0}", "\r\nX-Evil: 1", "\u{202e}\u{fffd}"].map(|name| named(forge, name))),
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/surrogate",
        "a kid with half of a surrogate pair",
        &["R27"],
        "text that cannot be encoded is a classic 500",
        |forge| each([forge.by_impostor(&forge.header_for("RS256", "").set("kid", "\"\\ud800\""))]),
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/long",
        "a kid of 3,000 letters",
        &["R28", "R43"],
        "names that were not found are remembered: they must not cost memory",
        |forge| each([named(forge, &"k".repeat(3000))]),
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/other-type",
        "a kid that is a number, a list, an object, true",
        &["R25", "R27"],
        "RFC 7515 §4.1.4: it is a string; a list as a cache key is a classic 500",
        |forge| {
            each(
                ["7", "[\"x\"]", "{\"x\":1}", "true"]
                    .map(|raw| forge.by_impostor(&forge.header_for("RS256", "").set("kid", raw))),
            )
        },
    )
    .expecting(Expected::UnknownKey),
    Case::hostile(
        "kid/null",
        "a good token whose kid is null",
        &["R25"],
        "null is no string, and not the same as missing",
        |forge| each([forge.with_header(|header| header.set("kid", "null"))]),
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "kid/almost",
        "a good token whose kid has a space or a NUL behind it",
        &["R25"],
        "a name that is trimmed or cut is another name",
        |forge| {
            let kid = forge.kid();
            each(
                [format!("{kid} "), format!("{kid}\0")]
                    .map(|name| forge.with_header(|header| header.set("kid", quoted(&name)))),
            )
        },
    )
    .expecting(Expected::UnknownKey),
];

fn named(forge: &Forge, kid: &str) -> Option<String> {
    forge.by_impostor(&forge.header_for("RS256", kid))
}

fn with_empty_secret(forge: &Forge, kid: &str) -> String {
    forge.hmac_under(&forge.header_for("HS256", kid), b"")
}
