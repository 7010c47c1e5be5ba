//! What a teacher says at each step of a ladder: the arithmetic, the states, who waits.

use handshake::{SegmentRecord, Side};
use parser::Flags;

use super::{Fate, Rung, Step};
use crate::language::{Language, Part};
use crate::line::Line;
use crate::view::{self, IsnBase, Relative};
use crate::{Record, SocketCall};

/// A sentence for each rung, in their order.
pub(crate) fn said(record: &Record<'_>, rungs: &[Rung<'_>], language: Language) -> Vec<String> {
    let handshake = record.handshake;
    let opening = handshake.segments.iter().map(|one| (one, view::relative(handshake, one)));
    let close = handshake.close.iter().flat_map(|close| {
        close.segments.iter().map(|one| (one, view::relative_in_close(handshake, close, one)))
    });
    let mut segments = opening.chain(close);
    let call = |english, call: &SocketCall| {
        let (side, name) = (language.say(call.side.name()), call.name());
        let parts: [Part<'_>; 3] = [("side", &side), ("call", &name), ("result", &call.result)];
        language.say_with(english, &parts)
    };
    let mut sentence = |rung: &Rung<'_>| match rung {
        Rung::Segment(step) => segments
            .next()
            .map_or_else(String::new, |(segment, numbers)| sent(segment, numbers, step, language)),
        Rung::Data(said) => said.clone(),
        Rung::Enters(entered, _) => call("the {side} calls {call}(), which blocks", entered),
        Rung::Returns(returned, _) => {
            call("{call}() returns {result}: the {side} goes on", returned)
        }
        Rung::Calls(called, _) => call("the {side} calls {call}(), which returns at once", called),
    };
    rungs.iter().map(&mut sentence).collect()
}

/// `the server sends SYN,ACK: seq = K = 7, ack = J + 1 = 3; the client is now ESTABLISHED`.
fn sent(segment: &SegmentRecord, relative: Relative, step: &Step, language: Language) -> String {
    let the =
        |side: &'static str| language.say_with("the {side}", &[("side", &language.say(side))]);
    if segment.icmp.is_some() {
        let end = step.arrow.starts_at();
        let who = end.map_or_else(|| language.say("a router").to_owned(), |side| the(side.name()));
        let error = step.label.first().map(Line::text).unwrap_or_default();
        return language.say_with("{who} reports {error}", &[("who", &who), ("error", &error)]);
    }
    let (side, flags) = (language.say(segment.from.name()), segment.flags);
    let numbers = [seq(segment, relative), ack(segment, relative, language)];
    let numbers: Vec<_> = numbers.into_iter().flatten().collect();
    let numbers = numbers.join(", ");
    let parts: [Part<'_>; 3] = [("side", &side), ("flags", &flags), ("numbers", &numbers)];
    let english = if numbers.is_empty() {
        "the {side} sends {flags}"
    } else {
        "the {side} sends {flags}: {numbers}"
    };
    let mut said = language.say_with(english, &parts);
    match step.arrow.fate {
        Fate::Lost => said.push_str(language.say("; it does not arrive")),
        Fate::Unknown => said.push_str(language.say("; nothing shows whether it arrives")),
        Fate::Whole | Fate::Crossed | Fate::Copy => {}
    }
    for (side, state) in [Side::Client, Side::Server].into_iter().zip(step.moves) {
        let Some(state) = state else { continue };
        let (side, state) = (language.say(side.name()), state.name());
        let parts: [Part<'_>; 2] = [("side", &side), ("state", &state)];
        said.push_str(&language.say_with("; the {side} is now {state}", &parts));
    }
    said
}

/// `seq = J = 3`, of a segment that begins or ends one direction.
fn seq(segment: &SegmentRecord, relative: Relative) -> Option<String> {
    let (base, distance) = relative.seq?;
    let named = segment.flags.intersects(Flags::SYN | Flags::FIN) && distance == 0;
    named.then(|| format!("seq = {} = {}", base.name(), segment.seq))
}

/// `ack = J + 1 = 4`.
fn ack(segment: &SegmentRecord, relative: Relative, language: Language) -> Option<String> {
    let (base, distance) = relative.ack?;
    let sum = |base: IsnBase| match distance {
        // The FIN that is acknowledged up to here has not come.
        0 => base.name().to_owned(),
        ..0 => format!("{} - {}", base.name(), distance.unsigned_abs()),
        _ => format!("{} + {distance}", base.name()),
    };
    let wrong = segment.ack_check.filter(|check| !check.ok());
    let found = format!("ack = {} = {}", sum(base), segment.ack?);
    let Some(check) = wrong else { return Some(found) };
    let expected = view::expected_ack(segment, check, language);
    let parts: [Part<'_>; 2] = [("found", &found), ("expected", &expected)];
    Some(language.say_with("{found} and not {expected}", &parts))
}
