//! Bytes as a capture file, and all that is read of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use capture::file::{Input, Replay};
use capture::{Damage, DamagedTimes, FrameSource, Next};
use parser::Frame;

/// A file that exists for as long as this does, in memory where the system has a place for it.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = Self(folder.join(format!("synscope-fuzz-{}-{count}", std::process::id())));
        fs::write(&file.0, bytes).expect("a small file can be written");
        file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn open(&self) -> Replay {
        Replay::open(&[Input::Path(self.0.clone())])
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // A file that stays is a nuisance, no failure.
        let _ = fs::remove_file(&self.0);
    }
}

/// A frame with its bytes. Which file it is from does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) interface: Option<u16>,
    pub(crate) number: u64,
    pub(crate) nanos: Option<i64>,
    pub(crate) link: u32,
    pub(crate) wire_len: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Got {
    pub(crate) fn of(frame: &Frame<'_>) -> Self {
        Self {
            interface: frame.origin.interface,
            number: frame.number,
            nanos: frame.timestamp.map(parser::Timestamp::as_nanos),
            link: frame.link.0,
            wire_len: frame.wire_len,
            bytes: frame.bytes.to_vec(),
        }
    }
}

/// Everything that is told of a file, without its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) frames: Vec<Got>,
    pub(crate) damage: Vec<(u64, u64, String)>,
    times: Vec<(u64, u64, u64)>,
    pub(crate) refused: usize,
    lost: Option<u64>,
}

impl Told {
    /// Whether all of it could be read.
    pub(crate) fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.refused == 0
    }
}

/// What is read of bytes as a file: the same whether its frames come one by one or many in one loop,
/// and of each copy of it where it is merged with itself.
pub(crate) fn read(bytes: &[u8]) -> Told {
    let file = File::new(bytes);
    let one = one_by_one(&file);
    assert_eq!(one, many_at_once(&file));
    assert!(one.damage.len() + one.refused <= 1, "{one:?}");
    for (_, frames, _) in &one.damage {
        assert_eq!(*frames, one.frames.len() as u64);
    }
    let copy = File::new(bytes);
    let mut merged = Replay::open(&[&file, &copy].map(|file| Input::Path(file.0.clone())));
    let mut copies = [Vec::new(), Vec::new()];
    while let Next::Frame(frame) = merged.next().expect("a file never fails as a whole") {
        copies[usize::from(frame.origin.source)].push(Got::of(&frame));
    }
    assert_eq!(copies, [one.frames.as_slice(), one.frames.as_slice()]);
    one
}

fn one_by_one(file: &File) -> Told {
    let mut replay = file.open();
    let so_far = replay.read_so_far();
    let mut frames = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a file never fails as a whole") {
        frames.push(Got::of(&frame));
        let progress = so_far.progress();
        assert!(progress.total.is_some_and(|total| progress.read <= total), "{progress:?}");
    }
    assert!(matches!(replay.next(), Ok(Next::End)));
    told(&replay, frames)
}

/// Three loops of any length for each frame that comes alone.
fn many_at_once(file: &File) -> Told {
    let mut replay = file.open();
    let mut frames = Vec::new();
    loop {
        let mut left = 3;
        replay.next_many(|some| {
            let takes = left > 0;
            if takes {
                left -= 1;
                frames.extend(some.iter().map(Got::of));
            }
            takes
        });
        let Next::Frame(frame) = replay.next().expect("a file never fails as a whole") else {
            break;
        };
        frames.push(Got::of(&frame));
    }
    told(&replay, frames)
}

fn told(replay: &Replay, frames: Vec<Got>) -> Told {
    let damage = |it: &Damage| (it.offset, it.frames, it.reason.clone());
    let times = |it: &DamagedTimes| (it.offset, it.frame, it.count);
    Told {
        frames,
        damage: replay.damage().iter().map(damage).collect(),
        times: replay.damaged_times().map(times).collect(),
        refused: replay.refused().len(),
        lost: replay.lost(),
    }
}

/// A file that breaks off gives the frames before the end, and no others.
pub(crate) fn breaks_off(bytes: &[u8], whole: &Told, at: usize) {
    let part = read(&bytes[..at.min(bytes.len())]);
    assert!(part.frames.len() <= whole.frames.len());
    assert_eq!(part.frames, whole.frames[..part.frames.len()]);
}
