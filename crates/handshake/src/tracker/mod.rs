//! The state machine: which attempt a segment belongs to, when an attempt begins and when it ends.

mod attempt;
mod conclude;
mod flow;
mod judge;
mod keep;
mod list;
mod negotiate;
mod neighbours;
mod recent;
mod report;
mod table;
#[cfg(test)]
mod tests;

use parser::{Content, Flags, Frame, Glance, IcmpError, Layer, Packet, Segment, Timestamp};

use crate::record::{EndedBy, IcmpEvidence, Outcome, Previous};
use crate::segment::{Kind, Sender, Verdict};
use attempt::{Attempt, Opening, Phase};
use conclude::{conclude, decided, outcome};
use flow::{FlowHasher, scope};
use judge::{Effect, Judgement, judge};
use keep::{icmp_record, segment_record};
use neighbours::{Ended, Neighbours, Tuple};
use recent::Recent;
pub use report::{Counters, End, Event, Limits, Reporting};
use table::Table;

/// An undecided attempt is closed when nothing was heard of it for twice its last gap (a TCP doubles
/// its waits, RFC 6298), and not before this: Linux waits 64 s between its last SYNs.
const WAIT_AT_LEAST_NS: i64 = 65_000_000_000;
/// And not later than this: twice the longest wait that RFC 6298 (5.5) and stacks keep to, 120 s.
const WAIT_AT_MOST_NS: i64 = 240_000_000_000;
/// A decided attempt lingers this long: Linux repeats a SYN-ACK after 1 s and 3 s where it dropped
/// the acknowledgment, and Windows a SYN within 0.5 s of a refusal.
const LINGER_NS: i64 = 3_500_000_000;

/// Tracks connection attempts.
#[derive(Debug)]
pub struct Tracker {
    limits: Limits,
    reporting: Reporting,
    counters: Counters,
    hasher: FlowHasher,
    table: Table,
    ended: Recent<Tuple, Ended>,
    neighbours: Neighbours,
    /// The latest time that is believed: it does not go back, and one frame alone does not move it.
    now: i64,
    /// The time of the latest frame.
    latest: i64,
    /// Before this, nothing can be overdue.
    next_due: i64,
    next_id: u64,
    lost_packets: bool,
}

type OnEvent<'a> = &'a mut dyn FnMut(Event<'_>);

impl Tracker {
    /// A tracker that holds to `limits`.
    pub fn new(limits: Limits, reporting: Reporting) -> Self {
        Self {
            limits,
            reporting,
            counters: Counters::default(),
            hasher: FlowHasher::new(),
            table: Table::new(),
            ended: Recent::new(limits.remembered),
            neighbours: Neighbours::new(),
            now: i64::MIN,
            latest: i64::MIN,
            next_due: i64::MAX,
            next_id: 1,
            lost_packets: false,
        }
    }

    /// Takes the next frame, with what the parser made of it.
    #[inline]
    pub fn on_packet(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, on_event: OnEvent<'_>) {
        self.pass(frame.timestamp, on_event);
        match &packet.content {
            Content::Tcp(segment) => self.on_segment(frame, packet.layers, segment, on_event),
            Content::Icmp(error) => self.on_icmp(frame, error),
            Content::Other(_) | Content::Stopped(_) => {}
        }
    }

    /// Takes the next frame at a glance, where that suffices: most segments belong to no open attempt
    /// and open none, and are counted. Otherwise nothing happens and the answer is `false`: the
    /// frame is to be decoded and given to [`Tracker::on_packet`].
    #[inline]
    pub fn on_glance(
        &mut self,
        timestamp: Option<Timestamp>,
        glance: &Glance<'_>,
        on_event: OnEvent<'_>,
    ) -> bool {
        let hash = self.hasher.flow(&glance.source, &glance.destination);
        if glance.flags.contains(Flags::SYN) || self.table.is_concerned(hash, glance) {
            return false;
        }
        self.pass(timestamp, on_event);
        self.counters.tcp_segments += 1;
        self.count_unrelated(glance.flags);
        true
    }

    /// Lets time pass: attempts whose next segment is overdue end.
    #[inline]
    pub fn advance_to(&mut self, now: Timestamp, on_event: OnEvent<'_>) {
        self.believe(now.as_nanos(), on_event);
    }

    /// A frame came. Captures exist in which a single one claims to come from another year. So a
    /// frame's time counts for what is overdue only when the next frame bears it out.
    #[inline]
    fn pass(&mut self, timestamp: Option<Timestamp>, on_event: OnEvent<'_>) {
        if let Some(timestamp) = timestamp {
            let before = std::mem::replace(&mut self.latest, timestamp.as_nanos());
            self.believe(before.min(self.latest), on_event);
        }
    }

    #[inline]
    fn believe(&mut self, now: i64, on_event: OnEvent<'_>) {
        self.now = self.now.max(now);
        if self.now >= self.next_due {
            self.close_overdue(on_event);
        }
    }

    /// Ends every attempt that is still open.
    pub fn finish(&mut self, end: End, on_event: OnEvent<'_>) {
        while let Some(index) = self.table.oldest() {
            self.close(index, EndedBy::CaptureEnd, end, on_event);
        }
    }

    /// The smallest id among the attempts that have not ended: every later [`Event::Ended`] has this
    /// id or a greater one.
    pub fn oldest_open(&self) -> Option<u64> {
        self.table.oldest().map(|index| self.table[index].id)
    }

    /// Tells that the capture lost packets: verdicts that rest on a missing segment say so from now on.
    pub fn capture_lost_packets(&mut self) {
        self.lost_packets = true;
    }

    /// The totals so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    #[inline]
    fn on_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        self.counters.tcp_segments += 1;
        let hash = self.hasher.flow(&segment.source, &segment.destination);
        let scope = if layers.is_empty() { 0 } else { scope(layers) };
        match self.table.find(hash, scope, segment) {
            Some(index) => self.on_known(index, frame, (hash, scope, layers), segment, on_event),
            None => self.on_unknown(frame, (hash, scope, layers), segment, on_event),
        }
    }

    /// A segment on a 4-tuple without an open attempt.
    #[inline]
    fn on_unknown(
        &mut self,
        frame: &Frame<'_>,
        at: (u64, u64, &[Layer]),
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        match Kind::of(segment.flags) {
            Kind::Syn | Kind::SynAck => self.open(frame, at, segment, on_event),
            Kind::Ack | Kind::Rst | Kind::Icmp | Kind::Other => self.count_unrelated(segment.flags),
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

    fn open(
        &mut self,
        frame: &Frame<'_>,
        (hash, scope, layers): (u64, u64, &[Layer]),
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        let (client, server, client_isn) = match segment.ack() {
            None => (segment.source, segment.destination, segment.seq),
            Some(ack) => (segment.destination, segment.source, ack.minus(1)),
        };
        let ended = self.ended.get(hash, &Tuple { scope, client, server });
        if ended.is_some_and(|ended| ended.client_isn == client_isn) {
            // The same attempt: its record is written, and this is a late copy of a part of it.
            self.counters.outside_handshake += 1;
            return;
        }
        let previous = ended.map(|ended| Previous {
            id: ended.id,
            client_isn: ended.client_isn,
            outcome: ended.outcome,
            ended_ns_ago: frame
                .timestamp
                .and_then(|now| Some(now.as_nanos().saturating_sub(ended.last_segment?))),
        });
        self.make_room(on_event);
        let opening = Opening { id: self.next_id, previous, hash, scope, layers, now: self.latest };
        self.next_id += 1;
        let index = self.table.insert(|segments| Attempt::open(&opening, frame, segment, segments));
        self.next_due = self.next_due.min(self.latest.saturating_add(WAIT_AT_LEAST_NS));
        self.on_known(index, frame, (hash, scope, layers), segment, on_event);
        if self.reporting != Reporting::Totals {
            let hasher = &self.hasher;
            let attempt = &self.table[index];
            self.neighbours.opened(attempt, |end| hasher.endpoint(end), self.latest);
        }
    }

    /// Evicts until another attempt fits: first one that lingers after its verdict, then the one that
    /// was heard of longest ago.
    fn make_room(&mut self, on_event: OnEvent<'_>) {
        while self.table.len() >= self.limits.attempts.max(1)
            || self.table.segments_held() >= self.limits.segments_in_all
        {
            let Some(index) = self.table.settling().or(self.table.waiting()) else { return };
            self.close(index, EndedBy::Evicted, End::Complete, on_event);
        }
    }

    /// A segment on the 4-tuple of an open attempt.
    fn on_known(
        &mut self,
        index: u32,
        frame: &Frame<'_>,
        at: (u64, u64, &[Layer]),
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        let kind = Kind::of(segment.flags);
        if kind == Kind::Other && segment.flags.is_odd() {
            self.counters.odd_segments += 1;
        }
        let attempt = &self.table[index];
        let Some(from) = attempt.sender(kind, segment) else { return };
        let copy = attempt.is_copy(segment, from, frame.timestamp);
        let judgement = if copy { Judgement::COPY } else { judge(attempt, from, kind, segment) };
        if judgement.effect == Effect::Superseded {
            self.close(index, EndedBy::Segment, End::Complete, on_event);
            return self.open(frame, at, segment, on_event);
        }
        let was_decided = decided(attempt);
        let attempt = &mut self.table[index];
        let now = self.latest.max(self.now);
        attempt.apply(&judgement, segment, (frame.number, now));
        let kept = attempt.keeps(kind, &judgement);
        if kept {
            attempt.touch(now);
            let checksum = self.reporting != Reporting::Totals;
            let record = segment_record(frame, segment, kind, from, &judgement, checksum);
            let grown = attempt.keep(record, self.limits.segments);
            self.table.grew(grown);
        } else if kind != Kind::Other || !segment.flags.is_odd() {
            self.counters.outside_handshake += 1;
        }
        if kept || judgement.effect != Effect::None {
            self.after(index, frame, segment, &judgement, was_decided, on_event);
        }
    }

    /// What follows from a judged segment for the queue the attempt is in, and for its neighbours.
    fn after(
        &mut self,
        index: u32,
        frame: &Frame<'_>,
        segment: &Segment<'_>,
        judgement: &Judgement,
        was_decided: bool,
        on_event: OnEvent<'_>,
    ) {
        let attempt = &self.table[index];
        let is_decided = decided(attempt);
        let quiet = is_decided && attempt.repeats_after_ack == 0;
        if self.reporting != Reporting::Totals {
            let hasher = &self.hasher;
            if judgement.effect == Effect::SynAck {
                let seen = (self.latest, frame.number, segment.ttl);
                self.neighbours.answered(attempt, |end| hasher.endpoint(end), seen);
            }
        }
        if is_decided {
            self.no_longer_pending(index);
        }
        match judgement.effect {
            Effect::Confirmed | Effect::Closed | Effect::Aborted => {
                return self.close(index, EndedBy::Segment, End::Complete, on_event);
            }
            _ if quiet => self.table.settle(index),
            _ => self.table.wait(index),
        }
        if quiet {
            self.next_due = self.next_due.min(self.latest.saturating_add(LINGER_NS));
        }
        if is_decided && !was_decided && self.reporting == Reporting::Decisions {
            let attempt = &self.table[index];
            let segments = attempt.segments.clone();
            let context = self.context(attempt);
            let record = conclude(attempt, segments, EndedBy::Segment, End::Complete, context);
            on_event(Event::Decided(&record));
        }
    }

    /// Takes the attempt off the list of its server, once.
    fn no_longer_pending(&mut self, index: u32) {
        if std::mem::take(&mut self.table[index].pending) && self.reporting != Reporting::Totals {
            let hasher = &self.hasher;
            self.neighbours.settled(&self.table[index], |end| hasher.endpoint(end));
        }
    }

    fn on_icmp(&mut self, frame: &Frame<'_>, error: &IcmpError) {
        let quoted = &error.quoted;
        let hash = self.hasher.flow(&quoted.source, &quoted.destination);
        let Some(index) = self.table.find_quoted(hash, quoted) else { return };
        let attempt = &mut self.table[index];
        attempt.touch(self.latest.max(self.now));
        let by_client = attempt.client == quoted.source;
        // A path MTU report, a source quench or a redirect is no refusal (RFC 1122, RFC 8201).
        if by_client && error.is_unreachable() {
            attempt.icmp = Some(IcmpEvidence {
                frame: frame.number,
                family: error.family,
                kind: error.kind,
                code: error.code,
                sender: error.sender,
                mtu: error.mtu,
            });
        }
        let from = if error.sender == attempt.server.addr {
            Sender::Server
        } else if error.sender == attempt.client.addr {
            Sender::Client
        } else {
            Sender::Network
        };
        let verdict = match attempt.phase {
            Phase::SynSent if by_client => Verdict::Advanced,
            _ => Verdict::Stray,
        };
        let grown = attempt.keep(icmp_record(frame, error, from, verdict), self.limits.segments);
        self.table.grew(grown);
        if decided(&self.table[index]) {
            self.table.settle(index);
        } else {
            self.table.wait(index);
        }
    }

    fn close_overdue(&mut self, on_event: OnEvent<'_>) {
        self.next_due = i64::MAX;
        while let Some(index) = self.table.settling() {
            if !self.is_overdue(index, LINGER_NS) {
                break;
            }
            self.close(index, EndedBy::Segment, End::Complete, on_event);
        }
        while let Some(index) = self.table.waiting() {
            let doubled = self.table[index].last_gap.saturating_mul(2);
            if !self.is_overdue(index, doubled.clamp(WAIT_AT_LEAST_NS, WAIT_AT_MOST_NS)) {
                break;
            }
            self.close(index, EndedBy::Timeout, End::Complete, on_event);
        }
    }

    /// Whether nothing was heard of the attempt for `wait`; if not, notes when that will be so.
    fn is_overdue(&mut self, index: u32, wait: i64) -> bool {
        let last_seen = self.table[index].last_seen;
        let overdue = self.now.saturating_sub(last_seen) >= wait;
        if !overdue {
            self.next_due = self.next_due.min(last_seen.saturating_add(wait));
        }
        overdue
    }

    fn close(&mut self, index: u32, reason: EndedBy, end: End, on_event: OnEvent<'_>) {
        let attempt = &self.table[index];
        // What a RST or the server itself ended, nothing else ends any more.
        let final_word = attempt.phase == Phase::Over;
        let ended_by = if final_word { EndedBy::Segment } else { reason };
        if ended_by == EndedBy::Evicted {
            self.counters.evicted += 1;
        }
        let outcome = if self.reporting == Reporting::Totals {
            outcome(attempt, ended_by, end)
        } else {
            let segments = std::mem::take(&mut self.table[index].segments);
            let attempt = &self.table[index];
            let context = self.context(attempt);
            let record = conclude(attempt, segments, ended_by, end, context);
            on_event(Event::Ended(&record));
            let outcome = record.outcome;
            self.table[index].segments = record.segments;
            outcome
        };
        if let Some(at) = Outcome::ALL.iter().position(|&listed| listed == outcome) {
            self.counters.outcomes[at] += 1;
        }
        let attempt = &self.table[index];
        let tuple = Tuple { scope: attempt.scope, client: attempt.client, server: attempt.server };
        let ended = Ended {
            id: attempt.id,
            outcome,
            client_isn: attempt.client_isn,
            last_segment: (attempt.last_seen != i64::MIN).then_some(attempt.last_seen),
        };
        self.ended.set(attempt.hash, tuple, ended);
        self.no_longer_pending(index);
        self.table.remove(index);
    }

    fn context(&self, attempt: &Attempt) -> crate::Context {
        crate::Context {
            capture_lost_packets: self.lost_packets,
            ..self.neighbours.context(attempt, |end| self.hasher.endpoint(end))
        }
    }
}
