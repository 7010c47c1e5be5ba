//! The open attempts and the segments that reach them.

use parser::{Flags, Frame, Glance, Layer, Period, Segment, Timestamp};

use super::arrival::Arrival;
use super::closed::ClosedAttempts;
use super::elsewhere::Elsewhere;
use super::flow::{FlowHasher, FlowKey, scope};
use super::related_attempts::RelatedAttempts;
use super::report::{Counters, Limits, OnEvent, Reporting};
use super::seen::{Says, Seen};
use super::spans::{BEARING_OUT, BELIEVED_NS};
use super::table::{Found, Places, Table};
use crate::segment::{Kind, SegmentRecord};

/// Folds segments into attempts.
#[derive(Debug)]
pub(super) struct Attempts {
    pub(super) limits: Limits,
    pub(super) reporting: Reporting,
    pub(super) counters: Counters,
    /// Segments of the period that were counted as outside, and are in a record now.
    pub(super) taken_back: u64,
    /// Attempts that began at another time are neither told nor counted.
    pub(super) started_in: Period,
    pub(super) hasher: FlowHasher,
    pub(super) table: Table,
    pub(super) closed: ClosedAttempts,
    /// Only where records are wanted: totals say nothing of it.
    pub(super) related: Option<RelatedAttempts>,
    pub(super) elsewhere: Elsewhere,
    /// The latest time that is believed: it does not go back, and one frame alone does not move it.
    pub(super) now: i64,
    /// The time of the latest frame.
    pub(super) latest: i64,
    /// Frames in a row that claim to come from far ahead of that, and their time.
    pub(super) far_ahead: (u8, i64),
    /// Before this, nothing can be overdue.
    pub(super) next_due: i64,
    pub(super) next_id: u64,
    pub(super) lost_packets: bool,
    /// The space of the last attempt that was unfolded to be told.
    pub(super) spare: Vec<SegmentRecord>,
    /// Only a test of the full course goes without.
    pub(super) has_plain_course: bool,
}

impl Attempts {
    pub(super) fn new(limits: Limits, reporting: Reporting) -> Self {
        let hasher = FlowHasher::new();
        let wants_records = reporting != Reporting::Facts;
        Self {
            limits,
            reporting,
            counters: Counters::default(),
            taken_back: 0,
            started_in: Period::ALWAYS,
            hasher,
            table: Table::new(limits.memory),
            closed: ClosedAttempts::new(limits.remembered),
            related: wants_records.then(|| RelatedAttempts::new(hasher)),
            elsewhere: Elsewhere::new(),
            now: i64::MIN,
            latest: i64::MIN,
            far_ahead: (0, 0),
            next_due: i64::MAX,
            next_id: 1,
            lost_packets: false,
            spare: Vec::new(),
            has_plain_course: true,
        }
    }

    /// Whether a segment belongs to no open attempt and begins none, as most segments of a capture do.
    /// It is counted then.
    #[inline]
    pub(super) fn is_nobodys(&mut self, (hash, flags): (u64, Flags)) -> bool {
        let is_nobodys = !flags.intersects(Flags::SYN | Flags::FIN | Flags::RST)
            && !self.table.may_hold(hash)
            && self.elsewhere.is_empty();
        if is_nobodys {
            self.counters.tcp_segments += 1;
            self.count_kind(flags);
        }
        is_nobodys
    }

    /// Takes a segment of which this much was seen. What begins no attempt, and is no attempt's
    /// business, is counted without more ado.
    #[inline]
    pub(super) fn on_glance(
        &mut self,
        frame: &Frame<'_>,
        (glance, hash): (&Glance<'_>, u64),
        on_event: OnEvent<'_>,
    ) {
        let Glance { source, destination, flags, .. } = glance;
        let flow = FlowKey { hash, source, destination };
        let found = self.table.find(flow);
        let passes = match found {
            Found::Nothing => true,
            Found::Plain(at, from) => {
                let says = Says {
                    flags: *flags,
                    seq: glance.seq(),
                    ack: glance.ack_field(),
                    len: glance.data_len(),
                    time: frame.timestamp.map(Timestamp::as_nanos),
                };
                self.passes_plain((at, from), &says, |layers| glance.is_within(layers))
            }
            Found::Full => {
                let (segment, layers) = (glance.segment(), glance.layers());
                self.passes_full(flow, &segment, &layers, frame.timestamp)
            }
        };
        if passes && !self.may_begin(flow, *flags) {
            return self.pass_by(flow, *flags);
        }
        let (segment, layers) = (glance.segment(), glance.layers());
        self.on_segment(frame, &layers, &segment, (flow, found), on_event);
    }

    /// The same, of a segment that the decoder found.
    #[inline(never)]
    pub(super) fn take_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        on_event: OnEvent<'_>,
    ) {
        let &Segment { flags, seq, ack_field: ack, len, .. } = segment;
        let flow = self.hasher.flow(&segment.source, &segment.destination);
        let found = self.table.find(flow);
        let passes = match found {
            Found::Nothing => true,
            Found::Plain(at, from) => {
                let time = frame.timestamp.map(Timestamp::as_nanos);
                let says = Says { flags, seq, ack, len, time };
                self.passes_plain((at, from), &says, |of_attempt| of_attempt == layers)
            }
            Found::Full => self.passes_full(flow, segment, layers, frame.timestamp),
        };
        if passes && !self.may_begin(flow, flags) {
            return self.pass_by(flow, flags);
        }
        self.on_segment(frame, layers, segment, (flow, found), on_event);
    }

    /// Whether a segment says nothing about the full attempts on its 4-tuple but how much the client has sent,
    /// which is noted.
    fn passes_full(
        &mut self,
        flow: FlowKey<'_>,
        segment: &Segment<'_>,
        layers: &[Layer],
        time: Option<Timestamp>,
    ) -> bool {
        let (places, seen) = (self.table.between(flow), Seen::of(segment, time));
        // What says nothing to an attempt still shows by its time that it is over.
        let says_nothing = places.as_slice().iter().all(|&at| {
            let attempt = &self.table[at];
            attempt.is_irrelevant(segment, layers) && !attempt.is_over_at(seen.time, seen.kind)
        });
        if !says_nothing || !self.has_plain_course {
            return false;
        }
        match *places.as_slice() {
            _ if segment.len == 0 => true,
            [at] => self.table[at].takes_data_of_client(&seen),
            // Which of several it is from is the judge's business.
            _ => false,
        }
    }

    /// Whether a segment may begin an attempt, or belong to one that goes on between other ends.
    #[inline]
    fn may_begin(&self, flow: FlowKey<'_>, flags: Flags) -> bool {
        flags.contains(Flags::SYN) || self.elsewhere.between(flow).is_some()
    }

    /// Counts a segment that is no attempt's business.
    #[inline]
    fn pass_by(&mut self, flow: FlowKey<'_>, flags: Flags) {
        self.counters.tcp_segments += 1;
        self.count_outside(flow, flags);
    }

    #[inline]
    fn on_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        (flow, found): (FlowKey<'_>, Found),
        on_event: OnEvent<'_>,
    ) {
        self.counters.tcp_segments += 1;
        let is_taken = self.has_plain_course
            && match found {
                Found::Nothing => self.begins_plainly((frame, layers), (segment, flow), on_event),
                Found::Plain(at, from) => {
                    self.goes_on_plainly((at, from), (frame, layers), segment, on_event)
                }
                Found::Full => false,
            };
        if !is_taken {
            self.judge_segment(frame, layers, segment, (flow, found), on_event);
        }
    }

    /// Takes a segment that is not one of the plain course.
    #[inline(never)]
    fn judge_segment(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        (flow, found): (FlowKey<'_>, Found),
        on_event: OnEvent<'_>,
    ) {
        let mut rivals = match found {
            Found::Nothing => Places::NONE,
            Found::Plain(at, _) => Places::one(self.unfold(at)),
            Found::Full => self.table.between(flow),
        };
        let mut arrival = Arrival {
            frame,
            layers,
            segment,
            seen: Seen::of(segment, frame.timestamp),
            flow,
            rivals: &mut rivals,
            scope: if layers.is_empty() { 0 } else { scope(layers) },
            is_foreign: false,
        };
        self.close_over(&mut arrival, on_event);
        self.uncross(&mut arrival, on_event);
        match self.find(&mut arrival) {
            Some(known) => self.on_known(known, &arrival, on_event),
            None => self.on_unknown(&arrival, on_event),
        }
        self.make_room_for_full(on_event);
    }

    /// A frame came. Captures exist in which a single one claims to come from another year. So a
    /// frame's time counts for what is overdue only when the next frame bears it out, and if it lies
    /// far ahead, only when many in a row do.
    #[inline]
    pub(super) fn observe_time(&mut self, timestamp: Option<Timestamp>, on_event: OnEvent<'_>) {
        if let Some(timestamp) = timestamp {
            let before = std::mem::replace(&mut self.latest, timestamp.as_nanos());
            let time = before.min(self.latest);
            if time.saturating_sub(self.now) > BELIEVED_NS && self.now != i64::MIN {
                self.far_ahead.0 += 1;
                self.far_ahead.1 = time;
                if self.far_ahead.0 < BEARING_OUT {
                    return;
                }
            }
            self.far_ahead.0 = 0;
            self.advance_clock(time, on_event);
        }
    }

    #[inline]
    pub(super) fn advance_clock(&mut self, now: i64, on_event: OnEvent<'_>) {
        self.now = self.now.max(now);
        if self.now >= self.next_due {
            self.close_overdue(on_event);
        }
    }

    /// Whether records are built, rather than totals alone.
    pub(super) const fn wants_records(&self) -> bool {
        self.related.is_some()
    }

    pub(super) fn oldest_open(&self) -> Option<u64> {
        self.table.oldest()
    }

    pub(super) fn capture_lost_packets(&mut self) {
        self.lost_packets = true;
    }

    pub(super) fn begun(&self) -> u64 {
        self.next_id - 1
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Ends the attempts on the 4-tuple of a segment that its time shows to be over. What other
    /// traffic the capture holds makes no difference.
    fn close_over(&mut self, arrival: &mut Arrival<'_>, on_event: OnEvent<'_>) {
        let Seen { time, kind, .. } = arrival.seen;
        if arrival.rivals.as_slice().iter().any(|&at| self.table[at].is_over_at(time, kind)) {
            self.close_all_over(arrival, on_event);
        }
    }

    #[inline(never)]
    fn close_all_over(&mut self, arrival: &mut Arrival<'_>, on_event: OnEvent<'_>) {
        for &at in arrival.rivals.as_slice() {
            if self.table[at].is_over_at(arrival.seen.time, arrival.seen.kind) {
                self.close_at_deadline(at, on_event);
            }
        }
        *arrival.rivals = self.table.between(arrival.flow);
    }

    /// A segment on a 4-tuple without an attempt that it fits.
    #[inline(never)]
    fn on_unknown(&mut self, arrival: &Arrival<'_>, on_event: OnEvent<'_>) {
        match arrival.seen.kind {
            Kind::Syn | Kind::SynAck => self.begin(arrival, on_event),
            Kind::Ack | Kind::Rst | Kind::Icmp | Kind::Other => {
                self.count_outside(arrival.flow, arrival.segment.flags);
            }
        }
    }

    /// A segment that came at `time` and was counted as outside is in a record now. Where a period counts,
    /// that total may be set aside. Which one a segment without a time is in, nothing tells.
    pub(super) fn take_back(&mut self, time: Option<Timestamp>) {
        if self.started_in == Period::ALWAYS {
            self.counters.outside_handshake -= 1;
        } else {
            self.taken_back += u64::from(time.is_some() && self.started_in.holds(time));
        }
    }

    /// Counts no longer as outside what was taken back.
    pub(super) fn count_taken_back(&mut self) {
        self.counters.outside_handshake -= std::mem::take(&mut self.taken_back);
    }

    /// Counts a segment that belongs to no open attempt and opens none.
    #[inline]
    fn count_outside(&mut self, flow: FlowKey<'_>, flags: Flags) {
        if flags.intersects(Flags::FIN | Flags::RST) {
            self.closed.note_end(flow);
        }
        self.count_kind(flags);
    }

    #[inline]
    fn count_kind(&mut self, flags: Flags) {
        if flags.is_odd() {
            self.counters.odd_segments += 1;
        } else {
            self.counters.outside_handshake += 1;
        }
    }
}
