//! Questions that many patterns put to a record.

use parser::Flags;

pub(super) use super::note::Found;
use crate::record::{EndedBy, Handshake, Outcome};
use crate::segment::{AckCheck, Kind, SegmentRecord, Sender, Verdict};
use crate::side::Side;
pub(super) use crate::span::Span;
use crate::steps::SegmentIndex;

/// Linux never waits less than this before it sends a segment again out of silence (`TCP_RTO_MIN`).
pub(super) const LEAST_RETRY_NS: i64 = 200_000_000;

/// A SYN that comes sooner than this after the one before it was not sent because of silence: the
/// shortest time-outs that captures show are 34 ms.
const LEAST_SILENCE_NS: i64 = 20_000_000;

/// What a rule found in a record.
pub(super) struct Finding {
    pub(super) frames: Vec<u64>,
    pub(super) found: Found,
    /// What is said instead of the rule's own words, where those do not fit this finding.
    pub(super) differs_from: Option<&'static str>,
    pub(super) check_next: Option<&'static str>,
}

impl Finding {
    pub(super) fn new<'a>(
        evidence: impl IntoIterator<Item = &'a SegmentRecord>,
        found: impl Into<Found>,
    ) -> Self {
        let frames = evidence.into_iter().map(|segment| segment.frame).collect();
        Self { frames, found: found.into(), differs_from: None, check_next: None }
    }

    pub(super) fn differs_from(self, text: &'static str) -> Self {
        Self { differs_from: Some(text), ..self }
    }

    pub(super) fn check_next(self, text: &'static str) -> Self {
        Self { check_next: Some(text), ..self }
    }

    /// The advice for the side at which the capture was taken. Without one, where that is not known,
    /// the rule's own advice names both.
    pub(super) fn advise(self, handshake: &Handshake, sides: &Advice) -> Self {
        match handshake.captured_at() {
            Some(Side::Client) => self.check_next(sides.client),
            Some(Side::Server) => self.check_next(sides.server),
            None => self,
        }
    }

    pub(super) fn with_frame(mut self, frame: Option<u64>) -> Self {
        self.frames.extend(frame);
        self
    }
}

/// What to check next, for a capture that was taken at either side.
pub(super) struct Advice {
    pub(super) client: &'static str,
    pub(super) server: &'static str,
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

    /// The SYN-ACK that counts.
    pub(super) fn syn_ack(&self) -> Option<&SegmentRecord> {
        self.step(self.steps.syn_ack).filter(|segment| segment.kind == Kind::SynAck)
    }

    /// The SYN that was answered; where it can't be known which, all that it may be.
    pub(super) fn answered_syns(&self) -> impl Iterator<Item = &SegmentRecord> {
        let first = self.steps.syn.map(|at| (at, at));
        self.within(self.steps.answered.bounds().or(first), Sender::Client, Kind::Syn)
    }

    /// The SYN-ACK that was acknowledged; where it can't be known which, all that it may be.
    pub(super) fn acknowledged_syn_acks(&self) -> impl Iterator<Item = &SegmentRecord> {
        let first = self.steps.syn_ack.map(|at| (at, at));
        self.within(self.steps.acknowledged.bounds().or(first), Sender::Server, Kind::SynAck)
            .filter(|segment| Some(segment.seq) == self.server_isn)
    }

    fn within(
        &self,
        bounds: Option<(SegmentIndex, SegmentIndex)>,
        from: Sender,
        kind: Kind,
    ) -> impl Iterator<Item = &SegmentRecord> {
        let bounds = bounds.map(|(first, last)| usize::from(first)..=usize::from(last));
        let all = bounds.and_then(|bounds| self.segments.get(bounds)).unwrap_or_default();
        all.iter().filter(move |segment| segment.is_sent(from, kind))
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
            EndedBy::Segment | EndedBy::Lifetime | EndedBy::CaptureEnd | EndedBy::Evicted => {
                syn_acks.len() > 1
            }
        };
        known.then_some(syn_acks)
    }

    /// The segment with which the client acknowledged K, and those after it.
    pub(super) fn acknowledgment(&self) -> Option<(&SegmentRecord, &[SegmentRecord])> {
        self.segments.get(usize::from(self.steps.ack?)..)?.split_first()
    }

    /// The segment at a step.
    pub(super) fn step(&self, at: Option<SegmentIndex>) -> Option<&SegmentRecord> {
        self.segments.get(usize::from(at?))
    }

    /// Nanoseconds from the first SYN, or whatever came first, to `segment`.
    pub(super) fn offset_of(&self, segment: &SegmentRecord) -> Option<i64> {
        Some(segment.timestamp?.nanos_since(self.timing.start?))
    }

    /// The hop limit of the server's own SYN-ACKs.
    pub(super) fn server_ttl(&self) -> Option<u8> {
        self.syn_ack().map(|syn_ack| syn_ack.ttl).or(self.context.server_syn_ack_ttl)
    }

    /// The side at which the capture was taken, where hop limits tell and round trips do not speak
    /// against it: packets of that side have passed no router, those of the other side have.
    pub(super) fn captured_at(&self) -> Option<Side> {
        let client = is_unrouted(self.step(self.steps.syn)?.ttl);
        let server = is_unrouted(self.server_ttl()?);
        let shares = self.timing.server_rtt_ns.zip(self.timing.client_rtt_ns);
        match (client, server) {
            (true, false) if shares.is_none_or(|(server, client)| server >= client) => {
                Some(Side::Client)
            }
            (false, true) if shares.is_none_or(|(server, client)| client >= server) => {
                Some(Side::Server)
            }
            _ => None,
        }
    }
}

/// Whether a packet has the hop limit that systems start with: Linux, BSD and macOS 64, Windows 128,
/// network devices 255.
const fn is_unrouted(ttl: u8) -> bool {
    matches!(ttl, 64 | 128 | 255)
}

/// The SYNs in `segments` that the client sent because no answer came: not the first, not one that
/// follows on another one at once, not one that follows on a refusal or an ICMP error, and not the
/// one that follows on the RST with which it cleared the server of an old connection.
pub(super) fn retries(segments: &[SegmentRecord]) -> Vec<&SegmentRecord> {
    let mut retries = Vec::new();
    let (mut last, mut wait): (Option<&SegmentRecord>, _) = (None, LEAST_SILENCE_NS);
    let mut answered = false;
    for segment in segments {
        if segment.verdict == Verdict::Advanced
            && (segment.is_sent(Sender::Server, Kind::Rst) || segment.kind == Kind::Icmp)
        {
            answered = true;
        } else if segment.is_sent(Sender::Client, Kind::Rst) {
            wait = LEAST_RETRY_NS;
        } else if segment.is_sent(Sender::Client, Kind::Syn) {
            let waited = |last| match segment.nanos_since(last) {
                Some(ns) => ns >= wait,
                None => wait == LEAST_SILENCE_NS,
            };
            if last.is_some_and(waited) && !answered {
                retries.push(segment);
            }
            answered = false;
            (last, wait) = (Some(segment), LEAST_SILENCE_NS);
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

/// ` after 11.2 s`, or nothing where the times are not known.
pub(super) fn after(ns: Option<i64>) -> String {
    ns.map(|ns| format!(" after {}", Span(ns))).unwrap_or_default()
}

/// `1 byte`, `4 bytes`.
pub(super) fn bytes(count: impl Into<i64>) -> String {
    match count.into() {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

/// `once`, `4 times`.
pub(super) fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
