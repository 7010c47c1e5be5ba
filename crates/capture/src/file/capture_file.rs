//! One capture file, read record by record.

mod parking;
mod times;

use std::io;

use parser::{Frame, LinkType, Names, Origin, Timestamp};

use crate::{CaptureError, Damage, DamagedTimes};

use super::ahead::Chunk;
use super::allowance::Allowance;
use super::budget::Budget;
use super::buffer::Buffer;
use super::compression::Compression;
use super::content::{Content, Refusal, recognise};
use super::input::Place;
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use super::record::{Broken, Record};
use super::stream::Stream;

pub(super) use times::Lies;

/// What is read of a file until it is known what it is.
const LOOK: usize = 4 << 10;
/// Frames that are given away together.
const BATCH: usize = 64;
/// A compressed file may be compressed once more.
const MAX_LAYERS: usize = 2;

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
}

/// Where reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RecordStage {
    /// The record, where there was one, has been delivered.
    Delivered,
    /// The record's header has been read, its bytes are needed later.
    Peeked,
    /// Nothing more comes.
    Ended,
}

/// What a compressed file needs besides.
#[derive(Debug)]
struct Packed {
    layers: Vec<Compression>,
    /// What it may become.
    allowance: Allowance,
    /// The most bytes that became free when it was closed.
    took: usize,
}

/// A capture file that is being read. There may be thousands that wait for their turn, so what few of
/// them need is kept apart.
#[derive(Debug)]
pub(super) struct CaptureFile {
    place: Place,
    source: u16,
    packed: Option<Box<Packed>>,
    format: Format,
    buffer: Buffer,
    /// The size that the buffer has while the file is open.
    capacity: u32,
    stage: RecordStage,
    record: Record,
    frames: u64,
    /// The time of the latest frame that has one.
    latest: Timestamp,
    damaged_times: Option<Box<DamagedTimes>>,
}

impl CaptureFile {
    /// Opens the file and recognises its format. No record is read: a pipe may not have any yet.
    /// `capacity` is the size of its buffer; what decompressing it takes is counted in `budget`.
    pub(super) fn open(
        place: Place,
        source: u16,
        capacity: usize,
        budget: &Budget,
    ) -> Result<Self, Unopened> {
        match place.open(0) {
            Ok(stream) => Self::of(place, stream, source, capacity, budget),
            Err(error) => Err(Unopened::Refused(io_error(&place, error))),
        }
    }

    /// The capture file in `stream`, which is that of `place`.
    pub(super) fn of(
        place: Place,
        stream: Stream,
        source: u16,
        capacity: usize,
        budget: &Budget,
    ) -> Result<Self, Unopened> {
        let whole = place.size.map_or(capacity, |size| usize::try_from(size).unwrap_or(capacity));
        let mut buffer = Buffer::new(stream, 0, LOOK);
        let mut layers = Vec::new();
        let allowance = Allowance::new(budget, &place.read);
        let format = loop {
            match recognise(&mut buffer) {
                Ok(Content::Pcap(pcap)) => break Format::Pcap(pcap),
                Ok(Content::Pcapng) => break Format::Pcapng(Box::new(Pcapng::new(source, budget))),
                Ok(Content::Compressed(compression)) if layers.len() < MAX_LAYERS => {
                    layers.push(compression);
                    let stream = compression.decompress(buffer.into_stream(), &allowance);
                    buffer = Buffer::new(stream, 0, LOOK);
                }
                Ok(Content::Compressed(_)) => {
                    let reason = format!("it is compressed more than {MAX_LAYERS} times over");
                    return Err(Unopened::new(&place, Refusal::Unreadable(reason)));
                }
                Err(refusal) => return Err(Unopened::new(&place, refusal)),
            }
        };
        let record = match &format {
            Format::Pcap(pcap) => pcap.blank(),
            Format::Pcapng(_) => NOTHING,
        };
        // A small file that is not compressed is held as a whole by a small buffer.
        let capacity = if layers.is_empty() { capacity.min(whole.max(LOOK)) } else { capacity };
        buffer.set_capacity(capacity);
        // Bytes that need no work are there sooner if they stay in the cache of one core.
        if !layers.is_empty() {
            buffer.read_ahead(chunk(&place, capacity), budget.readers());
        }
        Ok(Self {
            place,
            source,
            packed: (!layers.is_empty()).then(|| Box::new(Packed { layers, allowance, took: 0 })),
            format,
            buffer,
            capacity: u32::try_from(capacity).unwrap_or(u32::MAX),
            stage: RecordStage::Delivered,
            record,
            frames: 0,
            latest: Timestamp::from_nanos(i64::MIN),
            damaged_times: None,
        })
    }

    /// Where the file was opened from.
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    /// Whether it is compressed.
    pub(super) const fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// What its buffer takes.
    #[cfg(test)]
    pub(super) const fn space(&self) -> usize {
        self.buffer.space()
    }

    /// How many packets the file says were lost in capturing it, where it says so.
    pub(super) fn lost(&self) -> Option<u64> {
        match &self.format {
            Format::Pcap(_) => None,
            Format::Pcapng(pcapng) => pcapng.lost(),
        }
    }

    /// The time stamps that can't be, so far.
    pub(super) fn damaged_times(&self) -> Option<&DamagedTimes> {
        self.damaged_times.as_deref()
    }

    /// Whether the next record is there as a whole, or no more will come. A file that somebody still
    /// writes may have a part of it.
    #[cfg(unix)]
    pub(super) fn is_ready(&mut self) -> bool {
        self.leave_record();
        self.holds_record() || !self.buffer.is_waiting()
    }

    /// Whether the next record is there as a whole, or can't be one.
    fn holds_record(&mut self) -> bool {
        match &self.format {
            Format::Pcap(pcap) => pcap.holds_record(&mut self.buffer),
            Format::Pcapng(pcapng) => pcapng.holds_packet(&mut self.buffer),
        }
    }

    /// How many frames were delivered.
    #[cfg(unix)]
    pub(super) const fn frames(&self) -> u64 {
        self.frames
    }

    /// Reads the header of the next record, without waiting for its bytes, and tells the time by
    /// which it takes its turn among other files: its own, or that of the record before it where
    /// it has none. `None` at the file's end.
    #[inline]
    pub(super) fn peek(&mut self, names: &mut Names) -> Result<Option<Timestamp>, Damage> {
        match self.stage {
            RecordStage::Delivered => self.buffer.consume(self.record.total_len as usize),
            RecordStage::Peeked => return Ok(Some(self.latest)),
            RecordStage::Ended => return Ok(None),
        }
        if self.buffer.is_parked() && !self.holds_record() {
            self.reopen()?;
        }
        let (buffer, record) = (&mut self.buffer, &mut self.record);
        let next = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(buffer, record),
            Format::Pcapng(pcapng) => pcapng.next(buffer, record, names),
        };
        match next {
            Ok(true) => {
                self.stage = RecordStage::Peeked;
                if self.record.timed {
                    self.latest = self.record.time;
                }
                Ok(Some(self.latest))
            }
            Ok(false) => {
                self.end();
                Ok(None)
            }
            Err(broken) => Err(self.damaged(broken)),
        }
    }

    /// Reads the bytes of the record that was peeked at: [`CaptureFile::frame`] is then that record.
    #[inline]
    pub(super) fn take(&mut self) -> Result<(), Damage> {
        let total = self.record.total_len as usize;
        let offset = self.buffer.offset();
        if !self.buffer.ensure(total) {
            let what = match self.format {
                Format::Pcap(_) => "a record",
                Format::Pcapng(_) => "a block",
            };
            let broken = Broken::cut_off(&self.buffer, offset, total as u64, what);
            return Err(self.damaged(broken));
        }
        if let Format::Pcapng(pcapng) = &mut self.format {
            let block = self.buffer.available().get(..total).unwrap_or_default();
            if let Err(reason) = pcapng.check(&self.record, block) {
                return Err(self.damaged(Broken { offset, reason }));
            }
        }
        self.frames += 1;
        self.stage = RecordStage::Delivered;
        // In pcapng a packet may do without.
        if !self.record.timed && matches!(self.format, Format::Pcap(_)) {
            self.count_damaged_time(offset);
        }
        Ok(())
    }

    #[cold]
    fn count_damaged_time(&mut self, offset: u64) {
        let Self { place, frames, damaged_times, .. } = self;
        let first = || DamagedTimes { source: place.name(), offset, frame: *frames, count: 0 };
        damaged_times.get_or_insert_with(|| Box::new(first())).count += 1;
    }

    /// The record that was taken last.
    #[inline]
    pub(super) fn frame(&self) -> Frame<'_> {
        let record = &self.record;
        let start = record.header_len as usize;
        let bytes = self.buffer.available().get(start..start + record.captured_len as usize);
        Frame {
            origin: Origin { source: self.source, interface: record.interface },
            number: self.number(),
            timestamp: record.timed.then_some(record.time),
            link: record.link,
            wire_len: record.wire_len,
            bytes: bytes.unwrap_or_default(),
        }
    }

    /// The number of the frame that was delivered last.
    #[inline]
    fn number(&self) -> u64 {
        match &self.format {
            Format::Pcap(_) => self.frames,
            Format::Pcapng(pcapng) => self.frames + pcapng.events(),
        }
    }

    /// Gives the frames that the buffer holds to `take`, for as long as it takes them, and as the time by
    /// which a frame takes its turn among other files is before theirs.
    pub(super) fn next_many(
        &mut self,
        is_in_turn: impl Fn(Timestamp) -> bool,
        mut take: impl FnMut(&[Frame<'_>]) -> bool,
    ) {
        if self.stage != RecordStage::Delivered {
            return;
        }
        self.leave_record();
        let source = self.source;
        loop {
            let mut batch = [Frame::of_bytes(LinkType::NULL, 0, &[]); BATCH];
            let data = self.buffer.available();
            let (count, bytes) = match &self.format {
                Format::Pcap(pcap) => pcap.fill((data, source), &is_in_turn, &mut batch),
                Format::Pcapng(pcapng) => pcapng.fill((data, source), &is_in_turn, &mut batch),
            };
            let batch = &mut batch[..count];
            for (number, frame) in (self.number() + 1..).zip(&mut *batch) {
                frame.number = number;
            }
            let Some(last) = batch.last() else { return };
            let latest = last.timestamp.unwrap_or(self.latest);
            if !take(batch) {
                return;
            }
            self.frames += count as u64;
            self.latest = latest;
            self.buffer.consume(bytes);
        }
    }

    /// The place among the files' turns.
    pub(super) fn turn(&self) -> (Timestamp, u16) {
        (self.latest, self.source)
    }

    /// Goes on behind the record that was delivered.
    #[inline]
    fn leave_record(&mut self) {
        if self.stage == RecordStage::Delivered {
            self.buffer.consume(self.record.total_len as usize);
            self.record.total_len = 0;
        }
    }

    fn end(&mut self) {
        self.stage = RecordStage::Ended;
        if let Format::Pcapng(pcapng) = &mut self.format {
            pcapng.end();
        }
        self.buffer.close();
        self.place.done();
    }

    #[cold]
    fn damaged(&mut self, broken: Broken) -> Damage {
        self.end();
        Damage {
            source: self.place.name(),
            offset: broken.offset,
            frames: self.frames,
            reason: broken.reason,
        }
    }
}

/// How a thread is to read the file.
fn chunk(place: &Place, size: usize) -> Chunk {
    if place.size.is_some() { Chunk::Full(size) } else { Chunk::OneRead(size) }
}

/// The record before the first one.
const NOTHING: Record = Record {
    time: Timestamp::from_nanos(0),
    timed: false,
    interface: None,
    link: LinkType::NULL,
    wire_len: 0,
    header_len: 0,
    captured_len: 0,
    total_len: 0,
};

/// Why a file was not opened.
#[derive(Debug)]
pub(super) enum Unopened {
    /// It should have been.
    Refused(CaptureError),
    /// It was found in a directory and is no capture.
    Skipped(CaptureError),
}

impl Unopened {
    fn new(place: &Place, refusal: Refusal) -> Self {
        let path = place.path();
        match refusal {
            Refusal::Foreign(reason) if place.directory.is_some() => {
                Self::Skipped(CaptureError::NotACapture { path, reason })
            }
            Refusal::Foreign(reason) | Refusal::Unreadable(reason) => {
                Self::Refused(CaptureError::NotACapture { path, reason })
            }
        }
    }
}

fn io_error(place: &Place, source: io::Error) -> CaptureError {
    CaptureError::Io { path: place.path(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be 65,536 of them.
    #[test]
    fn a_file_that_waits_is_small() {
        assert!(size_of::<CaptureFile>() <= 384, "{}", size_of::<CaptureFile>());
        let mut buffer = Buffer::new(Box::new(&[0_u8; LOOK][..]), 0, LOOK);
        assert!(buffer.ensure(LOOK) && buffer.space() == LOOK);
        buffer.close();
        assert_eq!(buffer.space(), 0);
    }
}
