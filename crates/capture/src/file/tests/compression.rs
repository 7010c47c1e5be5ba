use std::io::Write;

use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::build::{MICROSECONDS, pcap};
use super::{Take, Told, damage, read, refusal, told};
use crate::file::Replay;
use crate::file::record::ByteOrder::Little;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A zstd frame that is not compressed, with a window of 2 to the power of `log` (RFC 8878, 3.1.1).
pub(super) fn zstd_of_window(log: u8, bytes: &[u8]) -> Vec<u8> {
    let block = (bytes.len() as u32) << 3 | 1;
    let header = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
    [&header, &block.to_le_bytes()[..3], bytes].concat()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let blocks = FrameInfo::new().block_size(BlockSize::Max64KB);
    let mut encoder = FrameEncoder::with_frame_info(blocks, Vec::new());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

pub(super) type Compress = fn(&[u8]) -> Vec<u8>;
pub(super) const ALL: [(&str, Compress); 3] = [("gzip", gzip), ("zstd", zstd), ("lz4", lz4)];

/// A capture of several hundred kilobytes that compresses only so well.
fn capture() -> Vec<u8> {
    let mut file = pcap(Little, MICROSECONDS, 1);
    let mut state = 1_u32;
    for number in 0..4_000 {
        let bytes: Vec<u8> = (0..80)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 29) as u8
            })
            .collect();
        file = file.record(number, 0, &bytes);
    }
    file.bytes
}

fn same_frames(told: &Told, plain: &Told) {
    assert_eq!(told.frames, plain.frames);
    assert_eq!(told.damage, []);
    assert_eq!(told.refused, [""; 0]);
}

#[test]
fn each_compression_is_recognised_by_its_content() {
    let bytes = capture();
    let plain = read(&bytes);
    assert_eq!(plain.frames.len(), 4_000);
    for (name, compress) in ALL {
        println!("{name}");
        same_frames(&read(&compress(&bytes)), &plain);
        // Twice is read, thrice is not.
        same_frames(&read(&gzip(&compress(&bytes))), &plain);
        assert_eq!(
            refusal(&gzip(&gzip(&compress(&bytes)))),
            "x: it is compressed more than 2 times over"
        );
        assert_eq!(refusal(&compress(b"text")), "x: this is text, not a capture");
    }
}

#[test]
fn members_follow_one_another() {
    let bytes = capture();
    let plain = read(&bytes);
    let (head, tail) = bytes.split_at(100_003);
    let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"own"].concat();
    for (name, compress) in ALL {
        println!("{name}");
        let members = [compress(head), compress(b""), compress(tail)].concat();
        same_frames(&read(&members), &plain);
        let mixed = [compress(head), skipped.clone(), lz4(tail)].concat();
        same_frames(&read(&mixed), &plain);
    }
    let pzstd = [skipped, zstd(&bytes)].concat();
    same_frames(&read(&pzstd), &plain);
}

#[test]
fn a_stream_that_breaks_off_keeps_what_came_before() {
    let bytes = capture();
    for (name, compress) in ALL {
        let whole = compress(&bytes);
        for (cut, at_least) in [(whole.len() / 2, 1_000), (whole.len() - 1, 2_700), (100, 0)] {
            let told = read(&whole[..cut]);
            if told.frames.is_empty() && !told.refused.is_empty() {
                assert_eq!(cut, 100);
                assert_eq!(told.refused, [format!("x: the {name} stream breaks off")]);
                continue;
            }
            let (_, frames, reason) = damage(&whole[..cut]);
            assert_eq!(reason, format!("the {name} stream breaks off"));
            assert!(frames >= at_least, "{name} {cut}: {frames}");
            assert_eq!(told.frames[..], read(&bytes).frames[..told.frames.len()]);
        }
    }
}

#[test]
fn what_follows_the_last_member_is_damage_at_the_end() {
    let bytes = capture();
    let whole = [gzip(&bytes), b"garbage".to_vec()].concat();
    let sentence = "the gzip stream is broken: [67, 61, 72, 62] stands where a member should begin";
    assert_eq!(damage(&whole), (bytes.len() as u64, 4_000, sentence.into()));
}

#[test]
fn a_window_too_large_is_refused_by_name() {
    assert_eq!(
        refusal(&zstd_of_window(26, b"")),
        "x: the zstd stream needs a window of 64 MiB, 8 are allowed: \
         use `zstd -dc --long=31 FILE | synscope replay -`"
    );
}

/// Frames of zeros, 1 MiB of them.
fn zeros() -> Vec<u8> {
    let first = pcap(Little, MICROSECONDS, 1).record(1, 0, b"first");
    (0..16).fold(first, |file, _| file.record(1, 0, &vec![0; ZEROS])).bytes
}

const ZEROS: usize = 65_520;

/// They in a zstd frame that repeats a byte for each of them (RFC 8878, 3.1.1.2.2).
fn zstd_of_zeros() -> Vec<u8> {
    const REPEATED: u32 = 1;
    let bytes = zeros();
    let (head, records) = bytes.split_at(24 + 16 + 5);
    let mut file = zstd_of_window(17, head);
    file.extend(zstd_of_window(17, b"").split_last_chunk::<3>().expect("an empty block").0);
    for record in records.chunks(16 + ZEROS) {
        file.extend(&(16_u32 << 3).to_le_bytes()[..3]);
        file.extend(&record[..16]);
        file.extend(&((ZEROS as u32) << 3 | REPEATED << 1).to_le_bytes()[..3]);
        file.push(0);
    }
    file.extend([1, 0, 0]);
    file
}

#[test]
fn what_a_file_may_become_has_a_bound_through_all_layers() {
    const FREE: u64 = 128 << 10;
    for (name, bytes) in [("gzip", gzip(&gzip(&zeros()))), ("zstd", zstd_of_zeros())] {
        let earned = 1_100 * bytes.len() as u64;
        assert!(earned < 640 << 10, "{name}: {}", bytes.len());
        let told = told(Replay::of_bytes_within(&bytes, FREE), Take::One);
        let [damage] = told.damage.as_slice() else { panic!("{:?}", told.damage) };
        let expected = format!(
            "the {name} stream is more than 1,100 times as long as the file, and the bytes allowed \
             beyond that are used up: allow more with `--max-decompressed SIZE`, \
             or use `{name} -dc FILE | synscope replay -`"
        );
        assert_eq!(damage.reason, expected);
        let bound = earned + FREE;
        // What has not been read of the file yet earns nothing.
        assert!((FREE..=bound).contains(&damage.offset), "{name}: {damage:?}");
        assert_eq!(told.frames[0].bytes, b"first");
        assert_eq!(damage.frames, told.frames.len() as u64);
        let free = self::told(Replay::of_bytes(&bytes), Take::One);
        assert_eq!((free.damage.len(), free.frames.len()), (0, 17), "{name}");
    }
}
