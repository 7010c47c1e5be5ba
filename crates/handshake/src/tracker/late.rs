//! What later segments change of what was made of earlier ones.

use parser::{Layer, SeqNumber};

use super::attempt::Attempt;
use super::claim::{Claim, claim};
use super::judge::judge;
use super::judgement::{Effect, Judgement};
use super::seen::{Seen, beyond};
use super::state::{AttemptState, Phase};
use crate::segment::{AckCheck, Kind, SegmentRecord, Sender};
use crate::side::Side;

impl Attempt {
    /// Judges a segment, having taken back first what it disproves.
    pub(super) fn judge(&mut self, from: Side, seen: &Seen) -> Judgement {
        let judgement = judge(&self.state, from, seen);
        match judgement.effect {
            Effect::Disproved => {
                self.disprove_reset();
                judge(&self.state, from, seen)
            }
            Effect::KAcked { isn: Some(isn), .. }
                if self.state.server_isn.is_some_and(|known| known != isn) =>
            {
                self.choose(isn);
                judge(&self.state, from, seen)
            }
            _ => judgement,
        }
    }

    /// The SYN-ACKs of this attempt that answer a SYN with the number `isn` and `data` bytes, which
    /// comes only now, and not its own; none where the client has reset that answer. They leave it.
    pub(super) fn give_up_answers(
        &mut self,
        isn: SeqNumber,
        data: u32,
        layers: &[Layer],
    ) -> Vec<SegmentRecord> {
        if self.state.phase != Phase::SynSent || self.state.wrong_answer.is_none() {
            return Vec::new();
        }
        let around = self.known_encapsulation(layers);
        let answers = |kept: &SegmentRecord| {
            let fits = |ack: SeqNumber| AckCheck { isn, data, found: ack }.ok();
            (kept.from, kept.kind) == (Sender::Server, Kind::SynAck)
                && Some(kept.encapsulation) == around
                && kept.ack.is_some_and(fits)
        };
        let is_rejected = self.segments.iter().any(|kept| {
            let is_reset = kept.is_sent(Sender::Client, Kind::Rst);
            is_reset && AckCheck { isn, data, found: kept.seq }.ok()
        });
        if is_rejected {
            return Vec::new();
        }
        let given: Vec<_> = self.segments.extract_if(.., |kept| answers(kept)).collect();
        if !given.is_empty() {
            self.judge_anew();
            self.hear_anew();
        }
        given
    }

    /// The SYNs of the server, where the client answers them and not with its own number: they met a
    /// listener, or no socket, and crossed no SYN of this attempt. They leave it, with their sender
    /// as the client.
    pub(super) fn give_up_crossing(&mut self, seen: &Seen) -> Vec<SegmentRecord> {
        let AttemptState { phase, server_syn, j_acked, server_isn, client_isn, .. } = self.state;
        let answers = server_isn.is_some_and(|isn| seen.has_ack && seen.ack == isn.plus(1));
        let is_own = match seen.kind {
            Kind::SynAck => seen.seq == client_isn,
            Kind::Rst => beyond(seen.seq, client_isn) <= 1,
            _ => true,
        };
        if phase != Phase::SynSent || !server_syn || j_acked || !answers || is_own {
            return Vec::new();
        }
        let crosses = |kept: &SegmentRecord| (kept.from, kept.kind) == (Sender::Server, Kind::Syn);
        let given = self.segments.extract_if(.., |kept| crosses(kept));
        let given: Vec<_> =
            given.map(|kept| SegmentRecord { from: Sender::Client, ..kept }).collect();
        self.judge_anew();
        self.hear_anew();
        given
    }

    /// The place that a segment has by its time stamp among those before it in the file, where that
    /// makes it what it otherwise could not be: the SYN of an answer that came first, or the SYN-ACK
    /// of an acknowledgment.
    pub(super) fn comes_late(&self, from: Side, seen: &Seen, disorder: i64) -> Option<usize> {
        let AttemptState { steps, client_isn, syn_captured, .. } = self.state;
        let time = |at: u8| Some(self.segments.get(usize::from(at))?.timestamp?.as_nanos());
        match (seen.kind, from) {
            (Kind::Syn, Side::Client) if !syn_captured && seen.seq == client_isn => {
                let answer = steps.syn_ack?;
                let by = time(answer)?.saturating_sub(seen.time?);
                (by > 0 && by <= disorder).then_some(usize::from(answer))
            }
            (Kind::SynAck, Side::Server) if steps.syn_ack.is_none() => {
                let ack = steps.ack?;
                let record: &SegmentRecord = self.segments.get(usize::from(ack))?;
                let by = seen.time?.saturating_sub(time(ack)?);
                let ahead = beyond(record.ack?, seen.seq.plus(1));
                let fits = record.kind == Kind::Ack
                    && u16::try_from(ahead).is_ok()
                    && claim(&self.state, from, seen) == Claim::Proved;
                (fits && by <= disorder).then_some(usize::from(ack))
            }
            _ => None,
        }
    }
}
