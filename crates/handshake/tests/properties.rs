//! What holds of the tracker whatever it is given.

#[path = "traffic/strategy.rs"]
mod strategy;
mod traffic;
mod variations;
mod windows;

use handshake::{End, Handshake, Limits, Reporting};
use parser::LinkType;
use proptest::prelude::*;
use strategy::{handshake, near, packets};
use traffic::{Packet, TINY, track};
use variations::{
    Captured, Manner, beside, numbered, own, records, records_as, twice, without_copies,
};

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
    fn to_follow_connections_to_their_end_changes_nothing_else(frames in in_order()) {
        let whole = records_as(&frames, Reporting::Whole).into_iter();
        let but_close: Vec<_> = whole.map(|record| Handshake { close: None, ..record }).collect();
        prop_assert_eq!(but_close, records(&frames));
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
