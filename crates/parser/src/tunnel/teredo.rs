//! Teredo (RFC 4380): IPv6 in UDP.

use crate::Layer;
use crate::ip_header;
use crate::walk::{Next, Walk};

/// Authentication and origin indications may come before the IPv6 packet.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    const LAYER: &str = "teredo";
    const ORIGIN: [u8; 2] = [0, 0];
    if let Some(&[0, 1, id_length, value_length]) = walk.cursor.bytes().first_chunk() {
        // Then nonce (8) and confirmation.
        let length = 4 + usize::from(id_length) + usize::from(value_length) + 9;
        walk.cursor.skip(LAYER, length).ok()?;
    }
    if walk.cursor.bytes().starts_with(&ORIGIN) {
        walk.cursor.take::<8>(LAYER).ok()?;
    }
    let is_ipv6 = walk.cursor.bytes().first()? >> 4 == 6;
    if !is_ipv6 || !ip_header::is_plausible(&walk.cursor) {
        return None;
    }
    walk.enter(Layer::Teredo);
    Some(Next::Ip)
}
