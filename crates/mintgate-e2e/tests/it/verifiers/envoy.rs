//! Envoy's `jwt_authn`: the gateway forwards to an Envoy that guards the origin, and that fetches the keys from the
//! gateway.

use std::fs;

use mintgate_e2e::{Gateway, Origin, Request, ReservedPort, Server, Wire, envoy, repository};

#[test]
fn envoys_jwt_authn_accepts_our_tokens_and_only_those_for_its_audience() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let origin = Origin::echo();
        let guard = ReservedPort::new();
        let gateway = Gateway::builder()
            .issuer(&format!("algorithm = \"{algorithm}\""))
            .origin("orders", guard.address())
            // The same Envoy under another audience, which it does not accept.
            .origin("billing", guard.address())
            .route("path = \"/orders/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
            .route("path = \"/billing/{*rest}\"\norigin = \"billing\"\nauth = \"api-key\"")
            .start();
        let _envoy = start(&gateway, &origin, &guard);
        let key = gateway.key_for("alice");

        let reply = gateway.ask(&Request::get("/orders/1").key(&key));
        assert_eq!(reply.status(), 200, "{algorithm}: {}", reply.text());
        assert_eq!(origin.the_request().header("x-verified-sub"), Some("alice"));
        let reply = gateway.ask(&Request::get("/billing/1").key(&key));
        assert_eq!(reply.status(), 403, "{algorithm}, another's audience: {}", reply.text());

        // Past the gateway, neither nothing nor the key itself opens the door.
        for request in [Request::get("/orders/1"), Request::get("/orders/1").key(&key)] {
            let mut wire = Wire::connect(guard.address());
            wire.send(&request.bytes());
            assert_eq!(wire.reply().status(), 401, "{algorithm}");
        }
        assert_eq!(origin.requests().len(), 1);
    }
}

fn start(gateway: &Gateway, origin: &Origin, guard: &ReservedPort) -> Server {
    let template = repository().join("crates/mintgate-e2e/tests/it/verifiers/envoy.yaml");
    let config = fs::read_to_string(template)
        .expect("it lies beside this file")
        .replace("@port@", &guard.address().port().to_string())
        .replace("@issuer@", &gateway.issuer())
        .replace("@audience@", "orders")
        .replace("@origin_port@", &origin.address().port().to_string())
        .replace("@gateway_port@", &gateway.address().port().to_string());
    let file = gateway.home().join("envoy.yaml");
    fs::write(&file, config).expect("a folder of our own");
    let mut command = envoy();
    command.args(["--concurrency", "1", "--disable-hot-restart", "-l", "warning", "-c"]).arg(file);
    Server::start(&mut command, guard.address())
}
