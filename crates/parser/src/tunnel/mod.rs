//! Tunnels: what carries packets in packets.

pub(crate) mod backbone;
mod geneve;
pub(crate) mod gre;
mod gtpu;
pub(crate) mod mpls;
pub(crate) mod pppoe;
mod teredo;
mod vxlan;

use etherparse::{UdpHeaderSlice, ip_number};

use crate::Other;
use crate::walk::{Next, Walk};

/// A UDP header. A port hints at a tunnel; its own header must then agree, or this is UDP like any
/// other, and the walk stays at its header.
pub(crate) fn udp(walk: &mut Walk<'_, '_>) -> Next {
    const UDP: Next = Next::Other(Other::Ip(ip_number::UDP.0));
    let start = walk.cursor;
    let Ok(header) = UdpHeaderSlice::from_slice(start.bytes()) else { return UDP };
    let ports = [header.destination_port(), header.source_port()];
    let Some(step) = ports.into_iter().find_map(by_port) else { return UDP };
    if !walk.may_guess(start.offset()) {
        return UDP;
    }
    walk.cursor.advance(header.slice().len());
    let length = usize::from(header.length()).checked_sub(header.slice().len());
    // Zero where it exceeds 16 bits (RFC 2675); the packet's length stands for it then.
    if let Some(length) = length {
        walk.cursor.set_wire(length);
    }
    step(walk).unwrap_or_else(|| {
        walk.cursor = start;
        UDP
    })
}

/// A step into a UDP tunnel, or `None` where the tunnel's header does not agree.
type TunnelStep = fn(&mut Walk<'_, '_>) -> Option<Next>;

/// The tunnel that a UDP port hints at.
fn by_port(port: u16) -> Option<TunnelStep> {
    Some(match port {
        // IANA's, and the one that Linux used before there was one.
        4789 | 8472 => vxlan::step,
        4790 => vxlan::gpe,
        6081 => geneve::step,
        2152 => gtpu::step,
        3544 => teredo::step,
        4754 => gre::in_udp,
        _ => return None,
    })
}
