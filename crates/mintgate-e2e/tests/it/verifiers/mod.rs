//! Tokens are for everybody: verifiers that are not ours accept them, and refuse what they should. Ours too.

mod axum;
mod envoy;
mod libraries;
mod plain_python;

use mintgate_e2e::{Gateway, Origin, Request};

/// Tokens that one gateway minted for two origins.
struct Minted {
    gateway: Gateway,
    /// For the origin `orders`.
    orders: String,
    /// For the origin `billing`.
    billing: String,
}

impl Minted {
    fn with(algorithm: &str) -> Self {
        let (orders, billing) = (Origin::echo(), Origin::echo());
        let gateway = Gateway::builder()
            .issuer(&format!("algorithm = \"{algorithm}\""))
            .origin("orders", orders.address())
            .origin("billing", billing.address())
            .route("path = \"/orders/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
            .route("path = \"/billing/{*rest}\"\norigin = \"billing\"\nauth = \"api-key\"")
            .start();
        let key = gateway.key_for("alice");
        for target in ["/orders/1", "/billing/1"] {
            assert_eq!(gateway.ask(&Request::get(target).key(&key)).status(), 200);
        }
        let [orders, billing] = [&orders, &billing].map(|origin| origin.the_request().token());
        Self { gateway, orders, billing }
    }

    /// The token for `orders` with another signature: one character of it is another.
    fn forged(&self) -> String {
        let at = self.orders.rfind('.').expect("a token has a signature") + 8;
        let other = if self.orders.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut forged = self.orders.clone();
        forged.replace_range(at..=at, other);
        forged
    }
}
