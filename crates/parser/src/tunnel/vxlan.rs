//! VXLAN (RFC 7348) and its generic protocol extension.

use crate::Layer;
use crate::ether_types::{MPLS, is_likely_ethernet};
use crate::walk::{Next, Walk};

/// The network identifier is valid.
const I: u8 = 0x08;

/// Flags, reserved (3), network identifier (3), reserved. A receiver ignores all but I (RFC 7348, 5),
/// and extensions use the others: group policy (G and the bytes before the identifier). Where they
/// are used one bit is all that tells this header from any other, so the frame must look like one.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    let header = walk.cursor.take::<8>("vxlan").ok()?;
    match *header {
        [I, 0, 0, 0, .., 0] => {}
        [flags, ..] if flags & I != 0 && is_likely_ethernet(walk.cursor.bytes()) => {}
        _ => return None,
    }
    walk.enter(Layer::Vxlan(vni(*header)));
    Some(Next::Ethernet)
}

/// VXLAN-GPE: flags, reserved (2), next protocol, network identifier (3), reserved. I and P are
/// set, the version is 0.
pub(super) fn gpe(walk: &mut Walk<'_, '_>) -> Option<Next> {
    const P: u8 = 0x04;
    let header = walk.cursor.take::<8>("vxlan-gpe").ok()?;
    let next = match *header {
        [flags, 0, 0, next, .., 0] if flags == I | P => next,
        _ => return None,
    };
    let next = match next {
        1 | 2 => Next::Ip,
        3 => Next::Ethernet,
        5 => Next::EtherType(MPLS.0),
        _ => return None,
    };
    walk.enter(Layer::Vxlan(vni(*header)));
    Some(next)
}

/// The network identifier.
fn vni(header: [u8; 8]) -> u32 {
    u32::from_be_bytes([0, header[4], header[5], header[6]])
}
