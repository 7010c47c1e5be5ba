use std::fs;
use std::path::Path;

use parser::{Frame, LinkType, Names, Origin, Timestamp};
use proptest::prelude::*;

use super::{Got, Scratch, Told, replay, said};
use crate::CaptureError;
use crate::file::{Recorder, RecordingFile, Rotation, Settings, is_of_ring};

const START: i64 = 1_795_330_800_123_456_789;

fn names() -> Names {
    let mut names = Names::default();
    let live = names.add_source("live");
    names.add_interface(live, Some("lo".into()));
    names.add_interface(live, None);
    names
}

fn frame(interface: u16, nanos: i64, bytes: &[u8]) -> Frame<'_> {
    Frame {
        origin: Origin { source: 0, interface: Some(interface) },
        number: 1,
        timestamp: Some(Timestamp::from_nanos(nanos)),
        link: LinkType::ETHERNET,
        wire_len: bytes.len() as u32,
        bytes,
    }
}

fn create(path: &Path, rotation: Option<Rotation>) -> Recorder {
    let file = RecordingFile::open(path, rotation).expect("a new file");
    file.begin(Settings::default()).expect("it is empty")
}

fn contents(told: &Told) -> Vec<&[u8]> {
    told.frames.iter().map(|got| got.bytes.as_slice()).collect()
}

#[test]
fn what_is_recorded_is_read_again() {
    let scratch = Scratch::new();
    let path = scratch.path().join("x.pcapng");
    let settings = Settings { snaplen: 96, filter: Some("tcp".into()), ..Settings::default() };
    let file = RecordingFile::open(&path, None).expect("a new file");
    let mut recorder = file.begin(settings).expect("it is empty");
    let cut = Frame { wire_len: 1500, ..frame(0, START, b"first") };
    let cooked = Frame { link: LinkType::LINUX_SLL2, ..frame(1, START - 5, b"") };
    for frame in [cut, cooked, frame(0, 7, b"four")] {
        recorder.record(&names(), &frame).expect("recorded");
    }
    recorder.finish(Some(10), Some(4)).expect("finished");
    let told = replay(&[&path]);
    let got = |number, interface, nanos, bytes: &[u8]| Got {
        source: 0,
        interface: Some(interface),
        number,
        nanos: Some(nanos),
        link: 1,
        wire_len: bytes.len() as u32,
        bytes: bytes.to_vec(),
    };
    assert_eq!(
        told.frames,
        [
            Got { wire_len: 1500, ..got(1, 0, START, b"first") },
            Got { link: 276, ..got(2, 1, START - 5, b"") },
            got(3, 0, 7, b"four"),
        ]
    );
    assert_eq!((told.damage.len(), told.lost), (0, Some(4)));
    let interface = |index| Origin { source: 0, interface: Some(index) };
    assert_eq!(told.names.interface(interface(0)), Some("lo"));
    assert_eq!(told.names.interface(interface(1)), None);
    // The snapshot length and the filter stand in the interface description.
    let bytes = fs::read(&path).expect("the recording");
    let description =
        [&[1, 0, 0, 0, 96, 0, 0, 0, 2, 0, 2, 0][..], b"lo\0\0\x0b\0\x04\0\0tcp"].concat();
    assert!(bytes.windows(description.len()).any(|window| window == description));
}

#[test]
fn what_was_flushed_can_be_read_while_recording_goes_on() {
    let scratch = Scratch::new();
    let path = scratch.path().join("x.pcapng");
    let mut recorder = create(&path, None);
    recorder.record(&names(), &frame(0, START, b"flushed")).expect("recorded");
    recorder.flush().expect("flushed");
    recorder.record(&names(), &frame(0, START, b"collected")).expect("recorded");
    let told = replay(&[&path]);
    assert_eq!((contents(&told), told.damage.len()), (vec![&b"flushed"[..]], 0));
    drop(recorder);
    assert_eq!(contents(&replay(&[&path])), [&b"flushed"[..], b"collected"]);
}

#[test]
fn totals_stand_at_an_interface_of_their_own_unless_there_is_just_one() {
    let scratch = Scratch::new();
    let mut lost = Vec::new();
    for interfaces in 0..3 {
        let path = scratch.path().join(interfaces.to_string());
        let mut recorder = create(&path, None);
        for interface in 0..interfaces {
            recorder.record(&names(), &frame(interface, START, b"frame")).expect("recorded");
        }
        recorder.finish(Some(9), Some(4)).expect("finished");
        let told = replay(&[&path]);
        assert_eq!((told.frames.len(), told.damage.len()), (interfaces.into(), 0));
        let described = (0..4).map(|index| Origin { source: 0, interface: Some(index) });
        let described: Vec<_> =
            described.map(|origin| told.names.interface(origin).map(str::to_owned)).collect();
        lost.push((told.lost, described));
    }
    let all = Some("all interfaces".to_owned());
    let expected = [
        vec![all.clone(), None, None, None],
        vec![Some("lo".to_owned()), None, None, None],
        vec![Some("lo".to_owned()), None, all, None],
    ];
    assert_eq!(lost, expected.map(|described| (Some(4), described)));
}

#[test]
fn a_ring_keeps_the_newest_files_and_touches_no_other() {
    let scratch = Scratch::new();
    let path = scratch.path().join("ring.pcapng");
    scratch.file("ring_00002.pcapng", b"somebody else's");
    let mut recorder = create(&path, Some(Rotation { size: 1000, keep: 2 }));
    let payloads: Vec<_> = (0..10_u8).map(|byte| vec![byte; 300]).collect();
    for payload in &payloads {
        recorder.record(&names(), &frame(0, START, payload)).expect("recorded");
    }
    recorder.finish(None, None).expect("finished");
    let mut files: Vec<_> = fs::read_dir(scratch.path())
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    files.sort();
    // Two frames a file: 1, 3, 4, 5 and 6 were written.
    assert_eq!(files, ["ring_00002.pcapng", "ring_00005.pcapng", "ring_00006.pcapng"]);
    for (file, frames) in [("ring_00005.pcapng", 6..8), ("ring_00006.pcapng", 8..10)] {
        let path = scratch.path().join(file);
        assert!(fs::metadata(&path).expect("the file").len() <= 1000);
        let told = replay(&[&path]);
        assert_eq!(contents(&told), payloads[frames].iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(told.damage, []);
        let origin = Origin { source: 0, interface: Some(0) };
        assert_eq!(told.names.interface(origin), Some("lo"));
    }
}

#[test]
fn what_somebody_else_tidied_up_or_put_in_its_place_is_left_alone() {
    let scratch = Scratch::new();
    let path = scratch.path().join("ring");
    let mut recorder = create(&path, Some(Rotation { size: 10, keep: 1 }));
    let mut record = || recorder.record(&names(), &frame(0, START, b"frame"));
    let file = |number: u32| scratch.path().join(format!("ring_{number:05}.pcapng"));
    record().expect("the first");
    fs::remove_file(file(1)).expect("somebody else tidies up");
    record().expect("the second");
    assert!(!file(1).exists());
    fs::remove_file(file(2)).expect("somebody else tidies up");
    fs::create_dir(file(2)).expect("and leaves a directory");
    record().expect("the third");
    assert!(file(2).exists());
    fs::remove_file(file(3)).expect("somebody else tidies up");
    fs::write(file(3), "theirs").expect("and leaves a file");
    record().expect("the fourth");
    assert_eq!(fs::read(file(3)).expect("it is still there"), b"theirs");
    record().expect("the fifth");
    assert!(!file(4).exists() && file(5).exists());
}

#[test]
fn the_names_of_a_ring_are_known_before() {
    let is_of_ring = |path: &str, name: &str| is_of_ring(path.as_ref(), name.as_ref());
    for (path, name) in [
        ("x/ring.pcapng", "ring_00001.pcapng"),
        ("ring.pcapng", "ring_4294967295.pcapng"),
        ("ring", "ring_00012.pcapng"),
        ("ring.00001", "ring_00077.00001"),
    ] {
        assert!(is_of_ring(path, name), "{path} {name}");
    }
    for name in ["ring.pcapng", "ring_1.pcapng", "ring_0000x.pcapng", "ring_00001.json", "x"] {
        assert!(!is_of_ring("ring.pcapng", name), "{name}");
    }
}

#[test]
fn a_frame_larger_than_a_file_of_the_ring_is_recorded() {
    let scratch = Scratch::new();
    let path = scratch.path().join("ring");
    let mut recorder = create(&path, Some(Rotation { size: 10, keep: 0 }));
    for payload in [b"one", b"two"] {
        recorder.record(&names(), &frame(0, START, payload)).expect("recorded");
    }
    drop(recorder);
    assert_eq!(contents(&replay(&[scratch.path()])), [b"two"]);
    assert!(scratch.path().join("ring_00002.pcapng").exists());
}

#[test]
fn what_the_format_cannot_hold_is_an_error() {
    let scratch = Scratch::new();
    let mut recorder = create(&scratch.path().join("x"), None);
    let frame = frame(0, START, b"x");
    for frame in [
        Frame { timestamp: None, ..frame },
        Frame { timestamp: Some(Timestamp::from_nanos(-1)), ..frame },
        Frame { link: LinkType(65_536), ..frame },
    ] {
        let error = recorder.record(&names(), &frame).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "a frame without a time, from before 1970 or of an unknown link type"
        );
    }
}

#[test]
fn a_file_that_cannot_be_created_is_named() {
    let scratch = Scratch::new();
    let path = scratch.path().join("missing").join("x");
    for rotation in [None, Some(Rotation { size: 1000, keep: 2 })] {
        let error = RecordingFile::open(&path, rotation).expect_err("no directory");
        assert!(matches!(error, CaptureError::Io { .. }));
        assert_eq!(
            said(&error),
            format!("{}: No such file or directory (os error 2)", path.display())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_frames_come_back_as_they_were(
        frames in prop::collection::vec(
            (0..2_u16, 0..i64::MAX, any::<u16>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..200)),
            0..40,
        )
    ) {
        let scratch = Scratch::new();
        let path = scratch.path().join("x");
        let mut recorder = create(&path, None);
        for (interface, nanos, link, wire_len, bytes) in &frames {
            let frame = Frame {
                link: LinkType(u32::from(*link)),
                wire_len: *wire_len,
                ..frame(*interface, *nanos, bytes)
            };
            recorder.record(&names(), &frame).expect("recorded");
        }
        recorder.finish(None, None).expect("finished");
        let told = replay(&[&path]);
        let name = |index| told.names.interface(Origin { source: 0, interface: index });
        let came: Vec<_> = told.frames.iter().map(|got| {
            (name(got.interface), got.nanos, got.link, got.wire_len, &got.bytes)
        }).collect();
        let went: Vec<_> = frames.iter().map(|(interface, nanos, link, wire_len, bytes)| {
            let name = (*interface == 0).then_some("lo");
            (name, Some(*nanos), u32::from(*link), *wire_len, bytes)
        }).collect();
        prop_assert_eq!(came, went);
        prop_assert_eq!(told.damage, []);
    }
}
