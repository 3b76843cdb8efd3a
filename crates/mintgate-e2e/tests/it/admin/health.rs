//! The health checks, whatever the workers do.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use mintgate_e2e::{Gateway, Origin, Request, Wire};

/// Far more than an answer takes on a busy machine, far less than any timeout of the gateway.
const SOON: Duration = Duration::from_secs(5);

fn is_healthy(gateway: &Gateway) {
    for path in ["/healthz", "/readyz"] {
        let began = Instant::now();
        let mut wire = Wire::connect(gateway.admin_address());
        wire.send(&Request::get(path).close().bytes());
        assert_eq!(wire.reply().status(), 204, "{path}");
        assert!(began.elapsed() < SOON, "{path} took {:?}", began.elapsed());
    }
}

#[test]
fn health_answers_while_the_only_worker_has_no_room_for_another_connection() {
    let origin = Origin::hanging();
    let gateway = Gateway::builder().limit("connections = 3").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let mut taken: Vec<Wire> = (0..3).map(|_| gateway.connect()).collect();
    for wire in &mut taken {
        wire.send(&Request::get("/slow").key(&key).bytes());
    }
    let _ = origin.wait_for_requests(3);
    // Nobody hears this one.
    let mut waiting = gateway.connect();
    waiting.send(&Request::get("/__mintgate/issuer/.well-known/jwks.json").close().bytes());
    is_healthy(&gateway);
    let _ = gateway.cli(&["keys", "create", "--consumer", "alice"]).done();
    waiting.be_patient_for(Duration::from_millis(100));
    assert_eq!(waiting.end(), mintgate_e2e::End::StillOpen);
    // Until one of the others goes.
    drop(taken);
    waiting.be_patient_for(mintgate_e2e::PATIENCE);
    assert_eq!(waiting.reply().status(), 200);
}

#[test]
fn health_answers_while_callers_never_pause() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 0..8 {
            let (gateway, key, stop) = (&gateway, &key, &stop);
            scope.spawn(move || {
                let mut wire = gateway.connect();
                // Half of them with a key that no one has, ten requests at a time.
                let key = if number % 2 == 0 { key.as_str() } else { "mgk_nobody" };
                let burst = Request::get("/x").key(key).bytes().repeat(10);
                while !stop.load(Ordering::SeqCst) {
                    wire.send(&burst);
                    for _ in 0..10 {
                        let _ = wire.reply();
                    }
                }
            });
        }
        for _ in 0..20 {
            is_healthy(&gateway);
        }
        stop.store(true, Ordering::SeqCst);
    });
}
