//! A clock that jumps while the gateway runs.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use mintgate_e2e::{Gateway, Origin, PATIENCE, Request, faketime_library, mintgate, run};
use serde_json::Value;

/// A gateway that sees another time.
struct OutOfTime {
    origin: Origin,
    gateway: Gateway,
    offset: PathBuf,
}

impl OutOfTime {
    fn start() -> Self {
        let origin = Origin::echo();
        let mut gateway = Gateway::prepare(&Gateway::builder().origin("orders", origin.address()));
        let offset = gateway.home().join("clock");
        gateway.set_variable("LD_PRELOAD", faketime_library().to_str().expect("a path without surprises"));
        gateway.set_variable("FAKETIME_TIMESTAMP_FILE", offset.to_str().expect("a path of ours"));
        gateway.set_variable("FAKETIME_NO_CACHE", "1");
        // A machine's clock jumps; what it counts intervals by does not.
        gateway.set_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let mut out_of_time = Self { origin, gateway, offset };
        out_of_time.jump("+0s");
        out_of_time.gateway.boot();
        out_of_time
    }

    fn jump(&self, offset: &str) {
        // In one step, for whoever reads at the same moment.
        let draft = self.offset.with_extension("draft");
        fs::write(&draft, offset).expect("a folder of our own");
        fs::rename(&draft, &self.offset).expect("a folder of our own");
    }

    /// The claims of the token that a request with this key brings to the origin.
    fn claims(&self, key: &str) -> Value {
        let reply = self.gateway.ask(&Request::get("/").key(key));
        assert_eq!(reply.status(), 200, "{}", reply.text());
        let token = self.origin.requests().pop().expect("a request").token();
        run(mintgate().args(["token", "inspect", "-"]), token).json()["claims"].clone()
    }
}

#[test]
fn ten_minutes_forward_the_cached_token_is_replaced_and_keys_that_have_expired_end() {
    let out = OutOfTime::start();
    let key = out.gateway.key_for("alice");
    let mortal = out.gateway.cli(&["keys", "create", "--consumer", "alice", "--expires", "5m"]).done();
    let before = out.claims(&key);
    let _ = out.claims(mortal.trim_end());
    out.jump("+10m");
    let after = out.claims(&key);
    let jumped = seconds(&after["iat"]) - seconds(&before["iat"]);
    assert!((600..660).contains(&jumped), "{before} {after}");
    assert_eq!(out.gateway.ask(&Request::get("/").key(mortal.trim_end())).status(), 401);
    // Signing keys and administration do not mind.
    let _ = out.gateway.cli(&["consumers", "create", "bob"]).done();
    let keys = out.gateway.cli(&["signing-keys", "list", "--json"]).json();
    assert_eq!(keys[0]["state"], "active");
}

#[test]
fn ten_minutes_back_no_token_from_the_future_is_forwarded_and_nothing_is_refused() {
    let out = OutOfTime::start();
    let key = out.gateway.key_for("alice");
    let before = out.claims(&key);
    let revoked = out.gateway.admin().new_consumer("bob");
    out.gateway.admin().revoke(&revoked);
    out.jump("-10m");
    let after = out.claims(&key);
    let jumped = seconds(&after["iat"]) - seconds(&before["iat"]);
    assert!((-600..-540).contains(&jumped), "{before} {after}");
    assert_eq!(
        out.gateway.ask(&Request::get("/").key(&revoked.text)).status(),
        401,
        "what ended stays ended"
    );
    let _ = out.gateway.cli(&["keys", "create", "--consumer", "alice"]).done();
    let until = Instant::now() + PATIENCE;
    while out.gateway.cli(&["status", "--json"]).json()["nodes"][0]["ready"] != true {
        assert!(Instant::now() < until);
        std::thread::park_timeout(Duration::from_millis(20));
    }
    // And forward again, over the tokens that were made in between.
    out.jump("+0s");
    let again = out.claims(&key);
    assert!(seconds(&again["iat"]) >= seconds(&before["iat"]), "{before} {again}");
}

fn seconds(value: &Value) -> i64 {
    value.as_i64().expect("a time in seconds")
}
