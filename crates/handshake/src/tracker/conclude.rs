//! From what was seen of an attempt to its record: outcome, clock, states and what was agreed on.

use parser::{Flags, TcpOption, Timestamp};

use super::End;
use super::attempt::{Attempt, Phase, Refusal};
use super::negotiate::negotiated;
use crate::record::{ClockWentBack, Context, EndedBy, Handshake, Outcome, Range, State, Timing};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};

/// What an attempt has come to.
pub(super) fn outcome(attempt: &Attempt, ended_by: EndedBy, end: End) -> Outcome {
    match (attempt.phase, attempt.refusal) {
        (Phase::SynSent | Phase::SynReceived, None) if end == End::Interrupted => {
            Outcome::InProgress
        }
        (Phase::Established, _) if dropped_by_server(attempt, ended_by) => {
            Outcome::EstablishedClientOnly
        }
        (Phase::Established, _) => Outcome::Established,
        (Phase::SynSent | Phase::Over, Some(Refusal::Refused)) => Outcome::Refused,
        (Phase::SynSent | Phase::Over, Some(Refusal::Reset(_))) => Outcome::Reset,
        (Phase::SynReceived, _) => Outcome::Unacknowledged,
        // Two SYNs that crossed: both ends are in SYN-RECEIVED (RFC 9293, figure 7).
        (Phase::SynSent | Phase::Over, None) if attempt.server_syn => Outcome::Unacknowledged,
        (Phase::SynSent | Phase::Over, None) if attempt.icmp.is_some() => Outcome::Unreachable,
        (Phase::SynSent | Phase::Over, None) => Outcome::Unanswered,
    }
}

/// Whether the server let the client's acknowledgment fall. One SYN-ACK sent again, acknowledged
/// again and followed by silence is the other case: the first acknowledgment was lost on its way, or
/// the server deferred its accept.
fn dropped_by_server(attempt: &Attempt, ended_by: EndedBy) -> bool {
    let gave_in = attempt.repeats_after_ack == 1
        && attempt.acked_again
        && matches!(ended_by, EndedBy::Timeout | EndedBy::Segment);
    attempt.aborted || (attempt.repeats_after_ack > 0 && attempt.confirmed_by.is_none() && !gave_in)
}

/// Whether a segment has decided what becomes of the attempt.
pub(super) fn decided(attempt: &Attempt) -> bool {
    matches!(attempt.phase, Phase::Established | Phase::Over)
}

/// Builds the record. `segments` are the attempt's, taken out of it.
pub(super) fn conclude(
    attempt: &Attempt,
    mut segments: Vec<SegmentRecord>,
    ended_by: EndedBy,
    end: End,
    context: Context,
) -> Handshake {
    let outcome = outcome(attempt, ended_by, end);
    let clues = Clues::gather(attempt, &segments);
    mark_states(&mut segments, outcome, &clues);
    let (client_state, server_state) =
        segments.last().map_or((None, None), |last| (last.client_state, last.server_state));
    Handshake {
        id: attempt.id,
        previous: attempt.previous,
        origin: attempt.origin,
        encapsulation: attempt.encapsulation.clone(),
        client: attempt.client,
        server: attempt.server,
        outcome,
        ended_by,
        reset_by: match attempt.refusal {
            Some(Refusal::Reset(side)) if outcome == Outcome::Reset => Some(side),
            _ => None,
        },
        syn_captured: attempt.syn_captured,
        client_isn: attempt.client_isn,
        server_isn: attempt.server_isn,
        client_state,
        server_state,
        timing: timing(attempt, &segments, &clues),
        syn_retransmissions: attempt.syn_retransmissions,
        syn_ack_retransmissions: attempt.syn_ack_retransmissions,
        negotiated: {
            let syn = clues.syns.first().map(|&at| &segments[at]);
            let answer = clues.syn_ack.map(|at| &segments[at]);
            negotiated(syn, answer.filter(|answer| answer.kind == Kind::SynAck))
        },
        icmp: attempt.icmp,
        context,
        confirmed_by: attempt.confirmed_by,
        segments_omitted: attempt.segments_omitted,
        segments,
    }
}

/// Where in `segments` the handshake's steps are.
#[derive(Debug, Default)]
struct Clues {
    /// The SYNs that may have been answered: the client's own, copies left out.
    syns: Vec<usize>,
    /// The server's first segment that acknowledges J.
    syn_ack: Option<usize>,
    /// The server's segments that brought K, of which one was acknowledged.
    syn_acks: Vec<usize>,
    /// The client's acknowledgment of K.
    ack: Option<usize>,
    /// The SYN that was answered and the SYN-ACK that was acknowledged, where that can be known.
    answered: Option<usize>,
    acknowledged: Option<usize>,
    /// The server sent a SYN of its own: each end then waits for the other's acknowledgment.
    crossed: bool,
}

impl Clues {
    fn gather(attempt: &Attempt, segments: &[SegmentRecord]) -> Self {
        let mut clues = Self { crossed: attempt.server_syn, ..Self::default() };
        for (at, segment) in segments.iter().enumerate() {
            let advanced = segment.verdict == Verdict::Advanced;
            let counts = advanced || segment.verdict == Verdict::Retransmission;
            match (segment.kind, segment.from) {
                (Kind::Syn, Sender::Client) if counts && clues.syn_ack.is_none() => {
                    clues.syns.push(at);
                }
                (Kind::Syn, Sender::Server) if counts && clues.ack.is_none() => {
                    clues.syn_acks.push(at);
                }
                (Kind::SynAck | Kind::Ack, Sender::Server) if advanced => {
                    clues.syn_ack = clues.syn_ack.or(Some(at));
                    // Where the SYNs crossed, K came in the server's SYN.
                    if !clues.crossed {
                        clues.syn_acks.push(at);
                    }
                }
                (Kind::SynAck, Sender::Server)
                    if counts && clues.ack.is_none() && !clues.crossed =>
                {
                    clues.syn_acks.push(at);
                }
                (Kind::SynAck | Kind::Ack, Sender::Client) if advanced => {
                    clues.ack = clues.ack.or(Some(at));
                }
                _ => {}
            }
        }
        if let Some(ack) = clues.ack {
            clues.syn_acks.retain(|&at| at < ack);
        }
        let answer = clues.syn_ack.map(|at| &segments[at]);
        clues.answered = answer.and_then(|answer| known_origin(segments, &clues.syns, answer));
        let ack = clues.ack.map(|at| &segments[at]);
        clues.acknowledged = ack.and_then(|ack| known_origin(segments, &clues.syn_acks, ack));
        clues
    }
}

/// Which of `candidates` the segment `answer` responds to: the only one there is, or the only one
/// whose TSval it echoes. Otherwise it can't be known (Karn).
fn known_origin(
    segments: &[SegmentRecord],
    candidates: &[usize],
    answer: &SegmentRecord,
) -> Option<usize> {
    if let [only] = candidates {
        return Some(*only);
    }
    let (_, echoed) = timestamps(answer)?;
    let mut origins = candidates
        .iter()
        .filter(|&&at| timestamps(&segments[at]).is_some_and(|(tsval, _)| tsval == echoed));
    match (origins.next(), origins.next()) {
        (Some(&at), None) => Some(at),
        _ => None,
    }
}

fn timestamps(segment: &SegmentRecord) -> Option<(u32, u32)> {
    segment.options.iter().find_map(|option| match option {
        TcpOption::Timestamps { tsval, tsecr } => Some((tsval, tsecr)),
        _ => None,
    })
}

fn timing(attempt: &Attempt, segments: &[SegmentRecord], clues: &Clues) -> Timing {
    let at = |index: Option<usize>| index.and_then(|index| segments[index].timestamp);
    let first_syn = at(clues.syns.first().copied());
    let (server_rtt_ns, server_rtt_range_ns) =
        round_trip(segments, &clues.syns, clues.answered, at(clues.syn_ack));
    let (client_rtt_ns, client_rtt_range_ns) =
        round_trip(segments, &clues.syn_acks, clues.acknowledged, at(clues.ack));
    let finished = match (at(clues.ack), at(clues.syn_ack)) {
        // In a simultaneous open the server's half may be the later one.
        (Some(ack), Some(syn_ack)) if clues.crossed => Some(ack.max(syn_ack)),
        (ack, _) => ack,
    };
    Timing {
        start: attempt.start,
        total_ns: between(first_syn, finished),
        retry_wait_ns: between(first_syn, at(clues.answered)),
        server_rtt_ns,
        server_rtt_range_ns,
        client_rtt_ns,
        client_rtt_range_ns,
        wireshark_irtt_ns: wireshark_irtt(segments),
        clock_went_back: clock_went_back(segments),
    }
}

/// Nanoseconds from one time to another; absent where either is. Negative where the clock went back:
/// the record says so.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.nanos_since(from?))
}

/// The time from the origin of an answer to the answer, or the range that it lies in.
fn round_trip(
    segments: &[SegmentRecord],
    candidates: &[usize],
    origin: Option<usize>,
    answer: Option<Timestamp>,
) -> (Option<i64>, Option<Range>) {
    if let Some(origin) = origin {
        return (between(segments[origin].timestamp, answer), None);
    }
    // Not simply those of the first and the last: the clock may have gone back between them.
    let range = candidates.iter().try_fold(None, |range: Option<Range>, &candidate| {
        let ns = between(segments[candidate].timestamp, answer)?;
        let Range { min, max } = range.unwrap_or(Range { min: ns, max: ns });
        Some(Some(Range { min: min.min(ns), max: max.max(ns) }))
    });
    (None, range.flatten())
}

/// The latest SYN to the first segment with ACK and without SYN, whoever sent either.
fn wireshark_irtt(segments: &[SegmentRecord]) -> Option<i64> {
    let mut latest_syn = None;
    for segment in segments.iter().filter(|segment| segment.kind != Kind::Icmp) {
        match (segment.flags.contains(Flags::SYN), segment.flags.contains(Flags::ACK)) {
            (true, false) => latest_syn = segment.timestamp,
            (false, true) => return between(latest_syn, segment.timestamp),
            _ => {}
        }
    }
    None
}

fn clock_went_back(segments: &[SegmentRecord]) -> Option<ClockWentBack> {
    let mut latest: Option<Timestamp> = None;
    for segment in segments {
        let Some(now) = segment.timestamp else { continue };
        match latest {
            Some(before) if now < before => {
                let by_ns = before.nanos_since(now);
                return Some(ClockWentBack { frame: segment.frame, by_ns });
            }
            _ => latest = Some(now),
        }
    }
    None
}

/// Writes the state of both ends after each segment. An end's state is told where a segment of its
/// own, before or after, shows it: that the SYN arrived is known from the SYN-ACK.
fn mark_states(segments: &mut [SegmentRecord], outcome: Outcome, clues: &Clues) {
    let server_heard = clues.syn_ack.and(clues.answered.or(clues.syns.last().copied()));
    let client_heard = clues.ack.and(clues.acknowledged.or(clues.syn_acks.last().copied()));
    let mut ends = Ends { client: None, server: None };
    for (at, segment) in segments.iter_mut().enumerate() {
        if clues.crossed {
            ends.cross(segment, Some(at) == server_heard, Some(at) == client_heard);
        } else {
            ends.follow(segment, outcome);
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
    /// One end opens, the other answers.
    fn follow(&mut self, segment: &SegmentRecord, outcome: Outcome) {
        let advanced = segment.verdict == Verdict::Advanced;
        match (segment.kind, segment.from) {
            (Kind::Syn, Sender::Client) if matches!(self.client, None | Some(State::Closed)) => {
                self.client = Some(State::SynSent);
            }
            (Kind::SynAck, Sender::Server) if advanced => self.server = Some(State::SynReceived),
            (Kind::Ack, Sender::Client) if advanced => {
                self.client = Some(State::Established);
                if outcome != Outcome::EstablishedClientOnly {
                    self.server = Some(State::Established);
                }
            }
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
