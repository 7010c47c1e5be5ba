//! Which attempts an expectation is about.

use std::fmt;
use std::net::Ipv6Addr;

use handshake::Facts;
use parser::{Endpoint, Ports, Subnet};

/// Conditions that must all hold. Without any, it is every attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<Condition>);

/// A condition on the ends of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The server has an address in this network.
    Server(Subnet),
    /// The server has this address and this port.
    ServerAt(Endpoint),
    /// The client has an address in this network.
    Client(Subnet),
    /// Either side has an address in this network.
    Host(Subnet),
    /// Either side has one of these ports.
    Port(Vec<Ports>),
}

impl Scope {
    /// Whether it holds every attempt.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds an attempt.
    pub fn contains(&self, facts: &Facts) -> bool {
        self.0.iter().all(|condition| condition.holds(facts))
    }
}

impl FromIterator<Condition> for Scope {
    fn from_iter<I: IntoIterator<Item = Condition>>(conditions: I) -> Self {
        Self(conditions.into_iter().collect())
    }
}

impl Condition {
    fn holds(&self, Facts { client, server, .. }: &Facts) -> bool {
        match self {
            Self::Server(net) => net.contains(server.addr),
            Self::ServerAt(end) => server == end,
            Self::Client(net) => net.contains(client.addr),
            Self::Host(net) => net.contains(client.addr) || net.contains(server.addr),
            Self::Port(ports) => {
                let is_among = |port| ports.iter().any(|ports| ports.contains(port));
                is_among(client.port) || is_among(server.port)
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, condition) in self.0.iter().enumerate() {
            let and = if index > 0 { " and " } else { "" };
            write!(f, "{and}{condition}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(net) => {
                let net = net.to_string();
                match without_brackets(&net) {
                    Some(_) => write!(f, "server [{net}]"),
                    None => write!(f, "server {net}"),
                }
            }
            Self::ServerAt(end) => write!(f, "server {end}"),
            Self::Client(net) => write!(f, "client {net}"),
            Self::Host(net) => write!(f, "host {net}"),
            Self::Port(ports) => {
                let ports: Vec<_> = ports.iter().map(Ports::to_string).collect();
                write!(f, "port {}", ports.join(","))
            }
        }
    }
}

/// An IPv6 address and what may be its port: `::1:8080` is an address, too, and looks like both.
pub(super) fn without_brackets(text: &str) -> Option<(&str, &str)> {
    let (addr, port) = text.rsplit_once(':')?;
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && addr.parse::<Ipv6Addr>().is_ok()).then_some((addr, port))
}
