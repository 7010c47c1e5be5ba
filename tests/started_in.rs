//! `--started-in`: a long capture in many files, told window by window.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use testkit::{Connection, Endian, Ip, Pcap, TestFrame, pcap, pcapng, spoofed_syn};

use crate::util::Dir;

const SECOND: i64 = 1_000_000_000;
/// 2026-11-26 00:00 UTC.
const BEGIN: i64 = 1_795_651_200 * SECOND;
const FILES: u32 = 16;
/// Of each file.
const LENGTH: i64 = 600 * SECOND;

/// 2 hours and 40 minutes: connections whose packets come in two files, SYNs that are repeated beyond
/// the end of a file, and one that is repeated every 5 s all the time.
fn traffic() -> Vec<TestFrame> {
    let mut frames = Vec::new();
    for number in 0..FILES * 60 {
        let ip = if number % 2 == 0 { Ip::V4 } else { Ip::V6 };
        let connection = Connection { ip, number };
        // The SYN-ACK of each 60th comes after the end of a file.
        let begins = BEGIN + i64::from(number) * 10 * SECOND + 9_500_000_000;
        for step in 0..Connection::PACKETS {
            frames.push(connection.packet(step, begins + i64::from(step) * SECOND));
        }
    }
    for file in 0..FILES {
        for after in [0, 1, 3, 7, 15, 31] {
            let time = BEGIN + i64::from(file + 1) * LENGTH + (after - 10) * SECOND + after;
            frames.push(spoofed_syn(Ip::V4, 1_000_000 + file, time));
        }
    }
    for at in 0..i64::from(FILES) * LENGTH / (5 * SECOND) {
        frames.push(spoofed_syn(Ip::V6, 2_000_000, BEGIN + at * 5 * SECOND + 1));
    }
    frames.sort_by_key(|frame| frame.timestamp_ns);
    frames
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Writes the traffic into files of ten minutes, in the formats by turns.
fn files(dir: &Dir) -> Vec<PathBuf> {
    let frames = traffic();
    let file = |index: u32| {
        let within = |frame: &&TestFrame| {
            let at = (frame.timestamp_ns - BEGIN) / LENGTH;
            at.min(i64::from(FILES - 1)) == i64::from(index)
        };
        let some: Vec<_> = frames.iter().filter(within).cloned().collect();
        let big = Pcap { endian: Endian::Big, ..Pcap::default() };
        let (end, bytes) = match index % 4 {
            0 => ("pcap", pcap(&some, Pcap::default())),
            1 => ("pcapng", pcapng(&some, Endian::Little)),
            2 => ("pcap", pcap(&some, big)),
            _ => ("pcap.gz", gzip(&pcap(&some, Pcap::default()))),
        };
        dir.write(&format!("{index:02}.{end}"), bytes)
    };
    (0..FILES).map(file).collect()
}

/// The records, without what counts the attempts of one run.
fn records(dir: &Dir, files: &[PathBuf], window: Option<&str>) -> Vec<Value> {
    let mut args = vec!["replay".into(), "--format".into(), "jsonl".into()];
    args.extend(window.into_iter().map(|window| PathBuf::from(format!("--started-in={window}"))));
    args.extend(files.iter().cloned());
    let run = dir.synscope(args).run().code(0);
    let lines = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap());
    let mut records: Vec<Value> =
        lines.filter(|line: &Value| line["type"] == "handshake").collect();
    // They come in the order in which they ended.
    records.sort_by_key(|record| format!("{} {}", record["start"], record["uid"]));
    for record in &mut records {
        let fields = record.as_object_mut().unwrap();
        assert!(fields.remove("id").is_some() && fields.remove("previous_id").is_some());
    }
    records
}

#[test]
fn windows_side_by_side_give_the_records_of_one_run() {
    let dir = Dir::new();
    let files = files(&dir);
    let whole = records(&dir, &files, None);
    // One for each connection, one for each file, and one for each ten minutes that goes on.
    assert_eq!(whole.len(), 960 + 16 + 16);
    let mut parts = Vec::new();
    for window in [
        "..2026-11-26T00:20:00Z",
        "2026-11-26T00:20:00Z..2026-11-26T01:00:00.000000001Z",
        "2026-11-26T01:00:00.000000001Z..2026-11-26T01:47:03+00:00",
        "2026-11-26T01:47:03Z..",
    ] {
        let part = records(&dir, &files, Some(window));
        assert!(part.len() > 100, "{window}");
        parts.extend(part);
    }
    assert_eq!(parts.len(), whole.len());
    for (part, one) in parts.iter().zip(&whole) {
        assert_eq!(part, one);
    }
}

#[test]
fn files_that_lie_far_from_the_window_are_not_read() {
    let dir = Dir::new();
    let files = files(&dir);
    let window = "--started-in=2026-11-26T01:00:00Z..2026-11-26T01:10:00Z";
    let outside = |files: &[PathBuf]| {
        let mut args: Vec<PathBuf> = ["stats", "-v", window].map(Into::into).into();
        args.extend(files.iter().cloned());
        let run = dir.synscope(args).run().code(0);
        run.stderr().lines().find(|line| line.contains("too far")).map(str::to_owned)
    };
    // Read are 00:40 to 01:30, and what is compressed before.
    assert_eq!(
        outside(&files).unwrap(),
        "synscope: 10 of 16 files lie too far from --started-in to be read"
    );
    assert_eq!(outside(&files[4..9]), None);
    // What was not read is not decompressed either.
    let mut broken = files.clone();
    broken[15] = dir.write("broken.pcap.gz", &std::fs::read(&files[15]).unwrap()[..5_000]);
    let with_broken = records(&dir, &broken, Some("..2026-11-26T00:30:00Z"));
    assert!(with_broken == records(&dir, &files, Some("..2026-11-26T00:30:00Z")));
}

/// Three SYNs, of which the one in the middle began hours after the others.
fn out_of_order() -> Vec<u8> {
    let hours = [(1, 0), (2, 5), (3, 1)];
    let frames = hours
        .map(|(number, hour)| spoofed_syn(Ip::V4, number, BEGIN + i64::from(hour) * 3600 * SECOND));
    pcap(&frames, Pcap::default())
}

#[test]
fn attempts_of_a_file_that_is_not_in_order_are_not_lost() {
    let dir = Dir::new();
    let plain = dir.write("x.pcap", out_of_order());
    let packed = dir.write("x.pcap.gz", gzip(&out_of_order()));
    for (window, expected) in [
        ("..2026-11-26T04:00:00Z", 2),
        ("2026-11-26T04:00:00Z..", 1),
        ("2026-11-26T04:30Z..2026-11-26T05:30Z", 1),
        ("2026-11-26T02:00Z..2026-11-26T03:00Z", 0),
        ("2026-11-26..2026-11-27", 3),
    ] {
        for file in [&plain, &packed] {
            let found = records(&dir, std::slice::from_ref(file), Some(window));
            assert_eq!(found.len(), expected, "{window} {}", file.display());
        }
    }
}

const BEGINS: &str = "synscope: no attempt began in the time of --started-in: the capture begins at \
                      2026-11-26T00:00:00Z and ends at";

#[test]
fn where_no_attempt_began_the_time_of_the_capture_is_said() {
    let dir = Dir::new();
    dir.write("x.pcap", out_of_order());
    let later = [spoofed_syn(Ip::V4, 9, BEGIN + 48 * 3600 * SECOND + 1)];
    dir.write("y.pcap.gz", gzip(&pcap(&later, Pcap::default())));
    let said = |args: &str| {
        let run = dir.synscope(args.split(' ')).run().code(0);
        run.stderr().to_owned()
    };
    let x = format!("{BEGINS} 2026-11-26T05:00:00Z");
    let unread = format!("{x}, so that its file was not read\n");
    // One line, also where no file is read.
    for command in ["replay", "stats", "replay -f json"] {
        assert_eq!(said(&format!("{command} --started-in=2026-11-27.. x.pcap")), unread);
    }
    assert_eq!(
        said("replay --started-in=2026-11-26T02:00Z..2026-11-26T03:00Z x.pcap"),
        format!("{x}\n")
    );
    // The end of a compressed file that is not read is not known.
    let both = "--started-in=..2026-11-25 x.pcap y.pcap.gz";
    assert_eq!(
        said(&format!("replay {both}")),
        format!(
            "{BEGINS} 2026-11-28T00:00:00.000000001Z or later, so that none of its 2 files was read\n"
        )
    );
    assert!(said(&format!("replay -v {both}")).contains("2 of 2 files lie too far"));
    // Where an attempt began, where nothing is to be said, or where that is no matter of time.
    assert_eq!(said("replay -q --started-in=2026-11-27.. x.pcap"), "");
    dir.write("empty.pcap", pcap(&[], Pcap::default()));
    for args in
        ["--started-in=2026-11-26.. x.pcap", "--started-in=2026-11-26.. empty.pcap", "empty.pcap"]
    {
        let said = said(&format!("replay {args}"));
        assert!(!said.contains("no attempt"), "{args}: {said}");
    }
}

#[test]
fn totals_are_of_the_window() {
    let dir = Dir::new();
    let files = files(&dir);
    let total = |window: Option<&str>| {
        let mut args: Vec<PathBuf> = ["replay", "--format", "json"].map(Into::into).into();
        args.extend(window.map(|window| PathBuf::from(format!("--started-in={window}"))));
        args.extend(files.iter().cloned());
        let run = dir.synscope(args).run().code(0);
        let json: Value = serde_json::from_str(run.stdout()).unwrap();
        let summary = &json["summary"];
        let outcomes = &summary["handshakes"];
        let counts = [&summary["frames"], &summary["tcp_segments"], &outcomes["established"]];
        counts.map(|count| count.as_u64().unwrap())
    };
    let parts =
        ["..2026-11-26T01:00:00Z", "2026-11-26T01:00:00Z.."].map(|window| total(Some(window)));
    let [whole, first, second] = [total(None), parts[0], parts[1]];
    assert_eq!(whole, std::array::from_fn(|at| first[at] + second[at]));
    assert!(first.iter().chain(&second).all(|&count| count > 300));
}

#[test]
fn what_needs_the_whole_capture_does_not_go_with_it() {
    let dir = Dir::new();
    let refused = |args: &[&str]| {
        let run = dir.synscope(args).run();
        assert_eq!(run.stdout(), "");
        run.code(2).stderr().to_owned()
    };
    let whole = refused(&["replay", "--whole", "--started-in=2026-11-26T00:00:00Z..", "x"]);
    assert!(whole.contains("--whole follows a connection to its end"), "{whole}");
    let follow = refused(&["replay", "--follow", "--started-in=2026-11-26T00:00:00Z..", "x"]);
    assert!(follow.contains("cannot be used with"), "{follow}");
    let bounds = refused(&["stats", "--started-in=00:10..00:20", "x"]);
    assert!(bounds.contains("00:10 is not absolute: give the date, too"), "{bounds}");
    let zone = refused(&["stats", "--started-in=2026-11-22T14:55..", "x"]);
    assert!(zone.contains("2026-11-22T14:55 has no zone: 2026-11-22T14:55Z is UTC"), "{zone}");
    let date = refused(&["stats", "--started-in=2026-11..", "x"]);
    assert!(date.contains("expected a date (2026-11-22,"), "{date}");
    assert!(date.contains("a time with its zone (2026-11-22T14:55Z,"), "{date}");
    assert!(!date.contains("time of day") && !date.contains("+5s"), "{date}");
}

#[cfg(feature = "parquet")]
#[test]
fn windows_write_below_one_directory() {
    let dir = Dir::new();
    let files = files(&dir);
    for window in ["..2026-11-26T01:00:00Z", "2026-11-26T01:00:00Z.."] {
        let mut args: Vec<PathBuf> =
            ["replay", "-q", "-f", "parquet", "-o", "lake/"].map(Into::into).into();
        args.push(format!("--started-in={window}").into());
        args.extend(files.iter().cloned());
        dir.synscope(args).run().code(0);
    }
    let written = std::fs::read_dir(dir.path("lake/date=2026-11-26")).unwrap();
    let mut names: Vec<_> = written.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        ["00.pcap-..2026-11-26T010000Z-0.parquet", "00.pcap-2026-11-26T010000Z..-0.parquet",]
    );
}

/// What deletes old files changes the first one of a folder.
#[cfg(feature = "parquet")]
#[test]
fn a_window_of_a_folder_has_one_file_whatever_the_folder_holds() {
    let dir = Dir::new();
    std::fs::create_dir(dir.path("captures")).unwrap();
    for (number, name) in [(1, "a.pcap"), (2, "b.pcap")] {
        let frames = [spoofed_syn(Ip::V4, number, BEGIN + i64::from(number) * SECOND)];
        dir.write(&format!("captures/{name}"), pcap(&frames, Pcap::default()));
    }
    let write = || {
        let args = "replay -q -f parquet -o lake/ --started-in=2026-11-26..2026-11-27 captures/";
        dir.synscope(args.split(' ')).run().code(0);
        let written = std::fs::read_dir(dir.path("lake/date=2026-11-26")).unwrap();
        let names: Vec<_> = written.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["captures-2026-11-26T000000Z..2026-11-27T000000Z-0.parquet"]);
    };
    write();
    std::fs::remove_file(dir.path("captures/a.pcap")).unwrap();
    write();
}
