//! A window onto a byte stream, from which records are borrowed.

use std::fmt;
use std::io::{self, Cursor, ErrorKind, Read as _};

use super::ahead::{Ahead, Chunk, HEAD, Readers};
use super::stream::Stream;

/// Where bytes come from.
enum Source {
    /// Nowhere: the stream has ended or failed.
    Ended,
    /// Nowhere for now: the stream was given up, and goes on behind what is available.
    Parked,
    Stream(Stream),
    /// Few files have one, and thousands may be kept.
    Ahead(Box<Ahead>),
}

/// Reads a stream in large pieces into one buffer that stays in the processor's cache: mapping the
/// file instead is slower, because each page fault costs more than copying the page.
pub(super) struct Buffer {
    source: Source,
    /// Reads on a thread once it is worth one.
    ahead: Option<(Chunk, Readers)>,
    /// Why the stream ended, where that was not its regular end.
    failure: Option<Box<str>>,
    data: Vec<u8>,
    start: usize,
    end: usize,
    /// Where in the stream `data[start]` lies.
    offset: u64,
    /// How large `data` is, unless a single record is larger.
    capacity: usize,
    /// Whether the stream had nothing more for now when it was read last.
    is_waiting: bool,
}

impl Buffer {
    /// A buffer onto `stream`, whose first byte has the given `offset`.
    pub(super) fn new(stream: Stream, offset: u64, capacity: usize) -> Self {
        Self {
            source: Source::Stream(stream),
            ahead: None,
            failure: None,
            data: Vec::new(),
            start: 0,
            end: 0,
            offset,
            capacity,
            is_waiting: false,
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

    /// Whether the stream had nothing more for now when it was read last: later it may.
    #[cfg(unix)]
    pub(super) const fn is_waiting(&self) -> bool {
        self.is_waiting
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
    /// delivered is never held back. `false` where the stream ends before, or
    /// [waits](Self::is_waiting).
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

    /// Lets a thread go on reading once as much as a bufferful was consumed.
    pub(super) fn read_ahead(&mut self, chunk: Chunk, readers: Readers) {
        self.ahead = Some((chunk, readers));
    }

    /// What the buffer takes.
    #[cfg(test)]
    pub(super) const fn space(&self) -> usize {
        self.data.capacity()
    }

    /// Gives up the space and the stream; only [`Buffer::offset`] and the failure remain.
    pub(super) fn close(&mut self) {
        self.source = Source::Ended;
        self.data = Vec::new();
        (self.start, self.end) = (0, 0);
    }

    /// Gives up the stream for the time being. What comes next is kept, `most` bytes of it at most: as
    /// many are read first if they are not there yet. Of a buffer that is parked already, only what is
    /// beyond that goes.
    pub(super) fn park(&mut self, most: usize) {
        // No thread is worth that.
        self.ahead = None;
        self.capacity = most;
        self.ensure(most);
        let kept = most.min(self.end - self.start);
        let is_end = matches!(self.source, Source::Ended) && kept == self.end - self.start;
        if !is_end {
            // What follows, its failure included, is met again by whoever reads up to there.
            self.failure = None;
            if let Source::Ahead(ahead) = std::mem::replace(&mut self.source, Source::Parked) {
                ahead.stop();
            }
        }
        self.data.truncate(self.start + kept);
        self.data.drain(..self.start);
        self.data.shrink_to_fit();
        (self.start, self.end) = (0, kept);
    }

    /// Whether the stream has been given up for the time being. Then [`Buffer::ensure`] knows of nothing
    /// but what is available.
    pub(super) const fn is_parked(&self) -> bool {
        matches!(self.source, Source::Parked)
    }

    /// The stream from the next unconsumed byte on.
    pub(super) fn into_stream(mut self) -> Stream {
        self.data.truncate(self.end);
        self.data.drain(..self.start);
        let head = Cursor::new(self.data);
        match self.source {
            Source::Stream(rest) => Box::new(head.chain(rest)),
            Source::Ended | Source::Parked | Source::Ahead(_) => Box::new(head),
        }
    }

    #[cold]
    fn read_until(&mut self, wanted: usize) -> bool {
        let is_long = self.offset >= self.capacity as u64;
        if let Some((chunk, readers)) = self.ahead.take_if(|_| is_long)
            && let Source::Stream(stream) = std::mem::replace(&mut self.source, Source::Ended)
        {
            self.source = match Ahead::start(stream, chunk, &readers) {
                Ok(ahead) => Source::Ahead(Box::new(ahead)),
                Err(stream) => Source::Stream(stream),
            };
        }
        self.is_waiting = false;
        while self.end - self.start < wanted && !self.is_waiting {
            match &mut self.source {
                Source::Ended | Source::Parked => return false,
                Source::Stream(_) => self.read(wanted),
                Source::Ahead(_) => self.take_chunk(),
            }
        }
        !self.is_waiting
    }

    /// Takes the next chunk of the thread, with what is available before it.
    fn take_chunk(&mut self) {
        let Source::Ahead(ahead) = &self.source else { return };
        let (start, end) = (self.start, self.end);
        let fits = end - start <= HEAD;
        let rest = if fits { self.data[start..end].to_vec() } else { Vec::new() };
        let used = if fits { std::mem::take(&mut self.data) } else { Vec::new() };
        match ahead.next(used) {
            Some(Ok(mut chunk)) if fits => {
                self.start = HEAD - rest.len();
                chunk[self.start..HEAD].copy_from_slice(&rest);
                self.end = chunk.len();
                self.data = chunk;
            }
            // A record larger than the room before a chunk.
            Some(Ok(chunk)) => {
                self.data.truncate(end);
                self.data.extend_from_slice(&chunk[HEAD..]);
                self.end = self.data.len();
            }
            ended => {
                if let Some(Err(error)) = ended {
                    self.failure = Some(describe(&error).into());
                }
                self.source = Source::Ended;
                if fits {
                    (self.data, self.start, self.end) = (rest, 0, end - start);
                }
            }
        }
    }

    /// Reads from the stream, into space that grows with what has really come, not with what a length
    /// field claims.
    fn read(&mut self, wanted: usize) {
        self.make_room(wanted);
        let Source::Stream(stream) = &mut self.source else { return };
        match stream.read(&mut self.data[self.end..]) {
            Ok(0) => self.source = Source::Ended,
            Ok(count) => self.end = self.data.len().min(self.end + count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_waiting = true,
            Err(error) => {
                self.failure = Some(describe(&error).into());
                self.source = Source::Ended;
            }
        }
    }

    /// Makes room behind what is available: moves that to the front, and has a buffer of the regular
    /// size, where it fits.
    fn make_room(&mut self, wanted: usize) {
        if self.start > 0 || self.data.is_empty() {
            let available = self.end - self.start;
            self.data.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, available);
            let size = self.capacity.max(available);
            if self.data.len() != size {
                self.data.resize(size, 0);
                self.data.shrink_to_fit();
            }
        }
        if self.end == self.data.len() {
            // A record larger than the buffer.
            let larger = self.data.len().saturating_mul(2).min(wanted.max(self.capacity));
            self.data.resize(larger, 0);
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
