//! What a frame holds where it holds no TCP.

use std::fmt;

use crate::LinkType;

/// What was met instead of TCP. It is understood as far as it goes, and named after the field that
/// announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Other {
    /// A protocol in IP, by its number. An ICMP message that quotes no TCP is among them.
    Ip(u8),
    /// What an `EtherType` announces (ARP, LLDP ...).
    EtherType(u16),
    /// A protocol type of GRE.
    Gre(u16),
    /// A PPP protocol.
    Ppp(u16),
    /// What an access point of IEEE 802.2 stands for (spanning tree, IS-IS ...).
    Llc(u8),
    /// An organisation's own protocol in SNAP: its number (three bytes), the protocol's.
    Snap(u32, u16),
    /// A network layer protocol identifier (ISO/IEC TR 9577).
    Nlpid(u8),
    /// An address family in the header that a host puts before its packets.
    Family(u32),
    /// A link type that is not decoded.
    Link(LinkType),
    /// A fragment of an IP packet that is not its first: the TCP header is elsewhere.
    LaterFragment,
    /// The first fragment of an IP packet, and it cuts the TCP header (RFC 1858): the rest of that is
    /// elsewhere.
    HeaderFragment,
    /// What no number stands for: a frame of Wi-Fi's own, a log entry without a packet ...
    Named(&'static str),
}

impl fmt::Display for Other {
    /// `udp`, or its number where it has no name here: `ip protocol 132`, `ethertype 0x88b5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Ip(number) => match ip_name(number) {
                Some(name) => f.write_str(name),
                None => write!(f, "ip protocol {number}"),
            },
            Self::EtherType(number) => match ether_type_name(number) {
                Some(name) => f.write_str(name),
                None => write!(f, "ethertype {number:#06x}"),
            },
            Self::Gre(number) => write!(f, "gre type {number:#06x}"),
            Self::Ppp(number) => write!(f, "ppp {number:#06x}"),
            Self::Llc(0x42) => f.write_str("spanning tree"),
            Self::Llc(number) => write!(f, "llc {number:#04x}"),
            Self::Snap(organisation, number) => {
                write!(f, "snap {organisation:#08x} {number:#06x}")
            }
            Self::Nlpid(number) => write!(f, "nlpid {number:#04x}"),
            Self::Family(number) => write!(f, "address family {number}"),
            Self::Link(link) => write!(f, "{link} not supported"),
            Self::LaterFragment => f.write_str("later fragment"),
            Self::HeaderFragment => f.write_str("fragment of a tcp header"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// The protocols of IP that captures are full of (IANA's registry).
const fn ip_name(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "icmp",
        2 => "igmp",
        17 => "udp",
        33 => "dccp",
        47 => "gre",
        50 => "esp",
        58 => "icmpv6",
        59 => "ipv6 without payload",
        88 => "eigrp",
        89 => "ospf",
        103 => "pim",
        112 => "vrrp",
        115 => "l2tp",
        132 => "sctp",
        _ => return None,
    })
}

/// The `EtherType`s that captures are full of (the registry of the IEEE).
const fn ether_type_name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0806 => "arp",
        0x8035 => "rarp",
        0x8137 => "ipx",
        0x8809 => "slow protocols",
        0x8863 => "pppoe discovery",
        0x888e => "eapol",
        0x88cc => "lldp",
        0x88e5 => "encrypted macsec",
        0x88f7 => "ptp",
        0x9000 => "loopback test",
        _ => return None,
    })
}

/// How often each was met. Whatever the input is, a fixed number of kinds has a count of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    kinds: Vec<(Other, u64)>,
    rest: u64,
}

impl Tally {
    /// How many kinds have a count of their own: those that were met first.
    pub const KINDS: usize = 32;

    /// Counts one frame. The few kinds of a capture are found fastest in a list whose most frequent
    /// ones come first; it is put in order as it grows in numbers, so that nothing is allocated for
    /// a frame.
    pub fn count(&mut self, met: Other) {
        match self.kinds.iter().position(|(kind, _)| *kind == met) {
            Some(at) => {
                self.kinds[at].1 += 1;
                if at > 0 && self.kinds[at - 1].1 < self.kinds[at].1 {
                    self.kinds.swap(at - 1, at);
                }
            }
            None if self.kinds.len() < Self::KINDS => self.kinds.push((met, 1)),
            None => self.rest += 1,
        }
    }

    /// What was met and how often, about the most frequent first.
    pub fn kinds(&self) -> &[(Other, u64)] {
        &self.kinds
    }

    /// How many frames were of other kinds than those.
    pub const fn rest(&self) -> u64 {
        self.rest
    }
}
