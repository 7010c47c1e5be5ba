//! Frame relay.

use crate::Stopped;
use crate::link::llc;
use crate::walk::{Next, Walk};

const LAYER: &str = "frame relay";

/// Frame relay: an address of two to four bytes (Q.922), then RFC 2427 or Cisco's `EtherType`.
pub(super) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let start = walk.cursor;
    let last = start.bytes().iter().take(4).position(|byte| byte & 1 == 1);
    match last {
        Some(last) => walk.cursor.advance(last + 1),
        None if start.bytes().len() < 4 => return Err(start.truncated(LAYER, 4)),
        None => return Err(start.malformed(LAYER, "the address does not end")),
    }
    if walk.cursor.peek::<1>(LAYER)? != &[0x03] {
        let &[high, low] = walk.cursor.take(LAYER)?;
        return Ok(Next::ether_type_only(u16::from_be_bytes([high, low])));
    }
    walk.cursor.advance(1);
    if walk.cursor.bytes().first() == Some(&0) {
        walk.cursor.advance(1); // Padding to an even length.
    }
    llc::nlpid(walk)
}
