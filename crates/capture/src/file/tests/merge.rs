use std::fs;
use std::path::PathBuf;

use super::build::{Bytes, MICROSECONDS, pcap};
use super::compression::{gzip, zstd_of_window};
use super::{Scratch, Take, Told, replay, told};
use crate::file::record::ByteOrder::Little;
use crate::file::{Input, Progress, Replay};
use crate::{Damage, FrameSource, Next};

/// A pcap file of frames with these seconds and contents.
fn file(frames: &[(u32, &str)]) -> Vec<u8> {
    let empty = pcap(Little, MICROSECONDS, 1);
    frames
        .iter()
        .fold(empty, |file, (seconds, bytes)| file.record(*seconds, 0, bytes.as_bytes()))
        .bytes
}

fn order(told: &Told) -> Vec<String> {
    told.frames.iter().map(|got| String::from_utf8_lossy(&got.bytes).into_owned()).collect()
}

#[test]
fn files_are_merged_by_time_and_keep_their_own_order() {
    let scratch = Scratch::new();
    // The clock of the first goes back.
    let a = scratch.file("a", &file(&[(10, "a1"), (5, "a2"), (20, "a3"), (20, "a4")]));
    let b = scratch.file("b", &file(&[(7, "b1"), (12, "b2"), (20, "b3")]));
    let simple = Bytes::new(Little)
        .section()
        .interface_with(1, 0, |options| options.option(9, &[0]))
        .simple(b"c1", 2)
        .packet(0, 12, b"c2")
        .simple(b"c3", 2)
        .packet(0, 11, b"c4")
        .packet(0, 30, b"c5");
    let c = scratch.file("c", &simple.bytes);
    let told = replay(&[&a, &b, &c]);
    assert_eq!(
        order(&told),
        ["c1", "b1", "a1", "a2", "b2", "c2", "c3", "c4", "a3", "a4", "b3", "c5"]
    );
    let sources: Vec<_> = told.frames.iter().map(|got| (got.source, got.number)).collect();
    assert_eq!(sources[..4], [(2, 1), (1, 1), (0, 1), (0, 2)]);
    assert_eq!(
        told.names.sources().collect::<Vec<_>>(),
        [a, b, c].map(|path| path.display().to_string())
    );
}

#[test]
fn a_long_turn_ends_where_that_of_another_file_comes() {
    let scratch = Scratch::new();
    // Turns of more than a batch, of one frame, and of many, and equal times where they meet.
    let a: Vec<_> = (0..200).chain(210..230).chain(250..400).map(|at| (at, "a")).collect();
    let b: Vec<_> =
        (100..102).chain(199..215).chain(260..380).chain([399]).map(|at| (at, "b")).collect();
    let paths = [("a", &a), ("b", &b)].map(|(name, frames)| scratch.file(name, &file(frames)));
    let mut both: Vec<_> = a.iter().chain(&b).collect();
    both.sort_by_key(|(at, _)| *at);
    let expected: Vec<_> = both.iter().map(|(at, name)| (i64::from(*at), *name)).collect();
    let told = replay(&paths.each_ref().map(PathBuf::as_path));
    let found: Vec<_> = told
        .frames
        .iter()
        .filter_map(|got| Some(got.nanos? / 1_000_000_000))
        .zip(order(&told))
        .collect();
    assert!(found.iter().map(|(at, name)| (*at, name.as_str())).eq(expected));
}

#[test]
fn a_directory_is_its_captures_in_the_order_of_their_names() {
    let scratch = Scratch::new();
    scratch.file("2.pcap", &file(&[(1, "second")]));
    scratch.file("1.txt", &file(&[(1, "first")]));
    scratch.file("README", b"text");
    scratch.file("odd", b"snoop\0\0\0");
    fs::create_dir(scratch.path().join("sub")).expect("a directory");
    scratch.file("sub/3.pcap", &file(&[(1, "never")]));
    let told = replay(&[scratch.path()]);
    assert_eq!(order(&told), ["first", "second"]);
    let path = |name| scratch.path().join(name).display().to_string();
    assert_eq!(
        told.skipped,
        [
            format!("{}: it is a directory, not a capture file", path("sub")),
            format!("{}: this is text, not a capture", path("README")),
        ]
    );
    assert_eq!(
        told.refused,
        [format!(
            "{}: this is a Sun snoop capture: convert it with `editcap -F pcap FILE NEW`",
            path("odd")
        )]
    );
}

#[test]
fn a_directory_without_captures_is_refused() {
    let scratch = Scratch::new();
    scratch.file("README", b"text");
    let path = scratch.path().display().to_string();
    let told = replay(&[scratch.path()]);
    assert_eq!(told.refused, [format!("{path}: the directory holds no capture that can be read")]);
    assert_eq!(told.skipped, [format!("{path}/README: this is text, not a capture")]);
}

/// What is read of a directory where so few files may be open.
fn few(scratch: &Scratch, most_open: usize) -> Told {
    let inputs = [Input::Path(scratch.path().into())];
    told(Replay::open_few(&inputs, most_open, 8 << 20), Take::One)
}

/// The test process may have 1024 descriptors, and others run beside this one.
#[test]
fn any_number_of_files_is_one_timeline() {
    let scratch = Scratch::new();
    let count = 1_500_u32;
    for number in 0..count {
        // A ring: each file begins after the one before it ended.
        let (first, second) = (number * 10, number * 10 + 5);
        let frames = [(first, format!("{first}")), (second, format!("{second}"))];
        let frames = frames.each_ref().map(|(seconds, text)| (*seconds, text.as_str()));
        scratch.file(&format!("ring_{number:05}"), &file(&frames));
    }
    let told = few(&scratch, 128);
    assert_eq!((told.refused.len(), told.skipped.len(), told.damage.len()), (0, 0, 0));
    let expected: Vec<_> = (0..count * 2).map(|index| (index * 5).to_string()).collect();
    assert_eq!(order(&told), expected);
}

#[test]
fn files_that_all_overlap_take_turns() {
    let scratch = Scratch::new();
    let (files, frames) = (200_u32, 5);
    for number in 0..files {
        let times: Vec<_> = (0..frames).map(|turn| turn * files + number).collect();
        let texts: Vec<_> = times.iter().map(ToString::to_string).collect();
        let frames: Vec<_> = times.iter().copied().zip(texts.iter().map(String::as_str)).collect();
        let bytes = file(&frames);
        // A compressed file is gone through again up to its next frame.
        let bytes = if number % 10 == 0 { gzip(&bytes) } else { bytes };
        scratch.file(&format!("{number:03}"), &bytes);
    }
    for most_open in [1, 2, 128, 256] {
        let told = few(&scratch, most_open);
        assert_eq!((told.refused.len(), told.damage.len()), (0, 0));
        let expected: Vec<_> = (0..files * frames).map(|time| time.to_string()).collect();
        assert_eq!(order(&told), expected, "{most_open}");
    }
}

#[test]
fn damage_ends_one_file_and_not_the_others() {
    let scratch = Scratch::new();
    let mut bytes = file(&[(1, "a1"), (3, "a2")]);
    bytes.pop();
    let a = scratch.file("a", &bytes);
    let b = scratch.file("b", &file(&[(2, "b1"), (4, "b2")]));
    let told = replay(&[&a, &b]);
    assert_eq!(order(&told), ["a1", "b1", "b2"]);
    assert_eq!(
        told.damage,
        [Damage {
            source: a.display().to_string(),
            offset: 42,
            frames: 1,
            reason: "the file ends within a record, after 17 of 18 bytes".into(),
        }]
    );
}

#[test]
fn progress_counts_stored_bytes_once() {
    let scratch = Scratch::new();
    let bytes = gzip(&file(&[(1, "a1"), (2, "a2")]));
    let a = scratch.file("a", &bytes);
    let mut broken = file(&[(1, "b1")]);
    broken.extend([0xff; 10_000]);
    let b = scratch.file("b", &broken);
    let total = (bytes.len() + broken.len()) as u64;
    let mut replay = Replay::open(&[Input::Path(a), Input::Path(b)]);
    let so_far = replay.read_so_far();
    while let Next::Frame(_) = replay.next().expect("a frame or the end") {
        assert!(so_far.progress().read <= total);
    }
    assert_eq!(so_far.progress(), Progress { read: total, total: Some(total) });
}

/// Five zstd files of the largest windows, whose frames take turns: the budget has room for two.
fn large_windows(scratch: &Scratch) -> Vec<Input> {
    let files = 5_u32;
    let file = |number: u32| {
        let times = [number, files + number, 2 * files + number];
        let texts = times.map(|time| time.to_string());
        let [a, b, c] = [0, 1, 2].map(|turn| (times[turn], texts[turn].as_str()));
        // The window becomes large only in the second member.
        let (first, second) = (file(&[a]), file(&[b, c]).split_off(24));
        let bytes = [zstd_of_window(10, &first), zstd_of_window(23, &second)].concat();
        Input::Path(scratch.file(&number.to_string(), &bytes))
    };
    (0..files).map(file).collect()
}

#[test]
fn decompressors_share_a_bounded_memory() {
    let scratch = Scratch::new();
    let mut replay = Replay::open(&large_windows(&scratch));
    let mut times = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a frame or the end") {
        times.push(frame.timestamp.map(|time| time.as_nanos() / 1_000_000_000));
        assert!(!replay.budget().is_exceeded_with(0), "after {times:?}");
    }
    assert_eq!(replay.damage(), []);
    assert_eq!(times, (0..15).map(Some).collect::<Vec<_>>());
}

#[test]
fn what_would_be_decompressed_over_and_over_is_given_up_by_name() {
    let scratch = Scratch::new();
    // Not even the next record is kept.
    let mut replay = Replay::open_few(&large_windows(&scratch), 128, 0);
    assert!(replay.budget().allows_again(4 << 30));
    assert!(!replay.budget().allows_again(1));
    let mut frames = 0;
    while let Next::Frame(_) = replay.next().expect("a frame or the end") {
        frames += 1;
    }
    let expected = "more compressed files overlap in time than can be read at once: \
                    decompress some of them first (`zstd -d`)";
    let reasons: Vec<_> = replay.damage().iter().map(|damage| damage.reason.as_str()).collect();
    assert_eq!(reasons, [expected; 3]);
    let lost: u64 = replay.damage().iter().map(|damage| 3 - damage.frames).sum();
    assert_eq!(frames + lost, 15);
}

#[test]
fn files_beyond_the_limit_are_refused_in_one_line() {
    let capture: &[u8] = Box::leak(file(&[(1, "x")]).into_boxed_slice());
    let place =
        |number: usize| Input::Memory(if number < 65_536 { "kept" } else { "beyond" }, capture);
    let replay = Replay::open(&(0..65_539).map(place).collect::<Vec<_>>());
    assert_eq!(replay.names().sources().len(), 65_536);
    // What they take is known before they are read: 700 bytes each, and the buffers of those that
    // are open.
    let buffers = replay.memory() - 65_536 * 700;
    assert!((1..=8 << 20).contains(&buffers), "{buffers}");
    assert_eq!(Replay::open(&[place(0)]).memory(), 700 + (256 << 10));
    let refused: Vec<_> = replay.refused().iter().map(ToString::to_string).collect();
    let expected = "beyond: only 65536 files can be read at once: this one and 2 more are left out";
    assert_eq!(refused, [expected]);
}
