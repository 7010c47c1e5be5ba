//! Attempts that wait for an answer, for whoever watches.

use parser::{Endpoint, Timestamp};

use super::Tracker;
use super::attempt::Attempt;
use super::stage::Stage;
use super::state::Phase;
use super::table::Expects;
use crate::segment::Kind;

/// An open attempt that nothing has decided yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The id that its record will have.
    pub id: u64,
    /// Who sent the SYN.
    pub client: Endpoint,
    /// Whom it was sent to.
    pub server: Endpoint,
    /// When its first segment was captured.
    pub start: Option<Timestamp>,
    /// What waits for its answer: [`Kind::Syn`] or [`Kind::SynAck`].
    pub sent: Kind,
    /// How many times that was sent, as far as was seen.
    pub times: u32,
}

impl Tracker {
    /// The attempts that wait for an answer, in no order that counts. It takes no longer than there
    /// are of them, however many others linger after their verdict.
    pub fn waiting(&self) -> impl Iterator<Item = Waiting> {
        let table = &self.attempts.table;
        let full = [Expects::Answer, Expects::Rest].into_iter().flat_map(|it| table.all(it));
        let plain = [
            (Stage::Sent, Kind::Syn),
            (Stage::SentAgain, Kind::Syn),
            (Stage::Received, Kind::SynAck),
        ];
        let plain = plain.into_iter().flat_map(move |(stage, sent)| {
            table.plain.all(stage).map(move |at| {
                let plain = table.plain.get(at);
                let (client, server) = (plain.client(), plain.server());
                let start = Some(Timestamp::from_nanos(table.plain.syn(at).time));
                Waiting { id: plain.id(), client, server, start, sent, times: 1 + plain.again() }
            })
        });
        full.filter_map(Attempt::waiting).chain(plain)
    }
}

impl Attempt {
    fn waiting(&self) -> Option<Waiting> {
        if self.decision().is_some() {
            return None;
        }
        let state = &self.state;
        let (sent, times) = match state.phase {
            Phase::SynSent => (Kind::Syn, state.syn_retransmissions),
            Phase::SynReceived => (Kind::SynAck, state.syn_ack_retransmissions),
            Phase::Established => return None,
        };
        let Self { id, client, server, start, .. } = *self;
        Some(Waiting { id, client, server, start, sent, times: times.saturating_add(1) })
    }
}
