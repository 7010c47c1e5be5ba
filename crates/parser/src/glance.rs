//! A first check of a frame, for a caller that has to decide in a few nanoseconds whether to decode
//! it.

use std::ops::Deref;

use crate::link::{is_ip_family, loopback_family};
use crate::{Endpoint, Flags, Fragment, Layer, LinkType, Segment, SeqNumber};

const ETHERNET: usize = 14;
const COOKED: usize = 16;
const COOKED_2: usize = 20;
const FAMILY: usize = 4;
const TAG: usize = 4;
/// `EtherType`s.
const IPV4_NUMBER: u16 = 0x0800;
const IPV6_NUMBER: u16 = 0x86dd;
const IPV4: usize = 20;
const IPV6: usize = 40;
const TCP: usize = 20;
/// VLAN tags that it sees.
const VLANS: usize = 2;

/// The fields of a segment that say which connection it belongs to and whether it begins one.
///
/// A glance is all or nothing. It sees plain frames only. They begin as Ethernet with at most two VLAN tags, as
/// a Linux cooked capture, as one of a BSD loopback, or with the IP header. That is IPv4 without options or IPv6
/// without extension headers, and no fragment; TCP follows. Where a glance sees something, that is what walking
/// through the layers would find; where it sees nothing, that says nothing about the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<'a> {
    /// Who sent the segment.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// Its control bits.
    pub flags: Flags,
    vlans: Vlans,
    ttl: u8,
    ip_id: Option<u16>,
    /// The length of TCP header and data by the IP header.
    tcp_len: usize,
    fixed: &'a [u8; TCP],
    /// The TCP header and data, as far as captured, and what may follow the IP packet.
    tcp: &'a [u8],
}

impl<'a> Glance<'a> {
    /// What a glance at a frame of `link` type, `wire_len` bytes long on the wire, of which `bytes` was
    /// captured, shows.
    #[expect(
        clippy::inline_always,
        reason = "left to itself, the compiler makes it a call for each frame"
    )]
    #[inline(always)]
    pub fn of(link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Option<Self> {
        if link != LinkType::ETHERNET {
            return Self::of_other(link, wire_len, bytes);
        }
        let (ethernet, rest) = bytes.split_first_chunk::<ETHERNET>()?;
        let room = (wire_len as usize).checked_sub(ETHERNET)?;
        match u16::from_be_bytes([ethernet[12], ethernet[13]]) {
            IPV4_NUMBER => Self::of_ipv4(room, rest, Vlans::NONE),
            IPV6_NUMBER => Self::of_ipv6(room, rest, Vlans::NONE),
            number => Self::of_tagged(number, room, rest),
        }
    }

    /// What a frame shows whose tags begin with `number`.
    #[inline(never)]
    fn of_tagged(mut number: u16, mut room: usize, mut bytes: &'a [u8]) -> Option<Self> {
        let mut vlans = Vlans::NONE;
        while let 0x8100 | 0x88a8 | 0x9100 | 0x9200 = number {
            let (&[high, low, after @ ..], rest) = bytes.split_first_chunk::<TAG>()?;
            vlans = vlans.with(u16::from_be_bytes([high, low]) & 0x0fff)?;
            (number, bytes) = (u16::from_be_bytes(after), rest);
            room = room.checked_sub(TAG)?;
        }
        Self::of_ip(number, room, bytes, vlans)
    }

    /// What a frame shows that does not begin as Ethernet does.
    #[inline(never)]
    fn of_other(link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Option<Self> {
        let wire_len = wire_len as usize;
        match link {
            LinkType::LINUX_SLL => {
                Self::of_cooked((bytes.get(14..16)?, bytes.get(2..4)?, COOKED), wire_len, bytes)
            }
            LinkType::LINUX_SLL2 => {
                Self::of_cooked((bytes.get(..2)?, bytes.get(8..10)?, COOKED_2), wire_len, bytes)
            }
            _ if link.is_raw_ip() => Self::of_either(wire_len, bytes),
            _ if link.is_loopback() => {
                let (family, rest) = bytes.split_first_chunk::<FAMILY>()?;
                let room = wire_len.checked_sub(FAMILY)?;
                is_ip_family(loopback_family(*family)).then(|| Self::of_either(room, rest))?
            }
            _ => None,
        }
    }

    /// What a frame shows with a cooked header so long, and these fields in it.
    fn of_cooked(
        (number, hardware, len): (&[u8], &[u8], usize),
        wire_len: usize,
        bytes: &'a [u8],
    ) -> Option<Self> {
        let [number, hardware] = [number, hardware].map(|it| u16::from_be_bytes([it[0], it[1]]));
        // To wireless hardware and netlink the number has no meaning.
        if let 801..=803 | 824 = hardware {
            return None;
        }
        Self::of_ip(number, wire_len.checked_sub(len)?, bytes.get(len..)?, Vlans::NONE)
    }

    /// What an IP packet shows of which the version is known from itself alone.
    fn of_either(room: usize, bytes: &'a [u8]) -> Option<Self> {
        let number = if bytes.first()? >> 4 == 4 { IPV4_NUMBER } else { IPV6_NUMBER };
        Self::of_ip(number, room, bytes, Vlans::NONE)
    }

    #[inline]
    fn of_ip(number: u16, room: usize, bytes: &'a [u8], vlans: Vlans) -> Option<Self> {
        match number {
            IPV4_NUMBER => Self::of_ipv4(room, bytes, vlans),
            IPV6_NUMBER => Self::of_ipv6(room, bytes, vlans),
            _ => None,
        }
    }

    /// The VLAN tags around it, the outermost first.
    #[inline]
    pub fn layers(&self) -> impl Deref<Target = [Layer]> + use<> {
        Layers { all: self.vlans.ids.map(Layer::Vlan), count: self.vlans.count }
    }

    /// Whether these are its [`layers`](Self::layers).
    #[inline]
    pub fn is_within(&self, layers: &[Layer]) -> bool {
        let ids = self.vlans.ids.iter().take(usize::from(self.vlans.count));
        ids.map(|&id| Layer::Vlan(id)).eq(layers.iter().copied())
    }

    /// The segment's sequence number.
    #[inline]
    pub fn seq(&self) -> SeqNumber {
        SeqNumber(self.number(4))
    }

    /// The segment's acknowledgment field.
    #[inline]
    pub fn ack_field(&self) -> SeqNumber {
        SeqNumber(self.number(8))
    }

    /// Bytes of data.
    #[inline]
    pub fn data_len(&self) -> u32 {
        self.tcp_len.saturating_sub(usize::from(self.header_len())) as u32
    }

    #[inline]
    fn header_len(&self) -> u8 {
        (self.fixed[12] >> 4) * 4
    }

    /// Captured bytes of the frame behind the TCP header. A glance at the frame without them shows the same but
    /// for the checksum, and for whether the data was captured.
    #[inline]
    pub fn len_behind_header(&self) -> usize {
        self.tcp.len().saturating_sub(usize::from(self.header_len()))
    }

    /// The whole segment.
    #[inline]
    pub fn segment(&self) -> Segment<'a> {
        Segment {
            source: self.source,
            destination: self.destination,
            seq: self.seq(),
            ack_field: self.ack_field(),
            flags: self.flags,
            window: u16::from_be_bytes([self.fixed[14], self.fixed[15]]),
            len: self.data_len(),
            ttl: self.ttl,
            ip_id: self.ip_id,
            fragment: Fragment::Whole,
            header_len: self.header_len(),
            bytes: &self.tcp[..self.tcp_len.min(self.tcp.len())],
        }
    }

    #[inline]
    fn number(&self, at: usize) -> u32 {
        let fixed = self.fixed;
        u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
    }

    #[inline]
    fn of_ipv4(room: usize, bytes: &'a [u8], vlans: Vlans) -> Option<Self> {
        let (ip, tcp) = bytes.split_first_chunk::<IPV4>()?;
        let fixed = tcp.first_chunk::<TCP>()?;
        let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        // More fragments, or an offset.
        let fragment = u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff != 0;
        let plain = ip[0] == 0x45 && ip[9] == 6 && !fragment;
        if !plain || total < IPV4 + TCP || total > room || fixed[12] >> 4 < 5 {
            return None;
        }
        let port = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        Some(Self {
            source: Endpoint::new([ip[12], ip[13], ip[14], ip[15]], port(0)),
            destination: Endpoint::new([ip[16], ip[17], ip[18], ip[19]], port(2)),
            flags: Flags(port(12) & 0x0fff),
            vlans,
            ttl: ip[8],
            ip_id: Some(u16::from_be_bytes([ip[4], ip[5]])),
            tcp_len: total - IPV4,
            fixed,
            tcp,
        })
    }

    #[inline]
    fn of_ipv6(room: usize, bytes: &'a [u8], vlans: Vlans) -> Option<Self> {
        let (ip, tcp) = bytes.split_first_chunk::<IPV6>()?;
        let fixed = tcp.first_chunk::<TCP>()?;
        let tcp_len = usize::from(u16::from_be_bytes([ip[4], ip[5]]));
        let plain = ip[0] >> 4 == 6 && ip[6] == 6;
        if !plain || tcp_len < TCP || IPV6 + tcp_len > room || fixed[12] >> 4 < 5 {
            return None;
        }
        let (_, addresses) = ip.split_first_chunk::<8>()?;
        let (source, rest) = addresses.split_first_chunk::<16>()?;
        let destination = rest.first_chunk::<16>()?;
        let port = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        Some(Self {
            source: Endpoint::new(*source, port(0)),
            destination: Endpoint::new(*destination, port(2)),
            flags: Flags(port(12) & 0x0fff),
            vlans,
            ttl: ip[7],
            ip_id: None,
            tcp_len,
            fixed,
            tcp,
        })
    }
}

/// The ids of VLAN tags, the outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Vlans {
    ids: [u16; VLANS],
    count: u8,
}

impl Vlans {
    const NONE: Self = Self { ids: [0; VLANS], count: 0 };

    /// These and another one within them; `None` where there are too many.
    fn with(mut self, id: u16) -> Option<Self> {
        *self.ids.get_mut(usize::from(self.count))? = id;
        self.count += 1;
        Some(self)
    }
}

/// Layers by value.
struct Layers {
    all: [Layer; VLANS],
    count: u8,
}

impl Deref for Layers {
    type Target = [Layer];

    #[inline]
    fn deref(&self) -> &[Layer] {
        self.all.get(..usize::from(self.count)).unwrap_or_default()
    }
}
