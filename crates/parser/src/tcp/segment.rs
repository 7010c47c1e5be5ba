//! The fixed part of a TCP header (RFC 9293, section 3.1).

use crate::cursor::Cursor;
use crate::ip_header::{Addresses, IpHeader};
use crate::walk::Walk;
use crate::{Endpoint, Flags, Fragment, Segment, SeqNumber, Stopped};

const LAYER: &str = "tcp";

/// The length of the fixed part.
pub(crate) const FIXED: usize = 20;

/// The fixed part of the TCP header that comes next, and the IP header around it. Only that much
/// must have been captured, which is why etherparse's slice, which needs the options too, does not
/// serve here.
#[inline]
pub(crate) fn fixed_header<'w, 'a>(
    walk: &'w Walk<'_, 'a>,
) -> Result<(&'a [u8; FIXED], &'w IpHeader<'a>), Stopped> {
    let cursor = &walk.cursor;
    let Some(ip) = &walk.ip else { return Err(cursor.malformed(LAYER, "not in an IP packet")) };
    match cursor.bytes().first_chunk::<FIXED>() {
        None => Err(too_short(cursor, ip.fragment())),
        Some(header) if header_len(header) < FIXED as u8 => {
            Err(cursor.malformed(LAYER, "data offset below 5"))
        }
        Some(header) => Ok((header, ip)),
    }
}

/// The header's length by its data offset, in bytes.
#[inline]
pub(crate) fn header_len(header: &[u8; FIXED]) -> u8 {
    (header[12] >> 4) * 4
}

/// The segment that `cursor` begins with. This can't fail, so that the value is built where it is
/// wanted: it is large to move.
#[inline]
pub(crate) fn segment<'a>(
    header: &[u8; FIXED],
    cursor: &Cursor<'a>,
    ip: &IpHeader<'_>,
) -> Segment<'a> {
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let number = |at: usize| {
        SeqNumber(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let segment = |source, destination| Segment {
        source: Endpoint { addr: source, port: word(0) },
        destination: Endpoint { addr: destination, port: word(2) },
        seq: number(4),
        ack_field: number(8),
        flags: Flags(word(12) & 0x0fff),
        window: word(14),
        len: cursor.wire().saturating_sub(usize::from(header_len(header))) as u32,
        ttl: ip.ttl,
        ip_id: ip.id,
        fragment: ip.fragment(),
        header_len: header_len(header),
        bytes: cursor.bytes(),
    };
    match ip.addresses {
        Addresses::V4(source, destination) => segment(source.into(), destination.into()),
        Addresses::V6(source, destination) => segment((*source).into(), (*destination).into()),
    }
}

#[cold]
fn too_short(cursor: &Cursor<'_>, fragment: Fragment) -> Stopped {
    match fragment {
        _ if cursor.wire() >= FIXED => cursor.truncated(LAYER, FIXED),
        Fragment::Whole => cursor.malformed(LAYER, "the IP packet is too short for a TCP header"),
        Fragment::First => {
            cursor.malformed(LAYER, "tiny first fragment: it cuts the TCP header (RFC 1858)")
        }
    }
}
