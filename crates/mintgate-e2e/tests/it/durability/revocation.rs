//! Once a revocation returns, it holds on every worker.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use mintgate_e2e::{Gateway, Origin, Request, Wire};

/// So many that no worker is left out: each connection goes to one of the workers by a hash of its addresses.
const CONNECTIONS: usize = 64;

#[test]
fn after_a_revocation_returns_the_very_next_request_is_refused_on_every_worker() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().server("workers = 4").origin("orders", origin.address()).start();
    for round in 0..3 {
        let key = gateway.admin().new_consumer(&format!("alice-{round}"));
        let request = Request::get("/x").key(&key.text).bytes();
        // Each worker has the key's token at hand, and a warm connection to the origin.
        let mut wires: Vec<Wire> = (0..CONNECTIONS).map(|_| gateway.connect()).collect();
        for wire in &mut wires {
            wire.send(&request);
            assert_eq!(wire.reply().status(), 200);
        }
        let forwarded = origin.requests().len();
        let _ = gateway.cli(&["keys", "revoke", &key.id]).done();
        for wire in &mut wires {
            wire.send(&request);
            assert_eq!(wire.reply().status(), 401);
        }
        for _ in 0..CONNECTIONS {
            assert_eq!(gateway.ask(&Request::get("/x").key(&key.text)).status(), 401);
        }
        assert_eq!(origin.requests().len(), forwarded, "nothing more reached the origin");
    }
}

#[test]
fn no_request_that_begins_after_a_revocation_passes_while_others_are_under_way() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().server("workers = 4").origin("orders", origin.address()).start();
    for round in 0..5 {
        let key = gateway.admin().new_consumer(&format!("alice-{round}"));
        let (is_revoked, passed, refused) =
            (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let (mut wire, request) = (gateway.connect(), Request::get("/x").key(&key.text).bytes());
                    // Until it was refused a few times after the revocation had returned.
                    for _ in 0..10 {
                        loop {
                            let begins_after = is_revoked.load(Ordering::SeqCst);
                            wire.send(&request);
                            match wire.reply().status() {
                                200 if !begins_after => drop(passed.fetch_add(1, Ordering::SeqCst)),
                                401 if begins_after => break,
                                // Between the change and the admin's reply.
                                401 => {}
                                status => panic!("{status}, begun after: {begins_after}"),
                            }
                        }
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            while passed.load(Ordering::SeqCst) < 20 {
                thread::yield_now();
            }
            gateway.admin().revoke(&key);
            is_revoked.store(true, Ordering::SeqCst);
        });
        assert_eq!(refused.load(Ordering::SeqCst), 40);
    }
}

#[test]
fn a_confirmed_revocation_and_a_printed_key_hold_after_a_kill() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let admin = gateway.admin();
    let (kept, revoked) = (admin.new_consumer("alice"), admin.new_consumer("bob"));
    let _ = gateway.cli(&["keys", "revoke", &revoked.id]).done();
    gateway.kill();
    gateway.boot();
    assert_eq!(gateway.ask(&Request::get("/").key(&kept.text)).status(), 200);
    assert_eq!(gateway.ask(&Request::get("/").key(&revoked.text)).status(), 401);
    // A key that is printed and revoked in the last moment before.
    let late = gateway.cli(&["keys", "create", "--consumer", "alice"]).done();
    gateway.kill();
    gateway.boot();
    assert_eq!(gateway.ask(&Request::get("/").key(late.trim_end())).status(), 200);
    gateway.keep_secret(late.trim_end());
}
