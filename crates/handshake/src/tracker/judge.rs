//! What a segment does to an open attempt: the state machine's one table.
//!
//! [`judge`] is a pure function of what was seen so far and the segment. Every combination of kind
//! and sender has its own arm; `docs/handshake.md` explains them.

use parser::SeqNumber;

use super::judgement::{Effect, Judgement};
use super::seen::{Seen, beyond};
use super::spans::LINGER_NS;
use super::state::{AttemptState, FIRST_WINDOW, Phase, Reset, WINDOW};
use crate::segment::{AckCheck, Kind, Verdict, Why};
use crate::side::Side;

/// Judges a segment that `from` sent.
pub(super) fn judge(state: &AttemptState, from: Side, seen: &Seen) -> Judgement {
    match (seen.kind, from) {
        (Kind::Syn, Side::Client) => client_syn(state, seen),
        (Kind::Syn, Side::Server) => server_syn(state, seen),
        (Kind::SynAck, Side::Client) => client_syn_ack(state, seen),
        (Kind::SynAck, Side::Server) => server_syn_ack(state, seen),
        (Kind::Ack, Side::Client) => client_ack(state, seen),
        (Kind::Ack, Side::Server) => server_ack(state, seen),
        (Kind::Rst, Side::Client) => client_rst(state, seen),
        (Kind::Rst, Side::Server) => server_rst(state, seen),
        (Kind::Icmp | Kind::Other, _) => Judgement::stray(),
    }
}

/// How an acknowledgment of the server compares with J.
fn check_j(state: &AttemptState, found: SeqNumber) -> AckCheck {
    AckCheck { isn: state.client_isn, data: state.syn_data, found }
}

fn client_syn(state: &AttemptState, seen: &Seen) -> Judgement {
    if seen.seq != state.client_isn {
        Judgement::stray()
    } else if state.syn_captured {
        Judgement::new(Verdict::Retransmission, Effect::SynAgain)
    } else {
        Judgement::advanced(Effect::Opened)
    }
}

fn server_syn(state: &AttemptState, seen: &Seen) -> Judgement {
    match state.server_isn {
        None if state.phase == Phase::SynSent && state.ending().is_none() => {
            Judgement::advanced(Effect::ServerSyn)
        }
        Some(isn) if isn == seen.seq => Judgement::new(Verdict::Retransmission, Effect::None),
        _ => Judgement::stray(),
    }
}

/// Only in a simultaneous or a split open does the client send a SYN-ACK (RFC 9293, figure 7).
fn client_syn_ack(state: &AttemptState, seen: &Seen) -> Judgement {
    let Some(isn) = state.server_isn.filter(|_| state.server_syn) else {
        return Judgement::stray();
    };
    let check = AckCheck { isn, data: 0, found: seen.ack };
    let judgement = if !check.ok() {
        Judgement::wrong_ack(Effect::None)
    } else if state.k_acked {
        Judgement::new(Verdict::Retransmission, Effect::None)
    } else {
        Judgement::advanced(Effect::KAcked { isn: Some(isn), captured: true })
    };
    judgement.checked(check)
}

fn server_syn_ack(state: &AttemptState, seen: &Seen) -> Judgement {
    let check = check_j(state, seen.ack);
    let judgement = if !check.ok() {
        match state.phase {
            Phase::SynSent if state.ending().is_none() => Judgement::wrong_ack(Effect::WrongAnswer),
            _ => Judgement::wrong_ack(Effect::None),
        }
    } else if state.ending().is_some() && state.server_isn.is_none() {
        Judgement::new(Verdict::Stray, Effect::AfterReset)
    } else if let Some(expected) = state.chosen_isn.filter(|&isn| isn != seen.seq) {
        Judgement::wrong_seq(expected, Effect::None)
    } else {
        fitting_syn_ack(state, seen)
    };
    judgement.checked(check)
}

/// A SYN-ACK that acknowledges J.
fn fitting_syn_ack(state: &AttemptState, seen: &Seen) -> Judgement {
    match (state.phase, state.server_isn) {
        (Phase::SynSent, None) => Judgement::advanced(Effect::SynAck),
        // The other half of a simultaneous open, or a SYN that was repeated after a RST.
        (Phase::SynSent, Some(isn))
            if state.reset.is_some() || (isn == seen.seq && !state.j_acked) =>
        {
            Judgement::advanced(Effect::SynAck)
        }
        (_, Some(isn)) if isn == seen.seq => {
            Judgement::new(Verdict::Retransmission, Effect::SynAckAgain)
        }
        // Established though no SYN-ACK was captured: this is a repeat of that one.
        (_, None) => Judgement::new(Verdict::Retransmission, Effect::SynAckAgain),
        (_, Some(expected)) => Judgement::wrong_seq(expected, Effect::OtherIsn),
    }
}

fn client_ack(state: &AttemptState, seen: &Seen) -> Judgement {
    if let Some(reset) = state.ending() {
        return client_ack_after_reset(state, reset, seen);
    }
    match (state.phase, state.server_isn) {
        (Phase::Established, Some(isn)) if state.repeats_after_ack > 0 => {
            acked_again(state, isn, seen)
        }
        (Phase::Established, _) => Judgement::stray(),
        (_, Some(isn)) => client_ack_of(state, isn, seen),
        // Nothing leaves SYN-SENT like that without the peer's SYN (RFC 9293, 3.10.7.3): the SYN-ACK
        // was not captured.
        (_, None) if state.syn_captured && seen.ack.0 != 0 && state.is_next_of_client(seen.seq) => {
            let bare = !seen.sends();
            let isn = bare.then_some(seen.ack.minus(1));
            Judgement::advanced(Effect::KAcked { isn, captured: bare })
        }
        (_, None) => Judgement::stray(),
    }
}

/// The client's segment after a SYN-ACK (or a SYN of the server) with K = `known`.
fn client_ack_of(state: &AttemptState, known: SeqNumber, seen: &Seen) -> Judgement {
    if state.k_acked {
        return Judgement::stray();
    }
    let other = state.other_isn.filter(|isn| seen.ack == isn.plus(1));
    let isn = other.unwrap_or(known);
    let check = AckCheck { isn, data: state.server_sent, found: seen.ack };
    let ahead = beyond(seen.seq, state.after_j());
    let in_window =
        ahead < u32::from(state.window).max(1) || ahead <= state.client_sent || state.server_syn;
    let judgement = if !check.ok() {
        Judgement::wrong_ack(Effect::Doubt)
    } else if ahead >= WINDOW || !in_window {
        Judgement::wrong_seq(state.after_j(), Effect::Doubt)
    } else {
        let timely = seen.nanos_since(state.syn_ack_at).is_none_or(|ns| ns <= LINGER_NS);
        let captured = state.is_next_of_client(seen.seq) && (timely || state.server_syn);
        Judgement::advanced(Effect::KAcked { isn: Some(isn), captured })
    };
    judgement.checked(check)
}

/// The client acknowledges K once more, after the server repeated its SYN-ACK.
fn acked_again(state: &AttemptState, isn: SeqNumber, seen: &Seen) -> Judgement {
    let ahead = beyond(seen.ack, isn.plus(1));
    let data = if ahead < WINDOW { ahead } else { 0 };
    let check = AckCheck { isn, data, found: seen.ack };
    let judgement = if !check.ok() {
        Judgement::wrong_ack(Effect::None)
    } else if beyond(seen.seq, state.after_j()) >= WINDOW {
        Judgement::wrong_seq(state.after_j(), Effect::None)
    } else if seen.len > 0 {
        Judgement::new(Verdict::Stray, Effect::AckedAgain)
    } else {
        Judgement::new(Verdict::Retransmission, Effect::AckedAgain)
    };
    judgement.checked(check)
}

/// Whether the client goes on as if there had been no RST.
fn client_ack_after_reset(state: &AttemptState, reset: Reset, seen: &Seen) -> Judgement {
    let isn = reset.late_isn.or(state.server_isn);
    let fits = match isn {
        Some(isn) => beyond(seen.ack, isn.plus(1)) <= state.server_sent,
        None => seen.ack.0 != 0,
    };
    let next = match state.phase {
        Phase::Established => beyond(seen.seq, state.after_j()) < WINDOW,
        _ => state.is_next_of_client(seen.seq),
    };
    let lives = reset.by == Side::Server && reset.confirmed_since && is_soon(reset, seen);
    let effect = match fits && next {
        true if lives => Effect::Disproved,
        true => Effect::AfterReset,
        false => Effect::None,
    };
    Judgement::new(Verdict::Stray, effect)
}

fn server_ack(state: &AttemptState, seen: &Seen) -> Judgement {
    if let Some(reset) = state.ending() {
        return server_ack_after_reset(state, reset, seen);
    }
    let ahead = beyond(seen.ack, state.after_j());
    match state.phase {
        Phase::Established if ahead < WINDOW => Judgement::new(Verdict::Stray, Effect::Confirmed),
        Phase::Established => Judgement::wrong_ack(Effect::None).checked(check_j(state, seen.ack)),
        // It acknowledges more than the SYN and its data: it left SYN-RECEIVED (RFC 9293, 3.10.7.4).
        Phase::SynReceived
            if ahead > state.syn_data && ahead < WINDOW && follows_k(state, seen) =>
        {
            Judgement::advanced(Effect::Proved)
        }
        Phase::SynReceived if seen.sends() && ahead <= state.syn_data => {
            let effect = match state.doubtful {
                Some(_) => Effect::Proved,
                None => Effect::ServerSends,
            };
            Judgement::new(Verdict::Stray, effect)
        }
        Phase::SynReceived => Judgement::stray(),
        Phase::SynSent => server_ack_in_syn_sent(state, ahead, seen),
    }
}

/// Whether a segment of the server may come after its SYN-ACK: one of another connection on the
/// 4-tuple may acknowledge what lies in the window of this one.
fn follows_k(state: &AttemptState, seen: &Seen) -> bool {
    state.server_isn.is_none_or(|isn| beyond(seen.seq, isn) < WINDOW)
}

/// No SYN-ACK was captured: the server's segment is a later one of the same connection, or it
/// belongs to an older connection.
fn server_ack_in_syn_sent(state: &AttemptState, ahead: u32, seen: &Seen) -> Judgement {
    let check = check_j(state, seen.ack);
    let sent = state.syn_data.max(state.client_sent);
    let judgement = if !state.syn_captured {
        Judgement::stray()
    } else if check.ok() && state.server_syn {
        Judgement::advanced(Effect::JAcked)
    } else if ahead <= sent && (ahead > 0 || seen.sends()) {
        // Further ahead lies what any other connection on the 4-tuple may have sent.
        if ahead.saturating_sub(state.syn_data) <= FIRST_WINDOW {
            Judgement::advanced(Effect::Proved)
        } else {
            Judgement::stray()
        }
    } else if ahead == 0 || seen.sends() {
        // Data or a FIN of an older connection is no answer to the SYN.
        Judgement::stray()
    } else {
        Judgement::new(Verdict::ChallengeAck, Effect::WrongAnswer)
    };
    judgement.checked(check)
}

fn is_soon(reset: Reset, seen: &Seen) -> bool {
    seen.nanos_since(reset.at).is_none_or(|ns| ns <= LINGER_NS)
}

/// A RST is believed until both sides go on, soon after it: the client acknowledges K, and the server
/// acknowledges more or sends data. A server that goes on alone shows only that it had taken the
/// acknowledgment: a client that believed the RST answers it with one of its own.
fn server_ack_after_reset(state: &AttemptState, reset: Reset, seen: &Seen) -> Judgement {
    let ahead = beyond(seen.ack, state.after_j());
    let lives = ahead < WINDOW && (seen.sends() || ahead > state.syn_data);
    let soon = is_soon(reset, seen);
    // A server that takes the client's data had left SYN-RECEIVED, whoever sent a RST in its name.
    let took = reset.by == Side::Server && state.phase == Phase::SynReceived;
    if lives && soon && (reset.acked_since || took && ahead > state.syn_data) {
        Judgement::new(Verdict::Stray, Effect::Disproved)
    } else if lives && state.phase == Phase::Established && (soon || reset.by == Side::Client) {
        Judgement::new(Verdict::Stray, Effect::Confirmed)
    } else {
        Judgement::stray()
    }
}

fn client_rst(state: &AttemptState, seen: &Seen) -> Judgement {
    let ahead = beyond(seen.seq, state.client_isn);
    if state.ending().is_some() {
        return Judgement::stray();
    }
    match state.phase {
        Phase::Established => Judgement::new(Verdict::Stray, Effect::ClientClosed),
        // RFC 9293, 3.10.7.3: <SEQ=SEG.ACK><CTL=RST> answers an unacceptable acknowledgment; the
        // attempt goes on.
        _ if state.wrong_answer == Some(seen.seq) => Judgement::advanced(Effect::Rejected),
        Phase::SynReceived if comes_too_late(state, seen) && ahead <= FIRST_WINDOW => {
            Judgement::advanced(Effect::KAcked { isn: None, captured: false })
        }
        _ if ahead <= 1 || ahead - 1 == state.syn_data || ahead - 1 == state.client_sent => {
            Judgement::advanced(Effect::Reset(Side::Client))
        }
        _ => Judgement::wrong_seq(state.after_j(), Effect::None),
    }
}

fn server_rst(state: &AttemptState, seen: &Seen) -> Judgement {
    if let Some(reset) = state.ending() {
        return server_rst_after_reset(state, reset, seen);
    }
    match (state.phase, state.server_isn) {
        (Phase::SynSent, None) => refusal(state, seen),
        (_, Some(isn)) => reset_by_server(state, isn, seen),
        (Phase::Established, None) => Judgement::new(Verdict::Stray, Effect::ServerClosed),
        (Phase::SynReceived, None) => Judgement::stray(),
    }
}

/// Nobody answers a RST. So one of the server, after that of a client that had sent nothing but its
/// acknowledgment, answers that one: the server did not take it.
fn server_rst_after_reset(state: &AttemptState, reset: Reset, seen: &Seen) -> Judgement {
    let isn = state.server_isn.filter(|_| reset.by == Side::Client && state.client_sent == 0);
    match isn {
        Some(isn) if state.phase == Phase::Established && is_abort(state, isn, seen) => {
            Judgement::advanced(Effect::Aborted)
        }
        _ => Judgement::stray(),
    }
}

/// Whether a server that has sent nothing and taken nothing answers the acknowledgment with a RST
/// (RFC 9293, 3.10.7.1): a listener without room in its accept queue.
fn is_abort(state: &AttemptState, isn: SeqNumber, seen: &Seen) -> bool {
    !seen.has_ack && seen.seq == isn.plus(1) && state.took_nothing()
}

/// Whether a segment comes so late after a SYN-ACK that was never repeated that the acknowledgment
/// was not captured: timers start at 1 s (RFC 6298). A client that repeats its SYN got no SYN-ACK.
fn comes_too_late(state: &AttemptState, seen: &Seen) -> bool {
    !state.server_syn
        && state.syn_ack_retransmissions == 0
        && state.syn_retransmissions == 0
        && seen.nanos_since(state.syn_ack_at).is_some_and(|ns| ns > LINGER_NS)
}

/// RFC 9293, 3.10.7.3: in SYN-SENT a RST counts if its acknowledgment is acceptable.
fn refusal(state: &AttemptState, seen: &Seen) -> Judgement {
    if !seen.has_ack {
        return Judgement::new(Verdict::Unacceptable(Why::ResetWithoutAck), Effect::None);
    }
    let check = check_j(state, seen.ack);
    let judgement = if check.ok() {
        Judgement::advanced(Effect::Refused)
    } else {
        Judgement::wrong_ack(Effect::None)
    };
    judgement.checked(check)
}

/// After the SYN-ACK a RST counts if its sequence number is exactly the next one; any other in the
/// window provokes a challenge ACK (RFC 9293, 3.10.7.4, after RFC 5961).
fn reset_by_server(state: &AttemptState, isn: SeqNumber, seen: &Seen) -> Judgement {
    let expected = isn.plus(1);
    let (ahead, taken) = (beyond(seen.seq, expected), beyond(seen.ack, state.after_j()));
    // It acknowledges data, or the server would have repeated its SYN-ACK: it left SYN-RECEIVED.
    let has_left =
        seen.has_ack && taken > state.syn_data && taken < WINDOW || comes_too_late(state, seen);
    // One with the number 0 answers a SYN, and one far ahead is of another connection.
    let is_own = ahead == 0 || seen.seq.0 != 0 && ahead <= FIRST_WINDOW;
    if state.phase == Phase::SynReceived && has_left && is_own {
        return Judgement::advanced(Effect::Proved);
    }
    if ahead != 0 && ahead != state.server_sent {
        return Judgement::wrong_seq(expected, Effect::None);
    }
    match state.phase {
        Phase::Established if is_abort(state, isn, seen) => Judgement::advanced(Effect::Aborted),
        Phase::Established => Judgement::new(Verdict::Stray, Effect::ServerClosed),
        Phase::SynSent | Phase::SynReceived => Judgement::advanced(Effect::Reset(Side::Server)),
    }
}
