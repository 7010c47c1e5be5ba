//! Display filters of Wireshark that find the frames of an attempt.

use std::fmt;
use std::net::IpAddr;

use handshake::{FramePlace, Handshake, SegmentRecord};
use parser::Fragment;

/// A display filter that finds the frames of an attempt in one source: the end points, in both
/// directions, and the numbers of the frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WiresharkFilter<'a> {
    handshake: &'a Handshake,
    /// The file in which the numbers count.
    pub(crate) source: u16,
}

impl<'a> WiresharkFilter<'a> {
    pub(crate) const fn at(handshake: &'a Handshake, source: u16) -> Self {
        Self { handshake, source }
    }
}

/// One filter for each source that saw frames of the attempt, that of the first frame first.
pub(crate) fn wireshark_filters(
    handshake: &Handshake,
) -> impl Iterator<Item = WiresharkFilter<'_>> {
    let first = handshake.origin.source;
    let is_new = move |at: usize, source: u16| {
        source != first && !places(handshake).take(at).any(|place| place.origin.source == source)
    };
    let sources = places(handshake).map(|place| place.origin.source).enumerate();
    let others = sources.filter(move |&(at, source)| is_new(at, source)).map(|(_, source)| source);
    std::iter::once(first).chain(others).map(|source| WiresharkFilter::at(handshake, source))
}

/// The frames of the segments, and the one that shows that the server took the acknowledgment.
fn places(handshake: &Handshake) -> impl Iterator<Item = FramePlace> {
    handshake.segments.iter().map(SegmentRecord::place).chain(handshake.confirmed_by)
}

impl fmt::Display for WiresharkFilter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handshake, source } = *self;
        let Handshake { client, server, answered_by, .. } = handshake;
        let answered_by = answered_by.as_ref();
        let ip = if matches!(client.addr, IpAddr::V4(_)) { "ip.addr" } else { "ipv6.addr" };
        either(f, ip, &client.addr, None)?;
        if server.addr != client.addr || answered_by.is_some() {
            f.write_str(" && ")?;
            either(f, ip, &server.addr, answered_by.map(|by| &by.addr))?;
        }
        // Wireshark has the ports of a packet in pieces at its last piece, not at the first.
        if handshake.segments.iter().all(|segment| segment.fragment == Fragment::Whole) {
            f.write_str(" && ")?;
            either(f, "tcp.port", &client.port, None)?;
            f.write_str(" && ")?;
            either(f, "tcp.port", &server.port, answered_by.map(|by| &by.port))?;
        }
        f.write_str(" && frame.number in {")?;
        let here = places(handshake).filter(|place| place.origin.source == source);
        for (index, place) in here.enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}", place.frame)?;
        }
        f.write_str("}")
    }
}

/// A field that has one value, or another one.
fn either<T: fmt::Display + PartialEq>(
    f: &mut fmt::Formatter<'_>,
    field: &str,
    one: &T,
    other: Option<&T>,
) -> fmt::Result {
    match other.filter(|&other| other != one) {
        Some(other) => write!(f, "{field} in {{{one}, {other}}}"),
        None => write!(f, "{field} == {one}"),
    }
}

#[cfg(test)]
mod tests;
