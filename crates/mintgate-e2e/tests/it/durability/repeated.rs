//! Asked again with an `Idempotency-Key`, after kills and broken connections: nothing is made twice, and nothing is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use mintgate_e2e::{Gateway, Origin, PATIENCE, Request};
use serde_json::{Value, json};

use super::crash::{Caller, random_life};

const ROUNDS: usize = 6;
const KEYS: &str = "/v1/buckets/production/consumers/alice/keys";

/// By idempotency key, the text of the key that was confirmed; none where no reply was heard.
type Asked = Mutex<BTreeMap<String, Option<String>>>;

#[test]
fn killed_between_a_creation_and_its_reply_it_tells_the_reply_when_it_is_asked_again() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let _ = gateway.key_for("alice");
    let asked = Asked::default();
    for round in 0..ROUNDS {
        let stop = AtomicBool::new(false);
        let (life, caller) = (random_life(), Caller::of(&gateway));
        thread::scope(|scope| {
            for worker in 0..4 {
                let (caller, stop, asked) = (&caller, &stop, &asked);
                scope.spawn(move || ask_on(caller, &format!("{round}-{worker}"), stop, asked));
            }
            thread::park_timeout(life);
            gateway.kill();
            stop.store(true, Ordering::SeqCst);
        });
        gateway.boot();
        let caller = Caller::of(&gateway);
        for (key, heard) in asked.lock().expect("no holder panics").iter_mut() {
            let told = caller.make(key, KEYS, &json!({})).expect("it serves");
            let text = text_of(&told);
            gateway.keep_secret(&text);
            assert_eq!(
                *heard.get_or_insert_with(|| text.clone()),
                text,
                "round {round}, killed after {life:?}"
            );
        }
    }
    let asked = asked.into_inner().expect("no holder panics");
    let texts: BTreeSet<_> = asked.values().flatten().collect();
    assert!(texts.len() > ROUNDS, "it was killed before anything happened");
    assert_eq!(texts.len(), asked.len(), "each made a key of its own");
    let listed = gateway.cli(&["keys", "list", "--json", "--limit", "100000"]).json();
    // One was made before.
    assert_eq!(listed.as_array().expect("a list").len(), asked.len() + 1, "and nothing was made twice");
    for text in texts {
        assert_eq!(gateway.ask(&Request::get("/").key(text)).status(), 200);
    }
}

#[test]
fn a_rotation_that_is_asked_for_again_after_a_kill_is_not_made_again() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    for (key, body) in [("one", json!({})), ("two", json!({"emergency": true}))] {
        let first = Caller::of(&gateway).make(key, "/v1/signing-keys/rotate", &body).expect("it serves");
        gateway.kill();
        gateway.boot();
        let again = Caller::of(&gateway).make(key, "/v1/signing-keys/rotate", &body).expect("it serves");
        assert_eq!(again, first);
    }
    let keys = gateway.cli(&["signing-keys", "list", "--json"]).json();
    assert_eq!(keys.as_array().expect("a list").len(), 3, "the first one, and one each: {keys}");
}

#[test]
fn a_command_whose_connection_breaks_before_the_reply_makes_one_key_and_prints_it() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.key_for("alice");
    let through = break_first_reply(gateway.admin_address());
    let url = format!("http://{through}");
    let printed = gateway.cli(&["keys", "create", "--consumer", "alice", "--admin-url", &url]).done();
    let listed = gateway.cli(&["keys", "list", "--json"]).json();
    assert_eq!(listed.as_array().expect("a list").len(), 2, "{listed}");
    let printed = printed.trim();
    gateway.keep_secret(printed);
    assert_eq!(gateway.ask(&Request::get("/").key(printed)).status(), 200);
}

/// Asks for keys, each under an idempotency key of its own, as long as somebody answers.
fn ask_on(caller: &Caller, name: &str, stop: &AtomicBool, asked: &Asked) {
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("{name}-{turn}");
        asked.lock().expect("no holder panics").insert(key.clone(), None);
        let Some(told) = caller.make(&key, KEYS, &json!({})) else { return };
        asked.lock().expect("no holder panics").insert(key, Some(text_of(&told)));
    }
}

fn text_of(issued: &Value) -> String {
    issued["secret"].as_str().expect("a new key is shown").to_owned()
}

/// Stands before the admin API, and hangs up on the first one who asks, once the reply has arrived.
fn break_first_reply(admin: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for (number, accepted) in listener.incoming().enumerate() {
            let (Ok(near), Ok(far)) = (accepted, TcpStream::connect(admin)) else { return };
            thread::spawn(move || relay(near, far, number > 0));
        }
    });
    address
}

fn relay(mut near: TcpStream, mut far: TcpStream, answers: bool) {
    for side in [&near, &far] {
        side.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    }
    let (mut asks, mut is_asked) = (near.try_clone().expect("a handle"), far.try_clone().expect("a handle"));
    thread::spawn(move || std::io::copy(&mut asks, &mut is_asked));
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = far.read(&mut buffer) {
        if !answers || near.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    drop(near.shutdown(std::net::Shutdown::Both));
}
