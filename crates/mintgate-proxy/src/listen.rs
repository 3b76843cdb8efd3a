//! Listeners: one for each worker on the same address, among which the kernel spreads connections.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

/// One set of listeners for each worker. With port 0 all of them get the same free port.
pub(crate) fn bind(
    addresses: &[SocketAddr],
    workers: usize,
) -> Result<Vec<Vec<TcpListener>>, (SocketAddr, io::Error)> {
    let mut sets: Vec<Vec<TcpListener>> = std::iter::repeat_with(Vec::new).take(workers).collect();
    for address in addresses {
        let probed = probe(*address).map_err(|error| (*address, error))?;
        for set in &mut sets {
            set.push(listener(probed, true).map_err(|error| (*address, error))?);
        }
    }
    Ok(sets)
}

/// Finds out whether somebody else listens there. `SO_REUSEPORT` would not: two gateways of one user would share
/// the port, and every other connection would go to the wrong one.
fn probe(address: SocketAddr) -> io::Result<SocketAddr> {
    listener(address, false)?.local_addr()
}

fn listener(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    if address.is_ipv6() {
        // `[::]` and `0.0.0.0` are two addresses, whatever the system's default is.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

const BACKLOG: i32 = 4096;
