//! How a connection is closed, on its ladder.

use handshake::{Close, Kind, SegmentRecord, Sender, TcpState, Verdict};
use parser::Flags;

use super::label::{ink, of_close};
use super::{Arrow, Fate, Rung, Step};
use crate::Record;
use crate::style::{Ink, Style};
use crate::view;

/// The calls that close a connection.
const CALLS: [&str; 2] = ["close", "shutdown"];

/// Segment `index` of a close, but for its time.
pub(super) fn step(record: &Record<'_>, close: &Close, index: usize, style: Style) -> Step {
    let handshake = record.handshake;
    let segment = &close.segments[index];
    let before =
        index.checked_sub(1).map_or([handshake.client_state, handshake.server_state], |before| {
            states(&close.segments[before])
        });
    let moved = |side: usize| -> Option<TcpState> {
        states(segment)[side].filter(|&now| Some(now) != before[side])
    };
    let to = segment.from.side().map_or(handshake::Side::Server, handshake::Side::other);
    Step {
        frame: (!style.compact).then(|| format!("frame {}", segment.frame)),
        label: of_close(handshake, close, segment, style),
        arrow: Arrow { from: segment.from, to, fate: fate(&close.segments, index) },
        ink: ink(segment),
        remarks: if style.compact { Vec::new() } else { remarks(record, close, index, style) },
        moves: [moved(0), moved(1)],
        shows_server: true,
        ..Step::default()
    }
}

const fn states(segment: &SegmentRecord) -> [Option<TcpState>; 2] {
    [segment.client_state, segment.server_state]
}

/// A FIN arrives if it is acknowledged, and an ACK unless the FIN comes again.
fn fate(segments: &[SegmentRecord], index: usize) -> Fate {
    let segment = &segments[index];
    let has_fin = segment.flags.contains(Flags::FIN);
    match segment.verdict {
        Verdict::DuplicateCapture => return Fate::Copy,
        _ if segment.kind == Kind::Rst => return Fate::Crossed,
        Verdict::Stray | Verdict::Unacceptable(_) | Verdict::ChallengeAck => return Fate::Whole,
        Verdict::Advanced | Verdict::Retransmission => {}
    }
    let mut later = segments[index + 1..].iter().filter(|one| {
        matches!(one.verdict, Verdict::Advanced | Verdict::Retransmission) && one.kind != Kind::Rst
    });
    let answers = |one: &SegmentRecord| one.from != segment.from && one.ack_check.is_some();
    let is_again = |one: &SegmentRecord, from: Sender| {
        one.from == from && one.verdict == Verdict::Retransmission
    };
    let arrives = if has_fin {
        let next = later.find(|one| answers(one) || is_again(one, segment.from));
        next.is_some_and(answers)
    } else {
        !later.any(|one| one.from != segment.from && is_again(one, one.from))
    };
    if arrives { Fate::Whole } else { Fate::Unknown }
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

/// Adds what was sent between the segments of a ladder, of which `opening` are those of the handshake. It
/// stands before the program closes, as it was sent before.
pub(super) fn add_data(rungs: &mut Vec<Rung<'_>>, close: &Close, opening: usize) {
    let is_segment = |rung: &Rung<'_>| matches!(rung, Rung::Segment(_));
    for (index, &data) in close.data.iter().enumerate().rev() {
        let Some(said) = view::between(data) else { continue };
        let mut places = (0..rungs.len()).filter(|&at| is_segment(&rungs[at]));
        let before = (opening + index).checked_sub(1).and_then(|nth| places.nth(nth));
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
