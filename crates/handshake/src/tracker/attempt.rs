//! An attempt while it is open: what has been seen of it so far.

use parser::{Endpoint, Frame, Glance, Layer, Origin, Segment, SeqNumber, Timestamp};

use super::judge::{Effect, Judgement};
use crate::record::{IcmpEvidence, Previous, Side};
use crate::segment::{Kind, SegmentRecord, Verdict};

/// Two equal packets within this time are one packet that was captured twice: no TCP repeats a
/// segment of the handshake that fast.
const COPY_WITHIN_NS: u64 = 5_000_000;
/// A SYN-ACK sooner than this after the client's acknowledgment is no sign that the server dropped
/// that: the two crossed, or it answers a SYN that was repeated. Timers start at 1 s (RFC 6298), and
/// no stack goes below this.
const REPEAT_AFTER_NS: i64 = 200_000_000;
/// Stray segments kept in a record: enough to tell a story, few enough to keep the picture.
const STRAYS: u8 = 3;

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// SYNs only, from the client or from both.
    SynSent,
    /// The server's SYN-ACK was seen.
    SynReceived,
    /// So was the client's acknowledgment; the server has not yet shown that it took it.
    Established,
    /// An RST ended it; it lingers for what still belongs to it.
    Over,
}

/// How a RST ended an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Refused,
    Reset(Side),
}

/// An open attempt.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that was or was not seen"
)]
pub(super) struct Attempt {
    pub(super) id: u64,
    pub(super) previous: Option<Previous>,
    pub(super) origin: Origin,
    pub(super) encapsulation: Vec<Layer>,
    pub(super) hash: u64,
    pub(super) scope: u64,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) start: Option<Timestamp>,
    pub(super) client_isn: SeqNumber,
    pub(super) server_isn: Option<SeqNumber>,
    pub(super) phase: Phase,
    pub(super) refusal: Option<Refusal>,
    pub(super) syn_captured: bool,
    /// The server sent a SYN of its own: a simultaneous or a split open.
    pub(super) server_syn: bool,
    /// J was acknowledged by the server, K by the client. In a simultaneous open it takes both.
    pub(super) j_acked: bool,
    pub(super) k_acked: bool,
    /// The most data that a SYN carried.
    pub(super) syn_data: u32,
    pub(super) syn_retransmissions: u32,
    pub(super) syn_ack_retransmissions: u32,
    /// The tracker's time when the client acknowledged K.
    acked_at: i64,
    /// SYN-ACKs sent again after the client acknowledged K, and whether it did so once more since.
    pub(super) repeats_after_ack: u32,
    pub(super) acked_again: bool,
    /// The server reset the connection that it had not let in (`tcp_abort_on_overflow`).
    pub(super) aborted: bool,
    /// The acknowledgment of the last answer that did not fit J: the client resets that number and
    /// tries again (RFC 9293, 3.5.1).
    pub(super) wrong_answer: Option<SeqNumber>,
    pub(super) confirmed_by: Option<u64>,
    /// Whether it counts as pending at its server.
    pub(super) pending: bool,
    pub(super) icmp: Option<IcmpEvidence>,
    pub(super) segments: Vec<SegmentRecord>,
    pub(super) segments_omitted: u32,
    strays: u8,
    /// The tracker's time when the attempt last had a segment, and the gap before that segment.
    pub(super) last_seen: i64,
    pub(super) last_gap: i64,
}

/// What opens an attempt.
pub(super) struct Opening<'a> {
    pub(super) id: u64,
    pub(super) previous: Option<Previous>,
    pub(super) hash: u64,
    pub(super) scope: u64,
    pub(super) layers: &'a [Layer],
    pub(super) now: i64,
}

impl Attempt {
    /// An attempt that `segment`, a SYN or a SYN-ACK, opens. It does not hold the segment yet.
    /// `segments` lends its capacity.
    pub(super) fn open(
        opening: &Opening<'_>,
        frame: &Frame<'_>,
        segment: &Segment<'_>,
        segments: Vec<SegmentRecord>,
    ) -> Self {
        let (client, server, client_isn) = match segment.ack() {
            None => (segment.source, segment.destination, segment.seq),
            Some(ack) => (segment.destination, segment.source, ack.minus(1)),
        };
        Self {
            id: opening.id,
            previous: opening.previous,
            origin: frame.origin,
            encapsulation: opening.layers.to_vec(),
            hash: opening.hash,
            scope: opening.scope,
            client,
            server,
            start: frame.timestamp,
            client_isn,
            server_isn: None,
            phase: Phase::SynSent,
            refusal: None,
            syn_captured: false,
            server_syn: false,
            j_acked: false,
            k_acked: false,
            syn_data: 0,
            syn_retransmissions: 0,
            syn_ack_retransmissions: 0,
            acked_at: 0,
            repeats_after_ack: 0,
            acked_again: false,
            aborted: false,
            wrong_answer: None,
            confirmed_by: None,
            pending: true,
            icmp: None,
            segments,
            segments_omitted: 0,
            strays: 0,
            last_seen: opening.now,
            last_gap: 0,
        }
    }

    /// Whether the attempt is one between these two.
    #[inline]
    pub(super) fn is_between(&self, a: &Endpoint, b: &Endpoint) -> bool {
        (self.client == *a && self.server == *b) || (self.client == *b && self.server == *a)
    }

    /// Who of the two sent `segment`, where it belongs to this 4-tuple at all.
    pub(super) fn sender(&self, kind: Kind, segment: &Segment<'_>) -> Option<Side> {
        if self.client == self.server {
            // A socket that connects to itself: the SYN-ACK is its passive half.
            return Some(if kind == Kind::SynAck { Side::Server } else { Side::Client });
        }
        if self.client == segment.source && self.server == segment.destination {
            Some(Side::Client)
        } else if self.client == segment.destination && self.server == segment.source {
            Some(Side::Server)
        } else {
            None
        }
    }

    /// Whether `segment` is a packet that is in the record already, captured a second time. The IP
    /// id alone proves nothing (Linux sets it to 0 in SYN-ACKs), but where it counts up, it tells a
    /// retransmission apart. And what comes after the other side spoke is an answer to that.
    pub(super) fn is_copy(&self, segment: &Segment<'_>, from: Side, at: Option<Timestamp>) -> bool {
        for kept in self.segments.iter().rev() {
            if kept.from != from.into() && kept.verdict != Verdict::DuplicateCapture {
                return false;
            }
            if kept.seq == segment.seq && kept.flags == segment.flags && repeats(kept, segment, at)
            {
                return kept.from == from.into();
            }
        }
        false
    }

    /// Whether a segment of which this much was seen is none of the attempt's business: something
    /// that the client sends when it is connected, as far as is known, and no copy.
    #[inline]
    pub(super) fn ignores(&self, glance: &Glance<'_>) -> bool {
        self.phase == Phase::Established
            && self.repeats_after_ack == 0
            && self.scope == 0
            && self.client == glance.source
            && self.client != self.server
            && Kind::of(glance.flags) == Kind::Ack
            && self
                .segments
                .iter()
                .all(|kept| kept.seq != glance.seq() || kept.len != glance.data_len())
    }

    /// Notes that the attempt was heard of at `now`.
    pub(super) fn touch(&mut self, now: i64) {
        self.last_gap = now.saturating_sub(self.last_seen).max(0);
        self.last_seen = now;
    }

    /// Lets a judged segment take its effect. `frame` and `now` say which one it is and when it came.
    pub(super) fn apply(
        &mut self,
        judgement: &Judgement,
        segment: &Segment<'_>,
        (frame, now): (u64, i64),
    ) {
        match judgement.effect {
            Effect::None | Effect::Superseded | Effect::Closed => {}
            Effect::Opened => {
                self.syn_captured = true;
                self.syn_data = self.syn_data.max(segment.len);
            }
            Effect::SynAgain => {
                self.syn_retransmissions += 1;
                self.syn_data = self.syn_data.max(segment.len);
                if self.phase == Phase::Over {
                    self.phase = Phase::SynSent;
                }
            }
            Effect::ServerSyn => {
                self.server_isn = Some(segment.seq);
                self.server_syn = true;
            }
            Effect::SynAck => {
                self.server_isn = Some(segment.seq);
                self.j_acked = true;
                self.phase = if self.k_acked { Phase::Established } else { Phase::SynReceived };
            }
            Effect::SynAckAgain => {
                self.syn_ack_retransmissions += 1;
                if self.phase == Phase::Established
                    && now.saturating_sub(self.acked_at) >= REPEAT_AFTER_NS
                {
                    self.repeats_after_ack += 1;
                    self.acked_again = false;
                }
            }
            Effect::JAcked => {
                self.j_acked = true;
                self.phase = if self.k_acked { Phase::Established } else { self.phase };
            }
            Effect::KAcked { server_isn } => {
                self.server_isn = Some(server_isn);
                self.k_acked = true;
                self.acked_at = now;
                self.refusal = None;
                self.phase = if self.j_acked { Phase::Established } else { self.phase };
            }
            Effect::AckedAgain => self.acked_again = true,
            Effect::Refused => self.end(Refusal::Refused),
            Effect::Reset(side) => self.end(Refusal::Reset(side)),
            Effect::WrongAnswer(ack) => self.wrong_answer = Some(ack),
            Effect::Confirmed => self.confirmed_by = Some(frame),
            Effect::Aborted => self.aborted = true,
        }
    }

    fn end(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
        self.phase = Phase::Over;
    }

    /// Whether a judged segment is to be shown in the record. Others do not keep an attempt open either.
    pub(super) fn keeps(&self, kind: Kind, judgement: &Judgement) -> bool {
        match (judgement.verdict, judgement.effect) {
            (_, Effect::Superseded) => false,
            // What shows that the server went on is named in the record; it is no part of the picture.
            (Verdict::Stray, Effect::Confirmed | Effect::Closed) => kind == Kind::Rst,
            (Verdict::Stray, Effect::None) => match self.phase {
                Phase::SynSent | Phase::SynReceived => true,
                Phase::Established => kind == Kind::Rst,
                Phase::Over => kind == Kind::SynAck,
            },
            _ => true,
        }
    }

    /// Adds a segment to the record, up to `limit` of them; what moved the handshake on always fits.
    /// Tells by how many segments the attempt grew.
    pub(super) fn keep(&mut self, record: SegmentRecord, limit: usize) -> usize {
        if record.verdict == Verdict::Stray {
            self.strays = self.strays.saturating_add(1);
        }
        let fits = self.segments.len() < limit || record.verdict == Verdict::Advanced;
        let wanted = record.verdict != Verdict::Stray || self.strays <= STRAYS;
        // An RST may advance an attempt any number of times (half-open recovery), so even that is bounded.
        if !wanted || !fits || self.segments.len() >= 2 * limit {
            self.segments_omitted = self.segments_omitted.saturating_add(1);
            return 0;
        }
        if self.segments.len() == self.segments.capacity() {
            // Most attempts of a flood have one segment, and most connections three.
            let more = match self.segments.len() {
                0 => 1,
                1 => 2,
                len => len,
            };
            self.segments.reserve_exact(more);
        }
        self.segments.push(record);
        1
    }
}

/// Whether `segment`, captured `at` this time, is the packet `kept` once more.
fn repeats(kept: &SegmentRecord, segment: &Segment<'_>, at: Option<Timestamp>) -> bool {
    let ids = kept.ip_id.unwrap_or(0) == segment.ip_id.unwrap_or(0);
    let near = match (kept.timestamp, at) {
        (Some(then), Some(now)) => now.nanos_since(then).unsigned_abs() <= COPY_WITHIN_NS,
        _ => segment.ip_id.unwrap_or(0) != 0,
    };
    near && ids
        && kept.ack == segment.ack()
        && kept.len == segment.len
        && kept.window == Some(segment.window)
        && kept.options.as_bytes() == segment.option_bytes()
}
