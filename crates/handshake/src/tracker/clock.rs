//! How long the parts of a handshake took, read from its steps.

use parser::{Flags, SeqNumber, Timestamp};

use super::attempt::Attempt;
use super::copies::OTHER_PLACE_NS;
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
    let clock = Clock::new(segments);
    let crossed = attempt.state.server_syn;
    let ack_or_proof = steps.ack.or(steps.proof);
    let (retry_wait_ns, retry_wait_range_ns) = clock.since(steps.syn, steps.answered);
    let (server_rtt_ns, server_rtt_range_ns) = clock.until(steps.answered, steps.syn_ack);
    let (client_rtt_ns, client_rtt_range_ns) = match steps.ack {
        Some(_) => clock.until(steps.acknowledged, steps.ack),
        None => (None, clock.at_most(steps.acknowledged, ack_or_proof)),
    };
    let (syn_ack_wait_ns, syn_ack_wait_range_ns) =
        if crossed { (None, None) } else { clock.since(steps.syn_ack, steps.acknowledged) };
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
        clock_went_back: if clock.in_order { None } else { clock_went_back(segments) },
    }
}

/// A number, or the range that it lies in.
type Measured = (Option<i64>, Option<Range>);

/// From the first SYN to the acknowledgment of K.
fn total(clock: &Clock<'_>, steps: &Steps, crossed: bool) -> Measured {
    let Some(syn) = steps.syn.filter(|_| !clock.starts_late(steps)) else { return (None, None) };
    match (steps.ack, steps.proof) {
        // In a simultaneous open the server's half may be the later one.
        (Some(ack), _) if crossed => {
            let ends = [Some(ack), steps.syn_ack];
            (ends.into_iter().flatten().filter_map(|end| clock.span(syn, end)).max(), None)
        }
        (Some(ack), _) => (clock.span(syn, ack), None),
        (None, Some(proof)) => {
            let least = steps.syn_ack.or_else(|| clock.last_syn_before(proof)).unwrap_or(syn);
            (None, range(clock.span(syn, least), clock.span(syn, proof)))
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
    /// Whether one point of capture saw all of them, and time never goes back: then there is no choice
    /// and no doubt.
    in_order: bool,
}

impl<'a> Clock<'a> {
    fn new(segments: &'a [SegmentRecord]) -> Self {
        let in_order = segments.is_sorted_by(|a, b| {
            a.is_seen_where(b) && a.frame <= b.frame && a.timestamp <= b.timestamp
        });
        Self { segments, in_order }
    }

    /// When the step at `index` was captured. Where several points of capture saw it, that one counts
    /// which saw the first segment: a round trip is measured at one point.
    fn time(&self, index: SegmentIndex) -> Option<Timestamp> {
        let step = self.segments.get(usize::from(index))?;
        let first = self.segments.first()?;
        if step.is_seen_where(first) {
            return step.timestamp;
        }
        // A repeat of the step has copies, too.
        let is_near = |copy: &SegmentRecord| {
            let apart = |a: Timestamp, b: Timestamp| a.nanos_since(b).unsigned_abs();
            let both = copy.timestamp.zip(step.timestamp);
            both.is_some_and(|(a, b)| apart(a, b) <= OTHER_PLACE_NS)
        };
        let copy = self.segments.iter().find(|copy| {
            copy.verdict == Verdict::DuplicateCapture
                && copy.is_same_as(step)
                && copy.is_seen_where(first)
                && is_near(copy)
        });
        copy.unwrap_or(step).timestamp
    }

    /// Nanoseconds from one step to another; absent where either has no time, and where the clock
    /// went back between them.
    fn span(&self, from: SegmentIndex, to: SegmentIndex) -> Option<i64> {
        if from == to {
            return self.time(from).map(|_| 0);
        }
        if !self.in_order && !self.runs_forward(from, to) {
            return None;
        }
        let ns = self.time(to)?.nanos_since(self.time(from)?);
        (ns >= 0).then_some(ns)
    }

    /// Whether time never goes back from one step to another, and their own times are right.
    fn runs_forward(&self, from: SegmentIndex, to: SegmentIndex) -> bool {
        let mut latest = None;
        for at in from..=to {
            let Some(segment) = self.segments.get(usize::from(at)) else { return false };
            let is_end = at == from || at == to;
            if self.is_misdated(at) {
                if is_end {
                    return false;
                }
            } else if segment.verdict != Verdict::DuplicateCapture {
                if segment.timestamp < latest {
                    return false;
                }
                latest = segment.timestamp;
            }
        }
        true
    }

    /// Whether the segment came before another one, as that one shows, though the file holds it later
    /// and with a later time: then its time can't be right.
    fn is_misdated(&self, at: SegmentIndex) -> bool {
        let Some(segment) = self.segments.get(usize::from(at)) else { return false };
        let after = self.segments.get(usize::from(at)..).unwrap_or_default();
        after.iter().any(|later| {
            later.origin.source == segment.origin.source
                && later.frame < segment.frame
                && later.timestamp < segment.timestamp
        })
    }

    /// The client's last SYN before a segment.
    fn last_syn_before(&self, end: SegmentIndex) -> Option<SegmentIndex> {
        let before = self.segments.get(..usize::from(end))?;
        let last = before.iter().rposition(|one| one.is_sent(Sender::Client, Kind::Syn))?;
        Some(last as SegmentIndex)
    }

    /// Whether the first SYN of the record is known not to be the first one that was sent: the
    /// SYN-ACK came before it, or echoes the time stamp of an earlier one.
    fn starts_late(&self, steps: &Steps) -> bool {
        let (Some(syn), Some(syn_ack)) = (steps.syn, steps.syn_ack) else { return false };
        let stamps = |at: SegmentIndex| self.segments.get(usize::from(at))?.timestamps();
        let echoes_earlier = || match (stamps(syn), stamps(syn_ack)) {
            (Some((sent, _)), Some((_, echoed))) => {
                echoed != 0 && SeqNumber(echoed).precedes(SeqNumber(sent))
            }
            _ => false,
        };
        // One that overtook it is in the record.
        let is_captured = steps.answered.bounds().is_some();
        syn > syn_ack || !is_captured && echoes_earlier()
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

/// The latest SYN to the first segment with ACK and without SYN, whoever sent either. Wireshark has none
/// where nothing of the other side was captured between the two.
fn wireshark_irtt(segments: &[SegmentRecord]) -> Option<i64> {
    let mut latest_syn: Option<&SegmentRecord> = None;
    let mut answered = false;
    for segment in segments.iter().filter(|segment| segment.kind != Kind::Icmp) {
        let other = latest_syn.is_some_and(|syn| syn.from != segment.from);
        match (segment.flags.contains(Flags::SYN), segment.flags.contains(Flags::ACK)) {
            (true, false) => latest_syn = Some(segment),
            (false, true) if answered || other => {
                let ns = segment.timestamp?.nanos_since(latest_syn?.timestamp?);
                return (ns >= 0).then_some(ns);
            }
            (false, true) => return None,
            _ => answered |= other,
        }
    }
    None
}

/// The first segment in the file with a time before that of an earlier one.
fn clock_went_back(segments: &[SegmentRecord]) -> Option<ClockWentBack> {
    let in_file_order = |a: &SegmentRecord, b: &SegmentRecord| {
        a.origin.source != b.origin.source || a.frame <= b.frame
    };
    if segments.is_sorted_by(in_file_order) {
        return first_step_back(segments.iter());
    }
    let mut sorted: Vec<&SegmentRecord> = segments.iter().collect();
    sorted.sort_by_key(|segment| segment.frame);
    first_step_back(sorted.into_iter())
}

fn first_step_back<'a>(segments: impl Iterator<Item = &'a SegmentRecord>) -> Option<ClockWentBack> {
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
