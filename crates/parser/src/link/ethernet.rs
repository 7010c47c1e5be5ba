//! Ethernet II and what an `EtherType` announces.

use etherparse::{EtherType, Ethernet2HeaderSlice, SingleVlanHeaderSlice};

use crate::decode::{Next, Walk};
use crate::{Layer, Other, Stopped};

/// Stacked tags that vendors used before IEEE 802.1ad gave them a number.
const VLAN_9200: EtherType = EtherType(0x9200);

/// Destination, source, `EtherType`.
#[inline]
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = Ethernet2HeaderSlice::from_slice(walk.rest.bytes())
        .map_err(|error| walk.rest.truncated("ethernet", error.required_len))?;
    walk.rest.advance(header.slice().len());
    Ok(Next::EtherType(header.ether_type().0))
}

/// What `number` announces.
#[inline]
pub(crate) fn ether_type(walk: &mut Walk<'_, '_>, number: u16) -> Result<Next, Stopped> {
    match EtherType(number) {
        EtherType::IPV4 | EtherType::IPV6 => Ok(Next::Ip),
        EtherType::VLAN_TAGGED_FRAME
        | EtherType::PROVIDER_BRIDGING
        | EtherType::VLAN_DOUBLE_TAGGED_FRAME
        | VLAN_9200 => vlan(walk),
        _ => Ok(Next::Other(Other::NotIp)),
    }
}

/// A tag of IEEE 802.1Q or 802.1ad: tag control, `EtherType`.
fn vlan(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let tag = SingleVlanHeaderSlice::from_slice(walk.rest.bytes())
        .map_err(|error| walk.rest.truncated("vlan", error.required_len))?;
    walk.rest.advance(tag.slice().len());
    walk.push(Layer::Vlan(tag.vlan_identifier().value()));
    Ok(Next::EtherType(tag.ether_type().0))
}
