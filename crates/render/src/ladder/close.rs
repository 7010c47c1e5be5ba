//! How a connection is closed, on its ladder.

use handshake::{Close, Kind, Verdict};

use super::drawn::{Drawn, Part};
use super::label::{ink, of_close};
use super::{Arrow, Fate, Rung, Step};
use crate::Record;
use crate::style::{Ink, Style};
use crate::view::{self, Relative};

/// The calls that close a connection.
const CALLS: [&str; 2] = ["close", "shutdown"];

/// Segment `index` of a close, but for its time and what it moves.
pub(super) fn step(
    record: &Record<'_>,
    close: &Close,
    index: usize,
    relative: Relative,
    style: Style,
) -> Step {
    let segment = &close.segments[index];
    let to = segment.from.side().map_or(handshake::Side::Server, handshake::Side::other);
    Step {
        frame: (!style.compact).then(|| format!("frame {}", segment.frame)),
        label: of_close(segment, relative, style),
        arrow: Arrow { from: segment.from, to, fate: fate(close, index) },
        ink: ink(segment),
        remarks: if style.compact { Vec::new() } else { remarks(record, close, index, style) },
        shows_server: true,
        ..Step::default()
    }
}

fn fate(close: &Close, index: usize) -> Fate {
    let segment = &close.segments[index];
    match segment.verdict {
        Verdict::DuplicateCapture => Fate::Copy,
        _ if segment.kind == Kind::Rst => Fate::Crossed,
        Verdict::Stray | Verdict::Unacceptable(_) | Verdict::ChallengeAck => Fate::Whole,
        Verdict::Advanced | Verdict::Retransmission if close.arrives(index) => Fate::Whole,
        Verdict::Advanced | Verdict::Retransmission => Fate::Unknown,
    }
}

fn remarks(record: &Record<'_>, close: &Close, index: usize, style: Style) -> Vec<(Ink, String)> {
    let segment = &close.segments[index];
    let elsewhere = view::seen_elsewhere(record, segment).map(|place| (Ink::Faint, place));
    let unusual = view::remarks(record.handshake, &close.segments, index, style);
    let meaning = view::explain_close(close, index, style.language).filter(|_| style.explain);
    let unusual = unusual.map(|remark| (Ink::Doubtful, remark.into_owned()));
    let meaning = meaning.map(|text| (Ink::Call, text.to_owned()));
    elsewhere.into_iter().chain(unusual).chain(meaning).collect()
}

/// Adds what was sent between the segments of a ladder. It stands before the program closes, as it was
/// sent before.
pub(super) fn add_data(rungs: &mut Vec<Rung<'_>>, close: &Close, drawn: &[Drawn<'_>]) {
    let is_segment = |rung: &Rung<'_>| matches!(rung, Rung::Segment(_));
    for (index, &data) in close.data.iter().enumerate().rev() {
        let Some(said) = view::between(data) else { continue };
        let is_it = |one: &Drawn<'_>| matches!(one.part, Part::Close(_, at) if at == index);
        let nth = drawn.iter().position(is_it);
        let mut places = (0..rungs.len()).filter(|&at| is_segment(&rungs[at]));
        let before = nth.unwrap_or(drawn.len()).checked_sub(1).and_then(|nth| places.nth(nth));
        let from = before.map_or(0, |at| at + 1);
        let closes = |rung: &Rung<'_>| match rung {
            Rung::Segment(_) => true,
            Rung::Enters(call, _) | Rung::Calls(call, _) => is_call(call.name()),
            Rung::Returns(..) | Rung::Data(_) => false,
        };
        let at = rungs[from..].iter().position(closes).map_or(rungs.len(), |at| from + at);
        rungs.insert(at, Rung::Data(said));
    }
}

/// Whether a call has a part in a close.
pub(super) fn is_call(name: &str) -> bool {
    CALLS.contains(&name)
}
