//! What stands above the picture: which attempt this is, and the heads of the lifelines.

use std::io;

use super::canvas::{Canvas, Row};
use crate::ladder::Opening;
use crate::line::{Line, pack, wrap};
use crate::style::{Ink, Style};

pub(super) fn draw(canvas: &mut Canvas<'_>, opening: &Opening) -> io::Result<()> {
    let style = canvas.style;
    canvas.line(&title(&opening.name, &opening.ends, &opening.place, style))?;
    for line in pack(&opening.facts, 1, style.columns() - 1) {
        canvas.line(Line::of(Ink::Plain, " ").append(&line))?;
    }
    canvas.line(&Line::default())?;
    heads(canvas, &opening.heads)?;
    canvas.server_is_there = opening.shows_server;
    let state = opening.client.map(|state| Line::of(Ink::Strong, state.name()));
    canvas.row(Row { client: state.unwrap_or_default(), ..Row::default() })
}

/// The head of datagrams, which no state stands below.
pub(super) fn draw_exchange(canvas: &mut Canvas<'_>, opening: &Opening) -> io::Result<()> {
    canvas.line(&title(&opening.name, &opening.ends, &opening.place, canvas.style))?;
    canvas.line(&Line::default())?;
    heads(canvas, &opening.heads)
}

/// A rule with what is drawn, its ends and where it was seen.
fn title(name: &str, ends: &Line, place: &str, style: Style) -> Line {
    let rule = style.pick("─", "-");
    let mut line = Line::default();
    line.repeat(Ink::Faint, rule, 2)
        .push(Ink::Strong, &format!(" {name} "))
        .push(Ink::Faint, rule)
        .push(Ink::Strong, " ")
        .append(ends)
        .push(Ink::Strong, " ");
    let place = Line::of(Ink::Faint, &format!(" {place} "));
    let room = style.columns().saturating_sub(line.width());
    if place.width() > 2 && place.width() + 4 <= room {
        line.repeat(Ink::Faint, rule, room - place.width() - 2).append(&place);
        line.repeat(Ink::Faint, rule, 2);
    } else {
        line.repeat(Ink::Faint, rule, room);
    }
    line
}

/// Role and address, above their lifelines.
fn heads(canvas: &mut Canvas<'_>, [client, server]: &[String; 2]) -> io::Result<()> {
    let layout = canvas.layout;
    let columns = canvas.style.columns();
    let language = canvas.style.language;
    // Each head has the half of the line that its lifeline is in.
    let half = usize::midpoint(layout.client(), layout.server());
    let client = Head::new(language.say("client"), client, layout.client(), 0, half);
    let server = Head::new(language.say("server"), server, layout.server(), half + 1, columns);
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
