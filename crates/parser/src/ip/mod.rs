//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and what lies in the packet.

mod extension;

use std::net::IpAddr;

use etherparse::err::{ipv4, ipv6};
use etherparse::{IpNumber, Ipv4HeaderSlice, Ipv6HeaderSlice, ip_number};

use crate::decode::{Next, Walk};
use crate::rest::Rest;
use crate::{Content, Fragment, Layer, Other, Stopped};
use crate::{tcp, tunnel};

/// The facts of an IP header that outlive it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IpHeader {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// Time to live or hop limit.
    pub(crate) ttl: u8,
    /// IPv4 identification.
    pub(crate) id: Option<u16>,
    pub(crate) fragment: Fragment,
    /// How many layers lie around it.
    pub(crate) depth: usize,
}

/// An IP header of either version, its extensions, and what follows them.
#[inline]
pub(crate) fn step<'a>(walk: &mut Walk<'_, 'a>) -> Result<Next<'a>, Stopped> {
    match walk.rest.peek::<1>("ip")?[0] >> 4 {
        4 => version_4(walk),
        6 => version_6(walk),
        _ => Err(walk.rest.malformed("ip", "the version is neither 4 nor 6")),
    }
}

#[inline]
fn version_4<'a>(walk: &mut Walk<'_, 'a>) -> Result<Next<'a>, Stopped> {
    const LAYER: &str = "ipv4";
    let start = walk.rest;
    let header = Ipv4HeaderSlice::from_slice(start.bytes()).map_err(|e| bad_ipv4(&start, e))?;
    let (length, total) = (header.slice().len(), usize::from(header.total_len()));
    if total >= length {
        walk.rest.set_wire(total);
    } else if total != 0 {
        return Err(start.malformed(LAYER, "the total length is less than the header's"));
    } // Zero: captured before segmentation offload filled it in. The frame's length stands for it.
    walk.rest.advance(length);
    let offset = header.fragments_offset().value();
    let ip = IpHeader {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        ttl: header.ttl(),
        id: Some(header.identification()),
        fragment: if header.more_fragments() { Fragment::First } else { Fragment::Whole },
        depth: walk.depth(),
    };
    if offset != 0 {
        return later_fragment(&walk.rest, offset, header.protocol());
    }
    payload(walk, ip, header.protocol())
}

fn version_6<'a>(walk: &mut Walk<'_, 'a>) -> Result<Next<'a>, Stopped> {
    let start = walk.rest;
    let header = Ipv6HeaderSlice::from_slice(start.bytes()).map_err(|e| bad_ipv6(&start, e))?;
    walk.rest.advance(header.slice().len());
    let ip = IpHeader {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        ttl: header.hop_limit(),
        id: None,
        fragment: Fragment::Whole,
        depth: walk.depth(),
    };
    let length = match header.payload_length() {
        0 if header.next_header() == ip_number::IPV6_HEADER_HOP_BY_HOP => {
            extension::jumbo_length(walk.rest.bytes())
        }
        // Captured before segmentation offload filled it in: the frame's length stands for it.
        0 => None,
        length => Some(usize::from(length)),
    };
    if let Some(length) = length {
        walk.rest.set_wire(length);
    }
    payload(walk, ip, header.next_header())
}

/// What follows the IP header, past its extension headers. Those are IPv6's, but for the
/// authentication header; in IPv4 their numbers are protocols like others.
#[inline]
fn payload<'a>(
    walk: &mut Walk<'_, 'a>,
    mut ip: IpHeader,
    mut protocol: IpNumber,
) -> Result<Next<'a>, Stopped> {
    loop {
        protocol = match protocol {
            ip_number::TCP => return tcp::segment(walk.rest, &ip).map(Next::tcp),
            ip_number::AUTHENTICATION_HEADER => extension::authentication(walk)?,
            ip_number::UDP => return Ok(tunnel::udp(walk, &ip)),
            ip_number::IPV4 | ip_number::IPV6 => {
                walk.enter(&ip, Layer::IpInIp);
                return Ok(Next::Ip);
            }
            IpNumber(_) if ip.source.is_ipv4() => return Ok(Next::protocol(protocol.0)),
            ip_number::IPV6_HEADER_HOP_BY_HOP
            | ip_number::IPV6_DESTINATION_OPTIONS
            | ip_number::MOBILITY_HEADER
            | ip_number::HIP
            | ip_number::SHIM6 => extension::plain(walk)?.next_header(),
            ip_number::IPV6_ROUTE_HEADER => extension::routing(walk, &mut ip)?,
            ip_number::IPV6_FRAGMENTATION_HEADER => match extension::fragment(walk, &mut ip)? {
                (0, next) => next,
                (offset, next) => return later_fragment(&walk.rest, offset, next),
            },
            IpNumber(number) => return Ok(Next::protocol(number)),
        };
        walk.count_step()?;
    }
}

/// A fragment that is not the first, `offset` times 8 bytes into its packet.
fn later_fragment<'a>(
    rest: &Rest<'a>,
    offset: u16,
    protocol: IpNumber,
) -> Result<Next<'a>, Stopped> {
    if offset == 1 && protocol == ip_number::TCP {
        return Err(rest.malformed("tcp", "a fragment overlaps the TCP header (RFC 3128)"));
    }
    Ok(Next::End(Content::Other(Other::LaterFragment)))
}

#[cold]
fn bad_ipv4(start: &Rest<'_>, error: ipv4::HeaderSliceError) -> Stopped {
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

#[cold]
fn bad_ipv6(start: &Rest<'_>, error: ipv6::HeaderSliceError) -> Stopped {
    match error {
        ipv6::HeaderSliceError::Len(error) => start.truncated("ipv6", error.required_len),
        ipv6::HeaderSliceError::Content(ipv6::HeaderError::UnexpectedVersion { .. }) => {
            start.malformed("ipv6", "the version is not 6")
        }
    }
}
