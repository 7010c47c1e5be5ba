//! Geneve (RFC 8926).

use etherparse::EtherType;

use crate::Layer;
use crate::ether_types::{MPLS, TRANSPARENT_ETHERNET};
use crate::walk::{Next, Walk};

/// Version (0) and length of the options in words, flags, protocol, network identifier (3),
/// reserved (0), options.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    /// Control packet, critical options. The other flags are reserved.
    const KNOWN_FLAGS: u8 = 0xc0;
    let &[first, flags, p0, p1, a, b, c, reserved] = walk.cursor.take("geneve").ok()?;
    let protocol = EtherType(u16::from_be_bytes([p0, p1]));
    let version = first >> 6;
    if version != 0 || flags & !KNOWN_FLAGS != 0 || reserved != 0 {
        return None;
    }
    if !matches!(protocol, EtherType::IPV4 | EtherType::IPV6 | MPLS | TRANSPARENT_ETHERNET) {
        return None;
    }
    walk.cursor.skip("geneve", usize::from(first & 0x3f) * 4).ok()?;
    walk.enter(Layer::Geneve(u32::from_be_bytes([0, a, b, c])));
    Some(Next::EtherType(protocol.0))
}
