//! MPLS label stacks (RFC 3032) and what lies below them, which nothing announces.

use crate::ether_types;
use crate::walk::{Next, Walk};
use crate::{Layer, Other, Stopped};

const LAYER: &str = "mpls";

/// One entry of the label stack: label (20 bits), traffic class (3), bottom of stack, time to live.
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let entry = u32::from_be_bytes(*walk.cursor.take(LAYER)?);
    walk.enter(Layer::Mpls(entry >> 12));
    let is_bottom = entry & 0x100 != 0;
    if is_bottom { below(walk) } else { Ok(Next::EtherType(ether_types::MPLS.0)) }
}

/// The first four bits tell IP from a pseudowire's control word (RFC 4385). An Ethernet pseudowire
/// without one begins with an address, whose first bits may be any.
fn below(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let bytes = walk.cursor.bytes();
    match walk.cursor.peek::<1>(LAYER)?[0] >> 4 {
        _ if ether_types::is_likely_ethernet(bytes) => Ok(Next::Ethernet),
        4 | 6 => Ok(Next::Ip),
        0 => {
            walk.cursor.take::<4>("pseudowire control word")?;
            Ok(Next::Ethernet)
        }
        1 => Ok(Next::Other(Other::Named("mpls associated channel"))),
        _ => Ok(Next::Ethernet),
    }
}
