//! A picture that is drawn step by step.

use std::io;

use super::canvas::Canvas;
use crate::Record;
use crate::ladder::{self, Rung};
use crate::line::{Line, wrap};
use crate::style::Ink;

/// Lets a picture go on. It is asked after the heads of the lifelines and after each thing that
/// happens, when all of that is written and flushed.
pub trait Pace {
    /// Returns when the next step is to be drawn. `said` says in words what was drawn last, in lines
    /// that fit; it is empty after the heads. `next_ns` is the time until the next step in
    /// nanoseconds, where both have a time.
    ///
    /// # Errors
    /// Where it can't wait, or nothing more is to be drawn.
    fn pause(&mut self, said: &[String], next_ns: Option<i64>) -> io::Result<()>;
}

/// Draws what happens, at this pace.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    record: &Record<'_>,
    rungs: Vec<Rung<'_>>,
    pace: &mut dyn Pace,
) -> io::Result<()> {
    let said = ladder::said(record, &rungs, canvas.style.language);
    let mut times: Vec<_> = rungs.iter().map(Rung::at).collect();
    // Nothing is awaited after the last one.
    times.push(None);
    canvas.flush()?;
    pace.pause(&[], None)?;
    for (index, (rung, said)) in rungs.into_iter().zip(said).enumerate() {
        super::draw(canvas, rung)?;
        canvas.flush()?;
        let next = times[index].zip(times[index + 1]);
        let said = wrap(Ink::Plain, &said, canvas.style.columns() - 1);
        let said: Vec<_> = said.iter().map(Line::text).map(str::to_owned).collect();
        pace.pause(&said, next.map(|(now, next)| next.nanos_since(now)))?;
    }
    Ok(())
}
