//! A first look at a frame, for whoever has to tell in a few nanoseconds whether to look again.

use crate::{Endpoint, Flags, LinkType};

const ETHERNET: usize = 14;
const IPV4: usize = 20;
const IPV6: usize = 40;
const TCP: usize = 20;

/// The fields of a segment that say which connection it belongs to and whether it begins one.
///
/// A glance is all or nothing. It sees plain frames only: Ethernet, then IPv4 without options or IPv6
/// without extension headers, neither in fragments, then TCP. Where it sees something,
/// [`Decoder::decode`](crate::Decoder::decode) finds a segment with the same fields and no
/// [`Layer`](crate::Layer) around it; where it sees nothing, that says nothing about the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Who sent the segment.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// Its control bits.
    pub flags: Flags,
}

impl Glance {
    /// What a glance at a frame of `link` type, `wire_len` bytes long on the wire, of which `bytes` was
    /// captured, shows.
    #[inline]
    pub fn of(link: LinkType, wire_len: u32, bytes: &[u8]) -> Option<Self> {
        if link != LinkType::ETHERNET {
            return None;
        }
        let (ethernet, ip) = bytes.split_first_chunk::<ETHERNET>()?;
        let room = (wire_len as usize).checked_sub(ETHERNET)?;
        match [ethernet[12], ethernet[13]] {
            [0x08, 0x00] => Self::of_ipv4(room, ip),
            [0x86, 0xdd] => Self::of_ipv6(room, ip),
            _ => None,
        }
    }

    #[inline]
    fn of_ipv4(room: usize, bytes: &[u8]) -> Option<Self> {
        let (ip, tcp) = bytes.split_first_chunk::<IPV4>()?;
        let tcp = tcp.first_chunk::<TCP>()?;
        let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        // More fragments, or an offset.
        let fragment = u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff != 0;
        if ip[0] != 0x45 || ip[9] != 6 || fragment || total < IPV4 + TCP || total > room {
            return None;
        }
        let address = |at: usize| [ip[at], ip[at + 1], ip[at + 2], ip[at + 3]];
        Self::of_tcp(
            tcp,
            |port| Endpoint::new(address(12), port),
            |port| Endpoint::new(address(16), port),
        )
    }

    #[inline]
    fn of_ipv6(room: usize, bytes: &[u8]) -> Option<Self> {
        let (ip, tcp) = bytes.split_first_chunk::<IPV6>()?;
        let tcp = tcp.first_chunk::<TCP>()?;
        let payload = usize::from(u16::from_be_bytes([ip[4], ip[5]]));
        if ip[0] >> 4 != 6 || ip[6] != 6 || payload < TCP || IPV6 + payload > room {
            return None;
        }
        let (_, addresses) = ip.split_first_chunk::<8>()?;
        let (source, rest) = addresses.split_first_chunk::<16>()?;
        let destination = rest.first_chunk::<16>()?;
        Self::of_tcp(
            tcp,
            |port| Endpoint::new(*source, port),
            |port| Endpoint::new(*destination, port),
        )
    }

    #[inline]
    fn of_tcp(
        tcp: &[u8; TCP],
        source: impl FnOnce(u16) -> Endpoint,
        destination: impl FnOnce(u16) -> Endpoint,
    ) -> Option<Self> {
        let word = |at: usize| u16::from_be_bytes([tcp[at], tcp[at + 1]]);
        (tcp[12] >> 4 >= 5).then(|| Self {
            source: source(word(0)),
            destination: destination(word(2)),
            flags: Flags(word(12) & 0x0fff),
        })
    }
}
