//! Peels the layers off a frame until the TCP segment is reached.

use etherparse::{IpNumber, ip_number};

use crate::cursor::Cursor;
use crate::ip::IpHeader;
use crate::ip::fragments::Fragments;
use crate::{Content, Frame, Glance, Layer, LinkType, Other, Packet, Reason, Stopped};
use crate::{icmp, ip, link, tcp};

/// How many steps are taken into a frame. A link header, a tag, an IP header, an extension header
/// and a tunnel header are a step or two each; no honest frame comes near it.
pub(crate) const MAX_STEPS: u8 = 40;

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
            return Packet { layers: &[], content: Content::Tcp(glance.segment()) };
        }
        self.walk(frame)
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

/// What comes next in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// What a link type says.
    Link(LinkType),
    /// An Ethernet header.
    Ethernet,
    /// What an `EtherType` says; up to 1500 it is the length of an IEEE 802.2 frame.
    EtherType(u16),
    /// An IP header of either version.
    Ip,
    /// What an IP header says its payload is.
    Payload(IpNumber),
    /// A part of its payload that does not begin with what the header says it is.
    LaterPart,
    /// Nothing that is followed.
    Other(Other),
}

impl Next {
    /// What an IP header announces where `offset` bytes of it are in other fragments.
    pub(crate) const fn of_part(offset: usize, protocol: IpNumber) -> Self {
        if offset == 0 { Self::Payload(protocol) } else { Self::LaterPart }
    }

    /// What `number` announces where it can't be a length.
    pub(crate) const fn ether_type_only(number: u16) -> Self {
        if number > link::ethernet::MAX_LENGTH {
            Self::EtherType(number)
        } else {
            Self::Other(Other::EtherType(number))
        }
    }
}

/// A walk through the layers of one frame.
#[derive(Debug)]
pub(crate) struct Walk<'w, 'a> {
    /// What lies ahead.
    pub(crate) cursor: Cursor<'a>,
    /// The innermost IP header so far.
    pub(crate) ip: Option<IpHeader<'a>>,
    layers: &'w mut Vec<Layer>,
    steps: u8,
    /// Where the UDP header of the innermost guessed tunnel is.
    guessed_at: Option<usize>,
    /// Where a UDP header is whose tunnel was guessed wrongly in an earlier walk.
    wrong_guess: Option<usize>,
}

impl<'w, 'a> Walk<'w, 'a> {
    #[inline]
    fn new(cursor: Cursor<'a>, layers: &'w mut Vec<Layer>) -> Self {
        layers.clear();
        Self { cursor, ip: None, layers, steps: 0, guessed_at: None, wrong_guess: None }
    }

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

    /// Tells where and why decoding stopped; `None` where that is put down to a wrong guess, which
    /// is noted, and the walk starts anew.
    #[cold]
    fn stop(&mut self, failed: Result<Next, Stopped>, frame: &Cursor<'a>) -> Option<Stopped> {
        let too_deep = |_| self.cursor.stop("frame", Reason::TooDeep);
        let stopped = failed.map_or_else(|stopped| stopped, too_deep);
        let cut = frame.is_cut() && matches!(stopped.reason, Reason::Truncated { .. });
        if self.guessed_at.is_none() || cut {
            return Some(stopped);
        }
        self.layers.clear();
        (self.cursor, self.ip, self.steps) = (*frame, None, 0);
        self.wrong_guess = self.guessed_at.take();
        None
    }

    /// How many layers were passed.
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Notes a layer between an IP header and what that carries for itself.
    pub(crate) fn note(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// Enters a layer that carries packets or frames. An IP header around it hereby turns out not to
    /// be the innermost one.
    pub(crate) fn enter(&mut self, layer: Layer) {
        if let Some(outer) = self.ip.take() {
            let (source, destination) = outer.addresses.to_ip();
            let depth = outer.depth.min(self.layers.len());
            self.layers.insert(depth, Layer::OuterIp { source, destination });
        }
        self.layers.push(layer);
    }

    /// Whether the UDP header at `offset` may be guessed to carry a tunnel. From here on whatever
    /// can't be decoded is put down to this guess.
    pub(crate) fn may_guess(&mut self, offset: usize) -> bool {
        let may = self.wrong_guess != Some(offset);
        if may {
            self.guessed_at = Some(offset);
        }
        may
    }
}
