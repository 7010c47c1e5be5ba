//! Which files are left out because they lie outside what has to be read.

use std::io::Write as _;

use parser::{Period, Timestamp};
use testkit::{Endian, Interface, Pcap, Pcapng, Precision, TestFrame, pcap, pcapng};

use super::{Scratch, Take, told};
use crate::file::{Found, Input, Replay};

const SECOND: i64 = 1_000_000_000;
const EACH: [Endian; 2] = [Endian::Little, Endian::Big];

/// A frame at this second, with these bytes.
fn frame(second: i64, bytes: &[u8]) -> TestFrame {
    let (link, wire_len) = (1, bytes.len() as u32);
    TestFrame { timestamp_ns: second * SECOND, link, wire_len, bytes: bytes.to_vec() }
}

/// Frames at these seconds.
fn frames(seconds: &[i64]) -> Vec<TestFrame> {
    seconds.iter().map(|&second| frame(second, &[7; 60])).collect()
}

/// The seconds from which and to which is read: it includes neither 99 nor 200.
fn period() -> Period {
    let at = |second| Some(Timestamp::from_nanos(second * SECOND));
    Period { from: at(100), to: at(200) }
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

/// The same, of each format.
fn read_each(seconds: &[i64]) -> Vec<(usize, bool)> {
    let frames = frames(seconds);
    let mut read_all = Vec::new();
    for endian in EACH {
        for precision in [Precision::Micro, Precision::Nano] {
            let classic = pcap(&frames, Pcap { endian, precision, ..Pcap::default() });
            read_all.push(read("x.pcap", &classic, period()));
        }
        read_all.push(read("x.pcapng", &pcapng(&frames, endian), period()));
    }
    read_all
}

#[test]
fn a_file_is_left_out_if_its_first_and_last_frame_show_that_it_lies_outside() {
    for (seconds, expected) in [
        // Before, and up to the first nanosecond.
        (&[50, 99][..], (0, false)),
        (&[50, 100], (2, false)),
        (&[99], (0, false)),
        // Around it.
        (&[50, 150, 250], (3, false)),
        (&[50, 250], (2, false)),
        // From the last nanosecond on, and after it.
        (&[199, 250], (2, false)),
        (&[200, 250], (0, true)),
        (&[200], (0, true)),
        // Times that go back prove nothing.
        (&[250, 150], (2, false)),
        (&[60, 50], (2, false)),
    ] {
        assert!(read_each(seconds).iter().all(|&read| read == expected), "{seconds:?}");
    }
}

#[test]
fn all_files_are_read_of_all_time() {
    let bytes = pcap(&frames(&[50, 250]), Pcap::default());
    assert_eq!(read("x.pcap", &bytes, Period::ALWAYS), (2, false));
    assert_eq!(read("x.pcap", &bytes, Period { from: period().from, to: None }), (2, false));
    assert_eq!(read("x.pcap", &bytes, Period { from: None, to: period().from }), (2, false));
}

#[test]
fn the_end_of_a_compressed_file_is_not_known() {
    let gzip = |seconds: &[i64]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&pcap(&frames(seconds), Pcap::default())).unwrap();
        read("x.pcap.gz", &packed.finish().unwrap(), period())
    };
    assert_eq!(gzip(&[50, 99]), (2, false));
    assert_eq!(gzip(&[200, 250]), (0, true));
    assert_eq!(gzip(&[200, 150]), (0, true));
}

/// The last frame may carry what looks like a record: the latest of the possible times counts.
#[test]
fn a_capture_within_the_last_frame_hides_nothing() {
    let fake = |second| pcap(&frames(&[second]), Pcap::default())[24..].to_vec();
    let file = |real, within| {
        let frames = [frame(50, &[7; 60]), frame(real, &fake(within))];
        read("x.pcap", &pcap(&frames, Pcap::default()), period())
    };
    assert_eq!(file(150, 60), (2, false));
    assert_eq!(file(60, 150), (2, false));
    assert_eq!(file(60, 61), (0, false));
}

#[test]
fn what_is_cut_off_is_read() {
    let bytes = pcap(&frames(&[50, 60]), Pcap::default());
    assert_eq!(read("x.pcap", &bytes, period()), (0, false));
    assert_eq!(read("x.pcap", &bytes[..bytes.len() - 1], period()), (1, false));
    let bytes = pcapng(&frames(&[50, 60]), Endian::Little);
    assert_eq!(read("x.pcapng", &bytes, period()), (0, false));
    assert_eq!(read("x.pcapng", &bytes[..bytes.len() - 4], period()), (1, false));
}

#[test]
fn blocks_after_the_last_packet_are_passed_over() {
    for endian in EACH {
        let file = |seconds: [i64; 2]| {
            let file = Pcapng::new(endian).interface(Interface::nanoseconds(1, "a"));
            let [first, last] = seconds.map(|second| frame(second, &[7; 61]));
            file.enhanced(0, &first).enhanced(0, &last)
        };
        let ended = |file: Pcapng| file.statistics(0, 300 * SECOND, 0).block(4, &[0; 8]).finish();
        assert_eq!(read("x.pcapng", &ended(file([50, 60])), period()), (0, false));
        assert_eq!(read("x.pcapng", &ended(file([50, 160])), period()), (2, false));
        // What no time is known of may lie anywhere.
        let untimed = file([50, 60]).simple(&frame(0, &[7; 60])).finish();
        assert_eq!(read("x.pcapng", &untimed, period()), (3, false));
        let unknown = file([50, 60]).block(0x7777, &[0; 8]).finish();
        assert_eq!(read("x.pcapng", &unknown, period()), (2, false));
    }
}

/// The unit of the last section may be another than that of the first.
#[test]
fn another_section_hides_nothing() {
    let files = |first: u8, second: u8, last| {
        let interface =
            |tsresol| Interface { tsresol: Some(tsresol), ..Interface::nanoseconds(1, "a") };
        let file = Pcapng::new(Endian::Little).interface(interface(first));
        let file = file.enhanced(0, &frame(50, &[7; 60])).section(Endian::Little);
        file.interface(interface(second)).enhanced(0, &frame(last, &[7; 60])).finish()
    };
    for (first, second) in [(9, 6), (6, 9)] {
        assert_eq!(read("x.pcapng", &files(first, second, 150), period()), (2, false));
    }
    assert_eq!(read("x.pcapng", &files(9, 9, 60), period()), (0, false));
}
