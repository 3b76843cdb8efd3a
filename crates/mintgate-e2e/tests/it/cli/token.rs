//! `token verify` and `token inspect`, held against a token that the gateway minted.

use mintgate_e2e::{Gateway, Origin, Ran, Request, mintgate, run};

struct Bench {
    gateway: Gateway,
    token: String,
}

impl Bench {
    fn new() -> Self {
        let origin = Origin::echo();
        let gateway = Gateway::before(origin.address());
        let key = gateway.key_for("alice");
        assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
        Self { gateway, token: origin.the_request().token() }
    }

    /// Verifies with the right issuer and audience, unless `arguments` say others.
    fn verify(&self, arguments: &[&str]) -> Ran {
        let issuer = self.gateway.issuer();
        let jwks = format!("{issuer}/.well-known/jwks.json");
        let mut all = vec!["token", "verify", "--jwks", &jwks];
        for (name, usual) in [("--issuer", issuer.as_str()), ("--audience", "orders")] {
            if !arguments.contains(&name)
                && !arguments.iter().any(|argument| argument.starts_with("--insecure-any"))
            {
                all.extend([name, usual]);
            }
        }
        all.extend(arguments);
        run(mintgate().args(all), self.token.clone())
    }

    /// The one line that a refusal says.
    fn reason(&self, arguments: &[&str]) -> String {
        let ran = self.verify(arguments);
        assert_eq!(ran.stdout, "", "nothing of a refused token is printed");
        let said = ran.refused(1);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains(&self.token), "{said}");
        said
    }
}

#[test]
fn a_good_token_is_accepted_and_its_claims_are_printed() {
    let bench = Bench::new();
    for arguments in [
        &["-"][..],
        &[bench.token.as_str()],
        &["--alg", "ES256", "--alg", "RS256", "-"],
        &["--typ", "any", "-"],
        &["--insecure-any-issuer", "--insecure-any-audience", "-"],
    ] {
        let claims = bench.verify(arguments).json();
        assert_eq!((&claims["sub"], &claims["aud"]), (&"alice".into(), &"orders".into()), "{arguments:?}");
    }
}

#[test]
fn a_bad_token_is_refused_with_one_line_that_says_why() {
    let bench = Bench::new();
    let mut forged = bench.token.clone();
    let at = forged.rfind('.').expect("a signature") + 8;
    let other = if forged.as_bytes()[at] == b'A' { "B" } else { "A" };
    forged.replace_range(at..=at, other);
    for (arguments, code) in [
        (&["--audience", "billing", "-"][..], "wrong_audience"),
        (&["--issuer", "https://other.example", "-"], "wrong_issuer"),
        (&["--now", "2099-01-01T00:00:00Z", "-"], "expired"),
        (&["--now", "1000000000", "-"], "issued_in_future"),
        (&["--alg", "RS256", "-"], "alg_not_allowed"),
        (&["--typ", "JWT", "-"], "wrong_type"),
        (&["--scope", "orders:read", "-"], "scope"),
        (&[&forged], "signature"),
        (&["garbage"], "not_three_parts"),
        (&["a.b.c"], "("),
        (&[""], "("),
    ] {
        let said = bench.reason(arguments);
        assert!(said.contains(code), "{arguments:?}: {said}");
    }
}

#[test]
fn keys_that_cannot_be_had_are_no_verdict_on_the_token() {
    let bench = Bench::new();
    let nobody = mintgate_e2e::ReservedPort::new();
    for jwks in [format!("http://{}/jwks.json", nobody.address()), "no/such/file.json".to_owned()] {
        let arguments = ["token", "verify", "--jwks", &jwks, "--issuer", "https://a", "--audience", "b", "-"];
        let said = run(mintgate().args(arguments), bench.token.clone()).refused(1);
        assert!(!said.contains("refused:"), "{said}");
    }
}

#[test]
fn inspecting_says_that_nothing_was_verified() {
    let bench = Bench::new();
    let ran = run(mintgate().args(["token", "inspect", "-"]), bench.token.clone());
    assert!(ran.stderr.contains("not verified"), "{}", ran.stderr);
    let seen = ran.json();
    assert_eq!(seen["header"]["typ"], "at+jwt");
    assert_eq!(seen["claims"]["sub"], "alice");
    for garbage in ["", "garbage", "a.b.c", "eyJhbGciOiJub25lIn0.e30"] {
        let ran = run(mintgate().args(["token", "inspect", garbage]), "");
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{garbage}: {}", ran.stderr);
    }
}
