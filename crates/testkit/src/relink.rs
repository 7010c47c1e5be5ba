//! The same packets behind other link layers.

use crate::TestFrame;
use crate::pcap::Endian;

/// A link layer to move frames to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// BSD loopback (0): the address family in the writer's byte order, IPv6 being 24, 28 or 30.
    Null {
        /// The writer's byte order.
        endian: Endian,
        /// Its number for IPv6.
        af_inet6: u32,
    },
    /// OpenBSD loopback (108): the address family in network byte order.
    Loop,
    /// PPP with HDLC-like framing (9), address and control field included.
    Ppp,
    /// IP without anything before it (101).
    Raw,
    /// IP without anything before it, as its version's own link type (228 or 229).
    RawByVersion,
    /// Linux cooked capture, version 1 (113).
    Sll,
    /// Linux cooked capture, version 2 (276).
    Sll2,
    /// IEEE 802.11 data frame with LLC/SNAP (105).
    Ieee80211,
    /// The same behind a radiotap header (127).
    Radiotap,
}

impl Link {
    /// Every link layer, for twins.
    pub const ALL: [Self; 11] = [
        Self::Null { endian: Endian::Little, af_inet6: 24 },
        Self::Null { endian: Endian::Big, af_inet6: 28 },
        Self::Null { endian: Endian::Little, af_inet6: 30 },
        Self::Loop,
        Self::Ppp,
        Self::Raw,
        Self::RawByVersion,
        Self::Sll,
        Self::Sll2,
        Self::Ieee80211,
        Self::Radiotap,
    ];
}

const ETHERNET_HEADER: usize = 14;

/// The frames of a script behind another link layer, VLAN tags left out.
///
/// # Panics
/// If a frame is no Ethernet frame with IP in it, or is cut before the IP header.
pub fn relink(frames: &[TestFrame], link: Link) -> Vec<TestFrame> {
    frames.iter().map(|frame| one(frame, link)).collect()
}

fn one(frame: &TestFrame, link: Link) -> TestFrame {
    assert_eq!(frame.link, 1, "an Ethernet frame is expected");
    let mut start = ETHERNET_HEADER;
    while frame.bytes[start - 2..start] == [0x81, 0x00] {
        start += 4;
    }
    let version = frame.bytes[start] >> 4;
    let ethertype: u16 = match version {
        4 => 0x0800,
        6 => 0x86dd,
        _ => panic!("an IP packet is expected"),
    };
    let source: [u8; 6] = frame.bytes[6..12].try_into().expect("six bytes");
    let destination: [u8; 6] = frame.bytes[..6].try_into().expect("six bytes");
    let (link, header) = header(link, ethertype, source, destination);
    TestFrame {
        timestamp_ns: frame.timestamp_ns,
        link,
        wire_len: frame.wire_len - start as u32 + header.len() as u32,
        bytes: [&header, &frame.bytes[start..]].concat(),
    }
}

/// The link type and the bytes in front of the IP header.
fn header(link: Link, ethertype: u16, source: [u8; 6], destination: [u8; 6]) -> (u32, Vec<u8>) {
    let v6 = ethertype == 0x86dd;
    let family = |af_inet6| if v6 { af_inet6 } else { 2 };
    let kind = ethertype.to_be_bytes();
    match link {
        Link::Null { endian, af_inet6 } => (0, endian.u32(family(af_inet6)).to_vec()),
        Link::Loop => (108, Endian::Big.u32(family(24)).to_vec()),
        Link::Ppp => (9, vec![0xff, 0x03, 0x00, if v6 { 0x57 } else { 0x21 }]),
        Link::Raw => (101, Vec::new()),
        Link::RawByVersion => (if v6 { 229 } else { 228 }, Vec::new()),
        // Packet type 0 (to us), ARPHRD_ETHER, an address of six bytes in eight, protocol.
        Link::Sll => (113, [&[0, 0, 0, 1, 0, 6], &source[..], &[0, 0], &kind].concat()),
        // Protocol, reserved, interface index, ARPHRD_ETHER, packet type, address.
        Link::Sll2 => {
            let rest: &[u8] = &[0, 0, 0, 0, 0, 1, 0, 1, 0, 6];
            (276, [&kind, rest, &source, &[0, 0]].concat())
        }
        Link::Ieee80211 => (105, ieee80211(kind, source, destination)),
        // Version 0, eight bytes long, no fields.
        Link::Radiotap => {
            let radiotap: &[u8] = &[0, 0, 8, 0, 0, 0, 0, 0];
            (127, [radiotap, &ieee80211(kind, source, destination)].concat())
        }
    }
}

/// A data frame from an access point to a station: frame control, duration, receiver, BSSID,
/// sender, sequence control; then LLC/SNAP.
fn ieee80211(kind: [u8; 2], source: [u8; 6], destination: [u8; 6]) -> Vec<u8> {
    let bssid = [2, 0, 0, 0, 0, 0xff];
    let control: &[u8] = &[0x08, 0x02, 0, 0];
    let snap: &[u8] = &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0];
    [control, &destination, &bssid, &source, snap, &kind].concat()
}
