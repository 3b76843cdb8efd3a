//! `check`, `explain` and `serve`, as far as they only read a configuration.

use serde_json::Value;

use crate::transcript::Folder;

const CONFIG: &str = r#"
[server]
listen = ["127.0.0.1:8080"]
public_url = "https://api.example.com"

[store]
url = "sqlite:data/mintgate.db"
master_key_file = "data/master.key"

[[origin]]
name = "orders"
url = "http://127.0.0.1:8000"

[[route]]
hosts = ["api.example.com"]
path = "/v1/orders/{*rest}"
methods = ["GET", "POST"]
origin = "orders"
auth = "api-key"
scopes = ["orders:read"]

[[route]]
hosts = ["api.example.com"]
path = "/status"
origin = "orders"
auth = "public"
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("mintgate.toml", CONFIG);
    folder
}

#[test]
fn a_configuration_in_order_is_said_to_be() {
    let folder = Folder::new();
    folder.run(&["init"]);
    insta::assert_snapshot!(folder.transcript(&["check"]), @r#"
    $ mintgate check
    -- stderr
    mintgate.toml is in order: 1 route, 1 origin
    -- status 0
    "#);
}

#[test]
fn secrets_that_are_not_there_are_warned_of() {
    insta::assert_snapshot!(folder().transcript(&["check"]), @r#"
    $ mintgate check
    -- stderr
    warning: the master key is missing: there is no file data/master.key; `mintgate init` makes one in a new folder

    warning: the admin token is missing: there is no file data/admin.token; `mintgate init` makes one in a new folder

    mintgate.toml is in order: 2 routes, 1 origin
    -- status 0
    "#);
}

#[test]
fn all_problems_are_shown_at_once_with_their_places() {
    let folder = Folder::new();
    folder.write(
        "mintgate.toml",
        CONFIG.replace("auth = \"public\"", "auht = \"public\"").replace("8000", "80000"),
    );
    insta::assert_snapshot!(folder.transcript(&["check"]), @r#"
    $ mintgate check
    -- stderr
    error: `origin.url`: the URL's host or port is none
      --> mintgate.toml:12:7
       |
    12 | url = "http://127.0.0.1:80000"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write scheme, host and port only, such as `http://127.0.0.1:8000`

    error: there is no origin `orders`
      --> mintgate.toml:18:10
       |
    18 | origin = "orders"
       |          ^^^^^^^^
       |
       = help: there is no usable `[[origin]]`

    error: `route.auth` is missing
      --> mintgate.toml:22:1
       |
    22 | [[route]]
       | ^^^^^^^^^
       |
       = help: What a request must bring: `"api-key"`, or `"public"` for nothing. There is no default.

    error: there is no origin `orders`
      --> mintgate.toml:25:10
       |
    25 | origin = "orders"
       |          ^^^^^^^^
       |
       = help: there is no usable `[[origin]]`

    error: unknown key `auht` in `route`
      --> mintgate.toml:26:1
       |
    26 | auht = "public"
       | ^^^^
       |
       = help: did you mean `auth`?

    mintgate: mintgate.toml has 5 problems
    -- status 1
    "#);
    let output = folder.run(&["check", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["problems"][0]["line"], 12);
}

#[test]
fn a_missing_configuration_says_how_to_get_one() {
    insta::assert_snapshot!(Folder::new().transcript(&["check", "--config", "nowhere.toml"]), @r#"
    $ mintgate check --config nowhere.toml
    -- stderr
    error: cannot be read: No such file or directory (os error 2)
     |
     = help: `mintgate init` makes a configuration

    mintgate: nowhere.toml has 1 problem
    -- status 1
    "#);
}

#[test]
fn the_schema_is_json() {
    let output = Folder::new().run(&["check", "--schema"]);
    let schema: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn serve_refuses_a_broken_configuration() {
    let folder = Folder::new();
    folder.write("mintgate.toml", "[server]\n");
    assert_eq!(folder.run(&["serve"]).status.code(), Some(1));
}

#[test]
fn r38_serve_refuses_to_start_without_its_master_key() {
    insta::assert_snapshot!(folder().transcript(&["serve"]), @r#"
    $ mintgate serve
    -- stderr
    mintgate: the master key is missing: there is no file data/master.key; `mintgate init` makes one in a new folder
    -- status 1
    "#);
}

#[test]
fn a_guarded_route_is_explained() {
    let folder = folder();
    insta::assert_snapshot!(
        folder.transcript(&["explain", "GET", "https://api.example.com/v1/orders/7?page=2"]), @r#"
    $ mintgate explain GET https://api.example.com/v1/orders/7?page=2
    -- stdout
    route     v1-orders-rest (/v1/orders/{*rest})
    origin    orders at http://127.0.0.1:8000/v1/orders/7?page=2
    auth      api-key from Authorization: Bearer
    audience  orders
    scopes    orders:read
    -- status 0
    "#);
}

#[test]
fn a_public_route_is_explained() {
    insta::assert_snapshot!(folder().transcript(&["explain", "GET", "/status"]), @r#"
    $ mintgate explain GET /status
    -- stdout
    route     status (/status)
    origin    orders at http://127.0.0.1:8000/status
    auth      public: no key is asked for, and no token is minted
    -- status 0
    "#);
}

#[test]
fn refusals_are_explained() {
    let folder = folder();
    let said: Vec<_> = [
        ["DELETE", "https://api.example.com/v1/orders/7"],
        ["GET", "https://api.example.com/v2"],
        ["GET", "https://other.example.com/status"],
        ["GET", "https://api.example.com/v1/orders/../../status"],
        ["GET", "https://api.example.com/v1/orders/%2e%2e/x"],
    ]
    .iter()
    .map(|[method, url]| folder.transcript(&["explain", method, url]))
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    $ mintgate explain DELETE https://api.example.com/v1/orders/7
    -- stdout
    refused with 405: the path takes GET, HEAD, POST only
    -- status 1
    $ mintgate explain GET https://api.example.com/v2
    -- stdout
    refused with 404: no route is for this path
    -- status 1
    $ mintgate explain GET https://other.example.com/status
    -- stdout
    refused with 404: no route is for this host
    -- status 1
    $ mintgate explain GET https://api.example.com/v1/orders/../../status
    -- stdout
    refused with 400: the path has a dot segment
    -- status 1
    $ mintgate explain GET https://api.example.com/v1/orders/%2e%2e/x
    -- stdout
    refused with 400: the path has an escaped letter, digit, dot, dash, underscore or tilde
    -- status 1
    "#);
}

#[test]
fn the_issuers_own_paths_are_explained() {
    let url = "https://api.example.com/__mintgate/issuer/.well-known/jwks.json";
    insta::assert_snapshot!(folder().transcript(&["explain", "GET", url]), @r#"
    $ mintgate explain GET https://api.example.com/__mintgate/issuer/.well-known/jwks.json
    -- stdout
    answered by the issuer https://api.example.com/__mintgate/issuer
    -- status 0
    "#);
}

#[test]
fn an_explanation_can_be_read_by_a_program() {
    let output = folder().run(&["explain", "--json", "POST", "/v1/orders/7"]);
    let explained: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&explained["outcome"], &explained["audience"]), (&"route".into(), &"orders".into()));
}
