//! Ethernet II and what an `EtherType` announces.

use etherparse::err::macsec::HeaderSliceError;
use etherparse::{EtherType, Ethernet2HeaderSlice, MacsecHeaderSlice, SingleVlanHeaderSlice};

use crate::ether_types as number;
use crate::link::{llc, ppp};
use crate::tunnel::{backbone, mpls, pppoe};
use crate::walk::{MAX_LENGTH, Next, Walk};
use crate::{Layer, Other, Stopped, ip};

/// Destination, source, `EtherType`.
#[inline]
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = Ethernet2HeaderSlice::from_slice(walk.cursor.bytes())
        .map_err(|error| walk.cursor.truncated("ethernet", error.required_len))?;
    walk.cursor.advance(header.slice().len());
    ether_type(walk, header.ether_type().0)
}

/// Destination, source, a tag of `length` bytes by which a switch chip tells its ports, `EtherType`.
pub(super) fn switch_tagged(walk: &mut Walk<'_, '_>, length: usize) -> Result<Next, Stopped> {
    walk.cursor.skip("ethernet", 12)?;
    tag(walk, "switch tag", length)
}

/// What `number` announces.
#[inline]
pub(crate) fn ether_type(walk: &mut Walk<'_, '_>, number: u16) -> Result<Next, Stopped> {
    match EtherType(number) {
        EtherType::IPV4 | EtherType::IPV6 => ip::step(walk),
        other => not_ip(walk, other),
    }
}

/// What `number` announces in GRE. Of one that is not known GRE is all that is known.
#[inline(never)]
pub(crate) fn gre_protocol(walk: &mut Walk<'_, '_>, number: u16) -> Result<Next, Stopped> {
    Ok(match ether_type(walk, number)? {
        Next::Other(Other::EtherType(number)) => Next::Other(Other::Gre(number)),
        next => next,
    })
}

/// What a number other than IP's announces.
#[inline(never)]
fn not_ip(walk: &mut Walk<'_, '_>, number: EtherType) -> Result<Next, Stopped> {
    match number {
        EtherType::VLAN_TAGGED_FRAME
        | EtherType::PROVIDER_BRIDGING
        | EtherType::VLAN_DOUBLE_TAGGED_FRAME
        | number::VLAN_9200 => vlan(walk),
        number::MPLS | number::MPLS_MULTICAST => mpls::step(walk),
        number::PPPOE_SESSION => pppoe::step(walk),
        number::PPP => ppp::step(walk),
        number::TRANSPARENT_ETHERNET => Ok(Next::Ethernet),
        number::PBB => backbone::pbb(walk),
        number::FABRIC_PATH => backbone::fabric_path(walk),
        number::CISCO_METADATA => tag(walk, "cisco metadata", 6),
        number::VN_TAG => tag(walk, "vn-tag", 4),
        EtherType::MACSEC => macsec(walk),
        number::HSR => tag(walk, "hsr", 4),
        EtherType(length @ 1..=MAX_LENGTH) => {
            walk.cursor.set_wire(usize::from(length));
            llc::step(walk)
        }
        EtherType(other) => Ok(Next::Other(Other::EtherType(other))),
    }
}

/// A tag of IEEE 802.1Q or 802.1ad: tag control, `EtherType`.
fn vlan(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let tag = SingleVlanHeaderSlice::from_slice(walk.cursor.bytes())
        .map_err(|error| walk.cursor.truncated("vlan", error.required_len))?;
    walk.cursor.advance(tag.slice().len());
    walk.enter(Layer::Vlan(tag.vlan_identifier().value()));
    Ok(Next::EtherType(tag.ether_type().0))
}

/// `MACsec` (IEEE 802.1AE), which may sign without encrypting.
fn macsec(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let rest = walk.cursor;
    let header = MacsecHeaderSlice::from_slice(rest.bytes()).map_err(|error| match error {
        HeaderSliceError::Len(error) => rest.truncated("macsec", error.required_len),
        HeaderSliceError::Content(_) => rest.malformed("macsec", "version or short length"),
    })?;
    walk.cursor.advance(header.slice().len());
    Ok(match header.next_ether_type() {
        Some(next) => Next::EtherType(next.0),
        None => Next::Other(Other::EtherType(EtherType::MACSEC.0)),
    })
}

/// A tag of `length` bytes, then an `EtherType`. It does not tell one network from another.
fn tag(walk: &mut Walk<'_, '_>, layer: &'static str, length: usize) -> Result<Next, Stopped> {
    walk.cursor.skip(layer, length)?;
    Ok(Next::EtherType(u16::from_be_bytes(*walk.cursor.take(layer)?)))
}
