//! `CherryPy` itself behind the gateway: what the first user's application gets, and what it never does.

mod aliases;
mod example;

use mintgate_e2e::{Gateway, GatewayBuilder, Reply, Request, ReservedPort, Server, Wire, python, repository};

/// A gateway and the application that says what it sees.
struct Pair {
    gateway: Gateway,
    port: ReservedPort,
    _application: Server,
}

impl Pair {
    fn start(builder: GatewayBuilder) -> Self {
        let port = ReservedPort::new();
        let gateway = builder.origin_with("orders", port.address(), "profile = \"cherrypy\"").start();
        let mut command = python();
        command.arg(repository().join("crates/mintgate-e2e/tests/it/cherrypy/seen.py"));
        command.args([gateway.issuer(), port.address().port().to_string()]);
        let application = Server::start(&mut command, port.address());
        Self { gateway, port, _application: application }
    }

    /// The application's answer to a request that goes round the gateway.
    fn directly(&self, request: &Request) -> Reply {
        directly(&self.port, request)
    }
}

fn directly(port: &ReservedPort, request: &Request) -> Reply {
    let mut wire = Wire::connect(port.address());
    wire.send(&request.bytes());
    wire.reply_to(request.method())
}
