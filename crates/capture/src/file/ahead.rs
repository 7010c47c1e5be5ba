//! Reading on a thread of its own: what comes next is read, and decompressed, while what came before
//! is looked at.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

use super::stream::Stream;

/// Room at the front of each chunk for what is left of the one before it, so that only that is copied.
pub(super) const HEAD: usize = 64 << 10;
/// Chunks that are read ahead.
const CHUNKS: usize = 2;
/// Streams that are read ahead at the same time.
const STREAMS: usize = 8;

/// How many streams are being read ahead.
#[derive(Clone, Debug, Default)]
pub(super) struct Readers(Arc<AtomicUsize>);

impl Readers {
    /// Another one, unless there are enough of them, or the machine has one core only.
    fn add(&self) -> Option<Reader> {
        if thread::available_parallelism().map_or(1, usize::from) < 2 {
            return None;
        }
        let reader = Reader(Arc::clone(&self.0));
        (self.0.fetch_add(1, Ordering::Relaxed) < STREAMS).then_some(reader)
    }
}

/// One of them, until it is dropped.
struct Reader(Arc<AtomicUsize>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How much of a stream makes a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// As much as fits: the stream does not wait for anybody.
    Full(usize),
    /// What one read gives, up to this: a pipe may have nothing more for now.
    OneRead(usize),
}

/// A stream that a thread reads.
pub(super) struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    used: SyncSender<Vec<u8>>,
    thread: JoinHandle<()>,
    /// As long as there may be chunks: those of a short stream wait here when its thread has ended. The
    /// thread has it, too, as it may still read when nobody wants its chunks any more.
    _reader: Arc<Reader>,
}

impl Ahead {
    /// Goes on reading `stream` on a thread. The stream is given back where there is none for it.
    pub(super) fn start(stream: Stream, chunk: Chunk, readers: &Readers) -> Result<Self, Stream> {
        let Some(reader) = readers.add().map(Arc::new) else { return Err(stream) };
        let of_thread = Arc::clone(&reader);
        let (sender, chunks) = sync_channel(CHUNKS);
        let (used, recycled) = sync_channel(CHUNKS + 2);
        let (hand_over, taken) = sync_channel(1);
        let run = move || {
            let _reader = of_thread;
            if let Ok(stream) = taken.recv() {
                read(stream, chunk, &sender, &recycled);
            }
        };
        match thread::Builder::new().name("read ahead".into()).spawn(run) {
            Ok(thread) => {
                hand_over.send(stream).map_err(|unsent| unsent.0)?;
                Ok(Self { chunks, used, thread, _reader: reader })
            }
            Err(_) => Err(stream),
        }
    }

    /// Waits until the thread has given up the stream, with the memory that this takes. It may be in the
    /// middle of reading, so that must not be a pipe.
    pub(super) fn stop(self) {
        let Self { chunks, used, thread, _reader } = self;
        drop((chunks, used));
        // What it panicked with it has told by now.
        let _ = thread.join();
    }

    /// The next chunk: [`HEAD`] bytes that are free, and at least one that was read. `None` at the
    /// stream's end. `used` is space for a later chunk.
    pub(super) fn next(&self, used: Vec<u8>) -> Option<io::Result<Vec<u8>>> {
        // A thread that has ended needs no space.
        let _ = self.used.try_send(used);
        self.chunks.recv().ok()
    }
}

/// Reads until the stream ends or fails, or nobody wants to know any more.
fn read(
    mut stream: Stream,
    chunk: Chunk,
    sender: &SyncSender<io::Result<Vec<u8>>>,
    recycled: &Receiver<Vec<u8>>,
) {
    loop {
        let space = match recycled.try_recv() {
            Ok(space) => space,
            Err(TryRecvError::Empty) => Vec::new(),
            Err(TryRecvError::Disconnected) => return,
        };
        let (filled, failure) = fill(&mut stream, chunk, space);
        let is_last = filled.len() <= HEAD || failure.is_some();
        if filled.len() > HEAD && sender.send(Ok(filled)).is_err() {
            return;
        }
        if let Some(error) = failure {
            let _ = sender.send(Err(error));
        }
        if is_last {
            return;
        }
    }
}

/// Fills a chunk; less than it asks for is the stream's end, or its failure, which is given too.
fn fill(stream: &mut Stream, chunk: Chunk, mut space: Vec<u8>) -> (Vec<u8>, Option<io::Error>) {
    let (Chunk::Full(size) | Chunk::OneRead(size)) = chunk;
    space.resize(HEAD + size, 0);
    let mut end = HEAD;
    let failure = loop {
        match stream.read(&mut space[end..]) {
            Ok(0) => break None,
            Ok(count) => end += count.min(space.len() - end),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        }
        if end == space.len() || matches!(chunk, Chunk::OneRead(_)) {
            break None;
        }
    };
    space.truncate(end);
    (space, failure)
}

#[cfg(test)]
mod tests {
    use super::super::buffer::Buffer;
    use super::*;

    const CHUNK: usize = 256 << 10;

    /// Bytes of which no two stretches are alike, given in pieces, and then what `end` gives.
    struct Pieces {
        bytes: Vec<u8>,
        at: usize,
        piece: usize,
        end: fn() -> io::Result<usize>,
    }

    impl Read for Pieces {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let left = &self.bytes[self.at..];
            if left.is_empty() {
                return (self.end)();
            }
            let count = left.len().min(self.piece).min(space.len());
            space[..count].copy_from_slice(&left[..count]);
            self.at += count;
            Ok(count)
        }
    }

    fn bytes() -> Vec<u8> {
        (0..1_200_000_u32).flat_map(u32::to_le_bytes).collect()
    }

    /// What a buffer gives of a stream, read in records of these sizes; and whether a thread read.
    fn read(
        piece: usize,
        chunk: Chunk,
        end: fn() -> io::Result<usize>,
        sizes: &[usize],
    ) -> (Vec<u8>, Option<String>, bool) {
        let (readers, mut got, mut is_ahead) = (Readers::default(), Vec::new(), false);
        let stream = Box::new(Pieces { bytes: bytes(), at: 0, piece, end });
        let mut buffer = Buffer::new(stream, 0, CHUNK);
        buffer.read_ahead(chunk, readers.clone());
        for &size in sizes.iter().cycle() {
            let is_whole = buffer.ensure(size);
            let available = buffer.available();
            let record = &available[..size.min(available.len())];
            got.extend_from_slice(record);
            let count = record.len();
            buffer.consume(count);
            is_ahead |= readers.0.load(Ordering::Relaxed) > 0;
            if !is_whole {
                break;
            }
        }
        (got, buffer.failure().map(str::to_owned), is_ahead)
    }

    #[test]
    fn a_thread_reads_what_the_buffer_gives() {
        let has_cores = thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        // Records within a chunk, across two, larger than the room before a chunk, larger than one.
        for sizes in [&[60, 1_514][..], &[HEAD + 1, 7], &[CHUNK + HEAD + 5, 3]] {
            // A decompressor gives pieces smaller than the buffer.
            for piece in [32 << 10, CHUNK, usize::MAX] {
                for chunk in [Chunk::Full(CHUNK), Chunk::OneRead(CHUNK)] {
                    let (got, failure, is_ahead) = read(piece, chunk, || Ok(0), sizes);
                    assert!(got == bytes(), "{sizes:?} {piece} {chunk:?}");
                    assert_eq!(
                        (failure, is_ahead),
                        (None, has_cores),
                        "{sizes:?} {piece} {chunk:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_buffer_that_is_parked_has_ended_its_thread() {
        // Less than there is in the buffer, and more.
        for most in [100, 2 * CHUNK] {
            let readers = Readers::default();
            let stream = Pieces { bytes: bytes(), at: 0, piece: usize::MAX, end: || Ok(0) };
            let mut buffer = Buffer::new(Box::new(stream), 0, CHUNK);
            buffer.read_ahead(Chunk::Full(CHUNK), readers.clone());
            assert!(buffer.skip(CHUNK as u64 + 1_000) && buffer.ensure(CHUNK));
            buffer.park(most);
            assert_eq!(readers.0.load(Ordering::Relaxed), 0);
            assert!(buffer.is_parked() && !buffer.ensure(most + 1));
            let start = buffer.offset() as usize;
            assert_eq!(start, CHUNK + 1_000);
            assert!(buffer.available() == &bytes()[start..start + most]);
            assert_eq!(buffer.space(), most);
        }
    }

    #[test]
    fn a_failure_is_kept_with_all_that_comes_before_it() {
        let broken = || {
            let end = || Err(io::Error::other("the stream is broken"));
            let stream = Pieces { bytes: vec![7; 1_000], at: 0, piece: 300, end };
            Buffer::new(Box::new(stream), 0, CHUNK)
        };
        for (most, failure) in [(1_001, Some("the stream is broken")), (999, None)] {
            let mut buffer = broken();
            assert!(!buffer.ensure(1_001));
            buffer.park(most);
            assert_eq!(buffer.available().len(), most.min(1_000));
            assert_eq!((buffer.failure(), buffer.is_parked()), (failure, failure.is_none()));
            // Later it may keep less.
            buffer.park(10);
            assert_eq!((buffer.available().len(), buffer.space()), (10, 10));
            assert_eq!((buffer.failure(), buffer.is_parked()), (None, true));
        }
    }

    #[test]
    fn a_failure_comes_after_the_bytes_before_it() {
        let end = || Err(io::Error::other("the stream is broken"));
        let (got, failure, _) = read(32 << 10, Chunk::Full(CHUNK), end, &[1_000]);
        assert!(got == bytes());
        assert_eq!(failure.as_deref(), Some("the stream is broken"));
    }

    #[test]
    fn a_short_stream_needs_no_thread() {
        let readers = Readers::default();
        let mut buffer = Buffer::new(Box::new(&b"short"[..]), 0, CHUNK);
        buffer.read_ahead(Chunk::Full(CHUNK), readers.clone());
        assert!(buffer.ensure(5) && !buffer.ensure(6));
        assert_eq!(readers.0.load(Ordering::Relaxed), 0);
    }
}
