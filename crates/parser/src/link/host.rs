//! Headers that operating systems put before IP packets in place of a link header.

use crate::walk::{Next, Walk};
use crate::{LinkType, Other, Stopped};

/// `AF_INET`, the same everywhere.
const INET: u32 = 2;

/// `AF_INET6` of Linux, NetBSD and OpenBSD, Solaris, FreeBSD, macOS.
const INET6: [u32; 5] = [10, 24, 26, 28, 30];

/// Whether an address family of any system announces an IP packet.
pub(crate) fn is_ip_family(number: u32) -> bool {
    number == INET || INET6.contains(&number)
}

/// What an address family of any system announces.
fn family(number: u32) -> Next {
    if is_ip_family(number) { Next::Ip } else { Next::Other(Other::Family(number)) }
}

/// The address family of a BSD loopback, in the byte order of the host that captured (`NULL`) or of the network
/// (`LOOP`). Families are small, so the value itself tells the order.
pub(crate) fn loopback_family(bytes: [u8; 4]) -> u32 {
    let number = u32::from_le_bytes(bytes);
    number.min(number.swap_bytes())
}

/// BSD loopback: four bytes of address family.
pub(super) fn loopback(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    Ok(family(loopback_family(*walk.cursor.take("loopback")?)))
}

/// OpenBSD's `enc` interface: address family, security parameters index, flags; four bytes each.
pub(super) fn enc(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[a, b, c, d, ..] = walk.cursor.take::<12>("enc")?;
    Ok(family(loopback_family([a, b, c, d])))
}

/// The log of the BSD packet filter: length, address family, much else. The length leaves out the
/// padding to whole words.
pub(super) fn pflog(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "pflog";
    let &[length, number] = walk.cursor.peek(LAYER)?;
    walk.cursor.skip(LAYER, usize::from(length).next_multiple_of(4))?;
    Ok(family(u32::from(number)))
}

/// Solaris IP observability: version, address family, hook type and length, indices and zones.
pub(super) fn ipnet(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    let &[_, number, ..] = walk.cursor.take::<24>("ipnet")?;
    Ok(family(u32::from(number)))
}

/// Apple's PKTAP: header length, record type, link type of the packet; little-endian, four bytes each.
pub(super) fn pktap(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "pktap";
    const PACKET: u32 = 1;
    let start = walk.cursor;
    let number = |at: &[u8; 4]| u32::from_le_bytes(*at);
    let length = number(walk.cursor.take(LAYER)?);
    let record = number(walk.cursor.take(LAYER)?);
    let link = number(walk.cursor.take(LAYER)?);
    walk.cursor = start;
    walk.cursor.skip(LAYER, length as usize)?;
    Ok(match record {
        PACKET => Next::Link(LinkType(link)),
        _ => Next::Other(Other::Named("pktap without packet")),
    })
}

/// The log of Linux netfilter: address family, version, resource id, then fields of length, type
/// and value, padded to whole words, in the byte order of the writer. One of them is the packet.
pub(super) fn nflog(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const LAYER: &str = "nflog";
    const PAYLOAD: u16 = 9;
    let &[number, ..] = walk.cursor.take::<4>(LAYER)?;
    // The kernel puts a field of eight bytes first: the smaller reading of its length is right.
    let &[a, b] = walk.cursor.peek(LAYER)?;
    let little_endian = u16::from_le_bytes([a, b]) <= u16::from_be_bytes([a, b]);
    let read = if little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
    while walk.cursor.wire() > 0 {
        let field = walk.cursor;
        let &[a, b, c, d] = walk.cursor.take(LAYER)?;
        let Some(length) = usize::from(read([a, b])).checked_sub(4) else {
            return Err(field.malformed(LAYER, "a field is shorter than its header"));
        };
        // Two bits of the type are flags of netlink's.
        if read([c, d]) & 0x3fff == PAYLOAD {
            walk.cursor.set_wire(length);
            return Ok(family(u32::from(number)));
        }
        walk.cursor.skip(LAYER, length.next_multiple_of(4))?;
    }
    Ok(Next::Other(Other::Named("netfilter log without packet")))
}
