//! Which segments got no answer.

use handshake::{Handshake, Kind, Outcome, SegmentRecord, Verdict};

use super::offset_ns;

/// Whether segment `index` asks for an answer (a SYN or a SYN-ACK) and got none: its sender sent it
/// again, or the attempt ended with it. A capture can't tell whether it was lost itself or its answer.
pub(crate) fn is_unanswered(handshake: &Handshake, index: usize) -> bool {
    let Some(segment) = handshake.segments.get(index) else { return false };
    let asks = matches!(segment.kind, Kind::Syn | Kind::SynAck);
    if !asks || segment.verdict == Verdict::DuplicateCapture || is_the_answered(handshake, segment)
    {
        return false;
    }
    let mut later = handshake.segments[index + 1..]
        .iter()
        .filter(|segment| segment.verdict != Verdict::DuplicateCapture);
    match later.next() {
        Some(next) => next.from == segment.from && next.kind == segment.kind,
        None => match handshake.outcome {
            Outcome::Unanswered => segment.kind == Kind::Syn,
            Outcome::Unacknowledged => segment.kind == Kind::SynAck,
            _ => false,
        },
    }
}

/// Whether this is the SYN that is known to have been answered, though it was sent again before the
/// answer came.
fn is_the_answered(handshake: &Handshake, segment: &SegmentRecord) -> bool {
    let wait = handshake.timing.retry_wait_ns;
    segment.kind == Kind::Syn && wait.is_some() && wait == offset_ns(handshake, segment)
}
