//! The fixed part of a TCP header (RFC 9293, section 3.1).

use crate::ip::IpHeader;
use crate::rest::Rest;
use crate::{Endpoint, Flags, Fragment, Segment, SeqNumber, Stopped};

const LAYER: &str = "tcp";

/// The length of the fixed part.
const FIXED: usize = 20;

/// Reads the segment that `rest` begins with. Only the fixed part must have been captured, which is
/// why etherparse's slice, which needs the options too, does not serve here.
#[inline]
pub(crate) fn segment<'a>(rest: Rest<'a>, ip: &IpHeader) -> Result<Segment<'a>, Stopped> {
    if rest.wire() < FIXED {
        return Err(rest.malformed(
            LAYER,
            match ip.fragment {
                Fragment::Whole => "the IP packet is too short for a TCP header",
                Fragment::First => "tiny first fragment: it cuts the TCP header (RFC 1858)",
            },
        ));
    }
    let header = rest.peek::<FIXED>(LAYER)?;
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let number = |at: usize| {
        SeqNumber(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let header_len = (header[12] >> 4) * 4;
    if usize::from(header_len) < FIXED {
        return Err(rest.malformed(LAYER, "data offset below 5"));
    }
    Ok(Segment {
        source: Endpoint { addr: ip.source, port: word(0) },
        destination: Endpoint { addr: ip.destination, port: word(2) },
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
