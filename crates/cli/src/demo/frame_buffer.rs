//! Frames in memory, as a source that can be read again.

use capture::{CaptureError, Damage, FrameSource, Next};
use parser::{Frame, LinkType, Names, Origin, Timestamp};

/// More than any scenario of the lab needs; beyond it nothing more is kept.
const MAX_BYTES: usize = 64 << 20;

/// Frames in memory.
#[derive(Debug, Default)]
pub(super) struct FrameBuffer {
    frames: Vec<Kept>,
    bytes: Vec<u8>,
    names: Names,
    next: usize,
    /// Frames beyond the limit.
    pub(super) lost: u64,
}

#[derive(Debug)]
struct Kept {
    origin: Origin,
    number: u64,
    timestamp: Option<Timestamp>,
    link: LinkType,
    wire_len: u32,
    bytes: std::ops::Range<usize>,
}

impl FrameBuffer {
    /// An empty memory for what is captured on the loopback interface of the lab.
    pub(super) fn new() -> Self {
        let mut names = Names::default();
        let source = names.add_source("demo");
        names.add_interface(source, Some("lo".to_owned()));
        Self { names, ..Self::default() }
    }

    /// Starts again from the first frame.
    pub(super) fn rewind(&mut self) {
        self.next = 0;
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.frames.len() as u64
    }

    pub(super) fn keep(&mut self, frame: &Frame<'_>) {
        let begin = self.bytes.len();
        if begin + frame.bytes.len() > MAX_BYTES {
            self.lost += 1;
            return;
        }
        self.bytes.extend_from_slice(frame.bytes);
        self.frames.push(Kept {
            origin: frame.origin,
            number: frame.number,
            timestamp: frame.timestamp,
            link: frame.link,
            wire_len: frame.wire_len,
            bytes: begin..self.bytes.len(),
        });
    }
}

impl FrameSource for FrameBuffer {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let Some(kept) = self.frames.get(self.next) else { return Ok(Next::End) };
        self.next += 1;
        Ok(Next::Frame(Frame {
            origin: kept.origin,
            number: kept.number,
            timestamp: kept.timestamp,
            link: kept.link,
            wire_len: kept.wire_len,
            bytes: self.bytes.get(kept.bytes.clone()).unwrap_or_default(),
        }))
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}
