//! The view model: what is said about an attempt, in words and numbers. Every view takes its wording
//! from here.

mod arrival;
mod close;
mod compare;
mod explain;
mod note;
mod option;
mod outcome;
mod relative;
mod wireshark;

use handshake::{Handshake, SegmentRecord};
use parser::{IcmpFamily, Layer};

use crate::Record;

pub(crate) use arrival::{Arrival, arrival};
pub(crate) use close::{between, explain_close, fins, missing};
pub(crate) use compare::compared;
pub(crate) use explain::{explain_end, explain_segment};
pub use note::note;
pub(crate) use note::{earlier_copy, expected_ack, remarks};
pub(crate) use option::option_text;
pub use option::{offered_by, used_by_both};
pub(crate) use outcome::{Clock, caveats, clocks, ended_by, outcome};
pub use relative::distances;
pub(crate) use relative::{IsnBase, Named, Relative, relative, relative_in_close, seq_relative};
pub(crate) use wireshark::{WiresharkFilter, wireshark_filters};

/// Nanoseconds from the start of the attempt to a segment, where both have a time.
pub fn offset_ns(handshake: &Handshake, segment: &SegmentRecord) -> Option<i64> {
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

/// Which ICMP it is.
pub(crate) const fn icmp_family(family: IcmpFamily) -> &'static str {
    match family {
        IcmpFamily::V4 => "icmp",
        IcmpFamily::V6 => "icmpv6",
    }
}

/// The layers of a stack that describe it. Outer addresses are left out: they tell attempts apart and
/// describe none.
pub fn layers(stack: &[Layer]) -> impl Iterator<Item = String> + '_ {
    let shown = stack.iter().filter(|layer| !matches!(layer, Layer::OuterIp { .. }));
    shown.map(Layer::to_string)
}

/// What lies around the innermost IP header, outermost first; `plain` where nothing does.
pub(crate) fn stack(stack: &[Layer], separator: &str) -> String {
    let layers: Vec<_> = layers(stack).collect();
    if layers.is_empty() { "plain".to_owned() } else { layers.join(separator) }
}
