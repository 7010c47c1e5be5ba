//! The fixed part of a TCP header (RFC 9293, section 3.1).

use crate::decode::Walk;
use crate::rest::Rest;
use crate::{Endpoint, Flags, Fragment, Segment, SeqNumber, Stopped};

const LAYER: &str = "tcp";

/// The length of the fixed part.
const FIXED: usize = 20;

/// Reads the segment that comes next in the innermost IP packet. Only the fixed part must have been captured, which is
/// why etherparse's slice, which needs the options too, does not serve here.
#[inline]
pub(crate) fn segment<'a>(walk: &Walk<'_, 'a>) -> Result<Segment<'a>, Stopped> {
    let rest = &walk.rest;
    let Some(ip) = &walk.ip else {
        return Err(rest.malformed(LAYER, "not in an IP packet"));
    };
    let Some(header) = rest.bytes().first_chunk::<FIXED>().filter(|_| rest.wire() >= FIXED) else {
        return Err(too_short(rest, ip.fragment));
    };
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let number = |at: usize| {
        SeqNumber(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let header_len = (header[12] >> 4) * 4;
    if usize::from(header_len) < FIXED {
        return Err(rest.malformed(LAYER, "data offset below 5"));
    }
    let (source, destination) = ip.addresses.to_ip();
    Ok(Segment {
        source: Endpoint { addr: source, port: word(0) },
        destination: Endpoint { addr: destination, port: word(2) },
        seq: number(4),
        ack_field: number(8),
        flags: Flags(word(12) & 0x0fff),
        window: word(14),
        len: rest.wire().saturating_sub(usize::from(header_len)) as u32,
        ttl: ip.ttl,
        ip_id: ip.id,
        fragment: ip.fragment,
        header_len,
        bytes: rest.bytes(),
    })
}

#[cold]
fn too_short(rest: &Rest<'_>, fragment: Fragment) -> Stopped {
    match fragment {
        _ if rest.wire() >= FIXED => rest.truncated(LAYER, FIXED),
        Fragment::Whole => rest.malformed(LAYER, "the IP packet is too short for a TCP header"),
        Fragment::First => {
            rest.malformed(LAYER, "tiny first fragment: it cuts the TCP header (RFC 1858)")
        }
    }
}
