//! An attempt comes to the same whether it takes the plain course or not.

#[path = "../../../tests/traffic/strategy.rs"]
mod strategy;
#[path = "../../../tests/traffic/mod.rs"]
#[expect(dead_code, reason = "the properties use more of it")]
mod traffic;

use parser::LinkType;
use proptest::prelude::*;
use testkit::TestFrame;

use crate::record::Handshake;

use super::{End, Frame, Limits, Reporting, Timestamp, Way, but_patterns, facts_of, follow_as};

fn timed<'a>(packets: &[traffic::Packet], at: usize, frame: Frame<'a>) -> Frame<'a> {
    Frame { timestamp: packets[at].time.map(Timestamp::from_nanos), ..frame }
}

/// Those that end at one moment may end in another order.
fn by_id(records: &[Handshake]) -> Vec<&Handshake> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| record.id);
    records
}

/// VLAN tags before the `EtherType`: none, two that differ, two and three within each other. A glance does not
/// see the last.
const TAGS: [&[u8]; 5] = [
    &[],
    &[0x81, 0, 0, 5],
    &[0x81, 0, 0, 6],
    &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6],
    &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 0x81, 0, 0, 7],
];

/// The tags of `count` packets: mostly the same.
fn tags(count: usize, usual: usize, others: &[(prop::sample::Index, usize)]) -> Vec<&'static [u8]> {
    let mut tags = vec![TAGS[usual]; count];
    for (at, other) in others.iter().filter(|_| count > 0) {
        tags[at.index(count)] = TAGS[*other];
    }
    tags
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_plain_course_changes_no_record(
        mut packets in strategy::packets(),
        usual in 0..TAGS.len(),
        others in proptest::collection::vec((any::<prop::sample::Index>(), 0..TAGS.len()), 0..4),
        interrupted: bool,
    ) {
        // Where time goes back, the two end attempts at other moments.
        packets.sort_by_key(|packet| packet.time);
        let end = if interrupted { End::Interrupted } else { End::Complete };
        let frames: Vec<_> = packets
            .iter()
            .zip(tags(packets.len(), usual, &others))
            .map(|(packet, tags)| {
                let mut bytes = packet.bytes();
                bytes.splice(12..12, tags.iter().copied());
                let wire_len = bytes.len() as u32;
                bytes.truncate(bytes.len().saturating_sub(usize::from(packet.cut)));
                TestFrame { timestamp_ns: 0, link: LinkType::ETHERNET.0, wire_len, bytes }
            })
            .collect();
        let mut told = Vec::new();
        for reporting in [Reporting::Records, Reporting::Decisions, Reporting::Facts] {
            // Nothing is evicted: of attempts that were silent equally long, either may be.
            let what = (Limits::DEFAULT, reporting, end);
            let full = follow_as(&frames, what, Way::Full, |at, it| timed(&packets, at, it));
            for way in [Way::Glanced, Way::Ahead, Way::Colliding, Way::WithClues, Way::Decoded] {
                let plain = follow_as(&frames, what, way, |at, it| timed(&packets, at, it));
                prop_assert_eq!(&plain.counters, &full.counters);
                prop_assert_eq!(by_id(&plain.records), by_id(&full.records));
                prop_assert_eq!(&plain.decided, &full.decided);
                let mut facts =
                    [facts_of(&plain.records), but_patterns(&plain.facts)].concat();
                facts.sort_by_key(|facts| facts.id);
                told.push(facts);
            }
        }
        prop_assert!(told.iter().all(|facts| *facts == told[0]), "{:#?}", told);
    }
}
