//! IEEE 802.2 logical link control and SNAP.

use crate::link::ppp;
use crate::walk::{Next, Walk};
use crate::{Other, Stopped};

const LAYER: &str = "llc";

/// Unnumbered information, the only control byte that IP comes with.
const UI: u8 = 3;

/// Destination and source access point, control, and what the access points stand for.
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    if walk.cursor.wire() < 3 {
        return Ok(Next::Other(Other::Named("llc without header")));
    }
    match walk.cursor.take::<3>(LAYER)? {
        [0xaa, 0xaa, UI] => snap(walk),
        [0x06, 0x06, UI] => Ok(Next::Ip),
        [0xfe, 0xfe, UI] => nlpid(walk),
        &[destination, ..] => Ok(Next::Other(Other::Llc(destination))),
    }
}

/// An organisation's number and a number of its own.
fn snap(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[a, b, c, high, low] = walk.cursor.take::<5>("snap")?;
    let number = u16::from_be_bytes([high, low]);
    Ok(match ([a, b, c], number) {
        // RFC 1042, and the tunnel encapsulation of IEEE 802.1H.
        ([0, 0, 0 | 0xf8], 0x0600..) => Next::EtherType(number),
        // Bridged Ethernet (RFC 2427), with or without its check sequence.
        ([0, 0x80, 0xc2], 1 | 7) => Next::Ethernet,
        _ => Next::Other(Other::Snap(u32::from_be_bytes([0, a, b, c]), number)),
    })
}

/// A network layer protocol identifier (ISO/IEC TR 9577).
pub(crate) fn nlpid(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    match walk.cursor.take::<1>("nlpid")? {
        [0x80] => snap(walk),
        [0xcc | 0x8e] => Ok(Next::Ip),
        [0xcf] => ppp::step(walk),
        &[other] => Ok(Next::Other(Other::Nlpid(other))),
    }
}
