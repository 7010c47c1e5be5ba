//! Packets for the truth table, written down byte by byte.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Source and destination.
pub(super) type Pair = (IpAddr, IpAddr);

pub(super) fn v4(source: [u8; 4], destination: [u8; 4]) -> Pair {
    (Ipv4Addr::from(source).into(), Ipv4Addr::from(destination).into())
}

pub(super) fn v6(source: &str, destination: &str) -> Pair {
    let parse = |text: &str| text.parse::<Ipv6Addr>().unwrap().into();
    (parse(source), parse(destination))
}

pub(super) fn tcp(source: u16, destination: u16, flags: u8, data: usize) -> Vec<u8> {
    let mut bytes = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    bytes.extend([0; 8]);
    bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.resize(20 + data, 0);
    bytes
}

pub(super) fn udp(source: u16, destination: u16) -> Vec<u8> {
    let mut bytes = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    bytes.extend([0, 28, 0, 0]);
    bytes.resize(28, 0);
    bytes
}

/// An ICMP or `ICMPv6` message of this type.
pub(super) fn icmp(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0, 0, 0, 0, 0, 0, 0], body].concat()
}

/// `body` behind an authentication header.
pub(super) fn authenticated(protocol: u8, body: &[u8]) -> Vec<u8> {
    [&[protocol, 4][..], &[0; 22], body].concat()
}

/// What varies in an IPv4 header.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct V4 {
    /// Option bytes, a multiple of 4.
    pub(super) options: u8,
    /// The field of flags and fragment offset.
    pub(super) fragment: u16,
}

pub(super) fn ipv4(header: V4, (source, destination): Pair, protocol: u8, body: &[u8]) -> Vec<u8> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (source, destination) else {
        panic!("IPv4 addresses");
    };
    let mut bytes = vec![0x45 + header.options / 4, 0];
    bytes.extend((20 + u16::from(header.options) + body.len() as u16).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(header.fragment.to_be_bytes());
    bytes.extend([64, protocol, 0, 0]);
    bytes.extend(source.octets());
    bytes.extend(destination.octets());
    bytes.extend(vec![1; header.options.into()]);
    bytes.extend(body);
    bytes
}

/// IPv6 with these extension headers, each by its number, its bytes after the next-header field
/// following from that.
pub(super) fn ipv6(pair: Pair, extensions: &[u8], protocol: u8, body: &[u8]) -> Vec<u8> {
    ipv6_fragment(pair, extensions, 0, protocol, body)
}

/// The same, with this offset (in units of 8 bytes) in fragment headers.
pub(super) fn ipv6_fragment(
    (source, destination): Pair,
    extensions: &[u8],
    offset: u16,
    protocol: u8,
    body: &[u8],
) -> Vec<u8> {
    let (IpAddr::V6(source), IpAddr::V6(destination)) = (source, destination) else {
        panic!("IPv6 addresses");
    };
    let next = |at: usize| extensions.get(at).copied().unwrap_or(protocol);
    let mut rest = Vec::new();
    for (at, extension) in extensions.iter().enumerate() {
        rest.push(next(at + 1));
        match extension {
            44 => {
                rest.push(0);
                rest.extend((offset << 3 | 1).to_be_bytes());
                rest.extend([0; 4]);
            }
            // Authentication: 24 bytes are 6 units of 4, minus 2.
            51 => rest.extend([&[4][..], &[0; 22]].concat()),
            // 16 bytes are 2 units of 8, minus 1. The content looks like TCP on purpose.
            _ => rest.extend([&[1][..], &[6; 14]].concat()),
        }
    }
    rest.extend(body);
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend((rest.len() as u16).to_be_bytes());
    bytes.extend([next(0), 64]);
    bytes.extend(source.octets());
    bytes.extend(destination.octets());
    bytes.extend(rest);
    bytes
}

/// An Ethernet frame with these VLAN tags around an IP packet.
pub(super) fn ethernet(tags: &[u16], packet: &[u8]) -> Vec<u8> {
    let ethertype = if packet[0] >> 4 == 4 { 0x0800 } else { 0x86dd };
    with_ethertype(tags, ethertype, packet)
}

pub(super) fn with_ethertype(tags: &[u16], ethertype: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2; 12];
    for tag in tags {
        bytes.extend(tag.to_be_bytes());
        bytes.extend([0, 100]);
    }
    bytes.extend(ethertype.to_be_bytes());
    bytes.extend(body);
    bytes
}
