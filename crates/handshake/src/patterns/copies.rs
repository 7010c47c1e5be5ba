//! Packets that the capture holds twice.

use super::Rule;
use super::evidence::{Finding, Span};
use super::signs::Signs;
use crate::record::Handshake;
use crate::segment::{SegmentRecord, Verdict};

pub(super) const DUPLICATE_CAPTURE: Rule = Rule {
    name: "duplicate_capture",
    source: "RFC 6864, 4; RFC 7323, 3",
    differs_from: "a retransmission, which is another packet: it has its own IP id or time stamp, \
                   or comes later",
    check_next: "the point of capture: `any`, a bridge or a mirror port sees an incoming packet \
                 again as it goes out; capture on one interface, and the remaining copies come \
                 from the path",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: duplicate_capture,
};

/// From so many copies on whose hop limit falls and falls, the packet goes round.
const LOOP_COPIES: usize = 3;

fn duplicate_capture(handshake: &Handshake) -> Option<Finding> {
    if !handshake.segments.iter().any(is_copy) {
        return None;
    }
    let mut evidence = Vec::new();
    let (mut count, mut longest, mut looped) = (0_usize, None, None);
    for original in handshake.segments.iter().filter(|segment| !is_copy(segment)) {
        let copies: Vec<_> = copies_of(handshake, original).collect();
        let apart = copies.iter().filter_map(|copy| copy.nanos_since(original));
        longest = longest.max(apart.map(i64::saturating_abs).max());
        looped = looped.or(round_trip(original, &copies));
        count += copies.len();
        if !copies.is_empty() {
            evidence.push(original);
            evidence.extend(copies);
        }
    }
    if count == 0 {
        return None;
    }
    let apart = longest.map(|ns| format!(", {} apart at most", Span(ns))).unwrap_or_default();
    let plural = if count == 1 { "copy" } else { "copies" };
    if let Some((first, last)) = looped {
        let note = format!(
            "{count} {plural}{apart}; the hop limit of one packet falls from {first} to {last} \
             over its copies: a routing loop"
        );
        let finding = Finding::new(evidence, note)
            .differs_from("both sides of a router, where the hop limit falls once for each router")
            .check_next(
                "the routers in the loop: traceroute -T -p PORT HOST shows the same ones several \
                 times",
            );
        return Some(finding);
    }
    let places = places(handshake, &evidence);
    let note = format!("{count} {plural}, captured again or duplicated on the path{apart}{places}");
    Some(Finding::new(evidence, note))
}

fn is_copy(segment: &SegmentRecord) -> bool {
    segment.verdict == Verdict::DuplicateCapture
}

/// The copies of `original`: those equal to it and to no original that lies nearer before them.
fn copies_of<'a>(
    handshake: &'a Handshake,
    original: &'a SegmentRecord,
) -> impl Iterator<Item = &'a SegmentRecord> {
    let all = &handshake.segments;
    all.iter().enumerate().filter(|(_, segment)| is_copy(segment)).filter_map(move |(at, copy)| {
        let originals = |segment: &&SegmentRecord| !is_copy(segment) && segment.is_same_as(copy);
        let before = all.get(..at)?.iter().rev().find(originals);
        let nearest = before.or_else(|| all.get(at..)?.iter().find(originals))?;
        std::ptr::eq(nearest, original).then_some(copy)
    })
}

/// The first and the last hop limit of a packet that goes round: it falls from copy to copy, and the
/// packet comes to one place more than once.
fn round_trip(original: &SegmentRecord, copies: &[&SegmentRecord]) -> Option<(u8, u8)> {
    let mut seen = vec![original];
    for copy in copies {
        let last = seen.last()?;
        if copy.ttl >= last.ttl {
            return None;
        }
        seen.push(copy);
    }
    let again = |at: usize, here: &SegmentRecord| {
        seen.iter().skip(at + 1).any(|later| later.is_seen_where(here))
    };
    let comes_back = seen.iter().enumerate().any(|(at, here)| again(at, here));
    (copies.len() >= LOOP_COPIES && comes_back).then(|| (original.ttl, seen[copies.len()].ttl))
}

/// Where the packets were seen, where that is more than one place.
fn places(handshake: &Handshake, evidence: &[&SegmentRecord]) -> String {
    let mut text = String::new();
    let mut stacks: Vec<String> = Vec::new();
    for segment in evidence {
        let layers = handshake.encapsulations.get(usize::from(segment.encapsulation));
        let name = name_of(layers.map_or(&[], Vec::as_slice));
        if !stacks.contains(&name) {
            stacks.push(name);
        }
    }
    if stacks.len() > 1 {
        text = format!("; in {}", stacks.join(" and in "));
    }
    let differs = |of: fn(&SegmentRecord) -> u64| {
        evidence.windows(2).any(|pair| pair[0].is_same_as(pair[1]) && of(pair[0]) != of(pair[1]))
    };
    if differs(|segment| u64::from(segment.origin.source)) {
        text.push_str("; in several files");
    } else if differs(|segment| segment.origin.interface.map_or(0, |of| u64::from(of) + 1)) {
        text.push_str("; on several interfaces");
    }
    if differs(|segment| u64::from(segment.ttl)) {
        text.push_str("; before and after a router");
    }
    text
}

fn name_of(layers: &[parser::Layer]) -> String {
    if layers.is_empty() {
        return "no encapsulation".to_owned();
    }
    layers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
