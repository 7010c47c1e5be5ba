//! Several attempts may be alive on one 4-tuple. Which of them a segment belongs to.

use parser::SeqNumber;

use super::seen::{Seen, beyond};
use super::state::{AttemptState, Phase, WINDOW};
use crate::segment::Kind;
use crate::side::Side;

/// How well a segment fits an attempt, the weakest claim first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// Not at all: it may begin an attempt of its own.
    None,
    /// It is on the same 4-tuple.
    Loose,
    /// Its numbers lie in the windows of the connection.
    InWindow,
    /// Its numbers are those that the attempt expects or has seen: they alone prove it.
    Proved,
    /// It is the first answer to a SYN that waits, and that explains it better than an older
    /// connection does.
    Answer,
}

/// How well a segment that `from` sent fits an attempt.
pub(super) fn claim(state: &AttemptState, from: Side, seen: &Seen) -> Claim {
    match (seen.kind, from) {
        (Kind::Syn, Side::Client) if seen.seq == state.client_isn => Claim::Proved,
        (Kind::Syn, Side::Client) => Claim::None,
        (Kind::Syn, Side::Server) => server_syn(state, seen.seq),
        (Kind::SynAck, Side::Client) if state.server_syn => Claim::Proved,
        (Kind::SynAck, Side::Client) => Claim::Loose,
        (Kind::SynAck, Side::Server) => server_syn_ack(state, seen),
        (Kind::Ack, Side::Client) => client_ack(state, seen),
        (Kind::Ack, Side::Server) => server_ack(state, seen),
        (Kind::Rst, Side::Client) => client_rst(state, seen.seq),
        (Kind::Rst, Side::Server) => server_rst(state, seen),
        (Kind::Icmp | Kind::Other, _) => Claim::Loose,
    }
}

fn server_syn(state: &AttemptState, seq: SeqNumber) -> Claim {
    match state.server_isn {
        Some(isn) if isn == seq => Claim::Proved,
        None if state.phase == Phase::SynSent && state.ending().is_none() => Claim::Loose,
        _ => Claim::None,
    }
}

fn server_syn_ack(state: &AttemptState, seen: &Seen) -> Claim {
    if beyond(seen.ack, state.after_j()) <= state.syn_data {
        Claim::Proved
    } else if state.syn_captured && state.phase == Phase::SynSent && state.ending().is_none() {
        // The answer to another SYN than this one: an old duplicate.
        Claim::Loose
    } else {
        Claim::None
    }
}

fn client_ack(state: &AttemptState, seen: &Seen) -> Claim {
    let next = state.is_next_of_client(seen.seq);
    let seq_fits = beyond(seen.seq, state.after_j()) < WINDOW;
    match state.server_isn.or(state.reset.and_then(|reset| reset.late_isn)) {
        Some(isn) => {
            let ahead = beyond(seen.ack, isn.plus(1));
            match (ahead <= state.server_sent, ahead < WINDOW) {
                (true, _) if next => Claim::Proved,
                (_, true) if seq_fits => Claim::InWindow,
                _ => Claim::Loose,
            }
        }
        None if next && state.syn_captured => Claim::InWindow,
        // Connected though K was not captured: it goes on from what it has sent.
        None if state.phase == Phase::Established
            && beyond(seen.seq, state.after_j()) <= state.client_sent =>
        {
            Claim::InWindow
        }
        None => Claim::Loose,
    }
}

fn server_ack(state: &AttemptState, seen: &Seen) -> Claim {
    let ahead = beyond(seen.ack, state.after_j());
    let sent = state.client_sent.max(state.syn_data);
    if let Some(isn) = state.server_isn {
        return match beyond(seen.seq, isn.plus(1)) < WINDOW && ahead < WINDOW {
            true if ahead <= sent => Claim::Proved,
            true => Claim::InWindow,
            false => Claim::Loose,
        };
    }
    if ahead <= sent {
        Claim::InWindow
    } else if state.awaits_answer() && !seen.sends() {
        Claim::Answer
    } else {
        Claim::Loose
    }
}

fn client_rst(state: &AttemptState, seq: SeqNumber) -> Claim {
    let ahead = beyond(seq, state.client_isn);
    if state.wrong_answer == Some(seq) && state.phase == Phase::SynSent {
        Claim::Answer
    } else if ahead <= 1 || state.is_next_of_client(seq) {
        Claim::Proved
    } else if state.phase == Phase::Established && ahead < WINDOW {
        Claim::InWindow
    } else {
        Claim::Loose
    }
}

fn server_rst(state: &AttemptState, seen: &Seen) -> Claim {
    let ahead = beyond(seen.ack, state.after_j());
    let acknowledges = seen.has_ack && ahead <= state.client_sent.max(state.syn_data);
    let continues = state.server_isn.is_some_and(|isn| {
        let ahead = beyond(seen.seq, isn);
        ahead <= 1 || ahead == state.server_sent.saturating_add(1)
    });
    if acknowledges || continues { Claim::Proved } else { Claim::Loose }
}
