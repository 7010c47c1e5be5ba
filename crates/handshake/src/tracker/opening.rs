//! When an attempt begins, and what gives it room.

use parser::{Origin, Timestamp};

use super::arrival::Arrival;
use super::attempt::{At, Attempt, Opening};
use super::attempts::Attempts;
use super::closed::Comes;
use super::flow::Opener;
use super::judge::judge;
use super::judgement::Judgement;
use super::keep::segment_record;
use super::mark::Mark;
use super::related_attempts::Party;
use super::report::OnEvent;
use super::seen::Seen;
use super::state::Phase;
use super::table::{ON_ONE_TUPLE, Place};
use crate::record::{EndedBy, Previous};
use crate::segment::{Kind, SegmentRecord, Verdict};
use crate::side::Side;

impl Attempts {
    /// A SYN or SYN-ACK begins an attempt, unless it is a late duplicate of one that ended.
    pub(super) fn begin(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let Arrival { frame, segment, seen, flow, scope, .. } = *arrival;
        let opener = Opener::of(segment);
        let (comes, from) = match seen.kind {
            Kind::Syn => {
                let checksum = self.wants_records();
                let record =
                    || segment_record(frame, segment, Side::Client, 0, &Judgement::OPENS, checksum);
                let mark = || Mark::of(segment);
                let comes = self.closed.syn(flow.hash, &opener, (scope, mark), record, seen.time);
                (comes, Side::Client)
            }
            _ => {
                let comes = self.closed.syn_ack(flow.hash, &opener, scope, segment.seq, seen.time);
                (comes, Side::Server)
            }
        };
        match comes {
            Comes::Late => self.counters.outside_handshake += 1,
            Comes::New => {
                let answers = if seen.has_ack { Vec::new() } else { self.answers_to(arrival) };
                let (origin, start) = answers
                    .first()
                    .map_or((frame.origin, frame.timestamp), |it| (it.origin, it.timestamp));
                let index = self.open((arrival, &opener), origin, start, on_event);
                for answer in answers {
                    self.begin_with(index, Side::Server, answer);
                }
                self.on_known((index, from), arrival, on_event);
                self.opened(index);
            }
            Comes::After(syn) => {
                self.take_back(syn.timestamp);
                let index = self.open((arrival, &opener), syn.origin, syn.timestamp, on_event);
                self.begin_with(index, Side::Client, *syn);
                self.opened(index);
                self.on_known((index, from), arrival, on_event);
            }
        }
    }

    /// Takes the answers to a SYN that came before it out of the attempt whose SYN they seemed to
    /// answer: it is a repeat of one that was not captured.
    fn answers_to(&mut self, arrival: &Arrival<'_>) -> Vec<SegmentRecord> {
        let Arrival { segment, scope, layers, .. } = arrival;
        for &at in arrival.rivals.as_slice() {
            let attempt = &mut self.table[at];
            if attempt.client != segment.source || !attempt.is_in(*scope) {
                continue;
            }
            let answers = attempt.give_up_answers(segment.seq, segment.len, (layers, *scope));
            if !answers.is_empty() {
                self.table.weigh(at);
                return answers;
            }
        }
        Vec::new()
    }

    /// Lets a SYN that seemed to cross that of an open attempt begin one of its own, where the answer
    /// to it shows that it did not.
    #[inline]
    pub(super) fn uncross(&mut self, arrival: &mut Arrival<'_>, on_event: OnEvent<'_>) {
        if arrival.seen.has_ack && matches!(arrival.seen.kind, Kind::SynAck | Kind::Rst) {
            self.uncross_answered(arrival, on_event);
        }
    }

    #[inline(never)]
    fn uncross_answered(&mut self, arrival: &mut Arrival<'_>, on_event: OnEvent<'_>) {
        let mut syns = Vec::new();
        for &at in arrival.rivals.as_slice() {
            let attempt = &mut self.table[at];
            let is_client = attempt.client == arrival.segment.source;
            if is_client && attempt.client != attempt.server && attempt.is_in(arrival.scope) {
                syns.append(&mut attempt.give_up_crossing(&arrival.seen));
                self.table.weigh(at);
            }
        }
        let Some(first) = syns.first() else { return };
        let opener = Opener::of(arrival.segment);
        let index = self.open((arrival, &opener), first.origin, first.timestamp, on_event);
        for syn in syns {
            self.begin_with(index, Side::Client, syn);
        }
        self.opened(index);
        *arrival.rivals = self.table.between(arrival.flow);
    }

    /// Lets an attempt begin with a segment that was held for one of something else.
    fn begin_with(&mut self, index: u32, from: Side, segment: SegmentRecord) {
        let (now, limit) = (self.now, self.limits.segments);
        // It came in the scope of what opens the attempt, which is the first.
        let segment = SegmentRecord { encapsulation: 0, ..segment };
        self.table[index].begin_with(from, segment, now, limit);
        self.table.weigh(index);
    }

    fn open(
        &mut self,
        (arrival, opener): (&Arrival<'_>, &Opener),
        origin: Origin,
        start: Option<Timestamp>,
        on_event: OnEvent<'_>,
    ) -> u32 {
        let previous =
            if self.wants_records() { self.previous((arrival, opener), start) } else { None };
        self.make_room_on(arrival, on_event);
        self.make_place(on_event);
        let opening = Opening {
            id: self.next_id,
            previous,
            hash: arrival.flow.hash,
            layers: arrival.layers,
            scope: arrival.scope,
            origin,
            start,
            opener: *opener,
        };
        self.next_id += 1;
        let index = self.table.insert(Attempt::open(&opening, Vec::new()));
        self.elsewhere.begins(&opener.client, (Place::Full(index), opening.id));
        index
    }

    /// An attempt of one segment may be over already where the table has no room for any.
    fn opened(&mut self, index: u32) {
        if let Some(related) = &mut self.related {
            let attempt = &mut self.table[index];
            attempt.taken = related.opened(&Party::of(attempt), self.latest);
        }
    }

    /// The attempt before a new one on the same 4-tuple: one that is open still, or the latest that
    /// ended.
    fn previous(
        &self,
        (arrival, opener): (&Arrival<'_>, &Opener),
        start: Option<Timestamp>,
    ) -> Option<Previous> {
        let Arrival { flow, scope, .. } = *arrival;
        let ago = |last: Option<i64>| Some(start?.as_nanos().saturating_sub(last?));
        let rivals = self.table.between(flow);
        let open = rivals
            .as_slice()
            .iter()
            .map(|&at| &self.table[at])
            .filter(|attempt| attempt.client == opener.client && attempt.is_in(scope))
            .max_by_key(|attempt| attempt.id);
        let closed = self.closed.latest(flow.hash, opener, scope, start.map(Timestamp::as_nanos));
        let open = open.filter(|open| closed.is_none_or(|closed| closed.id < open.id));
        if let Some(attempt) = open {
            return Some(Previous {
                id: attempt.id,
                client_isn: attempt.state.client_isn,
                outcome: self.outcome_so_far(attempt),
                ended_ns_ago: ago(attempt.last_seen),
            });
        }
        let closed = closed?;
        Some(Previous {
            id: closed.id,
            client_isn: closed.client_isn,
            outcome: closed.outcome,
            ended_ns_ago: ago(closed.last_segment),
        })
    }

    /// Evicts from a crowded 4-tuple: first a SYN that was never repeated or answered.
    fn make_room_on(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let rivals = arrival.rivals.as_slice();
        if rivals.len() < ON_ONE_TUPLE {
            return;
        }
        let worth = |&at: &u32| {
            let attempt = &self.table[at];
            let cared_for = attempt.segments.len() > 1 || attempt.state.phase != Phase::SynSent;
            (cared_for, if cared_for { attempt.last_seen } else { None }, attempt.id)
        };
        if let Some(index) = rivals.iter().copied().min_by_key(worth) {
            self.close(index, EndedBy::Evicted, on_event);
        }
    }
}

impl Attempt {
    /// Begins with a SYN that was held for a late duplicate of an attempt that had ended, or with the
    /// answers to one that were held for those to another.
    pub(super) fn begin_with(
        &mut self,
        from: Side,
        mut segment: SegmentRecord,
        now: i64,
        limit: usize,
    ) {
        let seen = Seen::kept(&segment);
        let judgement = match segment.verdict {
            Verdict::DuplicateCapture => Judgement::COPY,
            _ => judge(&self.state, from, &seen),
        };
        (segment.verdict, segment.ack_check) = (judgement.verdict, judgement.ack_check);
        let at = At { frame: segment.place(), time: seen.time, now };
        self.take(&judgement, (from, &seen), at, || segment, limit);
    }
}
