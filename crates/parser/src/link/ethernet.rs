//! Ethernet II and what an `EtherType` announces.

use etherparse::err::macsec::HeaderSliceError;
use etherparse::{EtherType, Ethernet2HeaderSlice, MacsecHeaderSlice, SingleVlanHeaderSlice};

use crate::decode::{Next, Walk};
use crate::link::{llc, ppp};
use crate::tunnel::{backbone, mpls, pppoe};
use crate::{Layer, Other, Stopped, ip};

/// Up to here the field is the length of an IEEE 802.2 frame.
pub(crate) const MAX_LENGTH: u16 = 1500;

/// The `EtherType`s that etherparse has no name for.
pub(crate) mod number {
    use etherparse::EtherType;

    /// A second VLAN tag, as vendors numbered it before IEEE 802.1ad did.
    pub(crate) const VLAN_9200: EtherType = EtherType(0x9200);
    pub(crate) const MPLS: EtherType = EtherType(0x8847);
    pub(crate) const MPLS_MULTICAST: EtherType = EtherType(0x8848);
    pub(crate) const PPPOE_SESSION: EtherType = EtherType(0x8864);
    /// PPP, in GRE.
    pub(crate) const PPP: EtherType = EtherType(0x880b);
    /// An Ethernet frame, in GRE and Geneve.
    pub(crate) const TRANSPARENT_ETHERNET: EtherType = EtherType(0x6558);
    /// IEEE 802.1ah.
    pub(crate) const PBB: EtherType = EtherType(0x88e7);
    pub(crate) const FABRIC_PATH: EtherType = EtherType(0x8903);
    /// Cisco's security group tag.
    pub(crate) const CISCO_METADATA: EtherType = EtherType(0x8909);
    /// IEEE 802.1BR, as Cisco numbers it.
    pub(crate) const VN_TAG: EtherType = EtherType(0x8926);
    /// High-availability seamless redundancy (IEC 62439-3).
    pub(crate) const HSR: EtherType = EtherType(0x892f);
}

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

/// Whether `bytes` begin with an Ethernet header, judging by a common `EtherType` and by what follows
/// it. For places where nothing announces one.
pub(crate) fn is_likely(bytes: &[u8]) -> bool {
    let follows = bytes.get(14..).unwrap_or_default();
    let ether_type = |at: usize| {
        let number = bytes.get(at..).and_then(<[u8]>::first_chunk);
        number.map(|number| EtherType(u16::from_be_bytes(*number)))
    };
    match ether_type(12) {
        Some(EtherType::IPV4) => matches!(follows, [0x45..=0x4f, ..]),
        Some(EtherType::IPV6) => matches!(follows, [0x60..=0x6f, ..]),
        Some(EtherType::ARP) => follows.starts_with(&[0, 1]),
        Some(EtherType::VLAN_TAGGED_FRAME | EtherType::PROVIDER_BRIDGING) => matches!(
            ether_type(16),
            Some(EtherType::IPV4 | EtherType::IPV6 | EtherType::ARP | EtherType::VLAN_TAGGED_FRAME)
        ),
        _ => false,
    }
}
