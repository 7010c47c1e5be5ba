//! What of an attempt an observer could see, known from the truth and not from the packets.

use handshake::Side;

use crate::observe::Captured;
use crate::plan::{Scope, Sees, View};
use crate::truth::{Attempt, Emission, Truth};
use crate::wire::{ACK, FIN, RST, SYN, Segment};

/// Copies that carry an identity are reported up to so far apart, others up to [`BARE_COPY`] and
/// before the other side spoke (docs/handshake.md, Verdicts).
const KNOWN_COPY: i64 = 20_000_000;
const BARE_COPY: i64 = 5_000_000;
/// How long an acknowledgment is awaited after the last SYN-ACK, and a contradiction after the
/// acknowledgment.
pub(crate) const SETTLED: i64 = 3_500_000_000;

/// One attempt as it passed one point.
pub(crate) struct Sight<'a> {
    pub(crate) index: usize,
    pub(crate) attempt: &'a Attempt,
    pub(crate) view: View,
    /// The packets of the attempt, each when it first passed.
    pub(crate) seen: Vec<Seen<'a>>,
    /// When the observer first recorded a packet of it once more.
    again: i64,
    /// Those of the other attempts on the 4-tuple.
    beside: Vec<Seen<'a>>,
    /// What the packets can't tell even where all were seen; then little is asked.
    pub(crate) blurred: bool,
    /// Whether the record holds a packet of the 4-tuple twice.
    pub(crate) copied: bool,
    /// Where it does, and nothing shows that it is the same packet: the places of the second ones.
    pub(crate) repeats: Vec<usize>,
}

#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) at: i64,
    pub(crate) id: usize,
    pub(crate) emission: &'a Emission,
}

impl Seen<'_> {
    pub(crate) fn segment(&self) -> &Segment {
        &self.emission.segment
    }

    pub(crate) fn is_from(&self, side: Side) -> bool {
        self.emission.from == side
    }
}

impl<'a> Sight<'a> {
    pub(crate) fn of(truth: &'a Truth, index: usize, view: View, captured: &[Captured]) -> Self {
        let mut sight = Self {
            index,
            attempt: &truth.attempts[index],
            view,
            seen: Vec::new(),
            again: i64::MAX,
            beside: Vec::new(),
            blurred: false,
            copied: false,
            repeats: Vec::new(),
        };
        for (place, frame) in captured.iter().enumerate() {
            let emission = &truth.emissions[frame.emission];
            if emission.flow != sight.attempt.flow {
                continue;
            }
            let own = emission.attempt == Some(index);
            let list = if own { &mut sight.seen } else { &mut sight.beside };
            match list.iter().find(|seen| seen.id == frame.emission) {
                None => list.push(Seen { at: frame.at, id: frame.emission, emission }),
                Some(first) => {
                    let known = is_known_copy(truth, captured, place, first.at);
                    sight.copied = true;
                    if own && frame.again {
                        sight.again = sight.again.min(frame.at);
                    }
                    sight.blurred |= own && !known;
                    sight.repeats.extend((!known).then_some(place));
                }
            }
        }
        sight.copied |= sight.has_twins();
        sight.blurred |= sight.attempt.server_isns.len() > 1
            || sight.is_late()
            || sight.restarts()
            || sight.outlives_refusal()
            || sight.crowds()
            || sight.is_split();
        sight
    }

    /// Whether the attempt is seen in two VLANs and nothing shows that it is one: the same numbers in
    /// two VLANs may be two attempts.
    fn is_split(&self) -> bool {
        let first = self.seen.iter().find(|seen| seen.segment().flags & SYN != 0);
        matches!(self.view.scope, Scope::Routed(..))
            && first.is_some_and(|first| !first.segment().has_identity())
    }

    /// Whether two packets that were sent look like one that was captured twice.
    pub(crate) fn has_twins(&self) -> bool {
        has_twins(&self.seen) || has_twins(&self.beside)
    }

    /// Whether two SYNs or SYN-ACKs, one of them held up, look like one that was captured twice.
    fn crowds(&self) -> bool {
        let is_syn = |seen: &&Seen<'a>| seen.segment().flags & SYN != 0;
        has_twins(&self.seen.iter().filter(is_syn).copied().collect::<Vec<_>>())
    }

    /// Whether a packet was recorded once more before the attempt was confirmed.
    pub(crate) fn is_copied_in_time(&self) -> bool {
        self.again < self.confirmation().map_or(i64::MAX, |seen| seen.at)
    }

    /// Whether the acknowledgment came so long after the last SYN-ACK that it can't be
    /// distinguished from a later segment.
    fn is_late(&self) -> bool {
        self.acknowledgment().is_some_and(|ack| {
            let before = |seen: &&Seen<'_>| seen.at <= ack.at;
            self.syn_acks().filter(before).last().is_some_and(|last| ack.at - last.at >= SETTLED)
        })
    }

    /// Whether a SYN came after what could have been the end: it may be a late copy, the same attempt
    /// tried on, or another with the same J.
    fn restarts(&self) -> bool {
        let last = self.syns().last().map_or(i64::MIN, |syn| syn.at);
        let ended = |seen: &&Seen<'_>| seen.segment().flags & (RST | FIN) != 0;
        let end = self.seen.iter().find(ended).map_or(i64::MAX, |seen| seen.at);
        let opened = self.acknowledgment().is_some() || self.syn_acks().any(|seen| seen.at > end);
        last > end && (opened || last - end >= SETTLED)
    }

    /// Whether a SYN-ACK came when the attempt had been over since it was refused: it may begin another
    /// with the same J.
    fn outlives_refusal(&self) -> bool {
        let next = self.attempt.client_isn.wrapping_add(1);
        let refusal = self.seen.iter().position(|seen| seen.segment().refuses(next));
        let since = refusal.map_or(&[][..], |at| &self.seen[at..]);
        let is_late =
            |two: &[Seen<'_>]| two[1].segment().is_syn_ack() && two[1].at - two[0].at >= SETTLED;
        since.windows(2).any(is_late)
    }

    /// Whether the server sent something for an older attempt after the SYN that may be its answer to
    /// it: an acknowledgment, a SYN-ACK or a RST.
    pub(crate) fn is_answered_for_another(&self) -> bool {
        let first = self.syns().next().map_or(i64::MAX, |syn| syn.at);
        self.beside.iter().filter(|seen| seen.is_from(Side::Server)).any(|seen| {
            let segment = seen.segment();
            let answers = segment.is_syn_ack() || segment.is_ack() && !segment.has_data();
            seen.at > first && (segment.is_rst() || answers)
        })
    }

    /// Whether the SYN of a later attempt on the 4-tuple passed before that.
    pub(crate) fn is_followed_before(&self, at: i64) -> bool {
        let first = self.seen.first().map_or(i64::MAX, |seen| seen.at);
        let syn = |seen: &&Seen<'_>| seen.segment().is_syn() && (first..at).contains(&seen.at);
        self.beside.iter().any(|seen| syn(&seen))
    }

    /// Whether the SYN was missed, and one of another attempt on the 4-tuple was not.
    pub(crate) fn is_doubtful(&self) -> bool {
        let first = self.syn_acks().next().map_or(i64::MAX, |seen| seen.at);
        self.syns().next().is_none()
            && self.beside.iter().any(|seen| seen.at < first && seen.segment().is_syn())
    }

    /// Whether the client reset an older attempt between its SYN and the answer. Then a SYN before
    /// that may have met the old connection.
    pub(crate) fn cleared(&self) -> bool {
        let first = self.syns().next().map_or(i64::MAX, |syn| syn.at);
        let answer = self.syn_acks().next().map_or(i64::MAX, |seen| seen.at);
        self.beside.iter().any(|seen| {
            seen.is_from(Side::Client)
                && seen.segment().is_rst()
                && (first..answer).contains(&seen.at)
        })
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.view.sees == Sees::Both
    }

    pub(crate) fn from(&self, side: Side) -> impl Iterator<Item = &Seen<'a>> {
        self.seen.iter().filter(move |seen| seen.is_from(side))
    }

    pub(crate) fn syns(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.from(Side::Client).filter(|seen| seen.segment().is_syn())
    }

    pub(crate) fn syn_acks(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.from(Side::Server).filter(|seen| seen.segment().is_syn_ack())
    }

    /// The client's first segment that acknowledges K.
    pub(crate) fn acknowledgment(&self) -> Option<&Seen<'a>> {
        self.from(Side::Client).find(|seen| seen.segment().is_ack())
    }

    /// The acknowledgment, if it is the client's first segment after the SYN.
    pub(crate) fn first_acknowledgment(&self) -> Option<&Seen<'a>> {
        let next = self.attempt.client_isn.wrapping_add(1);
        self.acknowledgment().filter(|ack| ack.segment().seq == next)
    }

    /// What the server sends only once it has taken the acknowledgment.
    pub(crate) fn confirmation(&self) -> Option<&Seen<'a>> {
        let next = self.attempt.client_isn.wrapping_add(1);
        self.from(Side::Server).find(|seen| {
            let segment = seen.segment();
            segment.is_ack() && (segment.has_data() || segment.ack != next)
        })
    }

    /// The first RST that answers the SYN before any SYN-ACK: the server's or a firewall's, with
    /// ACK J+1.
    pub(crate) fn refusal(&self) -> Option<&Seen<'a>> {
        let next = self.attempt.client_isn.wrapping_add(1);
        let before = self.syn_acks().next().map_or(i64::MAX, |seen| seen.at);
        self.from(Side::Server).find(|seen| seen.segment().refuses(next) && seen.at < before)
    }

    /// The first RST in the client's name with the number that this attempt has come to.
    pub(crate) fn reset_by_client(&self) -> Option<&Seen<'a>> {
        let next = self.attempt.client_isn.wrapping_add(1);
        self.from(Side::Client).find(|seen| seen.segment().is_rst() && seen.segment().seq == next)
    }

    /// A RST of the client whose acknowledgment shows that it received the SYN-ACK, though its
    /// number counts data that did not pass.
    pub(crate) fn late_reset(&self) -> Option<&Seen<'a>> {
        self.from(Side::Client).find(|seen| {
            let rst = seen.segment();
            rst.is_rst() && rst.flags & ACK != 0 && !seen.emission.forged
        })
    }

    /// The first RST in the server's name that a client with the SYN-ACK, or still without, takes.
    pub(crate) fn reset_by_server(&self) -> Option<&Seen<'a>> {
        let next = self.attempt.client_isn.wrapping_add(1);
        self.from(Side::Server)
            .find(|seen| seen.segment().refuses(next) || self.is_bare_reset(seen))
    }

    /// A RST without ACK in the server's name, with sequence number K+1.
    pub(crate) fn is_bare_reset(&self, seen: &Seen<'_>) -> bool {
        let rst = seen.segment();
        let is_next = |k: &u32| k.wrapping_add(1) == rst.seq;
        seen.is_from(Side::Server)
            && rst.is_rst()
            && rst.flags & ACK == 0
            && self.attempt.server_isns.iter().any(is_next)
    }

    /// SYN-ACKs that were sent again and passed after the acknowledgment.
    pub(crate) fn repeated_after(&self, ack: &Seen<'_>) -> usize {
        self.syn_acks().filter(|seen| seen.at > ack.at).count()
    }

    pub(crate) fn server_established(&self) -> bool {
        self.attempt.server_established.is_some()
    }
}

/// Whether two of these look like one that was captured twice.
fn has_twins(list: &[Seen<'_>]) -> bool {
    let twins = |a: &Seen<'_>, b: &Seen<'_>| {
        let here = Segment { ttl: a.segment().ttl, ..b.segment().clone() };
        (a.segment(), a.emission.from) == (&here, b.emission.from) && (b.at - a.at) <= KNOWN_COPY
    };
    let later = |at: usize| &list[at + 1..];
    list.iter().enumerate().any(|(at, a)| later(at).iter().any(|b| twins(a, b)))
}

/// Whether an observer can tell that the frame at `place` is a packet again that he saw `since`.
fn is_known_copy(truth: &Truth, captured: &[Captured], place: usize, since: i64) -> bool {
    let frame = &captured[place];
    let emission = &truth.emissions[frame.emission];
    let apart = frame.at - since;
    if emission.segment.has_identity() {
        return apart <= KNOWN_COPY;
    }
    let answered = captured[..place].iter().any(|other| {
        let other_emission = &truth.emissions[other.emission];
        other.at >= since
            && other_emission.flow == emission.flow
            && other_emission.from != emission.from
    });
    apart <= BARE_COPY && !answered
}
