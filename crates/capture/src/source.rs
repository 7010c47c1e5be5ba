//! What every source of frames has in common.

use std::path::{Path, PathBuf};

use parser::{Frame, Names, Timestamp};

/// A source of frames, in time order as far as the source has one.
pub trait FrameSource {
    /// The next frame, or what there is instead. The frame borrows the source's buffer.
    ///
    /// # Errors
    /// Only where nothing more can come from this source. A file that breaks off is no error: what
    /// came before it counts, and [`FrameSource::damage`] tells the place and the reason.
    fn next(&mut self) -> Result<Next<'_>, CaptureError>;

    /// Gives frames that are in memory to `take`, some at a time and those of one origin together,
    /// for as long as it says `true`; the first of those that it does not take is the
    /// [`next`](Self::next) one. A source may give none: then all of them come by `next`.
    fn next_many(&mut self, take: impl FnMut(&[Frame<'_>]) -> bool)
    where
        Self: Sized,
    {
        let _ = take;
    }

    /// The names behind the frames' origins, as far as they are known by now.
    fn names(&self) -> &Names;

    /// Where and why input broke off, so far.
    fn damage(&self) -> &[Damage];
}

/// What a source has to say when asked for the next frame.
#[derive(Debug)]
pub enum Next<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// Nothing for now (of a capture that goes on); every frame before this time has been delivered.
    Idle(Timestamp),
    /// Nothing will come any more.
    End,
}

/// Input that broke off: what came before it has been delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The source, by name.
    pub source: String,
    /// Byte offset in the (decompressed) source of the record that is broken.
    pub offset: u64,
    /// How many frames the source delivered before it.
    pub frames: u64,
    /// What is wrong, in one clause: `the record claims 4294967295 bytes`.
    pub reason: String,
}

/// Time stamps that can't be: the fraction of their second is a second or more. The frames have been
/// delivered, and without a time: none is made up for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedTimes {
    /// The source, by name.
    pub source: String,
    /// Byte offset in the (decompressed) source of the first record with one.
    pub offset: u64,
    /// The number of its frame.
    pub frame: u64,
    /// How many there are.
    pub count: u64,
}

/// Why a source can't be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The operating system refused. The text says what, and the source says why.
    #[error("{}", path.display())]
    Io {
        /// What was to be opened or read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The content is not a capture, or one of a kind that is refused by name.
    #[error("{}: {reason}", path.display())]
    NotACapture {
        /// The file.
        path: PathBuf,
        /// What it is instead, and what would help.
        reason: String,
    },
}

impl CaptureError {
    /// What can't be read.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. } | Self::NotACapture { path, .. } => path,
        }
    }

    /// Why, without the path.
    pub fn reason(&self) -> String {
        match self {
            Self::Io { source, .. } => source.to_string(),
            Self::NotACapture { reason, .. } => reason.clone(),
        }
    }
}
