//! The state of both ends after each segment, read from the steps of the handshake.

use super::state::State as Known;
use crate::record::{Outcome, Side, State};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};
use crate::steps::Steps;

/// Writes the state of both ends after each segment. An end's state is told where a segment of its
/// own, before or after, shows it: that the SYN arrived is known from the SYN-ACK.
pub(super) fn mark(segments: &mut [SegmentRecord], known: &Known, steps: &Steps, outcome: Outcome) {
    let last_syn = segments.iter().rposition(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let done = steps.ack.or(steps.proof).map(usize::from);
    let server_heard = match steps.answered.bounds() {
        Some((_, last)) => Some(usize::from(last)),
        // What followed shows that a SYN arrived.
        None if steps.syn_ack.is_none() => last_syn.filter(|_| done.is_some()),
        None => None,
    };
    let client_heard = steps
        .acknowledged
        .bounds()
        .map(|(_, last)| usize::from(last))
        // A client that repeats its SYN is still in SYN-SENT.
        .filter(|&heard| known.server_syn || last_syn.is_none_or(|syn| syn < heard));
    let mut ends = Ends { client: None, server: None };
    for (at, segment) in segments.iter_mut().enumerate() {
        if segment.verdict == Verdict::DuplicateCapture {
            // It changes nothing.
        } else if known.server_syn {
            ends.cross(segment, Some(at) == server_heard, Some(at) == client_heard);
        } else {
            ends.follow(segment, outcome, Some(at) == done);
            if Some(at) == server_heard {
                ends.server = Some(State::SynReceived);
            }
            if Some(at) == client_heard {
                ends.client = Some(State::Established);
            }
        }
        (segment.client_state, segment.server_state) = (ends.client, ends.server);
    }
}

/// The state of both ends, as far as it is known.
struct Ends {
    client: Option<State>,
    server: Option<State>,
}

impl Ends {
    /// One end opens, the other answers. `done` says that this segment completes the handshake.
    fn follow(&mut self, segment: &SegmentRecord, outcome: Outcome, done: bool) {
        let advanced = segment.verdict == Verdict::Advanced;
        match (segment.kind, segment.from) {
            _ if done => {
                self.client = Some(State::Established);
                self.server = match outcome {
                    Outcome::EstablishedClientOnly => self.server,
                    _ => Some(State::Established),
                };
            }
            (Kind::Syn, Sender::Client) if matches!(self.client, None | Some(State::Closed)) => {
                self.client = Some(State::SynSent);
            }
            (Kind::SynAck, Sender::Server) if advanced => self.server = Some(State::SynReceived),
            (Kind::Rst, _) => self.reset(segment, outcome),
            _ => {}
        }
    }

    /// Both ends open (RFC 9293, figure 7): each goes to SYN-RECEIVED when it hears the other's SYN
    /// and to ESTABLISHED when its own is acknowledged. `server_heard` and `client_heard` say that
    /// this is the SYN that the other end is known to have heard.
    fn cross(&mut self, segment: &SegmentRecord, server_heard: bool, client_heard: bool) {
        let advanced = segment.verdict == Verdict::Advanced;
        match (segment.kind, segment.from) {
            (Kind::Syn, Sender::Client) => {
                self.client = self.client.or(Some(State::SynSent));
                if server_heard && self.server.is_some() {
                    self.server = Some(State::SynReceived);
                }
            }
            (Kind::Syn, Sender::Server) => {
                self.server = self.server.or(Some(State::SynSent));
                if client_heard {
                    self.client = Some(State::SynReceived);
                }
            }
            (Kind::SynAck | Kind::Ack, Sender::Server) if advanced => {
                self.client = Some(State::Established);
                self.server = self.server.filter(|&state| state == State::Established);
                self.server = self.server.or(Some(State::SynReceived));
            }
            (Kind::SynAck | Kind::Ack, Sender::Client) if advanced => {
                self.server = Some(State::Established);
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
                self.client = Some(State::Closed);
                self.server = self.server.map(|_| State::Listen);
            }
            Sender::Server => {
                (self.client, self.server) = (Some(State::Closed), Some(State::Closed));
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
) -> (Option<State>, Option<State>) {
    let (client, server) =
        segments.last().map_or((None, None), |last| (last.client_state, last.server_state));
    match outcome {
        // Whatever was not captured, it happened.
        Outcome::Established if closed_by.is_none() => {
            (Some(State::Established), Some(State::Established))
        }
        _ => (client, server),
    }
}
