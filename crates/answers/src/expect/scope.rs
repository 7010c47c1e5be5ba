//! Which attempts an expectation is about.

use std::fmt;

use handshake::Facts;
use parser::{Endpoint, Subnet};

/// Conditions that must all hold. Without any, it is every attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<Condition>);

/// A condition on the ends of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The server has an address in this network.
    Server(Subnet),
    /// The server has this address and this port.
    ServerAt(Endpoint),
    /// The client has an address in this network.
    Client(Subnet),
    /// Either side has an address in this network.
    Host(Subnet),
    /// Either side has this port.
    Port(u16),
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
    fn holds(self, Facts { client, server, .. }: &Facts) -> bool {
        match self {
            Self::Server(net) => net.contains(server.addr),
            Self::ServerAt(end) => *server == end,
            Self::Client(net) => net.contains(client.addr),
            Self::Host(net) => net.contains(client.addr) || net.contains(server.addr),
            Self::Port(port) => client.port == port || server.port == port,
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
            Self::Server(net) => write!(f, "server {net}"),
            Self::ServerAt(end) => write!(f, "server {end}"),
            Self::Client(net) => write!(f, "client {net}"),
            Self::Host(net) => write!(f, "host {net}"),
            Self::Port(port) => write!(f, "port {port}"),
        }
    }
}
