//! A capture file that somebody may still write.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parser::{Names, Timestamp};

use super::super::budget::Budget;
use super::super::capture_file::{CaptureFile, Unopened};
use super::super::compression::Compression;
use super::super::input::{Input, Place, not_a_capture};
use super::super::replay::LARGEST_BUFFER;
use super::super::stream::Stream;
use crate::CaptureError;

/// So much of the beginning of a file tells it from another one.
const HEAD: usize = 1 << 10;

/// A file that is read as far as it is written.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) file: CaptureFile,
    writing: Arc<Writing>,
}

/// What becomes of a file while it is read.
#[derive(Debug, Default)]
struct Writing {
    /// Whether its end is the end: nobody writes it any more.
    is_complete: AtomicBool,
    /// Whether it was found to be written anew.
    is_anew: AtomicBool,
}

impl Growing {
    /// Opens a file that is long enough to be recognised. A compressed one is taken for complete, and
    /// therefore refused where it `is_alone`: what is compressed as it is written can't be followed.
    pub(super) fn open(
        path: &Path,
        source: u16,
        is_alone: bool,
        budget: &Budget,
    ) -> Result<Self, Unopened> {
        let writing = Arc::<Writing>::default();
        let refused = |source| CaptureError::Io { path: path.into(), source };
        let mut place = Place::new(Input::Path(path.into()));
        place.directory = (!is_alone).then_some(0);
        let (stream, size) =
            stream(&place, path, &writing).map_err(|error| Unopened::Refused(refused(error)))?;
        if is_alone && size.is_some() {
            let reason = "a compressed file can't be followed: follow the file before it is \
                          compressed, or read this one without --follow once it is complete";
            return Err(Unopened::Refused(not_a_capture(path, reason)));
        }
        place.size = size;
        let stream = place.counted(stream, 0);
        let file = CaptureFile::of(place, stream, source, LARGEST_BUFFER, budget)?;
        Ok(Self { file, writing })
    }

    /// The time of the first frame of a file, once that is there. One that can't be read is the
    /// earliest.
    pub(super) fn first(
        path: &Path,
        is_alone: bool,
        budget: &Budget,
    ) -> Result<Option<Timestamp>, Unopened> {
        let mut names = Names::default();
        let source = names.add_source("");
        let Self { mut file, .. } = Self::open(path, source, is_alone, budget)?;
        if !file.is_ready() {
            return Ok(None);
        }
        Ok(file.peek(&mut names).unwrap_or_else(|_| Some(file.turn().0)))
    }

    /// Notes that nobody writes the file any more.
    pub(super) fn complete(&self) {
        self.writing.is_complete.store(true, Ordering::Relaxed);
    }

    /// Whether it was found to be written anew, which ends it.
    pub(super) fn is_anew(&self) -> bool {
        self.writing.is_anew.load(Ordering::Relaxed)
    }
}

/// The bytes of a file; and its size, where it is compressed.
fn stream(place: &Place, path: &Path, writing: &Arc<Writing>) -> io::Result<(Stream, Option<u64>)> {
    let file = place.open_file(path)?;
    let head = head(&file)?;
    Ok(if head.first_chunk().is_some_and(|&magic| Compression::of(magic).is_some()) {
        let size = file.metadata()?.len();
        (Box::new(file), Some(size))
    } else {
        (Box::new(Written { file, head, writing: Arc::clone(writing) }), None)
    })
}

/// The beginning of a file, with the time of its first frame.
fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let len = file.read_at(&mut head, 0)?;
    head.truncate(len);
    Ok(head)
}

/// What is written of a file. At its end there may be more later.
struct Written {
    file: File,
    /// How the file began when it was opened. One that begins otherwise was written anew.
    head: Vec<u8>,
    writing: Arc<Writing>,
}

impl Written {
    fn is_anew(&mut self) -> io::Result<bool> {
        let is_shorter = self.file.metadata()?.len() < self.file.stream_position()?;
        Ok(is_shorter || !head(&self.file)?.starts_with(&self.head))
    }
}

impl Read for Written {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        // Asked first: what is complete does not grow after it was read.
        let is_complete = self.writing.is_complete.load(Ordering::Relaxed);
        let count = self.file.read(space)?;
        if count == 0 && !is_complete {
            return Err(ErrorKind::WouldBlock.into());
        }
        // Looked at after the bytes were read: they are of the file that was opened, or it is found to
        // be written anew.
        if self.is_anew()? {
            self.writing.is_anew.store(true, Ordering::Relaxed);
            return Ok(0);
        }
        Ok(count)
    }
}
