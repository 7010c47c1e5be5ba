//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and what lies in the packet.

pub(crate) mod extension;
pub(crate) mod fragments;

use etherparse::err::ipv4;
use etherparse::{IpNumber, Ipv4HeaderSlice, ip_number};

use crate::cursor::Cursor;
use crate::ip_header::{Addresses, IpHeader, Part};
use crate::tunnel;
use crate::walk::{Next, Walk};
use crate::{Layer, Other, Stopped};

/// MPLS directly in IP (RFC 4023).
const MPLS_IN_IP: IpNumber = IpNumber(137);

/// An IP header of either version, its extensions, and what follows them.
#[inline]
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    match walk.cursor.peek::<1>("ip")?[0] >> 4 {
        4 => version_4(walk),
        6 => version_6(walk),
        _ => Err(walk.cursor.malformed("ip", "the version is neither 4 nor 6")),
    }
}

#[inline]
fn version_4(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "ipv4";
    let start = walk.cursor;
    let header = Ipv4HeaderSlice::from_slice(start.bytes()).map_err(|e| bad_ipv4(&start, e))?;
    let (length, total) = (header.slice().len(), usize::from(header.total_len()));
    if total >= length {
        walk.cursor.set_wire(total);
    } else if total != 0 {
        return Err(start.malformed(LAYER, "the total length is less than the header's"));
    } // Zero: captured before segmentation offload filled it in. The frame's length stands for it.
    walk.cursor.advance(length);
    let offset = header.fragments_offset().byte_offset().into();
    let destination = last_stop(header.options()).unwrap_or(header.destination());
    walk.ip = Some(IpHeader {
        addresses: Addresses::V4(header.source(), destination),
        ttl: header.ttl(),
        id: Some(header.identification()),
        part: header.is_fragmenting_payload().then(|| Part {
            id: u32::from(header.identification()),
            offset,
            more: header.more_fragments(),
            is_tcp: header.protocol() == ip_number::TCP,
        }),
        depth: walk.depth(),
    });
    Ok(Next::of_part(offset, header.protocol()))
}

/// The last address of a source route (RFC 791, section 3.1) that is not used up. While it is not,
/// the destination in the header is only the next stop; TCP's pseudo header has the last one.
#[inline]
fn last_stop(options: &[u8]) -> Option<[u8; 4]> {
    if options.is_empty() { None } else { last_stop_of(options) }
}

#[cold]
fn last_stop_of(mut options: &[u8]) -> Option<[u8; 4]> {
    const END: u8 = 0;
    const NO_OPERATION: u8 = 1;
    const LOOSE_ROUTE: u8 = 131;
    const STRICT_ROUTE: u8 = 137;
    loop {
        let &[kind, ref rest @ ..] = options else { return None };
        if kind == END {
            return None;
        } else if kind == NO_OPERATION {
            options = rest;
            continue;
        }
        let option = options.get(..usize::from(*rest.first()?))?;
        options = options.get(option.len().max(2)..)?;
        if let ([LOOSE_ROUTE | STRICT_ROUTE, _, pointer, ..], Some(last)) =
            (option, option.last_chunk())
        {
            // It counts from 1, at the option's kind; the addresses begin at 4.
            let is_left = (4..=option.len() - 3).contains(&usize::from(*pointer));
            return is_left.then_some(*last);
        }
    }
}

#[inline(never)]
fn version_6(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "ipv6";
    walk.cursor.peek::<40>(LAYER)?;
    let &[.., high, low, next_header, hop_limit] = walk.cursor.take::<8>(LAYER)?;
    let addresses = Addresses::V6(walk.cursor.take(LAYER)?, walk.cursor.take(LAYER)?);
    walk.ip =
        Some(IpHeader { addresses, ttl: hop_limit, id: None, part: None, depth: walk.depth() });
    let length = match u16::from_be_bytes([high, low]) {
        0 if IpNumber(next_header) == ip_number::IPV6_HEADER_HOP_BY_HOP => {
            extension::jumbo_length(walk.cursor.bytes())
        }
        // Captured before segmentation offload filled it in: the frame's length stands for it.
        0 => None,
        length => Some(usize::from(length)),
    };
    if let Some(length) = length {
        walk.cursor.set_wire(length);
    }
    Ok(Next::Payload(IpNumber(next_header)))
}

/// What the innermost IP header or one of its extensions announces, other than TCP.
#[inline(never)]
pub(crate) fn payload(walk: &mut Walk<'_, '_>, protocol: IpNumber) -> Result<Next, Stopped> {
    match protocol {
        ip_number::UDP => Ok(tunnel::udp(walk)),
        ip_number::IPV4 | ip_number::IPV6 => {
            walk.enter(Layer::IpInIp);
            Ok(Next::Ip)
        }
        ip_number::GRE => tunnel::gre::step(walk),
        MPLS_IN_IP => tunnel::mpls::step(walk),
        ip_number::AUTHENTICATION_HEADER => extension::authentication(walk),
        _ if walk.ip.is_some_and(|ip| ip.is_v6()) => extension::step(walk, protocol),
        // In IPv4 the numbers of IPv6's extension headers are protocols like others.
        _ => Ok(Next::Other(Other::Ip(protocol.0))),
    }
}

#[cold]
fn bad_ipv4(start: &Cursor<'_>, error: ipv4::HeaderSliceError) -> Stopped {
    match error {
        ipv4::HeaderSliceError::Len(error) => start.truncated("ipv4", error.required_len),
        ipv4::HeaderSliceError::Content(ipv4::HeaderError::UnexpectedVersion { .. }) => {
            start.malformed("ipv4", "the version is not 4")
        }
        ipv4::HeaderSliceError::Content(ipv4::HeaderError::HeaderLengthSmallerThanHeader {
            ..
        }) => start.malformed("ipv4", "header length below 5"),
    }
}
