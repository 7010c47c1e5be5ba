//! What became of a segment on its way, as far as others show it.

use handshake::{Cause, Handshake, Kind, Outcome, SegmentRecord, Sender, Verdict};

/// What is known of a segment's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It was answered, or it asks for no answer and nothing speaks against its arrival.
    Arrived,
    /// Whom it went to answered the next one of its kind.
    Lost,
    /// It asks for an answer, and no segment shows whether it arrived.
    Unknown,
    /// The other side answered it with RST.
    Refused,
}

pub(crate) fn arrival(handshake: &Handshake, index: usize) -> Arrival {
    let Some(segment) = handshake.segments.get(index) else { return Arrival::Unknown };
    let counts = matches!(segment.verdict, Verdict::Advanced | Verdict::Retransmission);
    // What the client sends behind its ACK has a part in no handshake.
    let may_follow = segment.verdict == Verdict::Stray && segment.kind == Kind::Ack;
    if !counts && !may_follow {
        return Arrival::Arrived;
    }
    match (segment.kind, segment.from) {
        (Kind::Syn | Kind::SynAck, _) => of_question(handshake, index, segment),
        (Kind::Ack, Sender::Client) if handshake.outcome == Outcome::EstablishedClientOnly => {
            // What the server sends next tells: a RST answers it; else it may have been lost too.
            let is_next = |one: &SegmentRecord| {
                one.from == Sender::Server && one.verdict != Verdict::DuplicateCapture
            };
            let next = handshake.segments[index + 1..].iter().position(is_next);
            let next = next.map(|after| index + 1 + after);
            let reset = handshake.steps.decisive.map(usize::from);
            if next.is_some() && next == reset { Arrival::Refused } else { Arrival::Unknown }
        }
        _ => Arrival::Arrived,
    }
}

/// The arrival of a SYN or SYN-ACK.
fn of_question(handshake: &Handshake, index: usize, segment: &SegmentRecord) -> Arrival {
    let mut later = handshake.segments[index + 1..].iter();
    if later.clone().any(|other| echoes(handshake, other, segment)) {
        return Arrival::Arrived;
    }
    let chosen = chosen(handshake, segment);
    let (first, last) = chosen.bounds().map_or((0, 0), |(first, last)| (first.into(), last.into()));
    match chosen {
        Cause::Known(_) if index == first => return Arrival::Arrived,
        Cause::OneOf(..) if (first..=last).contains(&index) => return Arrival::Unknown,
        _ => {}
    }
    let own = |other: &SegmentRecord| other.is_sent(segment.from, segment.kind);
    let steps = &handshake.steps;
    // What acknowledges J and answers no SYN that was captured: in a split handshake it answers the
    // client's SYN-ACK.
    let of_another = |other: &SegmentRecord| {
        let answer = steps.syn_ack.and_then(|at| handshake.segments.get(usize::from(at)));
        steps.answered == Cause::Unknown && answer.is_some_and(|answer| std::ptr::eq(answer, other))
    };
    match later.find(|&other| own(other) || answers(other, segment)) {
        Some(next) if segment.from == Sender::Client && of_another(next) => Arrival::Unknown,
        Some(next) if !own(next) => Arrival::Arrived,
        Some(_) if index < first => Arrival::Lost,
        Some(_) => Arrival::Unknown,
        None => match handshake.outcome {
            Outcome::Unanswered | Outcome::Unacknowledged => Arrival::Unknown,
            _ => Arrival::Arrived,
        },
    }
}

/// Which of the segments like this one the other side answered.
fn chosen(handshake: &Handshake, segment: &SegmentRecord) -> Cause {
    match (segment.from, segment.kind) {
        (Sender::Client, Kind::Syn) => handshake.steps.answered,
        (Sender::Server, _) => handshake.steps.acknowledged,
        _ => Cause::Unknown,
    }
}

/// Whether `later` carries the time stamp of this very segment (RFC 7323).
fn echoes(handshake: &Handshake, later: &SegmentRecord, segment: &SegmentRecord) -> bool {
    let Some((tsval, _)) = segment.timestamps().filter(|&(tsval, _)| tsval != 0) else {
        return false;
    };
    let is_like = |other: &&SegmentRecord| {
        other.is_sent(segment.from, segment.kind)
            && other.timestamps().is_some_and(|(other, _)| other == tsval)
    };
    later.from != segment.from
        && later.timestamps().is_some_and(|(_, echoed)| echoed == tsval)
        && handshake.segments.iter().filter(is_like).count() == 1
}

/// Whether `later` may be an answer to `segment`. A client that repeats its SYN does not answer the
/// SYN-ACK; a server's SYN does not answer the client's, the two cross.
fn answers(later: &SegmentRecord, segment: &SegmentRecord) -> bool {
    let is_other = later.from == Sender::Network || later.from != segment.from;
    is_other && later.kind != Kind::Syn && later.verdict != Verdict::DuplicateCapture
}

#[cfg(test)]
mod tests;
