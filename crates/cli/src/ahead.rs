//! Reads files ahead of the tracker: one core reads and splits frames, another one tracks.
//!
//! Frames are copied into blocks, which travel from one core's cache to the other's. So both together
//! take more processor time than one thread does, and less time in all where the tracker has more to do
//! than the reader. Where it has not, the reader gives the source back for good, and one thread goes on
//! alone.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{mem, thread};

use capture::{CaptureError, FrameSource, Next};
use handshake::{Clue, ClueFinder, End};
use parser::{Frame, LinkType, Names, Origin, Timestamp};

use crate::pipeline::{Origins, Pipeline, Step};
use crate::presenter::{Present, cores};

/// When a block is full, in bytes. The threads wake each other once for each. What a source gives at once,
/// and the frame after it, may be more than has room.
const LARGE: usize = if cfg!(test) { 16 << 10 } else { 1 << 20 };
/// The same while the open attempts need the memory.
const SMALL: usize = LARGE / 8;
/// Blocks on their way, beside the one at each end.
const BLOCKS: usize = 2;
/// What large blocks take in all, with their free space.
const ALL_LARGE: usize = 6 * LARGE;
/// Files of fewer bytes, as they are stored, are read before it pays to begin a thread.
const LEAST: u64 = 4 * LARGE as u64;
/// Once the tracker was idle so many times in a row, the reader is the slower one.
const IDLE: u32 = 16;
/// Frames that are given to the tracker at once.
const AT_ONCE: usize = 64;

/// Whether it may help to read ahead where so many bytes are to be read.
pub(crate) fn helps<P: Present>(pipeline: &Pipeline<P>, total: Option<u64>) -> bool {
    pays(cores(), pipeline.is_of_facts(), total) && pipeline.has_room_for(ALL_LARGE)
}

/// Where records are put into words on a thread of their own, two cores have enough to do.
fn pays(cores: usize, is_of_facts: bool, total: Option<u64>) -> bool {
    let busy = if is_of_facts { 1 } else { 2 };
    cores > busy && total.is_some_and(|total| total > LEAST)
}

/// Takes everything that is in `source` through the pipeline, until `goes_on` says no. Reads ahead if
/// `is_ahead`.
///
/// # Errors
/// The source ends in an error, or the output can't be written.
pub(crate) fn take_all<P: Present>(
    pipeline: &mut Pipeline<P>,
    source: &mut (impl FrameSource + Send),
    is_ahead: bool,
    mut goes_on: impl FnMut() -> bool,
) -> anyhow::Result<End> {
    if is_ahead && let Some(end) = take_ahead(pipeline, source, &mut goes_on)? {
        return Ok(end);
    }
    while pipeline.step(source)? != Step::End {
        if !goes_on() {
            return Ok(End::Interrupted);
        }
    }
    Ok(End::Complete)
}

/// `None` where there is more to take: the reader gave the source back, or the system grants no thread.
fn take_ahead<P: Present>(
    pipeline: &mut Pipeline<P>,
    source: &mut (impl FrameSource + Send),
    goes_on: &mut impl FnMut() -> bool,
) -> anyhow::Result<Option<End>> {
    let shared = Shared { names: Mutex::default(), size: AtomicUsize::new(LARGE) };
    let finding = Finding::of(pipeline);
    let (blocks, taken) = sync_channel(BLOCKS);
    let (back, returned) = channel();
    thread::scope(|scope| {
        let reader = Reader::new((blocks, returned), finding, &shared);
        let builder = thread::Builder::new().name("reader".to_owned());
        let reader = builder.spawn_scoped(scope, move || reader.read(source));
        let Ok(reader) = reader else { return Ok(None) };
        let end = take_blocks(pipeline, taken, (&shared, &back), goes_on)?;
        let is_all = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((is_all || end == End::Interrupted).then_some(end))
    })
}

/// Takes blocks for as long as they come. When it returns, the reader has nobody to read for.
fn take_blocks<P: Present>(
    pipeline: &mut Pipeline<P>,
    blocks: Receiver<Block>,
    (shared, back): (&Shared, &Sender<Block>),
    goes_on: &mut impl FnMut() -> bool,
) -> anyhow::Result<End> {
    for block in blocks {
        if block.has_names {
            pipeline.learn_names(&shared.names());
        }
        let is_wanted = block.give_to(pipeline, goes_on)?;
        shared.size.store(size_beside(pipeline), Ordering::Relaxed);
        // At the end nobody wants it back.
        let _ = back.send(block);
        if !is_wanted {
            return Ok(End::Interrupted);
        }
    }
    Ok(End::Complete)
}

/// What a block may take beside the open attempts.
fn size_beside<P: Present>(pipeline: &Pipeline<P>) -> usize {
    if pipeline.has_room_for(ALL_LARGE) { LARGE } else { SMALL }
}

/// What both threads see.
struct Shared {
    /// Those that the reader learned.
    names: Mutex<Names>,
    /// What a block shall take.
    size: AtomicUsize,
}

impl Shared {
    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the reader finds out about frames, which are in its core's cache.
#[derive(Clone, Copy)]
struct Finding {
    /// Where the tracker can use clues.
    finder: Option<ClueFinder>,
    /// Whether the headers of a frame do.
    headers_do: bool,
}

impl Finding {
    fn of<P: Present>(pipeline: &Pipeline<P>) -> Self {
        Self { finder: pipeline.clue_finder(), headers_do: pipeline.is_of_facts() }
    }
}

/// The thread that reads.
struct Reader<'a> {
    finding: Finding,
    /// It is being filled, up to this size.
    block: Block,
    size: usize,
    blocks: SyncSender<Block>,
    /// Blocks that were taken come back here.
    returned: Receiver<Block>,
    spare: VecDeque<Block>,
    /// Blocks that were sent and did not come back so far.
    on_their_way: usize,
    /// How many times in a row the tracker was idle.
    idle: u32,
    shared: &'a Shared,
}

impl<'a> Reader<'a> {
    fn new(
        (blocks, returned): (SyncSender<Block>, Receiver<Block>),
        finding: Finding,
        shared: &'a Shared,
    ) -> Self {
        let (block, spare, size) = (Block::default(), VecDeque::new(), LARGE);
        Self { finding, block, size, blocks, returned, spare, on_their_way: 0, idle: 0, shared }
    }

    /// Reads until the source has ended, which it tells, or until it helps nobody.
    fn read(mut self, source: &mut impl FrameSource) -> Result<bool, CaptureError> {
        let mut origins = Origins::default();
        loop {
            self.read_many(source, &origins);
            let next = match source.next() {
                Ok(next) => next,
                Err(error) => {
                    // What came before it counts.
                    self.send();
                    return Err(error);
                }
            };
            let is_new = match next {
                Next::Frame(frame) => {
                    self.block.extend(&[frame], self.finding);
                    origins.is_new(frame.origin)
                }
                Next::Idle(_) => false,
                Next::End => {
                    // A source without a frame has a name too.
                    self.learn_names(source.names());
                    self.send();
                    return Ok(true);
                }
            };
            if is_new {
                self.learn_names(source.names());
            }
            if self.block.takes() >= self.size && !self.send() {
                return Ok(false);
            }
        }
    }

    /// Takes what a source holds in memory, up to the first frame of an origin that was not met yet.
    fn read_many(&mut self, source: &mut impl FrameSource, origins: &Origins) {
        source.next_many(|frames| {
            let is_taken = self.block.takes() < self.size
                && frames.first().is_some_and(|first| origins.is_known(first.origin));
            if is_taken {
                self.block.extend(frames, self.finding);
            }
            is_taken
        });
    }

    fn learn_names(&mut self, names: &Names) {
        self.shared.names().extend_from(names);
        self.block.has_names = true;
    }

    /// Hands on the block. Tells whether to go on.
    fn send(&mut self) -> bool {
        for block in self.returned.try_iter() {
            self.on_their_way -= 1;
            self.spare.push_back(block);
        }
        self.idle = if self.on_their_way == 0 { self.idle + 1 } else { 0 };
        self.size = self.shared.size.load(Ordering::Relaxed);
        let next = self.spare.pop_front().unwrap_or_default().emptied(self.size);
        let block = mem::replace(&mut self.block, next);
        self.on_their_way += 1;
        self.blocks.send(block).is_ok() && self.idle < IDLE
    }
}

/// Frames on their way.
#[derive(Default)]
struct Block {
    runs: Vec<Run>,
    frames: Vec<Placed>,
    /// The bytes of all of them.
    bytes: Vec<u8>,
    /// One for each of them, or none.
    clues: Vec<Clue>,
    /// Whether names were learned since the block before.
    has_names: bool,
}

/// Frames that follow each other in one source.
struct Run {
    origin: Origin,
    link: LinkType,
    /// The number of the first one.
    number: u64,
    count: u64,
}

/// The rest of a frame, but for its bytes, which follow those of the one before.
struct Placed {
    timestamp: Option<Timestamp>,
    wire_len: u32,
    len: u32,
}

impl Block {
    fn extend(&mut self, frames: &[Frame<'_>], Finding { finder, headers_do }: Finding) {
        for frame in frames {
            let &Frame { origin, number, timestamp, link, wire_len, mut bytes } = frame;
            if let Some(finder) = finder {
                let clue = finder.find(frame);
                self.clues.push(clue);
                if headers_do {
                    bytes = clue.headers(frame);
                }
            }
            match self.runs.last_mut() {
                Some(run) if run.is_followed_by(origin, link, number) => run.count += 1,
                _ => self.runs.push(Run { origin, link, number, count: 1 }),
            }
            self.frames.push(Placed { timestamp, wire_len, len: bytes.len() as u32 });
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// What it takes, in bytes, with its clues.
    fn takes(&self) -> usize {
        self.bytes.len()
            + self.frames.len() * (size_of::<Placed>() + size_of::<Clue>())
            + self.runs.len() * size_of::<Run>()
    }

    /// The space that it has, in bytes.
    fn space(&self) -> usize {
        self.bytes.capacity()
            + self.frames.capacity() * size_of::<Placed>()
            + self.clues.capacity() * size_of::<Clue>()
            + self.runs.capacity() * size_of::<Run>()
    }

    /// An empty one, with the space of this one unless that is too much for blocks of this `size`.
    fn emptied(mut self, size: usize) -> Self {
        if self.space() > 3 * size {
            return Self::default();
        }
        self.runs.clear();
        self.frames.clear();
        self.bytes.clear();
        self.clues.clear();
        self.has_names = false;
        self
    }

    fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut rest = &*self.bytes;
        let places = self.runs.iter().flat_map(|run| {
            let numbers = run.number..run.number + run.count;
            numbers.map(|number| (run.origin, run.link, number))
        });
        places.zip(&self.frames).map(move |((origin, link, number), placed)| {
            let (bytes, after) = rest.split_at(placed.len as usize);
            rest = after;
            let &Placed { timestamp, wire_len, .. } = placed;
            Frame { origin, number, timestamp, link, wire_len, bytes }
        })
    }

    /// Gives its frames to the pipeline, some at a time. Tells whether `goes_on` always said so.
    fn give_to<P: Present>(
        &self,
        pipeline: &mut Pipeline<P>,
        goes_on: &mut impl FnMut() -> bool,
    ) -> anyhow::Result<bool> {
        let mut is_wanted = true;
        pipeline.begin(self.frames.iter().map(|placed| placed.timestamp));
        let mut all = self.frames();
        let mut together = Vec::with_capacity(AT_ONCE);
        let mut clues = self.clues.chunks(AT_ONCE);
        for some in self.frames.chunks(AT_ONCE) {
            is_wanted &= goes_on();
            let frames = all.by_ref().take(some.len());
            match clues.next() {
                Some(clues) => pipeline.take_with(frames, clues)?,
                None => {
                    together.clear();
                    together.extend(frames);
                    pipeline.take(&together)?;
                }
            }
        }
        Ok(is_wanted)
    }
}

impl Run {
    fn is_followed_by(&self, origin: Origin, link: LinkType, number: u64) -> bool {
        (self.origin, self.link, self.number + self.count) == (origin, link, number)
    }
}

#[cfg(test)]
mod tests;
