//! The timeline: the picture that a teacher would draw, with two lifelines and an arrow for every
//! segment between them.

mod arrow;
mod calls;
mod canvas;
mod events;
mod exchange;
mod footer;
mod header;
mod layout;
mod segment;

use std::io;

use handshake::Handshake;
use parser::Timestamp;

pub use self::exchange::{Datagram, DatagramKind, Exchange};

use self::canvas::Canvas;
use self::events::Event;
use self::layout::Layout;
use crate::line::Line;
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{clock, duration, seconds};
use crate::{Record, Summary, View};

/// `--format timeline`: one picture an attempt.
#[derive(Debug)]
pub struct Timeline<W> {
    out: W,
    style: Style,
    footer: bool,
    /// The picture, put together here every time.
    picture: Vec<u8>,
}

impl<W: io::Write> Timeline<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, footer: true, picture: Vec::new() }
    }

    /// Prints the pictures alone, without the outcome and the patterns below them.
    #[must_use]
    pub fn without_footer(self) -> Self {
        Self { footer: false, ..self }
    }
}

impl<W: io::Write> View for Timeline<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let layout = Layout::new(self.style, !record.calls.is_empty());
        self.picture.clear();
        let mut canvas = Canvas::new(&mut self.picture, self.style, layout);
        header::draw(&mut canvas, record)?;
        picture(&mut canvas, record)?;
        if self.footer {
            footer::draw(&mut canvas, record)?;
        }
        canvas.line(&Line::default())?;
        self.out.write_all(&self.picture)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write(&mut self.out, self.style)
    }
}

/// Everything between the lifelines' heads and the outcome.
fn picture(canvas: &mut Canvas<'_>, record: &Record<'_>) -> io::Result<()> {
    let handshake = record.handshake;
    let clock = Clock { style: canvas.style, start: handshake.timing.start };
    let times = handshake.segments.iter().map(|segment| segment.timestamp);
    for event in events::merge(times, record.calls) {
        match event {
            Event::Segment(index) => {
                let time = clock.time(handshake.segments[index].timestamp);
                let gap = clock.gap(handshake, index);
                segment::draw(canvas, record, index, (time, gap))?;
            }
            Event::Enters(_) | Event::Returns(_) | Event::Calls(_) => {
                calls::draw(canvas, event, |time| clock.time(Some(time)))?;
            }
        }
    }
    Ok(())
}

/// How times are written beside the picture.
#[derive(Clone, Copy)]
struct Clock {
    style: Style,
    start: Option<Timestamp>,
}

impl Clock {
    fn time(self, at: Option<Timestamp>) -> Line {
        let Some(at) = at else { return Line::default() };
        let text = match self.style.time {
            TimeFormat::Relative => match self.start {
                Some(start) => duration(at.nanos_since(start), self.style.unicode),
                None => return Line::default(),
            },
            TimeFormat::Utc | TimeFormat::Local => clock(at, &self.style.zone()),
            TimeFormat::Epoch => seconds(at.as_nanos()),
        };
        Line::of(Ink::Plain, &text)
    }

    /// Since the segment before.
    fn gap(self, handshake: &Handshake, index: usize) -> Line {
        let at = |index: usize| handshake.segments.get(index).and_then(|segment| segment.timestamp);
        match index.checked_sub(1).and_then(at).zip(at(index)) {
            Some((before, now)) => {
                let ns = now.nanos_since(before);
                let sign = if ns < 0 { "" } else { "+" };
                Line::of(Ink::Faint, &format!("{sign}{}", duration(ns, self.style.unicode)))
            }
            None => Line::default(),
        }
    }
}

#[cfg(test)]
mod tests;
