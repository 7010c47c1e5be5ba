//! Teredo (RFC 4380): IPv6 in UDP.

use crate::Layer;
use crate::decode::{Next, Walk};
use crate::ip;

/// Authentication and origin indications may come before the IPv6 packet.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    const LAYER: &str = "teredo";
    const ORIGIN: [u8; 2] = [0, 0];
    if let Some(&[0, 1, id_length, value_length]) = walk.rest.bytes().first_chunk() {
        // Then nonce (8) and confirmation.
        let length = 4 + usize::from(id_length) + usize::from(value_length) + 9;
        walk.rest.skip(LAYER, length).ok()?;
    }
    if walk.rest.bytes().starts_with(&ORIGIN) {
        walk.rest.take::<8>(LAYER).ok()?;
    }
    let is_ipv6 = walk.rest.bytes().first()? >> 4 == 6;
    if !is_ipv6 || !ip::is_plausible(&walk.rest) {
        return None;
    }
    walk.enter(Layer::Teredo);
    Some(Next::Ip)
}
