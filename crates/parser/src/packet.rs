//! What a frame turned out to hold.

use std::fmt;
use std::net::IpAddr;

use crate::{Endpoint, Flags, Options, Other, SeqNumber, named};

/// A decoded frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What lies around the innermost IP header, outermost first. Empty for plain TCP over IP.
    pub layers: &'a [Layer],
    /// What lies in it.
    pub content: Content<'a>,
}

/// What the innermost layer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// An ICMP or `ICMPv6` error that quotes a TCP segment.
    Icmp(IcmpError),
    /// Understood as far as it goes, and no TCP in it.
    Other(Other),
    /// Decoding stopped before it was known what the frame holds.
    Stopped(Stopped),
}

/// A layer around the innermost IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// IEEE 802.1Q / 802.1ad tag with its VLAN id.
    Vlan(u16),
    /// MPLS label.
    Mpls(u32),
    /// `PPPoE` session.
    Pppoe(u16),
    /// Provider backbone bridge service id (IEEE 802.1ah).
    Pbb(u32),
    /// Cisco `FabricPath`.
    FabricPath,
    /// An IP header that turned out to be the outer one: the tunnel's end points.
    OuterIp {
        /// Who sent the outer packet.
        source: IpAddr,
        /// Who it was sent to.
        destination: IpAddr,
    },
    /// IP directly in IP; the outer addresses are the `OuterIp` before it.
    IpInIp,
    /// GRE, with its key where it carries one.
    Gre {
        /// RFC 2890 key, or the call id of version 1 (PPTP).
        key: Option<u32>,
    },
    /// ERSPAN (types I, II, III), with the session id of types II and III.
    Erspan {
        /// The mirror session.
        session: Option<u16>,
    },
    /// VXLAN network identifier.
    Vxlan(u32),
    /// Geneve network identifier.
    Geneve(u32),
    /// GTP-U tunnel end point identifier.
    GtpU(u32),
    /// Teredo (IPv6 in UDP in IPv4).
    Teredo,
    /// IP authentication header with its security parameters index.
    Ah(u32),
}

impl Layer {
    /// Whether the same addresses and ports in another one of this kind are another connection. MPLS
    /// labels, GTP-U tunnels and the keys, sessions and indices of the others may differ between the
    /// two directions of one connection, or name no network.
    pub const fn tells_apart(&self) -> bool {
        match self {
            Self::Vlan(_) | Self::OuterIp { .. } | Self::Vxlan(_) | Self::Geneve(_) => true,
            Self::Mpls(_)
            | Self::Pppoe(_)
            | Self::Pbb(_)
            | Self::FabricPath
            | Self::IpInIp
            | Self::Gre { .. }
            | Self::Erspan { .. }
            | Self::GtpU(_)
            | Self::Teredo
            | Self::Ah(_) => false,
        }
    }
}

impl fmt::Display for Layer {
    /// As the `encapsulation` of the JSON names it: `vlan 100`, `vxlan 42`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Vlan(id) => write!(f, "vlan {id}"),
            Self::Mpls(label) => write!(f, "mpls {label}"),
            Self::Pppoe(session) => write!(f, "pppoe {session}"),
            Self::Pbb(service) => write!(f, "pbb {service}"),
            Self::FabricPath => f.write_str("fabricpath"),
            Self::OuterIp { source, destination } => write!(f, "ip {source} > {destination}"),
            Self::IpInIp => f.write_str("ip-in-ip"),
            Self::Gre { key: None } => f.write_str("gre"),
            Self::Gre { key: Some(key) } => write!(f, "gre {key}"),
            Self::Erspan { session: None } => f.write_str("erspan"),
            Self::Erspan { session: Some(session) } => write!(f, "erspan {session}"),
            Self::Vxlan(id) => write!(f, "vxlan {id}"),
            Self::Geneve(id) => write!(f, "geneve {id}"),
            Self::GtpU(id) => write!(f, "gtp-u {id}"),
            Self::Teredo => f.write_str("teredo"),
            Self::Ah(spi) => write!(f, "ah {spi}"),
        }
    }
}

/// What IP fragmentation says about a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fragment {
    /// A whole packet.
    #[default]
    Whole,
    /// The first fragment: the TCP header is here, some of the data is elsewhere, so the segment's
    /// length is only known to be at least what is here.
    First,
}

/// A TCP segment with the facts of the IP header it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// SEG.SEQ of RFC 9293.
    pub seq: SeqNumber,
    /// The acknowledgment field as it stands there. It means something only where [`Flags::ACK`]
    /// is set: [`Segment::ack`].
    pub ack_field: SeqNumber,
    /// The control bits.
    pub flags: Flags,
    /// The window field, unscaled.
    pub window: u16,
    /// Bytes of data after the TCP header, by the lengths in the headers (the capture may hold fewer).
    pub len: u32,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// IPv4 identification; IPv6 has none outside fragments.
    pub ip_id: Option<u16>,
    /// Whether it is a fragment.
    pub fragment: Fragment,
    /// The TCP header length by its data offset, in bytes: 20 to 60.
    pub header_len: u8,
    /// The TCP header and data, as far as they were captured.
    pub bytes: &'a [u8],
}

impl<'a> Segment<'a> {
    /// SEG.ACK, where the ACK bit says that there is one.
    pub fn ack(&self) -> Option<SeqNumber> {
        self.flags.contains(Flags::ACK).then_some(self.ack_field)
    }

    /// The sequence number that follows this segment: SYN and FIN each take one (RFC 9293, 3.4).
    pub fn next_seq(&self) -> SeqNumber {
        let control =
            u32::from(self.flags.contains(Flags::SYN)) + u32::from(self.flags.contains(Flags::FIN));
        self.seq.plus(self.len).plus(control)
    }

    /// The captured option bytes, undecoded. Shorter than the header says where the capture was cut.
    pub fn option_bytes(&self) -> &'a [u8] {
        let end = usize::from(self.header_len).min(self.bytes.len());
        self.bytes.get(20..end).unwrap_or_default()
    }

    /// The options in wire order.
    pub fn options(&self) -> Options<'a> {
        Options::new(self.option_bytes())
    }

    /// Whether the capture cut off some of the options.
    pub fn options_cut(&self) -> bool {
        self.bytes.len() < usize::from(self.header_len)
    }
}

named! {
    /// Which ICMP.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum IcmpFamily {
        /// ICMP for IPv4 (RFC 792).
        V4 = "icmp",
        /// `ICMPv6` (RFC 4443).
        V6 = "icmpv6",
    }
}

/// An ICMP error about a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// ICMP or `ICMPv6`.
    pub family: IcmpFamily,
    /// The message type: 3, 4, 5, 11, 12 for ICMP; 1 to 4 for `ICMPv6`.
    pub kind: u8,
    /// The code within the type.
    pub code: u8,
    /// Who reports the error.
    pub sender: IpAddr,
    /// Who it is reported to.
    pub receiver: IpAddr,
    /// Time to live of the packet that carried the report.
    pub ttl: u8,
    /// IPv4 identification of that packet.
    pub ip_id: Option<u16>,
    /// Next-hop MTU where the message carries one (ICMP 3/4, `ICMPv6` 2/0).
    pub mtu: Option<u32>,
    /// The segment it is about.
    pub quoted: Quoted,
}

impl IcmpError {
    /// Whether the error says that the segment did not and will not arrive: destination unreachable,
    /// time exceeded or a parameter problem. A path MTU report asks for shorter packets, a source
    /// quench for fewer, a redirect for another way; none of them refuses.
    pub const fn is_unreachable(&self) -> bool {
        match (self.family, self.kind, self.code) {
            (IcmpFamily::V4, 3, code) => code != 4,
            (IcmpFamily::V4, kind, _) => matches!(kind, 11 | 12),
            (IcmpFamily::V6, kind, _) => matches!(kind, 1 | 3 | 4),
        }
    }
}

/// What an ICMP error quotes of a TCP segment: at least eight bytes of it (RFC 792).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Who had sent the segment.
    pub source: Endpoint,
    /// Who it was for.
    pub destination: Endpoint,
    /// Its sequence number.
    pub seq: SeqNumber,
    /// Its control bits, where the quotation reaches that far.
    pub flags: Option<Flags>,
    /// The time to live it had left where the error arose.
    pub ttl: u8,
    /// Its IPv4 identification.
    pub ip_id: Option<u16>,
    /// Its TSval, where the quotation reaches that far.
    pub tsval: Option<u32>,
}

/// Where and why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stopped {
    /// The layer that could not be decoded: `ethernet`, `ipv4`, `tcp` ...
    pub layer: &'static str,
    /// The reason.
    pub reason: Reason,
    /// Where that layer starts in the frame.
    pub offset: u32,
}

/// Why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The frame ends before the layer does.
    Truncated {
        /// Bytes the layer needs from its start.
        needed: u32,
        /// Bytes there are.
        got: u32,
    },
    /// A field has a value that it can't have; the text says which.
    Malformed(&'static str),
    /// A link type, version or encoding that is not decoded, by its number.
    Unsupported(u32),
    /// More layers than are followed.
    TooDeep,
}

impl Reason {
    /// The kind of reason, for counting alike ones together.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated",
            Self::Malformed(what) => what,
            Self::Unsupported(_) => "unsupported",
            Self::TooDeep => "too many layers",
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, reason, offset } = self;
        match reason {
            Reason::Truncated { needed, got } => {
                write!(f, "{layer} at byte {offset}: needs {needed} bytes, {got} are there")
            }
            Reason::Malformed(what) => write!(f, "{layer} at byte {offset}: {what}"),
            Reason::Unsupported(number) => {
                write!(f, "{layer} at byte {offset}: {number} is not supported")
            }
            Reason::TooDeep => write!(f, "{layer} at byte {offset}: too many layers"),
        }
    }
}
