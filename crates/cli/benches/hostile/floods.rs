//! What somebody might send.

use crate::frames::{
    ACK, RST, SYN, Segment, behind_extensions, behind_vlans, in_tunnels, in_vxlan, unreachable,
};

/// A capture of one kind of traffic.
pub(crate) struct Flood {
    pub(crate) name: &'static str,
    pub(crate) packets: u32,
    pub(crate) frame: fn(u32) -> Vec<u8>,
    pub(crate) nanos: fn(u32) -> i64,
    /// Whether records are measured beside totals.
    pub(crate) jsonl: bool,
}

const MILLION: u32 = 1_000_000;
/// As many attempts may be open.
const OPEN: u32 = 65_536;
const BEGIN: i64 = 1_700_000_000_000_000_000;

const fn flood(name: &'static str, packets: u32, frame: fn(u32) -> Vec<u8>) -> Flood {
    Flood { name, packets, frame, nanos: steady, jsonl: false }
}

/// All of them. The first is the one that the others are compared with.
pub(crate) const ALL: &[Flood] = &[
    Flood { jsonl: true, ..flood("SYNs from spoofed addresses", MILLION, ordinary) },
    Flood { jsonl: true, ..flood("SYNs between random end points", MILLION, random) },
    flood("SYNs from one address to all ports", MILLION, one_source),
    flood("one SYN again and again", MILLION, |_| syn_of(0, 0).frame()),
    flood("SYN x 16 on 65,536 tuples", 16 * OPEN, |n| syn_of(n % OPEN, 0).frame()),
    flood("SYN x 48 on 20,000 tuples", 48 * 20_000, |n| syn_of(n % 20_000, 0).frame()),
    Flood { jsonl: true, ..flood("SYN, RST+ACK on 65,536 tuples", MILLION, refused) },
    flood("ICMP errors that quote attempts", MILLION, errors),
    flood("another J with each SYN", MILLION, |n| syn_of(0, n.wrapping_mul(0x9e37_79b9)).frame()),
    flood("one 4-tuple in 65,536 pairs of VLANs", OPEN, |n| {
        behind_vlans([(n >> 8) as u16, (n & 0xff) as u16], &syn_of(0, n).ip())
    }),
    flood("one SYN in 65,536 pairs of VLANs", OPEN, |n| {
        behind_vlans([(n >> 8) as u16, (n & 0xff) as u16], &syn_of(0, 0).ip())
    }),
    flood("one 4-tuple in 65,536 VNIs", OPEN, |n| in_vxlan(n, &syn_of(0, n).frame())),
    flood("one SYN in 65,536 VNIs", OPEN, |n| in_vxlan(n, &syn_of(0, 0).frame())),
    flood("VLAN tags x 36", 131_072, |n| behind_vlans(0..36, &spoofed(n).ip())),
    flood("VLAN tags x 200", 131_072, |n| behind_vlans(0..200, &spoofed(n).ip())),
    flood("spoofed SYNs in 4,096 stacks of 31 tags", 131_072, |n| {
        behind_vlans((0..30).chain([(n % 4_096) as u16]), &spoofed(n).ip())
    }),
    flood("spoofed SYNs in 65,536 VNIs", OPEN, |n| in_vxlan(n, &spoofed(n).frame())),
    flood("SYNs beside 16 attempts in 8 deep stacks", MILLION, beside_deep_stacks),
    flood("IP in IP x 50", OPEN, |n| in_tunnels(50, spoofed(n).ip())),
    flood("IPv6 extension headers x 180", OPEN, |n| behind_extensions(180, &spoofed(n).tcp())),
    flood("ACKs on 65,536 open attempts", MILLION, acks),
    flood("SYN-ACKs to spoofed addresses", MILLION, backscatter),
    Flood { nanos: jumping, ..flood("spoofed SYNs, time that jumps", MILLION, ordinary) },
];

/// One packet in 10 µs.
fn steady(number: u32) -> i64 {
    BEGIN + i64::from(number) * 10_000
}

/// Anywhere within a hundred days.
fn jumping(number: u32) -> i64 {
    BEGIN + i64::from(number.wrapping_mul(0x9e37_79b9) % 8_640_000) * 1_000_000_000
}

/// A SYN from an address that will never answer.
fn spoofed(number: u32) -> Segment {
    let spoofed = number.wrapping_mul(0x9e37_79b9);
    Segment {
        source: (spoofed.to_be_bytes(), 1024 + (number % 60_000) as u16),
        destination: ([192, 0, 2, 1], 80),
        seq: spoofed ^ 0x5555_5555,
        ack: 0,
        flags: SYN,
    }
}

fn ordinary(number: u32) -> Vec<u8> {
    spoofed(number).frame()
}

fn random(number: u32) -> Vec<u8> {
    let other = number.wrapping_mul(0x85eb_ca6b) ^ 0x0f0f_0f0f;
    Segment { destination: (other.to_be_bytes(), other as u16), ..spoofed(number) }.frame()
}

fn one_source(number: u32) -> Vec<u8> {
    let source = ([10, 0, 0, 1], 1024 + (number >> 16) as u16);
    Segment { source, destination: ([192, 0, 2, 1], number as u16), ..spoofed(number) }.frame()
}

/// The SYN of one of many clients, with this sequence number.
fn syn_of(client: u32, seq: u32) -> Segment {
    let [_, a, b, c] = client.to_be_bytes();
    Segment {
        source: ([10, a, b, c], 40_000),
        destination: ([192, 0, 2, 1], 80),
        seq,
        ack: 0,
        flags: SYN,
    }
}

/// What a server answers it.
fn answer(syn: Segment, flags: u8) -> Segment {
    let (source, destination) = (syn.destination, syn.source);
    Segment { source, destination, seq: 0, ack: syn.seq.wrapping_add(1), flags }
}

fn refused(number: u32) -> Vec<u8> {
    let syn = syn_of(number / 2 % OPEN, 0);
    if number.is_multiple_of(2) { syn.frame() } else { answer(syn, RST | ACK).frame() }
}

fn errors(number: u32) -> Vec<u8> {
    let syn = syn_of(number % OPEN, 0);
    if number < OPEN { syn.frame() } else { unreachable(&syn) }
}

fn acks(number: u32) -> Vec<u8> {
    let syn = syn_of(number % OPEN, 0);
    if number < OPEN {
        return syn.frame();
    }
    Segment { seq: 1, ack: 1, flags: ACK, ..syn }.frame()
}

/// Attempts on one 4-tuple whose SYN-ACKs come in one stack of tags after the other; then SYNs without any.
fn beside_deep_stacks(number: u32) -> Vec<u8> {
    let rival = syn_of(0, number / 8 * 1_000_003);
    match (number < 16 * 8, number % 8) {
        (false, _) => syn_of(0, number.wrapping_mul(0x9e37_79b9)).frame(),
        (true, 0) => behind_vlans(0..30, &rival.ip()),
        (true, other) => {
            behind_vlans((0..29).chain([100 + other as u16]), &answer(rival, SYN | ACK).ip())
        }
    }
}

fn backscatter(number: u32) -> Vec<u8> {
    answer(spoofed(number), SYN | ACK).frame()
}
