use std::path::Path;

use capture::file::{Input, Replay};
use handshake::End;

use super::*;
use crate::args::Format;
use crate::files::Files;
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline, Step};
use crate::presenter::{Presenter, ShowWhen};
use crate::selection::Selection;
use crate::settings::Settings;

const DAY: i64 = 86_400_000_000_000;

/// A SYN on each of these days, which begin 2023-11-14.
fn capture(days: &[i64]) -> Vec<u8> {
    let syn = |(number, day): (u32, &i64)| {
        let time = 1_699_920_000_000_000_000 + day * DAY;
        testkit::spoofed_syn(testkit::Ip::V4, number, time)
    };
    let frames: Vec<_> = (0..).zip(days).map(syn).collect();
    testkit::pcap(&frames, testkit::Pcap::default())
}

fn write(directory: &Path, days: &[i64], limits: Limits) {
    let inputs = [Input::Memory("c.pcap", capture(days).leak())];
    let mut replay = Replay::open(&inputs);
    let distinct = Files::reading(&inputs, &[]).check().unwrap();
    let directory = Directory::at(&directory.join(""), &distinct, Period::ALWAYS).unwrap();
    let settings = Settings::pictures(render::Language::English);
    let settings = Settings { layout: Format::Parquet.into(), ..settings };
    let output = Output::open(&settings, &distinct).unwrap();
    let before = |_| {
        let view = Partitions::new(directory, Content::Attempts, io::sink(), Style::PLAIN);
        Box::new(Partitions { limits, ..view }) as Box<dyn View>
    };
    let presenter = Presenter::behind(before, output, Selection::default(), ShowWhen::InOrder);
    let mut pipeline = Pipeline::new(presenter, Memory::default());
    while pipeline.step(&mut replay).unwrap() != Step::End {}
    pipeline.finish(End::Complete, &Ending::default()).unwrap();
}

/// The files below a directory, which is gone then.
fn files(name: &str, days: &[i64], limits: Limits) -> Vec<String> {
    let directory = std::env::temp_dir().join(format!("synscope-{name}-{}", std::process::id()));
    write(&directory, days, limits);
    let folders = fs::read_dir(&directory).unwrap().map(|folder| folder.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    let name = |path: PathBuf| path.strip_prefix(&directory).unwrap().display().to_string();
    let mut names: Vec<_> = paths.map(name).collect();
    names.sort();
    fs::remove_dir_all(&directory).unwrap();
    names
}

#[test]
fn a_day_that_comes_again_has_one_file_while_it_is_open() {
    let limits = Limits { room: 0, open: 2, groups: 64 };
    let found = files("open", &[0, 1, 0, 1, 2, 1, 0], limits);
    let expected = [
        "date=2023-11-14/c.pcap-0.parquet",
        "date=2023-11-14/c.pcap-1.parquet",
        "date=2023-11-15/c.pcap-0.parquet",
        "date=2023-11-16/c.pcap-0.parquet",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_file_with_enough_row_groups_is_complete() {
    let limits = Limits { room: 0, open: 2, groups: 2 };
    let found = files("groups", &[0, 0, 0, 0, 0], limits);
    let expected = [0, 1, 2].map(|number| format!("date=2023-11-14/c.pcap-{number}.parquet"));
    assert_eq!(found, expected);
}

#[test]
fn rows_that_wait_together_are_in_one_group() {
    let found = files("room", &[0, 1, 0, 1, 2, 1, 0], LIMITS);
    let expected = [14, 15, 16].map(|day| format!("date=2023-11-{day}/c.pcap-0.parquet"));
    assert_eq!(found, expected);
}

#[test]
fn the_name_of_an_input_is_plain_and_its_own() {
    let name = |input: &str| name_of_input(OsStr::new(input));
    for whole in ["c.pcap", "a-b_c.1", "抓包.pcapng", "кадр-7", "é", "standard_input"] {
        assert_eq!(name(whole), whole);
    }
    // What is beside letters and digits has a meaning in a shell, or readers pass the file over.
    assert_eq!(name("a b$(x).pcap"), "a_b__x_.pcap-179f4d35");
    assert_eq!(name("..hidden"), "hidden-8f0f0771");
    assert_eq!(name("_抓包"), "抓包-fdfe4719");
    assert_eq!(name("-x"), "x-4bcd60c0");
    assert_eq!(name(" x"), "x-59c52805");
    assert_eq!(name("..."), "capture-0ac31c19");
    assert_eq!(name(""), "capture");
    assert_ne!(name("a b"), name("a$b"));
    assert_ne!(name("?"), name("!"));
    // It is cut between two letters.
    let [some, more] = [33, 34].map(|count| "包".repeat(count));
    assert_eq!(name(&some), some);
    assert_eq!(name(&more), format!("{some}-0f6b40dd"));
    assert_ne!(name(&(more.clone() + "a")), name(&more));
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_one_of_its_own() {
    use std::os::unix::ffi::OsStrExt as _;
    let name = |bytes| name_of_input(OsStr::from_bytes(bytes));
    assert_eq!(name(b"a\xff"), "a_-d225d729");
    assert_ne!(name(b"a\xfe"), name(b"a\xff"));
}

#[test]
fn the_sum_is_fnv_1a() {
    // From the authors' test vectors.
    assert_eq!([sum(b""), sum(b"a"), sum(b"foobar")], [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
}

#[test]
fn the_name_is_that_of_the_first_input_on_the_command_line() {
    let name = |inputs: &[Input]| Files::reading(inputs, &[]).check().unwrap().first_name();
    let path = |path: &str| Input::Path(path.into());
    assert_eq!(name(&[path("a/b.pcap"), path("c.pcap")]), "b.pcap");
    assert_eq!(name(&[Input::Tree("a/b/".into())]), "b");
    assert_eq!(name(&[path("a/b/.")]), "b");
    let here = std::env::current_dir().unwrap();
    assert_eq!(name(&[path(".")]), here.file_name().unwrap());
    assert_eq!(name(&[path("/")]), "");
    assert_eq!(name(&[Input::Stdin, path("a")]), "standard_input");
    assert_eq!(name(&[]), "");
}

#[test]
fn a_day_is_that_of_utc() {
    let folder = |nanos| folder(day_of(Timestamp::from_nanos(nanos))).display().to_string();
    assert_eq!(folder(-1), "date=1969-12-31");
    assert_eq!(folder(DAY - 1), "date=1970-01-01");
    assert_eq!(folder(i64::MAX), "date=2262-04-11");
    assert_eq!(folder(i64::MIN), "date=1677-09-21");
    assert_eq!(super::folder(None).display().to_string(), "date=__HIVE_DEFAULT_PARTITION__");
}

#[test]
fn windows_of_one_capture_have_files_of_their_own() {
    let at = |ns| Some(Timestamp::from_nanos(ns));
    for (from, to, name) in [
        (None, None, ""),
        (None, at(0), "-..1970-01-01T000000Z"),
        (at(1), None, "-1970-01-01T000000.000000001Z.."),
        (at(0), at(3_600_000_000_000), "-1970-01-01T000000Z..1970-01-01T010000Z"),
    ] {
        assert_eq!(name_of_window(Period { from, to }), name);
    }
}
