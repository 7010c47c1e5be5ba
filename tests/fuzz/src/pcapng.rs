//! Bytes as a pcapng file: its packets are those that a second, simple reader finds, and a recording of
//! them says the same.

use capture::file::{Input, RecordingFile, Replay, Settings};
use capture::{FrameSource, Next};
use parser::Frame;

use super::files::{File, Got, Told, breaks_off, read};

const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const SIMPLE_PACKET: u32 = 3;

/// The first byte says where the file breaks off.
pub fn check(data: &[u8]) {
    let Some((&cut, rest)) = data.split_first() else { return };
    let file = [&SECTION, rest].concat();
    let told = read(&file);
    breaks_off(&file, &told, file.len() * usize::from(cut) / 256);
    let packets = packets(&file);
    assert!(told.frames.len() <= packets.len(), "{} of {}", told.frames.len(), packets.len());
    for (frame, (block, len)) in told.frames.iter().zip(&packets) {
        let bytes = block.get(..frame.bytes.len());
        assert_eq!(bytes, Some(&*frame.bytes));
        // How long a simple packet is, its interface says.
        assert!(len.is_none_or(|len| len as usize == frame.bytes.len()));
    }
    if told.is_sound() {
        assert_eq!(told.frames.len(), packets.len());
        assert_eq!(bare(&read(&[&*file, &file].concat())), [bare(&told), bare(&told)].concat());
        recorded(&file);
    }
}

/// The frames, however their interfaces are counted.
fn bare(told: &Told) -> Vec<Got> {
    let frames = told.frames.iter().cloned();
    frames.map(|frame| Got { interface: None, number: 0, ..frame }).collect()
}

/// What follows the header of each packet in its block, and the length that it claims.
fn packets(file: &[u8]) -> Vec<(&[u8], Option<u32>)> {
    let mut found = Vec::new();
    let mut rest = file;
    let mut is_big = false;
    while let Some((header, body)) = rest.split_first_chunk::<12>() {
        if header[..4] == SECTION {
            is_big = header[8] == 0x1a;
        }
        let word = |at: usize, bytes: &[u8]| {
            let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied();
            let word = word.unwrap_or_default();
            if is_big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
        };
        match word(0, header) {
            SIMPLE_PACKET => found.push((body, None)),
            2 | 6 => found.push((body.get(16..).unwrap_or_default(), Some(word(8, body)))),
            _ => {}
        }
        rest = rest.get(word(4, header).max(12) as usize..).unwrap_or_default();
    }
    found
}

/// Records the frames that a recording can hold, and reads them again.
fn recorded(file: &[u8]) {
    let (file, copy) = (File::new(file), File::new(&[]));
    let mut replay = Replay::open(&[Input::Path(file.path().into())]);
    let mut recorder = RecordingFile::open(copy.path(), None)
        .and_then(|file| file.begin(Settings::default()))
        .expect("a file");
    let mut frames = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a file never fails as a whole") {
        let (got, origin, timestamp) = (Got::of(&frame), frame.origin, frame.timestamp);
        // What came borrows the source, which has the names.
        let (number, link, wire_len) = (frame.number, frame.link, frame.wire_len);
        let frame = Frame { origin, number, timestamp, link, wire_len, bytes: &got.bytes };
        match recorder.record(replay.names(), &frame) {
            Ok(()) => frames.push((got, replay.names().interface(origin).map(str::to_owned))),
            Err(_) => assert!(got.nanos.is_none_or(|nanos| nanos < 0) || got.link > 0xffff),
        }
    }
    recorder.finish(None, None).expect("memory takes it");
    let mut again = Replay::open(&[Input::Path(copy.path().into())]);
    for (expected, name) in frames {
        let Ok(Next::Frame(frame)) = again.next() else { panic!("{expected:?} is missing") };
        let (got, origin) = (Got::of(&frame), frame.origin);
        let anonymous = |got: Got| Got { interface: None, number: 0, ..got };
        assert_eq!(anonymous(got), anonymous(expected));
        assert_eq!(again.names().interface(origin).map(str::to_owned), name);
    }
    assert!(matches!(again.next(), Ok(Next::End)));
    assert_eq!(again.damage(), []);
}
