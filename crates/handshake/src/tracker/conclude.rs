//! From what was seen of an attempt to its record.

use parser::Layer;

use super::attempt::Attempt;
use super::negotiate::negotiated;
use super::report::End;
use super::spans::LINGER_NS;
use super::state::{AttemptState, Phase};
use super::{clock, endpoint_states};
use crate::record::{Context, EndedBy, Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord};
use crate::steps::Steps;

/// How and when an attempt was closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    pub(super) by: EndedBy,
    pub(super) end: End,
    /// How long no segment of it came, as far as the capture goes.
    pub(super) silence_ns: i64,
}

/// What an attempt has come to.
pub(super) fn outcome(attempt: &Attempt, closing: &Closing) -> Outcome {
    let state = &attempt.state;
    if state.phase == Phase::Established {
        return if dropped_by_server(state, closing) {
            Outcome::EstablishedClientOnly
        } else {
            Outcome::Established
        };
    }
    if let Some(reset) = state.reset {
        return if reset.refused { Outcome::Refused } else { Outcome::Reset };
    }
    let unreachable = attempt.rare(|rare| rare.icmp).is_some() && state.phase == Phase::SynSent;
    match state.phase {
        // Two SYNs that crossed: both ends are in SYN-RECEIVED (RFC 9293, figure 7).
        _ if unreachable && !state.server_syn => Outcome::Unreachable,
        _ if closing.end == End::Interrupted => Outcome::InProgress,
        Phase::SynSent if !state.server_syn => Outcome::Unanswered,
        _ => Outcome::Unacknowledged,
    }
}

impl Attempt {
    /// What its segments have decided of the attempt, whatever may come; `None` while it waits.
    pub(super) fn decision(&self) -> Option<Outcome> {
        let closing = Closing { by: EndedBy::Segment, end: End::Interrupted, silence_ns: i64::MAX };
        Some(outcome(self, &closing)).filter(|&outcome| outcome != Outcome::InProgress)
    }
}

/// Whether the server let the client's acknowledgment fall. One SYN-ACK sent again, acknowledged
/// again and followed by silence is the other case: the first acknowledgment was lost on its way, or
/// the server deferred its accept.
fn dropped_by_server(state: &AttemptState, closing: &Closing) -> bool {
    let gave_in =
        state.repeats_after_ack == 1 && state.acked_again && closing.silence_ns >= LINGER_NS;
    state.aborted || (state.repeats_after_ack > 0 && state.confirmed_by.is_none() && !gave_in)
}

/// Builds the record. `segments` and `encapsulations` are the attempt's, taken out of it.
pub(super) fn conclude(
    attempt: &Attempt,
    (mut segments, encapsulations): (Vec<SegmentRecord>, Vec<Vec<Layer>>),
    closing: &Closing,
    context: Context,
) -> Handshake {
    let state = &attempt.state;
    let outcome = outcome(attempt, closing);
    let steps = Steps { decisive: decisive(attempt, outcome), ..state.steps };
    endpoint_states::mark(&mut segments, state, &steps, outcome);
    let closed_by = state.ending().map(|reset| reset.by);
    let (client_state, server_state) = endpoint_states::last(&segments, outcome, closed_by);
    let place = |at: Option<u8>| at.and_then(|at| segments.get(usize::from(at)));
    let answer = place(steps.syn_ack).filter(|answer| answer.kind == Kind::SynAck);
    Handshake {
        id: attempt.id,
        previous: attempt.rare(|rare| rare.previous),
        origin: attempt.origin,
        encapsulations,
        client: attempt.client,
        server: attempt.server,
        answered_by: attempt.rare(|rare| rare.answered_by),
        outcome,
        ended_by: closing.by,
        reset_by: match state.reset {
            Some(reset) if outcome == Outcome::Reset => Some(reset.by),
            _ => None,
        },
        syn_captured: state.syn_captured,
        syn_ack_captured: steps.syn_ack.is_some(),
        ack_captured: steps.ack.is_some(),
        client_isn: state.client_isn,
        server_isn: state.server_isn,
        client_state,
        server_state,
        timing: clock::timing(attempt, &segments, &steps, outcome),
        syn_retransmissions: state.syn_retransmissions,
        syn_ack_retransmissions: state.syn_ack_retransmissions,
        negotiated: negotiated(place(steps.syn), answer),
        icmp: attempt.rare(|rare| rare.icmp),
        context,
        confirmed_by: state.confirmed_by,
        segments_omitted: attempt.segments_omitted,
        close: None,
        steps,
        segments,
    }
}

/// The segment that decided a failure.
fn decisive(attempt: &Attempt, outcome: Outcome) -> Option<u8> {
    match outcome {
        Outcome::Refused | Outcome::Reset => attempt.state.reset?.index,
        Outcome::Unreachable => attempt.icmp_index,
        Outcome::EstablishedClientOnly if attempt.state.aborted => attempt.state.reset?.index,
        _ => None,
    }
}
