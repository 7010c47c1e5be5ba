//! Captures of the same traffic: with others beside it, and with every packet seen twice.

use handshake::{End, Event, Handshake, Limits, Reporting, Tracker, Verdict};
use parser::{Content, Decoder, Frame, LinkType, Origin, TcpOption, Timestamp};
use testkit::Script;

const MS: i64 = 1_000_000;
/// More than any of the captures needs: nothing is left out.
const LIMITS: Limits =
    Limits { attempts: 65_536, segments: 4_096, segments_in_all: 1 << 20, remembered: 16_384 };
/// Frames that were not in the capture have numbers from here on.
const OTHERS: u64 = 1 << 32;

/// A frame, as it was captured. Its number stays when others are put beside it.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    pub(crate) number: u64,
    pub(crate) time: i64,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) bytes: Vec<u8>,
}

/// How a packet comes to be captured twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Once more in the same place, 5 ms later or before the next one.
    AtOnce,
    /// Once more in the same place, 20 ms later, whoever spoke; where the packet has an identity.
    Later,
    /// Behind a router, 200 ms later; where the packet has an identity.
    Routed,
    /// In another VLAN too, 200 ms later; where the packet has an identity.
    Tagged,
}

impl Manner {
    pub(crate) const ALL: [Self; 4] = [Self::AtOnce, Self::Later, Self::Routed, Self::Tagged];
}

/// The records, in the order of their first segments, which their ids count.
pub(crate) fn records(frames: &[Captured]) -> Vec<Handshake> {
    let mut tracker = Tracker::new(LIMITS, Reporting::Records);
    let mut records = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            records.push(record.clone());
        }
    };
    for captured in frames {
        let frame = Frame {
            origin: Origin::default(),
            number: captured.number,
            timestamp: Some(Timestamp::from_nanos(captured.time)),
            link: captured.link,
            wire_len: captured.wire_len,
            bytes: &captured.bytes,
        };
        tracker.on_frame(&frame, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    assert_eq!(tracker.counters().evicted, 0);
    records.sort_by_key(|record| record.id);
    records
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
    record.segments.retain(|segment| segment.verdict != Verdict::DuplicateCapture);
    record.timing.wireshark_irtt_ns = None;
    record.encapsulations.clear();
    record.segments.iter_mut().for_each(|segment| segment.encapsulation = 0);
    record.segments_omitted = 0;
    record
}

/// Puts packets of other hosts between the frames: at each place as many as `count` says. Their
/// times lie between those of their neighbours.
pub(crate) fn beside(frames: &[Captured], mut count: impl FnMut(usize) -> usize) -> Vec<Captured> {
    let mut others = (0..).flat_map(other_attempt).zip(OTHERS..);
    let mut mixed = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        mixed.push(frame.clone());
        let Some(next) = frames.get(at + 1) else { break };
        let step = next.time.saturating_sub(frame.time);
        let count = count(at);
        for (place, (bytes, number)) in (1..).zip(others.by_ref().take(count)) {
            let time = frame.time + step / (count as i64 + 1) * place;
            let (link, wire_len) = (LinkType::ETHERNET, bytes.len() as u32);
            mixed.push(Captured { number, time, link, wire_len, bytes });
        }
    }
    mixed
}

/// The frames of an attempt between two other hosts; each number stands for other ports.
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
        "client 198.51.100.1:{port} server 198.51.100.2:443\nisn J={port} K=77\n\
         +0 C > S S J:J(0)\n{fate}"
    );
    let script = Script::parse(&script).expect("the script is right");
    script.into_frames().into_iter().map(|frame| frame.bytes).collect()
}

/// Every packet twice; the times of the frames must not go back.
pub(crate) fn twice(frames: &[Captured], manner: Manner) -> Vec<Captured> {
    let mut mixed = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        mixed.push(frame.clone());
        let next = frames.get(at + 1).map_or(i64::MAX, |next| next.time);
        mixed.extend(copy(frame, next, manner));
    }
    mixed.sort_by_key(|frame| frame.time);
    mixed
}

fn copy(frame: &Captured, next: i64, manner: Manner) -> Option<Captured> {
    let number = frame.number + OTHERS;
    let has_identity = has_identity(frame)?;
    let copy = |time, bytes: Vec<u8>| {
        let wire_len = frame.wire_len + (bytes.len() - frame.bytes.len()) as u32;
        Some(Captured { number, time, bytes, wire_len, ..*frame })
    };
    let same = frame.bytes.clone();
    match manner {
        Manner::AtOnce => copy(next.min(frame.time + 5 * MS), same),
        _ if !has_identity => None,
        Manner::Later => copy(frame.time + 20 * MS, same),
        _ if frame.link != LinkType::ETHERNET => None,
        Manner::Routed => copy(frame.time + 200 * MS, routed(same)?),
        Manner::Tagged => copy(frame.time + 200 * MS, tagged(&same)),
    }
}

/// Whether a packet is known again by more than its numbers; `None` for what concerns no attempt.
fn has_identity(frame: &Captured) -> Option<bool> {
    let mut decoder = Decoder::new();
    let packet = decoder.decode(frame.link, frame.wire_len, &frame.bytes);
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
