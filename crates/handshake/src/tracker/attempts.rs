//! The open attempts and the segments that reach them.

use parser::{Flags, Frame, Glance, IcmpError, Layer, Segment, Timestamp};

use super::attempt::{At, Attempt, DISORDER_NS, Opening};
use super::claim::{Claim, claim};
use super::closed::{ClosedAttempts, Comes, SynMark};
use super::copies::Place;
use super::flow::{FlowHasher, scope};
use super::judge::{Effect, Judgement, judge};
use super::keep::{icmp_record, segment_record};
use super::neighbours::Neighbours;
use super::seen::Seen;
use super::state::{Phase, State};
use super::table::Table;
use super::{Counters, Event, Limits, OnEvent, Reporting};
use crate::record::{EndedBy, IcmpEvidence, Outcome, Previous, Side};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};

/// Open attempts on one 4-tuple: one with 23 J within 3.3 s was seen.
const ON_ONE_TUPLE: usize = 16;

/// Folds segments into attempts.
#[derive(Debug)]
pub(super) struct Attempts {
    pub(super) limits: Limits,
    pub(super) reporting: Reporting,
    pub(super) counters: Counters,
    pub(super) hasher: FlowHasher,
    pub(super) table: Table,
    pub(super) closed: ClosedAttempts,
    pub(super) neighbours: Neighbours,
    /// The latest time that is believed: it does not go back, and one frame alone does not move it.
    pub(super) now: i64,
    /// The time of the latest frame.
    pub(super) latest: i64,
    /// Before this, nothing can be overdue.
    pub(super) next_due: i64,
    next_id: u64,
    pub(super) lost_packets: bool,
}

/// A segment, with what surrounds it.
struct Arrival<'a> {
    frame: &'a Frame<'a>,
    layers: &'a [Layer],
    segment: &'a Segment<'a>,
    seen: Seen,
    hash: u64,
    scope: u64,
}

impl Attempts {
    pub(super) fn new(limits: Limits, reporting: Reporting) -> Self {
        Self {
            limits,
            reporting,
            counters: Counters::default(),
            hasher: FlowHasher::new(),
            table: Table::new(),
            closed: ClosedAttempts::new(limits.remembered),
            neighbours: Neighbours::new(),
            now: i64::MIN,
            latest: i64::MIN,
            next_due: i64::MAX,
            next_id: 1,
            lost_packets: false,
        }
    }

    /// Counts a segment that is no attempt's business; what begins an attempt, or may concern one, is
    /// left to [`Self::on_segment`], and the answer is `false`.
    #[inline]
    pub(super) fn pass(
        &mut self,
        timestamp: Option<Timestamp>,
        glance: &Glance<'_>,
        on_event: OnEvent<'_>,
    ) -> bool {
        let hash = self.hasher.flow(&glance.source, &glance.destination);
        if glance.flags.contains(Flags::SYN) || self.table.is_concerned(hash, glance) {
            return false;
        }
        self.on_time(timestamp, on_event);
        self.counters.tcp_segments += 1;
        if glance.flags.intersects(Flags::FIN | Flags::RST) {
            self.closed.note_end(hash, glance.source, glance.destination);
        }
        self.count_unrelated(glance.flags);
        true
    }

    /// Takes a segment.
    #[inline]
    pub(super) fn on_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        self.on_time(frame.timestamp, on_event);
        self.take_segment(frame, layers, segment, on_event);
    }

    /// Takes a segment whose time was taken already.
    pub(super) fn take_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        self.counters.tcp_segments += 1;
        let arrival = Arrival {
            frame,
            layers,
            segment,
            seen: Seen::of(segment, frame.timestamp),
            hash: self.hasher.flow(&segment.source, &segment.destination),
            scope: if layers.is_empty() { 0 } else { scope(layers) },
        };
        self.close_over(&arrival, on_event);
        match self.find(&arrival) {
            Some(index) => self.on_known(index, &arrival, on_event),
            None => self.on_unknown(&arrival, on_event),
        }
    }

    /// A frame came. Captures exist in which a single one claims to come from another year. So a
    /// frame's time counts for what is overdue only when the next frame bears it out.
    #[inline]
    pub(super) fn on_time(&mut self, timestamp: Option<Timestamp>, on_event: OnEvent<'_>) {
        if let Some(timestamp) = timestamp {
            let before = std::mem::replace(&mut self.latest, timestamp.as_nanos());
            self.believe(before.min(self.latest), on_event);
        }
    }

    #[inline]
    pub(super) fn believe(&mut self, now: i64, on_event: OnEvent<'_>) {
        self.now = self.now.max(now);
        if self.now >= self.next_due {
            self.close_overdue(on_event);
        }
    }

    pub(super) fn oldest_open(&self) -> Option<u64> {
        self.table.oldest().map(|index| self.table[index].id)
    }

    pub(super) fn capture_lost_packets(&mut self) {
        self.lost_packets = true;
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Ends the attempts on the 4-tuple of a segment that its time shows to be over. What other
    /// traffic the capture holds makes no difference.
    fn close_over(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let Segment { source, destination, .. } = arrival.segment;
        loop {
            let mut all = self.table.between(arrival.hash, source, destination);
            let over = all.find(|&at| self.table[at].is_over_at(arrival.seen.time));
            drop(all);
            let Some(index) = over else { return };
            self.close_at_deadline(index, on_event);
        }
    }

    /// The attempt that a segment belongs to: the one that it fits best, among equals the newest.
    fn find(&mut self, arrival: &Arrival<'_>) -> Option<u32> {
        let Arrival { segment, seen, scope, frame, .. } = arrival;
        let mut best: Option<(u8, u64, u32)> = None;
        let mut copied = None;
        for at in self.table.between(arrival.hash, &segment.source, &segment.destination) {
            let attempt = &self.table[at];
            let Some(from) = attempt.sender(seen.kind, segment) else { continue };
            let fit = claim(&attempt.state, from, seen);
            let rank = if attempt.is_in(*scope) {
                match fit {
                    Claim::None => continue,
                    Claim::Loose => 0,
                    Claim::InWindow => 3,
                    Claim::Proved => 4,
                    Claim::Answer => 5,
                }
            } else {
                let place = Place { origin: frame.origin, ttl: segment.ttl, encapsulation: None };
                if attempt.original_of(segment, from, place, frame.timestamp).is_some() {
                    copied = Some(at);
                    2
                } else if fit == Claim::Proved && seen.kind != Kind::Syn {
                    1
                } else {
                    continue;
                }
            };
            if best.is_none_or(|(highest, id, _)| (rank, attempt.id) > (highest, id)) {
                best = Some((rank, attempt.id, at));
            }
        }
        let (_, _, found) = best?;
        match copied.filter(|&other| self.is_one(found, other)) {
            Some(other) => Some(self.merge(found, other)),
            None => Some(found),
        }
    }

    /// Whether two attempts that hold the same packet are one: the same J.
    fn is_one(&self, one: u32, other: u32) -> bool {
        let (a, b) = (&self.table[one], &self.table[other]);
        one != other && a.client == b.client && a.state.client_isn == b.state.client_isn
    }

    /// A segment on a 4-tuple without an attempt that it fits.
    #[inline]
    fn on_unknown(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let flags = arrival.segment.flags;
        match arrival.seen.kind {
            Kind::Syn | Kind::SynAck => self.begin(arrival, on_event),
            Kind::Ack | Kind::Rst | Kind::Icmp | Kind::Other => {
                if flags.intersects(Flags::FIN | Flags::RST) {
                    let Segment { source, destination, .. } = *arrival.segment;
                    self.closed.note_end(arrival.hash, source, destination);
                }
                self.count_unrelated(flags);
            }
        }
    }

    /// Counts a segment that belongs to no open attempt and opens none.
    #[inline]
    fn count_unrelated(&mut self, flags: Flags) {
        if flags.is_odd() {
            self.counters.odd_segments += 1;
        } else {
            self.counters.outside_handshake += 1;
        }
    }

    /// A SYN or SYN-ACK begins an attempt, unless it is a late duplicate of one that ended.
    fn begin(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let Arrival { frame, segment, seen, hash, scope, .. } = *arrival;
        let comes = match segment.ack() {
            None => {
                let ends = (segment.source, segment.destination);
                let checksum = self.reporting != Reporting::Totals;
                let record =
                    || segment_record(frame, segment, Side::Client, 0, &Judgement::OPENS, checksum);
                let mark = SynMark::of(segment);
                let number = (segment.seq, seen.time);
                self.closed.syn(hash, ends, (scope, mark), record, number)
            }
            Some(ack) => {
                let ends = (segment.destination, segment.source);
                let numbers = (ack.minus(1), segment.seq);
                self.closed.syn_ack(hash, ends, scope, numbers, seen.time)
            }
        };
        match comes {
            Comes::Late => self.counters.outside_handshake += 1,
            Comes::New => {
                let index = self.open(arrival, frame.origin, frame.timestamp, on_event);
                self.on_known(index, arrival, on_event);
                self.opened(index);
            }
            Comes::After(syn) => {
                self.counters.outside_handshake -= 1;
                let index = self.open(arrival, syn.origin, syn.timestamp, on_event);
                let grown = self.table[index].begin_with(*syn, self.now, self.limits.segments);
                self.table.grew(grown);
                self.opened(index);
                self.on_known(index, arrival, on_event);
            }
        }
    }

    fn open(
        &mut self,
        arrival: &Arrival<'_>,
        origin: parser::Origin,
        start: Option<Timestamp>,
        on_event: OnEvent<'_>,
    ) -> u32 {
        let Arrival { segment, hash, layers, .. } = *arrival;
        let (client, server, client_isn) = match segment.ack() {
            None => (segment.source, segment.destination, segment.seq),
            Some(ack) => (segment.destination, segment.source, ack.minus(1)),
        };
        let previous = self.previous(arrival, start);
        self.make_room_on(arrival, on_event);
        self.make_room(on_event);
        let opening = Opening {
            id: self.next_id,
            previous,
            hash,
            layers,
            origin,
            start,
            client,
            server,
            client_isn,
        };
        self.next_id += 1;
        self.table.insert(|segments| Attempt::open(&opening, segments))
    }

    /// Tells the neighbours of a new attempt.
    fn opened(&mut self, index: u32) {
        // An attempt of one segment may be over already where the table has no room for any.
        if self.reporting != Reporting::Totals {
            let hasher = &self.hasher;
            self.neighbours.opened(&self.table[index], |end| hasher.endpoint(end), self.latest);
        }
    }

    /// The attempt before a new one on the same 4-tuple: one that is open still, or the latest that
    /// ended.
    fn previous(&self, arrival: &Arrival<'_>, start: Option<Timestamp>) -> Option<Previous> {
        let Arrival { segment, hash, scope, seen, .. } = arrival;
        let (client, server) = match seen.has_ack {
            false => (segment.source, segment.destination),
            true => (segment.destination, segment.source),
        };
        let ago = |last: Option<i64>| Some(start?.as_nanos().saturating_sub(last?));
        let open = self
            .table
            .between(*hash, &client, &server)
            .map(|at| &self.table[at])
            .filter(|attempt| attempt.client == client && attempt.is_in(*scope))
            .max_by_key(|attempt| attempt.id);
        if let Some(attempt) = open {
            return Some(Previous {
                id: attempt.id,
                client_isn: attempt.state.client_isn,
                outcome: self.outcome_so_far(attempt),
                ended_ns_ago: ago(attempt.last_seen),
            });
        }
        let closed = self.closed.latest(*hash, (client, server), *scope)?;
        Some(Previous {
            id: closed.id,
            client_isn: closed.client_isn,
            outcome: closed.outcome,
            ended_ns_ago: ago(closed.last_segment),
        })
    }

    /// Evicts from a crowded 4-tuple: first a SYN that was never repeated or answered.
    fn make_room_on(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let Segment { source, destination, .. } = arrival.segment;
        let all = || self.table.between(arrival.hash, source, destination);
        if all().count() < ON_ONE_TUPLE {
            return;
        }
        let worth = |&at: &u32| {
            let attempt = &self.table[at];
            (attempt.segments.len() > 1 || attempt.state.phase != Phase::SynSent, attempt.id)
        };
        if let Some(index) = all().min_by_key(worth) {
            self.close(index, EndedBy::Evicted, on_event);
        }
    }

    /// Evicts until another attempt fits: first one that lingers after its verdict, then the one that
    /// was heard of longest ago.
    fn make_room(&mut self, on_event: OnEvent<'_>) {
        while self.table.len() >= self.limits.attempts.max(1)
            || self.table.segments_held() >= self.limits.segments_in_all
        {
            let Some(index) = self.table.settling().or(self.table.waiting()) else { return };
            self.close(index, EndedBy::Evicted, on_event);
        }
    }

    /// A segment that belongs to an open attempt.
    fn on_known(&mut self, index: u32, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        let Arrival { frame, segment, seen, layers, .. } = arrival;
        let odd = seen.kind == Kind::Other && segment.flags.is_odd();
        self.counters.odd_segments += u64::from(odd);
        let before = self.decision(index);
        let attempt = &mut self.table[index];
        let Some(from) = attempt.sender(seen.kind, segment) else { return };
        let encapsulation = attempt.encapsulation(layers);
        let place =
            Place { origin: frame.origin, ttl: segment.ttl, encapsulation: Some(encapsulation) };
        let checksum = self.reporting != Reporting::Totals;
        let record = |judgement: &Judgement| {
            segment_record(frame, segment, from, encapsulation, judgement, checksum)
        };
        let judgement = if attempt.original_of(segment, from, place, frame.timestamp).is_some() {
            Judgement::COPY
        } else if let Some(place) = attempt.comes_late(from, seen, DISORDER_NS) {
            attempt.insert(place, record(&Judgement::OPENS));
            self.table.grew(1);
            return self.after(index, arrival, Effect::SynAck, before, on_event);
        } else {
            attempt.judge(from, seen)
        };
        let at = At { frame: frame.number, time: seen.time, now: self.now };
        let limit = self.limits.segments;
        let grown = attempt.take(&judgement, (from, seen), at, || record(&judgement), limit);
        match grown {
            Some(grown) => self.table.grew(grown),
            None if !odd => self.counters.outside_handshake += 1,
            None => {}
        }
        if grown.is_some() || judgement.effect != Effect::None {
            self.after(index, arrival, judgement.effect, before, on_event);
        }
    }

    /// What follows from a judged segment for the queue the attempt is in, and for its neighbours.
    fn after(
        &mut self,
        index: u32,
        arrival: &Arrival<'_>,
        effect: Effect,
        before: Option<Outcome>,
        on_event: OnEvent<'_>,
    ) {
        if self.reporting != Reporting::Totals {
            self.tell_neighbours(index, arrival, effect);
        }
        self.requeue(index);
        let attempt = &self.table[index];
        if effect == Effect::Confirmed && attempt.state.reset.is_none() {
            return self.close(index, EndedBy::Segment, on_event);
        }
        self.tell_decision(index, before, on_event);
    }

    /// Puts an attempt where its deadline is looked at.
    fn requeue(&mut self, index: u32) {
        let attempt = &self.table[index];
        let (is_decided, is_quiet) = (attempt.state.is_decided(), attempt.state.is_quiet());
        let due = attempt.due().saturating_add(super::closing::SLACK_NS);
        self.next_due = self.next_due.min(due);
        if is_decided {
            self.no_longer_pending(index);
        }
        if is_quiet {
            self.table.settle(index);
        } else {
            self.table.wait(index);
        }
    }

    /// Tells a live view what a segment or an ICMP error just decided. That a server dropped the
    /// acknowledgment shows only in its silence, so it is no decision.
    fn tell_decision(&self, index: u32, before: Option<Outcome>, on_event: OnEvent<'_>) {
        if matches!(before, Some(Outcome::Established | Outcome::EstablishedClientOnly)) {
            return;
        }
        let decision = self.decision(index);
        if decision.is_some() && decision != before {
            on_event(Event::Decided(&self.record_so_far(&self.table[index])));
        }
    }

    fn tell_neighbours(&mut self, index: u32, arrival: &Arrival<'_>, effect: Effect) {
        let Arrival { frame, segment, .. } = arrival;
        let hasher = &self.hasher;
        let hash = |end: &parser::Endpoint| hasher.endpoint(end);
        match effect {
            Effect::SynAck => {
                let seen = (self.latest, frame.number, segment.ttl);
                self.neighbours.answered(&self.table[index], hash, seen);
            }
            Effect::Opened | Effect::SynAgain => {
                let answered = self.neighbours.answered_lately(&self.table[index], hash);
                let attempt = &mut self.table[index];
                attempt.others_answered = attempt.others_answered.or(answered);
            }
            Effect::KAcked { .. } => {
                let seen = (self.latest, frame.number);
                self.neighbours.completed(&self.table[index], hash, seen);
            }
            _ => {}
        }
    }

    /// Takes the attempt off the list of its server, once.
    pub(super) fn no_longer_pending(&mut self, index: u32) {
        if std::mem::take(&mut self.table[index].pending) && self.reporting != Reporting::Totals {
            let hasher = &self.hasher;
            self.neighbours.settled(&self.table[index], |end| hasher.endpoint(end));
        }
    }

    /// An ICMP error that quotes a segment.
    pub(super) fn on_icmp(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        error: &IcmpError,
        on_event: OnEvent<'_>,
    ) {
        let quoted = &error.quoted;
        let hash = self.hasher.flow(&quoted.source, &quoted.destination);
        let Some(index) = self.table.find_quoted(hash, quoted) else { return };
        let before = self.decision(index);
        let attempt = &mut self.table[index];
        attempt.touch(frame.timestamp.map(Timestamp::as_nanos), self.now);
        let grown = attempt.take_error(frame, layers, error, self.limits.segments);
        self.table.grew(grown);
        self.requeue(index);
        self.tell_decision(index, before, on_event);
    }
}

impl Attempt {
    /// Judges a segment, having taken back first what it disproves.
    fn judge(&mut self, from: Side, seen: &Seen) -> Judgement {
        let judgement = judge(&self.state, from, seen);
        match judgement.effect {
            Effect::Disproved => {
                self.disprove_reset();
                judge(&self.state, from, seen)
            }
            Effect::KAcked { isn: Some(isn), .. }
                if self.state.server_isn.is_some_and(|known| known != isn) =>
            {
                self.choose(isn);
                judge(&self.state, from, seen)
            }
            _ => judgement,
        }
    }

    /// The place that a segment has by its time stamp among those before it in the file, where that
    /// makes it what it otherwise could not be: the SYN of an answer that came first, or the SYN-ACK
    /// of an acknowledgment.
    fn comes_late(&self, from: Side, seen: &Seen, disorder: i64) -> Option<usize> {
        let State { steps, client_isn, syn_captured, .. } = self.state;
        let time = |at: u8| Some(self.segments.get(usize::from(at))?.timestamp?.as_nanos());
        match (seen.kind, from) {
            (Kind::Syn, Side::Client) if !syn_captured && seen.seq == client_isn => {
                let answer = steps.syn_ack?;
                let by = time(answer)?.saturating_sub(seen.time?);
                (by > 0 && by <= disorder).then_some(usize::from(answer))
            }
            (Kind::SynAck, Side::Server) if steps.syn_ack.is_none() => {
                let ack = steps.ack?;
                let record: &SegmentRecord = self.segments.get(usize::from(ack))?;
                let fits = record.kind == Kind::Ack
                    && record.ack == Some(seen.seq.plus(1))
                    && claim(&self.state, from, seen) == Claim::Proved;
                let by = seen.time?.saturating_sub(time(ack)?);
                (fits && by <= disorder).then_some(usize::from(ack))
            }
            _ => None,
        }
    }

    /// Begins with a SYN that was held to be a late duplicate of an attempt that had ended.
    fn begin_with(&mut self, mut syn: SegmentRecord, now: i64, limit: usize) -> usize {
        let seen = Seen::kept(&syn);
        let judgement = judge(&self.state, Side::Client, &seen);
        syn.verdict = judgement.verdict;
        let at = At { frame: syn.frame, time: seen.time, now };
        self.take(&judgement, (Side::Client, &seen), at, || syn, limit).unwrap_or(0)
    }

    /// Takes an ICMP error that quotes a segment of the attempt; tells by how much it grew.
    fn take_error(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        error: &IcmpError,
        limit: usize,
    ) -> usize {
        let encapsulation = self.encapsulation(layers);
        let place =
            Place { origin: frame.origin, ttl: error.ttl, encapsulation: Some(encapsulation) };
        let by_client = self.client == error.quoted.source;
        let from = match error.sender {
            sender if sender == self.server.addr => Sender::Server,
            sender if sender == self.client.addr => Sender::Client,
            _ => Sender::Network,
        };
        let verdict = if self.holds_error(error, place, frame.timestamp) {
            Verdict::DuplicateCapture
        } else if by_client && self.state.phase == Phase::SynSent && self.state.ending().is_none() {
            Verdict::Advanced
        } else {
            Verdict::Stray
        };
        let kept = self.keep(icmp_record(frame, error, from, encapsulation, verdict), limit);
        // A path MTU report, a source quench or a redirect is no refusal (RFC 1122, RFC 8201).
        let counts = by_client && error.is_unreachable() && verdict != Verdict::DuplicateCapture;
        if counts && self.icmp.is_none() {
            self.icmp_index = kept;
            self.icmp = Some(IcmpEvidence {
                frame: frame.number,
                family: error.family,
                kind: error.kind,
                code: error.code,
                sender: error.sender,
                mtu: error.mtu,
            });
        }
        usize::from(kept.is_some())
    }
}
