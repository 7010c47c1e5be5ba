//! VXLAN (RFC 7348).

use crate::Layer;
use crate::decode::{Next, Walk};

/// Flags, reserved (3), network identifier (3), reserved. Of the flags only I is set, and G with
/// the group policy extension, which uses the two bytes before the identifier.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    const I: u8 = 0x08;
    const G: u8 = 0x80;
    /// Don't learn, policy applied.
    const POLICY_BITS: u8 = 0x48;
    let header = walk.rest.take::<8>("vxlan").ok()?;
    let vni = u32::from_be_bytes([0, header[4], header[5], header[6]]);
    match *header {
        [I, 0, 0, 0, .., 0] => {}
        [flags, policy, .., 0] if flags == I | G && policy & !POLICY_BITS == 0 => {}
        _ => return None,
    }
    walk.enter(Layer::Vxlan(vni));
    Some(Next::Ethernet)
}
