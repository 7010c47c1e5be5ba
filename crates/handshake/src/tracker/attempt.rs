//! An attempt while it is open: who it is between, what it adds up to, and the segments it keeps.

use parser::{Endpoint, Flags, IcmpError, Layer, Origin, Segment, Timestamp};

use super::claim::{Claim, claim};
use super::flow::{FlowKey, Opener};
use super::judgement::{Effect, Judgement};
use super::mark::Confirming;
use super::seen::Seen;
use super::state::{AttemptState, Phase};
use super::taken::Taken;
use crate::record::{IcmpEvidence, OthersAnswered, Previous};
use crate::segment::{FramePlace, Kind, SegmentRecord, Sender, Verdict};
use crate::side::Side;
use crate::steps::Cause;

/// Stray segments kept in a record: enough to tell a story, few enough to keep the picture.
const STRAYS: u8 = 3;
/// Time stamps decide the order of two segments that a capture holds in another one, up to this:
/// two queues of one card, two cards.
pub(super) const DISORDER_NS: i64 = 5_000_000;

/// Encapsulations of an attempt that are distinguished, beside the first.
const OTHER_ENCAPSULATIONS: usize = 7;

/// An open attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) id: u64,
    pub(super) origin: Origin,
    /// The distinct encapsulations of its segments; empty where all were plain.
    pub(super) encapsulations: Vec<Vec<Layer>>,
    /// The scope of the first of them.
    pub(super) scope: u64,
    pub(super) hash: u64,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) start: Option<Timestamp>,
    pub(super) state: AttemptState,
    /// Whether it counts as pending at its server.
    pub(super) pending: bool,
    /// What its neighbours told at its own segments.
    pub(super) taken: Taken,
    /// The place of the ICMP error that counts.
    pub(super) icmp_index: Option<u8>,
    pub(super) segments: Vec<SegmentRecord>,
    pub(super) segments_omitted: u32,
    strays: u8,
    /// When the attempt last had a segment, and the gap before that segment, by the times of its own
    /// segments alone.
    pub(super) last_seen: Option<i64>,
    pub(super) last_gap: i64,
    /// The same by the tracker's clock, which does not go back where the capture's does.
    pub(super) last_heard_ns: i64,
    /// What showed that the server took the acknowledgment, which is not kept: its copy may come.
    pub(super) confirming: Option<Confirming>,
    /// When the server first sent without an acknowledgment of the client in the capture.
    pub(super) sends_since: Option<i64>,
    rare: Option<Box<Rare>>,
}

/// What few attempts have, kept apart to keep the others small.
#[derive(Debug, Default)]
pub(super) struct Rare {
    /// The attempt before this one on its 4-tuple.
    pub(super) previous: Option<Previous>,
    /// Who answered the SYN in the server's place.
    pub(super) answered_by: Option<Endpoint>,
    /// The ICMP error that counts.
    pub(super) icmp: Option<IcmpEvidence>,
    /// Another SYN that the server answered lately.
    pub(super) others_answered: Option<OthersAnswered>,
    /// The scopes of its encapsulations, but for the first. Where an attempt has many rivals, hashing
    /// them anew for each segment would cost more than all the rest.
    pub(super) other_scopes: [u64; OTHER_ENCAPSULATIONS],
}

/// What the allocator takes for each piece of memory.
const PIECE: usize = 16;

/// What opens an attempt.
pub(super) struct Opening<'a> {
    pub(super) id: u64,
    pub(super) previous: Option<Previous>,
    pub(super) hash: u64,
    pub(super) layers: &'a [Layer],
    /// What tells these from others.
    pub(super) scope: u64,
    pub(super) origin: Origin,
    pub(super) start: Option<Timestamp>,
    pub(super) opener: Opener,
}

/// Where and when a judged segment was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) frame: FramePlace,
    pub(super) time: Option<i64>,
    /// The tracker's time.
    pub(super) now: i64,
}

impl Attempt {
    /// An attempt without a segment yet. `segments` lends its capacity.
    pub(super) fn open(opening: &Opening<'_>, segments: Vec<SegmentRecord>) -> Self {
        let encapsulations =
            if opening.layers.is_empty() { Vec::new() } else { vec![opening.layers.to_vec()] };
        Self {
            id: opening.id,
            origin: opening.origin,
            encapsulations,
            scope: opening.scope,
            hash: opening.hash,
            client: opening.opener.client,
            server: opening.opener.server,
            start: opening.start,
            state: AttemptState::new(opening.opener.client_isn, None),
            pending: true,
            taken: Taken::default(),
            icmp_index: None,
            segments,
            segments_omitted: 0,
            strays: 0,
            last_seen: None,
            last_gap: 0,
            last_heard_ns: i64::MIN,
            confirming: None,
            sends_since: None,
            rare: opening
                .previous
                .map(|previous| Box::new(Rare { previous: Some(previous), ..Rare::default() })),
        }
    }

    /// The bytes that it takes. The pieces that grow leave holes behind them in the allocator's memory,
    /// three quarters more in the worst traffic that was seen.
    pub(super) fn weight(&self) -> usize {
        let layers = self.encapsulations.iter().map(|it| it.capacity() * size_of::<Layer>());
        let errors = self.segments.iter().filter(|kept| kept.icmp.is_some()).count();
        let pieces = self.segments.capacity() * size_of::<SegmentRecord>()
            + self.encapsulations.capacity() * size_of::<Vec<Layer>>()
            + layers.sum::<usize>()
            + errors * (size_of::<IcmpError>() + PIECE)
            + if self.rare.is_some() { size_of::<Rare>() + PIECE } else { 0 };
        size_of::<Self>() + PIECE + pieces + pieces * 3 / 4
    }

    /// Something that few attempts have.
    #[inline]
    pub(super) fn rare<T>(&self, what: impl FnOnce(&Rare) -> Option<T>) -> Option<T> {
        self.rare.as_deref().and_then(what)
    }

    #[cold]
    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Whether the attempt is one between these two.
    #[inline]
    pub(super) fn is_between(&self, flow: FlowKey<'_>) -> bool {
        let FlowKey { source, destination, .. } = flow;
        (self.client == *source && self.server == *destination)
            || (self.client == *destination && self.server == *source)
    }

    /// Who sent a segment of this kind that goes between the two.
    #[inline]
    pub(super) fn sender(&self, kind: Kind, source: &Endpoint) -> Side {
        // A socket that connects to itself: the SYN-ACK is its passive half.
        let is_client =
            if self.client == self.server { kind != Kind::SynAck } else { self.client == *source };
        if is_client { Side::Client } else { Side::Server }
    }

    /// Whether a segment says nothing about the attempt but how much the client has sent: it is connected, as
    /// far as is known, and this is no copy.
    #[inline]
    pub(super) fn is_irrelevant(&self, segment: &Segment<'_>, layers: &[Layer]) -> bool {
        let state = &self.state;
        let may_be_copy = |kept: &SegmentRecord| {
            kept.seq == segment.seq && kept.len == segment.len && kept.flags == segment.flags
        };
        let is_within = match self.encapsulations.as_slice() {
            [] => layers.is_empty(),
            [only] => only == layers,
            _ => false,
        };
        state.phase == Phase::Established
            && state.repeats_after_ack == 0
            && state.reset.is_none()
            && is_within
            && self.client == segment.source
            && self.client != self.server
            && Kind::of(segment.flags) == Kind::Ack
            // It tells that the same J may come again.
            && !segment.flags.contains(Flags::FIN)
            && !self.segments.iter().any(may_be_copy)
    }

    /// Notes the data of a segment that the client sent, if its numbers lie in the windows of the connection.
    /// Tells whether they do.
    pub(super) fn takes_data_of_client(&mut self, seen: &Seen) -> bool {
        let fits = claim(&self.state, Side::Client, seen) > Claim::Loose;
        if fits {
            self.state.note_sent(Side::Client, seen);
        }
        fits
    }

    /// Takes a judged segment: keeps its record where it belongs in the picture, and lets it take
    /// effect. Tells by how many segments the attempt grew, or that it does not keep this one.
    pub(super) fn take(
        &mut self,
        judgement: &Judgement,
        (from, seen): (Side, &Seen),
        at: At,
        record: impl FnOnce() -> SegmentRecord,
        limit: usize,
    ) -> Option<usize> {
        let kept = self.keeps(seen.kind, judgement).then(|| self.keep(record(), limit));
        let index = kept.flatten();
        if !judgement.effect.is_none() {
            self.affect(judgement.effect, seen, index, at.frame);
        }
        // What goes on after an answer to another SYN may be what that one began, and a copy shows
        // nothing that its original did not.
        let is_others = judgement.effect == Effect::Foreign
            || judgement.verdict == Verdict::DuplicateCapture
            || judgement.verdict == Verdict::Stray
                && self.state.phase == Phase::SynSent
                && self.state.wrong_answer.is_some();
        if !is_others {
            self.state.note_sent(from, seen);
        }
        match judgement.effect {
            Effect::ServerSends => self.sends_since = self.sends_since.or(at.time),
            Effect::Proved => self.resolve_doubt(),
            _ => {}
        }
        // A copy says nothing new, and a stray nothing of this attempt.
        let is_own = !matches!(judgement.verdict, Verdict::DuplicateCapture | Verdict::Stray)
            || !judgement.effect.is_none();
        if kept.is_some() && is_own {
            self.touch(at.time, at.now);
        }
        kept.map(|index| usize::from(index.is_some()))
    }

    /// Lets an effect change state and steps.
    pub(super) fn affect(
        &mut self,
        effect: Effect,
        seen: &Seen,
        index: Option<u8>,
        frame: FramePlace,
    ) {
        let ended = self.state.ending().is_some();
        if effect == Effect::Confirmed && self.state.aborted {
            self.keep_abort_as_stray();
        }
        self.state.apply(effect, seen, index, frame);
        let Some(index) = index else { return };
        match effect {
            Effect::Opened => self.state.steps.syn = Some(index),
            Effect::SynAgain if ended => self.state.syns_from = index,
            Effect::Rejected => self.state.syns_from = index.saturating_add(1),
            Effect::SynAck | Effect::JAcked => {
                self.state.steps.syn_ack = Some(index);
                self.state.steps.answered = self.answered_by(index);
            }
            Effect::KAcked { captured, .. } => self.acknowledged(index, captured),
            Effect::Proved => self.acknowledged(index, false),
            _ => {}
        }
    }

    pub(super) fn places(
        &self,
        wanted: impl Fn(&SegmentRecord) -> bool + Clone,
    ) -> impl Iterator<Item = u8> + Clone {
        let all = self.segments.iter().enumerate();
        all.filter(move |(_, segment)| wanted(segment)).map(|(at, _)| at as u8)
    }

    /// Which SYN the segment at `index` answers.
    fn answered_by(&self, index: u8) -> Cause {
        let syns = self
            .places(|segment| segment.is_sent(Sender::Client, Kind::Syn))
            .filter(|&at| at >= self.state.syns_from && at < index);
        Cause::of(&self.segments, syns, &self.segments[usize::from(index)], false)
    }

    /// The server's segments before `end` that brought the K that counts.
    fn offers(&self, end: u8) -> impl Iterator<Item = u8> + Clone {
        let isn = self.state.server_isn;
        let bearing = if self.state.server_syn { Kind::Syn } else { Kind::SynAck };
        self.places(move |kept| kept.is_sent(Sender::Server, bearing) && Some(kept.seq) == isn)
            .filter(move |&at| at < end)
    }

    /// The segment at `index` acknowledged K, or shows that another one did.
    pub(super) fn acknowledged(&mut self, index: u8, captured: bool) {
        let offers = self.offers(index);
        let ack = &self.segments[usize::from(index)];
        let cause = Cause::of(&self.segments, offers.clone(), ack, true);
        let any = Cause::any_of(offers);
        let isn = self.state.server_isn;
        let is_plain = ack.ack == isn.map(|isn| isn.plus(1)) && self.state.server_sent == 0;
        // An echo of what the server sent after its SYN-ACK shows a later segment.
        let is_later = cause == Cause::Unknown && any != Cause::Unknown && !is_plain;
        let steps = &mut self.state.steps;
        if captured && !is_later {
            steps.acknowledged = cause;
            steps.ack = Some(index);
        } else {
            steps.acknowledged = any;
            steps.proof = Some(index);
        }
    }

    /// Whether a judged segment is to be shown in the record. Others do not keep an attempt open either.
    fn keeps(&self, kind: Kind, judgement: &Judgement) -> bool {
        match (judgement.verdict, judgement.effect) {
            (Verdict::Stray, Effect::ClientClosed | Effect::ServerClosed | Effect::AfterReset) => {
                true
            }
            // What shows that the server went on is named in the record; it is no part of the picture.
            (Verdict::Stray, Effect::Confirmed | Effect::Disproved | Effect::Proved) => false,
            (Verdict::Stray, Effect::None | Effect::Foreign) => {
                match (self.state.phase, self.state.ending()) {
                    (_, Some(_)) => kind == Kind::SynAck,
                    (Phase::SynSent | Phase::SynReceived, None) => true,
                    (Phase::Established, None) => kind == Kind::Rst,
                }
            }
            _ => true,
        }
    }

    /// Adds a segment to the record, up to `limit` of them; what moved the handshake on always fits.
    /// Gives its place.
    pub(super) fn keep(&mut self, record: SegmentRecord, limit: usize) -> Option<u8> {
        if record.verdict == Verdict::Stray {
            self.strays = self.strays.saturating_add(1);
        }
        let fits = self.segments.len() < limit || record.verdict == Verdict::Advanced;
        let wanted = record.verdict != Verdict::Stray || self.strays <= STRAYS;
        // An RST may advance an attempt any number of times (half-open recovery), so even that is bounded.
        if !wanted || !fits || self.segments.len() >= (2 * limit).min(usize::from(u8::MAX)) {
            self.segments_omitted = self.segments_omitted.saturating_add(1);
            return None;
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
        Some((self.segments.len() - 1) as u8)
    }

    /// Ends the wait for an acknowledgment that may still have come: the server sends, so it took one.
    pub(super) fn conclude_from_data(&mut self) {
        if self.state.server_sends && !self.state.fast_open_taken && !self.state.is_decided() {
            self.state.phase = Phase::Established;
            self.state.steps.acknowledged = Cause::any_of(self.offers(u8::MAX));
        }
    }
}
