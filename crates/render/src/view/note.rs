//! The reason for the verdict on a segment, with the arithmetic.

use std::borrow::Cow;

use handshake::{AckCheck, Handshake, SegmentRecord, Sender, Verdict, Why};
use parser::{Checksum, Fragment, IcmpError};

use super::{IsnBase, Named, seq_relative};
use crate::text::{duration, push_hex};

/// What there is to say about segment `index` beyond its fields: `ack = J+1 ok`,
/// `ack is J-4999, expected J+1`. `None` where there is nothing.
pub(crate) fn note(handshake: &Handshake, index: usize, unicode: bool) -> Option<String> {
    let segment = handshake.segments.get(index)?;
    let mut note = String::new();
    if let Some(check) = segment.ack_check {
        note.reserve(64);
        acknowledged(&mut note, segment, check);
    }
    let error = segment.icmp.as_deref().map(|error| icmp(error).into());
    for part in error.into_iter().chain(remarks(handshake, &handshake.segments, index, unicode)) {
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
        note.push_str(&expected_ack(segment, check));
    }
}

/// What is unusual about one of these segments of an attempt, apart from its acknowledgment.
pub(crate) fn remarks(
    handshake: &Handshake,
    segments: &[SegmentRecord],
    index: usize,
    unicode: bool,
) -> impl Iterator<Item = Cow<'static, str>> {
    let segment = &segments[index];
    let verdict = verdict(handshake, segments, index, unicode).map(Cow::Owned);
    let checksum = checksum(segment.checksum).map(Cow::Owned);
    let fragment = (segment.fragment == Fragment::First)
        .then_some(Cow::Borrowed("first fragment, so len is a lower bound"));
    [verdict, checksum, fragment].into_iter().flatten()
}

fn checksum(checksum: Checksum) -> Option<String> {
    let Checksum::Bad { found, expected } = checksum else { return None };
    let mut text = String::with_capacity(40);
    text.push_str("checksum is 0x");
    push_hex(&mut text, &found.to_be_bytes());
    text.push_str(", expected 0x");
    push_hex(&mut text, &expected.to_be_bytes());
    Some(text)
}

/// What a segment should have acknowledged: `J+1`, with data in the SYN `J+1 to J+6`.
pub(crate) fn expected_ack(segment: &SegmentRecord, check: AckCheck) -> String {
    let first = Named((base(segment), 1));
    match check.data.cast_signed() {
        0 => first.to_string(),
        data => format!("{first} to {}", Named((base(segment), data.saturating_add(1)))),
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
    unicode: bool,
) -> Option<String> {
    let segment = &segments[index];
    let earlier = || earlier_copy(segments, index);
    match segment.verdict {
        Verdict::Advanced => None,
        Verdict::Retransmission => earlier().map(|earlier| match gap(earlier, segment) {
            Some(ns) => {
                format!("sent again {} after frame {}", duration(ns, unicode), earlier.frame)
            }
            None => format!("sent again after frame {}", earlier.frame),
        }),
        Verdict::DuplicateCapture => Some(match earlier() {
            Some(earlier) => {
                format!("frame {} captured again, or duplicated on the path", earlier.frame)
            }
            None => "captured again, or duplicated on the path".to_owned(),
        }),
        Verdict::Unacceptable(why) => unacceptable(handshake, segment, why),
        Verdict::ChallengeAck => {
            Some("challenge ACK: its sender still has an open connection".to_owned())
        }
        Verdict::Stray => Some("not a part of this handshake".to_owned()),
    }
}

fn unacceptable(handshake: &Handshake, segment: &SegmentRecord, why: Why) -> Option<String> {
    match why {
        // The check says it already.
        Why::WrongAck => None,
        Why::Disproved => Some("the connection continued after this RST".to_owned()),
        Why::ResetWithoutAck => Some("RST without ACK is ignored in SYN-SENT".to_owned()),
        Why::WrongSeq { expected } => {
            let Some((base, found)) = seq_relative(handshake, segment) else {
                return Some(format!("seq is {}, expected {expected}", segment.seq));
            };
            // The distance between the two is exact on the circle, so the sum wraps with it.
            let distance = found.wrapping_add(expected.distance_from(segment.seq));
            Some(format!("seq is {}, expected {}", Named((base, found)), Named((base, distance))))
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
    segments[..index].iter().rev().find(|earlier| {
        earlier.from == segment.from && earlier.kind == segment.kind && earlier.seq == segment.seq
    })
}

/// Nanoseconds between two segments, where both have a time and the clock did not go back.
fn gap(earlier: &SegmentRecord, later: &SegmentRecord) -> Option<i64> {
    let ns = later.timestamp?.nanos_since(earlier.timestamp?);
    (ns >= 0).then_some(ns)
}

#[cfg(test)]
mod tests;
