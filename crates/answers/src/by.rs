//! What attempts are put together by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handshake::{Facts, Outcome};
use parser::{Endpoint, Origin};

/// Seconds of a minute, in nanoseconds.
const MINUTE_NS: i64 = 60_000_000_000;

/// What attempts are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The server's address and port.
    #[default]
    Server,
    /// The server's address.
    Host,
    /// The client's address.
    Client,
    /// The network of the server's address, by the bits of its prefix.
    Subnet(u8),
    /// The server's port.
    Port,
    /// The innermost VLAN.
    Vlan,
    /// The interface that the first segment came from.
    Interface,
    /// The outcome.
    Outcome,
    /// The minute in which the attempt began.
    Minute,
}

/// What the attempts of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An address and port.
    Endpoint(Endpoint),
    /// An address.
    Addr(IpAddr),
    /// A network: its first address and the bits of its prefix.
    Subnet(IpAddr, u8),
    /// A port.
    Port(u16),
    /// A VLAN; `None` without one.
    Vlan(Option<u16>),
    /// An interface.
    Interface(Origin),
    /// An outcome.
    Outcome(Outcome),
    /// A minute: its begin, in nanoseconds since 1970. `None` without time stamps.
    Minute(Option<i64>),
}

impl By {
    /// Its name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Host => "host",
            Self::Client => "client",
            Self::Subnet(_) => "subnet",
            Self::Port => "port",
            Self::Vlan => "vlan",
            Self::Interface => "interface",
            Self::Outcome => "outcome",
            Self::Minute => "minute",
        }
    }

    /// The group that an attempt belongs to.
    pub(crate) fn key(self, facts: &Facts) -> Key {
        match self {
            Self::Server => Key::Endpoint(facts.server),
            Self::Host => Key::Addr(facts.server.addr),
            Self::Client => Key::Addr(facts.client.addr),
            Self::Subnet(bits) => subnet(facts.server.addr, bits),
            Self::Port => Key::Port(facts.server.port),
            Self::Vlan => Key::Vlan(facts.vlan),
            Self::Interface => Key::Interface(facts.origin),
            Self::Outcome => Key::Outcome(facts.outcome),
            Self::Minute => Key::Minute(facts.start.map(|start| {
                let since = start.as_nanos();
                since.saturating_sub(since.rem_euclid(MINUTE_NS))
            })),
        }
    }
}

fn subnet(addr: IpAddr, bits: u8) -> Key {
    match addr {
        IpAddr::V4(addr) => {
            let bits = bits.min(32);
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            Key::Subnet(Ipv4Addr::from(u32::from(addr) & mask).into(), bits)
        }
        IpAddr::V6(addr) => {
            let bits = bits.min(128);
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            Key::Subnet(Ipv6Addr::from(u128::from(addr) & mask).into(), bits)
        }
    }
}
