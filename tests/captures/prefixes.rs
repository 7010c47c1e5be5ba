//! A capture that breaks off anywhere: what comes before the break is kept, and the exit code tells.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::path::Path;

use capture::file::{Input, Replay};
use capture::{FrameSource as _, Next};
use handshake::{End, Limits, Reporting, Tracker};
use parser::Timestamp;

use super::{all, captures, read};
use crate::util::Dir;

/// Every prefix is tried of a file of at most so many bytes, of a larger one one in so many. That is
/// a prime number, so that all parts of a record are met.
const SMALL: usize = 4 << 10;
const SAMPLE: usize = 61;

/// What reading a file came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// The exit code of `synscope replay`.
    code: i32,
    frames: Vec<(Option<Timestamp>, Vec<u8>)>,
}

/// Reads a file as `synscope replay` does.
fn outcome(path: &Path) -> Outcome {
    let mut replay = Replay::open(&[Input::Path(path.to_owned())]);
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut frames = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a file that breaks off is no error") {
        tracker.on_frame(&frame, &mut |_| {});
        frames.push((frame.timestamp, frame.bytes.to_vec()));
    }
    tracker.finish(End::Complete, &mut |_| {});
    let code = match (replay.refused(), replay.damage()) {
        ([], []) => 0,
        ([], _) => 3,
        _ => 2,
    };
    Outcome { code, frames }
}

/// What a file is made of: read by nothing but the lengths in it, as a second witness.
struct Layout {
    /// How much of it tells that it is a capture.
    start: usize,
    /// The ends of its records and blocks, and whether each is a frame.
    ends: Vec<(usize, bool)>,
}

impl Layout {
    /// `None` for a file that is compressed.
    fn of(file: &[u8]) -> Option<Self> {
        match file.first_chunk()? {
            [0x0a, 0x0d, 0x0d, 0x0a] => Some(Self::of_pcapng(file)),
            [0xa1, 0xb2, ..] => Some(Self::of_pcap(file, u32::from_be_bytes)),
            [0xd4 | 0x4d, ..] => Some(Self::of_pcap(file, u32::from_le_bytes)),
            _ => None,
        }
    }

    fn of_pcap(file: &[u8], number: fn([u8; 4]) -> u32) -> Self {
        let mut end = 24;
        let mut ends = vec![(end, false)];
        while end < file.len() {
            end += 16 + number(word(file, end + 8)) as usize;
            ends.push((end, true));
        }
        Self { start: 24, ends }
    }

    fn of_pcapng(file: &[u8]) -> Self {
        let is_big = word(file, 8) == [0x1a, 0x2b, 0x3c, 0x4d];
        let number = if is_big { u32::from_be_bytes } else { u32::from_le_bytes };
        let (mut end, mut ends) = (0, Vec::new());
        while end < file.len() {
            let is_frame = number(word(file, end)) == 6;
            end += number(word(file, end + 4)) as usize;
            ends.push((end, is_frame));
        }
        Self { start: 16, ends }
    }

    /// The exit code due, and the number of frames, where only `len` bytes are left.
    fn cut_to(&self, len: usize) -> (i32, usize) {
        let whole = self.ends.iter().take_while(|(end, _)| *end <= len);
        let code = match self.ends.iter().any(|(end, _)| *end == len) {
            _ if len < self.start => 2,
            true => 0,
            false => 3,
        };
        (code, whole.filter(|(_, is_frame)| *is_frame).count())
    }
}

fn word(file: &[u8], offset: usize) -> [u8; 4] {
    *file[offset..].first_chunk().expect("the file does not break off")
}

#[test]
fn every_prefix_keeps_the_frames_before_the_cut() {
    let dir = Dir::new();
    for name in all() {
        let file = read(&name);
        let layout = Layout::of(&file);
        let whole = outcome(&captures().join(&name));
        assert_eq!(whole.code, 0, "{name}");
        let path = dir.write("cut", &file);
        let cut = OpenOptions::new().write(true).open(&path).expect("it was just written");
        let step = if file.len() <= SMALL { 1 } else { SAMPLE };
        for len in (0..file.len()).rev().step_by(step) {
            cut.set_len(len as u64).expect("the file can be cut");
            let Outcome { code, frames } = outcome(&path);
            assert!(whole.frames.starts_with(&frames), "{name} cut to {len} bytes: {frames:?}");
            if let Some(layout) = &layout {
                assert_eq!((code, frames.len()), layout.cut_to(len), "{name} cut to {len} bytes");
            } else {
                assert!(matches!(code, 2 | 3), "{name} cut to {len} bytes ends with {code}");
            }
        }
    }
}

#[test]
fn the_program_ends_with_the_code_that_is_documented() {
    let dir = Dir::new();
    for name in ["refused.pcapng", "twins/big-endian-microseconds.pcap"] {
        let file = read(name);
        let layout = Layout::of(&file).expect("it is not compressed");
        let borders = layout.ends.iter().map(|(end, _)| *end).chain([1, layout.start]);
        let lens: BTreeSet<_> =
            borders.flat_map(|border| [border - 1, border, border + 1]).collect();
        for len in lens.into_iter().filter(|len| *len <= file.len()) {
            dir.write("cut", &file[..len]);
            let (code, frames) = layout.cut_to(len);
            let run = dir.synscope(["replay", "-f", "jsonl", "cut"]).run().code(code);
            let found = run.json_lines().pop().map(|summary| summary["frames"].clone());
            assert_eq!(found, (code != 2).then(|| frames.into()), "{name} cut to {len}: {run:?}");
        }
    }
}
