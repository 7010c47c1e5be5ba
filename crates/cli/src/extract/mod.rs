//! `--extract`: the packets of the attempts that are shown, copied into a capture file.
//!
//! An attempt is known when it ends, and by then its frames are gone. So a run notes the numbers of
//! the frames, and then reads the files once more and copies them.

mod packets;

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context as _;
use capture::file::{Recorder, Replay, Settings, create};
use capture::{FrameSource, Next};
use parser::{Frame, Names};
use render::{Record, Summary, View};

use crate::files::Distinct;
use crate::progress::Progress;
use crate::remarks::Remarks;
use crate::replacement::Replacement;
use crate::status;
use packets::{Packet, Packets};

/// A capture file that is to hold the packets of the attempts that are shown.
pub(crate) struct Extraction {
    path: PathBuf,
    file: File,
    replacement: Option<Replacement>,
    packets: Rc<RefCell<Packets>>,
}

impl Extraction {
    /// Begins the file. The numbers of the packets may take `room` bytes.
    pub(crate) fn begin(path: &Path, room: usize, distinct: &Distinct) -> anyhow::Result<Self> {
        distinct.still_differs(path)?;
        let uncreated = || format!("{}: can't create the capture file", path.display());
        let replacement = Replacement::begin(path).with_context(uncreated)?;
        let file = match &replacement {
            Some(replacement) => replacement.file(),
            None => create(path),
        };
        let file = file.with_context(uncreated)?;
        let packets = Rc::new(RefCell::new(Packets::within(room)));
        Ok(Self { path: path.to_owned(), file, replacement, packets })
    }

    /// A view that notes the packets of each attempt before it hands it on to `view`.
    pub(crate) fn noting(&self, view: Box<dyn View>) -> Box<dyn View> {
        Box::new(Noting { packets: Rc::clone(&self.packets), view })
    }

    /// Copies the packets out of the files, opened once more. They were called `sources` when they
    /// were read first.
    pub(crate) fn copy(
        self,
        mut replay: Replay,
        sources: &[String],
        progress: &mut Progress,
        remarks: Remarks,
    ) -> anyhow::Result<()> {
        let Self { path, file, replacement, packets } = self;
        let mut packets = packets.borrow_mut();
        packets.sort();
        let name = path.display();
        let Some(attempts) = packets.attempts() else {
            anyhow::bail!(
                "{name}: not written: the selected attempts have too many packets; select fewer \
                 attempts, or allow more with --memory"
            )
        };
        let unread = || format!("{name}: not written");
        let is_same = replay.names().sources().eq(sources);
        anyhow::ensure!(is_same, "{}: {CHANGED}", unread());
        let recorder = Recorder::to_file(file, SETTINGS);
        let mut copy = Copy { recorder, packets: &packets, written: 0, left_out: 0 };
        let so_far = replay.read_so_far();
        let go_on = || {
            progress.tick(|| so_far.progress());
            true
        };
        copy.all(&mut replay, go_on).with_context(unread)?;
        progress.finish();
        let Copy { recorder, written, left_out, .. } = copy;
        let unwritten = || format!("{name}: the packets can't be written");
        recorder.finish(None, None).with_context(unwritten)?;
        replacement.map_or(Ok(()), Replacement::complete).with_context(unwritten)?;
        if remarks != Remarks::Off {
            let of = |count: u64, one: &str| {
                format!("{count} {one}{}", if count == 1 { "" } else { "s" })
            };
            let (packets, attempts) = (of(written, "packet"), of(attempts as u64, "attempt"));
            status::report(&format_args!("wrote {packets} of {attempts} to {name}"));
        }
        report_missing(left_out, packets.omitted);
        Ok(())
    }
}

/// Copies the packets of one attempt out of a source that is read from its beginning, as long as `go_on`
/// says so.
pub(crate) fn copy_one<S: FrameSource>(
    record: &Record<'_>,
    source: &mut S,
    file: File,
    go_on: impl FnMut() -> bool,
) -> anyhow::Result<()> {
    let mut packets = Packets::within(usize::MAX);
    packets.add(record.handshake, record.patterns);
    packets.sort();
    let recorder = Recorder::to_file(file, SETTINGS);
    let mut copy = Copy { recorder, packets: &packets, written: 0, left_out: 0 };
    copy.all(source, go_on)?;
    anyhow::ensure!(copy.left_out == 0, "pcapng can't hold packets without a time");
    Ok(copy.recorder.finish(None, None)?)
}

/// Where the frames came from is part of what they show.
const SETTINGS: Settings = Settings { snaplen: 0, filter: None, names_sources: true };

/// Said where a second reading gives something else than the first.
pub(crate) const CHANGED: &str =
    "the input changed while it was read: begin again when nobody writes to it";

/// Reports the packets that a capture file can't hold, and those that no record names.
fn report_missing(left_out: u64, omitted: u64) {
    if left_out > 0 {
        status::report(&format_args!(
            "left out {left_out} of the packets: pcapng can't hold a packet without a time"
        ));
    }
    if omitted > 0 {
        status::report(&format_args!(
            "the attempts have {omitted} more segments, of which no record was kept"
        ));
    }
}

/// Copies packets.
struct Copy<'a> {
    recorder: Recorder,
    packets: &'a Packets,
    written: u64,
    /// Frames that the format can't hold.
    left_out: u64,
}

impl Copy<'_> {
    /// Copies all of them out of a source, as long as `go_on` says so.
    fn all<S: FrameSource>(
        &mut self,
        source: &mut S,
        mut go_on: impl FnMut() -> bool,
    ) -> anyhow::Result<()> {
        let mut rest = self.packets.by_source(source.names().sources().len());
        let mut left = self.packets.len();
        let mut bytes = Vec::new();
        while left > 0 {
            let Next::Frame(frame) = source.next()? else { anyhow::bail!(CHANGED) };
            let is_here = |packet: &Packet| packet.place.frame == frame.number;
            if let Some(rest) = rest.get_mut(usize::from(frame.origin.source))
                && rest.first().is_some_and(is_here)
            {
                let (here, after) = rest.split_at(rest.partition_point(is_here));
                *rest = after;
                left -= here.len();
                // The source can be asked for names once the frame has let go of it.
                bytes.clear();
                bytes.extend_from_slice(frame.bytes);
                let frame = Frame { bytes: &bytes, ..frame };
                self.frame(source.names(), &frame, here)?;
            }
            anyhow::ensure!(go_on(), "interrupted");
        }
        Ok(())
    }

    /// Copies a frame, which is a packet of each of these.
    fn frame(
        &mut self,
        names: &Names,
        frame: &Frame<'_>,
        packets: &[Packet],
    ) -> anyhow::Result<()> {
        anyhow::ensure!(packets.iter().all(|packet| packet.is_of(frame.timestamp)), CHANGED);
        if !Recorder::holds(frame) {
            self.left_out += 1;
            return Ok(());
        }
        let comments: Vec<_> = packets.iter().map(|it| self.packets.comment(it)).collect();
        self.recorder.record_with(names, frame, &comments)?;
        self.written += 1;
        Ok(())
    }
}

/// Notes the packets of the attempts that a view shows.
struct Noting {
    packets: Rc<RefCell<Packets>>,
    view: Box<dyn View>,
}

impl View for Noting {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.packets.borrow_mut().add(record.handshake, record.patterns);
        self.view.handshake(record)
    }

    fn end(&mut self) -> io::Result<()> {
        self.view.end()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}

#[cfg(test)]
mod tests;
