//! Reading on a thread of its own: what comes next is read, and decompressed, while what came before
//! is looked at.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

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
}

impl Ahead {
    /// Goes on reading `stream` on a thread. The stream is given back where there is none for it.
    pub(super) fn start(stream: Stream, chunk: Chunk, readers: &Readers) -> Result<Self, Stream> {
        let Some(reader) = readers.add() else { return Err(stream) };
        let (sender, chunks) = sync_channel(CHUNKS);
        let (used, recycled) = sync_channel(CHUNKS + 2);
        let (hand_over, taken) = sync_channel(1);
        let run = move || {
            let _reader = reader;
            if let Ok(stream) = taken.recv() {
                read(stream, chunk, &sender, &recycled);
            }
        };
        match thread::Builder::new().name("read ahead".into()).spawn(run) {
            Ok(_) => hand_over.send(stream).map_err(|unsent| unsent.0)?,
            Err(_) => return Err(stream),
        }
        Ok(Self { chunks, used })
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
