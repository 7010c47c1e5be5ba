//! PPP (RFC 1661) in its framings, and Cisco's HDLC.

use crate::walk::{Next, Walk};
use crate::{Other, Reason, Stopped};

const LAYER: &str = "ppp";

/// A PPP frame; address and control (RFC 1662) may be there or not.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    if walk.cursor.bytes().starts_with(&[0xff, 0x03]) {
        walk.cursor.advance(2);
    }
    let start = walk.cursor;
    let &[first] = walk.cursor.take(LAYER)?;
    // An odd first byte is the whole number (protocol field compression).
    let protocol = match first & 1 {
        1 => u16::from(first),
        _ => u16::from_be_bytes([first, walk.cursor.take::<1>(LAYER)?[0]]),
    };
    match protocol {
        0x0021 | 0x0057 => Ok(Next::Ip),
        0x0281 => Ok(Next::EtherType(0x8847)),
        0x0283 => Ok(Next::EtherType(0x8848)),
        // Van Jacobson's header compression (RFC 1144), pieces of multilink frames, compressed and
        // encrypted frames: there may be TCP in them, and it takes the history of the link to tell.
        0x002d | 0x002f | 0x003d | 0x0053 | 0x00fb | 0x00fd => {
            Err(start.stop(LAYER, Reason::Unsupported(u32::from(protocol))))
        }
        other => Ok(Next::Other(Other::Ppp(other))),
    }
}

/// PPP in HDLC framing or Cisco's HDLC, which the address byte tells apart.
pub(super) fn hdlc(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    match walk.cursor.bytes() {
        [0x0f | 0x8f, ..] => cisco_hdlc(walk),
        _ => step(walk),
    }
}

/// PPP after a byte that tells the direction. It may stand in the place of the address byte, so that
/// the control byte is left over.
pub(super) fn with_direction(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    walk.cursor.take::<1>(LAYER)?;
    if walk.cursor.bytes().first() == Some(&0x03) {
        walk.cursor.advance(1);
    }
    step(walk)
}

/// Cisco's HDLC: address, control, `EtherType`.
pub(super) fn cisco_hdlc(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[_, _, high, low] = walk.cursor.take("cisco hdlc")?;
    Ok(Next::ether_type_only(u16::from_be_bytes([high, low])))
}
