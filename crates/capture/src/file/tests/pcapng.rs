use parser::Names;

use super::build::Bytes;
use super::{Got, Take, damage, read, told};
use crate::file::record::ByteOrder::{self, Big, Little};
use crate::file::{Input, Replay};

fn begin(order: ByteOrder) -> Bytes {
    Bytes::new(order).section()
}

fn got(number: u64, interface: u16, nanos: i64, bytes: &[u8]) -> Got {
    Got {
        source: 0,
        interface: Some(interface),
        number,
        nanos: Some(nanos),
        link: 1,
        wire_len: bytes.len() as u32,
        bytes: bytes.to_vec(),
    }
}

#[test]
fn enhanced_packets_in_both_byte_orders() {
    for order in [Little, Big] {
        let file = begin(order).interface(1).packet(0, 1_795_330_800_000_001, b"one").packet_with(
            0,
            5,
            b"four",
            1500,
            |options| options.option(2, &[0; 4]).option(0, b""),
        );
        let mut expected =
            [got(1, 0, 1_795_330_800_000_001_000, b"one"), got(2, 0, 5_000, b"four")];
        expected[1].wire_len = 1500;
        let told = read(&file.bytes);
        assert_eq!(told.frames, expected);
        assert_eq!((told.damage.len(), told.refused.len(), told.lost), (0, 0, None));
    }
}

#[test]
fn sections_have_their_own_byte_order_and_interfaces() {
    let named = |name: &'static [u8]| move |options: Bytes| options.option(2, name);
    let mut file = begin(Little)
        .interface_with(1, 0, named(b"lo"))
        .interface_with(113, 0, named(b"any"))
        .packet(1, 1, b"a");
    file.order = Big;
    let file = file
        .section()
        .interface_with(1, 0, named(b"lo"))
        .interface_with(101, 0, named(b"tun0"))
        .packet(1, 2, b"b")
        .packet(0, 3, b"c");
    let told = read(&file.bytes);
    let mut expected = [got(1, 1, 1_000, b"a"), got(2, 2, 2_000, b"b"), got(3, 0, 3_000, b"c")];
    expected[0].link = 113;
    expected[1].link = 101;
    assert_eq!(told.frames, expected);
    assert_eq!(told.damage, []);
    let name = |index: u16| {
        let origin = parser::Origin { source: 0, interface: Some(index) };
        told.names.interface(origin).map(str::to_owned)
    };
    assert_eq!(
        [0, 1, 2, 3].map(name),
        [Some("lo".into()), Some("any".into()), Some("tun0".into()), None]
    );
}

#[test]
fn an_interface_is_called_by_its_name_or_else_by_its_description() {
    let file = begin(Big)
        .interface_with(1, 0, |options| options.option(3, b"Wi-Fi").option(2, b"en0\0"))
        .interface_with(1, 0, |options| options.option(3, b"Loopback"))
        .interface_with(1, 0, |options| options.option(2, b"").option(3, "\u{e9}\u{ff}".as_bytes()))
        .interface_with(1, 0, |options| options.option(2, b"\xff"))
        .interface(1)
        .interface_with(1, 0, |options| options.option(2, &[b'n'; 300]));
    let mut names = Names::default();
    names.add_source("x");
    for name in ["en0", "Loopback", "\u{e9}\u{ff}", "\u{fffd}"] {
        names.add_interface(0, Some(name.into()));
    }
    names.add_interface(0, None);
    names.add_interface(0, Some("n".repeat(253) + "…"));
    let told = read(&file.bytes);
    let interfaces = |names: &Names| {
        let origin = |index| parser::Origin { source: 0, interface: Some(index) };
        (0..7).map(|index| names.interface(origin(index)).map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(interfaces(&told.names), interfaces(&names));
}

#[test]
fn the_interface_gives_unit_and_offset() {
    let with = |options: fn(Bytes) -> Bytes| {
        read(&begin(Little).interface_with(1, 0, options).packet(0, 3 << 31, b"x").bytes).frames[0]
            .nanos
    };
    assert_eq!(with(|options| options), Some(3_i64 << 31).map(|ticks| ticks * 1_000));
    assert_eq!(with(|options| options.option(9, &[9])), Some(3 << 31));
    assert_eq!(with(|options| options.option(9, &[0xa0])), Some(1_500_000_000));
    assert_eq!(
        with(|options| options.option(9, &[9]).option(14, &(-2_i64).to_le_bytes())),
        Some((3 << 31) - 2_000_000_000)
    );
    // An offset of the wrong size is no offset, and no reason to lose the packet.
    assert_eq!(with(|options| options.option(9, &[9]).option(14, &[1])), Some(3 << 31));
    // An option that claims more than the block holds ends the options.
    assert_eq!(with(|options| options.option(9, &[9]).u16(14).u16(60_000)), Some(3 << 31));
}

#[test]
fn simple_packets_have_no_time_and_end_at_the_snapshot_length() {
    let file = begin(Little)
        .interface_with(1, 6, |options| options)
        .simple(b"abc", 3)
        .simple(b"abcdef", 1500);
    let expected = [
        Got { nanos: None, ..got(1, 0, 0, b"abc") },
        Got { nanos: None, wire_len: 1500, ..got(2, 0, 0, b"abcdef") },
    ];
    assert_eq!(read(&file.bytes).frames, expected);
    // Without a snapshot length the block is the bound.
    let file = begin(Little).interface(1).simple(b"abcd", 1500);
    assert_eq!(
        read(&file.bytes).frames,
        [Got { nanos: None, wire_len: 1500, ..got(1, 0, 0, b"abcd") }]
    );
}

#[test]
fn obsolete_packets_are_packets() {
    let file = begin(Big).interface(1).block(2, |body| {
        body.u16(0).u16(7).u32(0).u32(9).u32(3).u32(60).raw(b"abc\0").option(0, b"")
    });
    let told = read(&file.bytes);
    assert_eq!(told.frames, [Got { wire_len: 60, ..got(1, 0, 9_000, b"abc") }]);
    assert_eq!((told.damage.len(), told.lost), (0, Some(7)));
}

#[test]
fn other_blocks_are_passed_over_whatever_their_size() {
    let file = begin(Little)
        .block(4, |body| body.option(1, b"\x7f\0\0\x01localhost\0"))
        .interface(1)
        .block(0x0a, |body| body.raw(b"KLST").u32(4).raw(b"keys"))
        .block(0x0bad, |body| body.u32(32_473).raw(&vec![1; 20 << 20]))
        .block(0x4000_0bad, |body| body.u32(32_473))
        .block(0x8765_4321, |body| body)
        .packet(0, 1, b"x");
    let told = read(&file.bytes);
    // Wireshark numbers custom blocks as it does packets.
    assert_eq!(told.frames, [got(3, 0, 1_000, b"x")]);
    assert_eq!(told.damage, []);
}

#[test]
fn lost_packets_are_counted_once() {
    let drops = |code, count: u64| {
        move |options: Bytes| options.option(code, &count.to_le_bytes()).option(0, b"")
    };
    let file = begin(Little)
        .interface(1)
        .interface(1)
        .packet_with(0, 1, b"a", 1, drops(4, 2))
        .packet_with(0, 2, b"b", 1, drops(4, 3))
        .packet_with(1, 2, b"c", 1, drops(4, 10));
    assert_eq!(read(&file.bytes).lost, Some(15));
    let file = file
        // The statistics of an interface are totals: the last ones count.
        .statistics(0, drops(5, 4))
        .statistics(0, |options| drops(5, 6)(options.option(7, &1_u64.to_le_bytes())))
        .statistics(1, drops(7, u64::MAX))
        // Of no known interface.
        .statistics(9, drops(7, 50));
    assert_eq!(read(&file.bytes).lost, Some(17));
    let file = file.section().interface(1).statistics(0, drops(7, 100));
    assert_eq!(read(&file.bytes).lost, Some(117));
    let file = begin(Little).interface(1).statistics(0, drops(7, 0));
    assert_eq!(read(&file.bytes).lost, Some(0));
}

#[test]
fn broken_blocks_end_the_file() {
    // 28 bytes of section header, 20 of interface, 36 of packet.
    let file = || begin(Little).interface(1).packet(0, 1, b"good");
    let broken = |file: Bytes| damage(&file.packet(0, 2, b"after").bytes);

    let mut lying = file().packet(0, 1, b"evil");
    let last = lying.bytes.len() - 4;
    lying.bytes[last] = 40;
    assert_eq!(
        broken(lying),
        (84, 1, "the block claims 36 bytes at its start and 40 at its end".into())
    );
    let mut lying = file().block(77, |body| body.u32(1));
    let last = lying.bytes.len() - 4;
    lying.bytes[last] = 40;
    assert_eq!(
        broken(lying),
        (84, 1, "the block claims 16 bytes at its start and 40 at its end".into())
    );
    for len in [0, 8, 18, 0xffff_fffd] {
        assert_eq!(
            broken(file().u32(6).u32(len).raw(&[0; 64])),
            (84, 1, format!("the block claims {len} bytes"))
        );
    }
    assert_eq!(
        broken(file().block(6, |body| body.u32(0))),
        (84, 1, "the block claims 16 bytes".into())
    );
    assert_eq!(
        broken(file().u32(6).u32((16 << 20) + 4).raw(&[0; 64])),
        (84, 1, "the block claims 16777220 bytes".into())
    );
    assert_eq!(
        broken(file().block(6, |body| body.u32(0).u64(1).u32(5).u32(5).raw(b"four"))),
        (84, 1, "the packet claims 5 bytes in a block of 36".into())
    );
    assert_eq!(
        broken(file().packet(1, 0, b"")),
        (84, 1, "the packet is of interface 1, which is not described".into())
    );
    assert_eq!(
        broken(file().section().packet(0, 0, b"")),
        (112, 1, "the packet is of interface 0, which is not described".into())
    );
    assert_eq!(
        broken(file().block(0x0a0d_0d0a, |body| body.u32(7).u32(0).u64(0))),
        (84, 1, "the section header has no byte-order magic".into())
    );
    assert_eq!(
        broken(file().block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(2).u16(1).u64(0))),
        (84, 1, "pcapng version 2.1 is not supported".into())
    );
}

#[test]
fn blocks_may_be_as_short_as_their_fixed_fields() {
    // A packet and statistics without options, a simple packet of nothing, a block of nothing.
    let file = begin(Little).interface(1).packet(0, 7, b"").statistics(0, |none| none);
    let told = read(&file.simple(b"", 0).block(77, |none| none).bytes);
    let simple = Got { nanos: None, ..got(2, 0, 0, b"") };
    assert_eq!((told.frames, told.damage), (vec![got(1, 0, 7_000, b""), simple], vec![]));
    // And no shorter.
    let short = |kind, words: usize| {
        let file = begin(Little).interface(1).block(kind, |body| body.raw(&vec![0; words * 4]));
        damage(&file.packet(0, 2, b"after").bytes)
    };
    for (kind, words) in [(6, 4), (2, 4), (3, 0), (1, 1), (5, 2)] {
        let claim = format!("the block claims {} bytes", 12 + words * 4);
        assert_eq!(short(kind, words), (48, 0, claim), "{kind}");
    }
    let section = begin(Little).block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u64(1));
    assert_eq!(damage(&section.bytes), (28, 0, "the block claims 24 bytes".into()));
}

#[test]
fn a_file_that_breaks_off_keeps_the_frames_before() {
    let whole = begin(Big).interface(1).packet(0, 1, b"good").packet(0, 2, b"gone");
    assert_eq!(
        damage(&whole.bytes[..84 + 5]),
        (84, 1, "the file ends within a block header, after 5 of 12 bytes".into())
    );
    assert_eq!(
        damage(&whole.bytes[..84 + 20]),
        (84, 1, "the file ends within a block, after 20 of 36 bytes".into())
    );
    assert_eq!(
        damage(&whole.bytes[..84 + 34]),
        (84, 1, "the file ends within a block, after 34 of 36 bytes".into())
    );
    let skipped = begin(Big).block(99, |body| body.raw(&[0; 400])).bytes;
    assert_eq!(
        damage(&skipped[..28 + 300]),
        (28, 0, "the file ends within a block, after 300 of 412 bytes".into())
    );
}

#[test]
fn a_section_of_too_many_interfaces_is_damage() {
    let mut file = begin(Little);
    for _ in 0..4096 {
        file = file.interface(1);
    }
    let file = file.packet(4095, 1, b"x");
    assert_eq!(read(&file.bytes).frames, [got(1, 4095, 1_000, b"x")]);
    let (_, frames, reason) = damage(&file.interface(1).bytes);
    assert_eq!((frames, reason.as_str()), (1, "the section describes more than 4096 interfaces"));
}

/// A section that describes as many interfaces as it may, and then holds a packet of the first.
fn many_interfaces(file: Bytes) -> Bytes {
    (0..4096).fold(file.section(), |file, _| file.interface(1)).packet(0, 1, b"x")
}

#[test]
fn sections_give_back_what_they_described() {
    let told = read(&(0..40).fold(Bytes::new(Little), |file, _| many_interfaces(file)).bytes);
    assert_eq!((told.frames.len(), told.damage.len()), (40, 0));
}

#[test]
fn files_describe_so_many_interfaces_together() {
    let bytes: &[u8] = Box::leak(many_interfaces(Bytes::new(Little)).bytes.into_boxed_slice());
    let files =
        |count: usize| told(Replay::open(&vec![Input::Memory("x", bytes); count]), Take::One);
    // 131,072 beside the first four of each: the last file has 128 of them.
    assert_eq!((files(32).frames.len(), files(32).damage.len()), (32, 0));
    let told = files(33);
    assert_eq!((told.frames.len(), told.damage.len()), (32, 1));
    let reason = "the files describe more interfaces than are kept at once";
    assert_eq!((told.damage[0].offset, &*told.damage[0].reason), (28 + 20 * (4 + 128), reason));
}
