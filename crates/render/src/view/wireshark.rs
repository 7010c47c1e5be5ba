//! Display filters of Wireshark that find the frames of an attempt.

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
    let segments = handshake.segments.iter().map(SegmentRecord::place);
    let is_new = |place: &FramePlace| !segments.clone().any(|segment| segment == *place);
    let confirmed_by = handshake.confirmed_by.filter(is_new);
    segments.chain(confirmed_by)
}

/// As much as most filters take.
const USUAL: usize = 160;

impl WiresharkFilter<'_> {
    /// The filter. It is put together by hand: every record has one.
    pub(crate) fn text(self) -> String {
        let Self { handshake, source } = self;
        let Handshake { client, server, answered_by, .. } = handshake;
        let mut out = String::with_capacity(USUAL);
        let ip = if matches!(client.addr, IpAddr::V4(_)) { "ip.addr" } else { "ipv6.addr" };
        either(&mut out, ip, client.addr, None, push_addr);
        if server.addr != client.addr || answered_by.is_some() {
            out.push_str(" && ");
            either(&mut out, ip, server.addr, answered_by.map(|by| by.addr), push_addr);
        }
        // Wireshark has the ports of a packet in pieces at its last piece, not at the first.
        if handshake.segments.iter().all(|segment| segment.fragment == Fragment::Whole) {
            out.push_str(" && ");
            either(&mut out, "tcp.port", client.port, None, push_number);
            out.push_str(" && ");
            either(&mut out, "tcp.port", server.port, answered_by.map(|by| by.port), push_number);
        }
        let mut before = " && frame.number in {";
        for place in places(handshake).filter(|place| place.origin.source == source) {
            out.push_str(before);
            push_number(&mut out, place.frame);
            before = ", ";
        }
        out.push('}');
        out
    }
}

fn push_number(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

fn push_addr(out: &mut String, addr: IpAddr) {
    let IpAddr::V4(addr) = addr else { return out.push_str(&addr.to_string()) };
    for (index, octet) in addr.octets().into_iter().enumerate() {
        if index > 0 {
            out.push('.');
        }
        push_number(out, octet);
    }
}

/// A field that has one value, or another one.
fn either<T: Copy + PartialEq>(
    out: &mut String,
    field: &str,
    one: T,
    other: Option<T>,
    push: impl Fn(&mut String, T),
) {
    out.push_str(field);
    let Some(other) = other.filter(|other| *other != one) else {
        out.push_str(" == ");
        return push(out, one);
    };
    out.push_str(" in {");
    push(out, one);
    out.push_str(", ");
    push(out, other);
    out.push('}');
}

#[cfg(test)]
mod tests;
