//! Questions that many patterns put to a record.

use std::fmt;

use parser::Flags;

use crate::record::{EndedBy, Handshake, Outcome};
use crate::segment::{AckCheck, Kind, SegmentRecord, Sender, Verdict};
use crate::steps::SegmentIndex;

/// Linux never waits less than this before it sends a segment again out of silence (`TCP_RTO_MIN`).
pub(super) const LEAST_RETRY_NS: i64 = 200_000_000;

/// What a rule found in a record.
pub(super) struct Finding {
    pub(super) frames: Vec<u64>,
    pub(super) note: String,
}

impl Finding {
    pub(super) fn new<'a>(
        evidence: impl IntoIterator<Item = &'a SegmentRecord>,
        note: impl Into<String>,
    ) -> Self {
        let frames = evidence.into_iter().map(|segment| segment.frame).collect();
        Self { frames, note: note.into() }
    }
}

impl Handshake {
    /// The segments that were sent: without the copies that the capture made of them.
    pub(super) fn sent(&self, from: Sender, kind: Kind) -> impl Iterator<Item = &SegmentRecord> {
        self.segments.iter().filter(move |segment| segment.is_sent(from, kind))
    }

    pub(super) fn first(&self, from: Sender, kind: Kind) -> Option<&SegmentRecord> {
        self.sent(from, kind).next()
    }

    /// The client's SYNs.
    pub(super) fn syns(&self) -> impl Iterator<Item = &SegmentRecord> {
        self.sent(Sender::Client, Kind::Syn)
    }

    /// The server's SYN-ACKs that acknowledge J, without those that came after a RST had ended it.
    pub(super) fn syn_acks(&self) -> impl Iterator<Item = &SegmentRecord> {
        self.sent(Sender::Server, Kind::SynAck)
            .filter(|segment| segment.verdict != Verdict::Stray && self.acknowledges_j(segment))
    }

    /// The client's SYNs that it sent because no answer came.
    pub(super) fn retries(&self) -> Vec<&SegmentRecord> {
        retries(&self.segments)
    }

    /// Whether `segment` acknowledges J, and at most the data sent with it.
    pub(super) fn acknowledges_j(&self, segment: &SegmentRecord) -> bool {
        let data = self.syns().map(|syn| syn.len).max().unwrap_or(0);
        let check = |found| AckCheck { isn: self.client_isn, data, found }.ok();
        segment.ack.is_some_and(check)
    }

    /// The server's SYN-ACKs where they stayed without an acknowledgment: not where the capture ended
    /// too early to know, and not where the server went on to send data, for then it was acknowledged
    /// and the capture sees one direction.
    pub(super) fn unacknowledged(&self) -> Option<Vec<&SegmentRecord>> {
        if self.outcome != Outcome::Unacknowledged
            || self.first(Sender::Server, Kind::Ack).is_some()
        {
            return None;
        }
        let syn_acks: Vec<_> = self.syn_acks().collect();
        let known = match self.ended_by {
            EndedBy::Timeout => !syn_acks.is_empty(),
            EndedBy::Segment | EndedBy::CaptureEnd | EndedBy::Evicted => syn_acks.len() > 1,
        };
        known.then_some(syn_acks)
    }

    /// The segment with which the client acknowledged K, and those after it.
    pub(super) fn acknowledgment(&self) -> Option<(&SegmentRecord, &[SegmentRecord])> {
        let (ack, after) = self.segments.get(usize::from(self.steps.ack?)..)?.split_first()?;
        Some((ack, after))
    }

    /// The segment at a step.
    pub(super) fn step(&self, at: Option<SegmentIndex>) -> Option<&SegmentRecord> {
        self.segments.get(usize::from(at?))
    }

    /// The SYN that was answered where the record tells which, else the first.
    pub(super) fn answered_syn(&self) -> Option<&SegmentRecord> {
        self.step(self.steps.answered.known()).or_else(|| self.syns().next())
    }

    /// Nanoseconds from the first SYN, or whatever came first, to `segment`.
    pub(super) fn offset_of(&self, segment: &SegmentRecord) -> Option<i64> {
        Some(segment.timestamp?.nanos_since(self.timing.start?))
    }
}

/// The SYNs in `segments` that the client sent because no answer came: not the first, and not the one
/// that follows at once on the RST with which it cleared the server of an old connection.
pub(super) fn retries(segments: &[SegmentRecord]) -> Vec<&SegmentRecord> {
    let mut retries = Vec::new();
    let (mut last, mut reset) = (None, false);
    for segment in segments {
        if segment.is_sent(Sender::Client, Kind::Rst) {
            reset = true;
        } else if segment.is_sent(Sender::Client, Kind::Syn) {
            let at_once = |last| segment.nanos_since(last).is_none_or(|ns| ns < LEAST_RETRY_NS);
            if last.is_some_and(|last| !(reset && at_once(last))) {
                retries.push(segment);
            }
            (last, reset) = (Some(segment), false);
        }
    }
    retries
}

impl SegmentRecord {
    pub(super) fn has(&self, flags: Flags) -> bool {
        self.flags.contains(flags)
    }

    /// Nanoseconds from `earlier` to this segment, where both have a time.
    pub(super) fn nanos_since(&self, earlier: &Self) -> Option<i64> {
        Some(self.timestamp?.nanos_since(earlier.timestamp?))
    }
}

/// A duration as a note tells it: `61 µs`, `9.8 ms`, `11.2 s`.
pub(super) struct Span(pub(super) i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ns = self.0.unsigned_abs();
        let (tenths, unit) = match ns {
            0..1_000 => return write!(f, "{sign}{ns} ns"),
            1_000..999_500 => return write!(f, "{sign}{} µs", (ns + 500) / 1_000),
            999_500..999_950_000 => ((ns + 50_000) / 100_000, "ms"),
            _ => (ns.saturating_add(50_000_000) / 100_000_000, "s"),
        };
        write!(f, "{sign}{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// ` after 11.2 s`, or nothing where the times are not known.
pub(super) fn after(ns: Option<i64>) -> String {
    ns.map(|ns| format!(" after {}", Span(ns))).unwrap_or_default()
}

/// `once`, `4 times`.
pub(super) fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn spans_are_rounded_to_what_a_reader_needs() {
        let told = |ns| Span(ns).to_string();
        assert_eq!([told(0), told(999), told(1_000)], ["0 ns", "999 ns", "1 µs"]);
        assert_eq!([told(999_499), told(999_500)], ["999 µs", "1.0 ms"]);
        assert_eq!([told(999_949_999), told(999_950_000)], ["999.9 ms", "1.0 s"]);
        assert_eq!([told(11_249_999_999), told(-61_400)], ["11.2 s", "-61 µs"]);
        assert_eq!([told(i64::MIN), told(i64::MAX)], ["-9223372036.9 s", "9223372036.9 s"]);
    }
}
