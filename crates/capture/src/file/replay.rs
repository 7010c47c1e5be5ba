//! Capture files as one source of frames.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::sync::Arc;

use parser::{Frame, Names, Period, Timestamp};

use crate::{CaptureError, Damage, DamagedTimes, FrameSource, Next};

use super::budget::{self, Budget};
use super::capture_file::{CaptureFile, Lies, Unopened};
use super::descriptors;
use super::hoards::Hoards;
use super::input::{Found, Input, Place, not_a_capture};
use super::progress::ReadSoFar;

/// What all buffers may take together.
const BUFFERS: usize = 8 << 20;
/// A buffer of this size is as fast as any larger one, and leaves room in the cache for others.
pub(super) const LARGEST_BUFFER: usize = 256 << 10;
/// A smaller one is read too often.
const SMALLEST_BUFFER: usize = BUFFERS / descriptors::MOST;
/// What a file takes beside its buffer, with its names.
const EACH: usize = 700;
/// An [`parser::Origin`] can name as many.
pub(super) const MAX_FILES: usize = 1 << 16;

/// After so many frames of one file in a row, more of it are likely: to give several at once then takes less
/// time than to look at the turns of all files between two frames.
const LONG_TURN: u32 = 8;

/// Reads capture files as one timeline.
///
/// Several files are merged by time. Each keeps its own order even where its clock goes back, a
/// frame without a time follows the one before it, and at equal times the file named first comes
/// first. Neither the number of open files nor the memory grows with the number of files: a file
/// whose turn comes later is closed until then. A compressed file can't go on in its middle, so it keeps
/// some of what comes next. Where far too many of them overlap in time, one is given up as damaged, with
/// the advice to decompress it.
#[derive(Debug, Default)]
pub struct Replay {
    files: Vec<CaptureFile>,
    names: Names,
    damage: Vec<Damage>,
    refused: Vec<CaptureError>,
    skipped: Vec<CaptureError>,
    /// The file whose turn it is; `None` before the first frame and after the last.
    current: Option<usize>,
    /// The frames that it gave since its turn began, one by one.
    in_a_row: u32,
    /// The other files, by the time of their next frame.
    waiting: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The files that are open, but for those that can't be opened a second time.
    open: Vec<usize>,
    /// As many may be.
    most_open: usize,
    /// The files that are closed and keep some of what comes next.
    hoards: Hoards,
    /// What the buffer of each of them takes.
    capacity: usize,
    /// What decompressing costs.
    budget: Budget,
    /// What has to be read: files that lie outside are left out.
    period: Period,
    outside: u64,
    goes_on: bool,
    /// The earliest time with which a file begins.
    first: Option<Timestamp>,
    /// The latest time of the files that are left out.
    last_outside: Option<Timestamp>,
    /// Whether one of these may go on after what is known of it.
    is_open: bool,
    started: bool,
}

/// When the frames of all files were captured, as far as their first and last frames show, and as far as
/// they have been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The time of the first one.
    pub first: Timestamp,
    /// The time of the last one.
    pub last: Timestamp,
    /// Whether there may be a later one, in a file that is left out.
    pub is_open: bool,
}

impl Replay {
    /// What compressed files may become beyond a multiple of their sizes, if nothing else is said.
    pub const DECOMPRESSED: u64 = budget::FREE;

    /// Opens the inputs. What can't be read is [`Replay::refused`], and the rest is read.
    ///
    /// It waits for a pipe's first bytes, not for its first frame.
    pub fn open(inputs: &[Input]) -> Self {
        Self::open_found(Found::of(inputs), Self::DECOMPRESSED, Period::ALWAYS)
    }

    /// Opens what was found as [`Replay::open`] does. Compressed files may become 1,100 times as long as
    /// they are, and `decompressed` bytes longer than that in all.
    ///
    /// A file is not read if its times show that it lies before `period`, or after it. All times are looked
    /// at in a file of up to 1 MiB. Of a larger one those of the first and the last frame are, and of seven
    /// between them; it is read if they go back. The times of a compressed file are not known but for the
    /// first one, so it is read unless it begins after `period`. Of the files that are read, all frames are
    /// given.
    pub fn open_found(found: Found, decompressed: u64, period: Period) -> Self {
        let most_open = descriptors::for_files(found.places.len());
        Self::of_found(found, most_open, Budget::new(decompressed), period)
    }

    /// Opens inputs of which so few may be open; the others may have such hoards.
    #[cfg(test)]
    pub(super) fn open_few(inputs: &[Input], most_open: usize, hoards: usize) -> Self {
        let found = Found::of(inputs);
        let replay = Self::of_found(found, most_open, Budget::default(), Period::ALWAYS);
        Self { hoards: Hoards::new(hoards), ..replay }
    }

    fn of_found(found: Found, most_open: usize, budget: Budget, period: Period) -> Self {
        let Found { mut places, directories, refused, skipped, .. } = found;
        let beyond = places.split_off(places.len().min(MAX_FILES));
        let mut replay = Self {
            files: Vec::with_capacity(places.len()),
            refused,
            skipped,
            most_open,
            budget,
            period,
            ..Self::default()
        };
        let capacity = BUFFERS / places.len().clamp(1, most_open);
        replay.capacity = capacity.clamp(SMALLEST_BUFFER, LARGEST_BUFFER);
        for place in places {
            replay.add(place);
        }
        replay.refuse_empty(directories);
        replay.refuse_beyond(&beyond);
        replay
    }

    /// Reads a capture file called `x` that exists in memory only.
    #[cfg(test)]
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_bytes_within(bytes, Self::DECOMPRESSED)
    }

    /// Reads it as [`Replay::open_found`] does.
    #[cfg(test)]
    pub(super) fn of_bytes_within(bytes: &[u8], decompressed: u64) -> Self {
        let budget = Budget::new(decompressed);
        let mut replay = Self { budget, most_open: 1, ..Self::default() };
        let place = Place::new(Input::Path("x".into()));
        let stream = place.counted(Box::new(std::io::Cursor::new(bytes.to_vec())), 0);
        replay.keep(CaptureFile::of(place, stream, 0, LARGEST_BUFFER, &replay.budget));
        replay
    }

    /// What decompressing has cost.
    #[cfg(test)]
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What files that are not open have in their buffers.
    #[cfg(test)]
    pub(super) fn hoarded(&self) -> usize {
        let files = self.files.iter().enumerate();
        let closed = files.filter(|(index, _)| !self.open.contains(index));
        closed.map(|(_, file)| file.space()).sum()
    }

    /// The inputs, and files in a directory, that are captures or were meant to be and can't be read.
    pub fn refused(&self) -> &[CaptureError] {
        &self.refused
    }

    /// The files in a directory that are no captures.
    pub fn skipped(&self) -> &[CaptureError] {
        &self.skipped
    }

    /// How many files are not read because they lie outside the period.
    pub const fn outside(&self) -> u64 {
        self.outside
    }

    /// Whether one of them comes after the period.
    pub const fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// When the frames of all files were captured, also of those that are not read. `None` where none has
    /// a time.
    pub fn extent(&self) -> Option<Extent> {
        let first = self.first?;
        let latest = self.files.iter().map(|file| file.turn().0).max();
        let last = latest.max(self.last_outside).unwrap_or(first);
        Some(Extent { first, last, is_open: self.is_open })
    }

    /// About how many bytes of memory the files take, with their buffers, the decompressors of those that are
    /// open and what closed ones keep.
    pub fn memory(&self) -> usize {
        let files = self.files.len();
        // Where not all can be open, those that are compressed will have hoards when they have begun.
        let mut waiting = self.waiting.iter().map(|&Reverse((_, index))| &self.files[index]);
        let will_hoard = waiting.any(|file| file.is_parked() && file.is_packed());
        let hoards = if will_hoard { self.hoards.memory() } else { 0 };
        let buffers = files * EACH + files.min(self.most_open) * self.capacity;
        buffers + self.budget.held() + hoards
    }

    /// What tells how far reading has come.
    pub fn read_so_far(&self) -> ReadSoFar {
        let places = || self.files.iter().map(CaptureFile::place);
        let read = places().map(|place| Arc::clone(&place.read)).collect();
        ReadSoFar::new(read, places().map(|place| place.size).sum())
    }

    /// How many packets the files, as far as read, say were lost when they were captured. `None`
    /// where none says anything about it.
    pub fn lost(&self) -> Option<u64> {
        self.files.iter().filter_map(CaptureFile::lost).reduce(u64::saturating_add)
    }

    /// The time stamps that can't be, of each file, as far as read.
    pub fn damaged_times(&self) -> impl Iterator<Item = &DamagedTimes> {
        self.files.iter().filter_map(CaptureFile::damaged_times)
    }

    fn add(&mut self, place: Place) {
        let index = self.files.len();
        // A pipe may not have a record yet.
        let has_begun = place.size.is_some();
        self.keep(CaptureFile::open(place, index as u16, self.capacity, &self.budget));
        if has_begun && index < self.files.len() {
            self.enqueue(index);
        }
    }

    /// Peeks at the first record of a file, which gives it a turn. While the file is open for its
    /// format, that costs nothing.
    fn enqueue(&mut self, index: usize) {
        if let Some(time) = self.peek(index) {
            // Before the first time there is none.
            let first = Some(time).filter(|&time| time > Timestamp::from_nanos(i64::MIN));
            self.first = self.first.into_iter().chain(first).min();
            let lies = self.files[index].lies(time, self.period);
            if lies == Lies::Perhaps {
                self.waiting.push(Reverse((time, index)));
            } else {
                self.leave_out(index, lies);
            }
        }
        self.make_room();
    }

    /// Leaves out a file that need not be read.
    fn leave_out(&mut self, index: usize, lies: Lies) {
        let last = match lies {
            Lies::After(last) => last,
            Lies::Before(last) => Some(last),
            Lies::Perhaps => None,
        };
        self.last_outside = self.last_outside.max(last);
        self.is_open |= last.is_none();
        self.outside += 1;
        self.goes_on |= matches!(lies, Lies::After(_));
        self.open.retain(|&open| open != index);
        self.files[index].park(0);
    }

    fn keep(&mut self, opened: Result<CaptureFile, Unopened>) {
        let index = self.files.len();
        match opened {
            Ok(file) => {
                self.names.add_source(file.place().name());
                self.files.push(file);
                self.open.push(index);
            }
            Err(Unopened::Refused(error)) => self.refused.push(error),
            Err(Unopened::Skipped(error)) => self.skipped.push(error),
        }
    }

    /// Refuses the directories of which no file is read.
    fn refuse_empty(&mut self, directories: Vec<PathBuf>) {
        let mut empty = vec![true; directories.len()];
        for file in &self.files {
            if let Some(empty) =
                file.place().directory.and_then(|index| empty.get_mut(index as usize))
            {
                *empty = false;
            }
        }
        for (path, empty) in directories.into_iter().zip(empty) {
            if empty {
                let reason = "the directory holds no capture that can be read";
                self.refused.push(not_a_capture(path, reason));
            }
        }
    }

    /// Refuses what is too much, in one line.
    fn refuse_beyond(&mut self, beyond: &[Place]) {
        let Some(first) = beyond.first() else { return };
        let reason = match beyond.len() - 1 {
            0 => format!("only {MAX_FILES} files can be read at once"),
            more => format!(
                "only {MAX_FILES} files can be read at once: this one and {more} more are left out"
            ),
        };
        self.refused.push(not_a_capture(first.path(), reason));
    }

    /// Waits for the first record of those that had none when they were opened.
    #[cold]
    fn start(&mut self) {
        self.started = true;
        for index in 0..self.files.len() {
            if self.files[index].place().size.is_none() {
                self.enqueue(index);
            }
        }
        self.take_turn();
    }

    /// The time of the next frame of a file.
    #[inline]
    fn peek(&mut self, index: usize) -> Option<Timestamp> {
        let file = self.files.get_mut(index)?;
        let was_parked = file.is_parked();
        if was_parked && file.is_to_be_opened() {
            let took = file.took();
            self.make_room_for(took);
        }
        let file = self.files.get_mut(index)?;
        let time = file.peek(&mut self.names).unwrap_or_else(|damage| {
            self.damage.push(damage);
            None
        });
        let reopened = was_parked && !file.is_parked();
        if time.is_none() {
            self.open.retain(|&open| open != index);
            self.hoards.remove(index);
        } else if reopened {
            self.hoards.remove(index);
            self.open.push(index);
            self.make_room();
        }
        time
    }

    /// It is the turn of the file whose next frame is the earliest.
    fn take_turn(&mut self) {
        self.current = self.waiting.pop().map(|Reverse((_, index))| index);
        self.in_a_row = 0;
    }

    /// Keeps what is open within bounds: the files whose turn comes last are closed.
    #[inline]
    fn make_room(&mut self) {
        if self.open.len() > self.most_open {
            // Several at once, as all turns are looked at to find the last ones.
            self.park(1 + self.most_open / 8);
        }
        self.make_room_for(0);
    }

    /// Makes room for what decompressing one more file takes, in bytes.
    #[inline]
    fn make_room_for(&mut self, more: usize) {
        while self.open.len() > 1 && self.budget.is_exceeded_with(more) {
            self.park(1);
        }
    }

    /// Closes the files whose turn comes last, but never the one that comes first.
    #[cold]
    fn park(&mut self, count: usize) {
        let Self { files, open, hoards, .. } = self;
        let kept = open.len().saturating_sub(count).max(1);
        if kept < open.len() {
            open.select_nth_unstable_by_key(kept, |&index| files[index].turn());
        }
        for index in open.drain(kept.min(open.len())..) {
            if !files[index].is_worth_a_hoard() {
                files[index].park(0);
                continue;
            }
            if hoards.add(index) {
                hoards.files().iter().for_each(|&other| files[other].park(hoards.each()));
            }
            files[index].park(hoards.each());
        }
    }

    /// Goes to the next frame and tells whose it is.
    #[inline]
    fn advance(&mut self) -> Option<usize> {
        if !self.started {
            self.start();
        }
        loop {
            let index = self.current?;
            let Some(time) = self.peek(index) else {
                self.take_turn();
                continue;
            };
            if let Some(&Reverse(first)) = self.waiting.peek()
                && first < (time, index)
            {
                self.waiting.push(Reverse((time, index)));
                // A later member of a compressed file may need more memory than the first did.
                self.make_room();
                self.take_turn();
                continue;
            }
            match self.files.get_mut(index)?.take() {
                Ok(()) => {
                    self.in_a_row = self.in_a_row.saturating_add(1);
                    return Some(index);
                }
                Err(damage) => self.damage.push(damage),
            }
        }
    }
}

impl FrameSource for Replay {
    /// The next frame. It is never an error: a file that breaks off is reported by
    /// [`FrameSource::damage`], and the others go on.
    #[inline]
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let file = self.advance().and_then(|index| self.files.get(index));
        Ok(file.map_or(Next::End, |file| Next::Frame(file.frame())))
    }

    /// Those of the file whose turn it is, up to the next turn.
    fn next_many(&mut self, take: impl FnMut(&[Frame<'_>]) -> bool) {
        let Self { current, waiting, files, in_a_row, .. } = self;
        if *in_a_row < LONG_TURN && !waiting.is_empty() {
            return;
        }
        let next = waiting.peek().map(|&Reverse(next)| next);
        let current = current.and_then(|index| Some((index, files.get_mut(index)?)));
        if let Some((index, file)) = current {
            file.next_many(|time| next.is_none_or(|next| (time, index) < next), take);
        }
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &self.damage
    }
}
