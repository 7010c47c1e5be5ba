//! What stands below the picture: the outcome, the clocks, the patterns.

use std::io;

use super::canvas::Canvas;
use crate::ladder::{Closing, Recognised, Remark};
use crate::line::{Line, wrap};
use crate::style::Ink;
use crate::view::Clock;

/// Nothing below the picture is set wider than this: longer lines read badly.
const MOST: usize = 110;
/// Columns for a title beside its text.
const TITLE: usize = 13;

pub(super) fn draw(canvas: &mut Canvas<'_>, closing: &Closing) -> io::Result<()> {
    canvas.line(&Line::default())?;
    outcome(canvas, closing)?;
    remarks(canvas, &closing.remarks)?;
    clocks(canvas, &closing.clocks)?;
    closing.patterns.iter().try_for_each(|pattern| recognised(canvas, pattern))?;
    remarks(canvas, &closing.elsewhere)
}

fn outcome(canvas: &mut Canvas<'_>, closing: &Closing) -> io::Result<()> {
    let tone = closing.ink.bold();
    let mut marked = Line::of(Ink::Plain, " ");
    marked.push(tone, closing.mark).push(Ink::Plain, " ");
    for words in wrap(tone, &closing.outcome, canvas.style.columns().min(MOST) - 3) {
        marked.pad_to(3).append(&words);
        canvas.line(&std::mem::take(&mut marked))?;
    }
    Ok(())
}

/// The clocks, each below its name, in as many rows as they need.
fn clocks(canvas: &mut Canvas<'_>, clocks: &[Clock]) -> io::Result<()> {
    let style = canvas.style;
    let room = style.columns().min(MOST);
    let (mut names, mut values) = (Line::default(), Line::default());
    for (name, value) in clocks {
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
    if names.width() > 0 {
        canvas.line(&names)?;
        canvas.line(&values)?;
    }
    Ok(())
}

fn recognised(canvas: &mut Canvas<'_>, pattern: &Recognised) -> io::Result<()> {
    let mut name = Line::of(Ink::Plain, " ");
    name.push(Ink::Call, canvas.style.pick("◆ ", "* ")).push(Ink::Strong, pattern.name);
    if !pattern.frames.is_empty() {
        name.push(Ink::Faint, "  ").push(Ink::Faint, &pattern.frames);
    }
    canvas.line(&name)?;
    remarks(canvas, &pattern.remarks)
}

/// What a step means.
pub(super) fn meaning(canvas: &mut Canvas<'_>, text: &str) -> io::Result<()> {
    for line in wrap(Ink::Call, text, canvas.style.columns().min(MOST) - 2) {
        canvas.line(Line::of(Ink::Plain, " ").append(&line))?;
    }
    Ok(())
}

/// Texts beside their titles, further lines below the first.
fn remarks(canvas: &mut Canvas<'_>, remarks: &[Remark]) -> io::Result<()> {
    for remark in remarks {
        let column = if remark.title.is_empty() { 3 } else { 3 + TITLE };
        let room = canvas.style.columns().min(MOST) - column;
        let mut line = Line::of(Ink::Plain, "   ");
        line.push(Ink::Call, remark.title);
        for text in wrap(remark.ink, &remark.text, room) {
            line.pad_to(column).append(&text);
            canvas.line(&std::mem::take(&mut line))?;
        }
    }
    Ok(())
}
