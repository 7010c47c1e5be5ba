//! PPP over Ethernet (RFC 2516).

use crate::ether_types::PPP;
use crate::walk::{Next, Walk};
use crate::{Layer, Other, Stopped};

/// Version and type (both 1), code (0 in a session), session id, length, then PPP.
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "pppoe";
    let start = walk.cursor;
    let &[version, code, s0, s1, l0, l1] = walk.cursor.take(LAYER)?;
    if version != 0x11 {
        return Err(start.malformed(LAYER, "version or type is not 1"));
    }
    if code != 0 {
        return Ok(Next::Other(Other::EtherType(0x8863)));
    }
    walk.cursor.set_wire(usize::from(u16::from_be_bytes([l0, l1])));
    walk.enter(Layer::Pppoe(u16::from_be_bytes([s0, s1])));
    Ok(Next::EtherType(PPP.0))
}
