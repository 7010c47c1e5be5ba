//! Capture files made by hand, and what is read from them.

mod build;
mod compression;
#[cfg(unix)]
mod follow;
#[cfg(unix)]
mod follow_changes;
mod hoards;
mod merge;
mod pcap;
mod pcapng;
mod period;
mod properties;
mod recorder;
mod refusal;
#[cfg(unix)]
mod unix;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use parser::{Frame, Names};

use crate::{CaptureError, Damage, DamagedTimes, FrameSource, Next};

use super::{Input, Replay};

/// A directory of its own for a test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("synscope-capture-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new directory in the directory for temporary files");
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a new file");
        path
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A frame with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Got {
    source: u16,
    interface: Option<u16>,
    number: u64,
    nanos: Option<i64>,
    link: u32,
    wire_len: u32,
    bytes: Vec<u8>,
}

/// Everything that a replay tells.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    frames: Vec<Got>,
    damage: Vec<Damage>,
    damaged_times: Vec<DamagedTimes>,
    refused: Vec<String>,
    skipped: Vec<String>,
    names: Names,
    lost: Option<u64>,
}

/// What can't be read, and why.
fn said(refused: &CaptureError) -> String {
    format!("{}: {}", refused.path().display(), refused.reason())
}

fn replay(inputs: &[&Path]) -> Told {
    let inputs: Vec<_> = inputs.iter().map(|path| Input::Path(path.to_path_buf())).collect();
    in_each_way(|| Replay::open(&inputs))
}

/// The same, however its frames are taken.
fn in_each_way(open: impl Fn() -> Replay) -> Told {
    let one = told(open(), Take::One);
    for take in [Take::Most, Take::All] {
        assert_eq!(told(open(), take), one, "{take:?}");
    }
    one
}

/// What is reported of one file with this content, named `x`, however its frames are taken.
fn read(bytes: &[u8]) -> Told {
    in_each_way(|| Replay::of_bytes(bytes))
}

/// How frames are taken: one by one, or many in one loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Take {
    One,
    /// All but every third in one loop.
    Most,
    All,
}

impl Got {
    fn of(frame: &Frame<'_>) -> Self {
        Self {
            source: frame.origin.source,
            interface: frame.origin.interface,
            number: frame.number,
            nanos: frame.timestamp.map(parser::Timestamp::as_nanos),
            link: frame.link.0,
            wire_len: frame.wire_len,
            bytes: frame.bytes.to_vec(),
        }
    }
}

fn told(mut replay: Replay, take: Take) -> Told {
    let _limit = testkit::TimeLimit::start();
    let mut frames = Vec::new();
    loop {
        if take != Take::One {
            replay.next_many(|many| {
                let takes = take == Take::All || many[0].number % 3 != 0;
                if takes {
                    frames.extend(many.iter().map(Got::of));
                }
                takes
            });
        }
        let Next::Frame(frame) = replay.next().expect("a replay never fails as a whole") else {
            break;
        };
        frames.push(Got::of(&frame));
    }
    Told {
        frames,
        damage: replay.damage().to_vec(),
        damaged_times: replay.damaged_times().cloned().collect(),
        refused: replay.refused().iter().map(said).collect(),
        skipped: replay.skipped().iter().map(said).collect(),
        names: replay.names().clone(),
        lost: replay.lost(),
    }
}

/// The one damage of a file that is nothing but damaged, as (offset, frames, reason).
fn damage(bytes: &[u8]) -> (u64, u64, String) {
    let told = read(bytes);
    assert_eq!(told.refused, [""; 0]);
    let [damage] = told.damage.as_slice() else { panic!("{:?}", told.damage) };
    assert_eq!(damage.frames, told.frames.len() as u64);
    (damage.offset, damage.frames, damage.reason.clone())
}

/// The one reason why a file is refused.
fn refusal(bytes: &[u8]) -> String {
    let told = read(bytes);
    assert_eq!((told.frames.len(), told.damage.len()), (0, 0));
    let [reason] = told.refused.as_slice() else { panic!("{:?}", told.refused) };
    reason.clone()
}
