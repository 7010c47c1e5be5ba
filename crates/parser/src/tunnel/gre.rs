//! Generic routing encapsulation (RFC 2784, RFC 2890), its version 1 for PPTP (RFC 2637), and the
//! mirrored frames of Cisco's ERSPAN in it.

use etherparse::ip_number;

use crate::ether_types::PPP;
use crate::walk::{Next, Walk};
use crate::{Layer, LinkType, Other, Reason, Stopped};

const LAYER: &str = "gre";
const CHECKSUM: u8 = 0x80;
const ROUTING: u8 = 0x40;
const KEY: u8 = 0x20;
const SEQUENCE: u8 = 0x10;

/// Flags, version, protocol.
pub(crate) fn step(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let start = walk.cursor;
    let &[flags, version, p0, p1] = walk.cursor.take(LAYER)?;
    let protocol = u16::from_be_bytes([p0, p1]);
    match version & 0x07 {
        0 => version_0(walk, flags, protocol),
        1 => version_1(walk, flags, version),
        other => Err(start.stop(LAYER, Reason::Unsupported(u32::from(other)))),
    }
}

/// GRE in UDP (RFC 8086): version 0, and the bits that RFC 2784 and RFC 2890 reserve are zero.
pub(super) fn in_udp(walk: &mut Walk<'_, '_>) -> Option<Next> {
    let &[flags, version] = walk.cursor.peek(LAYER).ok()?;
    let is_plain = flags & !(CHECKSUM | KEY | SEQUENCE) == 0 && version == 0;
    is_plain.then_some(Next::Payload(ip_number::GRE))
}

/// The optional fields, then what `protocol` announces.
fn version_0(walk: &mut Walk<'_, '_>, flags: u8, protocol: u16) -> Result<Next, Stopped> {
    if flags & (CHECKSUM | ROUTING) != 0 {
        walk.cursor.take::<4>(LAYER)?;
    }
    let mut key = None;
    if flags & KEY != 0 {
        key = Some(u32::from_be_bytes(*walk.cursor.take(LAYER)?));
    }
    if flags & SEQUENCE != 0 {
        walk.cursor.take::<4>(LAYER)?;
    }
    if flags & ROUTING != 0 {
        // Source routes (RFC 1701): family, offset, length; an empty one is the last.
        while let &[f0, f1, _, length] = walk.cursor.take::<4>(LAYER)?
            && [f0, f1, length] != [0; 3]
        {
            walk.cursor.skip(LAYER, usize::from(length))?;
        }
    }
    walk.enter(Layer::Gre { key });
    match protocol {
        // Type I has neither sequence number nor header of its own.
        0x88be if flags & SEQUENCE == 0 => {
            walk.enter(Layer::Erspan { session: None });
            Ok(Next::Ethernet)
        }
        0x88be => erspan_2(walk),
        0x22eb => erspan_3(walk),
        0x883e => wccp(walk),
        // What Aruba's access points send to their controller.
        0x9000 | 0x8200..=0x8370 if protocol.is_multiple_of(0x10) => Ok(Next::Link(LinkType(105))),
        // Below that an `EtherType` would be a length.
        0x0600.. => Ok(Next::GreProtocol(protocol)),
        _ => Ok(Next::Other(Other::Gre(protocol))),
    }
}

/// PPTP: key with payload length and call id, then a sequence and an acknowledgment number where
/// the flags say so, then PPP.
fn version_1(walk: &mut Walk<'_, '_>, flags: u8, more_flags: u8) -> Result<Next, Stopped> {
    const ACKNOWLEDGMENT: u8 = 0x80;
    let &[l0, l1, c0, c1] = walk.cursor.take(LAYER)?;
    if flags & SEQUENCE != 0 {
        walk.cursor.take::<4>(LAYER)?;
    }
    if more_flags & ACKNOWLEDGMENT != 0 {
        walk.cursor.take::<4>(LAYER)?;
    }
    let length = u16::from_be_bytes([l0, l1]);
    if length == 0 {
        return Ok(Next::Other(Other::Ip(47))); // An acknowledgment alone.
    }
    walk.cursor.set_wire(usize::from(length));
    walk.enter(Layer::Gre { key: Some(u32::from(u16::from_be_bytes([c0, c1]))) });
    Ok(Next::EtherType(PPP.0))
}

/// ERSPAN type II: version, VLAN; class, flags, session; index (4); then Ethernet.
fn erspan_2(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const ERSPAN: &str = "erspan";
    let start = walk.cursor;
    let &[version, _, s0, s1, ..] = walk.cursor.take::<8>(ERSPAN)?;
    if version >> 4 != 1 {
        return Err(start.stop(ERSPAN, Reason::Unsupported(u32::from(version >> 4))));
    }
    walk.enter(Layer::Erspan { session: Some(u16::from_be_bytes([s0, s1]) & 0x03ff) });
    Ok(Next::Ethernet)
}

/// ERSPAN type III: as type II; time stamp (4); group tag (2), frame type, flags; eight bytes more
/// where the last bit says so; then Ethernet or IP.
fn erspan_3(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const ERSPAN: &str = "erspan";
    let start = walk.cursor;
    let &[version, _, s0, s1, .., kind, flags] = walk.cursor.take::<12>(ERSPAN)?;
    if version >> 4 != 2 {
        return Err(start.stop(ERSPAN, Reason::Unsupported(u32::from(version >> 4))));
    }
    if flags & 0x01 != 0 {
        walk.cursor.take::<8>(ERSPAN)?;
    }
    walk.enter(Layer::Erspan { session: Some(u16::from_be_bytes([s0, s1]) & 0x03ff) });
    match kind >> 2 & 0x1f {
        0 => Ok(Next::Ethernet),
        2 => Ok(Next::Ip),
        other => Err(start.stop(ERSPAN, Reason::Unsupported(u32::from(other)))),
    }
}

/// Web cache redirection: version 2 puts four bytes of its own before the IP packet.
fn wccp(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    if walk.cursor.peek::<1>("wccp")?[0] >> 4 != 4 {
        walk.cursor.take::<4>("wccp")?;
    }
    Ok(Next::Ip)
}
