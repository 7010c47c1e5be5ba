//! Captures that somebody still writes, as one source of frames.

mod findings;
mod growing;
mod listing;
mod look;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use parser::{Names, Timestamp};

use super::budget::Budget;
use super::input::not_a_capture;
use super::replay::{LARGEST_BUFFER, MAX_FILES};
use crate::{CaptureError, Damage, DamagedTimes, FrameSource, Next};
pub use findings::Happened;
use findings::{Findings, sum};
use growing::Growing;
use listing::{Id, Known, Listing, Stamp, State};

/// How long it waits before it looks for more.
const PAUSE: Duration = Duration::from_millis(200);
/// What a file takes in the list of files, and in the names.
const EACH: usize = 500;

/// Reads a capture file while somebody writes it, or a directory while somebody adds files.
///
/// The files of a directory are read one after another, in the order of their first frames. A file is
/// taken up once its first frame is there. It is complete when there is another file to take up, and
/// nothing more is in it: a program that goes on in a new file has closed the old one. A file that is
/// written anew is a new file; one that gets another name is the same.
///
/// A file that is named itself is read on when it is removed, until another one takes its name. Where it
/// is broken, nothing more can come, and it ends.
///
/// One file is open at a time. What is remembered of files ends with the files, and a directory's 65,536
/// newest files are looked at.
#[derive(Debug)]
pub struct Follow {
    root: PathBuf,
    /// Whether `root` is a file.
    is_alone: bool,
    listing: Listing,
    /// The files to take up, in order.
    waiting: VecDeque<Waiting>,
    current: Option<Current>,
    next_look: Instant,
    names: Names,
    findings: Findings,
    /// The time of the latest frame that has one.
    latest: Option<Timestamp>,
    /// Whether there was nothing more at the last look.
    is_waiting: bool,
    stop: Arc<AtomicBool>,
    has_ended: bool,
    budget: Budget,
}

/// A file to take up.
#[derive(Debug)]
struct Waiting {
    first: Timestamp,
    path: PathBuf,
}

/// The file that is read.
#[derive(Debug)]
struct Current {
    /// Its name when it was opened.
    path: PathBuf,
    id: Id,
    file: Growing,
    /// Whether there was another file to take up when it was looked at last.
    is_followed: bool,
}

impl Follow {
    /// Opens a file, or a directory. The file may be empty. Compressed files of a directory may become
    /// `decompressed` bytes longer than [`Replay::open_found`](super::Replay::open_found) allows any.
    ///
    /// # Errors
    /// Where it can't be read, where it can't be followed as a pipe or a compressed file can't, and
    /// where a file is no capture.
    pub fn open(path: &Path, decompressed: u64) -> Result<Self, CaptureError> {
        let metadata = fs::metadata(path).map_err(|source| io_error(path, source))?;
        if !metadata.is_file() && !metadata.is_dir() {
            let reason = "it is no regular file: a pipe is read as it is written without --follow";
            return Err(not_a_capture(path, reason));
        }
        let mut follow = Self {
            root: path.into(),
            is_alone: metadata.is_file(),
            listing: Listing::default(),
            waiting: VecDeque::new(),
            current: None,
            next_look: Instant::now(),
            names: Names::default(),
            findings: Findings::default(),
            latest: None,
            is_waiting: false,
            stop: Arc::default(),
            has_ended: false,
            budget: Budget::new(decompressed),
        };
        follow.look()?;
        Ok(follow)
    }

    /// What asks it to stop, from any thread: it delivers what is written by then, and then
    /// [`Next::End`].
    pub fn stopper(&self) -> impl Fn() + Send + use<> {
        let stop = Arc::clone(&self.stop);
        move || stop.store(true, Ordering::Relaxed)
    }

    /// Ends it at once: no frame comes any more.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// What comes next, without a pause before it, and whether or not there was a time.
    #[cfg(test)]
    pub(super) fn next_at_once(&mut self) -> Result<Next<'_>, CaptureError> {
        self.is_waiting = false;
        self.next_look = Instant::now();
        self.latest.get_or_insert(Timestamp::from_nanos(i64::MIN));
        self.next()
    }

    /// As if so many files had been read before.
    #[cfg(test)]
    pub(super) fn name_others(&mut self, count: usize) {
        for _ in 0..count {
            self.names.add_source("other");
        }
    }

    /// The files in the directory that can't be read, since the last call.
    pub fn take_refused(&mut self) -> Vec<CaptureError> {
        std::mem::take(&mut self.findings.refused)
    }

    /// The files in the directory that are no captures, since the last call.
    pub fn take_skipped(&mut self) -> Vec<CaptureError> {
        std::mem::take(&mut self.findings.skipped)
    }

    /// What happened to files, since the last call.
    pub fn take_happened(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.findings.happened)
    }

    /// About how many bytes of memory it takes by now, with its buffer.
    pub fn memory(&self) -> usize {
        LARGEST_BUFFER + EACH * (self.waiting.len() + 1)
    }

    /// How many packets the files, as far as read, say were lost when they were captured. `None`
    /// where none says anything about it.
    pub fn lost(&self) -> Option<u64> {
        let current = self.current.as_ref().and_then(|current| current.file.file.lost());
        sum(self.findings.lost, current)
    }

    /// The time stamps that can't be, of each file, as far as read.
    pub fn damaged_times(&self) -> impl Iterator<Item = &DamagedTimes> {
        let current = self.current.as_ref().and_then(|current| current.file.file.damaged_times());
        self.findings.damaged_times.iter().chain(current)
    }

    /// Goes to the next frame that is written. `false` where there is none for now.
    fn advance(&mut self) -> Result<bool, CaptureError> {
        while !self.has_ended {
            let Some(current) = &mut self.current else {
                match self.next_waiting()? {
                    Some(next) => self.take_up(&next)?,
                    None => return Ok(false),
                }
                continue;
            };
            if !current.file.file.is_ready() {
                if current.is_followed {
                    current.file.complete();
                } else if !self.has_waiting()? {
                    return Ok(false);
                } else if let Some(current) = &mut self.current {
                    // It may have got its last bytes before the other file began.
                    current.is_followed = true;
                }
                continue;
            }
            match current.file.file.peek(&mut self.names).and_then(|time| match time {
                Some(_) => current.file.file.take().map(|()| true),
                None => Ok(false),
            }) {
                Ok(true) => return Ok(true),
                Ok(false) => self.finish(None),
                Err(damage) => self.finish(Some(damage)),
            }
        }
        Ok(false)
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Opens a file. Where it is not what it was, all are looked at again.
    fn take_up(&mut self, Waiting { first, path }: &Waiting) -> Result<(), CaptureError> {
        let next_source = self.names.sources().len().min(MAX_FILES - 1) as u16;
        let source = self.listing.name(path).source.unwrap_or(next_source);
        let file = Growing::open(path, source, self.is_alone, &self.budget).ok();
        // Looked at after it was opened: what is the same now was the same then.
        let stamp = Stamp::of(path).ok().filter(|_| {
            let now = Growing::first(path, self.is_alone, &self.budget);
            matches!(now, Ok(Some(now)) if now == *first)
        });
        let Some((stamp, file)) = stamp.zip(file) else {
            self.waiting.clear();
            return self.look();
        };
        self.name(source, path);
        self.listing.set(Known { stamp, state: State::Read { first: *first, frames: None } });
        self.current = Some(Current { path: path.clone(), id: stamp.id, file, is_followed: false });
        Ok(())
    }

    /// The frame that was read last.
    fn frame(&mut self) -> Next<'_> {
        let Some(current) = &self.current else { return Next::End };
        let frame = current.file.file.frame();
        self.latest = frame.timestamp.or(self.latest);
        Next::Frame(frame)
    }

    /// Reads what comes after the last frame of a file that nobody reads on. What breaks off there is
    /// only not written yet, unless the file was written anew.
    fn close(&mut self) {
        self.has_ended = true;
        let Some(Current { file, .. }) = &mut self.current else { return };
        file.complete();
        let broken = file.file.peek(&mut self.names).err();
        let damage = broken.filter(|_| file.is_anew());
        self.finish(damage);
    }

    /// Names a source after its file. The last source is that of all files that come then.
    fn name(&mut self, source: u16, path: &Path) {
        self.listing.name(path).source = Some(source);
        let name = if usize::from(source) < MAX_FILES - 1 { path } else { &self.root };
        if usize::from(source) == self.names.sources().len() {
            self.names.add_source(name.to_string_lossy());
        }
    }

    /// Closes the file that is read.
    fn finish(&mut self, damage: Option<Damage>) {
        let Some(Current { path, id, file, is_followed }) = self.current.take() else { return };
        if let Some(Known { stamp, state: State::Read { frames, .. } }) = self.listing.get_mut(id) {
            stamp.len = file.file.place().read.load(Ordering::Relaxed);
            *frames = damage.is_none().then(|| file.file.frames());
        }
        self.findings.note_end(&file.file);
        match damage {
            Some(damage) if file.is_anew() => {
                let reason = "it was written anew before the rest of it was read".into();
                self.findings.note_damage(Damage { reason, ..damage });
            }
            Some(damage) => {
                self.findings.note_damage(damage);
                // Nothing more can come of the one file, unless another takes its place.
                self.has_ended |= self.is_alone && !is_followed && !self.listing.is_removed;
            }
            None if file.is_anew() => self.findings.happened.push(Happened::WrittenAnew(path)),
            None => {}
        }
    }
}

impl FrameSource for Follow {
    /// The next frame that is written, or [`Next::Idle`] with the time of the latest one. Before the
    /// first one that has a time, it waits.
    ///
    /// # Errors
    /// Where the directory can't be read any more, and where a file turns out to be no capture.
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        while !self.has_ended {
            if self.is_waiting {
                thread::sleep(PAUSE);
            }
            // Asked first: what was written before it was asked to stop is delivered.
            let is_stopping = self.is_stopping();
            self.is_waiting = !self.advance()?;
            if is_stopping && self.is_waiting {
                self.close();
            } else if !self.is_waiting {
                return Ok(self.frame());
            } else if let Some(latest) = self.latest {
                return Ok(Next::Idle(latest));
            }
        }
        Ok(Next::End)
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &self.findings.damage
    }
}

fn io_error(path: &Path, source: io::Error) -> CaptureError {
    CaptureError::Io { path: path.into(), source }
}
