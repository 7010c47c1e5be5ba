//! IEEE 802.11 frames and the headers that capture drivers put before them.

use crate::link::llc;
use crate::walk::{Next, Walk};
use crate::{LinkType, Other, Stopped};

const LAYER: &str = "802.11";

/// How the header ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    /// Where it ends.
    None,
    /// At a multiple of four bytes: some hardware does so, and radiotap tells.
    Words,
}

/// A frame without anything before it.
pub(super) fn plain(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    frame(walk, Padding::None)
}

/// A data frame: frame control, duration, three addresses, sequence control; then a fourth address
/// between access points, and what `QoS` adds. Other frames, encrypted ones and later fragments hold
/// no IP that can be read.
fn frame(walk: &mut Walk<'_, '_>, padding: Padding) -> Result<Next, Stopped> {
    let start = walk.cursor.offset();
    let &[control, flags] = walk.cursor.peek(LAYER)?;
    if let Some(what) = without_ip(control, flags) {
        return Ok(Next::Other(Other::Named(what)));
    }
    let &[.., sequence_low, _] = walk.cursor.take::<24>(LAYER)?;
    if flags & 0x03 == 0x03 {
        walk.cursor.take::<6>(LAYER)?;
    }
    let mut aggregated = false;
    if control & 0x80 != 0 {
        let &[qos, _] = walk.cursor.take(LAYER)?;
        aggregated = qos & 0x80 != 0;
        if flags & 0x80 != 0 {
            walk.cursor.take::<4>("802.11 ht control")?;
        }
    }
    if sequence_low & 0x0f != 0 {
        return Ok(Next::Other(Other::Named("802.11 later fragment")));
    }
    if padding == Padding::Words && !(walk.cursor.offset() - start).is_multiple_of(4) {
        walk.cursor.take::<2>(LAYER)?;
    }
    if aggregated {
        // An A-MSDU: destination, source and length before each of its frames. The first counts.
        let &[.., high, low] = walk.cursor.take::<14>("a-msdu")?;
        walk.cursor.set_wire(usize::from(u16::from_be_bytes([high, low])));
    }
    llc::step(walk)
}

/// What a frame is that holds no IP, or none that can be read; by the version and type, the subtype's
/// bit for frames without data, and the bit for encrypted ones.
const fn without_ip(control: u8, flags: u8) -> Option<&'static str> {
    Some(match control & 0x0f {
        0x08 if control & 0x40 != 0 => "802.11 without data",
        0x08 if flags & 0x40 != 0 => "802.11 encrypted",
        0x08 => return None,
        0x00 => "802.11 management",
        0x04 => "802.11 control",
        _ => "802.11 of another kind",
    })
}

/// Radiotap: version, padding, length, a bit for each field present; all little-endian.
pub(super) fn radiotap(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const RADIOTAP: &str = "radiotap";
    let header = walk.cursor;
    let &[version, _, low, high] = header.peek(RADIOTAP)?;
    if version != 0 {
        return Err(header.malformed(RADIOTAP, "the version is not 0"));
    }
    walk.cursor.skip(RADIOTAP, usize::from(u16::from_le_bytes([low, high])))?;
    frame(walk, radiotap_padding(header.bytes()))
}

/// What the flags field of a radiotap header says of the padding, where there is one.
fn radiotap_padding(header: &[u8]) -> Padding {
    const MORE_WORDS: u32 = 1 << 31;
    const TSFT: u32 = 1;
    const FLAGS: u32 = 2;
    const DATA_PAD: u8 = 0x20;
    let present = |word: usize| {
        let bytes = header.get(4 + 4 * word..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let words = (0..).take_while(|&word| present(word).is_some_and(|bits| bits & MORE_WORDS != 0));
    let fields = 8 + 4 * words.count();
    // The time stamp before it is eight bytes, aligned to eight.
    let at = match present(0) {
        Some(bits) if bits & FLAGS == 0 => return Padding::None,
        Some(bits) if bits & TSFT != 0 => fields.next_multiple_of(8) + 8,
        _ => fields,
    };
    match header.get(at) {
        Some(flags) if flags & DATA_PAD != 0 => Padding::Words,
        _ => Padding::None,
    }
}

/// The Prism header (the writer's byte order) or its successor AVS (the network's): a magic number,
/// the header's length. That is small, so the smaller reading is the right one.
pub(super) fn prism_or_avs(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const PRISM: &str = "prism";
    let &[_, _, _, _, ref length @ ..] = walk.cursor.peek::<8>(PRISM)?;
    let length = u32::from_le_bytes(*length).min(u32::from_be_bytes(*length));
    walk.cursor.skip(PRISM, length as usize)?;
    frame(walk, Padding::None)
}

/// PPI: version, flags, length, and the link type of what follows; all little-endian.
pub(super) fn ppi(walk: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    const PPI: &str = "ppi";
    let &[_, _, low, high, ref link @ ..] = walk.cursor.peek::<8>(PPI)?;
    walk.cursor.skip(PPI, usize::from(u16::from_le_bytes([low, high])))?;
    Ok(Next::Link(LinkType(u32::from_le_bytes(*link))))
}
