//! Peels the layers off a frame until the TCP segment is reached.

use etherparse::ip_number;

use crate::cursor::Cursor;
use crate::datagram::datagram;
use crate::ip::fragments::Fragments;
use crate::walk::{MAX_STEPS, Next, Walk};
use crate::{Content, Datagram, Frame, Glance, Layer, LinkType, Other, Packet};
use crate::{icmp, ip, link, tcp};

/// Decodes frames, one at a time. It keeps the space for the layers of the last one, and the pieces of
/// a few TCP headers that came in IP fragments.
#[derive(Debug, Default)]
pub struct Decoder {
    layers: Vec<Layer>,
    fragments: Fragments,
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a frame. A segment whose header came in fragments is that of the frame that completed it.
    ///
    /// A UDP tunnel is recognised by a port and by its own header, so it is a guess. Where a guess
    /// leads to something that can't be decoded it was wrong, and the frame is what it is without
    /// it: [`Other::Ip`] 17. Only where the capture itself cut the frame is that reported.
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        if let Some(glance) = Glance::of(frame.link, frame.wire_len, frame.bytes) {
            self.layers.clear();
            self.layers.extend_from_slice(&glance.layers());
            return Packet { layers: &self.layers, content: Content::Tcp(glance.segment()) };
        }
        self.walk(frame)
    }

    /// The UDP datagram in a frame, where there is one and it carries no tunnel. Fragments are not put
    /// together.
    pub fn datagram<'a>(&mut self, frame: &Frame<'a>) -> Option<Datagram<'a>> {
        const UDP: Content<'_> = Content::Other(Other::Ip(ip_number::UDP.0));
        if Glance::of(frame.link, frame.wire_len, frame.bytes).is_some() {
            return None;
        }
        let whole = Cursor::of_frame(frame.wire_len, frame.bytes);
        let mut walk = Walk::new(whole, &mut self.layers);
        let is_udp = walk.run(whole, frame.link) == UDP;
        let Walk { ip, cursor, .. } = walk;
        ip.filter(|_| is_udp).and_then(|ip| datagram(cursor, &ip))
    }

    /// How many TCP headers came in fragments and were not put together: because a part of them is
    /// missing, or has not come yet.
    pub fn headers_not_reassembled(&self) -> u64 {
        self.fragments.incomplete()
    }

    /// Decodes a frame layer by layer.
    pub(crate) fn walk<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        let Self { layers, fragments } = self;
        let whole = Cursor::of_frame(frame.wire_len, frame.bytes);
        let mut walk = Walk::new(whole, layers);
        let mut content = walk.run(whole, frame.link);
        let has_part = matches!(
            content,
            Content::Tcp(_) | Content::Other(Other::HeaderFragment | Other::LaterFragment)
        );
        if let Walk { ip: Some(ip), cursor, .. } = walk
            && let Some(part) = ip.part.filter(|part| has_part && part.is_tcp)
            && let Some(joined) = fragments.add(frame, layers, (&ip, part), &cursor)
        {
            content = joined;
        }
        Packet { layers, content }
    }
}

impl<'a> Walk<'_, 'a> {
    /// Walks to the end, or to where it can't go on. The steps to a plain segment are compiled into
    /// this loop; the others are kept out of it, which leaves the registers to them.
    #[inline]
    fn run(&mut self, frame: Cursor<'a>, link: LinkType) -> Content<'a> {
        let mut next = Next::Link(link);
        loop {
            let step = match next {
                Next::Link(link) => link::step(self, link),
                Next::Ethernet => link::ethernet::step(self),
                Next::EtherType(number) => link::ethernet::ether_type(self, number),
                Next::GreProtocol(number) => link::ethernet::gre_protocol(self, number),
                Next::Ip => ip::step(self),
                Next::Payload(ip_number::TCP) => match tcp::fixed_header(self) {
                    Ok((header, ip)) => {
                        return Content::Tcp(tcp::segment(header, &self.cursor, ip));
                    }
                    Err(_) if self.cuts_header() => return Content::Other(Other::HeaderFragment),
                    Err(stopped) => Err(stopped),
                },
                Next::LaterPart => return Content::Other(Other::LaterFragment),
                Next::Payload(protocol @ (ip_number::ICMP | ip_number::IPV6_ICMP)) => {
                    match icmp::message(self, protocol) {
                        Ok(content) => return content,
                        Err(stopped) => Err(stopped),
                    }
                }
                Next::Payload(protocol) => ip::payload(self, protocol),
                Next::Other(other) => return Content::Other(other),
            };
            self.steps += 1;
            next = match step {
                Ok(next) if self.steps <= MAX_STEPS => next,
                failed => match self.stop(failed, &frame) {
                    Some(stopped) => return Content::Stopped(stopped),
                    None => Next::Link(link),
                },
            };
        }
    }

    /// Whether this is a first fragment that ends within the fixed TCP header.
    #[cold]
    fn cuts_header(&self) -> bool {
        let part = self.ip.and_then(|ip| ip.part);
        part.is_some_and(|part| part.is_tcp && part.more) && self.cursor.wire() < tcp::FIXED
    }
}
