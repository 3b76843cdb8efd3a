//! Single settings.

use super::{LEAST, and, problem, problems, taken, warnings, with};

fn server(more: &str) -> String {
    LEAST.replace("[store]", &format!("{more}\n[store]"))
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = r#"
[server]
listen = ["localhost:8080", "127.0.0.1:80"]
public_ulr = "https://api.example.com"
workers = "two"

[store]
url = "mysql:x"

[[origin]]
name = "Orders!"
url = "127.0.0.1:8000"

[[route]]
path = "orders"
origin = "ordres"
methods = ["get"]

[extra]
"#;
    assert_eq!(
        problems(text),
        [
            "2:2: error: `server.public_url` is missing (How callers and verifiers reach the gateway, such as `https://api.example.com`. The issuer is this and `issuer.path`.)",
            "3:11: error: `server.listen`: not an address to listen on (write an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`)",
            "4:1: error: unknown key `public_ulr` in `server` (did you mean `public_url`?)",
            "5:11: error: `server.workers`: a whole number is needed, not a string",
            "7:2: error: `store.master_key_file` is missing (name a file, or name a variable with `master_key_env`)",
            "8:7: error: `store.url`: not a store (write `sqlite:` and the path of a file, such as `sqlite:data/mintgate.db`)",
            "11:8: error: `origin.name`: an origin name must be 1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit",
            "12:7: error: `origin.url`: a URL must begin with `http://` or `https://` (write scheme, host and port only, such as `http://127.0.0.1:8000`)",
            "14:1: error: `route.auth` is missing (What a request must bring: `\"api-key\"`, or `\"public\"` for nothing. There is no default.)",
            "15:8: error: `route.path`: a path must begin with `/`",
            "16:10: error: there is no origin `ordres` (there is no usable `[[origin]]`)",
            "17:12: error: `get` is not a method in capitals (write `GET`)",
            "19:2: error: unknown key `extra` here (known keys: `admin`, `claims`, `issuer`, `log`, `origin`, `route`, `server`, `store`, `usage`)",
        ]
    );
}

#[test]
fn broken_syntax_does_not_hide_other_problems_nor_invent_any() {
    let text =
        and("[log\nlevel = \"loud\"\n").replace("workers", "").replace("[store]", "trusted = [1,]\n[store]");
    let said = problems(&text);
    assert!(said.iter().any(|line| line.contains("unclosed table")), "{said:#?}");
    assert!(said.iter().any(|line| line.contains("unknown key `trusted` in `server`")), "{said:#?}");
    assert!(!said.iter().any(|line| line.contains("missing")), "{said:#?}");
}

#[test]
fn a_quote_that_is_not_closed_is_one_problem_and_not_one_for_each_line() {
    let text =
        and("").replace("listen = [\"127.0.0.1:8080\"]", "lisen = 1\nlisten = [\"127.0.0.1:8080]   # \"a\"");
    let said = problems(&text);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].contains("unknown key `lisen`"), "{said:#?}");
    assert!(said[1].contains("what follows cannot be read"), "{said:#?}");
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let said = problems("");
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said.iter().all(|line| line.contains("is missing")), "{said:#?}");
}

#[test]
fn a_value_of_the_wrong_kind_says_which_is_needed() {
    for (more, expected) in [
        (
            "[server.limits]\nheader_timeout = 10",
            "`server.limits.header_timeout`: a string is needed, not a whole number (put it in quotes, with its unit if it has one)",
        ),
        (
            "[server.limits]\nheader_timeout = \"10\"",
            "`server.limits.header_timeout`: not a length of time (write a whole number and `ms`, `s`, `m`, `h` or `d`, such as `30s`)",
        ),
        (
            "[server.limits]\nbody_bytes = \"0B\"",
            "`server.limits.body_bytes`: zero would refuse everything (write `unlimited` for no limit)",
        ),
        (
            "[server.limits]\nheader_count = -1",
            "`server.limits.header_count`: a whole number from 0 to 4294967295 is needed",
        ),
        ("[server.limits]\nheader_count = 0", "`server.limits.header_count` must be 1 to 256"),
        ("[server.limits]\nidle_timeout = \"2d\"", "`server.limits.idle_timeout` must be 1s to 1h"),
        (
            "trusted_proxies = \"10.0.0.0/8\"",
            "`server.trusted_proxies`: a list is needed, not a string (put it in square brackets)",
        ),
        (
            "trusted_proxies = [\"10.0.0.0/33\"]",
            "`server.trusted_proxies`: not a network (write an address or a network, such as `10.0.0.0/8`)",
        ),
        (
            "realm = 'a\"b'",
            "`server.realm`: must be 1 to 64 visible ASCII characters and spaces, without `\"` and `\\`",
        ),
        (
            "limits = 3",
            "`server.limits`: a table is needed, not a whole number (write `[server.limits]` once)",
        ),
    ] {
        let said = problem(&server(more));
        assert!(said.ends_with(&format!("error: {expected}")), "{said}");
    }
}

#[test]
fn a_body_without_limit_is_said_in_a_word() {
    let config = taken(&server("[server.limits]\nbody_bytes = \"unlimited\""));
    assert_eq!(config.server.limits.body_bytes, None);
}

#[test]
fn a_table_that_should_be_a_list_of_tables_says_so() {
    let said = problems(&LEAST.replace("[[origin]]", "[origin]"));
    assert!(said[0].contains("`origin`: a table is needed, not a table (write `[[origin]]`)"), "{said:#?}");
}

#[test]
fn there_is_no_default_for_what_a_route_asks() {
    let said = problem(&with("auth = \"api-key\"", ""));
    assert!(said.contains("`route.auth` is missing"), "{said}");
}

#[test]
fn ways_to_authenticate_that_are_not_there_yet_say_so() {
    for (auth, expected) in [
        (
            "\"jwt:idp\"",
            "`route.auth`: tokens of other issuers are not available in this version (write `\"api-key\"`, or `\"public\"` to let everybody through)",
        ),
        (
            "[\"api-key\", \"jwt:idp\"]",
            "`route.auth`: tokens of other issuers are not available in this version (write `\"api-key\"`, or `\"public\"` to let everybody through)",
        ),
        ("\"apikey\"", "`route.auth`: not a way to authenticate (did you mean `api-key`?)"),
        (
            "\"none\"",
            "`route.auth`: not a way to authenticate (write `\"api-key\"`, or `\"public\"` to let everybody through)",
        ),
        (
            "[]",
            "`route.auth`: an empty list asks for nothing (write `\"api-key\"`, or `\"public\"` to let everybody through)",
        ),
        (
            "[\"api-key\", \"public\"]",
            "`route.auth`: `public` asks for nothing, so nothing can stand beside it (write `\"api-key\"`, or `\"public\"` to let everybody through)",
        ),
        (
            "true",
            "`route.auth`: a string is needed, not a boolean (put it in quotes, with its unit if it has one)",
        ),
    ] {
        let said = problem(&with("auth = \"api-key\"", &format!("auth = {auth}")));
        assert!(said.ends_with(&format!("error: {expected}")), "{said}");
    }
    taken(&with("auth = \"api-key\"", "auth = [\"api-key\"]"));
}

#[test]
fn r24_an_empty_audience_is_refused() {
    let said = problem(&with("name = \"orders\"", "name = \"orders\"\naudience = \"\""));
    assert!(
        said.ends_with("`origin.audience`: an audience must be 1 to 255 visible ASCII characters"),
        "{said}"
    );
}

#[test]
fn r41_registered_claims_are_no_targets() {
    for claim in
        ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "key_id", "scope", "cnf", "act", "SUB"]
    {
        let said = problem(&and(&format!("[claims]\n\"{claim}\" = \"metadata.{claim}\"")));
        assert!(said.starts_with("16:1: error: `claims`: "), "{said}");
    }
}

#[test]
fn metadata_becomes_claims_by_name() {
    let config = taken(&and("[claims]\n\"plan\" = \"metadata.plan\"\n\"https://a/team\" = \"tags.team\""));
    let shown = format!("{:?}", config.claims);
    assert!(shown.contains("plan") && shown.contains("https://a/team"), "{shown}");
    let said = problem(&and("[claims]\nplan = \"plan\""));
    assert!(said.contains("`claims.plan`: a claim comes from `metadata.NAME`"), "{said}");
    let said = problem(&and("[claims]\n\"a b\" = \"metadata.a\""));
    assert!(said.contains("`claims`: a claim name must be"), "{said}");
}

#[test]
fn a_key_in_the_query_is_warned_of() {
    let said = warnings(&and("api_key_query = \"key\""));
    assert!(said[0].contains("warning: keys in queries end up in logs"), "{said:#?}");
    let said = problem(&and("api_key_header = \"Cookie\""));
    assert!(said.contains("`route.api_key_header`: `cookie` has a meaning of its own"), "{said}");
}

#[test]
fn postgres_is_known_and_not_available() {
    let said = problem(&with("sqlite:data/mintgate.db", "postgres://me:hunter2@db/mintgate"));
    assert!(said.contains("PostgreSQL is not available in this version"), "{said}");
    assert!(!said.contains("hunter2"));
}

#[test]
fn keys_in_the_clear_over_the_network_are_warned_of() {
    let said = warnings(&with("http://localhost:8080", "http://api.example.com"));
    assert!(said[0].contains("keys and verifiers' JWKS travel in the clear"), "{said:#?}");
    assert!(warnings(&with("http://localhost:8080", "https://api.example.com")).is_empty());
}

#[test]
fn tls_towards_origins_is_refused_rather_than_left_out() {
    let said = problem(&with("http://127.0.0.1:8000", "https://orders.example.com"));
    assert!(said.contains("TLS towards origins is not available in this version"), "{said}");
}
