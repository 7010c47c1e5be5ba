//! The view model: what is said about an attempt, in words and numbers. Every view takes its wording
//! from here.

mod explain;
mod note;
mod option;
mod relative;
mod unanswered;
mod verdict;

use handshake::{Handshake, SegmentRecord};
use parser::Layer;

use crate::Record;

pub(crate) use explain::{explain_end, explain_segment};
pub(crate) use note::{expected_ack, note, remarks, twin};
pub(crate) use option::{option_name, option_text};
pub(crate) use relative::{Letter, ack_relative, named, seq_relative};
pub(crate) use unanswered::is_unanswered;
pub(crate) use verdict::{clocks, doubts, verdict};

/// Nanoseconds from the start of the attempt to a segment, where both have a time.
pub(crate) fn offset_ns(handshake: &Handshake, segment: &SegmentRecord) -> Option<i64> {
    Some(segment.timestamp?.nanos_since(handshake.timing.start?))
}

/// Where a segment was seen, if not where the attempt's first one was: its frame number counts there.
pub(crate) fn seen_elsewhere(record: &Record<'_>, segment: &SegmentRecord) -> Option<String> {
    let (here, there) = (record.handshake.origin, segment.origin);
    if there.source != here.source {
        record.names.source(there).map(|source| format!("in {source}"))
    } else if here.interface.is_some() && there.interface != here.interface {
        record.names.interface(there).map(|interface| format!("on {interface}"))
    } else {
        None
    }
}

/// What lies around the innermost IP header, outermost first. Outer addresses are left out: they tell
/// attempts apart and describe none.
pub(crate) fn encapsulations(handshake: &Handshake) -> Vec<Vec<String>> {
    let named = |layers: &Vec<Layer>| {
        let shown = layers.iter().filter(|layer| !matches!(layer, Layer::OuterIp { .. }));
        shown.map(Layer::to_string).collect()
    };
    handshake.encapsulations.iter().map(named).collect()
}
