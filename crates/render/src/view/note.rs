//! The reason for the verdict on a segment, with the arithmetic.

use std::borrow::Cow;
use std::fmt::Display;

use handshake::{AckCheck, Handshake, SegmentRecord, Sender, Verdict, Why};
use parser::{Checksum, Flags, Fragment, IcmpError};

use super::{IsnBase, Named, seq_relative};
use crate::language::{Language, Part};
use crate::style::Style;
use crate::text::{Hex, duration};

/// How notes for programs are written.
const NOTED: Style = Style { unicode: true, ..Style::PLAIN };

/// What there is to say about segment `index` beyond its fields, for programs: `ack = J+1 ok`,
/// `ack is J-4999, expected J+1`. `None` where there is nothing.
pub fn note(handshake: &Handshake, index: usize) -> Option<String> {
    let segment = handshake.segments.get(index)?;
    let mut note = String::new();
    if let Some(check) = segment.ack_check {
        note.reserve(64);
        acknowledged(&mut note, segment, check);
    }
    let error = segment.icmp.as_deref().map(|error| icmp(error).into());
    for part in error.into_iter().chain(remarks(handshake, &handshake.segments, index, NOTED)) {
        if note.is_empty() {
            note = part.into_owned();
        } else {
            note.push_str("; ");
            note.push_str(&part);
        }
    }
    (!note.is_empty()).then_some(note)
}

/// Adds how an acknowledgment compares with what was expected.
fn acknowledged(note: &mut String, segment: &SegmentRecord, check: AckCheck) {
    let found = Named((base(segment), check.found.distance_from(check.isn)));
    note.push_str(if check.ok() { "ack = " } else { "ack is " });
    // Writing to a String can't fail.
    let _ = found.write_to(note);
    if check.ok() {
        note.push_str(" ok");
    } else {
        note.push_str(", expected ");
        note.push_str(&expected_ack(segment, check, NOTED.language));
    }
}

/// What is unusual about one of these segments of an attempt, apart from its acknowledgment.
pub(crate) fn remarks(
    handshake: &Handshake,
    segments: &[SegmentRecord],
    index: usize,
    style: Style,
) -> impl Iterator<Item = Cow<'static, str>> {
    let segment = &segments[index];
    let verdict = verdict(handshake, segments, index, style);
    let checksum = checksum(segment.checksum, style.language).map(Cow::Owned);
    let fragment = (segment.fragment == Fragment::First)
        .then(|| style.language.say("first fragment, so len is a lower bound").into());
    [verdict, checksum, fragment].into_iter().flatten()
}

fn checksum(checksum: Checksum, language: Language) -> Option<String> {
    let Checksum::Bad { found, expected } = checksum else { return None };
    let parts: [Part<'_>; 2] = [("found", &Hex(found)), ("expected", &Hex(expected))];
    Some(language.say_with("checksum is {found}, expected {expected}", &parts))
}

/// What a segment should have acknowledged: `J+1`, with data in the SYN `J+1 to J+6`.
pub(crate) fn expected_ack(segment: &SegmentRecord, check: AckCheck, language: Language) -> String {
    let first = Named((base(segment), 1));
    match check.data.cast_signed() {
        0 => first.to_string(),
        data => {
            let last = Named((base(segment), data.saturating_add(1)));
            language.say_with("{first} to {last}", &[("first", &first), ("last", &last)])
        }
    }
}

/// What a segment acknowledges: a server J, a client K.
fn base(segment: &SegmentRecord) -> IsnBase {
    if segment.from == Sender::Client { IsnBase::K } else { IsnBase::J }
}

fn verdict(
    handshake: &Handshake,
    segments: &[SegmentRecord],
    index: usize,
    style: Style,
) -> Option<Cow<'static, str>> {
    let language = style.language;
    let segment = &segments[index];
    let earlier = || earlier_copy(segments, index);
    let text = match segment.verdict {
        Verdict::Advanced => return None,
        Verdict::Retransmission => return Some(again(earlier()?, segment, style).into()),
        Verdict::DuplicateCapture => match earlier().map(|earlier| earlier.frame) {
            Some(frame) => {
                let text = "frame {frame} captured again, or duplicated on the path";
                return Some(language.say_with(text, &[("frame", &frame)]).into());
            }
            None => "captured again, or duplicated on the path",
        },
        Verdict::Unacceptable(why) => return unacceptable(handshake, segment, why, language),
        Verdict::ChallengeAck => "challenge ACK: its sender still has an open connection",
        Verdict::Stray => "not a part of this handshake",
    };
    Some(language.say(text).into())
}

fn again(earlier: &SegmentRecord, segment: &SegmentRecord, style: Style) -> String {
    let frame = earlier.frame;
    let Some(ns) = gap(earlier, segment) else {
        return style.language.say_with("sent again after frame {frame}", &[("frame", &frame)]);
    };
    let parts: [Part<'_>; 2] = [("time", &duration(ns, style.unicode)), ("frame", &frame)];
    style.language.say_with("sent again {time} after frame {frame}", &parts)
}

fn unacceptable(
    handshake: &Handshake,
    segment: &SegmentRecord,
    why: Why,
    language: Language,
) -> Option<Cow<'static, str>> {
    match why {
        // The check says it already.
        Why::WrongAck => None,
        Why::Disproved => Some(language.say("the connection continued after this RST").into()),
        Why::ResetWithoutAck => Some(language.say("RST without ACK is ignored in SYN-SENT").into()),
        Why::NoAck => Some(language.say("FIN without ACK is ignored").into()),
        Why::WrongSeq { expected } => {
            let wrong = |found: &dyn Display, expected: &dyn Display| {
                let parts: [Part<'_>; 2] = [("found", found), ("expected", expected)];
                language.say_with("seq is {found}, expected {expected}", &parts)
            };
            let Some((base, found)) = seq_relative(handshake, segment) else {
                return Some(wrong(&segment.seq, &expected).into());
            };
            // The distance between the two is exact on the circle, so the sum wraps with it.
            let distance = found.wrapping_add(expected.distance_from(segment.seq));
            Some(wrong(&Named((base, found)), &Named((base, distance))).into())
        }
    }
}

/// What an error says and who says it.
pub(crate) fn icmp(error: &IcmpError) -> String {
    let name = error.family.meaning(error.kind, error.code);
    let mtu = error.mtu.map(|mtu| format!(", MTU {mtu}")).unwrap_or_default();
    format!("{name}, reported by {}{mtu}", error.sender)
}

/// The latest segment before this one that says the same.
pub(crate) fn earlier_copy(segments: &[SegmentRecord], index: usize) -> Option<&SegmentRecord> {
    let segment = &segments[index];
    // A FIN that is sent again may have data with it, which was sent before.
    let number = |one: &SegmentRecord| {
        let has_fin = one.flags.contains(Flags::FIN);
        (has_fin, if has_fin { one.seq.plus(one.len) } else { one.seq })
    };
    segments[..index].iter().rev().find(|earlier| {
        (earlier.from, earlier.kind) == (segment.from, segment.kind)
            && number(earlier) == number(segment)
    })
}

/// Nanoseconds between two segments, where both have a time and the clock did not go back.
fn gap(earlier: &SegmentRecord, later: &SegmentRecord) -> Option<i64> {
    let ns = later.timestamp?.nanos_since(earlier.timestamp?);
    (ns >= 0).then_some(ns)
}

#[cfg(test)]
mod tests;
