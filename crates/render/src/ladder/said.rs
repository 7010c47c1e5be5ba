//! What a teacher says at each step of a ladder: the arithmetic, the states, who waits.

use handshake::{SegmentRecord, Side};
use parser::Flags;

use super::{Fate, Rung, Step};
use crate::Record;
use crate::line::Line;
use crate::view::{self, IsnBase, Relative};

/// A sentence for each rung, in their order.
pub(crate) fn said(record: &Record<'_>, rungs: &[Rung<'_>]) -> Vec<String> {
    let handshake = record.handshake;
    let opening = handshake.segments.iter().map(|one| (one, view::relative(handshake, one)));
    let close = handshake.close.iter().flat_map(|close| {
        close.segments.iter().map(|one| (one, view::relative_in_close(handshake, close, one)))
    });
    let mut segments = opening.chain(close);
    let mut sentence = |rung: &Rung<'_>| match rung {
        Rung::Segment(step) => {
            let segment = segments.next();
            segment.map_or_else(String::new, |(segment, numbers)| sent(segment, numbers, step))
        }
        Rung::Data(said) => said.clone(),
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
fn sent(segment: &SegmentRecord, relative: Relative, step: &Step) -> String {
    if segment.icmp.is_some() {
        let end = step.arrow.starts_at();
        let who = end.map_or("a router".to_owned(), |side| format!("the {}", side.name()));
        let error = step.label.first().map(Line::text).unwrap_or_default();
        return format!("{who} reports {error}");
    }
    let mut said = format!("the {} sends {}", segment.from.name(), segment.flags);
    let numbers: Vec<_> =
        [seq(segment, relative), ack(segment, relative)].into_iter().flatten().collect();
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

/// `seq = J = 3`, of a segment that begins or ends one direction.
fn seq(segment: &SegmentRecord, relative: Relative) -> Option<String> {
    let (base, distance) = relative.seq?;
    let named = segment.flags.intersects(Flags::SYN | Flags::FIN) && distance == 0;
    named.then(|| format!("seq = {} = {}", base.name(), segment.seq))
}

/// `ack = J + 1 = 4`.
fn ack(segment: &SegmentRecord, relative: Relative) -> Option<String> {
    let (base, distance) = relative.ack?;
    let sum = |base: IsnBase| match distance {
        // The FIN that is acknowledged up to here has not come.
        0 => base.name().to_owned(),
        ..0 => format!("{} - {}", base.name(), distance.unsigned_abs()),
        _ => format!("{} + {distance}", base.name()),
    };
    let wrong = segment.ack_check.filter(|check| !check.ok());
    let expected = wrong.map(|check| view::expected_ack(segment, check));
    let but = expected.map(|expected| format!(" and not {expected}")).unwrap_or_default();
    Some(format!("ack = {} = {}{but}", sum(base), segment.ack?))
}
