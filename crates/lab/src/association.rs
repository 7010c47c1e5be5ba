//! What a connection is called: the association, its two halves, and the kinds of ports.

use std::fmt;
use std::fs;
use std::ops::RangeInclusive;

use parser::{Endpoint, named};

named! {
    /// The transport protocol of an association.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Protocol {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

/// A protocol and both ends: what makes a connection this one and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Association {
    /// The protocol.
    pub protocol: Protocol,
    /// The end that connected.
    pub client: Endpoint,
    /// The end that it connected to.
    pub server: Endpoint,
}

impl Association {
    /// Its two halves: the client's and the server's.
    pub const fn halves(&self) -> [HalfAssociation; 2] {
        let protocol = self.protocol;
        [
            HalfAssociation { protocol, end: self.client },
            HalfAssociation { protocol, end: self.server },
        ]
    }
}

impl fmt::Display for Association {
    /// `{tcp, 127.0.0.1:43210, 127.0.0.1:8080}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}, {}}}", self.protocol.name(), self.client, self.server)
    }
}

/// A protocol and one end: what one process holds of an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HalfAssociation {
    /// The protocol.
    pub protocol: Protocol,
    /// The end.
    pub end: Endpoint,
}

impl fmt::Display for HalfAssociation {
    /// `{tcp, 127.0.0.1:8080}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}}}", self.protocol.name(), self.end)
    }
}

named! {
    /// The kinds of ports: IANA's ranges (RFC 6335, section 6), and what the kernel hands out itself.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum PortClass {
        /// 0 to 1023: only a privileged process binds them, by default.
        WellKnown = "well-known",
        /// A port that the kernel gives to sockets which did not ask for one.
        Ephemeral = "ephemeral",
        /// 1024 to 49151, outside the kernel's ephemeral range.
        Registered = "registered",
        /// 49152 to 65535, outside the kernel's ephemeral range.
        Dynamic = "dynamic",
    }
}

impl PortClass {
    /// The class of `port` where the kernel's ephemeral ports are `range`.
    pub fn of(port: u16, range: &RangeInclusive<u16>) -> Self {
        match port {
            0..=1023 => Self::WellKnown,
            _ if range.contains(&port) => Self::Ephemeral,
            1024..=49151 => Self::Registered,
            _ => Self::Dynamic,
        }
    }
}

/// The kernel's ephemeral ports (`net.ipv4.ip_local_port_range`), for IPv4 and IPv6 alike; `None`
/// where it does not tell.
pub fn ephemeral_ports() -> Option<RangeInclusive<u16>> {
    parse_range(&fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

fn parse_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut numbers = text.split_whitespace().map(str::parse);
    Some(numbers.next()?.ok()?..=numbers.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn associations_and_their_halves_are_written_in_braces() {
        let association = Association {
            protocol: Protocol::Tcp,
            client: Endpoint::new(Ipv4Addr::LOCALHOST, 43210),
            server: Endpoint::new(Ipv6Addr::LOCALHOST, 8080),
        };
        assert_eq!(association.to_string(), "{tcp, 127.0.0.1:43210, [::1]:8080}");
        assert_eq!(
            association.halves().map(|half| half.to_string()),
            ["{tcp, 127.0.0.1:43210}", "{tcp, [::1]:8080}"]
        );
    }

    #[test]
    fn the_kernels_range_decides_what_is_ephemeral() {
        let linux = 32768..=60999;
        for (port, expected) in [
            (0, PortClass::WellKnown),
            (1023, PortClass::WellKnown),
            (1024, PortClass::Registered),
            (32767, PortClass::Registered),
            (32768, PortClass::Ephemeral),
            (60999, PortClass::Ephemeral),
            (61000, PortClass::Dynamic),
            (65535, PortClass::Dynamic),
        ] {
            assert_eq!(PortClass::of(port, &linux), expected, "{port}");
        }
        assert_eq!(PortClass::of(80, &(1..=65535)), PortClass::WellKnown);
    }

    #[test]
    fn the_range_is_read_as_the_kernel_writes_it() {
        assert_eq!(parse_range("32768\t60999\n"), Some(32768..=60999));
        assert_eq!(parse_range("32768"), None);
        assert_eq!(parse_range("1 70000"), None);
    }
}
