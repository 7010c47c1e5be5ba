//! A segment in the picture: its label, its arrow, and what there is to say below.

use std::io;

use handshake::TcpState;

use super::arrow;
use super::canvas::{Canvas, Row};
use crate::ladder::Step;
use crate::line::{Line, pack, wrap};
use crate::style::Ink;

/// Draws what is on its way.
pub(super) fn draw(canvas: &mut Canvas<'_>, step: Step) -> io::Result<()> {
    canvas.server_is_there |= step.shows_server;
    let frame = step.frame.as_deref().unwrap_or_default();
    let mut time_or_frame = Line::of(Ink::Faint, frame);
    let mut server = name(step.meets);
    for middle in pack(&step.label, 2, canvas.layout.text()) {
        let (time, server) = (std::mem::take(&mut time_or_frame), std::mem::take(&mut server));
        canvas.row(Row { time, middle, server, ..Row::default() })?;
    }
    let arrow = arrow::draw(step.arrow, canvas.layout.middle, canvas.style);
    let arrow = Row {
        time: step.time,
        gap: step.gap,
        middle: Line::of(step.ink, &arrow),
        starts_at: step.arrow.starts_at(),
        ..Row::default()
    };
    let [client, server] = step.moves.map(name);
    if canvas.style.compact {
        return canvas.row(Row { client, server, ..arrow });
    }
    canvas.row(arrow)?;
    // An attempt has frames, and room for its states below each; a datagram has neither.
    if step.frame.is_none() {
        return Ok(());
    }
    let width = canvas.layout.text();
    let mut lines = pack(&step.options, 1, width);
    for (ink, remark) in &step.remarks {
        lines.extend(block(wrap(*ink, remark, width)));
    }
    let mut lines = lines.into_iter();
    let middle = lines.next().unwrap_or_default();
    canvas.row(Row { client, middle, server, ..Row::default() })?;
    lines.try_for_each(|middle| canvas.row(Row { middle, ..Row::default() }))
}

/// Says what was sent and is not drawn.
pub(super) fn data(canvas: &mut Canvas<'_>, said: &str) -> io::Result<()> {
    let lines = wrap(Ink::Faint, said, canvas.layout.text());
    lines.into_iter().try_for_each(|middle| canvas.row(Row { middle, ..Row::default() }))
}

/// Lines of the same width, so that they stand as a block where each is centred.
fn block(mut lines: Vec<Line>) -> Vec<Line> {
    let width = lines.iter().map(Line::width).max().unwrap_or_default();
    for line in &mut lines {
        line.pad_to(width);
    }
    lines
}

fn name(state: Option<TcpState>) -> Line {
    state.map(|state| Line::of(Ink::Strong, state.name())).unwrap_or_default()
}
