//! What a record says of its segments, beside what they were.

use handshake::{Handshake, Outcome, SegmentRecord, TcpState, Timing, Verdict};
use parser::{Checksum, Layer, Timestamp};

use crate::observe::{Captured, Told};
use crate::sight::Sight;

/// What in a record contradicts itself.
pub(crate) fn consistent(record: &Handshake) -> impl Iterator<Item = &'static str> {
    let Timing { total_ns, retry_wait_ns, server_rtt_ns, syn_ack_wait_ns, client_rtt_ns, .. } =
        record.timing;
    let spans = [retry_wait_ns, server_rtt_ns, syn_ack_wait_ns, client_rtt_ns];
    let sum: Option<i64> = spans.into_iter().sum();
    let is_sum = sum.is_none() || sum == total_ns;
    let positive = spans.into_iter().flatten().chain(total_ns).all(|span| span >= 0);
    let ranges = [
        record.timing.total_range_ns,
        record.timing.retry_wait_range_ns,
        record.timing.server_rtt_range_ns,
        record.timing.syn_ack_wait_range_ns,
        record.timing.client_rtt_range_ns,
    ];
    let ordered =
        ranges.into_iter().flatten().all(|range| 0 <= range.min && range.min <= range.max);
    let wrong = [
        (!is_sum).then_some("total is not the sum of its spans"),
        (!positive).then_some("a span is negative"),
        (!ordered).then_some("a range is no range"),
    ];
    wrong.into_iter().flatten()
}

impl Sight<'_> {
    /// What a record of a complete view has wrong of its segments.
    pub(crate) fn segments(
        &self,
        told: &Told,
        captured: &[Captured],
    ) -> impl Iterator<Item = &'static str> {
        let record = &told.handshake;
        let mut found = self.counts(record);
        found.extend(self.shown_steps(record));
        found.extend(self.states(record));
        found.extend(self.copies(record, captured));
        found.extend(stacks(record, captured));
        found.extend(Self::checksums(record));
        found.sort_unstable();
        found.dedup();
        found.into_iter()
    }

    /// How often SYN and SYN-ACK were sent again. What passes after the acknowledgment or a RST may come
    /// too late to be counted.
    fn counts(&self, record: &Handshake) -> Vec<&'static str> {
        let reset = self.seen.iter().find(|seen| seen.segment().is_rst());
        let end = self.acknowledgment().into_iter().chain(reset).map(|seen| seen.at).min();
        let end = end.unwrap_or(i64::MAX);
        let is_right = |sent: Vec<i64>, again: u32| {
            let least = sent.iter().filter(|&&at| at <= end).count();
            (least..=sent.len()).contains(&(again as usize + 1))
        };
        let mut found = Vec::new();
        let syns = self.syns().map(|seen| seen.at).collect();
        if !is_right(syns, record.syn_retransmissions) {
            found.push("SYNs miscounted");
        }
        let syn_acks: Vec<_> = self.syn_acks().map(|seen| seen.at).collect();
        let counted = record.outcome != Outcome::Refused && record.segments_omitted == 0;
        if counted && !syn_acks.is_empty() && !is_right(syn_acks, record.syn_ack_retransmissions) {
            found.push("SYN-ACKs miscounted");
        }
        let start = self.seen.first().map(|seen| seen.at);
        if record.timing.start.map(Timestamp::as_nanos) != start {
            found.push("start is false");
        }
        found
    }

    /// Which of the three steps are reported to have been captured, and when a failure was decided.
    fn shown_steps(&self, record: &Handshake) -> Vec<&'static str> {
        let mut found = Vec::new();
        if !record.syn_captured {
            found.push("SYN told to be missing");
        }
        let answered = self.syn_acks().next().is_some();
        if record.outcome != Outcome::Refused && record.syn_ack_captured != answered {
            found.push("syn_ack_captured is false");
        }
        let connected =
            matches!(record.outcome, Outcome::Established | Outcome::EstablishedClientOnly);
        let ack = connected && self.first_acknowledgment().is_some();
        if record.ack_captured != ack {
            found.push("ack_captured is false");
        }
        let first = self.seen.first().map_or(0, |seen| seen.at);
        let next = self.attempt.client_isn.wrapping_add(1);
        // A client may try on where it was refused, and only it knows which RST it believed.
        let decided: Vec<_> = match record.outcome {
            Outcome::Refused => {
                self.seen.iter().filter(|seen| seen.segment().refuses(next)).collect()
            }
            Outcome::Unanswered => self.syns().skip(1).last().into_iter().collect(),
            _ => return found,
        };
        let is_right = match record.timing.failed_after_ns {
            Some(after) => decided.iter().any(|seen| seen.at - first == after),
            None => decided.is_empty(),
        };
        if !is_right {
            found.push("failed_after is false");
        }
        found
    }

    /// No state is reported before the end was in it.
    fn states(&self, record: &Handshake) -> Option<&'static str> {
        let passed = |id: usize| self.seen.iter().find(|seen| seen.id == id).map(|seen| seen.at);
        let connected = self.attempt.client_established.and_then(|(_, by)| passed(by));
        // A late answer to an overtaken SYN-ACK is all that may have passed.
        let echoed = self.acknowledgment().and_then(|ack| passed(ack.emission.answers?));
        let connected = connected.map(|at| echoed.map_or(at, |echoed| echoed.min(at)));
        let answered = self.attempt.answered.iter().filter_map(|&by| passed(by)).min();
        let too_early = |since: Option<i64>, at: Option<Timestamp>| {
            at.is_some_and(|at| since.is_none_or(|since| at.as_nanos() < since))
        };
        for segment in &record.segments {
            let at = segment.timestamp;
            if segment.client_state == Some(TcpState::Established) && too_early(connected, at) {
                return Some("client told ESTABLISHED too early");
            }
            let received = matches!(
                segment.server_state,
                Some(TcpState::SynReceived | TcpState::Established | TcpState::Listen)
            );
            if received && too_early(answered, at) {
                return Some("server told to have the SYN too early");
            }
        }
        None
    }

    /// Nothing on the way spoils a checksum.
    fn checksums(record: &Handshake) -> Option<&'static str> {
        let right = |segment: &SegmentRecord| segment.checksum == Checksum::Ok;
        (!record.segments.iter().all(right)).then_some("a checksum told as wrong")
    }

    /// Which segments are reported to be copies.
    fn copies(&self, record: &Handshake, captured: &[Captured]) -> Vec<&'static str> {
        let mut found = Vec::new();
        for segment in &record.segments {
            let place = segment.frame as usize - 1;
            let frame = &captured[place];
            let again = |other: &Captured| other.emission == frame.emission;
            match (captured[..place].iter().any(again), segment.verdict) {
                (true, Verdict::DuplicateCapture | Verdict::Stray) => {}
                (true, _) if self.repeats.contains(&place) => {}
                (true, _) => found.push("a copy not told as one"),
                (false, Verdict::DuplicateCapture) if !self.has_twins() => {
                    found.push("a segment told as a copy");
                }
                (false, _) => {}
            }
        }
        found
    }
}

/// Each segment names what lay around it, and nothing else is named.
fn stacks(record: &Handshake, captured: &[Captured]) -> Option<&'static str> {
    let around = |vlan: Option<u16>| vlan.map(Layer::Vlan).into_iter().collect::<Vec<_>>();
    let mut due: Vec<Vec<Layer>> = Vec::new();
    for segment in &record.segments {
        let stack = around(captured[segment.frame as usize - 1].vlan);
        if !due.contains(&stack) {
            due.push(stack.clone());
        }
        let told = record.encapsulations.get(usize::from(segment.encapsulation));
        if told.cloned().unwrap_or_default() != stack {
            return Some("a segment in a false encapsulation");
        }
    }
    if due == [Vec::new()] {
        due.clear();
    }
    (record.segments_omitted == 0 && record.encapsulations != due)
        .then_some("encapsulations are false")
}
