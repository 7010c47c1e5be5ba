use super::build::{Bytes, MICROSECONDS, NANOSECONDS, pcap};
use super::{Got, damage, read};
use crate::DamagedTimes;
use crate::file::record::ByteOrder::{self, Big, Little};

fn got(number: u64, nanos: i64, bytes: &[u8]) -> Got {
    Got {
        source: 0,
        interface: None,
        number,
        nanos: Some(nanos),
        link: 1,
        wire_len: bytes.len() as u32,
        bytes: bytes.to_vec(),
    }
}

#[test]
fn both_byte_orders_and_both_units() {
    for order in [Little, Big] {
        for (magic, unit) in [(MICROSECONDS, 1000), (NANOSECONDS, 1)] {
            let file = pcap(order, magic, 1).record(1_795_330_800, 123_456, b"one").record(
                u32::MAX,
                999_999,
                b"",
            );
            let told = read(&file.bytes);
            let expected = [
                got(1, 1_795_330_800_000_000_000 + 123_456 * unit, b"one"),
                got(2, i64::from(u32::MAX) * 1_000_000_000 + 999_999 * unit, b""),
            ];
            assert_eq!(told.frames, expected, "{order:?} {magic:x}");
            assert_eq!((told.damage.len(), told.refused.len(), told.lost), (0, 0, None));
        }
    }
}

#[test]
fn the_link_type_is_what_remains_without_the_check_sequence_bits() {
    let file = pcap(Little, MICROSECONDS, 0xf400_0071).record(0, 0, b"x");
    assert_eq!(read(&file.bytes).frames[0].link, 113);
    let file = pcap(Big, MICROSECONDS, 0x0123_4567).record(0, 0, b"x");
    assert_eq!(read(&file.bytes).frames[0].link, 0x0123_4567);
}

#[test]
fn odd_values_are_represented() {
    let file = pcap(Little, NANOSECONDS, 1)
        // Captured longer than it was on the wire, and cut.
        .u32(2)
        .u32(0)
        .u32(2)
        .u32(1)
        .raw(b"bb")
        .u32(3)
        .u32(0)
        .u32(1)
        .u32(u32::MAX)
        .raw(b"c")
        // Longer than the snapshot length of 65535.
        .record(4, 0, &vec![7; 70_000]);
    let mut expected = [
        got(1, 2_000_000_000, b"bb"),
        got(2, 3_000_000_000, b"c"),
        got(3, 4_000_000_000, &vec![7; 70_000]),
    ];
    expected[0].wire_len = 1;
    expected[1].wire_len = u32::MAX;
    let told = read(&file.bytes);
    assert_eq!(told.frames, expected);
    assert_eq!(told.damage, []);
}

#[test]
fn a_fraction_of_a_second_or_more_is_no_time() {
    for (magic, unit, limit) in [(MICROSECONDS, 1_000, 1_000_000), (NANOSECONDS, 1, 1_000_000_000)]
    {
        let file = pcap(Big, magic, 1)
            .record(1, limit - 1, b"a")
            .record(2, limit, b"b")
            .record(3, 0, b"c")
            // What was written as a negative number.
            .record(4, u32::MAX, b"d")
            .record(5, 1 << 31, b"e");
        let untimed = |number, bytes| Got { nanos: None, ..got(number, 0, bytes) };
        let last = 1_000_000_000 + i64::from(limit - 1) * unit;
        let told = read(&file.bytes);
        let expected = [
            got(1, last, b"a"),
            untimed(2, b"b"),
            got(3, 3_000_000_000, b"c"),
            untimed(4, b"d"),
            untimed(5, b"e"),
        ];
        assert_eq!(told.frames, expected);
        let times = DamagedTimes { source: "x".into(), offset: 41, frame: 2, count: 3 };
        assert_eq!((told.damage, told.damaged_times), (vec![], vec![times]));
    }
    let told = read(&pcap(Big, MICROSECONDS, 1).record(1, 999_999, b"").bytes);
    assert_eq!(told.damaged_times, []);
}

#[test]
fn old_versions_swap_the_lengths() {
    let version =
        |minor| Bytes::new(Little).u32(MICROSECONDS).u16(2).u16(minor).u32(0).u32(0).u32(96).u32(1);
    let lengths = |file: Bytes| {
        let told = read(&file.bytes);
        assert_eq!(told.damage, []);
        told.frames.iter().map(|got| (got.bytes.len(), got.wire_len)).collect::<Vec<_>>()
    };
    let swapped = |file: Bytes| file.u32(0).u32(0).u32(9).u32(3).raw(b"abc");
    let regular = |file: Bytes| file.u32(0).u32(0).u32(3).u32(9).raw(b"abc");
    assert_eq!(lengths(swapped(version(2))), [(3, 9)]);
    assert_eq!(lengths(regular(swapped(version(3)))), [(3, 9), (3, 9)]);
    assert_eq!(lengths(regular(version(4))), [(3, 9)]);
}

fn two_records(order: ByteOrder) -> Bytes {
    pcap(order, MICROSECONDS, 1).record(1, 0, b"first").record(2, 0, b"second")
}

#[test]
fn a_file_that_breaks_off_keeps_the_frames_before() {
    let whole = two_records(Little).bytes;
    // 24 bytes of header, 16 + 5 of the first record.
    assert_eq!(
        damage(&whole[..45 + 7]),
        (45, 1, "the file ends within a record header, after 7 of 16 bytes".into())
    );
    assert_eq!(
        damage(&whole[..45 + 16 + 4]),
        (45, 1, "the file ends within a record, after 20 of 22 bytes".into())
    );
    let told = read(&whole[..45]);
    assert_eq!((told.frames.len(), told.damage.len()), (1, 0));
    let told = read(&whole[..24]);
    assert_eq!((told.frames.len(), told.damage.len(), told.refused.len()), (0, 0, 0));
}

#[test]
fn a_lying_length_ends_the_file() {
    let lie = |len| two_records(Big).u32(3).u32(0).u32(len).u32(60).raw(&[0; 500]).bytes;
    assert_eq!(damage(&lie(u32::MAX)), (67, 2, "the record claims 4294967295 bytes".into()));
    assert_eq!(damage(&lie((16 << 20) - 15)), (67, 2, "the record claims 16777201 bytes".into()));
    assert_eq!(
        damage(&lie((16 << 20) - 16)),
        (67, 2, "the file ends within a record, after 516 of 16777216 bytes".into())
    );
}

#[test]
fn the_largest_record_is_read_and_the_next_one_too() {
    let large = vec![0xa5; (16 << 20) - 16];
    let file = pcap(Little, MICROSECONDS, 1).record(1, 0, &large).record(2, 0, b"next");
    let told = read(&file.bytes);
    assert_eq!(told.frames, [got(1, 1_000_000_000, &large), got(2, 2_000_000_000, b"next")]);
    assert_eq!(told.damage, []);
}
