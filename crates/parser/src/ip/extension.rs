//! IPv6 extension headers (RFC 8200, section 4) and the authentication header (RFC 4302).

use etherparse::err::ip_auth::HeaderSliceError;
use etherparse::{
    IpAuthHeaderSlice, IpNumber, Ipv6FragmentHeaderSlice, Ipv6RawExtHeaderSlice, ip_number,
};

use super::{Addresses, Part};
use crate::walk::{Next, Walk};
use crate::{Layer, Other, Stopped};

const LAYER: &str = "ipv6 extension";

/// Passes the extension header `kind` of an IPv6 packet, if it is one.
pub(crate) fn step(walk: &mut Walk<'_, '_>, kind: IpNumber) -> Result<Next, Stopped> {
    match kind {
        ip_number::IPV6_HEADER_HOP_BY_HOP
        | ip_number::IPV6_DESTINATION_OPTIONS
        | ip_number::MOBILITY_HEADER
        | ip_number::HIP
        | ip_number::SHIM6 => Ok(Next::Payload(plain(walk)?.next_header())),
        ip_number::IPV6_ROUTE_HEADER => routing(walk),
        ip_number::IPV6_FRAGMENTATION_HEADER => fragment(walk),
        IpNumber(number) => Ok(Next::Other(Other::Ip(number))),
    }
}

/// Passes a header whose content does not matter: next header, length in 8 bytes less one.
fn plain<'a>(walk: &mut Walk<'_, 'a>) -> Result<Ipv6RawExtHeaderSlice<'a>, Stopped> {
    let header = Ipv6RawExtHeaderSlice::from_slice(walk.cursor.bytes())
        .map_err(|error| walk.cursor.truncated(LAYER, error.required_len))?;
    walk.cursor.advance(header.slice().len());
    Ok(header)
}

/// Passes a routing header. While segments are left, the destination in the IPv6 header is only the
/// next stop: TCP's pseudo header, and so the connection, has the last one (RFC 8200, section 8.1).
fn routing(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = plain(walk)?;
    let addresses = header.slice().get(8..).unwrap_or_default();
    let last = match header.payload() {
        [_, 0, ..] => None,
        // Type 0 (RFC 2460) and type 2 (RFC 6275) list them in order of travel.
        [0 | 2, ..] => addresses.last_chunk::<16>(),
        // Segment routing (RFC 8754) lists them in reverse.
        [4, ..] => addresses.first_chunk::<16>(),
        _ => None,
    };
    if let (Some(last), Some(ip)) = (last, &mut walk.ip)
        && let Addresses::V6(_, destination) = &mut ip.addresses
    {
        *destination = last;
    }
    Ok(Next::Payload(header.next_header()))
}

/// Passes a fragment header.
fn fragment(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = Ipv6FragmentHeaderSlice::from_slice(walk.cursor.bytes())
        .map_err(|error| walk.cursor.truncated("ipv6 fragment", error.required_len))?;
    walk.cursor.advance(header.slice().len());
    let offset = header.fragment_offset().byte_offset().into();
    let (id, more) = (header.identification(), header.more_fragments());
    let is_tcp = header.next_header() == ip_number::TCP;
    if let Some(ip) = &mut walk.ip {
        ip.part = Some(Part { id, offset, more, is_tcp });
    }
    Ok(Next::of_part(offset, header.next_header()))
}

/// Passes an authentication header: it signs what follows and does not hide it.
pub(super) fn authentication(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let rest = walk.cursor;
    let header = IpAuthHeaderSlice::from_slice(rest.bytes()).map_err(|error| match error {
        HeaderSliceError::Len(error) => rest.truncated("ah", error.required_len),
        HeaderSliceError::Content(_) => rest.malformed("ah", "the length is 0"),
    })?;
    walk.cursor.advance(header.slice().len());
    walk.note(Layer::Ah(header.spi()));
    Ok(Next::Payload(header.next_header()))
}

/// The length in a jumbo payload option (RFC 2675) of a hop-by-hop header, where there is one.
pub(super) fn jumbo_length(bytes: &[u8]) -> Option<usize> {
    const PAD_1: u8 = 0;
    const JUMBO: u8 = 0xc2;
    let header = Ipv6RawExtHeaderSlice::from_slice(bytes).ok()?;
    let mut options = header.payload();
    loop {
        options = match *options {
            [PAD_1, ref rest @ ..] => rest,
            [JUMBO, 4, a, b, c, d, ..] => {
                return usize::try_from(u32::from_be_bytes([a, b, c, d])).ok();
            }
            [_, length, ref rest @ ..] => rest.get(usize::from(length)..)?,
            [] | [_] => return None,
        };
    }
}
