//! What is in a place that is followed, and what of it was read.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use parser::Timestamp;

use super::super::pcap::FILE_HEADER;
use super::super::replay::MAX_FILES;

/// Shorter files can't be recognised yet.
const LEAST: u64 = FILE_HEADER as u64;
/// What `tcpdump -z` may add to a name.
const COMPRESSED: [&str; 3] = ["gz", "zst", "lz4"];

/// What tells that a file is not the one that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Device and inode.
    pub(super) id: (u64, u64),
    pub(super) len: u64,
    /// When it was written, in seconds and nanoseconds.
    pub(super) written: (i64, i64),
}

impl Stamp {
    fn new(metadata: &Metadata) -> Self {
        Self {
            id: (metadata.dev(), metadata.ino()),
            len: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// Whether it may be that of the same file, later.
    pub(super) fn extends(self, before: Self) -> bool {
        self.id == before.id && self.len >= before.len
    }

    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::new(&fs::metadata(path)?))
    }
}

/// What is known of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) stamp: Stamp,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There is no frame in it, or it is no capture.
    Nothing,
    /// The compressed copy of a file that was read.
    Copy,
    /// It is read, or was: its first frame is of this time, and its frames have this source. `frames`
    /// is their number, where it was read to its end.
    Read { first: Timestamp, source: u16, frames: Option<u64> },
}

/// What a look at a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There is nothing new in it.
    Old,
    /// It was written. If its first frame is still of this time, that is more of the same.
    Longer(Timestamp),
    /// Nothing is known of what is in it.
    New,
}

/// The files of a place by their names.
#[derive(Debug, Default)]
pub(super) struct Listing {
    known: HashMap<PathBuf, Known>,
}

impl Listing {
    pub(super) fn get(&self, path: &Path) -> Option<Known> {
        self.known.get(path).copied()
    }

    pub(super) fn set(&mut self, path: &Path, known: Known) {
        self.known.insert(path.into(), known);
    }

    pub(super) fn get_mut(&mut self, path: &Path) -> Option<&mut Known> {
        self.known.get_mut(path)
    }

    /// The files that there are by now and that may have something new. Those that are gone are
    /// forgotten.
    pub(super) fn look(
        &mut self,
        root: &Path,
        is_alone: bool,
    ) -> io::Result<Vec<(PathBuf, Stamp, Look)>> {
        let found = if is_alone { alone(root)? } else { newest(root)? };
        let present: HashSet<&Path> = found.iter().map(|(path, _)| path.as_path()).collect();
        let mut looks = Vec::new();
        for (path, stamp) in &found {
            let look = match original(path) {
                Some(original) if self.was_read(&original) => {
                    self.set(path, Known { stamp: *stamp, state: State::Copy });
                    Look::Old
                }
                // Its own turn comes.
                Some(original) if present.contains(original.as_path()) => Look::Old,
                _ if stamp.len < LEAST => Look::Old,
                _ => self.look_at(path, *stamp),
            };
            if look != Look::Old {
                looks.push((path.clone(), *stamp, look));
            }
        }
        self.known.retain(|path, _| present.contains(path.as_path()));
        Ok(looks)
    }

    fn was_read(&self, path: &Path) -> bool {
        self.get(path).is_some_and(|known| matches!(known.state, State::Read { .. }))
    }

    fn look_at(&self, path: &Path, stamp: Stamp) -> Look {
        let Some(Known { stamp: before, state }) = self.get(path) else { return Look::New };
        match state {
            _ if stamp == before => Look::Old,
            State::Copy if stamp.id == before.id => Look::Old,
            State::Read { first, .. } if stamp.extends(before) => Look::Longer(first),
            State::Nothing | State::Copy | State::Read { .. } => Look::New,
        }
    }
}

/// The file that a compressed one may be the copy of.
fn original(path: &Path) -> Option<PathBuf> {
    let extension = path.extension()?.to_str()?;
    COMPRESSED.contains(&extension).then(|| path.with_extension(""))
}

/// The file itself. Where it is gone, another one may come in its place.
fn alone(path: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    match Stamp::of(path) {
        Ok(stamp) => Ok(vec![(path.into(), stamp)]),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The files in a directory: where there are too many, those that were written last.
fn newest(directory: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        // It may be gone by now, or be a link that leads nowhere.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_file() {
            found.push((path, Stamp::new(&metadata)));
        }
        if found.len() >= 2 * MAX_FILES {
            keep_newest(&mut found);
        }
    }
    keep_newest(&mut found);
    Ok(found)
}

fn keep_newest(found: &mut Vec<(PathBuf, Stamp)>) {
    if found.len() > MAX_FILES {
        found.select_nth_unstable_by_key(MAX_FILES, |(_, stamp)| std::cmp::Reverse(stamp.written));
        found.truncate(MAX_FILES);
    }
}
