//! One connection on its way to its end.

use parser::{Endpoint, Flags, Frame, Layer, Segment, SeqNumber};

use super::states;
use crate::close::{Close, Data};
use crate::record::Handshake;
use crate::segment::{AckCheck, FramePlace, Kind, SegmentRecord, Verdict, Why};
use crate::side::Side;
use crate::tracker::copies::is_again;
use crate::tracker::flow::{FlowKey, Opener};
use crate::tracker::judgement::{Effect, Judgement};
use crate::tracker::keep::segment_record;
use crate::tracker::mark::UNIDENTIFIED_NS;
use crate::tracker::spans::LINGER_NS;

/// Segments of the close that are kept.
pub(super) const KEPT: usize = 24;
/// Segments with data that are remembered until the record says which of them it has.
const EARLY: usize = 32;
/// A number further away belongs to another connection on the same 4-tuple.
const NEAR: u32 = 1 << 28;
/// Encapsulations of one attempt that are distinguished.
const ENCAPSULATIONS: usize = 8;

/// A connection from its first SYN on.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) hash: u64,
    opener: Opener,
    /// Data of its SYNs, which the SYN-ACK may acknowledge, too.
    syn_len: u32,
    /// What follows on all that each side is known to have sent, and the number of its FIN.
    next: [Option<SeqNumber>; 2],
    fins: [Option<SeqNumber>; 2],
    /// Whether its latest FIN waits for an acknowledgment.
    waits: [bool; 2],
    has_reset: bool,
    kept: Vec<Kept>,
    /// The data since the last of them.
    since: [Data; 2],
    early: Vec<Early>,
    omitted: u32,
    /// The record, once the attempt has ended.
    pub(super) record: Option<Box<Handshake>>,
    /// When the latest segment of the close was captured.
    closed_at: Option<i64>,
    /// Whether its end is awaited already.
    pub(super) is_awaited: bool,
}

/// A segment of the close.
#[derive(Debug)]
struct Kept {
    before: [Data; 2],
    segment: SegmentRecord,
    layers: Vec<Layer>,
}

/// A segment with data that may be in the record: what was counted of it, and where.
#[derive(Debug)]
struct Early {
    place: FramePlace,
    side: Side,
    data: Data,
    kept: usize,
}

impl Connection {
    pub(super) fn new(hash: u64, opener: Opener) -> Self {
        Self {
            hash,
            opener,
            syn_len: 0,
            next: [Some(opener.client_isn.plus(1)), None],
            fins: [None; 2],
            waits: [false; 2],
            has_reset: false,
            kept: Vec::new(),
            since: [Data::default(); 2],
            early: Vec::new(),
            omitted: 0,
            record: None,
            closed_at: None,
            is_awaited: false,
        }
    }

    pub(super) fn is_between(&self, flow: FlowKey<'_>) -> bool {
        let ends = (&self.opener.client, &self.opener.server);
        ends == (flow.source, flow.destination) || ends == (flow.destination, flow.source)
    }

    pub(super) fn is_opened_by(&self, opener: &Opener) -> bool {
        let Opener { client, server, client_isn } = *opener;
        (client, server, client_isn)
            == (self.opener.client, self.opener.server, self.opener.client_isn)
    }

    /// The bytes that it takes.
    pub(super) fn weight(&self) -> usize {
        let record = self.record.as_ref().map_or(0, |record| record.weight());
        let layers: usize = self.kept.iter().map(|kept| kept.layers.capacity()).sum();
        size_of::<Self>()
            + record
            + self.kept.capacity() * size_of::<Kept>()
            + layers * size_of::<Layer>()
            + self.early.capacity() * size_of::<Early>()
    }

    /// Whether both FINs are acknowledged, or a RST ended it.
    pub(super) fn is_closed(&self) -> bool {
        self.has_reset || self.fins.iter().all(Option::is_some) && self.waits == [false; 2]
    }

    /// When nothing of it is awaited any more, if it is closed.
    pub(super) fn due(&self) -> Option<i64> {
        self.closed_at.filter(|_| self.is_closed()).map(|at| at.saturating_add(LINGER_NS))
    }

    /// The attempt has ended. Its record says which segments it has, and which K counts.
    pub(super) fn hold(&mut self, record: &Handshake) {
        for Early { place, side, data, kept } in std::mem::take(&mut self.early) {
            if record.segments.iter().any(|segment| segment.place() == place) {
                let before = self.kept.get_mut(kept).map_or(&mut self.since, |it| &mut it.before);
                let counted = &mut before[side as usize];
                counted.segments = counted.segments.saturating_sub(data.segments);
                counted.bytes = counted.bytes.saturating_sub(data.bytes);
            }
        }
        self.record = Some(Box::new(record.clone()));
    }

    /// How far the numbers of a segment are from those of this connection; `None` where they belong to
    /// another one on the same 4-tuple.
    pub(super) fn distance(&self, segment: &Segment<'_>) -> Option<u32> {
        let from = self.sender(&segment.source);
        let far = |side: Side, number: SeqNumber| {
            let next = self.next[side as usize].unwrap_or(number);
            Some(number.distance_from(next).unsigned_abs()).filter(|&far| far < NEAR)
        };
        match Kind::of(segment.flags) {
            // A server that opens, too, says nothing of the client's number.
            Kind::Syn => match from {
                Side::Client => (segment.seq == self.opener.client_isn).then_some(0),
                Side::Server => self.next[from as usize].is_none().then_some(0),
            },
            Kind::SynAck if from == Side::Server => {
                let data = segment.ack()?.distance_from(self.opener.client_isn.plus(1));
                u32::try_from(data).is_ok_and(|data| data <= self.syn_len).then_some(0)
            }
            Kind::Ack | Kind::Rst => {
                let ack = segment.ack().map_or(Some(0), |ack| far(from.other(), ack))?;
                Some(far(from, segment.seq)? + ack)
            }
            Kind::Other if is_bare_fin(segment.flags) => far(from, segment.seq),
            Kind::SynAck | Kind::Icmp | Kind::Other => None,
        }
    }

    /// Takes a segment of which no other connection is nearer.
    pub(super) fn take(&mut self, frame: &Frame<'_>, layers: &[Layer], segment: &Segment<'_>) {
        let from = self.sender(&segment.source);
        match Kind::of(segment.flags) {
            Kind::Syn | Kind::SynAck => self.opens(from, segment),
            _ => self.follow(from, frame, layers, segment),
        }
    }

    fn sender(&self, source: &Endpoint) -> Side {
        if *source == self.opener.client { Side::Client } else { Side::Server }
    }

    /// A SYN or SYN-ACK of the server says where its numbers begin.
    fn opens(&mut self, from: Side, segment: &Segment<'_>) {
        if from == Side::Server {
            self.next[Side::Server as usize] = Some(segment.seq.plus(1));
            // Data of the SYN that the server took (Fast Open).
            let client = &mut self.next[Side::Client as usize];
            *client = segment.ack().or(*client);
        } else {
            self.syn_len = self.syn_len.max(segment.len);
        }
    }

    fn follow(&mut self, from: Side, frame: &Frame<'_>, layers: &[Layer], segment: &Segment<'_>) {
        let is_copy = self.kept.iter().any(|it| is_again(&it.segment, frame, segment, from));
        if is_copy {
            return self.keep(from, frame, layers, segment, (Verdict::DuplicateCapture, None));
        }
        let is_reset = segment.flags.contains(Flags::RST);
        let has_fin = segment.flags.contains(Flags::FIN) && !is_reset;
        self.accept(from.other(), segment);
        let check = self.check(from, segment);
        let answers = check.is_some() && std::mem::take(&mut self.waits[from.other() as usize]);
        let verdict = self.verdict(from, segment);
        if !is_reset {
            self.disprove(from, frame, segment);
        }
        let is_kept = has_fin || is_reset || answers;
        let is_bare = is_bare_fin(segment.flags);
        let data = if is_bare { Data::default() } else { self.count(from, segment, is_kept) };
        if !data.is_none() && self.record.is_none() && self.early.len() < EARLY {
            let (place, kept) = (FramePlace::of(frame), self.kept.len());
            self.early.push(Early { place, side: from, data, kept });
        }
        self.since[from as usize].add(data);
        if is_kept {
            self.has_reset |= is_reset && verdict == Verdict::Advanced;
            self.waits[from as usize] |= has_fin && !matches!(verdict, Verdict::Unacceptable(_));
            self.keep(from, frame, layers, segment, (verdict, check));
        }
    }

    /// A FIN of this side without ACK is one if the other side acknowledges it.
    fn accept(&mut self, side: Side, answer: &Segment<'_>) {
        let Some(ack) = answer.ack().filter(|_| self.fins[side as usize].is_none()) else { return };
        let bare = self.kept.iter_mut().map(|kept| &mut kept.segment).filter(|kept| {
            let end = kept.seq.plus(kept.len).plus(1);
            let is_dropped = kept.verdict == Verdict::Unacceptable(Why::NoAck);
            kept.from == side.into() && is_dropped && end == ack
        });
        for (nth, kept) in bare.enumerate() {
            kept.verdict = if nth == 0 { Verdict::Advanced } else { Verdict::Retransmission };
            self.fins[side as usize] = Some(ack.minus(1));
            self.next[side as usize] = Some(ack);
            self.waits[side as usize] = true;
        }
    }

    /// How its acknowledgment compares with the other side's FIN, where it acknowledges that.
    fn check(&self, from: Side, segment: &Segment<'_>) -> Option<AckCheck> {
        let isn = self.fins[from.other() as usize]?;
        Some(AckCheck { isn, data: 0, found: segment.ack()? }).filter(AckCheck::ok)
    }

    fn verdict(&mut self, from: Side, segment: &Segment<'_>) -> Verdict {
        if segment.flags.contains(Flags::RST) {
            // RFC 9293, 3.10.7.4: nothing but the next number resets.
            let expected = self.next[from as usize].unwrap_or(segment.seq);
            // A FIN that is not acknowledged may not have arrived.
            let fin = self.fins[from as usize].filter(|_| self.waits[from as usize]);
            return match segment.seq.distance_from(expected) {
                0 => Verdict::Advanced,
                _ if fin == Some(segment.seq) => Verdict::Advanced,
                // What it follows on may not have been captured.
                1.. => Verdict::Stray,
                _ => Verdict::Unacceptable(Why::WrongSeq { expected }),
            };
        }
        if !segment.flags.contains(Flags::FIN) {
            return Verdict::Advanced;
        }
        let number = segment.seq.plus(segment.len);
        if is_bare_fin(segment.flags) && self.fins[from as usize] != Some(number) {
            return Verdict::Unacceptable(Why::NoAck);
        }
        match self.fins[from as usize].replace(number) {
            Some(before) if before == number => Verdict::Retransmission,
            Some(before) => {
                self.fins[from as usize] = Some(before);
                Verdict::Stray
            }
            None => Verdict::Advanced,
        }
    }

    /// A RST whose sender goes on was not its own: it ended nothing.
    fn disprove(&mut self, from: Side, frame: &Frame<'_>, segment: &Segment<'_>) {
        for Kept { segment: kept, .. } in &mut self.kept {
            // Several queues of a network card may change the order.
            let later = kept.timestamp.zip(frame.timestamp).is_some_and(|(before, now)| {
                now.nanos_since(before) > UNIDENTIFIED_NS.cast_signed()
            });
            let goes_on = segment.seq.distance_from(kept.seq) >= 0 && later;
            if kept.is_sent(from.into(), Kind::Rst) && kept.verdict == Verdict::Advanced && goes_on
            {
                kept.verdict = Verdict::Unacceptable(Why::Disproved);
                self.has_reset = false;
            }
        }
    }

    /// Counts the data of a segment that is not drawn itself, and moves the next number on.
    fn count(&mut self, from: Side, segment: &Segment<'_>, is_kept: bool) -> Data {
        let is_reset = segment.flags.contains(Flags::RST);
        if let Some(ack) = segment.ack().filter(|_| !is_reset) {
            let next = self.next[from.other() as usize].get_or_insert(ack);
            let fin = self.fins[from.other() as usize].map(|fin| fin.plus(1));
            if ack.distance_from(*next) > 0 && fin != Some(ack) {
                self.since[from.other() as usize].misses = true;
                *next = ack;
            }
        }
        let next = self.next[from as usize].unwrap_or(segment.seq);
        let ahead = segment.seq.distance_from(next);
        if is_reset {
            return Data::default();
        }
        let fin = u32::from(segment.flags.contains(Flags::FIN));
        let end = segment.seq.plus(segment.len);
        let new = end.distance_from(next).max(0).cast_unsigned().min(segment.len);
        if end.plus(fin).distance_from(next) >= 0 {
            self.next[from as usize] = Some(end.plus(fin));
        }
        let is_counted = new > 0 && !is_kept;
        Data {
            segments: is_counted.into(),
            bytes: if is_counted { new.into() } else { 0 },
            misses: ahead > 0,
            repeats: !is_kept && segment.len > 0 && ahead < 0,
        }
    }

    fn keep(
        &mut self,
        from: Side,
        frame: &Frame<'_>,
        layers: &[Layer],
        segment: &Segment<'_>,
        (verdict, ack_check): (Verdict, Option<AckCheck>),
    ) {
        self.closed_at = frame.timestamp.map(parser::Timestamp::as_nanos).or(self.closed_at);
        if self.kept.len() >= KEPT {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        let judgement = Judgement { verdict, ack_check, effect: Effect::None };
        let segment = segment_record(frame, segment, from, 0, &judgement, true);
        let before = std::mem::take(&mut self.since);
        self.kept.push(Kept { before, segment, layers: layers.to_vec() });
    }

    /// The record with all that was seen of its close; `None` where no attempt has ended.
    pub(super) fn conclude(self, is_cut: bool) -> Option<Handshake> {
        let Self { mut kept, since, fins, omitted, record, .. } = self;
        let mut record = *record?;
        let mut segments: Vec<_> = kept.iter().map(|kept| kept.segment.clone()).collect();
        let last = [record.client_state, record.server_state];
        let Handshake { segments: opening, encapsulations, .. } = &mut record;
        let of_opening =
            |segment: &SegmentRecord| opening.iter().find(|one| one.place() == segment.place());
        for segment in &mut segments {
            let one = of_opening(segment);
            let states = one.map_or(last, |one| [one.client_state, one.server_state]);
            [segment.client_state, segment.server_state] = states;
            // What the handshake does not take changes nothing here.
            let is_refused = |verdict: &Verdict| matches!(verdict, Verdict::Unacceptable(_));
            let refused = one.map(|one| one.verdict).filter(is_refused);
            segment.verdict = refused.unwrap_or(segment.verdict);
        }
        states::mark(&mut segments);
        let mut close = Close { fins, omitted, is_cut, ..Close::default() };
        let mut data = [Data::default(); 2];
        for (kept, mut segment) in kept.drain(..).zip(segments) {
            data.iter_mut().zip(kept.before).for_each(|(sum, before)| sum.add(before));
            let is_of_handshake = of_opening(&segment).is_some();
            segment.encapsulation = encapsulation(encapsulations, kept.layers);
            close.segments.push(segment);
            // It is counted before the next one that the handshake has not.
            let before =
                if is_of_handshake { Default::default() } else { std::mem::take(&mut data) };
            close.data.push(before);
        }
        data.iter_mut().zip(since).for_each(|(sum, since)| sum.add(since));
        close.data.push(data);
        record.close = Some(Box::new(close));
        Some(record)
    }
}

/// Whether it is a FIN without ACK, and so of no [`Kind`].
fn is_bare_fin(flags: Flags) -> bool {
    flags.contains(Flags::FIN) && Kind::of(flags) == Kind::Other && !flags.contains(Flags::SYN)
}

/// The place of these layers among those of a record.
fn encapsulation(known: &mut Vec<Vec<Layer>>, layers: Vec<Layer>) -> u8 {
    if known.is_empty() && layers.is_empty() {
        return 0;
    }
    if known.is_empty() {
        known.push(Vec::new());
    }
    let at = known.iter().position(|one| *one == layers);
    let at = at.unwrap_or_else(|| {
        if known.len() < ENCAPSULATIONS {
            known.push(layers);
        }
        known.len() - 1
    });
    at as u8
}
