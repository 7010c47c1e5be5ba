//! The `EtherType`s that etherparse has no name for, and frames that none announces.

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

/// Whether `bytes` begin with an Ethernet header, judging by a common `EtherType` and by what follows
/// it. For places where nothing announces one.
pub(crate) fn is_likely_ethernet(bytes: &[u8]) -> bool {
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
