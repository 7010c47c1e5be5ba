//! Reads frames on a thread of its own, and looks at them, while those before them are tracked.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use capture::file::Replay;
use capture::{CaptureError, FrameSource as _, Next};
use handshake::{Clue, Scout};
use parser::{Frame, LinkType, Names, Origin, Timestamp};

use crate::pipeline::{Origins, Pipeline};
use crate::presenter::Present;
use crate::progress::Progress;

/// Frames in a block: they stay in the cache of the core that takes them.
const FRAMES: usize = 2_048;
/// Bytes of them, but for a longer frame.
const BYTES: usize = 256 << 10;
/// Blocks on their way.
const BLOCKS: usize = 3;
/// Less to read is not worth a thread.
const WORTH_IT: u64 = 1 << 20;

/// Frames with their bytes, which another thread can take.
#[derive(Default)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    heads: Vec<Head>,
    /// There are new names.
    has_names: bool,
}

/// A frame without its bytes: one line of the cache, since each one that a core takes from another
/// costs as much as looking at the frame.
#[repr(align(64))]
struct Head {
    clue: Clue,
    timestamp: Option<Timestamp>,
    number: u64,
    start: u32,
    len: u32,
    wire_len: u32,
    origin: Origin,
    link: LinkType,
}

impl Block {
    fn is_full(&self) -> bool {
        self.heads.len() >= FRAMES || self.bytes.len() >= BYTES
    }

    fn clear(&mut self) {
        self.bytes.clear();
        // What one frame of many megabytes took is given back.
        self.bytes.shrink_to(2 * BYTES);
        self.heads.clear();
        self.has_names = false;
    }

    fn push(&mut self, frame: &Frame<'_>, scout: Scout) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(frame.bytes);
        let Frame { origin, number, timestamp, link, wire_len, bytes } = *frame;
        let (clue, len) = (scout.look(frame), bytes.len() as u32);
        self.heads.push(Head { clue, timestamp, number, start, len, wire_len, origin, link });
    }

    fn frame(&self, head: &Head) -> Frame<'_> {
        let &Head { timestamp, number, start, len, wire_len, origin, link, .. } = head;
        let bytes = self.bytes.get(start as usize..(start + len) as usize).unwrap_or_default();
        Frame { origin, number, timestamp, link, wire_len, bytes }
    }

    /// Gives the frames to `take`, some at a time.
    pub(crate) fn for_each(&self, mut take: impl FnMut(&[Frame<'_>], &[Clue])) {
        const AT_ONCE: usize = 64;
        for some in self.heads.chunks(AT_ONCE) {
            let mut frames = [Frame::of_bytes(LinkType::NULL, 0, &[]); AT_ONCE];
            let mut clues = [Clue::default(); AT_ONCE];
            for ((frame, clue), head) in frames.iter_mut().zip(&mut clues).zip(some) {
                (*frame, *clue) = (self.frame(head), head.clue);
            }
            take(&frames[..some.len()], &clues[..some.len()]);
        }
    }
}

/// Takes all frames of the files through the pipeline. `false`, with nothing taken, where a second
/// thread would not help, or there is none.
pub(crate) fn present<P: Present>(
    replay: &mut Replay,
    pipeline: &mut Pipeline<P>,
    progress: &mut Progress,
) -> anyhow::Result<bool> {
    let is_long = replay.progress().total.is_some_and(|total| total >= WORTH_IT);
    let has_cores = thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    if is_long && has_cores { present_beside(replay, pipeline, progress) } else { Ok(false) }
}

fn present_beside<P: Present>(
    replay: &mut Replay,
    pipeline: &mut Pipeline<P>,
    progress: &mut Progress,
) -> anyhow::Result<bool> {
    let names = Mutex::new(Names::default());
    let (blocks, taken) = sync_channel(BLOCKS);
    let (used, recycled) = sync_channel(BLOCKS + 2);
    let reader = Reader { scout: pipeline.scout(), names: &names, origins: Origins::default() };
    thread::scope(|scope| {
        let read = move || reader.read(replay, progress, (blocks, recycled));
        let thread = thread::Builder::new().name("reader".to_owned());
        let Ok(thread) = thread.spawn_scoped(scope, read) else { return Ok(false) };
        // At a failure it is dropped, and so the thread ends.
        for block in taken {
            if block.has_names {
                pipeline.learn_names(&names.lock().unwrap_or_else(PoisonError::into_inner));
            }
            pipeline.block(&block)?;
            let _ = used.try_send(block);
        }
        match thread.join() {
            Ok(end) => end.map(|()| true).map_err(Into::into),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The thread that reads.
struct Reader<'a> {
    scout: Scout,
    /// Where the names of new origins are left.
    names: &'a Mutex<Names>,
    origins: Origins,
}

impl Reader<'_> {
    fn read(
        mut self,
        replay: &mut Replay,
        progress: &mut Progress,
        (blocks, recycled): (SyncSender<Block>, Receiver<Block>),
    ) -> Result<(), CaptureError> {
        loop {
            let mut block = match recycled.try_recv() {
                Ok(block) => block,
                Err(TryRecvError::Empty) => Block::default(),
                Err(TryRecvError::Disconnected) => return Ok(()),
            };
            block.clear();
            let is_last = self.fill(&mut block, replay)?;
            // Nobody takes it where the output failed.
            if blocks.send(block).is_err() || is_last {
                return Ok(());
            }
            progress.tick(|| replay.progress());
        }
    }

    /// Fills a block, and tells whether it is the last one.
    fn fill(&mut self, block: &mut Block, replay: &mut Replay) -> Result<bool, CaptureError> {
        while !block.is_full() {
            replay.next_many(|frames| {
                let is_known = frames.first().is_some_and(|it| self.origins.is_known(it.origin));
                let takes = is_known && !block.is_full();
                if takes {
                    frames.iter().for_each(|frame| block.push(frame, self.scout));
                }
                takes
            });
            match replay.next()? {
                Next::Frame(frame) => {
                    block.push(&frame, self.scout);
                    if self.origins.is_new(frame.origin) {
                        self.share_names(block, replay);
                    }
                }
                Next::Idle(_) => {}
                Next::End => {
                    // A source without a frame has a name too.
                    self.share_names(block, replay);
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn share_names(&self, block: &mut Block, replay: &Replay) {
        block.has_names = true;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).extend_from(replay.names());
    }
}
