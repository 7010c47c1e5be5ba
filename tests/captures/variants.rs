//! The bundled captures with others beside them, and with every packet seen twice.

use capture::file::{Input, Replay};
use capture::{FrameSource as _, Next};

use super::variations::{Captured, Manner, beside, numbered, own, records, twice, without_copies};
use super::{all, captures};

/// The frames of a capture, all of which have a time.
fn frames(name: &str) -> Vec<Captured> {
    let mut replay = Replay::open(&[Input::Path(captures().join(name))]);
    let mut frames = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("it can be read") {
        frames.push(Captured {
            number: frame.number,
            time: frame.timestamp.expect("each frame has a time").as_nanos(),
            link: frame.link,
            wire_len: frame.wire_len,
            bytes: frame.bytes.to_vec(),
        });
    }
    assert!(frames.is_sorted_by_key(|frame| frame.time), "{name}");
    frames
}

#[test]
fn other_hosts_change_no_record_of_a_capture() {
    for name in all() {
        let frames = frames(&name);
        let alone = own(records(&frames));
        assert!(!alone.is_empty(), "{name}");
        for count in [1, 2, 5] {
            let mixed = beside(&frames, |_| count);
            assert_eq!(own(records(&mixed)), alone, "{name}, {count} between two frames");
        }
    }
}

#[test]
fn packets_captured_twice_change_no_record_of_a_capture() {
    for name in all() {
        let frames = frames(&name);
        let once: Vec<_> = numbered(records(&frames)).into_iter().map(without_copies).collect();
        for manner in Manner::ALL {
            let copied = records(&twice(&frames, manner)).into_iter().map(without_copies);
            assert_eq!(numbered(copied.collect()), once, "{name}, {manner:?}");
        }
    }
}
