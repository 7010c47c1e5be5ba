//! Packets between few hosts, with numbers near each other and any times: the tracker holds to its
//! limits, accounts for everything (crates/handshake/tests/traffic), and its records say the same
//! however frames are handed over and whatever is reported.

#[path = "../../../crates/handshake/tests/traffic/mod.rs"]
mod traffic;

use handshake::{Counters, End, Event, Handshake, Limits, Reporting, Tracker, recognise};
use hostnames::EndNames;
use parser::{Frame, LinkType, Names, Origin, Timestamp};
use render::{JsonLines, Record, Records, Summary, View as _};
use serde_json::Value;
use traffic::{Packet, TINY, track};

pub fn check(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else { return };
    let packets: Vec<_> = rest.chunks_exact(20).take(200).map(packet).collect();
    let limits = if how & 1 == 0 { TINY } else { Limits::default() };
    let end = if how & 2 == 0 { End::Complete } else { End::Interrupted };
    let mut records = Vec::new();
    let counters = track(&packets, limits, end, &mut |record| records.push(record.clone()));
    let bytes: Vec<_> = packets.iter().map(Packet::bytes).collect();
    let frames = frames_of(&packets, &bytes);
    let told = tell(frames.chunks(1), limits, end);
    assert_eq!(told, tell([&*frames], limits, end));
    lines(&told.0, &told.1);
    // Where time goes back, what is reported has a part in which attempt is evicted.
    if limits == Limits::default() || packets.is_sorted_by_key(|packet| packet.time) {
        records.sort_by_key(|record| record.id);
        assert_eq!(told, (records, counters));
    }
}

/// The attempts by their ids, and the totals, where no decision is reported. Which ends first of those
/// whose time is over at once depends on hashes, which each tracker seeds anew.
fn tell<'a>(
    parts: impl IntoIterator<Item = &'a [Frame<'a>]>,
    limits: Limits,
    end: End,
) -> (Vec<Handshake>, Counters) {
    let mut tracker = Tracker::new(limits, Reporting::Records);
    let mut records = Vec::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Ended(record) => records.push(record.clone()),
        event => panic!("{event:?} was not asked for"),
    };
    for frames in parts {
        tracker.on_frames(frames, &mut on_event);
    }
    tracker.finish(end, &mut on_event);
    records.sort_by_key(|record| record.id);
    (records, tracker.counters().clone())
}

fn frames_of<'a>(packets: &[Packet], bytes: &'a [Vec<u8>]) -> Vec<Frame<'a>> {
    let frames = (1..).zip(packets.iter().zip(bytes)).map(|(number, (packet, bytes))| Frame {
        origin: Origin::default(),
        number,
        timestamp: packet.time.map(Timestamp::from_nanos),
        link: LinkType::ETHERNET,
        wire_len: bytes.len() as u32,
        bytes: &bytes[..bytes.len() - usize::from(packet.cut).min(bytes.len())],
    });
    frames.collect()
}

/// What the lines of JSON hold of the records.
fn lines(records: &[Handshake], counters: &Counters) {
    let mut out = Vec::new();
    let mut view = JsonLines::new(&mut out, Records::default());
    let names = Names::default();
    for handshake in records {
        let patterns = recognise(handshake);
        let record = Record {
            handshake,
            patterns: &patterns,
            calls: &[],
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        };
        view.handshake(&record).expect("memory takes it");
    }
    let summary = Summary { counters: counters.clone(), ..Summary::default() };
    view.finish(&summary).expect("memory takes it");

    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let mut found: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let totals = found.pop().expect("a last line");
    assert_eq!(found.len(), records.len());
    for (id, (line, record)) in (1..).zip(found.iter().zip(records)) {
        assert_eq!((&line["id"], record.id), (&id.into(), id));
        assert_eq!(line["outcome"], record.outcome.name());
        assert_eq!(line["client_isn"], record.client_isn.0);
        assert_eq!(line["timing"]["total_ns"], Value::from(record.timing.total_ns));
        assert_eq!(line["segments_omitted"], record.segments_omitted);
        let frames = line["segments"].as_array().expect("segments");
        let frames: Vec<_> = frames.iter().map(|segment| segment["frame"].as_u64()).collect();
        let expected: Vec<_> = record.segments.iter().map(|it| Some(it.frame)).collect();
        assert_eq!(frames, expected);
        let outcomes = records.iter().filter(|other| other.outcome == record.outcome).count();
        assert_eq!(totals["handshakes"][record.outcome.name()], outcomes);
    }
}

/// 20 bytes are a packet. Sequence numbers are small and near the wrap, so that they fit each other.
fn packet(bytes: &[u8]) -> Packet {
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let number = |index| {
        let small = i32::from(at(index).cast_signed());
        (small << (at(index + 1) & 0x18)).cast_unsigned()
    };
    let long = bytes.get(12..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default();
    let time = match at(1) >> 6 {
        0 => Some(i64::from_le_bytes(long)),
        1 => None,
        // Milliseconds, or tenths of a second.
        2 => Some(i64::from(at(12)) * 1_000_000),
        _ => Some(i64::from(at(12)) * 100_000_000),
    };
    Packet {
        flow: at(0) & 7,
        reversed: at(0) & 8 != 0,
        flags: at(2),
        seq: number(3),
        ack: number(5),
        len: at(7) & 3,
        options: at(1) & 7,
        icmp: (at(0) & 0xf0 == 0xf0).then(|| (at(8) & 15, at(9) & 15)),
        time,
        cut: if at(1) & 0x38 == 0x38 { at(10) } else { 0 },
    }
}
