//! Captures of the same traffic: with others beside it, and with every packet seen twice.

use std::fmt;

use handshake::{
    Cause, End, Event, Handshake, Limits, Reporting, SegmentIndex, SegmentRecord, Steps, Tracker,
    Verdict,
};
use parser::{Content, Decoder, Frame, LinkType, Origin, TcpOption, Timestamp};
use testkit::Script;

const MS: i64 = 1_000_000;
/// More than any of the captures needs: nothing is left out.
const LIMITS: Limits =
    Limits { attempts: 65_536, segments: 4_096, memory: 1 << 30, remembered: 16_384 };
/// Frames that were not in the capture have numbers from here on.
const OTHERS: u64 = 1 << 32;

/// A frame, as it was captured. It keeps its number when others are put beside it.
#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) number: u64,
    pub(crate) time: i64,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ns: ", self.number, self.time)?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How a packet comes to be captured twice. Copies that come later than others are made of packets
/// that have an identity and are in a record, or confirm one: what is in none can't be known again.
/// The limits of 20 and 200 ms run from the first sight, which a packet sent again within
/// microseconds has in common with the one before it: so they are not reached here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Once more in the same place, 5 ms later or before the next one.
    AtOnce,
    /// Once more in the same place, 19 ms later, whoever spoke.
    Later,
    /// Behind a router, 199 ms later.
    Routed,
    /// In another VLAN too, 199 ms later.
    Tagged,
}

impl Manner {
    pub(crate) const ALL: [Self; 4] = [Self::AtOnce, Self::Later, Self::Routed, Self::Tagged];
}

/// The records, in the order of their first segments, which their ids count.
pub(crate) fn records(frames: &[Captured]) -> Vec<Handshake> {
    records_as(frames, Reporting::Records)
}

/// The same, as they are reported so.
pub(crate) fn records_as(frames: &[Captured], reporting: Reporting) -> Vec<Handshake> {
    let mut tracker = Tracker::new(LIMITS, reporting);
    let mut records = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            records.push(record.clone());
        }
    };
    for (number, captured) in (1..).zip(frames) {
        let frame = Frame {
            origin: Origin::default(),
            number,
            timestamp: Some(Timestamp::from_nanos(captured.time)),
            link: captured.link,
            wire_len: captured.wire_len,
            bytes: &captured.bytes,
        };
        tracker.on_frame(&frame, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    assert_eq!(tracker.counters().evicted.iter().sum::<u64>(), 0);
    records.sort_by_key(|record| record.id);
    for record in &mut records {
        renumber(record, |place| frames[place as usize - 1].number);
    }
    records
}

/// Tells frames by the numbers that they keep, not by their places.
fn renumber(record: &mut Handshake, number: impl Fn(u64) -> u64) {
    let renumber = |frame: &mut u64| *frame = number(*frame);
    record.segments.iter_mut().for_each(|segment| renumber(&mut segment.frame));
    record.confirmed_by.iter_mut().for_each(|by| renumber(&mut by.frame));
    record.icmp.iter_mut().for_each(|icmp| renumber(&mut icmp.frame));
    record.timing.clock_went_back.iter_mut().for_each(|back| renumber(&mut back.frame));
    let context = &mut record.context;
    context.others_answered.iter_mut().for_each(|answer| renumber(&mut answer.frame));
    context.client_completed.iter_mut().for_each(renumber);
}

/// The records of the capture's own frames: those of the hosts that [`beside`] added are left out.
pub(crate) fn own(mut records: Vec<Handshake>) -> Vec<Handshake> {
    records.retain(|record| record.segments.iter().all(|segment| segment.frame < OTHERS));
    numbered(records)
}

/// Records with ids that count them.
pub(crate) fn numbered(mut records: Vec<Handshake>) -> Vec<Handshake> {
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    let anew = |id: u64| ids.iter().position(|&it| it == id).map_or(id, |at| at as u64 + 1);
    for record in &mut records {
        record.id = anew(record.id);
        if let Some(previous) = &mut record.previous {
            previous.id = anew(previous.id);
        }
    }
    records
}

/// A record without what copies of packets may change.
pub(crate) fn without_copies(mut record: Handshake) -> Handshake {
    record.steps = without(&record.segments, record.steps);
    record.segments.retain(|segment| segment.verdict != Verdict::DuplicateCapture);
    record.timing.wireshark_irtt_ns = None;
    record.encapsulations.clear();
    record.segments.iter_mut().for_each(|segment| segment.encapsulation = 0);
    record.segments_omitted = 0;
    record
}

/// The steps, where the copies among the segments are not counted.
fn without(segments: &[SegmentRecord], steps: Steps) -> Steps {
    let place = |at: SegmentIndex| {
        let before = segments.iter().take(usize::from(at));
        before.filter(|it| it.verdict != Verdict::DuplicateCapture).count() as SegmentIndex
    };
    let cause = |cause| match cause {
        Cause::Unknown => Cause::Unknown,
        Cause::Known(at) => Cause::Known(place(at)),
        Cause::OneOf(first, last) => Cause::OneOf(place(first), place(last)),
    };
    Steps {
        syn: steps.syn.map(place),
        answered: cause(steps.answered),
        syn_ack: steps.syn_ack.map(place),
        acknowledged: cause(steps.acknowledged),
        ack: steps.ack.map(place),
        proof: steps.proof.map(place),
        decisive: steps.decisive.map(place),
    }
}

/// Puts packets of other hosts between the frames: at each place as many as `count` says. Their
/// times lie between those of their neighbours.
pub(crate) fn beside(frames: &[Captured], mut count: impl FnMut(usize) -> u8) -> Vec<Captured> {
    let mut others = (0..).flat_map(other_attempt).zip(OTHERS..);
    let mut mixed = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        mixed.push(frame.clone());
        let Some(next) = frames.get(at + 1) else { break };
        let step = next.time.saturating_sub(frame.time);
        let count = count(at);
        for (place, (bytes, number)) in (1..).zip(others.by_ref().take(count.into())) {
            let time = frame.time + step / (i64::from(count) + 1) * place;
            let (link, wire_len) = (LinkType::ETHERNET, bytes.len() as u32);
            mixed.push(Captured { number, time, link, wire_len, bytes });
        }
    }
    mixed
}

/// The frames of an attempt between two hosts that are in no capture (RFC 6598); each number stands
/// for other ports.
fn other_attempt(number: u16) -> Vec<Vec<u8>> {
    let fate = match number % 4 {
        0 => {
            "+0 S > C S. K:K(0) ack J+1\n+0 C > S . J+1:J+1(0) ack K+1\n+0 S > C . K+1:K+1(0) ack J+1"
        }
        1 => "+0 S > C R. 0:0(0) ack J+1",
        2 => "+0 C > S S J:J(0)\n+0 S > C S. K:K(0) ack J+1",
        _ => "+0 frame ffffffffffff0200000000010806\n+0 C > S R J:J(0)",
    };
    let port = number.wrapping_add(1_024).max(1);
    let script = format!(
        "client 100.64.0.1:{port} server 100.64.0.2:443\nisn J={port} K=77\n\
         +0 C > S S J:J(0)\n{fate}"
    );
    let script = Script::parse(&script).expect("the script is right");
    script.into_frames().into_iter().map(|frame| frame.bytes).collect()
}

/// Every packet twice; the times of the frames must not go back.
pub(crate) fn twice(frames: &[Captured], manner: Manner) -> Vec<Captured> {
    let told = records(frames);
    let is_told = |frame: &Captured| {
        told.iter().any(|record| {
            record.confirmed_by.is_some_and(|by| by.frame == frame.number)
                || record.segments.iter().any(|segment| segment.frame == frame.number)
        })
    };
    let mut mixed = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        mixed.push(frame.clone());
        let next = frames.get(at + 1).map_or(i64::MAX, |next| next.time);
        if manner == Manner::AtOnce || is_told(frame) {
            mixed.extend(copy(frame, next, manner));
        }
    }
    mixed.sort_by_key(|frame| frame.time);
    mixed
}

fn copy(frame: &Captured, next: i64, manner: Manner) -> Option<Captured> {
    let number = frame.number + OTHERS;
    let has_identity = has_identity(frame)?;
    let copy = |time, bytes: Vec<u8>| {
        let wire_len = frame.wire_len + (bytes.len() - frame.bytes.len()) as u32;
        Some(Captured { number, time, wire_len, bytes, ..*frame })
    };
    let same = frame.bytes.clone();
    match manner {
        Manner::AtOnce => copy(next.min(frame.time + 5 * MS), same),
        _ if !has_identity => None,
        Manner::Later => copy(frame.time + 19 * MS, same),
        _ if frame.link != LinkType::ETHERNET => None,
        Manner::Routed => copy(frame.time + 199 * MS, routed(same)?),
        Manner::Tagged => copy(frame.time + 199 * MS, tagged(&same)),
    }
}

/// Whether a packet is known again by more than its numbers; `None` for what concerns no attempt.
fn has_identity(frame: &Captured) -> Option<bool> {
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&Frame::of_bytes(frame.link, frame.wire_len, &frame.bytes));
    let segment = match packet.content {
        Content::Tcp(segment) => segment,
        Content::Icmp(_) => return Some(false),
        Content::Other(_) | Content::Stopped(_) => return None,
    };
    let mut options = parser::Options::new(segment.option_bytes());
    let is_stamped = options.any(|option| matches!(option, TcpOption::Timestamps { .. }));
    Some(segment.ip_id.unwrap_or(0) != 0 || is_stamped)
}

/// The hop limit is one less; `None` where the frame holds more than Ethernet and IP.
fn routed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let hop_limit = match bytes.get(12..14)? {
        [0x08, 0x00] => 14 + 8,
        [0x86, 0xdd] => 14 + 7,
        _ => return None,
    };
    *bytes.get_mut(hop_limit)? -= 1;
    Some(bytes)
}

fn tagged(frame: &[u8]) -> Vec<u8> {
    let (addresses, rest) = frame.split_at(12);
    [addresses, &[0x81, 0x00, 0x0f, 0xff], rest].concat()
}
