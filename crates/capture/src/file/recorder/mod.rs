//! Recording frames as pcapng.

mod block;
mod made;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use parser::{Frame, LinkType, Names, Origin, Timestamp};

use crate::CaptureError;

use super::create::Untouched;
pub use block::Settings;
use block::{Blocks, Interface};
use made::Made;

/// As much is collected before it is written; blocks are never written in part.
const COLLECT: usize = 64 << 10;

/// Splits a recording into files of a certain size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// No file becomes larger, in bytes, unless a single frame is.
    pub size: u64,
    /// How many files are kept, the current one included: the newest ones. At least 1.
    pub keep: usize,
}

/// Writes frames into a pcapng file, or into a ring of them.
///
/// What was written up to the last [`Recorder::flush`] can be read whatever happens to the process
/// afterwards.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    rotation: Option<Rotation>,
    settings: Settings,
    file: File,
    collected: Blocks,
    /// Bytes of the current file, those collected included.
    size: u64,
    /// The interfaces that the current file describes, in its order.
    interfaces: Vec<(Origin, LinkType)>,
    latest: Option<Timestamp>,
    /// The number of the latest file of a ring.
    number: u32,
    /// The files of the ring that exist, oldest first.
    ring: VecDeque<Made>,
}

/// The file of a recording that is open and has not begun: what is in it is still there.
#[derive(Debug)]
pub struct RecordingFile {
    path: PathBuf,
    rotation: Option<Rotation>,
    file: Untouched,
    /// The first file of a ring.
    first: Option<(u32, Made)>,
}

impl RecordingFile {
    /// Opens the file, or creates it.
    ///
    /// With a rotation the files are called `NAME_00001.pcapng` and so on for a path of
    /// `NAME.pcapng`; numbers that exist are left alone and passed over.
    ///
    /// # Errors
    /// Where the file can't be opened.
    pub fn open(
        path: impl Into<PathBuf>,
        rotation: Option<Rotation>,
    ) -> Result<Self, CaptureError> {
        let path = path.into();
        let opened = match rotation {
            None => Untouched::open(&path).map(|file| (file, None)),
            Some(_) => next_of_ring(&path, 0)
                .map(|(file, number, made)| (file.into(), Some((number, made)))),
        };
        match opened {
            Ok((file, first)) => Ok(Self { path, rotation, file, first }),
            Err(source) => Err(CaptureError::Io { path, source }),
        }
    }

    /// Begins the recording, for which the file is emptied.
    ///
    /// # Errors
    /// Where the file can't be emptied.
    pub fn begin(self, settings: Settings) -> Result<Recorder, CaptureError> {
        let Self { path, rotation, file, first } = self;
        let emptied = file.empty();
        let file = emptied.map_err(|source| CaptureError::Io { path: path.clone(), source })?;
        let mut recorder = Recorder::to_file(file, settings);
        (recorder.path, recorder.rotation) = (path, rotation);
        if let Some((number, made)) = first {
            (recorder.number, recorder.ring) = (number, VecDeque::from([made]));
        }
        Ok(recorder)
    }
}

impl Recorder {
    /// Writes to a file that is open and empty.
    pub fn to_file(file: File, settings: Settings) -> Self {
        let mut collected = Blocks::default();
        collected.section();
        Self {
            path: PathBuf::new(),
            rotation: None,
            settings,
            file,
            size: collected.len() as u64,
            collected,
            interfaces: Vec::new(),
            latest: None,
            number: 0,
            ring: VecDeque::new(),
        }
    }

    /// Whether the format can hold this frame.
    pub fn holds(frame: &Frame<'_>) -> bool {
        fields(frame).is_some()
    }

    /// Records a frame. Its interface is described first, where it is the first frame of it.
    ///
    /// # Errors
    /// What writing fails with, and [`ErrorKind::InvalidInput`] for a frame that the format can't
    /// hold: one without a time, from before 1970, or of a link type above 65535.
    pub fn record(&mut self, names: &Names, frame: &Frame<'_>) -> io::Result<()> {
        self.record_with(names, frame, &[])
    }

    /// Records a frame as [`Recorder::record`] does, with what is said about it: each comment of at
    /// most 65,535 bytes.
    ///
    /// # Errors
    /// Those of [`Recorder::record`].
    pub fn record_with(
        &mut self,
        names: &Names,
        frame: &Frame<'_>,
        comments: &[String],
    ) -> io::Result<()> {
        let Some((ticks, link)) = fields(frame) else {
            let reason = "a frame without a time, from before 1970 or of an unknown link type";
            return Err(io::Error::new(ErrorKind::InvalidInput, reason));
        };
        if let Some(rotation) = self.rotation {
            let needed = block::packet_len(frame.bytes) as u64;
            if !self.interfaces.is_empty() && self.size + needed > rotation.size {
                self.rotate(rotation)?;
            }
        }
        let before = self.collected.len();
        let interface = self.interface(names, frame, link);
        self.collected.packet((interface, ticks), frame.wire_len, frame.bytes, comments);
        self.size += (self.collected.len() - before) as u64;
        self.latest = frame.timestamp;
        if self.collected.len() >= COLLECT { self.flush() } else { Ok(()) }
    }

    /// Writes out what has been collected.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn flush(&mut self) -> io::Result<()> {
        let result = self.file.write_all(self.collected.bytes());
        // What could not be written now would stand behind half a block later.
        self.collected.clear();
        result
    }

    /// Ends the recording with what the system counted for the whole capture: packets received and
    /// packets dropped. Where the current file has not exactly one interface for them to stand at,
    /// one is described that stands for all.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn finish(mut self, received: Option<u64>, dropped: Option<u64>) -> io::Result<()> {
        if received.is_some() || dropped.is_some() {
            let interface = match self.interfaces.as_slice() {
                [_] => 0,
                interfaces => {
                    let link = interfaces.first().map_or(LinkType::ETHERNET, |(_, link)| *link);
                    let name = Some("all interfaces");
                    let all = Interface { link: link.0 as u16, name, source: None };
                    self.collected.interface(all, &self.settings);
                    interfaces.len() as u32
                }
            };
            let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let latest = self.latest.map(|latest| latest.as_nanos().cast_unsigned());
            let ticks = latest.unwrap_or_else(|| now().as_nanos() as u64);
            self.collected.statistics(interface, ticks, (received, dropped));
        }
        self.flush()
    }

    /// The number of the frame's interface in the current file.
    fn interface(&mut self, names: &Names, frame: &Frame<'_>, link: u16) -> u32 {
        let key = (frame.origin, frame.link);
        // Of many files, those that were described last go on.
        let known = self.interfaces.iter().rposition(|interface| *interface == key);
        let index = known.unwrap_or_else(|| {
            let (name, source) = (names.interface(frame.origin), names.source(frame.origin));
            self.collected.interface(Interface { link, name, source }, &self.settings);
            self.interfaces.push(key);
            self.interfaces.len() - 1
        });
        index as u32
    }

    fn rotate(&mut self, rotation: Rotation) -> io::Result<()> {
        self.flush()?;
        if let Some(made) = self.ring.back_mut() {
            made.complete(self.size);
        }
        let (file, number, made) = next_of_ring(&self.path, self.number)?;
        (self.file, self.number) = (file, number);
        self.ring.push_back(made);
        while self.ring.len() > rotation.keep.max(1) {
            let Some(oldest) = self.ring.pop_front() else { break };
            oldest.remove()?;
        }
        self.interfaces.clear();
        self.collected.section();
        self.size = self.collected.len() as u64;
        Ok(())
    }
}

impl Drop for Recorder {
    /// A recording that is given up keeps what it has.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// The time and the link type of a frame, where the format has numbers for them.
fn fields(frame: &Frame<'_>) -> Option<(u64, u16)> {
    let ticks = u64::try_from(frame.timestamp?.as_nanos()).ok()?;
    Some((ticks, u16::try_from(frame.link.0).ok()?))
}

/// Creates the next file of a ring after `number` that does not exist yet.
fn next_of_ring(path: &Path, number: u32) -> io::Result<(File, u32, Made)> {
    let mut number = number;
    loop {
        number = number.checked_add(1).ok_or_else(|| io::Error::other("too many files"))?;
        let name = ring_name(path, number);
        match File::create_new(&name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                let made = Made::new(name, &file)?;
                return Ok((file, number, made));
            }
        }
    }
}

fn ring_name(path: &Path, number: u32) -> PathBuf {
    let (mut name, after) = around_number(path);
    name.push(format!("{number:05}"));
    name.push(after);
    path.with_file_name(name)
}

/// What stands before and behind the number in the names of a ring.
fn around_number(path: &Path) -> (OsString, OsString) {
    let mut before = path.file_stem().unwrap_or_default().to_owned();
    before.push("_");
    let mut after = OsString::from(".");
    after.push(path.extension().unwrap_or("pcapng".as_ref()));
    (before, after)
}

/// Whether `name` is one that a ring of recordings at `path` may give to one of its files.
pub fn is_of_ring(path: &Path, name: &OsStr) -> bool {
    let (before, after) = around_number(path);
    let number = name.as_encoded_bytes().strip_prefix(before.as_encoded_bytes());
    let number = number.and_then(|number| number.strip_suffix(after.as_encoded_bytes()));
    number.is_some_and(|number| number.len() >= 5 && number.iter().all(u8::is_ascii_digit))
}
