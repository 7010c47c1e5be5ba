//! Which files are left out because they lie outside what has to be read.

use std::io::Write as _;

use parser::{Period, Timestamp};
use testkit::{Endian, Interface, Pcap, Pcapng, Precision, TestFrame, pcap, pcapng};

use super::{Scratch, Take, told};
use crate::file::{Extent, Found, Input, Replay};
use crate::{FrameSource as _, Next};

const SECOND: i64 = 1_000_000_000;
const EACH: [Endian; 2] = [Endian::Little, Endian::Big];
/// Of so many frames a file is larger than those of which all times are looked at.
const MANY: usize = 840;

/// A frame at this second, with these bytes.
fn frame(second: i64, bytes: &[u8]) -> TestFrame {
    let (link, wire_len) = (1, bytes.len() as u32);
    TestFrame { timestamp_ns: second * SECOND, link, wire_len, bytes: bytes.to_vec() }
}

/// Frames at these seconds.
fn frames(seconds: &[i64]) -> Vec<TestFrame> {
    seconds.iter().map(|&second| frame(second, &[7; 60])).collect()
}

/// Frames with these bytes at these seconds by turns that take about as much of a file, a large one.
fn many(seconds: &[i64], bytes: &[u8]) -> Vec<TestFrame> {
    let each = (MANY * 1_400 / bytes.len()).div_ceil(seconds.len());
    seconds.iter().flat_map(|&second| vec![frame(second, bytes); each]).collect()
}

/// The seconds from which and to which is read: it includes neither 99 nor 200.
fn period() -> Period {
    Period { from: Some(at(100)), to: Some(at(200)) }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_nanos(second * SECOND)
}

/// How many frames are read of a file, and whether the capture goes on after the period.
fn read(name: &str, bytes: &[u8], period: Period) -> (usize, bool) {
    let scratch = Scratch::new();
    let path = scratch.file(name, bytes);
    let replay = Replay::open_found(Found::of(&[Input::Path(path)]), Replay::DECOMPRESSED, period);
    let (outside, goes_on) = (replay.outside(), replay.goes_on());
    let told = told(replay, Take::Most);
    assert!(told.refused.is_empty());
    assert_eq!(told.frames.is_empty(), outside == 1);
    (told.frames.len(), goes_on)
}

/// The same of a file of each format with these frames; all of them are read, or none.
fn read_each(frames: &[TestFrame]) -> Vec<(bool, bool)> {
    let read = |name, bytes: &[u8]| {
        let (count, goes_on) = read(name, bytes, period());
        assert!(count == 0 || count == frames.len());
        (count > 0, goes_on)
    };
    let mut read_all = Vec::new();
    for endian in EACH {
        for precision in [Precision::Micro, Precision::Nano] {
            let classic = pcap(frames, Pcap { endian, precision, ..Pcap::default() });
            read_all.push(read("x.pcap", &classic));
        }
        read_all.push(read("x.pcapng", &pcapng(frames, endian)));
    }
    read_all
}

const BEFORE: (bool, bool) = (false, false);
const READ: (bool, bool) = (true, false);
const AFTER: (bool, bool) = (false, true);

#[test]
fn a_small_file_is_left_out_if_all_its_times_lie_on_one_side() {
    for (seconds, expected) in [
        // Before, and up to the first nanosecond.
        (&[50, 99][..], BEFORE),
        (&[50, 100], READ),
        (&[99], BEFORE),
        // Around it.
        (&[50, 150, 250], READ),
        (&[50, 250], READ),
        // From the last nanosecond on, and after it.
        (&[199, 250], READ),
        (&[200, 250], AFTER),
        (&[200], AFTER),
        // Times that go back.
        (&[250, 150], READ),
        (&[250, 60], READ),
        (&[60, 50], BEFORE),
        (&[250, 200], AFTER),
        // The first and the last one say nothing of those between them.
        (&[50, 150, 60], READ),
        (&[60, 150, 50], READ),
        (&[50, 250, 60], READ),
        (&[250, 150, 260], READ),
        (&[250, 60, 260], READ),
    ] {
        assert!(read_each(&frames(seconds)).iter().all(|&read| read == expected), "{seconds:?}");
    }
}

#[test]
fn a_large_file_is_left_out_if_its_times_go_on_and_end_on_the_same_side() {
    for (seconds, expected) in [
        (&[50, 99][..], BEFORE),
        (&[99], BEFORE),
        (&[50, 150, 250], READ),
        (&[50, 250], READ),
        (&[199, 250], READ),
        (&[200, 250], AFTER),
        (&[200], AFTER),
        // Times that go back prove nothing.
        (&[60, 50], READ),
        (&[250, 200], READ),
        (&[50, 70, 60, 80], READ),
        (&[50, 150, 60], READ),
        (&[250, 150, 260], READ),
        // An eighth in the middle.
        (&[50, 50, 50, 150, 60, 60, 60, 60], READ),
        (&[210, 210, 210, 210, 150, 220, 220, 220], READ),
    ] {
        let frames = many(seconds, &[7; 1_400]);
        assert!(read_each(&frames).iter().all(|&read| read == expected), "{seconds:?}");
    }
    // The last frame alone.
    for (last, expected) in [(99, BEFORE), (100, READ), (49, READ)] {
        let mut frames = many(&[50], &[7; 1_400]);
        frames.push(frame(last, &[7; 60]));
        assert!(read_each(&frames).iter().all(|&read| read == expected), "{last}");
    }
}

/// Where records begin in the middle of a file is found by what they look like.
#[test]
fn records_are_found_whatever_their_data_are() {
    let capture = pcap(&frames(&[50; 40]), Pcap::default())[24..].to_vec();
    let counted: Vec<u8> = (0..700_u16).flat_map(u16::to_le_bytes).collect();
    // Offloading makes frames of 64 KiB.
    let data =
        [vec![0; 60], vec![0; 1_400], vec![255; 1_400], counted, vec![7; 65_000], vec![0; 65_000]];
    for bytes in data {
        let expected = [(&[50, 60][..], BEFORE), (&[210, 220], AFTER), (&[50, 150, 60], READ)];
        for (seconds, expected) in expected {
            let frames = many(seconds, &bytes);
            assert!(read_each(&frames).iter().all(|&read| read == expected), "{seconds:?}");
        }
    }
    // Whatever part of a record a place is in.
    for more in 0..32 {
        let mut frames = many(&[50, 60], &[7; 1_400]);
        frames[0] = frame(50, &vec![7; 60 + more]);
        assert!(read_each(&frames).iter().all(|&read| read == BEFORE), "{more}");
    }
    // Of longer ones too few are seen.
    let frames = many(&[50, 60], &vec![7; 200_000]);
    assert!(read_each(&frames).iter().all(|&read| read == READ));
    // What the data hold may be taken for records, but then no file is left out that has to be read.
    let frames = many(&[50, 150, 60], &capture);
    assert!(read_each(&frames).iter().all(|&read| read == READ));
}

#[test]
fn all_files_are_read_of_all_time() {
    let bytes = pcap(&frames(&[50, 250]), Pcap::default());
    assert_eq!(read("x.pcap", &bytes, Period::ALWAYS), (2, false));
    assert_eq!(read("x.pcap", &bytes, Period { from: period().from, to: None }), (2, false));
    assert_eq!(read("x.pcap", &bytes, Period { from: None, to: period().from }), (2, false));
}

/// A file of a capture that the program holds is judged as one on a disk is.
#[test]
fn a_capture_in_memory_is_left_out_too() {
    for (seconds, outside) in [([50, 60, 70], 1), ([50, 150, 60], 0)] {
        let bytes = pcap(&frames(&seconds), Pcap::default()).leak();
        let found = Found::of(&[Input::Memory("x", bytes)]);
        assert_eq!(Replay::open_found(found, Replay::DECOMPRESSED, period()).outside(), outside);
    }
}

#[test]
fn the_end_of_a_compressed_file_is_not_known() {
    let gzip = |seconds: &[i64]| read("x.pcap.gz", &gzip(seconds), period());
    assert_eq!(gzip(&[50, 99]), (2, false));
    assert_eq!(gzip(&[200, 250]), (0, true));
    assert_eq!(gzip(&[200, 150]), (0, true));
}

fn gzip(seconds: &[i64]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&pcap(&frames(seconds), Pcap::default())).unwrap();
    packed.finish().unwrap()
}

/// The last frame may carry what looks like a record: the latest of the possible times counts.
#[test]
fn a_capture_within_the_last_frame_hides_nothing() {
    let fake = |second| pcap(&frames(&[second]), Pcap::default())[24..].to_vec();
    let file = |mut frames: Vec<TestFrame>, real, within| {
        frames.push(frame(real, &fake(within)));
        read("x.pcap", &pcap(&frames, Pcap::default()), period())
    };
    let large = |real, within| file(many(&[50], &[7; 1_400]), real, within);
    assert_eq!(large(150, 60), (MANY + 1, false));
    assert_eq!(large(60, 150), (MANY + 1, false));
    assert_eq!(large(60, 61), (0, false));
    let small = |real, within| file(frames(&[50]), real, within);
    assert_eq!(small(150, 60), (2, false));
    assert_eq!(small(60, 150), (0, false));
}

#[test]
fn what_is_cut_off_is_read_unless_it_begins_after_the_period() {
    let classic = |frames: &[TestFrame]| pcap(frames, Pcap::default());
    let next = |frames: &[TestFrame]| pcapng(frames, Endian::Little);
    for (name, file) in [("x.pcap", &classic as &dyn Fn(&_) -> _), ("x.pcapng", &next)] {
        for frames in
            [|seconds: &[i64]| frames(seconds), |seconds: &[i64]| many(seconds, &[7; 1_400])]
        {
            let count = frames(&[50, 60]).len();
            let read = |seconds, less| {
                let bytes: Vec<u8> = file(&frames(seconds));
                read(name, &bytes[..bytes.len() - less], period())
            };
            assert_eq!(read(&[50, 60], 0), (0, false));
            assert_eq!(read(&[50, 60], 4), (count - 1, false));
            // Within what stands before the data, too.
            assert_eq!(read(&[50, 60], 66), (count - 1, false));
            assert_eq!(read(&[210, 220], 4), (0, true));
            assert_eq!(read(&[250, 150], 4), (count - 1, false));
        }
    }
}

#[test]
fn blocks_after_the_last_packet_are_passed_over() {
    for endian in EACH {
        let file = |many: usize, seconds: [i64; 2]| {
            let file = Pcapng::new(endian).interface(Interface::nanoseconds(1, "a"));
            let [first, last] = seconds.map(|second| frame(second, &[7; 1_401]));
            (0..many).fold(file, |file, _| file.enhanced(0, &first)).enhanced(0, &last)
        };
        let ended = |file: Pcapng| file.statistics(0, 300 * SECOND, 0).block(4, &[0; 8]).finish();
        for many in [1, MANY] {
            let file = |seconds| file(many, seconds);
            assert_eq!(read("x.pcapng", &ended(file([50, 60])), period()), (0, false));
            assert_eq!(read("x.pcapng", &ended(file([50, 160])), period()), (many + 1, false));
            // What no time is known of may lie anywhere.
            let untimed = file([50, 60]).simple(&frame(0, &[7; 60])).finish();
            assert_eq!(read("x.pcapng", &untimed, period()), (many + 2, false));
            // What a block of another kind means is not known, but the reader passes it over.
            let unknown = file([50, 60]).block(0x7777, &[0; 8]).finish();
            let expected = if many == 1 { 0 } else { many + 1 };
            assert_eq!(read("x.pcapng", &unknown, period()), (expected, false));
        }
    }
}

/// Blocks that no capture is without stand between packets, too.
#[test]
fn blocks_between_packets_are_passed_over() {
    let packet = frame(50, &[7; 1_400]);
    for (kind, expected) in [(4, 0), (5, 0), (0x7777, MANY + 1)] {
        let file = Pcapng::new(Endian::Little).interface(Interface::nanoseconds(1, "a"));
        let file = (0..MANY).fold(file, |file, _| file.enhanced(0, &packet).block(kind, &[0; 20]));
        let bytes = file.enhanced(0, &packet).finish();
        assert_eq!(read("x.pcapng", &bytes, period()), (expected, false), "{kind}");
    }
}

/// What times an interface has that is described late is not known.
#[test]
fn packets_of_a_late_interface_are_not_passed_over() {
    let [early, late] = [50, 150].map(|second| frame(second, &[7; 1_400]));
    let interface = |name| Interface::nanoseconds(1, name);
    for (other, expected) in [(0, 0), (1, MANY + 2)] {
        let frame = if other == 1 { &late } else { &early };
        let mut file = Pcapng::new(Endian::Little).interface(interface("a")).enhanced(0, &early);
        file = file.interface(interface("b"));
        for _ in 0..MANY / 2 {
            file = file.enhanced(other, frame).enhanced(0, &early);
        }
        let bytes = file.enhanced(0, &early).finish();
        assert_eq!(read("x.pcapng", &bytes, period()), (expected, false));
    }
}

/// The unit of the last section may be another than that of the first.
#[test]
fn another_section_hides_nothing() {
    for many in [1, MANY] {
        let files = |first: u8, second: u8, last| {
            let interface =
                |tsresol| Interface { tsresol: Some(tsresol), ..Interface::nanoseconds(1, "a") };
            let mut file = Pcapng::new(Endian::Little).interface(interface(first));
            for _ in 0..many {
                file = file.enhanced(0, &frame(50, &[7; 1_400]));
            }
            let file = file.section(Endian::Little).interface(interface(second));
            file.enhanced(0, &frame(last, &[7; 60])).finish()
        };
        for (first, second) in [(9, 6), (6, 9)] {
            let bytes = files(first, second, 150);
            assert_eq!(read("x.pcapng", &bytes, period()), (many + 1, false));
        }
        assert_eq!(read("x.pcapng", &files(9, 9, 60), period()), (0, false));
    }
}

#[test]
fn the_extent_is_that_of_all_files() {
    let extent = |files: &[(&str, Vec<u8>)]| {
        let scratch = Scratch::new();
        let inputs = files.iter().map(|(name, bytes)| Input::Path(scratch.file(name, bytes)));
        let found = Found::of(&inputs.collect::<Vec<_>>());
        let mut replay = Replay::open_found(found, Replay::DECOMPRESSED, period());
        while let Next::Frame(_) = replay.next().unwrap() {}
        replay.extent()
    };
    let plain = |seconds: &[i64]| ("x.pcap", pcap(&frames(seconds), Pcap::default()));
    let known = |first, last| Some(Extent { first: at(first), last: at(last), is_open: false });
    assert_eq!(extent(&[]), None);
    assert_eq!(extent(&[plain(&[60, 50, 70, 65])]), known(60, 70));
    assert_eq!(extent(&[plain(&[120, 190])]), known(120, 190));
    let other = ("y.pcap", plain(&[210, 220]).1);
    assert_eq!(extent(&[plain(&[120, 190]), other.clone()]), known(120, 220));
    // The time of a frame without one is not the first.
    let untimed = Pcapng::new(Endian::Little).interface(Interface::nanoseconds(1, "a"));
    let untimed = ("u.pcapng", untimed.simple(&frame(0, &[7; 60])).finish());
    assert_eq!(extent(std::slice::from_ref(&untimed)), None);
    assert_eq!(extent(&[untimed, plain(&[120, 190])]), known(120, 190));
    let packed = ("z.gz", gzip(&[230, 240]));
    let expected = Extent { first: at(120), last: at(230), is_open: true };
    assert_eq!(extent(&[plain(&[120, 190]), other, packed]), Some(expected));
}
