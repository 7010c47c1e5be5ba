//! What stands below the picture: the outcome, the clocks, the patterns.

use std::io;

use handshake::{Outcome, Pattern};
use parser::Origin;

use super::canvas::Canvas;
use crate::Record;
use crate::line::{Line, wrap};
use crate::style::{Ink, Style};
use crate::view;

/// Nothing below the picture is set wider than this: longer lines read badly.
const MOST: usize = 110;

pub(super) fn draw(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    canvas.line(&Line::default())?;
    outcome(canvas, record)?;
    clocks(canvas, record)?;
    for pattern in record.patterns {
        draw_pattern(canvas, pattern)?;
    }
    if canvas.style.explain {
        filters(canvas, record)?;
    }
    if canvas.style.compare { compared(canvas, record) } else { Ok(()) }
}

/// What other programs print of the attempt.
fn compared(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    for (program, printed) in view::compared(record.handshake, canvas.style.unicode) {
        let title = Line::of(Ink::Call, &format!("{program:<13}"));
        hanging(canvas, &title, Ink::Faint, &printed)?;
    }
    Ok(())
}

/// How to find the frames in Wireshark.
fn filters(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    for (index, filter) in view::wireshark_filters(record.handshake).enumerate() {
        let title = Line::of(Ink::Call, &format!("{:<13}", "in Wireshark"));
        let origin = Origin { source: filter.source, interface: None };
        let text = match record.names.source(origin).filter(|_| index > 0) {
            Some(source) => format!("in {source}: {}", filter.text()),
            None => filter.text(),
        };
        hanging(canvas, &title, Ink::Faint, &text)?;
    }
    Ok(())
}

fn outcome(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    let handshake = record.handshake;
    let style = canvas.style;
    let ink = Ink::from(handshake.outcome);
    let words = view::outcome(handshake, style.unicode);
    let ended = format!("{}, {}", handshake.outcome.name(), view::ended_by(handshake.ended_by));
    let mark = Line::of(ink.bold(), mark(handshake.outcome, style));
    let mut marked = Line::of(Ink::Plain, " ");
    marked.append(&mark).push(Ink::Plain, " ");
    for words in wrap(ink.bold(), &words, style.columns().min(MOST) - 3) {
        marked.pad_to(3).append(&words);
        canvas.line(&std::mem::take(&mut marked))?;
    }
    indented(canvas, Ink::Faint, &ended)?;
    for caveat in view::caveats(handshake, style.unicode) {
        indented(canvas, Ink::Doubtful, &caveat)?;
    }
    match view::explain_end(handshake).filter(|_| style.explain) {
        Some(text) => indented(canvas, Ink::Call, text),
        None => Ok(()),
    }
}

fn mark(outcome: Outcome, style: Style) -> &'static str {
    match outcome {
        Outcome::Established => style.pick("✓", "+"),
        Outcome::Refused | Outcome::Reset | Outcome::Unreachable => style.pick("✗", "x"),
        Outcome::EstablishedClientOnly | Outcome::Unanswered | Outcome::Unacknowledged => "!",
        Outcome::InProgress => style.pick("…", "~"),
    }
}

/// The clocks, each below its name, in as many rows as they need.
fn clocks(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    let style = canvas.style;
    let room = style.columns().min(MOST);
    let (mut names, mut values) = (Line::default(), Line::default());
    for (name, value) in view::clocks(record.handshake, style.unicode) {
        let ink = if value.is_some() { Ink::Strong } else { Ink::Faint };
        let value = Line::of(ink, value.as_deref().unwrap_or(style.pick("–", "-")));
        let name = Line::of(Ink::Faint, name);
        let width = name.width().max(value.width()) + if names.width() == 0 { 3 } else { 2 };
        if names.width() + width > room {
            canvas.line(&std::mem::take(&mut names))?;
            canvas.line(&std::mem::take(&mut values))?;
        }
        let column = names.width() + width;
        names.right_align(column, &name);
        values.right_align(column, &value);
    }
    canvas.line(&names)?;
    canvas.line(&values)
}

/// Its name with its frames, what was found, the look-alike, the next step.
fn draw_pattern(canvas: &mut Canvas<'_>, pattern: &Pattern) -> io::Result<()> {
    let style = canvas.style;
    let frames: Vec<_> = pattern.frames.iter().map(u64::to_string).collect();
    let frames = match frames.len() {
        0 => String::new(),
        1 => format!("  frame {}", frames[0]),
        _ => format!("  frames {}", frames.join(" ")),
    };
    let mut name = Line::of(Ink::Plain, " ");
    name.push(Ink::Call, style.pick("◆ ", "* "));
    name.push(Ink::Strong, pattern.name.name()).push(Ink::Faint, &frames);
    canvas.line(&name)?;
    indented(canvas, Ink::Plain, &pattern.note.to_string())?;
    for (title, text) in
        [("differs from", pattern.differs_from), ("check next", pattern.check_next)]
    {
        if !text.is_empty() {
            let title = Line::of(Ink::Call, &format!("{title:<13}"));
            hanging(canvas, &title, Ink::Faint, text)?;
        }
    }
    Ok(())
}

/// Text beside a title, its further lines below its first.
fn hanging(canvas: &mut Canvas<'_>, title: &Line, ink: Ink, text: &str) -> io::Result<()> {
    let room = canvas.style.columns().min(MOST) - 3 - title.width();
    for (index, text) in wrap(ink, text, room).iter().enumerate() {
        let mut line = Line::of(Ink::Plain, "   ");
        if index == 0 {
            line.append(title);
        }
        line.pad_to(3 + title.width()).append(text);
        canvas.line(&line)?;
    }
    Ok(())
}

fn indented(canvas: &mut Canvas<'_>, ink: Ink, text: &str) -> io::Result<()> {
    hanging(canvas, &Line::default(), ink, text)
}
