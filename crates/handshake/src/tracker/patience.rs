//! How long an attempt waits for its next segment, by the times of its own segments alone.

use super::attempt::Attempt;
use super::spans::{BELIEVED_NS, LINGER_NS, WAIT_AT_LEAST_NS, WAIT_AT_MOST_NS, cut_at};
use crate::record::EndedBy;
use crate::segment::{Kind, Verdict};

impl Attempt {
    /// Notes a segment of the attempt at this time of its own, when the tracker's was `now`.
    pub(super) fn touch(&mut self, time: Option<i64>, now: i64) {
        let Some(time) = time else { return };
        match self.last_seen {
            None => self.last_seen = Some(time),
            Some(last) if time > last && time.saturating_sub(last) <= BELIEVED_NS => {
                self.last_gap = time.saturating_sub(last);
                self.last_seen = Some(time);
            }
            Some(_) => {}
        }
        self.last_heard_ns = self.last_seen.map_or(now, |last| last.max(now));
    }

    /// Notes the time of its last segment once more, from the segments that are left in it.
    #[cold]
    pub(super) fn hear_anew(&mut self) {
        (self.last_seen, self.last_gap) = (None, 0);
        for index in 0..self.segments.len() {
            let kept = &self.segments[index];
            let is_own = !matches!(kept.verdict, Verdict::DuplicateCapture | Verdict::Stray);
            if let Some(time) = kept.timestamp.filter(|_| is_own) {
                self.touch(Some(time.as_nanos()), i64::MIN);
            }
        }
    }

    /// How long the attempt waits, from its last segment on, for the next one.
    #[inline]
    pub(super) fn patience(&self) -> i64 {
        self.patience_of_stack().min(self.rest_of_life())
    }

    /// How long it would wait, however old it was.
    #[inline]
    fn patience_of_stack(&self) -> i64 {
        match (self.sends_since, self.last_seen) {
            (Some(since), Some(last)) if self.state.is_quiet() && !self.state.is_decided() => {
                LINGER_NS.saturating_sub(last.saturating_sub(since)).max(0)
            }
            _ if self.state.is_quiet() => LINGER_NS,
            _ => self.last_gap.saturating_mul(2).clamp(WAIT_AT_LEAST_NS, WAIT_AT_MOST_NS),
        }
    }

    /// From its last segment on, the time until it is cut.
    #[inline]
    fn rest_of_life(&self) -> i64 {
        let cut = self.start.and_then(|start| cut_at(start.as_nanos()));
        let rest = cut.zip(self.last_seen).map(|(cut, last)| cut.saturating_sub(last).max(0));
        rest.unwrap_or(i64::MAX)
    }

    /// What ends the attempt if its time is over.
    pub(super) fn ends_by(&self) -> EndedBy {
        if self.state.is_quiet() {
            EndedBy::Segment
        } else if self.rest_of_life() < self.patience_of_stack() {
            EndedBy::Lifetime
        } else {
            EndedBy::Timeout
        }
    }

    /// Whether a segment at `time` comes after the attempt has ended, by the times of its own segments. One
    /// that seems to come days later has a wrong time: it is the next one. But a SYN so late is no
    /// repeat, and no SYN-ACK is where there was one: somebody replays what was captured.
    pub(super) fn is_over_at(&self, time: Option<i64>, kind: Kind) -> bool {
        let (Some(time), Some(last)) = (time, self.last_seen) else { return false };
        let silence = time.saturating_sub(last);
        let is_believed = match kind {
            Kind::Syn => true,
            Kind::SynAck => self.state.server_isn.is_some(),
            Kind::Ack | Kind::Rst | Kind::Icmp | Kind::Other => false,
        };
        silence >= self.patience() && (is_believed || silence <= BELIEVED_NS)
    }

    /// For how long no segment of the attempt came while the tracker's clock went on to `now`.
    pub(super) fn silence(&self, now: i64) -> i64 {
        if self.last_seen.is_none() { 0 } else { now.saturating_sub(self.last_heard_ns) }
    }

    /// When, by the tracker's clock, the attempt ends unless a segment of it comes.
    pub(super) fn due(&self) -> i64 {
        if self.last_seen.is_none() {
            return i64::MAX;
        }
        self.last_heard_ns.saturating_add(self.patience())
    }
}
