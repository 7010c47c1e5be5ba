//! What a segment does to an open attempt: the state machine's one table.
//!
//! [`judge`] is a pure function of what was seen so far and the segment. Every combination of kind
//! and sender has its own arm; `docs/handshake.md` explains them.

use parser::{Segment, SeqNumber};

use super::attempt::{Attempt, Phase};
use crate::record::Side;
use crate::segment::{AckCheck, Kind, Verdict, Why};

/// Half of the largest window (RFC 7323): a sequence number further ahead belongs to another connection.
const WINDOW: u32 = 1 << 30;

/// A segment's verdict and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) ack_check: Option<AckCheck>,
    pub(super) effect: Effect,
}

/// What a segment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    /// The client's first SYN.
    Opened,
    SynAgain,
    /// A SYN of the server: simultaneous or split open.
    ServerSyn,
    /// The server's SYN-ACK with an acceptable acknowledgment.
    SynAck,
    SynAckAgain,
    /// The server acknowledged J without a SYN, after a SYN of its own.
    JAcked,
    /// The client acknowledged K.
    KAcked {
        server_isn: SeqNumber,
    },
    /// The client acknowledged K once more, after the server repeated its SYN-ACK.
    AckedAgain,
    Refused,
    Reset(Side),
    /// The server answered the SYN with this acknowledgment, which is not J + 1.
    WrongAnswer(SeqNumber),
    /// The server showed that it took the client's acknowledgment.
    Confirmed,
    /// The client reset the connection it had opened.
    Closed,
    /// The server reset a connection that it had not let in.
    Aborted,
    /// The segment begins another attempt on this 4-tuple.
    Superseded,
}

impl Judgement {
    /// That on a packet that was captured twice.
    pub(super) const COPY: Self = Self::new(Verdict::DuplicateCapture, Effect::None);

    const fn new(verdict: Verdict, effect: Effect) -> Self {
        Self { verdict, ack_check: None, effect }
    }

    const fn stray() -> Self {
        Self::new(Verdict::Stray, Effect::None)
    }

    const fn checked(self, check: AckCheck) -> Self {
        Self { ack_check: Some(check), ..self }
    }
}

/// Judges a segment of `kind` that `from` sent.
pub(super) fn judge(attempt: &Attempt, from: Side, kind: Kind, segment: &Segment<'_>) -> Judgement {
    match (kind, from) {
        (Kind::Syn, Side::Client) => client_syn(attempt, segment),
        (Kind::Syn, Side::Server) => server_syn(attempt, segment),
        (Kind::SynAck, Side::Client) => client_syn_ack(attempt, segment),
        (Kind::SynAck, Side::Server) => server_syn_ack(attempt, segment),
        (Kind::Ack, Side::Client) => client_ack(attempt, segment),
        (Kind::Ack, Side::Server) => server_ack(attempt, segment),
        (Kind::Rst, Side::Client) => client_rst(attempt, segment),
        (Kind::Rst, Side::Server) => server_rst(attempt, segment),
        (Kind::Icmp | Kind::Other, _) => Judgement::stray(),
    }
}

fn client_syn(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    if segment.seq != attempt.client_isn {
        return Judgement::new(Verdict::Stray, Effect::Superseded);
    }
    if attempt.syn_captured {
        Judgement::new(Verdict::Retransmission, Effect::SynAgain)
    } else {
        Judgement::new(Verdict::Advanced, Effect::Opened)
    }
}

fn server_syn(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    match attempt.server_isn {
        None if attempt.phase == Phase::SynSent => {
            Judgement::new(Verdict::Advanced, Effect::ServerSyn)
        }
        Some(server_isn) if server_isn == segment.seq => {
            Judgement::new(Verdict::Retransmission, Effect::None)
        }
        _ => Judgement::new(Verdict::Stray, Effect::Superseded),
    }
}

/// Only in a simultaneous or a split open does the client send a SYN-ACK (RFC 9293, figure 7).
fn client_syn_ack(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    match attempt.server_isn {
        Some(server_isn) if attempt.server_syn => {
            let check = AckCheck { isn: server_isn, data: 0, found: segment.ack_field };
            let judgement = if !check.ok() {
                Judgement::new(Verdict::Unacceptable(Why::WrongAck), Effect::None)
            } else if attempt.k_acked {
                Judgement::new(Verdict::Retransmission, Effect::None)
            } else {
                Judgement::new(Verdict::Advanced, Effect::KAcked { server_isn })
            };
            judgement.checked(check)
        }
        _ => Judgement::stray(),
    }
}

fn server_syn_ack(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    let check =
        AckCheck { isn: attempt.client_isn, data: attempt.syn_data, found: segment.ack_field };
    let judgement = if check.ok() {
        match (attempt.phase, attempt.server_isn) {
            (Phase::SynReceived | Phase::Established | Phase::Over, None) => Judgement::stray(),
            (Phase::SynSent, None) => Judgement::new(Verdict::Advanced, Effect::SynAck),
            // The other half of a simultaneous open, or a SYN that was repeated after a RST.
            (Phase::SynSent, Some(isn))
                if attempt.refusal.is_some() || (isn == segment.seq && !attempt.j_acked) =>
            {
                Judgement::new(Verdict::Advanced, Effect::SynAck)
            }
            (_, Some(isn)) if isn == segment.seq => {
                Judgement::new(Verdict::Retransmission, Effect::SynAckAgain)
            }
            (_, Some(expected)) => {
                Judgement::new(Verdict::Unacceptable(Why::WrongSeq { expected }), Effect::None)
            }
        }
    } else {
        let effect = match attempt.phase {
            Phase::SynSent => Effect::WrongAnswer(segment.ack_field),
            Phase::SynReceived | Phase::Established | Phase::Over => Effect::None,
        };
        Judgement::new(Verdict::Unacceptable(Why::WrongAck), effect)
    };
    judgement.checked(check)
}

fn client_ack(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    let Some(known) = attempt.server_isn else { return Judgement::stray() };
    let server_isn = acknowledged_isn(attempt, known, segment.ack_field);
    let beyond = segment.ack_field.0.wrapping_sub(server_isn.plus(1).0);
    let data = if beyond < WINDOW { beyond } else { 0 };
    let check = AckCheck { isn: server_isn, data, found: segment.ack_field };
    let expected = attempt.client_isn.plus(1);
    let in_window = segment.seq.0.wrapping_sub(expected.0) < WINDOW;
    let judgement = match attempt.phase {
        Phase::Established if attempt.repeats_after_ack == 0 => return Judgement::stray(),
        Phase::Over => return Judgement::stray(),
        _ if !check.ok() => Judgement::new(Verdict::Unacceptable(Why::WrongAck), Effect::None),
        _ if !in_window => {
            Judgement::new(Verdict::Unacceptable(Why::WrongSeq { expected }), Effect::None)
        }
        Phase::Established if segment.len > 0 => Judgement::new(Verdict::Stray, Effect::AckedAgain),
        Phase::Established => Judgement::new(Verdict::Retransmission, Effect::AckedAgain),
        Phase::SynSent if attempt.k_acked => Judgement::stray(),
        Phase::SynSent | Phase::SynReceived => {
            Judgement::new(Verdict::Advanced, Effect::KAcked { server_isn })
        }
    };
    judgement.checked(check)
}

/// Which of the server's SYN-ACKs `ack` acknowledges, where it sent several with different K.
fn acknowledged_isn(attempt: &Attempt, known: SeqNumber, ack: SeqNumber) -> SeqNumber {
    let acknowledged = |isn: SeqNumber| ack == isn.plus(1);
    if acknowledged(known) {
        return known;
    }
    let other = attempt.segments.iter().find(|kept| {
        kept.kind == Kind::SynAck
            && acknowledged(kept.seq)
            && matches!(kept.verdict, Verdict::Unacceptable(Why::WrongSeq { .. }))
    });
    other.map_or(known, |kept| kept.seq)
}

fn server_ack(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    let check =
        AckCheck { isn: attempt.client_isn, data: attempt.syn_data, found: segment.ack_field };
    match attempt.phase {
        Phase::SynReceived | Phase::Over => Judgement::stray(),
        Phase::Established if segment.ack_field.0.wrapping_sub(check.isn.plus(1).0) < WINDOW => {
            Judgement::new(Verdict::Stray, Effect::Confirmed)
        }
        Phase::Established => {
            Judgement::new(Verdict::Unacceptable(Why::WrongAck), Effect::None).checked(check)
        }
        Phase::SynSent => {
            let judgement = if !attempt.syn_captured {
                Judgement::stray()
            } else if check.ok() && attempt.server_syn {
                Judgement::new(Verdict::Advanced, Effect::JAcked)
            } else if segment.next_seq() != segment.seq || goes_on(attempt, segment) {
                // Data or a FIN of an older connection is no answer to the SYN.
                Judgement::stray()
            } else {
                Judgement::new(Verdict::ChallengeAck, Effect::WrongAnswer(segment.ack_field))
            };
            judgement.checked(check)
        }
    }
}

/// Whether the server's segment acknowledges what the client sent after a SYN-ACK that the capture
/// missed, rather than an older connection. Only the client's own segments can tell.
fn goes_on(attempt: &Attempt, segment: &Segment<'_>) -> bool {
    let ahead = |ack: SeqNumber| ack.0.wrapping_sub(attempt.client_isn.plus(1).0);
    let sent = attempt
        .segments
        .iter()
        .filter(|kept| kept.from == Side::Client.into())
        .map(|kept| ahead(kept.seq.plus(kept.len)))
        .filter(|&end| end < WINDOW)
        .max();
    ahead(segment.ack_field) <= sent.unwrap_or(0)
}

fn client_rst(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    match attempt.phase {
        Phase::Over => Judgement::stray(),
        Phase::Established => Judgement::new(Verdict::Stray, Effect::Closed),
        Phase::SynSent | Phase::SynReceived => {
            let ahead = segment.seq.0.wrapping_sub(attempt.client_isn.0);
            if attempt.wrong_answer == Some(segment.seq) && ahead > 1 {
                // RFC 9293, 3.10.7.3: <SEQ=SEG.ACK><CTL=RST> answers an unacceptable acknowledgment;
                // the attempt goes on.
                Judgement::new(Verdict::Advanced, Effect::None)
            } else if client_went_on(attempt) {
                Judgement::stray()
            } else if ahead < WINDOW {
                Judgement::new(Verdict::Advanced, Effect::Reset(Side::Client))
            } else {
                let expected = attempt.client_isn.plus(1);
                Judgement::new(Verdict::Unacceptable(Why::WrongSeq { expected }), Effect::None)
            }
        }
    }
}

/// Whether the client behaves as if connected, though the capture has no SYN-ACK: it sees one
/// direction only, and what comes later is no part of the handshake.
fn client_went_on(attempt: &Attempt) -> bool {
    attempt.phase == Phase::SynSent
        && attempt.segments.iter().any(|kept| {
            kept.kind == Kind::Ack
                && kept.from == Side::Client.into()
                && kept.seq.0.wrapping_sub(attempt.client_isn.plus(1).0) < WINDOW
        })
}

fn server_rst(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    match (attempt.phase, attempt.server_isn) {
        (Phase::Over, _) => Judgement::stray(),
        (Phase::SynSent, None) => refusal(attempt, segment),
        (Phase::SynSent | Phase::SynReceived | Phase::Established, Some(isn)) => {
            reset_by_server(attempt, isn, segment)
        }
        (Phase::SynReceived | Phase::Established, None) => Judgement::stray(),
    }
}

/// RFC 9293, 3.10.7.3: in SYN-SENT a RST counts if its acknowledgment is acceptable.
fn refusal(attempt: &Attempt, segment: &Segment<'_>) -> Judgement {
    let Some(found) = segment.ack() else {
        return Judgement::new(Verdict::Unacceptable(Why::ResetWithoutAck), Effect::None);
    };
    let check = AckCheck { isn: attempt.client_isn, data: attempt.syn_data, found };
    let judgement = if check.ok() {
        Judgement::new(Verdict::Advanced, Effect::Refused)
    } else {
        Judgement::new(Verdict::Unacceptable(Why::WrongAck), Effect::None)
    };
    judgement.checked(check)
}

/// After the SYN-ACK a RST counts if its sequence number is exactly the next one; any other in the
/// window provokes a challenge ACK (RFC 9293, 3.10.7.4, after RFC 5961).
fn reset_by_server(attempt: &Attempt, isn: SeqNumber, segment: &Segment<'_>) -> Judgement {
    let expected = isn.plus(1);
    let sent_before = attempt.segments.iter().any(|kept| {
        kept.from == Side::Server.into() && kept.len > 0 && kept.seq.plus(kept.len) == segment.seq
    });
    if segment.seq != expected && !sent_before {
        return Judgement::new(Verdict::Unacceptable(Why::WrongSeq { expected }), Effect::None);
    }
    match attempt.phase {
        Phase::Established if segment.ack().is_none() => {
            Judgement::new(Verdict::Advanced, Effect::Aborted)
        }
        Phase::Established => Judgement::new(Verdict::Stray, Effect::Confirmed),
        Phase::SynSent | Phase::SynReceived | Phase::Over => {
            Judgement::new(Verdict::Advanced, Effect::Reset(Side::Server))
        }
    }
}
