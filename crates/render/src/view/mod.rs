//! The view model: what is said about an attempt, in words and numbers. Every view takes its wording
//! from here.

mod explain;
mod fate;
mod note;
mod option;
mod relative;
mod verdict;

use handshake::{Handshake, SegmentRecord};
use parser::Layer;

use crate::Record;

pub(crate) use explain::{explain_end, explain_segment};
pub(crate) use fate::{Fate, fate};
pub(crate) use note::{expected_ack, note, remarks, twin};
pub(crate) use option::option_text;
pub(crate) use relative::{Letter, ack_relative, named, seq_relative};
pub(crate) use verdict::{clocks, doubts, verdict};

/// Nanoseconds from the start of the attempt to a segment, where both have a time.
pub(crate) fn offset_ns(handshake: &Handshake, segment: &SegmentRecord) -> Option<i64> {
    Some(segment.timestamp?.nanos_since(handshake.timing.start?))
}

/// Where a segment was seen, if not where the attempt's first one was: its frame number counts there.
pub(crate) fn seen_elsewhere(record: &Record<'_>, segment: &SegmentRecord) -> Option<String> {
    let handshake = record.handshake;
    let (here, there) = (handshake.origin, segment.origin);
    let place = if there.source != here.source {
        record.names.source(there).map(|source| format!("in {source}"))
    } else if here.interface.is_some() && there.interface != here.interface {
        record.names.interface(there).map(|interface| format!("on {interface}"))
    } else {
        None
    };
    let first = handshake.segments.first().map_or(0, |first| first.encapsulation);
    let stack = handshake
        .encapsulations
        .get(usize::from(segment.encapsulation))
        .filter(|_| segment.encapsulation != first)
        .map(|layers| {
            let stack = stack(layers, ", ");
            if layers.is_empty() { stack } else { format!("in {stack}") }
        });
    let places: Vec<_> = [place, stack].into_iter().flatten().collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// The layers of a stack that describe it. Outer addresses are left out: they tell attempts apart and
/// describe none.
pub(crate) fn layers(stack: &[Layer]) -> impl Iterator<Item = String> + '_ {
    let shown = stack.iter().filter(|layer| !matches!(layer, Layer::OuterIp { .. }));
    shown.map(Layer::to_string)
}

/// What lies around the innermost IP header, outermost first; `plain` where nothing does.
pub(crate) fn stack(stack: &[Layer], separator: &str) -> String {
    let layers: Vec<_> = layers(stack).collect();
    if layers.is_empty() { "plain".to_owned() } else { layers.join(separator) }
}
