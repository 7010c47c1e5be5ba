//! One end of a connection: a socket address.

use std::fmt;
use std::net::IpAddr;

/// An address and a port, what RFC 9293 calls a socket.
///
/// Not `std::net::SocketAddr`: that one carries a flow label and a scope, which are no part of a
/// connection's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The innermost IP address.
    pub addr: IpAddr,
    /// The port; 0 is a fact too.
    pub port: u16,
}

impl Endpoint {
    /// The end at `addr`, `port`.
    pub fn new(addr: impl Into<IpAddr>, port: u16) -> Self {
        Self { addr: addr.into(), port }
    }
}

impl fmt::Display for Endpoint {
    /// `192.0.2.1:80` or `[2001:db8::1]:80` (RFC 5952).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addr {
            IpAddr::V4(addr) => write!(f, "{addr}:{}", self.port),
            IpAddr::V6(addr) => write!(f, "[{addr}]:{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn displays_as_a_user_would_type_it() {
        assert_eq!(Endpoint::new(Ipv4Addr::LOCALHOST, 80).to_string(), "127.0.0.1:80");
        assert_eq!(Endpoint::new(Ipv6Addr::LOCALHOST, 0).to_string(), "[::1]:0");
    }
}
