//! The state of both ends after each segment, read from the steps of the handshake.

use super::state::AttemptState;
use crate::record::Outcome;
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};
use crate::side::{Side, TcpState};
use crate::steps::Steps;

/// Writes the state of both ends after each segment. An end's state is reported where a segment of
/// its own, before or after, shows it: that the SYN arrived is known from the SYN-ACK.
pub(super) fn mark(
    segments: &mut [SegmentRecord],
    known: &AttemptState,
    steps: &Steps,
    outcome: Outcome,
) {
    let last_syn = segments.iter().rposition(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let done = steps.ack.or(steps.proof).map(usize::from);
    let server_received = match steps.answered.bounds() {
        Some((_, last)) => Some(usize::from(last)),
        // What followed shows that a SYN arrived.
        None if steps.syn_ack.is_none() => last_syn.filter(|_| done.is_some()),
        None => None,
    };
    let client_received = steps
        .acknowledged
        .bounds()
        .map(|(_, last)| usize::from(last))
        // A client that repeats its SYN is still in SYN-SENT.
        .filter(|&at| known.server_syn || last_syn.is_none_or(|syn| syn < at));
    let mut states = EndpointStates { client: None, server: None };
    for (at, segment) in segments.iter_mut().enumerate() {
        if segment.verdict == Verdict::DuplicateCapture {
            // It changes nothing.
        } else if known.server_syn {
            states.cross(segment, Some(at) == server_received, Some(at) == client_received);
        } else {
            states.follow(segment, outcome, Some(at) == done);
            if Some(at) == server_received {
                states.server = Some(TcpState::SynReceived);
            }
            if Some(at) == client_received {
                states.client = Some(TcpState::Established);
            }
        }
        (segment.client_state, segment.server_state) = (states.client, states.server);
    }
}

/// The state of both ends, as far as it is known.
struct EndpointStates {
    client: Option<TcpState>,
    server: Option<TcpState>,
}

impl EndpointStates {
    /// One end opens, the other answers. `done` says that this segment completes the handshake.
    fn follow(&mut self, segment: &SegmentRecord, outcome: Outcome, done: bool) {
        let advanced = segment.verdict == Verdict::Advanced;
        match (segment.kind, segment.from) {
            _ if done => {
                self.client = Some(TcpState::Established);
                self.server = match outcome {
                    Outcome::EstablishedClientOnly => self.server,
                    _ => Some(TcpState::Established),
                };
            }
            (Kind::Syn, Sender::Client) if matches!(self.client, None | Some(TcpState::Closed)) => {
                self.client = Some(TcpState::SynSent);
            }
            (Kind::SynAck, Sender::Server) if advanced => self.server = Some(TcpState::SynReceived),
            (Kind::Rst, _) => self.reset(segment, outcome),
            _ => {}
        }
    }

    /// Both ends open (RFC 9293, figure 7): each goes to SYN-RECEIVED when it receives the other's
    /// SYN and to ESTABLISHED when its own is acknowledged. `server_received` and `client_received`
    /// say that this is the SYN that the other end is known to have received.
    fn cross(&mut self, segment: &SegmentRecord, server_received: bool, client_received: bool) {
        let advanced = segment.verdict == Verdict::Advanced;
        match (segment.kind, segment.from) {
            (Kind::Syn, Sender::Client) => {
                self.client = self.client.or(Some(TcpState::SynSent));
                if server_received && self.server.is_some() {
                    self.server = Some(TcpState::SynReceived);
                }
            }
            (Kind::Syn, Sender::Server) => {
                self.server = self.server.or(Some(TcpState::SynSent));
                if client_received {
                    self.client = Some(TcpState::SynReceived);
                }
            }
            (Kind::SynAck | Kind::Ack, Sender::Server) if advanced => {
                self.client = Some(TcpState::Established);
                self.server = self.server.filter(|&state| state == TcpState::Established);
                self.server = self.server.or(Some(TcpState::SynReceived));
            }
            (Kind::SynAck | Kind::Ack, Sender::Client) if advanced => {
                self.server = Some(TcpState::Established);
            }
            (Kind::Rst, _) => self.reset(segment, Outcome::Reset),
            _ => {}
        }
    }

    fn reset(&mut self, segment: &SegmentRecord, outcome: Outcome) {
        if segment.verdict != Verdict::Advanced {
            return;
        }
        match segment.from {
            // A passive opener goes back to LISTEN (RFC 9293, 3.10.7.4). A reset that does not end the
            // attempt clears an older connection.
            Sender::Client if outcome == Outcome::Reset => {
                self.client = Some(TcpState::Closed);
                self.server = self.server.map(|_| TcpState::Listen);
            }
            Sender::Server => {
                (self.client, self.server) = (Some(TcpState::Closed), Some(TcpState::Closed));
            }
            Sender::Client | Sender::Network => {}
        }
    }
}

/// The states at the end.
pub(super) fn last(
    segments: &[SegmentRecord],
    outcome: Outcome,
    closed_by: Option<Side>,
) -> (Option<TcpState>, Option<TcpState>) {
    let (client, server) =
        segments.last().map_or((None, None), |last| (last.client_state, last.server_state));
    match outcome {
        // Whatever was not captured, it happened.
        Outcome::Established if closed_by.is_none() => {
            (Some(TcpState::Established), Some(TcpState::Established))
        }
        _ => (client, server),
    }
}
