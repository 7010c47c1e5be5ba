//! How times are written beside a picture.

use parser::Timestamp;

use crate::line::Line;
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{clock, duration, seconds};

/// Writes times and the gaps between them.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) style: Style,
    /// What durations are counted from.
    pub(crate) start: Option<Timestamp>,
}

impl Clock {
    /// When something happened.
    pub(crate) fn time(self, at: Option<Timestamp>) -> Line {
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

    /// How long after something else that was. A textbook's figure leaves it out.
    pub(crate) fn gap(self, before: Option<Timestamp>, now: Option<Timestamp>) -> Line {
        let times = before.zip(now).filter(|_| !self.style.compact);
        let Some((before, now)) = times else { return Line::default() };
        let ns = now.nanos_since(before);
        let sign = if ns < 0 { "" } else { "+" };
        Line::of(Ink::Faint, &format!("{sign}{}", duration(ns, self.style.unicode)))
    }
}
