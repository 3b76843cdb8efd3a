//! Ports that nobody else gets between the moment they are chosen and the moment they are listened on.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port of the loopback address, kept by a socket that is bound and does not listen. The kernel gives it to
/// nobody who asks for any port, while a server that asks for this one, with `SO_REUSEADDR`, gets it.
#[derive(Debug)]
pub struct ReservedPort {
    _holder: Socket,
    address: SocketAddr,
}

impl ReservedPort {
    /// Reserves a free port.
    #[must_use]
    pub fn new() -> Self {
        let holder = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        holder.set_reuse_address(true).expect("a socket takes options");
        holder.set_reuse_port(true).expect("a socket takes options");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        holder.bind(&any.into()).expect("a free port");
        let address = holder.local_addr().expect("it is bound").as_socket().expect("an IP address");
        Self { _holder: holder, address }
    }

    /// Its address. Connections to it are refused until somebody listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Default for ReservedPort {
    fn default() -> Self {
        Self::new()
    }
}
