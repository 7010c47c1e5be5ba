//! What holds of the tracker whatever it is given.

mod traffic;
mod variations;

use handshake::{End, Limits};
use parser::LinkType;
use proptest::prelude::*;
use traffic::{Packet, TINY, track};
use variations::{Captured, Manner, beside, numbered, own, records, twice, without_copies};

/// Numbers across the wrap.
fn near() -> impl Strategy<Value = u32> {
    (0..6_u32).prop_map(|near| near.wrapping_sub(3))
}

/// Sequence numbers that are near each other, across the wrap.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        8 => near(),
        1 => Just(1 << 31),
        1 => any::<u32>(),
    ]
}

/// Mostly a clock that goes on by a step; at times one that goes anywhere.
fn time() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        12 => (0..400_i64).prop_map(|tenths| Some(tenths * 100_000_000)),
        2 => Just(None),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), Just(0)].prop_map(Some),
        1 => any::<i64>().prop_map(Some),
    ]
}

fn flags() -> impl Strategy<Value = u8> {
    // SYN, SYN-ACK, ACK, PSH-ACK, RST, RST-ACK, FIN-ACK, SYN-FIN, and whatever else there is.
    let known = proptest::sample::select(vec![2, 2, 18, 18, 16, 16, 24, 4, 20, 17, 3, 6, 0, 0xc2]);
    prop_oneof![9 => known, 1 => any::<u8>()]
}

fn icmp() -> impl Strategy<Value = Option<(u8, u8)>> {
    prop_oneof![9 => Just(None), 1 => (1..13_u8, 0..5_u8).prop_map(Some)]
}

prop_compose! {
    fn packet()(
        (flow, reversed, len, options) in (0..8_u8, any::<bool>(), 0..3_u8, 0..8_u8),
        (flags, seq, ack) in (flags(), number(), number()),
        (icmp, time, cut) in (icmp(), time(), prop_oneof![9 => Just(0), 1 => 0..90_u8]),
    ) -> Packet {
        Packet { flow, reversed, flags, seq, ack, len, options, icmp, time, cut }
    }
}

/// A handshake on one of the pairs, as it should be.
fn handshake<N: Strategy<Value = u32>>(number: fn() -> N) -> impl Strategy<Value = Vec<Packet>> {
    (0..6_u8, number(), number(), 0..300_i64).prop_map(|(flow, j, k, tenths)| {
        let segment = |reversed, flags, seq: u32, ack: u32, step: i64| Packet {
            flow,
            reversed,
            flags,
            seq,
            ack,
            len: 0,
            options: 0,
            icmp: None,
            time: Some(tenths * 100_000_000 + step * 1_000_000),
            cut: 0,
        };
        vec![
            segment(false, 2, j, 0, 0),
            segment(true, 18, k, j.wrapping_add(1), 1),
            segment(false, 16, j.wrapping_add(1), k.wrapping_add(1), 2),
            segment(true, 24, k.wrapping_add(1), j.wrapping_add(1), 3),
        ]
    })
}

/// Handshakes and anything else, in whatever order, with packets lost and packets twice.
fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let parts = prop_oneof![2 => handshake(number), 1 => packet().prop_map(|packet| vec![packet])];
    let parts = proptest::collection::vec(parts, 0..14);
    let disorder = proptest::collection::vec((any::<prop::sample::Index>(), 0..3_u8), 0..12);
    (parts, disorder, any::<bool>()).prop_map(|(parts, disorder, by_time)| {
        let mut packets: Vec<_> = parts.into_iter().flatten().collect();
        if by_time {
            packets.sort_by_key(|packet| packet.time);
        }
        for (index, what) in disorder {
            if packets.is_empty() {
                break;
            }
            let (at, last) = (index.index(packets.len()), packets.len() - 1);
            match what {
                0 => _ = packets.remove(at),
                1 => packets.insert(at, packets[at]),
                _ => packets.swap(at, last),
            }
        }
        packets
    })
}

/// Handshakes whose numbers are far from each other's, and packets of one of them.
fn apart() -> impl Strategy<Value = Vec<Packet>> {
    let parts = proptest::collection::vec((handshake(near), 1..5_usize), 0..4);
    parts.prop_map(|parts| {
        let place = |part: u32, number: u32| number.wrapping_add(part.wrapping_mul(0x5555_5555));
        let parts = (0..).zip(parts).flat_map(|(part, (handshake, taken))| {
            handshake.into_iter().take(taken).map(move |packet| Packet {
                seq: place(part, packet.seq),
                ack: if packet.ack == 0 { 0 } else { place(part, packet.ack) },
                ..packet
            })
        });
        parts.collect()
    })
}

/// Packets in the order of their times, over 40 s or 400 s. No frame claims to come from elsewhere:
/// such a time is borne out or not by the frame beside it.
///
/// Connections on one 4-tuple have numbers far apart, as their hosts draw them (RFC 6528): a segment that
/// lies in the windows of two of them could belong to either.
fn in_order() -> impl Strategy<Value = Vec<Captured>> {
    (apart(), prop_oneof![Just(1), Just(10)]).prop_map(|(packets, stretch)| {
        let sane = |packet: &Packet| packet.time.filter(|time| (0..41_000_000_000).contains(time));
        let mut timed: Vec<_> =
            packets.iter().filter_map(|packet| Some((sane(packet)?, packet.bytes()))).collect();
        timed.sort_by_key(|(time, _)| *time);
        let captured = |(number, (time, bytes)): (u64, (i64, Vec<u8>))| {
            let (link, wire_len) = (LinkType::ETHERNET, bytes.len() as u32);
            Captured { number, time: time * stretch, link, wire_len, bytes }
        };
        // A last frame without TCP, which no copy outlasts: whether an attempt had settled when the
        // capture ended must not depend on the last copy.
        if let Some((time, _)) = timed.last() {
            timed.push((time + 1_000_000_000, [&[0xff; 12], [8, 6].as_slice()].concat()));
        }
        (1..).zip(timed).map(captured).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_traffic_is_tracked_within_the_limits(packets in packets(), interrupted: bool) {
        let end = if interrupted { End::Interrupted } else { End::Complete };
        for limits in [TINY, Limits::default()] {
            track(&packets, limits, end, &mut |record| _ = handshake::recognise(record));
        }
    }

    #[test]
    fn packets_of_other_hosts_change_no_record(
        frames in in_order(),
        counts in proptest::collection::vec(0..4_u8, 60),
    ) {
        let mixed = beside(&frames, |at| counts[at % counts.len()]);
        prop_assert_eq!(own(records(&mixed)), own(records(&frames)));
    }

    #[test]
    fn packets_that_were_captured_twice_change_no_record(frames in in_order()) {
        let once: Vec<_> = numbered(records(&frames)).into_iter().map(without_copies).collect();
        for manner in Manner::ALL {
            let copied = records(&twice(&frames, manner)).into_iter().map(without_copies);
            prop_assert_eq!(&numbered(copied.collect()), &once, "{:?}", manner);
        }
    }
}
