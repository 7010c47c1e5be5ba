//! A first check of a frame, for a caller that has to decide in a few nanoseconds whether to decode
//! it.

use crate::{Endpoint, Flags, Fragment, LinkType, Segment, SeqNumber};

const ETHERNET: usize = 14;
const IPV4: usize = 20;
const IPV6: usize = 40;
const TCP: usize = 20;

/// The fields of a segment that say which connection it belongs to and whether it begins one.
///
/// A glance is all or nothing. It sees plain frames only: Ethernet, then IPv4 without options or IPv6
/// without extension headers, neither in fragments, then TCP. Where it sees something, that is what
/// walking through the layers would find, and no [`Layer`](crate::Layer) is around it; where it sees
/// nothing, that says nothing about the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<'a> {
    /// Who sent the segment.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// Its control bits.
    pub flags: Flags,
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
    #[inline]
    pub fn of(link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Option<Self> {
        if link != LinkType::ETHERNET {
            return None;
        }
        let (ethernet, ip) = bytes.split_first_chunk::<ETHERNET>()?;
        let room = (wire_len as usize).checked_sub(ETHERNET)?;
        match u16::from_be_bytes([ethernet[12], ethernet[13]]) {
            0x0800 => Self::of_ipv4(room, ip),
            0x86dd => Self::of_ipv6(room, ip),
            _ => None,
        }
    }

    /// The segment's sequence number.
    #[inline]
    pub fn seq(&self) -> SeqNumber {
        SeqNumber(self.number(4))
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

    /// The whole segment.
    #[inline]
    pub fn segment(&self) -> Segment<'a> {
        Segment {
            source: self.source,
            destination: self.destination,
            seq: self.seq(),
            ack_field: SeqNumber(self.number(8)),
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
    fn of_ipv4(room: usize, bytes: &'a [u8]) -> Option<Self> {
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
            ttl: ip[8],
            ip_id: Some(u16::from_be_bytes([ip[4], ip[5]])),
            tcp_len: total - IPV4,
            fixed,
            tcp,
        })
    }

    #[inline]
    fn of_ipv6(room: usize, bytes: &'a [u8]) -> Option<Self> {
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
            ttl: ip[7],
            ip_id: None,
            tcp_len,
            fixed,
            tcp,
        })
    }
}
