//! Linux "cooked" captures: what `any` interfaces and interfaces without a link header give.

use crate::Stopped;
use crate::decode::{Next, Walk};

/// `LINUX_SLL`: packet type, hardware type, address length, address (8), protocol.
pub(crate) fn version_1(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = walk.rest.take::<16>("linux cooked v1")?;
    Ok(protocol(
        u16::from_be_bytes([header[2], header[3]]),
        u16::from_be_bytes([header[14], header[15]]),
    ))
}

/// `LINUX_SLL2`: protocol, reserved (2), interface index (4), hardware type, packet type (1),
/// address length (1), address (8).
pub(crate) fn version_2(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let header = walk.rest.take::<20>("linux cooked v2")?;
    Ok(protocol(
        u16::from_be_bytes([header[8], header[9]]),
        u16::from_be_bytes([header[0], header[1]]),
    ))
}

/// What the protocol field says, which for some kinds of hardware is no `EtherType`.
fn protocol(hardware: u16, protocol: u16) -> Next {
    let _ = hardware;
    Next::EtherType(protocol)
}
