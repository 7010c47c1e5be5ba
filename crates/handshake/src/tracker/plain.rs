//! Attempts that have taken the plain course so far, in one cache line each.
//!
//! Most attempts are a SYN, then its SYN-ACK, then the ACK of that and perhaps the client's RST, or a
//! SYN and a RST, or one SYN several times, and nothing else is on their 4-tuple. Of these a number, a
//! time and the few fields that tell a packet from its copy are kept. Whatever else comes unfolds one
//! to a full [`Attempt`](super::attempt::Attempt), which judges the kept segments as if it had taken
//! them when they came.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parser::{Endpoint, SeqNumber};

use super::kept::Brief;
use super::stage::Stage;
use super::state::WINDOW;
use super::vantage::Number;
use crate::side::Side;

/// Ids have 48 bits, so that three small numbers fit beside them: half of the number of a vantage, how often
/// the SYN was sent again, and the stage.
const ID_FROM: u32 = 16;
const VANTAGE_FROM: u32 = 8;
const AGAIN_FROM: u32 = 4;
const HALF_A_BYTE: u64 = 0xf;
/// An attempt keeps at most so many segments, which is as many as Linux sends SYNs, and one more.
pub(super) const MOST_SEGMENTS: usize = 12;
const _: () = assert!(MOST_SEGMENTS as u64 - 1 <= HALF_A_BYTE);

/// Above how much the client sent: it sent its FIN, which counts, or its RST.
const ENDED: u32 = 1 << 31;
const _: () = assert!(WINDOW < ENDED);

/// The two ends, and how much the client is known to have sent beyond its SYN. Addresses of four bytes leave
/// room for what is kept of the SYN.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    V4 { sent: u32, syn: Brief, client: [u8; 4], server: [u8; 4] },
    V6 { sent: u32, client: [u8; 16], server: [u8; 16] },
}

/// An attempt on the plain course.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Plain {
    ends: Ends,
    client_port: u16,
    server_port: u16,
    /// J.
    pub(super) client_isn: SeqNumber,
    /// K, or the sequence number of the RST that refused the SYN.
    pub(super) server_isn: SeqNumber,
    /// The latest segment that is not here, or the next free place.
    pub(super) latest: u32,
    id_and_more: u64,
}

/// What opens an attempt on the plain course.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainOpening<'a> {
    pub(super) id: u64,
    pub(super) client: &'a Endpoint,
    pub(super) server: &'a Endpoint,
    pub(super) client_isn: SeqNumber,
    pub(super) vantage: Number,
    pub(super) syn: Brief,
}

impl Plain {
    #[inline]
    pub(super) fn stage(&self) -> Stage {
        Stage::of((self.id_and_more & HALF_A_BYTE) as u8)
    }

    #[inline]
    pub(super) fn id(&self) -> u64 {
        self.id_and_more >> ID_FROM
    }

    /// The [`high`](super::vantage::Number::high) half of the numbers of its vantages.
    #[inline]
    pub(super) const fn high(&self) -> u8 {
        (self.id_and_more >> VANTAGE_FROM) as u8
    }

    /// How often the SYN was sent again, where nothing has come since.
    #[inline]
    pub(super) fn again(&self) -> u32 {
        (self.id_and_more >> AGAIN_FROM & HALF_A_BYTE) as u32
    }

    /// What tells it from others at the same place, and from itself before its SYN was sent again.
    #[inline]
    pub(super) fn tag(&self) -> u32 {
        (self.id() as u32) << AGAIN_FROM | self.again()
    }

    /// How much the client is known to have sent beyond its SYN: with its FIN, or up to its RST.
    pub(super) const fn client_sent(&self) -> u32 {
        self.sent() & !ENDED
    }

    /// Whether the client sent its FIN or its RST.
    pub(super) const fn client_ended(&self) -> bool {
        self.sent() & ENDED != 0
    }

    const fn sent(&self) -> u32 {
        match self.ends {
            Ends::V4 { sent, .. } | Ends::V6 { sent, .. } => sent,
        }
    }

    fn set_sent(&mut self, now: u32) {
        match &mut self.ends {
            Ends::V4 { sent, .. } | Ends::V6 { sent, .. } => *sent = now,
        }
    }

    /// What is kept of its SYN, where that is here.
    #[inline]
    pub(super) const fn syn(&self) -> Option<&Brief> {
        match &self.ends {
            Ends::V4 { syn, .. } => Some(syn),
            Ends::V6 { .. } => None,
        }
    }

    /// Whether [`Plain::server_isn`] is K.
    pub(super) fn has_server_isn(&self) -> bool {
        matches!(self.stage(), Stage::Received | Stage::Established | Stage::ClientClosed)
    }

    /// Who sent its segment at this place, with its sequence number and acknowledgment.
    pub(super) fn numbers(&self, at: usize) -> (Side, SeqNumber, SeqNumber) {
        let (j, k) = (self.client_isn, self.server_isn);
        match at {
            0 => (Side::Client, j, SeqNumber(0)),
            _ if self.stage() == Stage::SentAgain => (Side::Client, j, SeqNumber(0)),
            1 => (Side::Server, k, j.plus(1)),
            2 => (Side::Client, j.plus(1), k.plus(1)),
            _ => (Side::Client, j.plus(1).plus(self.client_sent()), k.plus(1)),
        }
    }

    pub(super) fn set_stage(&mut self, stage: Stage) {
        let again = if stage == Stage::SentAgain { u64::from(self.again()) + 1 } else { 0 };
        let kept = self.id_and_more >> VANTAGE_FROM << VANTAGE_FROM;
        self.id_and_more = kept | again << AGAIN_FROM | stage as u64;
    }

    /// The client sent this much, or more.
    pub(super) fn note_client_sent(&mut self, bytes: u32) {
        self.set_sent(bytes.max(self.client_sent()) | self.sent() & ENDED);
    }

    /// The client sent its FIN, and this much with it, or more.
    pub(super) fn note_client_fin(&mut self, bytes: u32) {
        self.set_sent(bytes.max(self.client_sent()) | ENDED);
    }

    /// The client sent this much, and then its RST.
    pub(super) fn note_client_reset(&mut self, bytes: u32) {
        self.set_sent(bytes | ENDED);
    }

    #[inline]
    pub(super) fn client(&self) -> Endpoint {
        let addr = match self.ends {
            Ends::V4 { client, .. } => IpAddr::V4(Ipv4Addr::from(client)),
            Ends::V6 { client, .. } => IpAddr::V6(Ipv6Addr::from(client)),
        };
        Endpoint { addr, port: self.client_port }
    }

    #[inline]
    pub(super) fn server(&self) -> Endpoint {
        let addr = match self.ends {
            Ends::V4 { server, .. } => IpAddr::V4(Ipv4Addr::from(server)),
            Ends::V6 { server, .. } => IpAddr::V6(Ipv6Addr::from(server)),
        };
        Endpoint { addr, port: self.server_port }
    }

    /// Who sends what goes from `source` to `destination`, where these are the two ends.
    #[inline]
    pub(super) fn sender(&self, source: &Endpoint, destination: &Endpoint) -> Option<Side> {
        let is = |client: &Endpoint, server: &Endpoint| {
            self.client_port == client.port
                && self.server_port == server.port
                && match (self.ends, client.addr, server.addr) {
                    (Ends::V4 { client, server, .. }, IpAddr::V4(a), IpAddr::V4(b)) => {
                        (client, server) == (a.octets(), b.octets())
                    }
                    (Ends::V6 { client, server, .. }, IpAddr::V6(a), IpAddr::V6(b)) => {
                        (client, server) == (a.octets(), b.octets())
                    }
                    _ => false,
                }
        };
        if is(source, destination) {
            Some(Side::Client)
        } else if is(destination, source) {
            Some(Side::Server)
        } else {
            None
        }
    }
}

impl PlainOpening<'_> {
    #[inline]
    pub(super) const fn plain(&self, ends: Ends, latest: u32) -> Plain {
        Plain {
            ends,
            client_port: self.client.port,
            server_port: self.server.port,
            client_isn: self.client_isn,
            server_isn: SeqNumber(0),
            latest,
            id_and_more: self.id << ID_FROM
                | (self.vantage.high as u64) << VANTAGE_FROM
                | Stage::Sent as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_one_cache_line() {
        assert_eq!(size_of::<Plain>(), 64);
    }

    #[test]
    fn a_stage_stands_beside_an_id_and_half_of_a_number() {
        let addr = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let end = Endpoint { addr, port: 1 };
        let (id, high) = ((1 << 48) - 1, 0xa5);
        let opening = PlainOpening {
            id,
            client: &end,
            server: &end,
            client_isn: SeqNumber(7),
            vantage: Number { high, low: 0x5a },
            syn: Brief::NONE,
        };
        let ends = Ends::V6 { sent: 0, client: [0; 16], server: [0; 16] };
        let mut plain = opening.plain(ends, 0);
        let is = |plain: &Plain, stage: Stage, again: u32| {
            assert_eq!((plain.id(), plain.high()), (id, high));
            assert_eq!((plain.stage(), plain.again()), (stage, again));
            assert_eq!(plain.tag(), 0xffff_fff0 + again);
        };
        for stage in [
            Stage::Free,
            Stage::Sent,
            Stage::Received,
            Stage::Established,
            Stage::Refused,
            Stage::ClientClosed,
            Stage::SentAgain,
        ] {
            plain.set_stage(stage);
            is(&plain, stage, u32::from(stage == Stage::SentAgain));
        }
        for again in 2..MOST_SEGMENTS as u32 {
            plain.set_stage(Stage::SentAgain);
            is(&plain, Stage::SentAgain, again);
        }
        plain.set_stage(Stage::Sent);
        is(&plain, Stage::Sent, 0);
    }
}
