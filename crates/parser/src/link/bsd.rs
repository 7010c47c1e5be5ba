//! BSD loopback: an address family before the IP packet.

use crate::decode::{Next, Walk};
use crate::{Other, Stopped};

/// `AF_INET`, the same everywhere.
const INET: u32 = 2;

/// `AF_INET6` of Linux, NetBSD and OpenBSD, FreeBSD, macOS.
const INET6: [u32; 4] = [10, 24, 28, 30];

/// Four bytes of address family, in the byte order of the host that captured (`NULL`) or of the
/// network (`LOOP`). Families are small, so the value itself tells the order.
pub(crate) fn loopback(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let family = u32::from_le_bytes(*walk.rest.take("loopback")?);
    let family = family.min(family.swap_bytes());
    Ok(if family == INET || INET6.contains(&family) { Next::Ip } else { Next::Other(Other::NotIp) })
}
