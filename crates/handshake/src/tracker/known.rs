//! A segment of an open attempt: what it does to it, and to the queue it waits in.

use super::arrival::Arrival;
use super::attempt::{At, DISORDER_NS};
use super::attempts::Attempts;
use super::judgement::{Effect, Judgement};
use super::keep::segment_record;
use super::mark::Confirming;
use super::report::{Event, OnEvent, Reporting};
use super::spans::SLACK_NS;
use crate::record::{EndedBy, Outcome};
use crate::segment::{FramePlace, Kind};
use crate::side::Side;

impl Attempts {
    /// A segment that belongs to an open attempt, sent by `from`.
    pub(super) fn on_known(
        &mut self,
        (index, from): (u32, Side),
        arrival: &Arrival<'_>,
        on_event: OnEvent<'_>,
    ) {
        let Arrival { frame, segment, seen, layers, scope, .. } = arrival;
        let odd = seen.kind == Kind::Other && segment.flags.is_odd();
        self.counters.odd_segments += u64::from(odd);
        let before = self.decision(index);
        let checksum = self.wants_records();
        let attempt = &mut self.table[index];
        let encapsulation = attempt.encapsulation(layers, *scope);
        let record = |judgement: &Judgement| {
            segment_record(frame, segment, from, encapsulation, judgement, checksum)
        };
        let is_copy = attempt.original_of(frame, segment, from, || Some(encapsulation)).is_some();
        let late = if is_copy { None } else { attempt.comes_late(from, seen, DISORDER_NS) };
        let (effect, grown) = if let Some(place) = late {
            attempt.insert(place, record(&Judgement::OPENS));
            (Effect::SynAck, Some(1))
        } else {
            let judgement = if is_copy {
                Judgement::COPY
            } else if arrival.is_foreign {
                Judgement::FOREIGN
            } else {
                attempt.judge(from, seen)
            };
            if judgement.effect == Effect::Confirmed {
                attempt.confirming = Confirming::of(segment, seen);
            }
            let at = At { frame: FramePlace::of(frame), time: seen.time, now: self.now };
            let (limit, record) = (self.limits.segments, || record(&judgement));
            (judgement.effect, attempt.take(&judgement, (from, seen), at, record, limit))
        };
        match grown {
            Some(_) => self.table.weigh(index),
            None if !odd => self.counters.outside_handshake += 1,
            None => {}
        }
        if grown.is_some() || !effect.is_none() {
            self.update_queues(index, arrival, effect, before, on_event);
        }
    }

    /// What follows from a judged segment for the queue the attempt is in, and for its neighbours.
    fn update_queues(
        &mut self,
        index: u32,
        arrival: &Arrival<'_>,
        effect: Effect,
        before: Option<Outcome>,
        on_event: OnEvent<'_>,
    ) {
        self.update_related(index, arrival, effect);
        if effect == Effect::Confirmed && self.table[index].state.reset.is_none() {
            return self.close(index, EndedBy::Segment, on_event);
        }
        self.requeue(index);
        if self.reporting == Reporting::Decisions {
            self.report_decision(index, before, on_event);
        }
    }

    /// Puts an attempt where its deadline is looked at.
    pub(super) fn requeue(&mut self, index: u32) {
        let attempt = &self.table[index];
        let (is_decided, is_quiet) = (attempt.state.is_decided(), attempt.state.is_quiet());
        let due = attempt.due().saturating_add(SLACK_NS);
        self.next_due = self.next_due.min(due);
        if let Some(related) = &mut self.related
            && (is_decided || is_quiet)
        {
            related.no_longer_pending(&mut self.table[index]);
        }
        self.table.requeue(index);
    }

    /// Tells a live view what a segment or an ICMP error just decided. That a server dropped the
    /// acknowledgment shows only in its silence, so it is no decision.
    pub(super) fn report_decision(
        &self,
        index: u32,
        before: Option<Outcome>,
        on_event: OnEvent<'_>,
    ) {
        if matches!(before, Some(Outcome::Established | Outcome::EstablishedClientOnly)) {
            return;
        }
        let decision = self.decision(index);
        let is_told = self.started_in.holds(self.table[index].start);
        if is_told && decision.is_some() && decision != before {
            on_event(Event::Decided(&self.record_so_far(&self.table[index])));
        }
    }

    #[inline]
    fn update_related(&mut self, index: u32, arrival: &Arrival<'_>, effect: Effect) {
        if let Some(related) = &mut self.related {
            related.update(&mut self.table[index], arrival, effect, self.latest);
        }
    }
}
