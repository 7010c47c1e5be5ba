//! Which attempts an expectation is about.

use std::fmt;

use handshake::Facts;
use parser::{Endpoint, Ports, Subnet, seeming_port};

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
            Self::Server(net) => write!(f, "server {}", in_brackets(net)),
            Self::ServerAt(end) => write!(f, "server {end}"),
            Self::Client(net) => write!(f, "client {}", in_brackets(net)),
            Self::Host(net) => write!(f, "host {}", in_brackets(net)),
            Self::Port(ports) => {
                let ports: Vec<_> = ports.iter().map(Ports::to_string).collect();
                write!(f, "port {}", ports.join(","))
            }
        }
    }
}

/// A network, in brackets where it needs them to be parsed back.
fn in_brackets(net: &Subnet) -> String {
    let net = net.to_string();
    if seeming_port(&net).is_some() { format!("[{net}]") } else { net }
}
