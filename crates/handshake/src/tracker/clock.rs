//! How long the parts of a handshake took, read from its steps.

use parser::{Flags, Timestamp};

use super::attempt::Attempt;
use crate::record::{ClockWentBack, Outcome, Range, Timing};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};
use crate::steps::{Cause, SegmentIndex, Steps};

/// The clocks of an attempt that came to `outcome`.
pub(super) fn timing(
    attempt: &Attempt,
    segments: &[SegmentRecord],
    steps: &Steps,
    outcome: Outcome,
) -> Timing {
    let clock = Clock { segments };
    let crossed = attempt.state.server_syn;
    let ack_or_proof = steps.ack.or(steps.proof);
    let (retry_wait_ns, retry_wait_range_ns) = clock.since(steps.syn, steps.answered);
    let (server_rtt_ns, server_rtt_range_ns) = clock.until(steps.answered, steps.syn_ack);
    let (client_rtt_ns, client_rtt_range_ns) = match steps.ack {
        Some(_) => clock.until(steps.acknowledged, steps.ack),
        None => (None, clock.at_most(steps.acknowledged, ack_or_proof)),
    };
    let (syn_ack_wait_ns, syn_ack_wait_range_ns) = match steps.ack {
        Some(_) if !crossed => clock.since(steps.syn_ack, steps.acknowledged),
        _ => (None, None),
    };
    let (total_ns, total_range_ns) = total(&clock, steps, crossed);
    Timing {
        start: attempt.start,
        total_ns,
        total_range_ns,
        retry_wait_ns,
        retry_wait_range_ns,
        server_rtt_ns,
        server_rtt_range_ns,
        syn_ack_wait_ns,
        syn_ack_wait_range_ns,
        client_rtt_ns,
        client_rtt_range_ns,
        failed_after_ns: failed_after(&clock, steps, outcome),
        wireshark_irtt_ns: wireshark_irtt(segments),
        clock_went_back: clock_went_back(segments),
    }
}

/// A number, or the range that it lies in.
type Measured = (Option<i64>, Option<Range>);

/// From the first SYN to the acknowledgment of K.
fn total(clock: &Clock<'_>, steps: &Steps, crossed: bool) -> Measured {
    // Where the SYN that was answered was not captured, the first one may not have been either.
    let unknown_start = steps.syn_ack.is_some() && steps.answered == Cause::Unknown;
    let Some(syn) = steps.syn.filter(|_| !unknown_start) else { return (None, None) };
    match (steps.ack, steps.proof) {
        // In a simultaneous open the server's half may be the later one.
        (Some(ack), _) if crossed => {
            let ends = [Some(ack), steps.syn_ack];
            (ends.into_iter().flatten().filter_map(|end| clock.span(syn, end)).max(), None)
        }
        (Some(ack), _) => (clock.span(syn, ack), None),
        (None, Some(proof)) => {
            let min = steps.syn_ack.map_or(Some(0), |syn_ack| clock.span(syn, syn_ack));
            (None, range(min, clock.span(syn, proof)))
        }
        (None, None) => (None, None),
    }
}

fn range(min: Option<i64>, max: Option<i64>) -> Option<Range> {
    let (min, max) = (min?, max?);
    (min <= max).then_some(Range { min, max })
}

/// Nanoseconds until what decided a failure, or for how long it was tried.
fn failed_after(clock: &Clock<'_>, steps: &Steps, outcome: Outcome) -> Option<i64> {
    let begin = if clock.segments.is_empty() { return None } else { 0 };
    let last = |from: Sender, kind: Kind| {
        let sent = |segment: &SegmentRecord| segment.is_sent(from, kind);
        let last = clock.segments.iter().rposition(sent)?;
        let first = clock.segments.iter().position(sent)?;
        (last != first).then_some(last as SegmentIndex)
    };
    let end = match outcome {
        Outcome::Refused | Outcome::Reset | Outcome::Unreachable => steps.decisive,
        Outcome::Unanswered => last(Sender::Client, Kind::Syn),
        Outcome::Unacknowledged => last(Sender::Server, Kind::SynAck),
        Outcome::Established | Outcome::EstablishedClientOnly | Outcome::InProgress => None,
    };
    clock.span(begin, end?)
}

/// The times of an attempt's segments, as one point of capture saw them.
struct Clock<'a> {
    segments: &'a [SegmentRecord],
}

impl Clock<'_> {
    /// When the step at `index` was captured. Where several points of capture saw it, that one counts
    /// which saw the first segment: a round trip is measured at one point.
    fn time(&self, index: SegmentIndex) -> Option<Timestamp> {
        let step = self.segments.get(usize::from(index))?;
        let first = self.segments.first()?;
        if step.is_seen_where(first) {
            return step.timestamp;
        }
        let copy = self.segments.iter().find(|copy| {
            copy.verdict == Verdict::DuplicateCapture
                && copy.is_same_as(step)
                && copy.is_seen_where(first)
        });
        copy.unwrap_or(step).timestamp
    }

    /// Nanoseconds from one step to another; absent where either has no time, and where the clock
    /// went back between them.
    fn span(&self, from: SegmentIndex, to: SegmentIndex) -> Option<i64> {
        let ns = self.time(to)?.nanos_since(self.time(from)?);
        (ns >= 0).then_some(ns)
    }

    /// From a step to the one of several segments that counts.
    fn since(&self, from: Option<SegmentIndex>, to: Cause) -> Measured {
        let (Some(from), Some((first, last))) = (from, to.bounds()) else { return (None, None) };
        match to.known() {
            Some(to) => (self.span(from, to), None),
            None => (None, range(self.span(from, first), self.span(from, last))),
        }
    }

    /// From the one of several segments that counts to a step.
    fn until(&self, from: Cause, to: Option<SegmentIndex>) -> Measured {
        let (Some((first, last)), Some(to)) = (from.bounds(), to) else { return (None, None) };
        match from.known() {
            Some(from) => (self.span(from, to), None),
            None => (None, range(self.span(last, to), self.span(first, to))),
        }
    }

    /// The most that it can be from a step to one before `to`.
    fn at_most(&self, from: Cause, to: Option<SegmentIndex>) -> Option<Range> {
        let (first, _) = from.bounds()?;
        range(Some(0), self.span(first, to?))
    }
}

/// The latest SYN to the first segment with ACK and without SYN, whoever sent either.
fn wireshark_irtt(segments: &[SegmentRecord]) -> Option<i64> {
    let mut latest_syn: Option<Timestamp> = None;
    for segment in segments.iter().filter(|segment| segment.kind != Kind::Icmp) {
        match (segment.flags.contains(Flags::SYN), segment.flags.contains(Flags::ACK)) {
            (true, false) => latest_syn = segment.timestamp,
            (false, true) => {
                let ns = segment.timestamp?.nanos_since(latest_syn?);
                return (ns >= 0).then_some(ns);
            }
            _ => {}
        }
    }
    None
}

fn clock_went_back(segments: &[SegmentRecord]) -> Option<ClockWentBack> {
    let mut latest: Option<Timestamp> = None;
    for segment in segments {
        let Some(now) = segment.timestamp else { continue };
        match latest {
            Some(before) if now < before => {
                let by_ns = before.nanos_since(now);
                return Some(ClockWentBack { frame: segment.frame, by_ns });
            }
            _ => latest = Some(now),
        }
    }
    None
}
