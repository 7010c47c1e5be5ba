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

/// Device and inode: which file it is, under whatever name.
pub(super) type Id = (u64, u64);

/// What tells that a file is not the one that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) id: Id,
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
    /// Its first frame is of this time, and its turn comes.
    Waiting { first: Timestamp },
    /// It is read, or was: its first frame is of this time. `frames` is their number, where it was
    /// read to its end.
    Read { first: Timestamp, frames: Option<u64> },
}

/// What is known of a name. Another file may have it later.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name {
    id: Id,
    /// The source of the frames of files with this name.
    pub(super) source: Option<u16>,
    /// Whether it was told that a file with this name can't be read.
    pub(super) is_told: bool,
}

/// What a look at a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There is nothing new in it.
    Old,
    /// It was written. If its first frame is still of this time, that is more of the same.
    Longer(Timestamp),
    /// Its turn comes. If its first frame is still of this time, it is the file that waits.
    Waiting(Timestamp),
    /// Nothing is known of what is in it.
    New,
}

/// What a look at a place finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The files that may have something new.
    pub(super) looks: Vec<(PathBuf, Stamp, Look)>,
    /// The files whose turn had not come, and that are gone.
    pub(super) missed: Vec<PathBuf>,
}

/// The files of a place, and their names: a file is known again under another one.
#[derive(Debug, Default)]
pub(super) struct Listing {
    known: HashMap<Id, Known>,
    names: HashMap<PathBuf, Name>,
    /// Whether the one file was not there at the last look.
    pub(super) is_removed: bool,
}

impl Listing {
    pub(super) fn set(&mut self, known: Known) {
        self.known.insert(known.stamp.id, known);
    }

    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Known> {
        self.known.get_mut(&id)
    }

    pub(super) fn name(&mut self, path: &Path) -> &mut Name {
        self.names.entry(path.into()).or_default()
    }

    /// The files that there are by now. Those that are gone are forgotten, unless there is but one.
    pub(super) fn look(&mut self, root: &Path, is_alone: bool) -> io::Result<Found> {
        let mut files = if is_alone { alone(root)? } else { newest(root)? };
        self.is_removed = is_alone && files.is_empty();
        if self.is_removed {
            return Ok(Found::default());
        }
        let mut stamps = HashMap::new();
        // The file that is met under a second name is not read a second time.
        files.retain(|(_, stamp)| stamps.insert(stamp.id, *stamp).is_none());
        let present: HashSet<&Path> = files.iter().map(|(path, _)| path.as_path()).collect();
        let missed = self.missed(&present, &stamps);
        let mut looks = Vec::new();
        for (path, stamp) in &files {
            let look = self.look_at(path, *stamp, &present);
            self.name(path).id = stamp.id;
            if look != Look::Old {
                looks.push((path.clone(), *stamp, look));
            }
        }
        self.known.retain(|id, known| stamps.get(id).is_some_and(|now| now.extends(known.stamp)));
        self.names.retain(|path, _| present.contains(path.as_path()));
        Ok(Found { looks, missed })
    }

    /// The files whose turn had not come and that are gone, without a compressed copy.
    fn missed(&self, present: &HashSet<&Path>, stamps: &HashMap<Id, Stamp>) -> Vec<PathBuf> {
        let is_missed = |path: &Path, known: &Known| {
            matches!(known.state, State::Waiting { .. })
                && !stamps.get(&known.stamp.id).is_some_and(|now| now.extends(known.stamp))
                && !copies(path).any(|copy| present.contains(copy.as_path()))
        };
        let names = self.names.iter().filter_map(|(path, name)| Some((path, self.known_as(name)?)));
        names.filter(|(path, known)| is_missed(path, known)).map(|(path, _)| path.clone()).collect()
    }

    fn known_as(&self, name: &Name) -> Option<&Known> {
        self.known.get(&name.id)
    }

    fn was_read(&self, path: &Path) -> bool {
        let known = self.names.get(path).and_then(|name| self.known_as(name));
        known.is_some_and(|known| matches!(known.state, State::Read { .. }))
    }

    fn look_at(&mut self, path: &Path, stamp: Stamp, present: &HashSet<&Path>) -> Look {
        match original(path) {
            Some(original) if self.was_read(&original) => {
                self.set(Known { stamp, state: State::Copy });
                return Look::Old;
            }
            // Its own turn comes.
            Some(original) if present.contains(original.as_path()) => return Look::Old,
            _ if stamp.len < LEAST => return Look::Old,
            _ => {}
        }
        // Where a file is gone, another one may have its inode.
        let known = self.known.get(&stamp.id).filter(|known| stamp.extends(known.stamp));
        let Some(Known { stamp: before, state }) = known else { return Look::New };
        let has_its_name = self.names.get(path).is_some_and(|name| name.id == stamp.id);
        match *state {
            State::Waiting { first } => Look::Waiting(first),
            _ if stamp == *before => Look::Old,
            State::Copy if has_its_name => Look::Old,
            State::Read { first, .. } => Look::Longer(first),
            State::Nothing | State::Copy => Look::New,
        }
    }
}

/// The file that a compressed one may be the copy of.
fn original(path: &Path) -> Option<PathBuf> {
    let extension = path.extension()?.to_str()?;
    COMPRESSED.contains(&extension).then(|| path.with_extension(""))
}

/// The names that a compressed copy of a file may have.
fn copies(path: &Path) -> impl Iterator<Item = PathBuf> {
    COMPRESSED.iter().map(move |extension| {
        let mut copy = path.as_os_str().to_owned();
        copy.push(".");
        copy.push(extension);
        copy.into()
    })
}

/// The file itself. Where it is gone, another one may come in its place.
fn alone(path: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    match Stamp::of(path) {
        Ok(stamp) => Ok(vec![(path.into(), stamp)]),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The files in a directory: where there are too many, those that were written last. Links come after
/// the files that they may lead to.
fn newest(directory: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    let (mut found, mut links) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let path = entry.path();
        // It may be gone by now, or be a link that leads nowhere.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let list = if is_link { &mut links } else { &mut found };
        if metadata.is_file() {
            list.push((path, Stamp::new(&metadata)));
        }
        if list.len() >= 2 * MAX_FILES {
            keep_newest(list);
        }
    }
    found.append(&mut links);
    keep_newest(&mut found);
    Ok(found)
}

fn keep_newest(found: &mut Vec<(PathBuf, Stamp)>) {
    if found.len() > MAX_FILES {
        found.select_nth_unstable_by_key(MAX_FILES, |(_, stamp)| std::cmp::Reverse(stamp.written));
        found.truncate(MAX_FILES);
    }
}
