//! Packets that the capture holds twice.

use super::Rule;
use super::evidence::{Finding, Span};
use crate::record::Handshake;
use crate::segment::{SegmentRecord, Verdict};

pub(super) const DUPLICATE_CAPTURE: Rule = Rule {
    name: "duplicate_capture",
    told_from: "a retransmission, which is another packet and comes much later than some milliseconds",
    check_next: "the point of capture: `any`, a bridge or a mirror port sees a packet on its way in \
                 and out; capture on one interface",
    rests_on_absence: false,
    find: duplicate_capture,
};

fn duplicate_capture(handshake: &Handshake) -> Option<Finding> {
    let mut evidence = Vec::new();
    let (mut copies, mut longest, mut routed) = (0_usize, None, false);
    for (index, copy) in handshake.segments.iter().enumerate() {
        if copy.verdict != Verdict::DuplicateCapture {
            continue;
        }
        copies += 1;
        let earlier = handshake.segments.get(..index).unwrap_or_default();
        let original = earlier.iter().rev().find(|original| is_original(original, copy));
        longest = longest.max(original.and_then(|original| copy.nanos_since(original)));
        routed |= original.is_some_and(|original| original.ttl != copy.ttl);
        evidence.extend(original);
        evidence.push(copy);
    }
    if copies == 0 {
        return None;
    }
    let apart = longest.map(|ns| format!(", {} apart at most", Span(ns))).unwrap_or_default();
    let where_seen = if routed { ", before and after a router" } else { "" };
    let plural = if copies == 1 { "copy" } else { "copies" };
    Some(Finding::new(evidence, format!("{copies} {plural} by the capture{apart}{where_seen}")))
}

fn is_original(original: &SegmentRecord, copy: &SegmentRecord) -> bool {
    original.verdict != Verdict::DuplicateCapture
        && (original.from, original.kind, original.flags) == (copy.from, copy.kind, copy.flags)
        && (original.seq, original.ack, original.len) == (copy.seq, copy.ack, copy.len)
}
