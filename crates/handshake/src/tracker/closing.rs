//! When an attempt ends, and what is told and remembered of it then.

use parser::Flags;

use super::attempt::Attempt;
use super::attempts::Attempts;
use super::closed::Closed;
use super::conclude::{Closing, conclude, outcome};
use super::flow::scope;
use super::mark::Mark;
use super::report::{End, Event, OnEvent, Reporting};
use super::spans::SLACK_NS;
use crate::record::{Context, EndedBy, Handshake, Outcome};
use crate::segment::{Kind, Sender, Verdict};

/// Beyond this, the time of the last frame alone is not believed.
const BELIEVED_NS: i64 = 86_400_000_000_000;

impl Attempts {
    /// Ends every attempt that is still open.
    pub(super) fn finish(&mut self, end: End, on_event: OnEvent<'_>) {
        if self.latest.saturating_sub(self.now) <= BELIEVED_NS || self.now == i64::MIN {
            self.now = self.now.max(self.latest);
        }
        while let Some(index) = self.table.oldest() {
            let attempt = &self.table[index];
            if attempt.silence(self.now) >= attempt.patience() {
                self.close_at_deadline(index, on_event);
            } else {
                self.close_by(index, EndedBy::CaptureEnd, end, on_event);
            }
        }
    }

    /// Ends the attempts whose next segment is overdue.
    pub(super) fn close_overdue(&mut self, on_event: OnEvent<'_>) {
        self.next_due = i64::MAX;
        while let Some(index) = self.table.oldest_decided().filter(|&index| self.is_overdue(index))
        {
            self.close_at_deadline(index, on_event);
        }
        while let Some(index) =
            self.table.oldest_undecided().filter(|&index| self.is_overdue(index))
        {
            self.close_at_deadline(index, on_event);
        }
        for first in
            [self.table.oldest_decided(), self.table.oldest_undecided()].into_iter().flatten()
        {
            let due = self.table[first].due().saturating_add(SLACK_NS);
            self.next_due = self.next_due.min(due);
        }
    }

    fn is_overdue(&self, index: u32) -> bool {
        let attempt = &self.table[index];
        attempt.silence(self.now) >= attempt.patience().saturating_add(SLACK_NS)
    }

    /// Ends an attempt whose time is over.
    #[inline(never)]
    pub(super) fn close_at_deadline(&mut self, index: u32, on_event: OnEvent<'_>) {
        let attempt = &mut self.table[index];
        let by = if attempt.state.is_quiet() { EndedBy::Segment } else { EndedBy::Timeout };
        attempt.conclude_from_data();
        self.close(index, by, on_event);
    }

    /// Ends an attempt while the capture goes on.
    pub(super) fn close(&mut self, index: u32, by: EndedBy, on_event: OnEvent<'_>) {
        self.close_by(index, by, End::Complete, on_event);
    }

    #[inline(never)]
    fn close_by(&mut self, index: u32, by: EndedBy, end: End, on_event: OnEvent<'_>) {
        let closing = self.closing(&self.table[index], by, end);
        self.count_what_was_heard(index);
        self.counters.evicted += u64::from(closing.by == EndedBy::Evicted);
        let outcome = if self.wants_records() {
            let segments = std::mem::take(&mut self.table[index].segments);
            let attempt = &self.table[index];
            let record = conclude(attempt, segments, &closing, self.context(attempt));
            on_event(Event::Ended(&record));
            let outcome = record.outcome;
            self.table[index].segments = record.segments;
            outcome
        } else {
            outcome(&self.table[index], &closing)
        };
        if let Some(at) = Outcome::ALL.iter().position(|&listed| listed == outcome) {
            self.counters.outcomes[at] += 1;
        }
        let attempt = &self.table[index];
        self.closed.add(attempt.hash, attempt.server, closed(attempt, outcome, closing.by));
        self.no_longer_pending(index);
        self.table.remove(index);
    }

    /// Counts which parts of an attempt the capture holds: whether it sees one direction only, or SYNs
    /// alone, shows in all attempts together.
    fn count_what_was_heard(&mut self, index: u32) {
        let attempt = &self.table[index];
        let segments = attempt.segments.iter().filter(|kept| kept.kind != Kind::Icmp);
        let confirmed = attempt.state.confirmed_by.is_some();
        let client = segments.clone().any(|kept| kept.from == Sender::Client);
        let server = confirmed || segments.clone().any(|kept| kept.from == Sender::Server);
        let beyond_syn = confirmed || segments.clone().any(|kept| !kept.flags.contains(Flags::SYN));
        let counters = &mut self.counters;
        counters.client_heard += u64::from(client);
        counters.server_heard += u64::from(server);
        counters.beyond_syn += u64::from(beyond_syn);
    }

    fn closing(&self, attempt: &Attempt, by: EndedBy, end: End) -> Closing {
        // What a RST or the server itself ended, nothing else ends any more.
        let state = &attempt.state;
        let final_word = state.ending().is_some() || state.confirmed_by.is_some();
        let silence_ns = match by {
            EndedBy::Timeout | EndedBy::Segment => i64::MAX,
            EndedBy::CaptureEnd | EndedBy::Evicted => attempt.silence(self.now),
        };
        Closing { by: if final_word { EndedBy::Segment } else { by }, end, silence_ns }
    }

    /// What an attempt would come to if nothing more were heard of it.
    pub(super) fn outcome_so_far(&self, attempt: &Attempt) -> Outcome {
        outcome(attempt, &self.closing(attempt, EndedBy::CaptureEnd, End::Complete))
    }

    /// What its segments have decided of an attempt, for a view that wants to be told.
    pub(super) fn decision(&self, index: u32) -> Option<Outcome> {
        if self.reporting != Reporting::Decisions {
            return None;
        }
        self.table[index].decision()
    }

    /// The record of an attempt that may still change.
    pub(super) fn record_so_far(&self, attempt: &Attempt) -> Handshake {
        let closing = self.closing(attempt, EndedBy::Segment, End::Interrupted);
        conclude(attempt, attempt.segments.clone(), &closing, self.context(attempt))
    }

    fn context(&self, attempt: &Attempt) -> Context {
        let related = self.related.as_ref().map(|related| related.context(attempt));
        Context { capture_lost_packets: self.lost_packets, ..related.unwrap_or_default() }
    }

    /// Makes one attempt of two that hold the same packets. The older one goes on; its place is given.
    #[cold]
    pub(super) fn merge(&mut self, one: u32, other: u32) -> u32 {
        let (keep, gone) =
            if self.table[one].id < self.table[other].id { (one, other) } else { (other, one) };
        self.no_longer_pending(gone);
        let segments = std::mem::take(&mut self.table[gone].segments);
        let encapsulations = std::mem::take(&mut self.table[gone].encapsulations);
        let omitted = self.table[gone].segments_omitted;
        let (held, attempt) = (segments.len(), &mut self.table[keep]);
        let room = (2 * self.limits.segments).saturating_sub(attempt.segments.len());
        let taken = held.min(room);
        let omitted = omitted.saturating_add((held - taken) as u32);
        attempt.segments_omitted = attempt.segments_omitted.saturating_add(omitted);
        for mut segment in segments.into_iter().take(taken) {
            let layers = encapsulations.get(usize::from(segment.encapsulation));
            segment.encapsulation = attempt.encapsulation(layers.map_or(&[], Vec::as_slice));
            if attempt.segments.iter().any(|kept| kept.is_same_as(&segment)) {
                segment.verdict = Verdict::DuplicateCapture;
            }
            let later = |kept: &crate::SegmentRecord| kept.timestamp > segment.timestamp;
            let at = attempt.segments.iter().position(later).unwrap_or(attempt.segments.len());
            attempt.segments.insert(at, segment);
        }
        attempt.judge_anew();
        self.table.shrank(held - taken);
        self.table.remove(gone);
        keep
    }
}

fn closed(attempt: &Attempt, outcome: Outcome, by: EndedBy) -> Closed {
    let mut syns = attempt.segments.iter().filter(|kept| kept.is_sent(Sender::Client, Kind::Syn));
    let first = syns.next().map(Mark::kept).unwrap_or_default();
    let last = syns.next_back().map_or(first, Mark::kept);
    Closed {
        id: attempt.id,
        outcome,
        scope: attempt.encapsulations.first().map_or(0, |layers| scope(layers)),
        client: attempt.client,
        client_isn: attempt.state.client_isn,
        server_isn: attempt.state.server_isn,
        last_segment: attempt.last_seen,
        is_over: by == EndedBy::Timeout || attempt.state.reset.is_some() || attempt.state.fin_seen,
        syns: [first, last],
        confirming: attempt.confirming,
    }
}
