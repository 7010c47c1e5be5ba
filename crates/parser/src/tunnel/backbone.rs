//! Ethernet in Ethernet.

use crate::walk::{Next, Walk};
use crate::{Layer, Stopped};

/// Provider backbone bridge (IEEE 802.1ah): flags, service id (3), then the customer's frame.
pub(crate) fn pbb(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[_, a, b, c] = walk.cursor.take("pbb")?;
    walk.enter(Layer::Pbb(u32::from_be_bytes([0, a, b, c])));
    Ok(Next::Ethernet)
}

/// Cisco's `FabricPath`: tree and time to live, then the frame.
pub(crate) fn fabric_path(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    walk.cursor.take::<2>("fabricpath")?;
    walk.enter(Layer::FabricPath);
    Ok(Next::Ethernet)
}
