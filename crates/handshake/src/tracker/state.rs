//! What is known of an open attempt, and how each judged segment changes it.
//!
//! An [`AttemptState`] holds numbers and no segment: it is the sum of the segments so far. Where something
//! becomes known only later (a RST that the connection outlives, the K that was acknowledged), the
//! attempt is judged anew from its kept segments, with what is known now.

use parser::SeqNumber;

use super::judgement::Effect;
use super::seen::{Seen, beyond};
use crate::segment::{FramePlace, Kind};
use crate::side::Side;
use crate::steps::Steps;

/// Half of the largest window (RFC 7323): a sequence number further ahead belongs to another connection.
pub(super) const WINDOW: u32 = 1 << 30;
/// The most that a SYN-ACK can offer: its window is not scaled (RFC 7323, section 2.2).
pub(super) const FIRST_WINDOW: u32 = 65_535;
/// A SYN-ACK sooner than this after the client's acknowledgment is no sign that the server dropped
/// that: the two crossed, or it answers a SYN that was repeated. Timers start at 1 s (RFC 6298), and
/// no stack goes below this.
const REPEAT_AFTER_NS: i64 = 200_000_000;

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// SYNs only, from the client or from both.
    SynSent,
    /// The server's SYN-ACK was seen.
    SynReceived,
    /// The client acknowledged K, or what was seen shows that it did.
    Established,
}

/// A RST that counts, until somebody proves it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that was or was not seen"
)]
pub(super) struct Reset {
    pub(super) by: Side,
    pub(super) at: Option<i64>,
    /// Its place among the kept segments.
    pub(super) index: Option<u8>,
    /// It answered a SYN.
    pub(super) refused: bool,
    /// The client sent its SYN again since: it believed the RST.
    pub(super) syn_since: bool,
    /// The K of a SYN-ACK that came since, and whether the client acknowledged K since.
    pub(super) late_isn: Option<SeqNumber>,
    pub(super) acked_since: bool,
    /// The server went on since.
    pub(super) confirmed_since: bool,
}

/// What the segments so far add up to.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that was or was not seen"
)]
pub(super) struct AttemptState {
    /// J.
    pub(super) client_isn: SeqNumber,
    /// K, once it is known.
    pub(super) server_isn: Option<SeqNumber>,
    /// The K that the client acknowledged, where the server sent several.
    pub(super) chosen_isn: Option<SeqNumber>,
    /// Another K that a SYN-ACK offered.
    pub(super) other_isn: Option<SeqNumber>,
    pub(super) phase: Phase,
    pub(super) reset: Option<Reset>,
    pub(super) steps: Steps,
    /// The first kept segment that may be a SYN which is still to be answered: older ones met the
    /// remains of another connection, or a RST.
    pub(super) syns_from: u8,
    pub(super) syn_captured: bool,
    /// The server sent a SYN of its own: a simultaneous or a split open.
    pub(super) server_syn: bool,
    /// J was acknowledged by the server, K by the client. In a simultaneous open it takes both.
    pub(super) j_acked: bool,
    pub(super) k_acked: bool,
    /// The most data that a SYN carried.
    pub(super) syn_data: u32,
    /// The SYN-ACK took data of the SYN.
    pub(super) fast_open_taken: bool,
    /// How much each side is known to have sent beyond its SYN.
    pub(super) client_sent: u32,
    pub(super) server_sent: u32,
    /// The window that the SYN-ACK offered.
    pub(super) window: u16,
    pub(super) syn_retransmissions: u32,
    pub(super) syn_ack_retransmissions: u32,
    /// When the latest SYN-ACK came, and when the client acknowledged K.
    pub(super) syn_ack_at: Option<i64>,
    pub(super) acked_at: Option<i64>,
    /// SYN-ACKs sent again after the client acknowledged K, and when it did so once more since.
    pub(super) repeats_after_ack: u32,
    pub(super) acked_again: bool,
    /// The server reset the connection that it had not let in (`tcp_abort_on_overflow`).
    pub(super) aborted: bool,
    /// The acknowledgment of the last answer that did not fit J: the client resets that number and
    /// tries again (RFC 9293, 3.5.1).
    pub(super) wrong_answer: Option<SeqNumber>,
    /// The server sent data before any acknowledgment of the client was captured.
    pub(super) server_sends: bool,
    /// The kept segment of the client whose numbers are out of bounds: it may follow on segments
    /// that were not captured.
    pub(super) doubtful: Option<u8>,
    /// A FIN was seen: the connection may be over when the attempt is forgotten.
    pub(super) fin_seen: bool,
    /// The frame in which the server showed that it took the acknowledgment.
    pub(super) confirmed_by: Option<FramePlace>,
}

impl AttemptState {
    pub(super) fn new(client_isn: SeqNumber, chosen_isn: Option<SeqNumber>) -> Self {
        Self {
            client_isn,
            server_isn: None,
            chosen_isn,
            other_isn: None,
            phase: Phase::SynSent,
            reset: None,
            steps: Steps::default(),
            syns_from: 0,
            syn_captured: false,
            server_syn: false,
            j_acked: false,
            k_acked: false,
            syn_data: 0,
            fast_open_taken: false,
            client_sent: 0,
            server_sent: 0,
            window: 0,
            syn_retransmissions: 0,
            syn_ack_retransmissions: 0,
            syn_ack_at: None,
            acked_at: None,
            repeats_after_ack: 0,
            acked_again: false,
            aborted: false,
            wrong_answer: None,
            server_sends: false,
            doubtful: None,
            fin_seen: false,
            confirmed_by: None,
        }
    }

    /// The first sequence number after the client's SYN.
    pub(super) const fn after_j(&self) -> SeqNumber {
        self.client_isn.plus(1)
    }

    /// The RST that ended the attempt, unless the client went on to try again.
    pub(super) fn ending(&self) -> Option<Reset> {
        self.reset.filter(|reset| !reset.syn_since)
    }

    /// Whether the server has sent nothing beyond its SYN-ACK and taken nothing.
    pub(super) fn took_nothing(&self) -> bool {
        self.server_sent == 0 && self.confirmed_by.is_none()
    }

    /// Whether a SYN of the client waits for its first answer.
    pub(super) fn awaits_answer(&self) -> bool {
        self.syn_captured
            && self.phase == Phase::SynSent
            && self.reset.is_none()
            && self.server_isn.is_none()
            && self.wrong_answer.is_none()
    }

    /// Whether a segment has decided what becomes of the attempt.
    pub(super) fn is_decided(&self) -> bool {
        self.phase == Phase::Established || self.ending().is_some()
    }

    /// Whether nothing more is expected of the attempt but what would amend it.
    pub(super) fn is_quiet(&self) -> bool {
        self.server_sends && !self.fast_open_taken
            || self.is_decided() && self.repeats_after_ack == 0
    }

    /// Whether what the client sent may be the segment after its SYN: sequence number J+1, or that
    /// after the data of the SYN.
    pub(super) fn is_next_of_client(&self, seq: SeqNumber) -> bool {
        let ahead = beyond(seq, self.after_j());
        ahead == 0 || ahead == self.syn_data
    }

    /// Notes what a segment shows of the data that its sender has sent.
    pub(super) fn note_sent(&mut self, from: Side, seen: &Seen) {
        if !seen.sends() || !matches!(seen.kind, Kind::Ack | Kind::SynAck) {
            return;
        }
        self.fin_seen |= seen.fin;
        let syn = u32::from(seen.kind == Kind::SynAck);
        let end = seen.seq.plus(seen.len + u32::from(seen.fin) + syn);
        let (sent, origin) = match (from, self.server_isn) {
            (Side::Client, _) => (&mut self.client_sent, self.client_isn),
            (Side::Server, Some(isn)) => (&mut self.server_sent, isn),
            (Side::Server, None) => return,
        };
        let ahead = beyond(end, origin.plus(1));
        if ahead < WINDOW {
            *sent = (*sent).max(ahead);
        }
    }

    /// Notes that the client has sent so many `bytes`, and perhaps its FIN.
    pub(super) fn note_client_sent(&mut self, bytes: u32, has_fin: bool) {
        self.fin_seen |= has_fin;
        self.client_sent = self.client_sent.max(bytes);
    }

    /// Lets a judged segment take its effect. `at` is its place among the kept ones, where it has one.
    pub(super) fn apply(&mut self, effect: Effect, seen: &Seen, at: Option<u8>, frame: FramePlace) {
        match effect {
            Effect::None | Effect::Foreign => {}
            Effect::Opened | Effect::SynAgain => self.syn(effect == Effect::SynAgain, seen),
            Effect::ServerSyn => {
                self.server_isn = Some(seen.seq);
                self.server_syn = true;
            }
            Effect::SynAck | Effect::JAcked => self.syn_ack(seen),
            Effect::SynAckAgain => self.syn_ack_again(seen),
            Effect::OtherIsn => self.other_isn = self.other_isn.or(Some(seen.seq)),
            Effect::KAcked { isn, .. } => {
                self.server_isn = isn.or(self.server_isn);
                self.k_acked = true;
                self.acked_at = seen.time;
                self.reset = None;
                if self.j_acked || !self.server_syn {
                    self.phase = Phase::Established;
                }
            }
            Effect::Proved => {
                self.phase = Phase::Established;
                self.confirmed_by = self.confirmed_by.or(Some(frame));
            }
            Effect::ServerSends => self.server_sends = true,
            Effect::Doubt => self.doubtful = self.doubtful.or(at),
            Effect::AckedAgain => self.acked_again = true,
            Effect::Refused => self.end(Side::Server, true, seen, at),
            Effect::Reset(side) => self.end(side, false, seen, at),
            Effect::AfterReset => self.after_reset(seen),
            Effect::WrongAnswer => self.wrong_answer = Some(seen.ack),
            Effect::Confirmed => {
                self.confirmed_by = self.confirmed_by.or(Some(frame));
                self.aborted = false;
                if let Some(reset) = &mut self.reset {
                    reset.confirmed_since = true;
                }
            }
            Effect::Aborted => {
                self.aborted = true;
                self.end(Side::Server, false, seen, at);
            }
            Effect::ServerClosed => {
                self.confirmed_by = self.confirmed_by.or(Some(frame));
                self.end(Side::Server, false, seen, at);
            }
            Effect::ClientClosed => {
                // Its number tells what it had sent, of which some may not have been captured.
                let sent = beyond(seen.seq, self.after_j());
                self.client_sent = if sent < WINDOW { sent } else { self.client_sent };
                self.end(Side::Client, false, seen, at);
            }
            Effect::Rejected | Effect::Disproved => {}
        }
    }

    fn syn(&mut self, again: bool, seen: &Seen) {
        self.syn_captured = true;
        self.syn_data = self.syn_data.max(seen.len);
        self.syn_retransmissions += u32::from(again);
        if self.phase != Phase::Established
            && let Some(reset) = &mut self.reset
        {
            reset.syn_since = true;
            self.phase = Phase::SynSent;
        }
    }

    fn syn_ack(&mut self, seen: &Seen) {
        if seen.kind == Kind::SynAck {
            self.server_isn = Some(seen.seq);
            self.window = seen.window;
            self.syn_ack_at = seen.time;
            self.fast_open_taken = beyond(seen.ack, self.after_j()) > 0;
        }
        self.reset = None;
        self.j_acked = true;
        self.phase = if self.k_acked {
            Phase::Established
        } else if seen.kind == Kind::SynAck {
            Phase::SynReceived
        } else {
            self.phase
        };
    }

    fn syn_ack_again(&mut self, seen: &Seen) {
        self.syn_ack_retransmissions += 1;
        self.syn_ack_at = seen.time;
        self.doubtful = None;
        let late = seen.nanos_since(self.acked_at).is_some_and(|ns| ns >= REPEAT_AFTER_NS);
        if self.phase == Phase::Established && late {
            self.repeats_after_ack += 1;
            self.acked_again = false;
        }
    }

    fn end(&mut self, by: Side, refused: bool, seen: &Seen, at: Option<u8>) {
        self.reset = Some(Reset {
            by,
            at: seen.time,
            index: at,
            refused,
            syn_since: false,
            late_isn: None,
            acked_since: false,
            confirmed_since: false,
        });
    }

    /// The connection seems to go on after its RST.
    fn after_reset(&mut self, seen: &Seen) {
        if let Some(reset) = &mut self.reset {
            match seen.kind {
                Kind::SynAck => reset.late_isn = Some(seen.seq),
                _ => reset.acked_since = true,
            }
        }
    }
}
