//! Attempts of periods side by side, each read with its margins alone, are those of one run.

use std::collections::BTreeSet;
use std::fmt;

use handshake::{
    Counters, End, Event, Handshake, Limits, Reporting, Tracker, Traffic, period_to_read,
};
use parser::{Frame, LinkType, Origin, Period, Timestamp};
use proptest::prelude::*;

use super::traffic::Packet;

const SECOND: i64 = 1_000_000_000;
/// 2026-11-26 00:00 UTC.
const BEGIN: i64 = 1_795_651_200 * SECOND;

/// A segment as it was captured.
struct Captured {
    time: i64,
    packet: Packet,
    bytes: Vec<u8>,
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Packet { flow, reversed, flags, seq, ack, icmp, .. } = self.packet;
        let seconds = (self.time - BEGIN) as f64 / SECOND as f64;
        write!(f, "{seconds} flow {flow} {reversed} flags {flags} {seq:x} {ack:x} {icmp:?}")
    }
}

/// The number of the client's or the server's first segment of a connection; some wrap.
fn isn(number: u32) -> u32 {
    number.wrapping_mul(0x5555_5555).wrapping_sub(3)
}

/// Seconds of a stretch at most, and from the beginning of one to that of the next on the same 4-tuple.
const STRETCH: i64 = 600;
const EACH: i64 = 1_200;

/// A packet, and the milliseconds before it: from less than a round trip to what ends an attempt.
fn packet() -> impl Strategy<Value = (Packet, i64)> {
    // SYN, SYN-ACK, ACK, data, RST, RST-ACK, FIN-ACK.
    let kinds = vec![2, 2, 2, 2, 18, 18, 16, 16, 24, 4, 20, 17];
    let flags = proptest::sample::select(kinds);
    let waits = vec![0, 1, 30, 200, 1_000, 3_000, 7_000, 31_000, 64_000, 80_000, 130_000, 239_000];
    let wait = proptest::sample::select(waits);
    let icmp = prop_oneof![15 => Just(None), 1 => Just(Some((3_u8, 1_u8)))];
    let numbers = (0..3_u32, 0..2_u32, 0..2_u32);
    let options = 0..4_u8;
    (flags, numbers, icmp, any::<bool>(), options, wait).prop_map(
        |(flags, (j, k, further), icmp, by_server, options, wait)| {
            let reversed = match flags {
                2 => false,
                18 => true,
                _ => by_server,
            };
            let (own, other) = if reversed { (isn(k + 10), isn(j)) } else { (isn(j), isn(k + 10)) };
            let seq = if flags & 2 == 0 { own.wrapping_add(1 + further) } else { own };
            let ack = if flags & 16 == 0 { 0 } else { other.wrapping_add(1) };
            let len = if flags == 24 { 2 } else { 0 };
            let (flow, time, cut) = (0, None, 0);
            (Packet { flow, reversed, flags, seq, ack, len, options, icmp, time, cut }, wait)
        },
    )
}

/// Anything at all on one 4-tuple, for ten minutes at most. Before it the 4-tuple was silent for longer
/// than anything of it is remembered.
fn stretch() -> impl Strategy<Value = Vec<(i64, Packet)>> {
    let packets = proptest::collection::vec(packet(), 1..20);
    (0..8_u8, 0..16_i64, 0..300_000_i64, packets).prop_map(|(flow, which, begins, packets)| {
        let begins = which * EACH * 1_000 + begins;
        let mut time = begins;
        let timed = packets.into_iter().map(|(packet, wait)| {
            time += wait;
            (time, Packet { flow, ..packet })
        });
        timed.take_while(|(time, _)| *time < begins + STRETCH * 1_000).collect()
    })
}

/// One segment that is sent again and again, for hours.
fn repeats() -> impl Strategy<Value = Vec<(i64, Packet)>> {
    let gaps = vec![500, 5_000, 31_000, 74_000, 76_000, 120_000, 239_000, 241_000];
    let gap = proptest::sample::select(gaps);
    let kinds = proptest::sample::select(vec![(2, 0), (18, isn(1).wrapping_add(1)), (20, 5)]);
    (8..14_u8, kinds, gap, 0..2_000_000_i64, 1..500_i64).prop_map(
        |(flow, (flags, ack), gap, begins, count)| {
            let packet = Packet {
                flow,
                reversed: flags != 2,
                flags,
                seq: isn(1),
                ack,
                len: 0,
                options: 0,
                icmp: None,
                time: None,
                cut: 0,
            };
            (0..count).map(|at| (begins + at * gap, packet)).collect()
        },
    )
}

/// Hours of this.
fn capture() -> impl Strategy<Value = Vec<Captured>> {
    let stretches = proptest::collection::vec(stretch(), 1..40);
    let repeats = proptest::collection::vec(repeats(), 0..2);
    (stretches, repeats).prop_map(|(stretches, repeats)| {
        // Two stretches of one 4-tuple at one time would be one that is longer.
        let mut taken = BTreeSet::new();
        let is_free = |part: &Vec<(i64, Packet)>| match part.first() {
            Some((time, packet)) => taken.insert((packet.flow, time / EACH / 1_000)),
            None => false,
        };
        let stretches: Vec<_> = stretches.into_iter().filter(is_free).collect();
        let mut all: Vec<_> = stretches.into_iter().chain(repeats).flatten().collect();
        all.sort_by_key(|(time, _)| *time);
        let captured = |(ms, packet): (i64, Packet)| Captured {
            time: BEGIN + ms * 1_000_000,
            packet,
            bytes: packet.bytes(),
        };
        all.into_iter().map(captured).collect()
    })
}

/// What a run tells: its records, and its totals.
#[derive(Debug, Default, PartialEq)]
struct Told {
    records: Vec<Handshake>,
    counters: Counters,
    frames: u64,
    bytes: u64,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.records.extend(other.records);
        let Counters {
            tcp_segments,
            outside_handshake,
            odd_segments,
            client_heard,
            server_heard,
            beyond_syn,
            outcomes,
            ..
        } = other.counters;
        let sum = &mut self.counters;
        sum.tcp_segments += tcp_segments;
        sum.outside_handshake += outside_handshake;
        sum.odd_segments += odd_segments;
        sum.client_heard += client_heard;
        sum.server_heard += server_heard;
        sum.beyond_syn += beyond_syn;
        sum.outcomes.iter_mut().zip(outcomes).for_each(|(sum, more)| *sum += more);
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}

/// The attempts that began in `period`, from what has to be read for them.
fn told(frames: &[Captured], period: Period, reporting: Reporting) -> Told {
    let mut tracker = Tracker::new(Limits::default(), reporting).started_in(period);
    let mut records = Vec::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Ended(record) => records.push(record.clone()),
        Event::Counted(_) | Event::Decided(_) => {}
    };
    let read = period_to_read(period);
    for (number, captured) in (1..).zip(frames) {
        let timestamp = Some(Timestamp::from_nanos(captured.time));
        if !read.holds(timestamp) {
            continue;
        }
        let frame = Frame {
            origin: Origin::default(),
            number,
            timestamp,
            link: LinkType::ETHERNET,
            wire_len: captured.bytes.len() as u32,
            bytes: &captured.bytes,
        };
        tracker.on_frame(&frame, &mut on_event);
    }
    if frames.iter().any(|frame| read.is_before(Timestamp::from_nanos(frame.time))) {
        tracker.goes_on(&mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    // One may begin with an answer that came before its id was given.
    records.sort_by_key(|record| (record.timing.start, record.segments.first().map(|it| it.frame)));
    for record in &mut records {
        // They count the attempts of one run.
        record.id = 0;
        record.previous.iter_mut().for_each(|previous| previous.id = 0);
    }
    let Traffic { frames, bytes, .. } = *tracker.traffic();
    Told { records, counters: tracker.counters().clone(), frames, bytes }
}

/// The periods between these seconds after the beginning.
fn periods(cuts: &[i64]) -> Vec<Period> {
    let mut bounds: Vec<_> =
        cuts.iter().map(|&cut| Some(Timestamp::from_nanos(BEGIN + cut))).collect();
    bounds.sort();
    let from = [None].into_iter().chain(bounds.iter().copied());
    let to = bounds.iter().copied().chain([None]);
    from.zip(to).map(|(from, to)| Period { from, to }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn periods_side_by_side_give_the_records_of_one_run(
        frames in capture(),
        cuts in proptest::collection::vec(0..20_000 * SECOND, 1..6),
    ) {
        for reporting in [Reporting::Records, Reporting::Facts] {
            let whole = told(&frames, Period::ALWAYS, reporting);
            let mut parts = Told::default();
            for period in periods(&cuts) {
                parts.add(told(&frames, period, reporting));
            }
            for (part, one) in parts.records.iter().zip(&whole.records) {
                prop_assert_eq!(part, one);
            }
            prop_assert_eq!(parts, whole);
        }
    }
}

/// A SYN of which it is not known when it came begins an attempt after the period. It is taken out of no
/// total.
#[test]
fn totals_of_a_period_lose_no_segment_that_they_did_not_count() {
    let packet = |flow, reversed, flags, seq, ack, ms: Option<i64>| {
        let time = ms.map(|ms| BEGIN + ms * 1_000_000);
        let (len, options, icmp, cut) = (0, 0, None, 0);
        Packet { flow, reversed, flags, seq, ack, len, options, icmp, time, cut }
    };
    let packets = [
        packet(0, false, 2, 7, 0, Some(0)),
        packet(0, true, 18, 9, 8, Some(1)),
        packet(0, false, 16, 8, 10, Some(2)),
        packet(0, true, 16, 10, 8, Some(3)),
        packet(2, false, 2, 7, 0, Some(10_000)),
        packet(0, false, 2, 7, 0, None),
        packet(0, true, 18, 99, 8, Some(10_001)),
    ];
    let to = Some(Timestamp::from_nanos(BEGIN + 5 * SECOND));
    let period = Period { from: None, to };
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records).started_in(period);
    for (number, packet) in (1..).zip(packets) {
        let bytes = packet.bytes();
        let frame = Frame {
            origin: Origin::default(),
            number,
            timestamp: packet.time.map(Timestamp::from_nanos),
            link: LinkType::ETHERNET,
            wire_len: bytes.len() as u32,
            bytes: &bytes,
        };
        tracker.on_frame(&frame, &mut |_| ());
    }
    tracker.finish(End::Complete, &mut |_| ());
    let Counters { tcp_segments, outside_handshake, .. } = *tracker.counters();
    assert_eq!([tcp_segments, outside_handshake], [4, 1]);
}
