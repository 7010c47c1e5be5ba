//! A walk through the layers of a frame: where it stands, and what comes next.

use etherparse::IpNumber;

use crate::cursor::Cursor;
use crate::ip_header::IpHeader;
use crate::{Layer, LinkType, Other, Reason, Stopped};

/// How many steps are taken into a frame. A link header, a tag, an IP header, an extension header
/// and a tunnel header are a step or two each; no honest frame comes near it.
pub(crate) const MAX_STEPS: u8 = 40;
/// Up to here the field of an `EtherType` is the length of an IEEE 802.2 frame.
pub(crate) const MAX_LENGTH: u16 = 1500;

/// What comes next in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// What a link type says.
    Link(LinkType),
    /// An Ethernet header.
    Ethernet,
    /// What an `EtherType` says; up to 1500 it is the length of an IEEE 802.2 frame.
    EtherType(u16),
    /// The same in GRE: what is not known is GRE's.
    GreProtocol(u16),
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
        if number > MAX_LENGTH {
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
    pub(crate) steps: u8,
    /// Where the UDP header of the innermost guessed tunnel is.
    guessed_at: Option<usize>,
    /// Where a UDP header is whose tunnel was guessed wrongly in an earlier walk.
    wrong_guess: Option<usize>,
}

impl<'w, 'a> Walk<'w, 'a> {
    #[inline]
    pub(crate) fn new(cursor: Cursor<'a>, layers: &'w mut Vec<Layer>) -> Self {
        layers.clear();
        Self { cursor, ip: None, layers, steps: 0, guessed_at: None, wrong_guess: None }
    }

    /// Tells where and why decoding stopped; `None` where that is put down to a wrong guess, which
    /// is noted, and the walk starts anew.
    #[cold]
    pub(crate) fn stop(
        &mut self,
        failed: Result<Next, Stopped>,
        frame: &Cursor<'a>,
    ) -> Option<Stopped> {
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

    /// Enters a layer that carries packets or frames. An IP header around it is therefore not the
    /// innermost one.
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
