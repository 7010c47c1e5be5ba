//! From a described packet to the bytes of an Ethernet frame.

use std::net::IpAddr;

pub(crate) const PROTOCOL_TCP: u8 = 6;
const PROTOCOL_ICMP: u8 = 1;
const PROTOCOL_UDP: u8 = 17;
const PROTOCOL_ICMPV6: u8 = 58;
const HEADER_FRAGMENT: u8 = 44;

const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
const TYPE_VLAN: u16 = 0x8100;

/// One end of a line of the script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host {
    pub(crate) addr: IpAddr,
    pub(crate) port: u16,
    /// The last byte of its MAC address.
    pub(crate) mac: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) source: Host,
    pub(crate) destination: Host,
    /// VLAN ids, outermost first.
    pub(crate) vlans: Vec<u16>,
    /// The VXLAN network identifier of the tunnel around the frame.
    pub(crate) vxlan: Option<u32>,
    pub(crate) ttl: u8,
    /// IPv4 identification; unused for IPv6.
    pub(crate) ip_id: u16,
    pub(crate) fragment: Fragment,
    pub(crate) body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fragment {
    Whole,
    First,
    Later,
}

impl Fragment {
    /// Fragment offset in units of 8 bytes, and whether more fragments follow.
    fn fields(self) -> (u16, bool) {
        match self {
            Self::Whole => (0, false),
            Self::First => (0, true),
            Self::Later => (185, false),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Tcp(Tcp),
    Icmp(Icmp),
    /// The data of a UDP datagram.
    Udp(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(crate) struct Tcp {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u16,
    pub(crate) window: u16,
    pub(crate) urgent: u16,
    /// At most 40 bytes, a multiple of 4.
    pub(crate) options: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) checksum: ChecksumMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumMode {
    Right,
    /// Off by one bit.
    Bad,
    /// The sum of the pseudo header alone, as offload leaves it.
    Partial,
}

#[derive(Clone, Debug)]
pub(crate) struct Icmp {
    pub(crate) kind: u8,
    pub(crate) code: u8,
    /// The four bytes after the checksum: a next-hop MTU, or zero.
    pub(crate) rest: u32,
    /// The quoted IP packet.
    pub(crate) quoted: Vec<u8>,
}

impl Packet {
    pub(crate) fn ethernet(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        for host in [self.destination, self.source] {
            frame.extend_from_slice(&[2, 0, 0, 0, 0, host.mac]);
        }
        for vlan in &self.vlans {
            frame.extend_from_slice(&TYPE_VLAN.to_be_bytes());
            frame.extend_from_slice(&vlan.to_be_bytes());
        }
        let ethertype = if self.source.addr.is_ipv4() { TYPE_IPV4 } else { TYPE_IPV6 };
        frame.extend_from_slice(&ethertype.to_be_bytes());
        frame.extend_from_slice(&self.ip());
        match self.vxlan {
            Some(network) => in_vxlan(network, &frame),
            None => frame,
        }
    }

    pub(crate) fn ip(&self) -> Vec<u8> {
        let (protocol, payload) = match &self.body {
            Body::Tcp(tcp) => (PROTOCOL_TCP, tcp.bytes(self.source, self.destination)),
            Body::Icmp(icmp) => {
                let v6 = self.source.addr.is_ipv6();
                let protocol = if v6 { PROTOCOL_ICMPV6 } else { PROTOCOL_ICMP };
                (protocol, icmp.bytes(self.source.addr, self.destination.addr))
            }
            Body::Udp(data) => (PROTOCOL_UDP, udp(self.source, self.destination, data)),
        };
        let mut packet = match (self.source.addr, self.destination.addr) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                self.ipv4_header(protocol, payload.len(), source.octets(), destination.octets())
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                self.ipv6_header(protocol, payload.len(), source.octets(), destination.octets())
            }
            _ => unreachable!("the parser of the script refuses mixed address families"),
        };
        packet.extend_from_slice(&payload);
        packet
    }

    fn ipv4_header(
        &self,
        protocol: u8,
        payload: usize,
        source: [u8; 4],
        destination: [u8; 4],
    ) -> Vec<u8> {
        let (offset, more) = self.fragment.fields();
        let dont_fragment = self.fragment == Fragment::Whole;
        let flags = u16::from(dont_fragment) << 14 | u16::from(more) << 13 | offset;
        let mut header = vec![0x45, 0];
        header.extend_from_slice(&length(20 + payload).to_be_bytes());
        header.extend_from_slice(&self.ip_id.to_be_bytes());
        header.extend_from_slice(&flags.to_be_bytes());
        header.extend_from_slice(&[self.ttl, protocol, 0, 0]);
        header.extend_from_slice(&source);
        header.extend_from_slice(&destination);
        let sum = !internet_sum(&[&header]);
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        header
    }

    fn ipv6_header(
        &self,
        protocol: u8,
        payload: usize,
        source: [u8; 16],
        destination: [u8; 16],
    ) -> Vec<u8> {
        let fragmented = self.fragment != Fragment::Whole;
        let (next, payload) =
            if fragmented { (HEADER_FRAGMENT, payload + 8) } else { (protocol, payload) };
        let mut header = vec![0x60, 0, 0, 0];
        header.extend_from_slice(&length(payload).to_be_bytes());
        header.extend_from_slice(&[next, self.ttl]);
        header.extend_from_slice(&source);
        header.extend_from_slice(&destination);
        if fragmented {
            let (offset, more) = self.fragment.fields();
            header.extend_from_slice(&[protocol, 0]);
            header.extend_from_slice(&(offset << 3 | u16::from(more)).to_be_bytes());
            header.extend_from_slice(&u32::from(self.ip_id).to_be_bytes());
        }
        header
    }
}

impl Tcp {
    fn bytes(&self, source: Host, destination: Host) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&source.port.to_be_bytes());
        bytes.extend_from_slice(&destination.port.to_be_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.ack.to_be_bytes());
        let words = (20 + self.options.len() as u16) / 4;
        bytes.extend_from_slice(&(words << 12 | self.flags).to_be_bytes());
        bytes.extend_from_slice(&self.window.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&self.urgent.to_be_bytes());
        bytes.extend_from_slice(&self.options);
        bytes.extend_from_slice(&self.payload);
        let pseudo = pseudo_header(source.addr, destination.addr, PROTOCOL_TCP, bytes.len());
        let sum = match self.checksum {
            ChecksumMode::Right => !internet_sum(&[&pseudo, &bytes]),
            ChecksumMode::Bad => !internet_sum(&[&pseudo, &bytes]) ^ 0x0100,
            ChecksumMode::Partial => internet_sum(&[&pseudo]),
        };
        bytes[16..18].copy_from_slice(&sum.to_be_bytes());
        bytes
    }
}

impl Icmp {
    fn bytes(&self, source: IpAddr, destination: IpAddr) -> Vec<u8> {
        let mut bytes = vec![self.kind, self.code, 0, 0];
        bytes.extend_from_slice(&self.rest.to_be_bytes());
        bytes.extend_from_slice(&self.quoted);
        // ICMPv6 covers a pseudo header (RFC 4443, 2.3), ICMP does not (RFC 792).
        let pseudo = match source {
            IpAddr::V4(_) => Vec::new(),
            IpAddr::V6(_) => pseudo_header(source, destination, PROTOCOL_ICMPV6, bytes.len()),
        };
        let sum = !internet_sum(&[&pseudo, &bytes]);
        bytes[2..4].copy_from_slice(&sum.to_be_bytes());
        bytes
    }
}

/// A UDP datagram (RFC 768).
fn udp(source: Host, destination: Host, data: &[u8]) -> Vec<u8> {
    let length = length(8 + data.len());
    let mut bytes = Vec::new();
    for field in [source.port, destination.port, length, 0] {
        bytes.extend_from_slice(&field.to_be_bytes());
    }
    bytes.extend_from_slice(data);
    let pseudo = pseudo_header(source.addr, destination.addr, PROTOCOL_UDP, bytes.len());
    // A sum of 0 would say that there is none.
    let sum = match !internet_sum(&[&pseudo, &bytes]) {
        0 => u16::MAX,
        sum => sum,
    };
    bytes[6..8].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// `frame` in a VXLAN network between 10.0.0.1 and 10.0.0.2 (RFC 7348, 5).
fn in_vxlan(network: u32, frame: &[u8]) -> Vec<u8> {
    let udp_len = 8 + 8 + frame.len();
    let mut ip = vec![0x45, 0];
    ip.extend_from_slice(&length(20 + udp_len).to_be_bytes());
    ip.extend_from_slice(&[0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    let sum = !internet_sum(&[&ip]);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let mut tunnel = vec![2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 1, 1];
    tunnel.extend_from_slice(&TYPE_IPV4.to_be_bytes());
    tunnel.extend_from_slice(&ip);
    // The ports of source and VXLAN; a checksum of 0 is none.
    tunnel.extend_from_slice(&[0xc0, 0x00, 0x12, 0xb5]);
    tunnel.extend_from_slice(&length(udp_len).to_be_bytes());
    tunnel.extend_from_slice(&[0, 0, 0x08, 0, 0, 0]);
    tunnel.extend_from_slice(&(network << 8).to_be_bytes());
    tunnel.extend_from_slice(frame);
    tunnel
}

/// The pseudo header of RFC 9293, 3.1 (IPv4) or RFC 8200, 8.1 (IPv6).
fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8, len: usize) -> Vec<u8> {
    let mut header = Vec::new();
    for addr in [source, destination] {
        match addr {
            IpAddr::V4(addr) => header.extend_from_slice(&addr.octets()),
            IpAddr::V6(addr) => header.extend_from_slice(&addr.octets()),
        }
    }
    header.extend_from_slice(&(len as u32).to_be_bytes());
    header.extend_from_slice(&[0, 0, 0, protocol]);
    header
}

/// The one's complement sum of RFC 1071 over all parts; every part but the last has an even length.
fn internet_sum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u32;
    for word in parts.iter().flat_map(|part| part.chunks(2)) {
        sum += u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0));
    }
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}

fn length(len: usize) -> u16 {
    u16::try_from(len).expect("the parser of the script bounds the payload")
}
