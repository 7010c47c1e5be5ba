//! What there is to say of one segment.

use std::borrow::Cow;

use handshake::{Handshake, Kind, SegmentRecord, Sender, Side, TcpState, Verdict};
use parser::IcmpError;

use super::label::{ink, label};
use super::{Arrow, Fate, Step};
use crate::Record;
use crate::language::Language;
use crate::line::Line;
use crate::style::{Ink, Style};
use crate::view::{self, Arrival};

/// Segment `index` of an attempt, but for its time.
pub(super) fn step(record: &Record<'_>, index: usize, style: Style) -> Step {
    let handshake = record.handshake;
    let segment = &handshake.segments[index];
    let before = index.checked_sub(1).and_then(|before| handshake.segments.get(before));
    let moved = |now: Option<TcpState>, before: Option<TcpState>| now.filter(|_| now != before);
    Step {
        frame: (!style.compact).then(|| format!("frame {}", segment.frame)),
        label: label(handshake, segment, style),
        arrow: arrow(handshake, index),
        ink: ink(segment),
        options: if style.compact { Vec::new() } else { options(handshake, index, style) },
        remarks: if style.compact { Vec::new() } else { remarks(record, index, style) },
        meets: listening(handshake, index),
        moves: [
            moved(segment.client_state, before.and_then(|before| before.client_state)),
            moved(segment.server_state, before.and_then(|before| before.server_state)),
        ],
        shows_server: segment.server_state.is_some() || segment.from == Sender::Server,
        ..Step::default()
    }
}

/// Where it was seen, if elsewhere, what is unusual, and what it means.
fn remarks(record: &Record<'_>, index: usize, style: Style) -> Vec<(Ink, String)> {
    let handshake = record.handshake;
    let elsewhere = view::seen_elsewhere(record, &handshake.segments[index]);
    let unusual = view::remarks(handshake, &handshake.segments, index, style);
    let meaning = style.explain.then(|| explanation(handshake, index, style.language)).flatten();
    let elsewhere = elsewhere.map(|place| (Ink::Faint, place)).into_iter();
    let unusual = unusual.into_iter().map(|remark| (Ink::Doubtful, remark.into_owned()));
    elsewhere.chain(unusual).chain(meaning.map(|text| (Ink::Call, text.into_owned()))).collect()
}

/// What the segment means, where an earlier one did not mean the same.
fn explanation(
    handshake: &Handshake,
    index: usize,
    language: Language,
) -> Option<Cow<'static, str>> {
    let explain = |index| view::explain_segment(handshake, index, language);
    let text = explain(index)?;
    let said = (0..index).any(|before| explain(before).is_some_and(|earlier| earlier == text));
    (!said).then_some(text)
}

/// The server's state as segment `index` meets it. Who answers a SYN with SYN-ACK was in LISTEN when
/// that came, unless it opens too (a socket that connects to itself does): that is known of the SYN
/// that was answered, and of no time before it.
fn listening(handshake: &Handshake, index: usize) -> Option<TcpState> {
    let segment_at = |at: u8| handshake.segments.get(usize::from(at));
    let answer = handshake.steps.syn_ack.and_then(segment_at)?;
    let answered = handshake.steps.answered.known().map(usize::from);
    let opens = handshake.client == handshake.server
        || handshake.segments.iter().any(|one| one.is_sent(Sender::Server, Kind::Syn));
    (answer.kind == Kind::SynAck && answered == Some(index) && !opens).then_some(TcpState::Listen)
}

fn arrow(handshake: &Handshake, index: usize) -> Arrow {
    let segment = &handshake.segments[index];
    let fate = match segment.kind {
        _ if segment.verdict == Verdict::DuplicateCapture => Fate::Copy,
        Kind::Rst => Fate::Crossed,
        _ => match view::arrival(handshake, index) {
            Arrival::Arrived => Fate::Whole,
            Arrival::Lost => Fate::Lost,
            Arrival::Unknown => Fate::Unknown,
            Arrival::Refused => Fate::Crossed,
        },
    };
    match &segment.icmp {
        Some(error) => report(handshake, error),
        None => {
            let to = if segment.from == Sender::Client { Side::Server } else { Side::Client };
            Arrow { from: segment.from, to, fate }
        }
    }
}

/// An ICMP error goes to whom it quotes; it starts at the other end where that one reports it, else at
/// a router in between.
fn report(handshake: &Handshake, error: &IcmpError) -> Arrow {
    let to = if error.quoted.source == handshake.client { Side::Client } else { Side::Server };
    let other = match to {
        Side::Client => handshake.server,
        Side::Server => handshake.client,
    };
    let from = if error.sender == other.addr { to.other().into() } else { Sender::Network };
    Arrow { from, to, fate: Fate::Whole }
}

/// The options of SYN and SYN-ACK, where they are not those of the same segment sent before; of other
/// segments those that a handshake is about, and the broken.
fn options(handshake: &Handshake, index: usize, style: Style) -> Vec<Line> {
    use parser::TcpOption as O;
    let segment = &handshake.segments[index];
    let is_syn = matches!(segment.kind, Kind::Syn | Kind::SynAck)
        && !view::earlier_copy(&handshake.segments, index)
            .is_some_and(|earlier_copy| has_same_options(earlier_copy, segment));
    let mut units: Vec<Line> = Vec::new();
    for option in &segment.options {
        let is_broken = matches!(option, O::Malformed { .. });
        let is_rare =
            matches!(option, O::Mptcp { .. } | O::FastOpen { .. } | O::Md5(_) | O::Ao { .. });
        let is_shown = is_syn || is_rare || is_broken;
        let Some(text) = view::option_text(option).filter(|_| is_shown) else { continue };
        if let Some(before) = units.last_mut() {
            before.push(Ink::Faint, style.pick(" ·", ","));
        }
        units.push(Line::of(if is_broken { Ink::Doubtful } else { Ink::Faint }, &text));
    }
    units
}

/// Whether two segments carry the same kinds of options, whatever they say: time stamps always differ.
fn has_same_options(one: &SegmentRecord, other: &SegmentRecord) -> bool {
    let kind = |option| std::mem::discriminant(&option);
    one.options.iter().map(kind).eq(other.options.iter().map(kind))
}
