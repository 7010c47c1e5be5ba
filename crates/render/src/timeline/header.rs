//! What stands above the picture: which attempt this is, and the heads of the lifelines.

use std::io;

use handshake::{Sender, TcpState};
use parser::Timestamp;

use super::canvas::{Canvas, Row};
use crate::line::{Line, pack, wrap};
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{date, duration, seconds};
use crate::view;
use crate::{Record, host};

pub(super) fn draw(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    let style = canvas.style;
    canvas.line(&title(record, style))?;
    for line in pack(&facts(record, style), 1, style.columns() - 1) {
        canvas.line(Line::of(Ink::Plain, " ").append(&line))?;
    }
    canvas.line(&Line::default())?;
    let [client, server] = ends(record);
    heads(canvas, &client, &server)?;
    canvas.server_is_there = record
        .handshake
        .segments
        .first()
        .is_some_and(|first| first.server_state.is_some() || first.from == Sender::Server);
    // Who sends a SYN had no connection before it.
    let state = if record.handshake.syn_captured { TcpState::Closed.name() } else { "" };
    canvas.row(Row { client: Line::of(Ink::Strong, state), ..Row::default() })
}

/// A rule with the attempt's number, its ends and where it was seen.
fn title(record: &Record<'_>, style: Style) -> Line {
    let handshake = record.handshake;
    let rule = style.pick("─", "-");
    let mut line = Line::default();
    line.repeat(Ink::Faint, rule, 2)
        .push(Ink::Strong, &format!(" {} ", handshake.id))
        .push(Ink::Faint, rule);
    let [client, server] = ends(record);
    line.push(Ink::Strong, &format!(" {client}"));
    line.push(Ink::Faint, style.pick(" → ", " > "));
    line.push(Ink::Strong, &format!("{server} "));
    let source = record.names.source(handshake.origin);
    let interface = record.names.interface(handshake.origin);
    let place: Vec<_> = source.into_iter().chain(interface).collect();
    let place = Line::of(Ink::Faint, &format!(" {} ", place.join(", ")));
    let room = style.columns().saturating_sub(line.width());
    if place.width() > 2 && place.width() + 4 <= room {
        line.repeat(Ink::Faint, rule, room - place.width() - 2).append(&place);
        line.repeat(Ink::Faint, rule, 2);
    } else {
        line.repeat(Ink::Faint, rule, room);
    }
    line
}

/// The client and the server.
fn ends(record: &Record<'_>) -> [String; 2] {
    let Record { handshake, end_names, .. } = record;
    [host::end(handshake.client, end_names.client), host::end(handshake.server, end_names.server)]
}

/// When it began, what lies around it, what came before it.
fn facts(record: &Record<'_>, style: Style) -> Vec<Line> {
    let handshake = record.handshake;
    let mut facts = Vec::new();
    facts.extend(handshake.timing.start.map(|start| when(start, style)));
    let inner = style.pick(" › ", " > ");
    let stacks: Vec<_> =
        handshake.encapsulations.iter().map(|stack| view::stack(stack, inner)).collect();
    if !stacks.is_empty() {
        facts.push(format!("in {}", stacks.join(", ")));
    }
    if let Some(previous) = handshake.previous {
        // It may go on beside this one.
        let ago = previous.ended_ns_ago.filter(|&ns| ns >= 0);
        let ago =
            ago.map(|ns| format!(", its last segment {} before", duration(ns, style.unicode)));
        facts.push(format!(
            "same addresses and ports as attempt {}, at that time {}{}",
            previous.id,
            previous.outcome.name(),
            ago.unwrap_or_default()
        ));
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

fn when(start: Timestamp, style: Style) -> String {
    match style.time {
        TimeFormat::Epoch => seconds(start.as_nanos()),
        TimeFormat::Relative | TimeFormat::Utc | TimeFormat::Local => date(start, &style.zone()),
    }
}

/// Role and address, above their lifelines.
pub(super) fn heads(canvas: &mut Canvas<'_>, client: &str, server: &str) -> io::Result<()> {
    let layout = canvas.layout;
    let columns = canvas.style.columns();
    // Each head has the half of the line that its lifeline is in.
    let half = usize::midpoint(layout.client(), layout.server());
    let client = Head::new("client", client, layout.client(), 0, half);
    let server = Head::new("server", server, layout.server(), half + 1, columns);
    for index in 0..client.lines.len().max(server.lines.len()) {
        let mut line = Line::default();
        client.put(index, &mut line);
        server.put(index, &mut line);
        canvas.line(&line)?;
    }
    Ok(())
}

/// What stands above a lifeline.
struct Head {
    lines: Vec<Line>,
    column: usize,
    from: usize,
    to: usize,
}

impl Head {
    fn new(role: &str, end: &str, column: usize, from: usize, to: usize) -> Self {
        let mut lines = vec![Line::of(Ink::Strong, role)];
        let room = to.saturating_sub(from);
        lines.extend(wrap(Ink::Plain, end, room));
        Self { lines, column, from, to }
    }

    /// Puts a line above the lifeline, or as near as its part of the line allows.
    fn put(&self, index: usize, line: &mut Line) {
        if let Some(text) = self.lines.get(index) {
            let start = self.column.saturating_sub(text.width() / 2);
            let start = start.min(self.to.saturating_sub(text.width())).max(self.from);
            line.pad_to(start).append(text);
        }
    }
}
