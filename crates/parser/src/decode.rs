//! Peels the layers off a frame until the TCP segment is reached.

use crate::ip::IpHeader;
use crate::rest::Rest;
use crate::{Content, Layer, LinkType, Other, Packet, Reason, Segment, Stopped};
use crate::{ip, link};

/// How many steps are taken into a frame. A link header, a tag, an IP header, an extension header
/// and a tunnel header are a step or two each; no honest frame comes near it.
const MAX_STEPS: u8 = 40;

/// Decodes frames, one at a time. It keeps only the space for the layers of the last one.
#[derive(Debug, Default)]
pub struct Decoder {
    layers: Vec<Layer>,
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a frame of `link` type, `wire_len` bytes long on the wire, of which `bytes` was captured.
    ///
    /// A UDP tunnel is recognised by a port and by its own header, so it is a guess. Where a guess
    /// leads to something that can't be decoded it was wrong, and the frame is what it is without
    /// it: [`Other::Protocol`] 17. Only where the capture itself cut the frame is that reported.
    pub fn decode<'a>(&'a mut self, link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Packet<'a> {
        let rest = Rest::of_frame(wire_len, bytes);
        let mut walk = Walk::new(rest, &mut self.layers, None);
        let content = match walk.run(Next::Link(link)) {
            Ok(content) => content,
            Err(stopped) => {
                let cut = rest.is_cut() && matches!(stopped.reason, Reason::Truncated { .. });
                match walk.guessed_at.filter(|_| !cut) {
                    None => Content::Stopped(stopped),
                    wrong_guess => Walk::new(rest, &mut self.layers, wrong_guess)
                        .run(Next::Link(link))
                        .unwrap_or_else(Content::Stopped),
                }
            }
        };
        Packet { layers: &self.layers, content }
    }
}

/// What comes next in a frame.
#[derive(Debug)]
pub(crate) enum Next<'a> {
    /// What a link type says.
    Link(LinkType),
    /// An Ethernet header.
    Ethernet,
    /// What an `EtherType` says; up to 1500 it is the length of an IEEE 802.2 frame.
    EtherType(u16),
    /// An IP header of either version.
    Ip,
    /// Nothing: this is what the frame holds.
    End(Content<'a>),
}

impl<'a> Next<'a> {
    /// No IP in it.
    pub(crate) const NOT_IP: Self = Self::End(Content::Other(Other::NotIp));

    /// A TCP segment.
    #[inline]
    pub(crate) const fn tcp(segment: Segment<'a>) -> Self {
        Self::End(Content::Tcp(segment))
    }

    /// IP, and no TCP in it.
    pub(crate) const fn protocol(number: u8) -> Self {
        Self::End(Content::Other(Other::Protocol(number)))
    }
}

/// A walk through the layers of one frame.
#[derive(Debug)]
pub(crate) struct Walk<'w, 'a> {
    /// What lies ahead.
    pub(crate) rest: Rest<'a>,
    layers: &'w mut Vec<Layer>,
    steps: u8,
    /// Where the UDP header of the innermost guessed tunnel is.
    guessed_at: Option<usize>,
    /// Where a UDP header is whose tunnel was guessed wrongly in an earlier walk.
    wrong_guess: Option<usize>,
}

impl<'w, 'a> Walk<'w, 'a> {
    #[inline]
    fn new(rest: Rest<'a>, layers: &'w mut Vec<Layer>, wrong_guess: Option<usize>) -> Self {
        layers.clear();
        Self { rest, layers, steps: 0, guessed_at: None, wrong_guess }
    }

    #[inline]
    fn run(&mut self, mut next: Next<'a>) -> Result<Content<'a>, Stopped> {
        loop {
            self.count_step()?;
            next = match next {
                Next::Link(link) => link::step(self, link)?,
                Next::Ethernet => link::ethernet::step(self)?,
                Next::EtherType(number) => link::ethernet::ether_type(self, number)?,
                Next::Ip => ip::step(self)?,
                Next::End(content) => return Ok(content),
            };
        }
    }

    /// Counts one step, of which there are only so many.
    #[inline]
    pub(crate) fn count_step(&mut self) -> Result<(), Stopped> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(self.rest.stop("frame", Reason::TooDeep));
        }
        Ok(())
    }

    /// How many layers were passed.
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Notes a layer.
    pub(crate) fn push(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// Notes a tunnel layer in `outer`, which hereby turns out to be no innermost IP header.
    pub(crate) fn enter(&mut self, outer: &IpHeader, layer: Layer) {
        let IpHeader { source, destination, depth, .. } = *outer;
        self.layers.insert(depth.min(self.layers.len()), Layer::OuterIp { source, destination });
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
