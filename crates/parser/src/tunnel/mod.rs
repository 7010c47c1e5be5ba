//! Tunnels: what carries packets in packets.

mod vxlan;

use etherparse::{UdpHeaderSlice, ip_number};

use crate::Fragment;
use crate::decode::{Next, Walk};
use crate::ip::IpHeader;

/// A UDP header. A port hints at a tunnel; its own header must then agree, or this is UDP like any
/// other.
pub(crate) fn udp<'a>(walk: &mut Walk<'_, 'a>, ip: &IpHeader) -> Next<'a> {
    const UDP: Next<'static> = Next::protocol(ip_number::UDP.0);
    let start = walk.rest;
    let Ok(header) = UdpHeaderSlice::from_slice(start.bytes()) else { return UDP };
    let ports = [header.destination_port(), header.source_port()];
    let Some(step) = ports.into_iter().find_map(by_port) else { return UDP };
    walk.rest.advance(header.slice().len());
    let length = usize::from(header.length()).checked_sub(header.slice().len());
    if let Some(length) = length.filter(|_| ip.fragment == Fragment::Whole) {
        walk.rest.set_wire(length);
    }
    if !walk.may_guess(start.offset()) {
        return UDP;
    }
    step(walk, ip).unwrap_or(UDP)
}

/// A step into a UDP tunnel, or `None` where the tunnel's header does not agree.
type Step = for<'a> fn(&mut Walk<'_, 'a>, &IpHeader) -> Option<Next<'a>>;

/// The tunnel that a UDP port hints at.
fn by_port(port: u16) -> Option<Step> {
    Some(match port {
        // IANA's, and the one that Linux used before there was one.
        4789 | 8472 => vxlan::step,
        _ => return None,
    })
}
