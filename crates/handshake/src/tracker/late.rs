//! What later segments change of what was made of earlier ones.

use parser::{Layer, SeqNumber};

use super::attempt::Attempt;
use super::claim::{Claim, claim};
use super::judge::judge;
use super::judgement::{Effect, Judgement};
use super::seen::{Seen, beyond};
use super::state::{AttemptState, Phase};
use crate::segment::{AckCheck, Kind, SegmentRecord, Sender, Verdict, Why};
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
        (layers, scope): (&[Layer], u64),
    ) -> Vec<SegmentRecord> {
        if self.state.phase != Phase::SynSent || self.state.wrong_answer.is_none() {
            return Vec::new();
        }
        let around = self.known_encapsulation(layers, scope);
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

    /// The server confirmed what the client sent out of bounds: the capture missed what led to it.
    #[inline(never)]
    pub(super) fn resolve_doubt(&mut self) {
        if let Some(index) = self.state.doubtful.take() {
            let segment = &mut self.segments[usize::from(index)];
            (segment.verdict, segment.ack_check) = (Verdict::Advanced, None);
            self.acknowledged(index, false);
        }
    }

    /// Puts a segment that came late in the file before the kept one at `index`, and judges anew.
    #[cold]
    pub(super) fn insert(&mut self, index: usize, record: SegmentRecord) {
        if let (Kind::SynAck, Some(ack)) = (record.kind, self.segments[index].ack) {
            // The client acknowledged more than K: the server had sent it.
            self.state.server_sent = self.state.server_sent.max(beyond(ack, record.seq.plus(1)));
        }
        self.segments.insert(index, record);
        self.judge_anew();
    }

    /// The server had taken the acknowledgment before the RST that seemed to answer it.
    #[cold]
    pub(super) fn keep_abort_as_stray(&mut self) {
        let index = self.state.reset.and_then(|reset| reset.index);
        if let Some(rst) = index.and_then(|index| self.segments.get_mut(usize::from(index))) {
            rst.verdict = Verdict::Stray;
        }
    }

    /// The connection outlived its RST: that one counts for nothing.
    #[cold]
    fn disprove_reset(&mut self) {
        let index = self.state.reset.and_then(|reset| reset.index);
        if let Some(segment) = index.and_then(|at| self.segments.get_mut(usize::from(at))) {
            segment.verdict = Verdict::Unacceptable(Why::Disproved);
        }
        self.judge_anew();
    }

    /// The client acknowledged another K than the first one.
    #[cold]
    fn choose(&mut self, isn: SeqNumber) {
        self.state.chosen_isn = Some(isn);
        self.judge_anew();
    }

    /// Judges the kept segments again, with what is known now.
    pub(super) fn judge_anew(&mut self) {
        let anew = AttemptState::new(self.state.client_isn, self.state.chosen_isn);
        let AttemptState { client_sent, server_sent, confirmed_by, fin_seen, .. } = self.state;
        let syn_retransmissions = self.state.syn_retransmissions;
        // What confirmed the attempt is not among the kept segments, and a FIN may not be.
        self.state = AttemptState { client_sent, server_sent, fin_seen, confirmed_by, ..anew };
        self.icmp_index = self.icmp_index.and_then(|_| self.places(counts_as_error).next());
        for index in 0..self.segments.len() {
            let record = &self.segments[index];
            let from = match record.from {
                Sender::Client => Side::Client,
                Sender::Server => Side::Server,
                Sender::Network => continue,
            };
            let settled = matches!(
                record.verdict,
                Verdict::DuplicateCapture | Verdict::Unacceptable(Why::Disproved)
            );
            if settled || record.kind == Kind::Icmp {
                continue;
            }
            let (seen, frame) = (Seen::kept(record), record.place());
            let judgement = judge(&self.state, from, &seen);
            let record = &mut self.segments[index];
            (record.verdict, record.ack_check) = (judgement.verdict, judgement.ack_check);
            self.affect(judgement.effect, &seen, Some(index as u8), frame);
            self.state.note_sent(from, &seen);
        }
        // Segments beyond the limit are counted and not kept.
        let state = &mut self.state;
        state.syn_retransmissions = state.syn_retransmissions.max(syn_retransmissions);
    }
}

fn counts_as_error(segment: &SegmentRecord) -> bool {
    segment.kind == Kind::Icmp && segment.verdict == Verdict::Advanced
}
