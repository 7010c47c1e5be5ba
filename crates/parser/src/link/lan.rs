//! Local networks that carry IEEE 802.2 frames and are not Ethernet.

use crate::link::llc;
use crate::walk::{Next, Walk};
use crate::{Other, Stopped};

/// Token ring: access control, frame control, destination, source, and a route where the source's
/// first bit says so.
pub(super) fn token_ring(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "token ring";
    let &[_, control, _, _, _, _, _, _, source, ..] = walk.cursor.take::<14>(LAYER)?;
    if control & 0xc0 != 0x40 {
        return Ok(Next::Other(Other::Named("token ring without llc")));
    }
    if source & 0x80 != 0 {
        let length = walk.cursor.peek::<2>(LAYER)?[0] & 0x1f;
        walk.cursor.skip(LAYER, usize::from(length))?;
    }
    llc::step(walk)
}

/// FDDI: frame control, destination, source.
pub(super) fn fddi(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[control, ..] = walk.cursor.take::<13>("fddi")?;
    if control & 0x70 != 0x50 {
        return Ok(Next::Other(Other::Named("fddi without llc")));
    }
    llc::step(walk)
}

/// IP over Fibre Channel (RFC 2625): destination and source, eight bytes each.
pub(super) fn fibre_channel(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    walk.cursor.take::<16>("ip over fibre channel")?;
    llc::step(walk)
}

/// IP over IEEE 1394, as Apple captures it: destination and source, eight bytes each, `EtherType`.
pub(super) fn firewire(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[.., high, low] = walk.cursor.take::<18>("ip over ieee 1394")?;
    Ok(Next::ether_type_only(u16::from_be_bytes([high, low])))
}

/// IP over InfiniBand: a pseudo header (40) in the place of the global routing header, `EtherType`,
/// reserved (2; RFC 4391, section 6).
pub(super) fn infiniband(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[.., high, low, _, _] = walk.cursor.take::<44>("ip over infiniband")?;
    Ok(Next::ether_type_only(u16::from_be_bytes([high, low])))
}
