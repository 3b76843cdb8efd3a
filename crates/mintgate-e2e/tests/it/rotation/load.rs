//! Rotations while requests come in without a pause.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mintgate_e2e::{Gateway, Origin, Request, ReservedPort, Server, Visit, python, repository};
use mintgate_verify::{CacheSettings, Expected, KeySource, Leeway, PlainHttp, TokenPolicy, Verifier};

use super::{kid_of, kids_of};

/// Seconds where a real installation has minutes and days; each in the proportion that the product demands.
const SECONDS: &str =
    "token_lifetime = \"2s\"\nrotate_every = \"5s\"\njwks_max_age = \"1s\"\npropagation_margin = \"1s\"";
/// What verifiers may keep a JWKS for: `jwks_max_age`.
const LIFESPAN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(45);

#[test]
fn r48_rotations_under_load_fail_no_request_at_the_gateway_or_at_verifiers_that_poll() {
    let verifier: Arc<OnceLock<Verifier>> = Arc::default();
    let kids: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let ours = guarded_by_our_verifier(Arc::clone(&verifier), Arc::clone(&kids));
    let theirs = ReservedPort::new();
    let gateway = Gateway::builder()
        .server("workers = 2")
        .issuer("algorithm = \"RS256\"")
        .issuer(SECONDS)
        .origin("ours", ours.address())
        .origin("theirs", theirs.address())
        .route("path = \"/ours/{*rest}\"\norigin = \"ours\"\nauth = \"api-key\"")
        .route("path = \"/theirs/{*rest}\"\norigin = \"theirs\"\nauth = \"api-key\"")
        .start();
    let _ = verifier.set(our_verifier(&gateway));
    let _theirs = guarded_by_pyjwt(&gateway, &theirs);
    let keys: Vec<String> = (0..4).map(|number| gateway.key_for(&format!("caller-{number}"))).collect();
    let first = kids_of(&gateway.ask(&Request::get(JWKS)).json());

    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (number, key) in keys.iter().enumerate() {
            let target = ["/ours/1", "/theirs/1"][number % 2];
            let (gateway, stop, done, failures) = (&gateway, &stop, &done, &failures);
            scope.spawn(move || {
                let (mut wire, request) = (gateway.connect(), Request::get(target).key(key).bytes());
                while !stop.load(Ordering::SeqCst) {
                    wire.send(&request);
                    let reply = wire.reply();
                    done.fetch_add(1, Ordering::SeqCst);
                    if reply.status() != 200 {
                        failures
                            .lock()
                            .expect("no holder panics")
                            .push(format!("{target}: {}", reply.text()));
                    }
                }
            });
        }
        // The first rotation is brought forward by a command, the others come by themselves.
        let _ = gateway.cli(&["signing-keys", "rotate"]).done();
        let until = Instant::now() + LONGEST;
        // Two rotations are complete when three keys have signed and the first two have left the JWKS.
        let is_complete = || {
            let signed = kids.lock().expect("no holder panics").len();
            let jwks = kids_of(&gateway.ask(&Request::get(JWKS)).json());
            let seen =
                kids.lock().expect("no holder panics").iter().filter(|kid| !jwks.contains(kid)).count();
            signed >= 3 && seen >= 2 && !jwks.contains(&first[0])
        };
        while !is_complete()
            && Instant::now() < until
            && failures.lock().expect("no holder panics").is_empty()
        {
            thread::park_timeout(Duration::from_millis(50));
        }
        stop.store(true, Ordering::SeqCst);
        assert!(Instant::now() < until, "two rotations take about ten seconds");
    });
    let (failures, done) = (failures.into_inner().expect("no holder panics"), done.into_inner());
    assert!(
        failures.is_empty(),
        "{} of {done} failed: {:#?}",
        failures.len(),
        &failures[..failures.len().min(5)]
    );
    assert!(done > 1000, "{done} requests are no load");
}

/// The load test without a pause, but the JWKS is thrown away at once: in an emergency no request fails at the gateway,
/// and none that begins afterwards carries a token of the old key.
#[test]
fn r48_an_emergency_rotation_under_load_fails_no_request_and_no_later_one_carries_the_old_key() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().server("workers = 2").origin("orders", origin.address()).start();
    let keys: Vec<String> = (0..4).map(|number| gateway.key_for(&format!("caller-{number}"))).collect();
    for _ in 0..3 {
        let old = kids_of(&gateway.ask(&Request::get(JWKS)).json()).remove(0);
        let (is_rotated, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for key in &keys {
                let (gateway, is_rotated, done, old) = (&gateway, &is_rotated, &done, &old);
                scope.spawn(move || {
                    let (mut wire, request) = (gateway.connect(), Request::get("/x").key(key).bytes());
                    let mut afterwards = 0;
                    while afterwards < 50 {
                        let begins_after = is_rotated.load(Ordering::SeqCst);
                        wire.send(&request);
                        let reply = wire.reply();
                        assert_eq!(reply.status(), 200, "{}", reply.text());
                        done.fetch_add(1, Ordering::SeqCst);
                        if begins_after {
                            assert_ne!(kid_of(&token_in(&reply.json())), *old, "a token of the dropped key");
                            afterwards += 1;
                        }
                    }
                });
            }
            while done.load(Ordering::SeqCst) < 50 {
                thread::yield_now();
            }
            let _ = gateway.cli(&["signing-keys", "rotate", "--emergency"]).done();
            is_rotated.store(true, Ordering::SeqCst);
            let left = kids_of(&gateway.ask(&Request::get(JWKS)).json());
            assert!(left.len() == 1 && left[0] != old, "{left:?} after {old} was dropped");
        });
    }
}

/// The token that an echo origin saw.
fn token_in(seen: &serde_json::Value) -> String {
    let headers = seen["headers"].as_array().expect("a list of headers");
    let found = headers
        .iter()
        .find(|header| header[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("authorization")));
    found.and_then(|header| header[1].as_str()?.strip_prefix("Bearer ")).expect("a token").to_owned()
}

/// Answers 200 to who has a good token, and says why it does not.
fn guarded_by_our_verifier(verifier: Arc<OnceLock<Verifier>>, kids: Arc<Mutex<BTreeSet<String>>>) -> Origin {
    let judge = move |visit: &mut Visit| {
        while let Some(request) = visit.request() {
            let token = request.token();
            kids.lock().expect("no holder panics").insert(kid_of(&token));
            let (status, said) = match verifier.get().expect("it is set before any request").verify(&token) {
                Ok(_) => ("200 OK", "accepted".to_owned()),
                Err(error) => ("401 Unauthorized", error.to_string()),
            };
            visit.send(
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{said}", said.len()).as_bytes(),
            );
        }
    };
    Origin::start(judge)
}

fn our_verifier(gateway: &Gateway) -> Verifier {
    let issuer = gateway.issuer();
    let policy = TokenPolicy::new(
        Expected::exactly(issuer.parse().expect("an issuer")),
        Expected::exactly("ours".parse().expect("an audience")),
    )
    .with_leeway(Leeway::new(Duration::ZERO).expect("none is allowed"));
    let source = KeySource::issuer(&issuer, PlainHttp::LoopbackOnly).expect("an issuer on this machine");
    // What the issuer says, without the usual least time.
    let cache =
        CacheSettings { shortest_max_age: LIFESPAN, longest_max_age: LIFESPAN, ..CacheSettings::usual() };
    let verifier = Verifier::builder(policy, source).cache(cache).build();
    verifier.warm_up().expect("the gateway serves");
    verifier
}

fn guarded_by_pyjwt(gateway: &Gateway, port: &ReservedPort) -> Server {
    let mut command = python();
    command
        .arg(repository().join("crates/mintgate-e2e/tests/it/rotation/pyjwt_origin.py"))
        .args([&format!("{}/.well-known/jwks.json", gateway.issuer()), &gateway.issuer(), "theirs"])
        .args([&port.address().port().to_string(), &LIFESPAN.as_secs().to_string()]);
    Server::start(&mut command, port.address())
}

const JWKS: &str = "/__mintgate/issuer/.well-known/jwks.json";
