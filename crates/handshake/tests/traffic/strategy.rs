//! Random packets between few hosts: handshakes, and anything else.

use proptest::prelude::*;

use super::traffic::Packet;

/// Numbers across the wrap.
pub(crate) fn near() -> impl Strategy<Value = u32> {
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
        (flow, reversed, len, options) in (0..8_u8, any::<bool>(), 0..3_u8, 0..10_u8),
        (flags, seq, ack) in (flags(), number(), number()),
        (icmp, time, cut) in (icmp(), time(), prop_oneof![9 => Just(0), 1 => 0..90_u8]),
    ) -> Packet {
        Packet { flow, reversed, flags, seq, ack, len, options, icmp, time, cut }
    }
}

/// A handshake on one of the pairs, as it should be, and what comes after it: data of the server, or a RST
/// of the client and its answer.
pub(crate) fn handshake<N: Strategy<Value = u32>>(
    number: fn() -> N,
) -> impl Strategy<Value = Vec<Packet>> {
    let after = (0..6_u8, 0..3_u32);
    (0..6_u8, number(), number(), 0..300_i64, after).prop_map(
        |(flow, j, k, tenths, (what, sent))| {
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
            let (after_j, after_k) = (j.wrapping_add(1), k.wrapping_add(1));
            let closes = |flags, ack| segment(false, flags, after_j.wrapping_add(sent), ack, 3);
            let after = match what {
                0 => vec![closes(20, after_k)],
                1 => vec![closes(4, 0), segment(true, 4, after_k, 0, 4)],
                2 => vec![closes(20, after_k), segment(true, 16, after_k, after_j, 4)],
                _ => vec![segment(true, 24, after_k, after_j, 3)],
            };
            let begin = [
                segment(false, 2, j, 0, 0),
                segment(true, 18, k, after_j, 1),
                segment(false, 16, after_j, after_k, 2),
            ];
            begin.into_iter().chain(after).collect()
        },
    )
}

/// A SYN that is sent again and again, at times of any kind, and perhaps answered at last.
fn sent_again() -> impl Strategy<Value = Vec<Packet>> {
    let ms = proptest::sample::select(vec![
        4, 6, 199, 200, 201, 1_000, 4_000, 16_000, 37_500, 37_501, 74_999, 75_000, 80_000,
    ]);
    let usual = (0..6_u8, number(), 0..300_i64, prop::sample::select(vec![0, 1, 2, 8, 9]));
    (usual, proptest::collection::vec(ms, 0..14), 0..5_u8).prop_map(
        |((flow, j, tenths, options), gaps, answer)| {
            let mut time = tenths * 100_000_000;
            let mut segment = |reversed, flags, seq, ack, gap: i64| {
                time += gap * 1_000_000;
                let (len, icmp, cut) = (0, None, 0);
                Packet {
                    flow,
                    reversed,
                    flags,
                    seq,
                    ack,
                    len,
                    options,
                    icmp,
                    time: Some(time),
                    cut,
                }
            };
            let mut all = vec![segment(false, 2, j, 0, 0)];
            all.extend(gaps.into_iter().map(|gap| segment(false, 2, j, 0, gap)));
            match answer {
                0 => all.push(segment(true, 18, 7, j.wrapping_add(1), 30)),
                1 => all.push(segment(true, 20, 0, j.wrapping_add(1), 30)),
                2 => all.push(segment(true, 16, 9, 9, 30)),
                _ => {}
            }
            all
        },
    )
}

/// Handshakes and anything else, in whatever order, with packets lost and packets twice.
pub(crate) fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let any_one = packet().prop_map(|packet| vec![packet]);
    let parts = prop_oneof![4 => handshake(number), 2 => any_one, 1 => sent_again()];
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
