//! The timeline: the picture that a teacher would draw, with two lifelines and an arrow for every
//! segment between them.

mod arrow;
mod calls;
mod canvas;
mod footer;
mod header;
mod layout;
mod pace;
mod segment;

use std::borrow::Cow;
use std::fmt;
use std::io;

pub use self::pace::Pace;

use self::canvas::Canvas;
use self::layout::Layout;
use crate::ladder::{self, Rung};
use crate::language::{Language, Part};
use crate::line::Line;
use crate::paper::{Lines, Paper};
use crate::style::Style;
use crate::view::explain_segment;
use crate::{Exchange, Record, Summary, View};

/// `--format timeline`: one picture an attempt.
pub struct Timeline<W> {
    out: W,
    style: Style,
    footer: bool,
    /// What lets the picture go on, where it is not drawn at once.
    pace: Option<Box<dyn Pace>>,
    /// The picture, put together here every time.
    picture: Vec<u8>,
}

impl<W: io::Write> Timeline<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, footer: true, pace: None, picture: Vec::new() }
    }

    /// Prints the pictures alone, without the outcome and the patterns below them.
    #[must_use]
    pub fn without_footer(self) -> Self {
        Self { footer: false, ..self }
    }

    /// Draws step by step, each when `pace` lets the picture go on.
    #[must_use]
    pub fn at_pace(self, pace: Box<dyn Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }
}

impl<W: fmt::Debug> fmt::Debug for Timeline<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { out, style, footer, pace, picture: _ } = self;
        write!(f, "Timeline({out:?}, {style:?}, {footer}, {})", pace.is_some())
    }
}

impl<W: io::Write> View for Timeline<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.picture.clear();
        // At once where nobody waits for each step.
        let out: &mut dyn Paper =
            if self.pace.is_some() { &mut self.out } else { &mut self.picture };
        let mut canvas = begin(out, record, self.style)?;
        let rungs = ladder::of(record, self.style);
        match &mut self.pace {
            Some(pace) => pace::draw(&mut canvas, record, rungs, &mut **pace)?,
            None => rungs.into_iter().try_for_each(|rung| draw(&mut canvas, rung))?,
        }
        if self.footer {
            footer::draw(&mut canvas, &ladder::closing(record, self.style))?;
        }
        canvas.line(&Line::default())?;
        self.out.write_all(&self.picture)
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        let style = self.style;
        let mut canvas = Canvas::new(&mut self.out, style, Layout::new(style, true));
        header::draw_exchange(&mut canvas, &ladder::exchange_opening(exchange, style))?;
        let rungs = ladder::exchange(exchange, style);
        rungs.into_iter().try_for_each(|rung| draw(&mut canvas, rung))?;
        canvas.line(&Line::default())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        // A figure stands alone.
        if self.style.compact { Ok(()) } else { summary.write(&mut self.out, self.style) }
    }
}

/// How many steps the picture of an attempt has: segments, and what programs call.
pub fn steps(record: &Record<'_>, style: Style) -> usize {
    ladder::of(record, style).len()
}

/// The picture of an attempt as lines, for a screen: all of it, or its first `steps`, with what the last
/// one of them means.
pub fn picture(record: &Record<'_>, style: Style, steps: Option<usize>) -> Vec<Line> {
    let mut page = Lines::default();
    // Nothing fails where lines are kept.
    let _ = set(&mut page, record, style, steps);
    page.0
}

fn set(
    page: &mut Lines,
    record: &Record<'_>,
    style: Style,
    steps: Option<usize>,
) -> io::Result<()> {
    let mut canvas = begin(page, record, style)?;
    let mut rungs = ladder::of(record, style);
    let Some(steps) = steps else {
        rungs.into_iter().try_for_each(|rung| draw(&mut canvas, rung))?;
        return footer::draw(&mut canvas, &ladder::closing(record, style));
    };
    let all = rungs.len();
    rungs.truncate(steps);
    let meaning = meaning(record, &rungs, style.language);
    let parts: [Part<'_>; 3] = [("step", &rungs.len()), ("all", &all), ("meaning", &meaning)];
    let said = style.language.say_with("step {step} of {all}: {meaning}", &parts);
    rungs.into_iter().try_for_each(|rung| draw(&mut canvas, rung))?;
    canvas.line(&Line::default())?;
    footer::meaning(&mut canvas, &said)
}

/// What the last rung means; where there is nothing to explain, what happens.
fn meaning(record: &Record<'_>, rungs: &[Rung<'_>], language: Language) -> String {
    let is_segment = |rung: &&Rung<'_>| matches!(rung, Rung::Segment(_));
    let explained = rungs.last().filter(is_segment).and_then(|_| {
        let last = rungs.iter().filter(is_segment).count() - 1;
        explain_segment(record.handshake, last, language)
    });
    let happens = || ladder::said(record, rungs, language).pop().unwrap_or_default();
    explained.map_or_else(happens, Cow::into_owned)
}

/// Begins a picture: which attempt this is, and the heads of the lifelines.
fn begin<'p>(
    paper: &'p mut dyn Paper,
    record: &Record<'_>,
    style: Style,
) -> io::Result<Canvas<'p>> {
    let mut canvas = Canvas::new(paper, style, Layout::new(style, !record.calls.is_empty()));
    header::draw(&mut canvas, &ladder::opening(record, style))?;
    Ok(canvas)
}

/// Draws what happens between the lifelines' heads and the outcome, one after another.
fn draw(canvas: &mut Canvas<'_>, rung: Rung<'_>) -> io::Result<()> {
    match rung {
        Rung::Segment(step) => segment::draw(canvas, *step),
        Rung::Enters(call, time) => calls::enters(canvas, call, time),
        Rung::Returns(call, time) => calls::returns(canvas, call, time),
        Rung::Calls(call, time) => calls::calls(canvas, call, time),
        Rung::Data(said) => segment::data(canvas, &said),
    }
}

#[cfg(test)]
mod tests;
