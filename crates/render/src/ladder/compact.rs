//! The figure of a textbook: what a ladder keeps of the calls, and the meaning of the signs in it.

use parser::Timestamp;

use super::{Fate, Rung};
use crate::style::Style;
use crate::{Record, SocketCall};

/// The calls that a handshake is made of.
const OF_HANDSHAKE: [&str; 3] = ["listen", "connect", "accept"];

/// Whether a call has a part in the figure: it is one of the handshake's, or it waits while one of
/// the segments at these times comes.
pub(super) fn shows(call: &SocketCall, times: &[Option<Timestamp>]) -> bool {
    let waits_for =
        |&at: &Timestamp| call.entered <= at && call.returned.is_none_or(|returned| at <= returned);
    OF_HANDSHAKE.contains(&call.name()) || times.iter().flatten().any(waits_for)
}

/// The meaning of the signs that the figure has.
pub(super) fn legend(record: &Record<'_>, style: Style) -> Vec<String> {
    let rungs = super::of(record, style);
    let ends_as = |fate| {
        rungs.iter().any(|rung| matches!(rung, Rung::Segment(step) if step.arrow.fate == fate))
    };
    let blocks = rungs.iter().any(|rung| matches!(rung, Rung::Enters(..)));
    let signs = [
        (blocks, "bracket: the call blocks until it returns"),
        (ends_as(Fate::Crossed), "whole arrow, cross: a RST, or what a RST answers"),
        (ends_as(Fate::Lost), "broken arrow, cross: the segment did not arrive"),
        (ends_as(Fate::Unknown), "broken arrow, ?: nothing shows whether the segment arrived"),
    ];
    let shown = signs.into_iter().filter(|(is_there, ..)| *is_there);
    shown.map(|(_, meaning)| style.language.say(meaning).to_owned()).collect()
}
