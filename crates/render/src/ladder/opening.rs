//! What is said above a ladder: which attempt this is.

use handshake::{Handshake, Previous, Sender, TcpState};
use parser::Timestamp;

use crate::line::Line;
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{date, duration, seconds};
use crate::view::{self, IsnBase};
use crate::{Record, host};

/// What is said of an attempt, or of datagrams, before the first of them is sent.
#[derive(Debug)]
pub(crate) struct Opening {
    /// The number of the attempt, or the protocol.
    pub(crate) name: String,
    /// Its ends.
    pub(crate) ends: Line,
    /// The client and the server, each for its lifeline.
    pub(crate) heads: [String; 2],
    /// Where it was seen; empty where that has no name.
    pub(crate) place: String,
    /// When it began, what lies around it, what came before it.
    pub(crate) facts: Vec<Line>,
    /// The state of the client before it, where that is known.
    pub(crate) client: Option<TcpState>,
    /// Whether the first segment shows that a server is there.
    pub(crate) shows_server: bool,
}

/// What is said above the ladder of an attempt.
pub(crate) fn opening(record: &Record<'_>, style: Style) -> Opening {
    let handshake = record.handshake;
    let Record { end_names, .. } = record;
    let heads = [
        host::end(handshake.client, end_names.client),
        host::end(handshake.server, end_names.server),
    ];
    let source = record.names.source(handshake.origin);
    let interface = record.names.interface(handshake.origin);
    let place: Vec<_> = source.into_iter().chain(interface).collect();
    let first = handshake.segments.first();
    Opening {
        name: handshake.id.to_string(),
        ends: ends(&heads, style),
        heads,
        place: place.join(", "),
        facts: facts(record, style),
        // Who sends a SYN had no connection before it.
        client: handshake.syn_captured.then_some(TcpState::Closed),
        shows_server: first
            .is_some_and(|first| first.server_state.is_some() || first.from == Sender::Server),
    }
}

/// Both ends.
pub(crate) fn ends([client, server]: &[String; 2], style: Style) -> Line {
    let mut ends = Line::of(Ink::Strong, client);
    ends.push(Ink::Faint, style.pick(" → ", " > ")).push(Ink::Strong, server);
    ends
}

/// When it began, what lies around it, what came before it.
fn facts(record: &Record<'_>, style: Style) -> Vec<Line> {
    let handshake = record.handshake;
    let mut facts = Vec::new();
    if style.compact {
        facts.extend(initial_numbers(handshake));
    } else {
        facts.extend(handshake.timing.start.map(|start| when(start, style)));
    }
    let inner = style.pick(" › ", " > ");
    let stacks: Vec<_> =
        handshake.encapsulations.iter().map(|stack| view::stack(stack, inner)).collect();
    if !stacks.is_empty() {
        let stacks = stacks.join(", ");
        facts.push(style.language.say_with("in {layers}", &[("layers", &stacks)]));
    }
    if let Some(previous) = handshake.previous {
        facts.push(came_before(previous, style));
    }
    let last = facts.len().saturating_sub(1);
    let dot = style.pick(" ·", ";");
    let facts = facts.into_iter().enumerate();
    facts
        .map(|(index, fact)| {
            let mut line = Line::of(Ink::Faint, &fact);
            if index < last {
                line.push(Ink::Faint, dot);
            }
            line
        })
        .collect()
}

/// What came before it on the same addresses and ports.
fn came_before(previous: Previous, style: Style) -> String {
    let (id, outcome) = (previous.id, previous.outcome.name());
    // It may go on beside this one.
    let Some(ns) = previous.ended_ns_ago.filter(|&ns| ns >= 0) else {
        let said = "same addresses and ports as attempt {id}, at that time {outcome}";
        return style.language.say_with(said, &[("id", &id), ("outcome", &outcome)]);
    };
    let ago = duration(ns, style.unicode);
    style.language.say_with(
        "same addresses and ports as attempt {id}, at that time {outcome}, its last segment {ago} \
         before",
        &[("id", &id), ("outcome", &outcome), ("ago", &ago)],
    )
}

/// The numbers behind the letters of the figure, as far as they are known: `J = 305419896`.
fn initial_numbers(handshake: &Handshake) -> impl Iterator<Item = String> {
    let bases = [IsnBase::J, IsnBase::K, IsnBase::M, IsnBase::N].into_iter();
    bases.filter_map(|base| Some(format!("{} = {}", base.name(), base.isn(handshake)?)))
}

fn when(start: Timestamp, style: Style) -> String {
    match style.time {
        TimeFormat::Epoch => seconds(start.as_nanos()),
        TimeFormat::Relative | TimeFormat::Utc | TimeFormat::Local => date(start, &style.zone()),
    }
}
