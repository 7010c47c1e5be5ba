//! A window onto a byte stream, from which records are borrowed.

use std::fmt;
use std::io::{self, Cursor, ErrorKind, Read};

/// A stream of (decompressed) bytes.
pub(super) type Stream = Box<dyn Read + Send>;

/// Reads a stream in large pieces into one buffer that stays in the processor's cache: mapping the
/// file instead is slower, because each page fault costs more than copying the page.
pub(super) struct Buffer {
    /// `None` once the stream has ended, failed or been put aside.
    stream: Option<Stream>,
    /// Why the stream ended, where that was not its regular end.
    failure: Option<String>,
    data: Vec<u8>,
    start: usize,
    end: usize,
    /// Where in the stream `data[start]` lies.
    offset: u64,
    /// How large `data` is, unless a single record is larger.
    capacity: usize,
}

impl Buffer {
    /// A buffer onto `stream`, whose first byte has the given `offset`.
    pub(super) fn new(stream: Stream, offset: u64, capacity: usize) -> Self {
        Self {
            stream: Some(stream),
            failure: None,
            data: Vec::new(),
            start: 0,
            end: 0,
            offset,
            capacity,
        }
    }

    /// Where in the stream the next unconsumed byte lies.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// What has been read and not yet consumed.
    pub(super) fn available(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }

    /// Why the stream ended, where that was not its regular end.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The next `N` bytes, without consuming them; `None` where the stream ends before.
    #[inline]
    pub(super) fn peek<const N: usize>(&mut self) -> Option<&[u8; N]> {
        if !self.ensure(N) {
            return None;
        }
        self.available().first_chunk()
    }

    /// Reads until at least `wanted` bytes are available, and no further: what a pipe has
    /// delivered is never held back. `false` where the stream ends before.
    #[inline]
    pub(super) fn ensure(&mut self, wanted: usize) -> bool {
        self.end - self.start >= wanted || self.read_until(wanted)
    }

    /// Consumes `count` available bytes.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Consumes `count` bytes without holding more than a bufferful of them. `false` where the
    /// stream ends before.
    pub(super) fn skip(&mut self, mut count: u64) -> bool {
        while count > 0 {
            if !self.ensure(1) {
                return false;
            }
            let step = count.min((self.end - self.start) as u64);
            self.consume(step as usize);
            count -= step;
        }
        true
    }

    /// Sets the size that the buffer has from the next reading on.
    pub(super) const fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    /// Gives up the space and the stream; only [`Buffer::offset`] and the failure remain.
    pub(super) fn close(&mut self) {
        self.stream = None;
        self.data = Vec::new();
        (self.start, self.end) = (0, 0);
    }

    /// The stream from the next unconsumed byte on.
    pub(super) fn into_stream(mut self) -> Stream {
        self.data.truncate(self.end);
        self.data.drain(..self.start);
        let head = Cursor::new(self.data);
        match self.stream {
            Some(rest) => Box::new(head.chain(rest)),
            None => Box::new(head),
        }
    }

    #[cold]
    fn read_until(&mut self, wanted: usize) -> bool {
        self.make_room();
        while self.end - self.start < wanted {
            let Some(stream) = &mut self.stream else { return false };
            if self.end == self.data.len() {
                // A record larger than the buffer. The space grows with what has really come, not
                // with what a length field claims.
                let larger = self.data.len().saturating_mul(2).min(wanted.max(self.capacity));
                self.data.resize(larger, 0);
            }
            let Some(space) = self.data.get_mut(self.end..) else { return false };
            match stream.read(space) {
                Ok(0) => self.stream = None,
                Ok(count) => self.end += count.min(space.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(describe(&error));
                    self.stream = None;
                }
            }
        }
        true
    }

    /// Moves what is available to the front of a buffer of the regular size, where it fits.
    fn make_room(&mut self) {
        let available = self.end - self.start;
        self.data.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, available);
        let size = self.capacity.max(available);
        if self.data.len() != size {
            self.data.resize(size, 0);
            self.data.shrink_to_fit();
        }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("offset", &self.offset)
            .field("available", &(self.end - self.start))
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// What the system says is reported as such; the decompressors' errors are complete sentences.
fn describe(error: &io::Error) -> String {
    if error.raw_os_error().is_some() {
        format!("reading failed: {error}")
    } else {
        error.to_string()
    }
}
