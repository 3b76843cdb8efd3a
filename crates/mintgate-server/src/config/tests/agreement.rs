//! What must hold between settings.

use super::{and, problem, problems, taken, warnings, with};

#[test]
fn r39_the_admin_listener_is_never_the_data_listener() {
    for (data, admin) in [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "127.0.0.1:8080"),
        ("127.0.0.1:8080", "0.0.0.0:8080"),
        ("[::]:8080", "127.0.0.1:8080"),
    ] {
        let text = with("127.0.0.1:8080", data) + &format!("[admin]\nlisten = \"{admin}\"\n");
        let said = problem(&text);
        assert!(said.contains("the admin API would listen on the data listener's address"), "{said}");
    }
    let said = problem(&with("127.0.0.1:8080", "127.0.0.1:8081"));
    assert!(said.starts_with("3:11: error: the admin API would listen"), "{said}");
    taken(&(with("127.0.0.1:8080", "127.0.0.1:0") + "[admin]\nlisten = \"127.0.0.1:0\"\n"));
}

#[test]
fn r39_an_origin_cannot_be_the_admin_listener_or_the_gateway_itself() {
    for (url, expected) in [
        ("http://127.0.0.1:8081", "this is the gateway's own admin listener"),
        ("http://localhost:8081", "this is the gateway's own admin listener"),
        ("http://0.0.0.0:8081", "this is the gateway's own admin listener"),
        ("http://127.0.0.1:8080", "this is the gateway's own data listener"),
    ] {
        let said = problem(&with("http://127.0.0.1:8000", url));
        assert!(said.contains(expected), "{url}: {said}");
    }
    taken(&with("http://127.0.0.1:8000", "http://10.0.0.1:8080"));
}

#[test]
fn the_admin_api_on_the_network_is_warned_of() {
    let said = warnings(&and("[admin]\nlisten = \"0.0.0.0:8081\""));
    assert!(said[0].contains("the admin API can be reached over the network in the clear"), "{said:#?}");
}

#[test]
fn r29_two_origins_share_an_audience_only_where_both_say_so() {
    let other = "[[origin]]\nname = \"billing\"\nurl = \"http://127.0.0.1:8001\"\naudience = \"orders\"\n";
    let route = "[[route]]\npath = \"/b\"\norigin = \"billing\"\nauth = \"api-key\"\n";
    let text = and(&format!("{other}{route}"));
    let said = problem(&text);
    assert!(
        said.starts_with("18:12: error: origins `orders` and `billing` have the same audience"),
        "{said}"
    );
    let one_says = text.replace("audience = \"orders\"\n", "audience = \"orders\"\nshared_audience = true\n");
    assert_eq!(problems(&one_says).len(), 1);
    let both_say = one_says.replace("name = \"orders\"\n", "name = \"orders\"\nshared_audience = true\n");
    taken(&both_say);
}

#[test]
fn two_origins_or_routes_of_one_name_are_refused() {
    let said =
        problem(&and("[[origin]]\nname = \"orders\"\nurl = \"http://127.0.0.1:8001\"\naudience = \"x\""));
    assert!(said.starts_with("16:8: error: there are two origins named `orders`"), "{said}");
    let route = |path| {
        format!("[[route]]\nname = \"r\"\npath = \"{path}\"\norigin = \"orders\"\nauth = \"api-key\"\n")
    };
    let said = problem(&and(&(route("/a") + &route("/b"))));
    assert!(said.starts_with("22:8: error: there are two routes named `r`"), "{said}");
}

#[test]
fn routes_between_which_only_order_could_decide_are_refused() {
    let said = problem(&and(
        "[[route]]\npath = \"/{*all}\"\nmethods = [\"GET\"]\norigin = \"orders\"\nauth = \"public\"",
    ));
    assert_eq!(
        said,
        "16:8: error: route `all` takes GET for the same path as route `rest` (routes may share a path only with \
         different `methods` or `hosts`)"
    );
}

#[test]
fn a_route_to_an_unknown_origin_is_told_the_nearest_one() {
    let said = problems(&with("origin = \"orders\"", "origin = \"order\""));
    assert_eq!(said, ["13:10: error: there is no origin `order` (did you mean `orders`?)"]);
}

#[test]
fn settings_of_a_route_that_contradict_each_other_are_pinned_down() {
    let said = problem(&and("strip_prefix = \"/api\""));
    assert!(said.starts_with("15:16: error: `strip_prefix` must be a literal beginning"), "{said}");
    let said = problem(&with("auth = \"api-key\"", "auth = \"public\"\nscopes = [\"a\"]"));
    assert!(said.starts_with("15:10: error: a public route checks no scopes"), "{said}");
    let said = problem(&with("auth = \"api-key\"", "auth = \"public\"\napi_key_header = \"x-api-key\""));
    assert!(said.starts_with("15:18: error: a public route takes no key"), "{said}");
}

#[test]
fn a_public_pattern_around_a_guarded_route_is_warned_of() {
    let guarded = "[[route]]\npath = \"/admin\"\norigin = \"orders\"\nauth = \"api-key\"\n";
    let text = with("auth = \"api-key\"", "auth = \"public\"") + guarded;
    let said = warnings(&text);
    assert!(
        said[0].contains("route `rest` is public and also matches what lies around route `admin`"),
        "{said:#?}"
    );
    let other_way = and(&guarded.replace("api-key", "public"));
    assert!(warnings(&other_way).is_empty());
}

#[test]
fn a_route_below_the_issuer_is_never_taken_and_refused() {
    let route = "[[route]]\npath = \"/__mintgate/issuer/{x}\"\norigin = \"orders\"\nauth = \"api-key\"\n";
    let said = problem(&and(route));
    assert!(said.contains("the gateway itself answers below `/__mintgate/issuer`"), "{said}");
}

#[test]
fn an_origin_without_a_route_is_warned_of() {
    let said = warnings(&and("[[origin]]\nname = \"spare\"\nurl = \"http://127.0.0.1:8001\""));
    assert!(said[0].contains("no route leads to origin `spare`"), "{said:#?}");
}

#[test]
fn keys_rotate_slowly_enough_for_verifiers() {
    let said = problem(&and("[issuer]\nrotate_every = \"10m\""));
    assert_eq!(
        said,
        "16:16: error: `issuer.rotate_every` must be longer than 11m: `jwks_max_age` (5m), `propagation_margin` (1m) and \
         `token_lifetime` (5m) together (a key is published for the first two before it signs, and its last tokens live \
         for the third)"
    );
    let short = "[issuer]\nrotate_every = \"5s\"\njwks_max_age = \"1s\"\npropagation_margin = \"1s\"\ntoken_lifetime = \"2s\"";
    taken(&and(short));
    assert_eq!(warnings(&and(short)).len(), 2);
    for (setting, expected) in [
        ("token_lifetime = \"25h\"", "`issuer.token_lifetime` must be 2s to 1d"),
        ("token_lifetime = \"1s\"", "`issuer.token_lifetime` must be 2s to 1d"),
        ("token_lifetime = \"2500ms\"", "`issuer.token_lifetime` must be whole seconds"),
        ("jwks_max_age = \"0s\"", "`issuer.jwks_max_age` must be 1s to 1d"),
        (
            "algorithm = \"HS256\"",
            "`issuer.algorithm`: a signing algorithm must be one of RS256, PS256, ES256 and EdDSA",
        ),
        ("rsa_bits = 1024", "`issuer.rsa_bits`: must be 2048, 3072 or 4096"),
        ("path = \"/a/../b\"", "`issuer.path`: must be a path of letters"),
        ("path = \"/a/\"", "`issuer.path`: must be a path of letters"),
    ] {
        let said = problems(&and(&format!("[issuer]\n{setting}")));
        assert!(said[0].contains(expected), "{setting}: {said:#?}");
    }
}

#[test]
fn the_issuer_of_another_product_can_be_stood_in_for() {
    let config = taken(&and("[issuer]\npath = \"/__zuplo/issuer\""));
    assert_eq!(config.issuer.issuer.as_str(), "http://localhost:8080/__zuplo/issuer");
}
