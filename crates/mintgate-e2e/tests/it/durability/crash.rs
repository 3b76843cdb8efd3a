//! Killed at random moments while keys come and go.

use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use mintgate_e2e::{Gateway, Origin, PATIENCE, Request, mintgate, run};
use serde_json::{Value, json};

const ROUNDS: usize = 8;

/// What the admin API confirmed before it was killed, by the key's text.
#[derive(Default)]
struct Promised(Mutex<BTreeMap<String, Fate>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was printed.
    Works,
    /// Its end was asked for, and the answer was never heard.
    Doubtful,
    /// Its end was confirmed.
    Revoked,
}

#[test]
fn killed_at_any_moment_it_keeps_every_printed_key_and_every_confirmed_revocation() {
    let origin = Origin::echo();
    let mut gateway = Gateway::builder().server("workers = 2").origin("orders", origin.address()).start();
    for name in ["alice", "bob"] {
        let _ = gateway.cli(&["consumers", "create", name]).done();
    }
    let promised = Promised::default();
    for round in 0..ROUNDS {
        let stop = AtomicBool::new(false);
        let (life, caller) = (random_life(), Caller::of(&gateway));
        thread::scope(|scope| {
            for name in ["alice", "bob"] {
                let (caller, promised, stop) = (&caller, &promised, &stop);
                scope.spawn(move || come_and_go(caller, name, promised, stop));
            }
            thread::park_timeout(life);
            gateway.kill();
            stop.store(true, Ordering::SeqCst);
        });
        gateway.boot();
        promised.hold(&gateway, round, life);
    }
    assert!(
        promised.0.lock().expect("no holder panics").len() > ROUNDS,
        "it was killed before anything happened"
    );
}

#[test]
fn killed_in_the_middle_of_rotations_it_comes_back_with_one_signing_key_whose_tokens_verify() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for round in 0..ROUNDS {
        let (stop, life) = (AtomicBool::new(false), random_life());
        let (dropped, caller) = (Mutex::new(Vec::new()), Caller::of(&gateway));
        thread::scope(|scope| {
            let (caller, stop, dropped) = (&caller, &stop, &dropped);
            scope.spawn(move || {
                for turn in 0.. {
                    let body = json!({ "emergency": turn % 3 == 2 });
                    let Some(rotation) = caller.ask("POST", "/v1/signing-keys/rotate", &body) else { return };
                    let gone = rotation["dropped"].as_array().into_iter().flatten();
                    dropped
                        .lock()
                        .expect("no holder panics")
                        .extend(gone.filter_map(|kid| Some(kid.as_str()?.to_owned())));
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
            thread::park_timeout(life);
            gateway.kill();
            stop.store(true, Ordering::SeqCst);
        });
        gateway.boot();
        let context = format!("round {round}, killed after {life:?}");
        let keys = gateway.cli(&["signing-keys", "list", "--json"]).json();
        let active = keys.as_array().expect("a list").iter().filter(|key| key["state"] == "active").count();
        assert_eq!(active, 1, "{context}: {keys}");
        let jwks = gateway.ask(&Request::get("/__mintgate/issuer/.well-known/jwks.json")).text();
        for kid in dropped.into_inner().expect("no holder panics") {
            assert!(!jwks.contains(&kid), "{context}: {kid} was dropped, and is back in {jwks}");
        }
        assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200, "{context}");
        let token = origin.requests().pop().expect("a request").token();
        let (issuer, jwks) = (gateway.issuer(), format!("{}/.well-known/jwks.json", gateway.issuer()));
        let verify = ["token", "verify", "--jwks", &jwks, "--issuer", &issuer, "--audience", "orders", "-"];
        let _ = run(mintgate().args(verify), token).done();
    }
}

#[test]
fn killed_in_the_middle_of_an_import_it_has_every_batch_whole_or_not_at_all() {
    const BATCH: usize = 40;
    const ROWS: usize = 2000;
    let key = |round, number| format!("sk_live_{round}_0123456789_{number:05}");
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let file = gateway.home().join("keys.csv");
    let path = file.to_str().expect("a path of ours").to_owned();
    let mut before = 0;
    for round in 0..ROUNDS / 2 {
        let rows: Vec<_> = (0..ROWS).map(|number| format!("alice,{}\n", key(round, number))).collect();
        fs::write(&file, format!("consumer,key\n{}", rows.concat())).expect("a folder of our own");
        // The first half of an import is its check, which is none of this; so it is let go for a little longer.
        let life = random_life() * 4;
        let ran = thread::scope(|scope| {
            let (config, file) = (gateway.config_file(), &file);
            let import = scope.spawn(move || {
                let mut command = mintgate();
                command.args(["keys", "import", "--create-consumers", "--batch-size", &BATCH.to_string()]);
                run(command.arg("--config").arg(config).arg(file), "")
            });
            thread::park_timeout(life);
            gateway.kill();
            import.join().expect("it ends by itself")
        });
        gateway.boot();
        let listed = gateway.cli(&["keys", "list", "--json", "--limit", "100000"]).json();
        let count = listed.as_array().expect("a list").len() - before;
        assert_eq!(count % BATCH, 0, "round {round}, killed after {life:?}: a batch is half there");
        if ran.status == Some(0) {
            assert_eq!(count, ROWS, "round {round}");
        } else {
            let told = told_before(&ran.stderr);
            // The answers to the last batches may have been lost: two are under way at a time.
            assert!(
                (told..=told + 2 * BATCH).contains(&count),
                "round {round}: {count} keys: {}",
                ran.stderr
            );
        }
        // The same again completes it, with or without another look at the whole file.
        let mut again = vec!["keys", "import", &path, "--create-consumers", "--json"];
        again.extend((round % 2 == 0).then_some("--resume"));
        let done = gateway.cli(&again).json();
        assert_eq!(
            (&done["imported"], &done["existing"]),
            (&json!(ROWS - count), &json!(count)),
            "round {round}"
        );
        before += ROWS;
        let works = |number| gateway.ask(&Request::get("/").key(&key(round, number))).status();
        assert_eq!((works(0), works(ROWS - 1)), (200, 200), "round {round}");
    }
}

/// How many keys an import that was cut off says it had brought in.
fn told_before(said: &str) -> usize {
    let words = said.lines().find_map(|line| line.strip_prefix("imported before this: "));
    words.map_or(0, |words| words.split(' ').next().and_then(|count| count.parse().ok()).expect("a number"))
}

/// Makes keys and ends every second one, as long as somebody answers.
fn come_and_go(caller: &Caller, consumer: &str, promised: &Promised, stop: &AtomicBool) {
    let path = format!("/v1/buckets/production/consumers/{consumer}/keys");
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let Some(issued) = caller.ask("POST", &path, &json!({})) else { return };
        let text = issued["secret"].as_str().expect("a new key is shown once").to_owned();
        let id = issued["key"]["id"].as_str().expect("a key has an id").to_owned();
        promised.note(&text, Fate::Works);
        if turn % 2 == 1 {
            promised.note(&text, Fate::Doubtful);
            let Some(_) = caller.ask("POST", &format!("/v1/keys/{id}/revoke"), &json!({})) else { return };
            promised.note(&text, Fate::Revoked);
        }
    }
}

impl Promised {
    fn note(&self, key: &str, fate: Fate) {
        self.0.lock().expect("no holder panics").insert(key.to_owned(), fate);
    }

    fn hold(&self, gateway: &Gateway, round: usize, life: Duration) {
        let mut wire = gateway.connect();
        for (key, fate) in &*self.0.lock().expect("no holder panics") {
            gateway.keep_secret(key);
            wire.send(&Request::get("/").key(key).bytes());
            let status = wire.reply().status();
            let holds = match fate {
                Fate::Works => status == 200,
                Fate::Revoked => status == 401,
                Fate::Doubtful => status == 200 || status == 401,
            };
            assert!(
                holds,
                "round {round}, killed after {life:?}: a key that was to be {fate:?} gets {status}"
            );
        }
    }
}

/// Speaks to an admin API that may be killed while it answers.
pub(super) struct Caller {
    address: SocketAddr,
    token: String,
}

impl Caller {
    pub(super) fn of(gateway: &Gateway) -> Self {
        let token = std::fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it");
        Self { address: gateway.admin_address(), token: token.trim().to_owned() }
    }

    /// What was confirmed: a whole reply. `None` when it was killed before that.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        self.send((method, path), Request::new(method, path), body)
    }

    /// What was confirmed of something that is to be made once.
    pub(super) fn make(&self, key: &str, path: &str, body: &Value) -> Option<Value> {
        self.send(("POST", path), Request::new("POST", path).header("Idempotency-Key", key), body)
    }

    fn send(&self, (method, path): (&str, &str), request: Request, body: &Value) -> Option<Value> {
        let request = request.key(&self.token).header("Content-Type", "application/json");
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(&request.body(body.to_string()).close().bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let reply = String::from_utf8(bytes).ok()?;
        let (head, content) = reply.split_once("\r\n\r\n")?;
        let value = serde_json::from_str(content).ok()?;
        let is_done = head.starts_with("HTTP/1.1 200 ") || head.starts_with("HTTP/1.1 201 ");
        assert!(is_done, "{method} {path}: {reply}");
        Some(value)
    }
}

/// How long it lives: from nothing to a few hundred milliseconds.
pub(super) fn random_life() -> Duration {
    Duration::from_micros(RandomState::new().build_hasher().finish() % 250_000)
}
