//! GTP-U, the user plane of mobile networks (3GPP TS 29.281).

use crate::Layer;
use crate::ip_header;
use crate::walk::{Next, Walk};

/// Flags, message type, length, tunnel end point id, and the optional fields that the flags tell.
/// Only G-PDUs carry packets.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Option<Next> {
    const LAYER: &str = "gtp-u";
    const VERSION_1: u8 = 0x30;
    const EXTENSION: u8 = 0x04;
    const OPTIONAL: u8 = 0x07;
    const G_PDU: u8 = 255;
    let &[flags, kind, l0, l1, ref teid @ ..] = walk.cursor.take::<8>(LAYER).ok()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    // Version 1, protocol type GTP, spare bit zero.
    if flags & !OPTIONAL != VERSION_1 || kind != G_PDU || length > walk.cursor.wire() {
        return None;
    }
    walk.cursor.set_wire(length);
    if flags & OPTIONAL != 0 {
        let &[_, _, _, mut extension] = walk.cursor.take(LAYER).ok()?;
        while flags & EXTENSION != 0 && extension != 0 {
            // Length in words, content, the type of the next one.
            let words = usize::from(walk.cursor.peek::<1>(LAYER).ok()?[0]);
            let last = (words * 4).checked_sub(1)?;
            extension = *walk.cursor.bytes().get(last)?;
            walk.cursor.advance(words * 4);
        }
    }
    if !ip_header::is_plausible(&walk.cursor) {
        return None;
    }
    walk.enter(Layer::GtpU(u32::from_be_bytes(*teid)));
    Some(Next::Ip)
}
