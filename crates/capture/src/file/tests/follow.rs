//! Files that are written step by step while they are read.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::Index;

use super::build::{Bytes, MICROSECONDS, NANOSECONDS, pcap};
use super::compression::gzip;
use super::properties::{packets, pcap_of, pcapng_of};
use super::{Got, Scratch, Take, replay, said, told};
use crate::file::record::ByteOrder::{Big, Little};
use crate::file::replay::MAX_FILES;
use crate::file::{Follow, Replay};
use crate::{Damage, FrameSource as _, Next};

pub(super) fn follow(path: &Path) -> Follow {
    Follow::open(path, Replay::DECOMPRESSED).expect("it can be followed")
}

fn refusal(path: &Path) -> String {
    let refused = Follow::open(path, Replay::DECOMPRESSED).expect_err("it can't be followed");
    said(&refused).replace(&path.display().to_string(), "x")
}

/// The frames that are written by now.
pub(super) fn written(follow: &mut Follow) -> Vec<Got> {
    let _limit = testkit::TimeLimit::start();
    let mut frames = Vec::new();
    while let Next::Frame(frame) = follow.next_at_once().expect("it goes on") {
        frames.push(Got::of(&frame));
    }
    frames
}

/// The seconds of the frames that are written by now, with their numbers and the names of their files.
pub(super) fn seconds(follow: &mut Follow) -> Vec<(i64, u64, String)> {
    let frames = written(follow);
    let names: Vec<_> = follow.names().sources().map(str::to_owned).collect();
    let seconds = |frame: Got| {
        let path = Path::new(&names[usize::from(frame.source)]);
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (frame.nanos.expect("a time") / 1_000_000_000, frame.number, name)
    };
    frames.into_iter().map(seconds).collect()
}

pub(super) fn frame(second: i64, number: u64, name: &str) -> (i64, u64, String) {
    (second, number, name.to_owned())
}

/// What is left after it was asked to stop.
pub(super) fn stopped(mut follow: Follow) -> (Vec<Got>, Follow) {
    follow.stopper()();
    let rest = written(&mut follow);
    assert!(matches!(follow.next_at_once(), Ok(Next::End)));
    (rest, follow)
}

pub(super) fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).expect("it is there");
    file.write_all(bytes).expect("it can be written to");
}

/// A capture with a frame at each of these seconds.
pub(super) fn capture(seconds: &[u32]) -> Vec<u8> {
    let file = pcap(Little, MICROSECONDS, 1);
    seconds.iter().fold(file, |file, &second| file.record(second, 0, b"frame")).bytes
}

/// Small captures with everything that a file may have.
fn samples() -> Vec<Vec<u8>> {
    let little = pcap(Little, MICROSECONDS, 1).record(7, 5, b"one").record(8, 6, b"").bytes;
    let big = pcap(Big, NANOSECONDS, 113).record(7, 5, b"one").record(9, 1_000_000_000, b"x").bytes;
    let ng = Bytes::new(Little)
        .section()
        .block(0x0bad, |body| body.u32(32_473).raw(&[7; 40]))
        .interface(1)
        .statistics(0, |options| options.option(5, &3_u64.to_le_bytes()))
        .packet(0, 1_000_000, b"first")
        .simple(b"plain", 5)
        .block(0x0bad, |body| body.u32(32_473).raw(&[7; 40]))
        .packet(0, 3_000_000, b"last")
        .statistics(0, |options| options.option(5, &4_u64.to_le_bytes()));
    let swapped = Bytes::new(Big).section().interface(113).packet(0, 5, b"other order");
    vec![little, big, [ng.bytes, swapped.bytes].concat()]
}

#[test]
fn the_frames_of_each_beginning_and_of_the_rest_are_those_of_a_replay() {
    for bytes in samples() {
        for len in 0..=bytes.len() {
            let scratch = Scratch::new();
            let path = scratch.file("x", &bytes[..len]);
            let mut follow = follow(&path);
            let mut frames = written(&mut follow);
            append(&path, &bytes[len..]);
            frames.extend(written(&mut follow));
            let (rest, follow) = stopped(follow);
            let plain = replay(&[&path]);
            assert_eq!((&frames, rest), (&plain.frames, Vec::new()), "after {len} bytes");
            assert_eq!(
                (follow.damage(), follow.lost()),
                (&[][..], plain.lost),
                "after {len} bytes"
            );
            assert_eq!(follow.names(), &plain.names, "after {len} bytes");
            let times: Vec<_> = follow.damaged_times().cloned().collect();
            assert_eq!(times, plain.damaged_times, "after {len} bytes");
        }
    }
}

#[test]
fn a_frame_comes_with_its_last_byte() {
    for bytes in samples() {
        let scratch = Scratch::new();
        let path = scratch.file("x", b"");
        let mut follow = follow(&path);
        let mut frames = Vec::new();
        for len in 1..=bytes.len() {
            append(&path, &bytes[len - 1..len]);
            frames.extend(written(&mut follow));
            let plain = Replay::of_bytes(&bytes[..len]);
            let plain = told(plain, Take::One).frames;
            assert_eq!(frames, plain, "after {len} bytes");
        }
        assert!(frames.len() > 1);
    }
}

#[test]
fn a_record_that_is_half_written_at_the_end_is_no_damage() {
    let scratch = Scratch::new();
    let bytes = capture(&[1, 2]);
    let path = scratch.file("x", &bytes[..bytes.len() - 1]);
    let (rest, follow) = stopped(follow(&path));
    assert_eq!((rest.len(), follow.damage()), (1, &[][..]));
}

#[test]
fn it_ends_at_once_where_it_is_told_to() {
    let scratch = Scratch::new();
    let path = scratch.file("x", &capture(&[1, 2]));
    let mut follow = follow(&path);
    assert!(matches!(follow.next(), Ok(Next::Frame(_))));
    follow.end();
    assert!(matches!(follow.next(), Ok(Next::End)));
}

#[test]
fn silence_has_the_time_of_the_latest_frame() {
    let scratch = Scratch::new();
    let path = scratch.file("x", &capture(&[1, 2]));
    let mut follow = follow(&path);
    assert_eq!(written(&mut follow).len(), 2);
    let Ok(Next::Idle(time)) = follow.next() else { panic!("nothing was written") };
    assert_eq!(time.as_nanos(), 2_000_000_000);
}

#[test]
fn the_files_of_a_directory_come_by_their_first_frames() {
    let scratch = Scratch::new();
    scratch.file("c", &capture(&[1, 2]));
    scratch.file("a", &capture(&[5]));
    scratch.file("b", &gzip(&capture(&[3])));
    scratch.file("empty", &capture(&[]));
    scratch.file("notes.txt", b"what nobody takes for a capture");
    let mut follow = follow(scratch.path());
    let expected = [(1, 1, "c"), (2, 2, "c"), (3, 1, "b"), (5, 1, "a")];
    assert_eq!(
        seconds(&mut follow),
        expected.map(|(second, number, name)| frame(second, number, name))
    );
    let skipped = follow.take_skipped();
    let [skipped] = skipped.as_slice() else { panic!("{skipped:?}") };
    assert!(skipped.to_string().ends_with("notes.txt: this is text, not a capture"), "{skipped}");

    // Where nothing is newer, it may become longer, and so may one without a frame.
    append(&scratch.path().join("a"), &capture(&[6])[24..]);
    append(&scratch.path().join("notes.txt"), b", and not later either");
    assert_eq!(seconds(&mut follow), [frame(6, 2, "a")]);
    append(&scratch.path().join("a"), &capture(&[7])[24..]);
    append(&scratch.path().join("empty"), &capture(&[8])[24..]);
    assert_eq!(seconds(&mut follow), [frame(7, 3, "a"), frame(8, 1, "empty")]);
    assert_eq!((follow.take_skipped().len(), follow.take_refused().len()), (0, 0));
    assert_eq!(follow.damage(), []);
}

#[test]
fn a_record_that_its_file_never_completes_is_damage_once_there_is_a_newer_file() {
    let scratch = Scratch::new();
    let bytes = capture(&[1, 2]);
    let path = scratch.file("a", &bytes[..bytes.len() - 1]);
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "a")]);
    assert_eq!(follow.damage(), []);
    scratch.file("b", &capture(&[3]));
    assert_eq!(seconds(&mut follow), [frame(3, 1, "b")]);
    let damage = Damage {
        source: path.display().to_string(),
        offset: 24 + 21,
        frames: 1,
        reason: "the file ends within a record, after 20 of 21 bytes".into(),
    };
    assert_eq!(follow.damage(), [damage]);
}

#[test]
fn a_file_that_grows_beside_a_newer_one_is_told() {
    let scratch = Scratch::new();
    let path = scratch.file("a", &capture(&[1]));
    scratch.file("b", &capture(&[3]));
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "a"), frame(3, 1, "b")]);
    append(&path, &capture(&[4])[24..]);
    assert_eq!(seconds(&mut follow), []);
    append(&path, &capture(&[5])[24..]);
    let damage = Damage {
        source: path.display().to_string(),
        offset: 24 + 21,
        frames: 1,
        reason: "more was written to it after another file had begun".into(),
    };
    assert_eq!(seconds(&mut follow), []);
    assert_eq!(follow.damage(), [damage]);
}

#[test]
fn a_broken_file_does_not_end_the_others() {
    let scratch = Scratch::new();
    let broken = pcap(Little, MICROSECONDS, 1).record(1, 0, b"frame").raw(&[0xff; 40]);
    let path = scratch.file("a", &broken.bytes);
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "a")]);
    append(&path, &[0xff; 40]);
    scratch.file("b", &capture(&[2]));
    assert_eq!(seconds(&mut follow), [frame(2, 1, "b")]);
    let reasons: Vec<_> = follow.damage().iter().map(|damage| damage.reason.as_str()).collect();
    assert_eq!(reasons, ["the record claims 4294967295 bytes"]);
}

/// The frames of a file that was written in two steps; `None` where it can't be followed.
fn in_two_steps(bytes: &[u8], cut: usize) -> Option<Vec<Got>> {
    let _limit = testkit::TimeLimit::start();
    let scratch = Scratch::new();
    let path = scratch.file("x", &bytes[..cut]);
    let mut follow = Follow::open(&path, Replay::DECOMPRESSED).ok()?;
    let mut frames = Vec::new();
    for rest in [&bytes[cut..], b""] {
        while let Next::Frame(frame) = follow.next_at_once().ok()? {
            frames.push(Got::of(&frame));
        }
        append(&path, rest);
    }
    Some(frames)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_is_written_has_the_frames_of_a_replay(
        packets in packets(),
        is_pcap in any::<bool>(),
        cut in any::<Index>(),
        place in any::<Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = if is_pcap {
            pcap_of(Big, MICROSECONDS, &packets)
        } else {
            pcapng_of(Little, &packets)
        };
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let plain = told(Replay::of_bytes(&bytes), Take::One);
        let expected = plain.refused.is_empty().then_some(plain.frames);
        prop_assert_eq!(in_two_steps(&bytes, cut.index(bytes.len())), expected);
    }
}

#[test]
fn what_can_not_be_followed_is_refused() {
    let scratch = Scratch::new();
    assert_eq!(
        refusal(&scratch.file("compressed", &gzip(&capture(&[1])))),
        "x: a compressed file can't be followed: follow the file before it is compressed, or read \
         this one without --follow once it is complete"
    );
    assert_eq!(
        refusal(&scratch.file("text", b"this is long enough to be known")),
        "x: this is text, not a capture"
    );
    assert_eq!(
        refusal(&scratch.path().join("missing")),
        "x: No such file or directory (os error 2)"
    );
    let pipe = scratch.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    assert_eq!(
        refusal(&pipe),
        "x: it is no regular file: a pipe is read as it is written without --follow"
    );
    // It turns out later.
    let path = scratch.file("later", b"this is");
    let mut follow = follow(&path);
    assert_eq!(written(&mut follow), []);
    append(&path, b" long enough to be known");
    let _limit = testkit::TimeLimit::start();
    let error = follow.next_at_once().expect_err("it is no capture");
    assert!(error.to_string().ends_with("later: this is text, not a capture"), "{error}");
}

#[test]
fn when_all_names_are_taken_the_files_that_come_have_one_together() {
    let scratch = Scratch::new();
    for second in [1, 2, 3] {
        scratch.file(&format!("{second}"), &capture(&[second]));
    }
    let mut follow = follow(scratch.path());
    follow.name_others(MAX_FILES - 2);
    let sources: Vec<_> = written(&mut follow).iter().map(|frame| frame.source).collect();
    assert_eq!(sources, [u16::MAX - 1, u16::MAX, u16::MAX]);
    let names: Vec<_> = follow.names().sources().skip(MAX_FILES - 2).collect();
    let root = scratch.path().display().to_string();
    assert_eq!(names, [format!("{root}/1"), root]);
}
