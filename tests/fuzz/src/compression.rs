//! Compressed captures: what is read of one is what is read of the plain file, as far as it goes.

use std::io::Write as _;

use flate2::write::GzEncoder;
use lz4_flex::frame::FrameEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::files::{breaks_off, read};

/// A compression by the first bytes of its streams, and how to make one.
type Compression = (&'static [u8], fn(&[u8]) -> Vec<u8>);
const ALL: [Compression; 3] = [
    (&[0x1f, 0x8b, 8], gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], |bytes| compress_to_vec(bytes, CompressionLevel::Fastest)),
    (&[0x04, 0x22, 0x4d, 0x18], lz4),
];
const PCAP: [u8; 4] = [0xd4, 0xc3, 0xb2, 0xa1];

/// The first byte says which compression and how it is used, the second where the stream breaks off,
/// the third where its second member begins.
pub fn check(data: &[u8]) {
    let Some((&[how, cut, split], rest)) = data.split_first_chunk() else { return };
    let (magic, compress) = ALL[usize::from(how & 3) % ALL.len()];
    let at = |part: u8, whole: &[u8]| whole.len() * usize::from(part) / 256;
    if how & 4 == 0 {
        let stream = [magic, rest].concat();
        // A broken stream takes with it what came last, so that less of it may be more.
        let (told, part) = (read(&stream).frames, read(&stream[..at(cut, &stream)]).frames);
        let common = told.len().min(part.len());
        assert_eq!(part[..common], told[..common]);
        return;
    }
    let plain = [&PCAP, rest].concat();
    let (head, tail) = plain.split_at(at(split, &plain));
    let mut stream = [compress(head), compress(tail)].concat();
    if how & 8 != 0 {
        stream = gzip(&stream);
    }
    let told = read(&plain);
    assert_eq!(read(&stream), told);
    breaks_off(&stream, &told, at(cut, &stream));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
