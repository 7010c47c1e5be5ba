//! Linux "cooked" captures: what the interface `any` and interfaces without a link header give.

use crate::link::llc;
use crate::walk::{Next, Walk};
use crate::{LinkType, Other, Stopped};

/// `LINUX_SLL`: packet type, hardware type, address length, address (8), protocol.
pub(super) fn version_1(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[_, _, hw_high, hw_low, .., high, low] = walk.cursor.take::<16>("linux cooked v1")?;
    protocol(walk, u16::from_be_bytes([hw_high, hw_low]), u16::from_be_bytes([high, low]))
}

/// `LINUX_SLL2`: protocol, reserved (2), interface index (4), hardware type, packet type (1),
/// address length (1), address (8).
pub(super) fn version_2(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[high, low, _, _, _, _, _, _, hw_high, hw_low, ..] =
        walk.cursor.take::<20>("linux cooked v2")?;
    protocol(walk, u16::from_be_bytes([hw_high, hw_low]), u16::from_be_bytes([high, low]))
}

/// What the protocol field says. Some kinds of hardware have no use for it.
fn protocol(walk: &mut Walk<'_, '_>, hardware: u16, protocol: u16) -> Result<Next, Stopped> {
    const IEEE80211: u16 = 801;
    const IEEE80211_PRISM: u16 = 802;
    const IEEE80211_RADIOTAP: u16 = 803;
    const NETLINK: u16 = 824;
    /// Not an `EtherType`: Linux's number for IEEE 802.2 frames.
    const P_802_2: u16 = 4;
    match (hardware, protocol) {
        (IEEE80211, _) => Ok(Next::Link(LinkType(105))),
        (IEEE80211_PRISM, _) => Ok(Next::Link(LinkType(119))),
        (IEEE80211_RADIOTAP, _) => Ok(Next::Link(LinkType(127))),
        (NETLINK, _) => Ok(Next::Other(Other::Named("netlink"))),
        (_, P_802_2) => llc::step(walk),
        (_, number) => Ok(Next::ether_type_only(number)),
    }
}
