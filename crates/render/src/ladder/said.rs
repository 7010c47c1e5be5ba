//! What a teacher says at each step of a ladder: the arithmetic, the states, who waits.

use handshake::{Handshake, SegmentRecord, Side};

use super::{Fate, Rung, Step};
use crate::Record;
use crate::line::Line;
use crate::view::{self, IsnBase};

/// A sentence for each rung, in their order.
pub(crate) fn said(record: &Record<'_>, rungs: &[Rung<'_>]) -> Vec<String> {
    let mut segments = record.handshake.segments.iter();
    let mut sentence = |rung: &Rung<'_>| match rung {
        Rung::Segment(step) => {
            let segment = segments.next();
            segment.map_or_else(String::new, |segment| sent(record.handshake, segment, step))
        }
        Rung::Enters(call, _) => {
            let (side, name) = (call.side.name(), call.name());
            format!("the {side} calls {name}(), which blocks")
        }
        Rung::Returns(call, _) => {
            let (side, name) = (call.side.name(), call.name());
            format!("{name}() returns {}: the {side} goes on", call.result)
        }
        Rung::Calls(call, _) => {
            format!("the {} calls {}(), which returns at once", call.side.name(), call.name())
        }
    };
    rungs.iter().map(&mut sentence).collect()
}

/// `the server sends SYN,ACK: seq = K = 7, ack = J + 1 = 3; the client is now ESTABLISHED`.
fn sent(handshake: &Handshake, segment: &SegmentRecord, step: &Step) -> String {
    if segment.icmp.is_some() {
        let end = step.arrow.starts_at();
        let who = end.map_or("a router".to_owned(), |side| format!("the {}", side.name()));
        let error = step.label.first().map(Line::text).unwrap_or_default();
        return format!("{who} reports {error}");
    }
    let mut said = format!("the {} sends {}", segment.from.name(), segment.flags);
    let numbers: Vec<_> =
        [seq(handshake, segment), ack(handshake, segment)].into_iter().flatten().collect();
    if !numbers.is_empty() {
        said.extend([": ", &numbers.join(", ")]);
    }
    match step.arrow.fate {
        Fate::Lost => said.push_str("; it does not arrive"),
        Fate::Unknown => said.push_str("; nothing shows whether it arrives"),
        Fate::Whole | Fate::Crossed | Fate::Copy => {}
    }
    for (side, state) in [Side::Client, Side::Server].into_iter().zip(step.moves) {
        if let Some(state) = state {
            said.extend(["; the ", side.name(), " is now ", state.name()]);
        }
    }
    said
}

/// `seq = J = 3`, of a segment that begins one direction.
fn seq(handshake: &Handshake, segment: &SegmentRecord) -> Option<String> {
    let (base, distance) = view::seq_relative(handshake, segment)?;
    let begins = segment.flags.contains(parser::Flags::SYN) && distance == 0;
    begins.then(|| format!("seq = {} = {}", base.name(), segment.seq))
}

/// `ack = J + 1 = 4`.
fn ack(handshake: &Handshake, segment: &SegmentRecord) -> Option<String> {
    let (base, distance) = view::ack_relative(handshake, segment)?;
    let sum = |base: IsnBase| {
        let sign = if distance < 0 { '-' } else { '+' };
        format!("{} {sign} {}", base.name(), distance.unsigned_abs())
    };
    let wrong = segment.ack_check.filter(|check| !check.ok());
    let expected = wrong.map(|check| view::expected_ack(segment, check));
    let but = expected.map(|expected| format!(" and not {expected}")).unwrap_or_default();
    Some(format!("ack = {} = {}{but}", sum(base), segment.ack?))
}
