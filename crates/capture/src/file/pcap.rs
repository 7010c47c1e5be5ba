//! The pcap format (draft-ietf-opsawg-pcap).

use parser::{Frame, LinkType, Origin, Timestamp};

use super::buffer::Buffer;
use super::chain::{self, Link};
use super::record::{Broken, ByteOrder, MAX_RECORD, Record, end_of_records};

/// Bytes of the file header.
pub(super) const FILE_HEADER: usize = 24;
const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Bytes of a record header.
const RECORD_HEADER: u32 = 16;

/// What the file header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pcap {
    order: ByteOrder,
    /// Nanoseconds in a unit of the sub-second field.
    unit: u32,
    link: LinkType,
    lengths: Lengths,
}

/// The order of the two length fields. Captured before original is the rule; files older than 2.3
/// have it the other way round, and those of 2.3 either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    ShorterIsCaptured,
}

impl Pcap {
    /// Takes the file header; the magic number says `order` and `unit`. `Err` holds the version
    /// where that is not 2.
    pub(super) fn new(
        header: &[u8; FILE_HEADER],
        order: ByteOrder,
        unit: u32,
    ) -> Result<Self, (u16, u16)> {
        let [_, _, _, _, major0, major1, minor0, minor1, .., l0, l1, l2, l3] = *header;
        let (major, minor) = (order.u16([major0, major1]), order.u16([minor0, minor1]));
        if major != 2 {
            return Err((major, minor));
        }
        let lengths = match minor {
            0..3 => Lengths::OriginalFirst,
            3 => Lengths::ShorterIsCaptured,
            _ => Lengths::CapturedFirst,
        };
        // The upper six bits tell whether and how long a frame check sequence ends each frame.
        let link = LinkType(order.u32([l0, l1, l2, l3]) & 0x03ff_ffff);
        Ok(Self { order, unit, link, lengths })
    }

    /// What all records have in common.
    pub(super) const fn blank(&self) -> Record {
        Record {
            time: Timestamp::from_nanos(0),
            timed: true,
            interface: None,
            link: self.link,
            wire_len: 0,
            header_len: RECORD_HEADER,
            captured_len: 0,
            total_len: 0,
        }
    }

    /// Goes to the next record; `false` at the end of the file. Only what differs between records
    /// is set in `record`.
    #[inline]
    pub(super) fn next(&self, buffer: &mut Buffer, record: &mut Record) -> Result<bool, Broken> {
        let Some(header) = buffer.peek::<{ RECORD_HEADER as usize }>() else {
            return end_of_records(buffer, u64::from(RECORD_HEADER), "a record header");
        };
        let Header { time, timed, captured_len, wire_len } = self.header(header);
        if captured_len > MAX_RECORD - RECORD_HEADER {
            let reason = format!("the record claims {captured_len} bytes");
            return Err(Broken::new(buffer.offset(), reason));
        }
        (record.time, record.timed) = (time, timed);
        record.wire_len = wire_len;
        record.captured_len = captured_len;
        record.total_len = RECORD_HEADER + captured_len;
        Ok(true)
    }

    /// Whether the next record is in the buffer as a whole, or can't be one.
    pub(super) fn holds_record(&self, buffer: &mut Buffer) -> bool {
        let Some(header) = buffer.peek() else { return false };
        let captured_len = self.header(header).captured_len;
        captured_len > MAX_RECORD - RECORD_HEADER
            || buffer.ensure((RECORD_HEADER + captured_len) as usize)
    }

    /// The time of the record with which `tail`, the end of a file, ends. In a pcap file nothing leads
    /// back to it, so each place is looked at. If several could be it, its data being a capture as
    /// well, the latest time counts.
    pub(super) fn last_time(&self, tail: &[u8]) -> Option<Timestamp> {
        let starts = 0..tail.len();
        let records = starts.filter_map(|at| {
            let (header, data) = tail.get(at..)?.split_first_chunk()?;
            if self.lengths(header).0 as usize != data.len() {
                return None;
            }
            let Header { time, timed, .. } = self.header(header);
            timed.then_some(time)
        });
        records.max()
    }

    /// The time of a record in `part`, which is from the middle of a file.
    pub(super) fn time_within(&self, part: &[u8]) -> Option<Timestamp> {
        chain::time_within(part, 1, |rest| {
            let Some((header, data)) = rest.split_first_chunk() else { return Link::CutOff };
            let Header { time, timed, captured_len, wire_len } = self.header(header);
            // Zeros look like an empty packet, and records of one size like those 4 bytes later, where
            // the data begin as a length.
            let lengths = 1..=wire_len.min(chain::LONGEST);
            if !timed || !lengths.contains(&captured_len) || wire_len > chain::LONGEST {
                return Link::Nothing;
            }
            if data.len() < captured_len as usize {
                return Link::CutOff;
            }
            Link::Whole((RECORD_HEADER + captured_len) as usize, Some(time))
        })
    }

    /// The captured length, and that on the wire.
    #[inline]
    fn lengths(&self, header: &[u8; RECORD_HEADER as usize]) -> (u32, u32) {
        let [.., c0, c1, c2, c3, o0, o1, o2, o3] = *header;
        let (first, second) = (self.order.u32([c0, c1, c2, c3]), self.order.u32([o0, o1, o2, o3]));
        match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::ShorterIsCaptured => (first.min(second), first.max(second)),
        }
    }

    #[inline]
    fn header(&self, header: &[u8; RECORD_HEADER as usize]) -> Header {
        let [s0, s1, s2, s3, f0, f1, f2, f3, ..] = *header;
        let seconds = self.order.u32([s0, s1, s2, s3]);
        let fraction = self.order.u32([f0, f1, f2, f3]);
        let (captured_len, wire_len) = self.lengths(header);
        let nanoseconds = i64::from(fraction) * i64::from(self.unit);
        let time = Timestamp::from_parts(i64::from(seconds), nanoseconds);
        // A second or more, or what some wrote as a negative number: nobody knows what was meant.
        let timed = nanoseconds < NANOS_PER_SECOND;
        Header { time, timed, captured_len, wire_len }
    }

    /// Puts the frames of the whole records that `data` begins with into `batch`, up to its size;
    /// tells how many there are and how many bytes they fill. Their number is the caller's to set.
    /// A record that can't be, has no time or is not in turn is left to [`Pcap::next`].
    #[inline]
    pub(super) fn fill<'d>(
        &self,
        (data, source): (&'d [u8], u16),
        is_in_turn: impl Fn(Timestamp) -> bool,
        batch: &mut [Frame<'d>],
    ) -> (usize, usize) {
        let (mut rest, mut count) = (data, 0);
        let origin = Origin { source, interface: None };
        for place in batch {
            let Some((header, after)) = rest.split_first_chunk() else { break };
            let Header { time, timed, captured_len, wire_len } = self.header(header);
            let bytes = after.split_at_checked(captured_len as usize);
            let Some((bytes, after)) = bytes.filter(|_| timed && is_in_turn(time)) else { break };
            let (timestamp, link) = (Some(time), self.link);
            *place = Frame { origin, number: 0, timestamp, link, wire_len, bytes };
            (rest, count) = (after, count + 1);
        }
        (count, data.len() - rest.len())
    }
}

/// What a record's header says.
struct Header {
    time: Timestamp,
    /// Whether that is one.
    timed: bool,
    captured_len: u32,
    wire_len: u32,
}
