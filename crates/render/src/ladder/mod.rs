//! The ladder of an attempt: what happens between the two ends, from top to bottom. It says everything
//! in the words of the view model; each picture decides only where it stands and how it looks.

mod clock;
mod close;
mod closing;
mod compact;
mod drawn;
mod events;
mod exchange;
mod label;
mod opening;
mod said;
mod segment;

use handshake::{Sender, Side, TcpState};
use parser::Timestamp;

pub(crate) use clock::Clock;
pub(crate) use closing::{Closing, Recognised, Remark, closing};
pub(crate) use exchange::{exchange, exchange_opening};
pub(crate) use opening::{Opening, ends, opening};
pub(crate) use said::said;

use self::drawn::{Drawn, Part};
use self::events::Event;
use crate::language::Part as Said;
use crate::line::Line;
use crate::style::{Ink, Style};
use crate::text::duration;
use crate::{Record, SocketCall};

/// One thing that happens, and when.
#[derive(Debug)]
pub(crate) enum Rung<'a> {
    /// A segment is sent, or a datagram.
    Segment(Box<Step>),
    /// A program enters a call, and something else happens before it returns.
    Enters(&'a SocketCall, Line),
    /// It returns.
    Returns(&'a SocketCall, Line),
    /// A call during which nothing happened.
    Calls(&'a SocketCall, Line),
    /// What was sent and is not drawn, in words.
    Data(String),
}

impl Rung<'_> {
    /// When it happens.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Segment(step) => step.at,
            Self::Enters(call, _) | Self::Calls(call, _) => Some(call.entered),
            Self::Returns(call, _) => call.returned,
            Self::Data(_) => None,
        }
    }
}

/// What is on its way between the two ends.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// When it happens.
    pub(crate) at: Option<Timestamp>,
    /// Its frame, where that has a number: `frame 3`.
    pub(crate) frame: Option<String>,
    /// When, in words.
    pub(crate) time: Line,
    /// How long after the one before.
    pub(crate) gap: Line,
    /// What it is, in units that stay whole: `SYN,ACK`, `seq=1 (K)`, `ack=2 (J+1 ✓)`.
    pub(crate) label: Vec<Line>,
    /// Where it comes from and what became of it.
    pub(crate) arrow: Arrow,
    /// How the arrow is coloured.
    pub(crate) ink: Ink,
    /// Its options, where they are worth showing.
    pub(crate) options: Vec<Line>,
    /// What else is to be said of it, each with its ink.
    pub(crate) remarks: Vec<(Ink, String)>,
    /// The server's state as it arrives there, where that is known.
    pub(crate) meets: Option<TcpState>,
    /// The states into which it moves the client and the server.
    pub(crate) moves: [Option<TcpState>; 2],
    /// Whether it shows that a server is there.
    pub(crate) shows_server: bool,
}

/// How a segment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// Where it starts.
    pub(crate) from: Sender,
    /// Where it points.
    pub(crate) to: Side,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// What became of a segment, as far as it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrived.
    #[default]
    Whole,
    /// It did not arrive.
    Lost,
    /// Nothing shows whether it arrived.
    Unknown,
    /// It ends something: a RST, or an ACK that a RST answers.
    Crossed,
    /// It is a copy that the capture made.
    Copy,
}

impl Default for Arrow {
    fn default() -> Self {
        Self { from: Sender::Client, to: Side::Server, fate: Fate::Whole }
    }
}

impl Arrow {
    /// The end at which it starts; `None` where that is a router in between.
    pub(crate) const fn starts_at(self) -> Option<Side> {
        match self.from {
            Sender::Client => Some(Side::Client),
            Sender::Server => Some(Side::Server),
            Sender::Network => None,
        }
    }
}

/// The ladder of an attempt.
pub(crate) fn of<'a>(record: &Record<'a>, style: Style) -> Vec<Rung<'a>> {
    let handshake = record.handshake;
    let clock = Clock { style, start: handshake.timing.start };
    let close = handshake.close.as_deref();
    let drawn = drawn::drawn(handshake);
    let times: Vec<_> = drawn.iter().map(|one| one.segment.timestamp).collect();
    let has_part = |call: &SocketCall| {
        compact::shows(call, &times) || close.is_some() && close::is_call(call.name())
    };
    let shown = record.calls.iter().filter(|call| !style.compact || has_part(call));
    let mut rungs = rungs(&times, shown, clock, |index| {
        let Drawn { part, relative, states, .. } = drawn[index];
        let before = index.checked_sub(1).map_or([None; 2], |before| drawn[before].states);
        let moved = |side: usize| states[side].filter(|_| states[side] != before[side]);
        let step = match part {
            Part::Opening(at) => segment::step(record, at, style),
            Part::Close(close, at) => close::step(record, close, at, relative, style),
        };
        Step { moves: [moved(0), moved(1)], ..step }
    });
    if let Some(close) = close {
        close::add_data(&mut rungs, close, &drawn);
    }
    rungs
}

/// What a picture says where a call returns that something else happened in: `returns 0 after 9 µs`.
pub(crate) fn returns(call: &SocketCall, style: Style) -> String {
    if style.compact {
        // The name of an error says enough: `-1 ECONNREFUSED (Connection refused)`.
        let error = call.result.strip_prefix("-1 ").and_then(|error| error.split(' ').next());
        let short = error.map(|error| format!("-1 {error}"));
        let result = short.as_ref().unwrap_or(&call.result);
        return style.language.say_with("returns {result}", &[("result", result)]);
    }
    let took = call.returned.unwrap_or(call.entered).nanos_since(call.entered);
    let parts: [Said<'_>; 2] = [("result", &call.result), ("time", &duration(took, style.unicode))];
    style.language.say_with("returns {result} after {time}", &parts)
}

/// The ladder of what is sent at these times, and of the calls around it.
pub(crate) fn rungs<'a>(
    times: &[Option<Timestamp>],
    calls: impl Iterator<Item = &'a SocketCall>,
    clock: Clock,
    step: impl Fn(usize) -> Step,
) -> Vec<Rung<'a>> {
    let rung = |event| match event {
        Event::Segment(index) => {
            let before = index.checked_sub(1).and_then(|before| times[before]);
            let at = times[index];
            let (time, gap) = (clock.time(at), clock.gap(before, at));
            Rung::Segment(Box::new(Step { at, time, gap, ..step(index) }))
        }
        Event::Enters(call) => Rung::Enters(call, clock.time(Some(call.entered))),
        Event::Returns(call) => {
            Rung::Returns(call, clock.time(Some(call.returned.unwrap_or(call.entered))))
        }
        Event::Calls(call) => Rung::Calls(call, clock.time(Some(call.entered))),
    };
    events::merge(times.iter().copied(), calls).into_iter().map(rung).collect()
}
