//! Which segments got no answer.

use handshake::{Handshake, Kind, Outcome, SegmentRecord, Sender, Verdict};

/// Whether segment `index` asks for an answer (a SYN or a SYN-ACK) and got none: its sender sent it
/// again first, or the attempt ended with it. A capture can't tell whether it was lost itself or its
/// answer.
pub(crate) fn is_unanswered(handshake: &Handshake, index: usize) -> bool {
    let Some(segment) = handshake.segments.get(index) else { return false };
    let asks = matches!(segment.kind, Kind::Syn | Kind::SynAck);
    let known = handshake.steps.answered.known();
    if !asks
        || segment.verdict == Verdict::DuplicateCapture
        || known.map(usize::from) == Some(index)
    {
        return false;
    }
    for later in &handshake.segments[index + 1..] {
        if later.verdict == Verdict::DuplicateCapture {
            continue;
        }
        if answers(later, segment) {
            return false;
        }
        if later.from == segment.from && later.kind == segment.kind {
            return true;
        }
    }
    match handshake.outcome {
        Outcome::Unanswered => segment.kind == Kind::Syn,
        Outcome::Unacknowledged => segment.kind == Kind::SynAck,
        _ => false,
    }
}

/// Whether `later` may be an answer to `segment`. A client that repeats its SYN does not answer the
/// SYN-ACK; a server's SYN does not answer the client's, the two cross.
fn answers(later: &SegmentRecord, segment: &SegmentRecord) -> bool {
    let is_syn = later.kind == Kind::Syn;
    later.from == Sender::Network || later.from != segment.from && !is_syn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn unanswered(handshake: &Handshake) -> Vec<usize> {
        let indices = 0..handshake.segments.len();
        indices.filter(|&index| is_unanswered(handshake, index)).collect()
    }

    #[test]
    fn what_is_sent_again_or_ends_the_attempt_was_not_answered() {
        assert_eq!(unanswered(&fixture::unanswered()), [0, 1, 2, 3]);
        assert_eq!(unanswered(&fixture::refused_after_stall()), [0, 1, 2]);
        assert_eq!(unanswered(&fixture::late()), [0]);
        assert_eq!(unanswered(&fixture::unacknowledged()), [1, 2, 3]);
    }

    #[test]
    fn answers_are_answers() {
        for handshake in [
            fixture::established(),
            fixture::refused(),
            fixture::unreachable(),
            fixture::client_only(),
            fixture::in_progress(),
            fixture::hostile_options(),
        ] {
            assert_eq!(unanswered(&handshake), [0; 0], "{handshake:#?}");
        }
    }

    #[test]
    fn a_repeated_syn_does_not_answer_the_syn_ack() {
        let mut lossy = fixture::unacknowledged();
        let mut syn = lossy.segments[0].clone();
        syn.verdict = Verdict::Retransmission;
        lossy.segments.insert(2, syn);
        assert_eq!(unanswered(&lossy), [1, 3, 4]);
    }

    #[test]
    fn the_first_syn_may_be_the_answered_one() {
        let mut slow = fixture::late();
        slow.timing.retry_wait_ns = Some(0);
        assert_eq!(unanswered(&slow), [0; 0]);
    }
}
