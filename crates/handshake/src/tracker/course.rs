//! The plain course: a SYN, its SYN-ACK and the ACK of that, or a RST; then a segment of the server, a
//! RST of the client, or silence. Or a SYN that is sent again until its client gives up.
//!
//! Each step here is one that the judge takes, with the same outcome, for a segment that leaves no
//! choice. Whatever leaves one is the judge's business: the attempt unfolds.

use parser::{Flags, Frame, Layer, Segment, Timestamp};

use super::attempt::{At, Attempt, Opening};
use super::attempts::Attempts;
use super::closed::Closed;
use super::copies::OTHER_PLACE_NS;
use super::flow::{FlowKey, Opener};
use super::keep::segment_record;
use super::kept::{Brief, Rest};
use super::mark::Confirming;
use super::plain::{MOST_SEGMENTS, PlainOpening};
use super::plain_attempts::Told;
use super::related_attempts::Party;
use super::report::{End, Event, OnEvent, Reporting};
use super::seen::{Says, Seen, beyond};
use super::spans::{BELIEVED_NS, LINGER_NS, OLD_NS, SLACK_NS, WAIT_AT_LEAST_NS};
use super::stage::Stage;
use super::state::WINDOW;
use super::table::Place;
use crate::facts::Facts;
use crate::record::EndedBy;
use crate::segment::{FramePlace, Kind};
use crate::side::Side;

/// A handshake on the plain course and the client's RST are as many segments.
const KEPT: usize = 4;

impl Attempts {
    /// The time of a frame, if it is one that leaves the tracker's time in order.
    #[inline]
    fn time_in_order(&self, frame: &Frame<'_>) -> Option<i64> {
        let time = frame.timestamp?.as_nanos();
        let is_far = time.saturating_sub(self.now) > BELIEVED_NS && self.now != i64::MIN;
        (time >= self.now && !is_far).then_some(time)
    }

    /// Whether an outcome is to be told as soon as it is known: then the judge takes the step.
    #[inline]
    fn tells_decisions(&self) -> bool {
        self.reporting == Reporting::Decisions
    }

    /// Lets a SYN on a 4-tuple of which nothing is known begin an attempt. Tells whether it does.
    #[inline]
    pub(super) fn begins_plainly(
        &mut self,
        (frame, layers): (&Frame<'_>, &[Layer]),
        (segment, flow): (&Segment<'_>, FlowKey<'_>),
        on_event: OnEvent<'_>,
    ) -> bool {
        let is_new = Kind::of(segment.flags) == Kind::Syn
            && segment.source != segment.destination
            && self.limits.segments >= KEPT
            && !self.closed.knows(flow)
            && self.elsewhere.between(flow).is_none();
        let Some(time) = self.time_in_order(frame).filter(|_| is_new) else { return false };
        let Some((mut syn, _)) = Brief::of(segment, time) else { return false };
        let vantage = self.table.number_vantage(frame.origin, layers, self.limits.memory);
        let Some(vantage) = vantage else { return false };
        syn.low = vantage.low;
        self.make_place(on_event);
        if !self.make_room_for_plain(on_event) {
            return false;
        }
        let Segment { source: client, destination: server, .. } = segment;
        let now = self.latest;
        let told = self.related.as_mut().map(|related| {
            let party = Party {
                client: *client,
                server: *server,
                start: frame.timestamp,
                syn_captured: true,
                is_decided: false,
            };
            Told {
                others_answered: related.answered_lately(&party),
                taken: related.opened(&party, now),
                syn: Rest::of(frame, segment),
            }
        });
        let id = self.next_id;
        self.next_id += 1;
        let client_isn = segment.seq;
        let opening = PlainOpening { id, client, server, client_isn, vantage, syn };
        let at = self.table.insert_plain(flow.hash, &opening, told.as_ref());
        self.elsewhere.begins(client, (Place::Plain(at), id));
        self.expect(Stage::Sent, time);
        true
    }

    /// Something is overdue, if nothing comes, when the patience of a stage that began at `time` ends.
    #[inline]
    fn expect(&mut self, stage: Stage, time: i64) {
        let due = time.saturating_add(stage.patience()).saturating_add(SLACK_NS);
        self.next_due = self.next_due.min(due);
    }

    /// Lets an attempt take a segment that `from` sent. Tells whether it is the next one of the plain
    /// course, or one that means nothing to it.
    #[inline]
    pub(super) fn goes_on_plainly(
        &mut self,
        (at, from): (u32, Side),
        (frame, layers): (&Frame<'_>, &[Layer]),
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) -> bool {
        let Some(time) = self.time_in_order(frame) else { return false };
        if self.table.plain.layers_of(at) != layers {
            return false;
        }
        let plain = self.table.plain.get(at);
        let (stage, after_j) = (plain.stage(), plain.client_isn.plus(1));
        let after_k = plain.server_isn.plus(1);
        let waited = time.saturating_sub(self.table.plain.last_seen(at));
        if waited < 0 || waited >= stage.patience() {
            return false;
        }
        let with_fin = beyond(segment.seq.plus(segment.len.wrapping_add(1)), after_j);
        match (stage, Kind::of(segment.flags), from) {
            (Stage::Established, Kind::Ack, Side::Server)
                if beyond(segment.seq, after_k) < WINDOW
                    && beyond(segment.ack_field, after_j) < WINDOW =>
            {
                self.confirmed_plainly(at, frame, segment, on_event);
                true
            }
            // It is no step, but tells that the same J may come again.
            (Stage::Established, Kind::Ack, Side::Client)
                if segment.flags.contains(Flags::FIN) && (1..WINDOW).contains(&with_fin) =>
            {
                self.table.plain.note_fin(at, with_fin);
                self.counters.outside_handshake += 1;
                true
            }
            _ => self.next_stage((at, from), segment, waited).is_some_and(|next| {
                self.take_step((at, next), (frame, layers, time), segment, on_event)
            }),
        }
    }

    /// The stage to which a segment that `from` sent, this long after the one before it, takes an attempt.
    #[inline]
    fn next_stage(
        &self,
        (at, from): (u32, Side),
        segment: &Segment<'_>,
        waited: i64,
    ) -> Option<Stage> {
        let plain = self.table.plain.get(at);
        let (after_j, after_k) = (plain.client_isn.plus(1), plain.server_isn.plus(1));
        let acks_j = segment.ack() == Some(after_j);
        match (plain.stage(), Kind::of(segment.flags), from) {
            (Stage::Sent | Stage::SentAgain, Kind::Syn, Side::Client)
                if segment.seq == plain.client_isn && self.is_sent_again(at, waited) =>
            {
                Some(Stage::SentAgain)
            }
            (Stage::Sent, Kind::SynAck, Side::Server)
                if acks_j && waited <= WAIT_AT_LEAST_NS / 2 =>
            {
                Some(Stage::Received)
            }
            (Stage::Sent, Kind::Rst, Side::Server) if acks_j && !self.tells_decisions() => {
                Some(Stage::Refused)
            }
            (Stage::Received, Kind::Ack, Side::Client)
                if segment.seq == after_j
                    && segment.ack_field == after_k
                    && !segment.flags.contains(Flags::FIN)
                    && waited <= LINGER_NS
                    && !self.tells_decisions() =>
            {
                Some(Stage::Established)
            }
            (Stage::Established, Kind::Rst, Side::Client)
                if beyond(segment.seq, after_j) < WINDOW - 1
                    && !plain.client_ended()
                    && segment.ack().is_none_or(|ack| ack == after_k) =>
            {
                Some(Stage::ClientClosed)
            }
            _ => None,
        }
    }

    /// Whether the SYN of an attempt that comes this long after the one before it was sent again by its
    /// client rather than captured twice, and the attempt waits no longer for what follows than it did.
    fn is_sent_again(&self, at: u32, waited: i64) -> bool {
        let sent = self.table.plain.get(at).again() as usize + 1;
        let before = self.table.plain.last_seen(at) - self.table.plain.syn(at).time;
        sent < MOST_SEGMENTS
            && waited.unsigned_abs() > OTHER_PLACE_NS
            && waited <= WAIT_AT_LEAST_NS / 2
            && before + waited <= OLD_NS - WAIT_AT_LEAST_NS
    }

    /// Lets an attempt go on to the next stage with a segment. Tells whether it does.
    #[inline]
    fn take_step(
        &mut self,
        (at, next): (u32, Stage),
        (frame, layers, time): (&Frame<'_>, &[Layer], i64),
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) -> bool {
        let Some((mut brief, echo)) = Brief::of(segment, time) else { return false };
        let high = self.table.plain.get(at).high();
        let vantage = self.table.number_vantage(frame.origin, layers, self.limits.memory);
        let Some(vantage) = vantage.filter(|vantage| vantage.high == high) else { return false };
        brief.low = vantage.low;
        // The echo of another clock shows that something was not captured.
        let answers = next.is_reset() || self.table.plain.latest(at).may_be_echoed(echo);
        if !answers || !self.make_room_for_segment((at, next), on_event) {
            return false;
        }
        let rest = self.wants_records().then(|| Rest::of(frame, segment));
        self.table.plain.go_on(at, (next, segment.seq), brief, rest);
        self.expect(next, time);
        self.tell_related(at, next, frame, segment.ttl);
        true
    }

    /// Tells the attempts around it that this one goes on.
    #[inline]
    fn tell_related(&mut self, at: u32, stage: Stage, frame: &Frame<'_>, ttl: u8) {
        let Some(related) = self.related.as_mut().filter(|_| stage != Stage::ClientClosed) else {
            return;
        };
        let plain = self.table.plain.get(at);
        let start = Some(Timestamp::from_nanos(self.table.plain.syn(at).time));
        let party = Party {
            client: plain.client(),
            server: plain.server(),
            start,
            syn_captured: true,
            is_decided: stage.is_decided(),
        };
        match stage {
            Stage::Received => related.answered(&party, (self.latest, frame.number, ttl)),
            Stage::Established => related.completed(&party, (self.latest, frame.number)),
            Stage::SentAgain => {
                if let Some(told) = self.table.plain.told_mut(at) {
                    told.others_answered = told.others_answered.or(related.answered_lately(&party));
                }
            }
            Stage::Free | Stage::Sent | Stage::Refused | Stage::ClientClosed => {}
        }
        if stage.is_decided()
            && let Some(told) = self.table.plain.told_mut(at)
        {
            told.taken = related.stopped_waiting(&party, told.taken);
        }
    }

    /// Whether a segment says nothing about its attempt but how much the client has sent, which is noted: the
    /// client is connected, as far as is known, and this is no copy of its acknowledgment. `is_within` tells
    /// whether these layers are around the segment.
    #[inline]
    pub(super) fn passes_plain(
        &mut self,
        (at, from): (u32, Side),
        says: &Says,
        is_within: impl FnOnce(&[Layer]) -> bool,
    ) -> bool {
        let &Says { flags, seq, ack, len, time } = says;
        let plain = self.table.plain.get(at);
        from == Side::Client
            && plain.stage() == Stage::Established
            && Kind::of(flags) == Kind::Ack
            && !flags.contains(Flags::FIN)
            && (seq != plain.client_isn.plus(1)
                || len > 0
                || flags != self.table.plain.latest(at).flags())
            && is_within(self.table.plain.layers_of(at))
            && !self.is_plain_over(at, time)
            && (len == 0 || self.table.plain.note_data(at, (seq, ack), len))
    }

    /// Whether a segment at `time` comes after a plain attempt has ended.
    #[inline]
    fn is_plain_over(&self, at: u32, time: Option<i64>) -> bool {
        let silence = time.map_or(0, |time| time.saturating_sub(self.table.plain.last_seen(at)));
        (self.table.plain.get(at).stage().patience()..=BELIEVED_NS).contains(&silence)
    }

    /// The server shows that it took the acknowledgment.
    #[inline]
    fn confirmed_plainly(
        &mut self,
        at: u32,
        frame: &Frame<'_>,
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        let seen = Seen::of(segment, frame.timestamp);
        let confirming = Confirming::of(segment, &seen);
        self.counters.outside_handshake += 1;
        if !self.wants_records() {
            let why = (EndedBy::Segment, End::Complete);
            return self.count_plain(at, why, (confirming, seen.fin), on_event);
        }
        let mut attempt = self.unfolded(at);
        let judgement = attempt.judge(Side::Server, &seen);
        let when = At { frame: FramePlace::of(frame), time: seen.time, now: self.now };
        let record = || segment_record(frame, segment, Side::Server, 0, &judgement, true);
        attempt.confirming = confirming;
        attempt.take(&judgement, (Side::Server, &seen), when, record, self.limits.segments);
        self.table.remove_plain(attempt.hash, at);
        self.end(&mut attempt, (EndedBy::Segment, End::Complete), on_event);
        self.keep_space(attempt);
    }

    /// Keeps the space of an attempt that was told, for the next one.
    fn keep_space(&mut self, attempt: Attempt) {
        self.spare = attempt.segments;
        self.spare.clear();
    }

    /// Ends an attempt on the plain course.
    #[inline(never)]
    pub(super) fn end_plain(&mut self, at: u32, (by, end): (EndedBy, End), on_event: OnEvent<'_>) {
        // What a SYN that was sent again tells takes its record.
        if !self.wants_records() && self.table.plain.get(at).again() == 0 {
            return self.count_plain(at, (by, end), (None, false), on_event);
        }
        let mut attempt = self.unfolded(at);
        self.table.remove_plain(attempt.hash, at);
        self.end(&mut attempt, (by, end), on_event);
        self.keep_space(attempt);
    }

    /// Ends an attempt on the plain course of which only the facts are wanted.
    fn count_plain(
        &mut self,
        at: u32,
        (by, end): (EndedBy, End),
        (confirming, server_fin): (Option<Confirming>, bool),
        on_event: OnEvent<'_>,
    ) {
        let all = &self.table.plain;
        let (plain, syn, last_seen) = (all.get(at), all.syn(at), all.last_seen(at));
        let stage = plain.stage();
        let cut_off = self.is_cut_off(by, self.now.saturating_sub(last_seen));
        let facts = all.facts(at, &syn, (stage.outcome(end), cut_off));
        let Facts { id, outcome, client, server, start, .. } = facts;
        // What a RST ended, nothing else ends any more.
        let by = if stage.is_reset() { EndedBy::Segment } else { by };
        let mark = syn.mark();
        let closed = Closed {
            id,
            outcome,
            scope: all.vantage_of(at, &syn).scope,
            client,
            client_isn: plain.client_isn,
            server_isn: plain.has_server_isn().then_some(plain.server_isn),
            last_segment: Some(last_seen),
            last_duplicate: None,
            is_over: by == EndedBy::Timeout
                || stage.is_reset()
                || server_fin
                || plain.client_ended(),
            syns: [mark, mark],
            confirming,
        };
        let hash = self.hasher.flow(&client, &server).hash;
        self.closed.add(hash, server, closed);
        self.table.remove_plain(hash, at);
        if self.started_in.holds(start) {
            self.counters.client_heard += 1;
            self.counters.server_heard += u64::from(stage != Stage::Sent);
            self.counters.beyond_syn += u64::from(stage.is_decided());
            self.count_outcome(outcome, by);
            on_event(Event::Counted(&facts));
        }
    }

    /// Lets a plain attempt go on as a full one. Gives its place.
    #[inline(never)]
    pub(super) fn unfold(&mut self, at: u32) -> u32 {
        let attempt = self.unfolded(at);
        let (id, client) = (attempt.id, attempt.client);
        let to = self.table.unfold(at, attempt);
        self.elsewhere.moves(&client, (Place::Full(to), id));
        to
    }

    /// The full form of a plain attempt: its segments are taken as they were when they came.
    fn unfolded(&mut self, at: u32) -> Attempt {
        let spare = std::mem::take(&mut self.spare);
        let all = &self.table.plain;
        let plain = all.get(at);
        let (client, server) = (plain.client(), plain.server());
        let syn = all.syn(at);
        let vantage = all.vantage_of(at, &syn);
        let opening = Opening {
            id: plain.id(),
            previous: None,
            hash: self.hasher.flow(&client, &server).hash,
            layers: &vantage.layers,
            scope: vantage.scope,
            origin: vantage.origin,
            start: Some(Timestamp::from_nanos(syn.time)),
            opener: Opener { client, server, client_isn: plain.client_isn },
        };
        let mut attempt = Attempt::open(&opening, spare);
        attempt.pending = !plain.stage().is_decided();
        for (place, (brief, rest)) in all.segments(at).enumerate() {
            let numbers = plain.numbers(place);
            let record = brief.record(rest, numbers, all.vantage_of(at, &brief).origin);
            attempt.begin_with(numbers.0, record, brief.time, self.limits.segments);
        }
        if plain.stage() == Stage::Established {
            attempt.state.note_client_sent(plain.client_sent(), plain.client_ended());
        }
        if let Some(told) = all.told(at) {
            attempt.taken = told.taken;
            if told.others_answered.is_some() {
                attempt.rare_mut().others_answered = told.others_answered;
            }
        }
        attempt
    }
}
