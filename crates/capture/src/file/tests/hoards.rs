use std::path::PathBuf;

use super::build::{Bytes, MICROSECONDS, pcap};
use super::compression::{ALL, gzip, zstd_of_window};
use super::{Scratch, Take, Told, told};
use crate::file::record::ByteOrder::{Big, Little};
use crate::file::{Input, Replay};
use crate::{FrameSource, Next};

/// Bytes that compress only so well, different ones for each number.
fn noise(number: u32, len: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9) | 1;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 27) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// The times at which one of so many files has its turns.
fn turns(index: u32, files: u32, turns: u32) -> impl Iterator<Item = u32> {
    (0..turns).map(move |turn| turn * files + index)
}

/// A pcap file whose frames, of this length, take turns with those of others.
fn pcap_in_turn(times: impl Iterator<Item = u32>, len: usize) -> Vec<u8> {
    let empty = pcap(Little, MICROSECONDS, 1);
    times.fold(empty, |file, time| file.record(time, 0, &noise(time, len))).bytes
}

/// The same in pcapng, with blocks of all kinds between the packets.
fn pcapng_in_turn(times: impl Iterator<Item = u32>, len: usize) -> Vec<u8> {
    let section =
        |file: Bytes| file.section().interface_with(1, 0, |options| options.option(9, &[0]));
    let file = times.fold(section(Bytes::new(Big)), |file, time| {
        let file = if time % 11 == 0 { section(file) } else { file };
        let file = file.block(77, |body| body.raw(&vec![0; len / 8 * 4]));
        let file = file.statistics(0, |options| options.option(5, &3_u64.to_be_bytes()));
        let file = if time % 5 == 0 { file.block(9, |body| body.raw(b"{}  ")) } else { file };
        file.packet(0, time.into(), &noise(time, len))
    });
    file.bytes
}

/// Three files of these kinds: small frames, frames of several sizes, and one that ends early.
fn three() -> [Vec<u8>; 3] {
    [
        pcap_in_turn(turns(0, 3, 80), 70),
        pcapng_in_turn(turns(1, 3, 80), 300),
        pcap_in_turn(turns(2, 3, 10), 2_500),
    ]
}

fn inputs(scratch: &Scratch, files: &[Vec<u8>]) -> Vec<Input> {
    let path =
        |(index, bytes): (usize, &Vec<u8>)| -> PathBuf { scratch.file(&index.to_string(), bytes) };
    files.iter().enumerate().map(path).map(Input::Path).collect()
}

/// What is told where all files can be open.
fn of_all(files: &[Input]) -> Told {
    told(Replay::open(files), Take::One)
}

/// What is told where few of them can be, whatever the others keep, and however the frames are taken.
fn assert_told(files: &[Input], expected: &Told, what: &str) {
    for (most_open, take) in [(1, Take::One), (1, Take::Most), (2, Take::All)] {
        for hoards in [0, 999, 10_000, 8 << 20] {
            let told = told(Replay::open_few(files, most_open, hoards), take);
            let what = format!("{what}, {most_open} {hoards} {take:?}");
            assert_eq!(told.damage, expected.damage, "{what}");
            assert!(told == *expected, "{what}");
        }
    }
}

#[test]
fn files_that_are_closed_between_their_turns_lose_nothing() {
    let (plain, packed) = (Scratch::new(), Scratch::new());
    let mut expected = of_all(&inputs(&plain, &three()));
    assert_eq!((expected.frames.len(), expected.damage.len()), (170, 0));
    for (name, compress) in ALL {
        let files = inputs(&packed, &three().map(|bytes| compress(&bytes)));
        // Names and reports have paths.
        expected = Told { names: of_all(&files).names, ..expected };
        assert_told(&files, &expected, name);
    }
}

#[test]
fn damage_is_told_once_and_where_it_is() {
    let scratch = Scratch::new();
    let checksum = |mut bytes: Vec<u8>| {
        let at = bytes.len() - 6;
        bytes[at] ^= 1;
        bytes
    };
    let cut = |parts: usize| {
        move |mut bytes: Vec<u8>| {
            bytes.truncate(bytes.len() * parts / 8);
            bytes
        }
    };
    for (name, compress) in ALL {
        for parts in [2, 6] {
            // Of many members, as what is left of one may be lost with it.
            let members = |bytes: Vec<u8>| bytes.chunks(1_500).flat_map(compress).collect();
            let [a, b, c] = three().map(members);
            let files = inputs(&scratch, &[a, cut(parts)(b), cut(8 - parts)(c)]);
            let expected = of_all(&files);
            assert_eq!(expected.damage.len(), 2, "{:?}", expected.damage);
            assert_told(&files, &expected, &format!("{name} {parts}"));
        }
        // A record that can't be, in the midst of the stream.
        let [a, mut b, c] = three();
        let at = b.len() / 2;
        b.splice(at.., [0xff; 3_000]);
        let files = inputs(&scratch, &[a, b, c].map(|bytes| compress(&bytes)));
        let expected = of_all(&files);
        assert_eq!(expected.damage.len(), 1);
        assert_told(&files, &expected, name);
    }
    // A stream that goes wrong.
    let [a, mut b, c] = three().map(|bytes| gzip(&bytes));
    let at = b.len() / 2;
    b[at..][..8].fill(0xff);
    let files = inputs(&scratch, &[a, b, c]);
    let expected = of_all(&files);
    assert_eq!(expected.damage.len(), 1);
    assert_told(&files, &expected, "broken");
    let [a, b, c] = three().map(|bytes| gzip(&bytes));
    let files = inputs(&scratch, &[checksum(a), b, checksum(c)]);
    let expected = of_all(&files);
    assert_eq!((expected.damage.len(), expected.frames.len()), (2, 170));
    assert_told(&files, &expected, "checksum");
}

/// What was decompressed once more, and the most that files kept which were not open.
fn costs(files: &[Input], most_open: usize, hoards: usize) -> (u64, usize) {
    let mut replay = Replay::open_few(files, most_open, hoards);
    let mut most = 0;
    while let Next::Frame(_) = replay.next().expect("a frame or the end") {
        most = replay.hoarded().max(most);
    }
    assert_eq!(replay.damage(), []);
    (replay.budget().again(), most)
}

#[test]
fn a_file_is_gone_through_again_as_often_as_its_hoard_is_used_up() {
    let (scratch, count, frames) = (Scratch::new(), 5, 400);
    let files: Vec<_> =
        (0..count).map(|index| pcap_in_turn(turns(index, count, frames), 240)).collect();
    let size = files[0].len() as u64;
    let (_, compress) = ALL[2];
    let files = inputs(&scratch, &files.iter().map(|file| compress(file)).collect::<Vec<_>>());
    for (most_open, closed) in [(1, 8), (3, 4), (4, 2)] {
        for hoards in [16 << 10, 64 << 10] {
            let (again, most) = costs(&files, most_open, hoards);
            // Each time it gets there by half of its size, on average. What is left of a hoard is less
            // than a record.
            let each = (hoards / closed) as u64 - 256;
            let bound = u64::from(count) * size * (size / each + 2) / 2;
            assert!((1..=bound).contains(&again), "{most_open} {hoards}: {again} > {bound}");
            assert!((hoards / 4..=hoards).contains(&most), "{most_open} {hoards}: {most}");
        }
    }
    let (again, most) = costs(&files, 1, 0);
    assert!(again > 400 * size && most == 0, "{again} {most}");
}

#[test]
fn a_file_that_ends_in_its_hoard_is_not_opened_any_more() {
    let (scratch, count) = (Scratch::new(), 20_u32);
    let file = |index| gzip(&pcap_in_turn(turns(index, count, 50), 100));
    let files = inputs(&scratch, &(0..count).map(file).collect::<Vec<_>>());
    let (again, most) = costs(&files, 2, 8 << 20);
    // Each one when its first turn comes, behind the header.
    assert!(again <= u64::from(count) * 24, "{again}");
    assert!(most > 15 * 50 * 116, "{most}");
}

#[test]
fn what_files_kept_that_have_ended_is_for_the_others() {
    let (scratch, short) = (Scratch::new(), 15);
    let of_short = |index| pcap_in_turn(turns(index, short, 10), 100);
    let of_long = |index| pcap_in_turn(turns(index, 2, 400).map(|time| 150 + time), 240);
    let files = (0..short).map(of_short).chain((0..2).map(of_long));
    let files = inputs(&scratch, &files.map(|file| gzip(&file)).collect::<Vec<_>>());
    let (_, most) = costs(&files, 1, 64 << 10);
    assert!(most >= 32 << 10, "{most}");
}

#[test]
fn files_that_wait_for_their_first_turn_keep_nothing() {
    let (scratch, count) = (Scratch::new(), 20_u32);
    let file = |index| gzip(&pcap_in_turn((0..50).map(move |time| index * 100 + time), 100));
    let files = inputs(&scratch, &(0..count).map(file).collect::<Vec<_>>());
    let replay = Replay::open_few(&files, 2, 8 << 20);
    assert_eq!(replay.hoarded(), 0);
    // They may soon. Two are open, with a buffer and a decompressor each.
    let files = 20 * 700 + 2 * ((256 << 10) + (128 << 10));
    assert_eq!(replay.memory(), files + (8 << 20));
}

#[test]
fn a_file_is_closed_before_another_one_takes_its_memory() {
    const MOST: usize = 20 << 20;
    let scratch = Scratch::new();
    // More than a buffer holds: else it has ended when it is closed.
    let frames = |index| {
        let file = pcap_in_turn(turns(index, 3, 80), 5_000);
        file.chunks(100_000).flat_map(|part| zstd_of_window(23, part)).collect()
    };
    let files = inputs(&scratch, &(0..3).map(frames).collect::<Vec<_>>());
    // Two of them may be open.
    let mut replay = Replay::open_few(&files, 9, 100_000);
    replay.budget().most_held();
    let mut count = 0;
    while let Next::Frame(_) = replay.next().unwrap() {
        count += 1;
    }
    let (most, again) = (replay.budget().most_held(), replay.budget().again());
    assert_eq!(count, 3 * 80);
    assert!((MOST / 2..=MOST).contains(&most) && again > 400_000, "{most} {again}");
}

#[test]
fn a_block_to_be_skipped_may_be_longer_than_any_record() {
    let scratch = Scratch::new();
    let long = Bytes::new(Little)
        .section()
        .interface_with(1, 0, |options| options.option(9, &[0]))
        .packet(0, 1, b"before")
        .packet(0, 3, b"before")
        .block(77, |body| body.raw(&vec![0; 17 << 20]))
        .packet(0, 5, b"behind");
    let other = pcap(Little, MICROSECONDS, 1);
    let other =
        [0, 2, 4, 6].iter().fold(other, |file, &time| file.record(time, 0, &noise(time, 200)));
    let files = inputs(&scratch, &[long.bytes, other.bytes].map(|bytes| gzip(&bytes)));
    // The header of the block is kept, and next to nothing of what is in it. The other file keeps nothing
    // whole.
    let told = told(Replay::open_few(&files, 1, 2 * (40 + 20)), Take::One);
    assert_eq!(told.damage, []);
    let seconds = told.frames.iter().filter_map(|got| Some(got.nanos? / 1_000_000_000));
    assert!(seconds.eq(0..7));
}
