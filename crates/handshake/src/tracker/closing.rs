//! When an attempt ends, and what is told and remembered of it then.

use parser::Flags;

use super::attempt::Attempt;
use super::attempts::Attempts;
use super::closed::Closed;
use super::conclude::{Closing, conclude, outcome};
use super::flow::scope;
use super::mark::Mark;
use super::report::{End, Event, OnEvent, Reporting};
use super::spans::{BELIEVED_NS, FIRST_RTO_NS, SLACK_NS};
use super::stage::Stage;
use super::table::{Expects, Place};
use crate::facts::Facts;
use crate::patterns::recognise;
use crate::record::{Context, EndedBy, Handshake, Outcome};
use crate::segment::{Kind, Sender, Verdict};

/// Attempts that are put back in their queue at once.
const PUT_BACK: u8 = 16;
/// What full attempts expect, and the plain stages that expect the same, one for each of their queues.
type Sort = (Expects, &'static [Stage]);
/// What an attempt is worth, the least first: one that is decided, one that nobody answered, one
/// whose server spoke.
const WORTH: [Sort; 3] = [
    (Expects::Nothing, &[Stage::Established, Stage::ClientClosed]),
    (Expects::Answer, &[Stage::Sent, Stage::SentAgain]),
    (Expects::Rest, &[Stage::Received]),
];

impl Attempts {
    /// Ends every attempt that is still open.
    pub(super) fn finish(&mut self, end: End, on_event: OnEvent<'_>) {
        // What did not come back until the end is believed.
        if let (1.., time) = self.far_ahead {
            self.now = self.now.max(time);
        }
        if self.latest.saturating_sub(self.now) <= BELIEVED_NS || self.now == i64::MIN {
            self.now = self.now.max(self.latest);
        }
        for place in self.table.in_order() {
            let (silence, patience) = self.waits(place);
            match place {
                _ if silence >= patience => self.end_at_deadline(place, on_event),
                Place::Plain(at) => self.end_plain(at, (EndedBy::CaptureEnd, end), on_event),
                Place::Full(at) => self.close_by(at, (EndedBy::CaptureEnd, end), on_event),
            }
        }
    }

    /// For how long an attempt has been silent, and how long it waits.
    fn waits(&self, place: Place) -> (i64, i64) {
        match place {
            Place::Full(at) => (self.table[at].silence(self.now), self.table[at].patience()),
            Place::Plain(at) => {
                let silence = self.now.saturating_sub(self.table.plain.last_seen(at));
                (silence, self.table.plain.get(at).stage().patience())
            }
        }
    }

    fn end_at_deadline(&mut self, place: Place, on_event: OnEvent<'_>) {
        match place {
            Place::Full(at) => self.close_at_deadline(at, on_event),
            Place::Plain(at) => {
                let is_decided = self.table.plain.get(at).stage().is_decided();
                let by = if is_decided { EndedBy::Segment } else { EndedBy::Timeout };
                self.end_plain(at, (by, End::Complete), on_event);
            }
        }
    }

    /// Ends the attempts whose next segment is overdue.
    #[inline(never)]
    pub(super) fn close_overdue(&mut self, on_event: OnEvent<'_>) {
        self.next_due = i64::MAX;
        // Those that are looked at together wait equally long: the first that waits on ends it.
        for expected in [&WORTH[..1], &WORTH[1..]] {
            while let Some(place) = self.longest_silent(expected) {
                let (silence, patience) = self.waits(place);
                let rest = patience.saturating_add(SLACK_NS).saturating_sub(silence);
                if rest > 0 {
                    self.next_due = self.next_due.min(self.now.saturating_add(rest));
                    break;
                }
                self.end_at_deadline(place, on_event);
            }
        }
    }

    /// The full attempt that expects this and was silent for longest. One whose time is not believed
    /// yet must not keep the others waiting: it is put back.
    fn first_full(&mut self, expects: Expects) -> Option<u32> {
        for _ in 0..PUT_BACK {
            let at = self.table.first(expects)?;
            if self.table[at].silence(self.now) >= -BELIEVED_NS || self.now == i64::MIN {
                return Some(at);
            }
            self.table.requeue(at);
        }
        self.table.first(expects)
    }

    /// The attempt of these that was silent for longest.
    fn longest_silent(&mut self, expected: &[Sort]) -> Option<Place> {
        let mut first: Option<(i64, Place)> = None;
        for &(expects, stages) in expected {
            let full = self.first_full(expects);
            let full = full.map(|at| (self.table[at].last_heard_ns, Place::Full(at)));
            let plain = self.table.plain.first_of(stages);
            let plain = plain.map(|(since, at)| (since, Place::Plain(at)));
            for one in [full, plain].into_iter().flatten() {
                if first.is_none_or(|(since, _)| one.0 < since) {
                    first = Some(one);
                }
            }
        }
        first.map(|(_, place)| place)
    }

    /// Evicts until another attempt may be open.
    #[inline]
    pub(super) fn make_place(&mut self, on_event: OnEvent<'_>) {
        if self.table.len() >= self.limits.attempts.max(1) {
            self.evict_beyond_limit(on_event);
        }
    }

    #[inline(never)]
    fn evict_beyond_limit(&mut self, on_event: OnEvent<'_>) {
        while self.table.len() >= self.limits.attempts.max(1) {
            let least = WORTH.iter().find_map(|it| self.longest_silent(std::slice::from_ref(it)));
            match least {
                Some(place) => self.evict(place, on_event),
                None => return,
            }
        }
    }

    /// Evicts plain attempts until there is room for another one. Tells whether there is.
    #[inline]
    pub(super) fn make_room_for_plain(&mut self, on_event: OnEvent<'_>) -> bool {
        while !self.table.fits_plain(self.limits.memory) {
            let least = WORTH.iter().find_map(|&(_, stages)| self.table.plain.first_of(stages));
            match least {
                Some((_, at)) => self.evict(Place::Plain(at), on_event),
                None => return false,
            }
        }
        true
    }

    /// Evicts plain attempts until there is room for another segment of the one at `at`, which goes on to
    /// `next` with it. Tells whether there is. If `at` fits among the full attempts, nothing is evicted,
    /// and the answer is no.
    #[inline]
    pub(super) fn make_room_for_segment(
        &mut self,
        (at, next): (u32, Stage),
        on_event: OnEvent<'_>,
    ) -> bool {
        self.table.fits_segment(self.limits.memory) || self.evict_for_segment((at, next), on_event)
    }

    #[inline(never)]
    fn evict_for_segment(&mut self, (at, next): (u32, Stage), on_event: OnEvent<'_>) -> bool {
        // What is worth more does not give way to it.
        let worth = worth(next).max(worth(self.table.plain.get(at).stage()));
        while !self.table.fits_segment(self.limits.memory) {
            if self.table.fits_another_full(self.limits.memory) {
                return false;
            }
            let given_way = &WORTH[..=worth];
            let least = given_way.iter().find_map(|it| self.table.plain.first_with_link(it.1));
            match least {
                Some(least) if least != at => self.evict(Place::Plain(least), on_event),
                _ => return false,
            }
        }
        true
    }

    /// Evicts full attempts until they take no more than is theirs.
    #[inline]
    pub(super) fn make_room_for_full(&mut self, on_event: OnEvent<'_>) {
        while !self.table.fits_full(self.limits.memory) {
            match WORTH.iter().find_map(|&(expects, _)| self.table.first(expects)) {
                Some(at) => self.evict(Place::Full(at), on_event),
                None => return,
            }
        }
    }

    fn evict(&mut self, place: Place, on_event: OnEvent<'_>) {
        match place {
            Place::Plain(at) => self.end_plain(at, (EndedBy::Evicted, End::Complete), on_event),
            Place::Full(at) => self.close(at, EndedBy::Evicted, on_event),
        }
    }

    /// Ends an attempt whose time is over.
    #[inline(never)]
    pub(super) fn close_at_deadline(&mut self, index: u32, on_event: OnEvent<'_>) {
        let attempt = &mut self.table[index];
        let by = attempt.ends_by();
        attempt.conclude_from_data();
        self.close(index, by, on_event);
    }

    /// Ends an attempt while the capture goes on.
    pub(super) fn close(&mut self, index: u32, by: EndedBy, on_event: OnEvent<'_>) {
        self.close_by(index, (by, End::Complete), on_event);
    }

    fn close_by(&mut self, index: u32, why: (EndedBy, End), on_event: OnEvent<'_>) {
        if let Some(mut attempt) = self.table.remove(index) {
            self.end(&mut attempt, why, on_event);
        }
    }

    /// Tells, counts and remembers an attempt that is no longer in the table.
    #[inline(never)]
    pub(super) fn end(
        &mut self,
        attempt: &mut Attempt,
        (by, end): (EndedBy, End),
        on_event: OnEvent<'_>,
    ) {
        let closing = self.closing(attempt, by, end);
        let segments = std::mem::take(&mut attempt.segments);
        let encapsulations = std::mem::take(&mut attempt.encapsulations);
        let cut_off = self.is_cut_off(closing.by, closing.silence_ns);
        let context = Context { cut_off, ..self.context(attempt) };
        let record = conclude(attempt, (segments, encapsulations), &closing, context);
        let (outcome, is_told) = (record.outcome, self.started_in.holds(attempt.start));
        if is_told && self.wants_records() {
            on_event(Event::Ended(&record));
        } else if is_told {
            let patterns = recognise(&record).into_iter().map(|pattern| pattern.name).collect();
            on_event(Event::Counted(&Facts::of(&record, patterns)));
        }
        (attempt.segments, attempt.encapsulations) = (record.segments, record.encapsulations);
        if is_told {
            self.count_what_was_heard(attempt);
            self.count_outcome(outcome, closing.by);
        }
        self.closed.add(attempt.hash, attempt.server, closed(attempt, outcome, closing.by));
        if let Some(related) = &mut self.related {
            related.no_longer_pending(attempt);
        }
    }

    pub(super) fn count_outcome(&mut self, outcome: Outcome, by: EndedBy) {
        if let Some(at) = Outcome::ALL.iter().position(|&listed| listed == outcome) {
            self.counters.outcomes[at] += 1;
            self.counters.evicted[at] += u64::from(by == EndedBy::Evicted);
        }
    }

    /// Counts which parts of an attempt the capture holds: whether it sees one direction only, or SYNs
    /// alone, shows in all attempts together.
    fn count_what_was_heard(&mut self, attempt: &Attempt) {
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

    /// Whether the capture ended too soon after the last segment of an attempt to tell what became of it.
    pub(super) fn is_cut_off(&self, by: EndedBy, silence_ns: i64) -> bool {
        by == EndedBy::CaptureEnd && silence_ns < FIRST_RTO_NS && self.now != i64::MIN
    }

    fn closing(&self, attempt: &Attempt, by: EndedBy, end: End) -> Closing {
        // What a RST or the server itself ended, nothing else ends any more.
        let state = &attempt.state;
        let final_word = state.ending().is_some() || state.confirmed_by.is_some();
        let silence_ns = match by {
            EndedBy::Timeout | EndedBy::Segment => i64::MAX,
            EndedBy::Lifetime => attempt.patience(),
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
        let kept = (attempt.segments.clone(), attempt.encapsulations.clone());
        conclude(attempt, kept, &closing, self.context(attempt))
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
        let Some(mut gone) = self.table.remove(gone) else { return keep };
        if let Some(related) = &mut self.related {
            related.no_longer_pending(&mut gone);
        }
        let Attempt { segments, encapsulations, segments_omitted: omitted, .. } = *gone;
        let (held, attempt) = (segments.len(), &mut self.table[keep]);
        let room = (2 * self.limits.segments).saturating_sub(attempt.segments.len());
        let taken = held.min(room);
        let omitted = omitted.saturating_add((held - taken) as u32);
        attempt.segments_omitted = attempt.segments_omitted.saturating_add(omitted);
        for mut segment in segments.into_iter().take(taken) {
            let layers = encapsulations.get(usize::from(segment.encapsulation));
            let layers = layers.map_or(&[][..], Vec::as_slice);
            segment.encapsulation = attempt.encapsulation(layers, scope(layers));
            if attempt.segments.iter().any(|kept| kept.is_same_as(&segment)) {
                segment.verdict = Verdict::DuplicateCapture;
            }
            let later = |kept: &crate::SegmentRecord| kept.timestamp > segment.timestamp;
            let at = attempt.segments.iter().position(later).unwrap_or(attempt.segments.len());
            attempt.segments.insert(at, segment);
        }
        attempt.judge_anew();
        self.table.weigh(keep);
        keep
    }
}

/// The place in [`WORTH`] of what a plain attempt in this stage is worth.
fn worth(stage: Stage) -> usize {
    let holds = |it: &Sort| it.1.iter().any(|like| like.queue() == stage.queue());
    WORTH.iter().position(holds).unwrap_or(0)
}

fn closed(attempt: &Attempt, outcome: Outcome, by: EndedBy) -> Closed {
    let mut syns = attempt.segments.iter().filter(|kept| kept.is_sent(Sender::Client, Kind::Syn));
    let first = syns.next().map(Mark::kept).unwrap_or_default();
    let last = syns.next_back().map_or(first, Mark::kept);
    Closed {
        id: attempt.id,
        outcome,
        scope: attempt.scope,
        client: attempt.client,
        client_isn: attempt.state.client_isn,
        server_isn: attempt.state.server_isn,
        last_segment: attempt.last_seen,
        last_duplicate: None,
        is_over: matches!(by, EndedBy::Timeout | EndedBy::Lifetime)
            || attempt.state.reset.is_some()
            || attempt.state.fin_seen,
        syns: [first, last],
        confirming: attempt.confirming,
    }
}
