//! ICMP (RFC 792) and `ICMPv6` (RFC 4443) errors that quote a TCP segment.

mod meaning;

use etherparse::{IpNumber, ip_number};

use crate::cursor::Cursor;
use crate::ip;
use crate::ip_header::{Addresses, IpHeader};
use crate::tcp;
use crate::walk::{MAX_STEPS, Next, Walk};
use crate::{
    Content, Endpoint, Flags, IcmpError, IcmpFamily, Options, Other, Quoted, SeqNumber, Stopped,
};

const LAYER: &str = "icmp";

/// An ICMP message of `protocol` in the innermost IP packet. One that is no error, or that quotes no
/// TCP, is IP with another protocol in it.
#[inline(never)]
pub(crate) fn message<'a>(
    walk: &mut Walk<'_, 'a>,
    protocol: IpNumber,
) -> Result<Content<'a>, Stopped> {
    let other = Content::Other(Other::Ip(protocol.0));
    let Some(outer) = walk.ip else { return Ok(other) };
    let family = match (outer.addresses, protocol) {
        (Addresses::V4(..), ip_number::ICMP) => IcmpFamily::V4,
        (Addresses::V6(..), ip_number::IPV6_ICMP) => IcmpFamily::V6,
        _ => return Ok(other),
    };
    let kind = walk.cursor.peek::<1>(LAYER)?[0];
    let is_error = match family {
        IcmpFamily::V4 => matches!(kind, 3 | 4 | 5 | 11 | 12),
        IcmpFamily::V6 => matches!(kind, 1..=4),
    };
    if !is_error {
        return Ok(other);
    }
    let &[kind, code, _, _, a, b, c, d] = walk.cursor.take::<8>(LAYER)?;
    let mtu = match (family, kind, code) {
        // A router that does not know RFC 1191 leaves zero there.
        (IcmpFamily::V4, 3, 4) => Some(u32::from_be_bytes([0, 0, c, d])).filter(|&mtu| mtu != 0),
        (IcmpFamily::V6, 2, _) => Some(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    };
    let Some(quoted) = quoted(walk)? else { return Ok(other) };
    let (sender, receiver) = outer.addresses.to_ip();
    Ok(Content::Icmp(IcmpError {
        family,
        kind,
        code,
        sender,
        receiver,
        ttl: outer.ttl,
        ip_id: outer.id,
        mtu,
        quoted,
    }))
}

/// The quoted packet, if it is TCP and its first fragment.
fn quoted(walk: &mut Walk<'_, '_>) -> Result<Option<Quoted>, Stopped> {
    let mut next = ip::step(walk)?;
    for _ in 0..MAX_STEPS {
        match (next, &walk.ip) {
            (Next::Payload(ip_number::TCP), Some(ip)) => {
                return quoted_tcp(&walk.cursor, ip).map(Some);
            }
            (Next::Payload(protocol), Some(ip)) if ip.is_v6() => {
                next = ip::extension::step(walk, protocol)?;
            }
            _ => break,
        }
    }
    Ok(None)
}

/// The quoted TCP header: ports and sequence number are there at least (RFC 792).
fn quoted_tcp(cursor: &Cursor<'_>, ip: &IpHeader<'_>) -> Result<Quoted, Stopped> {
    let &[s0, s1, d0, d1, ref seq @ ..] = cursor.peek::<8>("quoted tcp")?;
    let (source, destination) = ip.addresses.to_ip();
    let word = cursor.bytes().get(12..).and_then(<[u8]>::first_chunk);
    let flags = word.map(|&[high, low]| Flags(u16::from_be_bytes([high & 0x0f, low])));
    Ok(Quoted {
        source: Endpoint { addr: source, port: u16::from_be_bytes([s0, s1]) },
        destination: Endpoint { addr: destination, port: u16::from_be_bytes([d0, d1]) },
        seq: SeqNumber(u32::from_be_bytes(*seq)),
        flags,
        ttl: ip.ttl,
        ip_id: ip.id,
        tsval: quoted_tsval(cursor.bytes()),
    })
}

/// The TSval of a quoted TCP header, as far as it is quoted.
fn quoted_tsval(header: &[u8]) -> Option<u32> {
    let end = usize::from(header.get(12)? >> 4) * 4;
    let options = header.get(tcp::FIXED..end.min(header.len()))?;
    Some(Options::new(options).timestamps()?.0)
}
