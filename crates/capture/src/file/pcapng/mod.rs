//! The pcapng format (draft-ietf-opsawg-pcapng).

mod clock;
mod interface;
pub(super) mod options;
mod whole;

use parser::{Frame, Names, Origin, Timestamp};

use super::budget::Budget;
use super::buffer::Buffer;
use super::chain::{self, Link};
use super::record::{Broken, ByteOrder, MAX_RECORD, Record, end_of_records};
use interface::{InterfaceBlock, Interfaces};
use options::BlockOptions;

/// The section header's block type, the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
pub(super) const SECTION: u32 = u32::from_be_bytes(SECTION_HEADER);
pub(super) const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAME_RESOLUTION: u32 = 4;
pub(super) const INTERFACE_STATISTICS: u32 = 5;
pub(super) const ENHANCED_PACKET: u32 = 6;

/// What may stand between packets and changes nothing of what their times mean.
const WITHOUT_TIME: [u32; 3] = [INTERFACE_STATISTICS, INTERFACE_DESCRIPTION, NAME_RESOLUTION];

/// Journal entries, custom blocks and the events of sysdig.
const EVENTS: [u32; 7] = [9, 0x0bad, 0x4000_0bad, 0x204, 0x208, 0x216, 0x221];

/// Type, length, and the length again at the end.
const BLOCK_OVERHEAD: u32 = 12;
/// What stands before the bytes of an enhanced packet, and of the obsolete kind.
const ENHANCED_HEAD: usize = 28;
/// Enough of a section header to judge it.
pub(super) const SECTION_START: usize = 16;

/// The state of a pcapng file: its current section.
#[derive(Debug)]
pub(super) struct Pcapng {
    order: ByteOrder,
    interfaces: Interfaces,
    events: u64,
}

/// Where a block lies and what its header says.
#[derive(Clone, Copy)]
struct Block {
    offset: u64,
    kind: u32,
    /// The length as written, which is repeated at the block's end.
    raw_len: [u8; 4],
    len: u32,
}

impl Pcapng {
    /// A file of which nothing is read yet; `source` is its index in the [`Names`]. `budget` bounds what it keeps.
    pub(super) fn new(source: u16, budget: &Budget) -> Self {
        let interfaces = Interfaces::new(source, budget);
        Self { order: ByteOrder::Little, interfaces, events: 0 }
    }

    /// Nothing more is read.
    pub(super) fn end(&mut self) {
        self.interfaces.end();
    }

    /// How many packets the capture says it lost, where it says so.
    pub(super) fn lost(&self) -> Option<u64> {
        self.interfaces.lost()
    }

    /// How many blocks were met that Wireshark numbers as it does packets, and that are none.
    pub(super) const fn events(&self) -> u64 {
        self.events
    }

    /// Goes to the next packet; `false` at the end of the file. Blocks of other kinds are consumed.
    pub(super) fn next(
        &mut self,
        buffer: &mut Buffer,
        record: &mut Record,
        names: &mut Names,
    ) -> Result<bool, Broken> {
        loop {
            let Some(header) = buffer.peek::<{ BLOCK_OVERHEAD as usize }>() else {
                return end_of_records(buffer, u64::from(BLOCK_OVERHEAD), "a block header");
            };
            let header = *header;
            let block = self.block(&header, buffer.offset())?;
            match block.kind {
                ENHANCED_PACKET => {
                    return self.timed(buffer, block, record, |id| self.order.u32(id));
                }
                SIMPLE_PACKET => return self.simple(buffer, block, record),
                OBSOLETE_PACKET => {
                    let id = |[i0, i1, _, _]: [u8; 4]| u32::from(self.order.u16([i0, i1]));
                    return self.timed(buffer, block, record, id);
                }
                SECTION => self.section(buffer, block)?,
                INTERFACE_DESCRIPTION => self.describe_interface(buffer, block, names)?,
                INTERFACE_STATISTICS => self.statistics(buffer, block)?,
                _ => {}
            }
            self.skip(buffer, block)?;
            self.events += u64::from(EVENTS.contains(&block.kind));
        }
    }

    /// Checks the block of a packet, all of which has been read by now, and takes what it says of
    /// lost packets.
    #[inline]
    pub(super) fn check(&mut self, record: &Record, block: &[u8]) -> Result<(), String> {
        let (Some([kind, len]), Some((body, end))) =
            (block.as_chunks().0.first_chunk(), block.split_last_chunk())
        else {
            return Err("the block is too short".into());
        };
        if end != len {
            return Err(self.mismatch(*len, *end));
        }
        let options_at = (record.header_len + record.captured_len.next_multiple_of(4)) as usize;
        let kind = self.order.u32(*kind);
        if kind == OBSOLETE_PACKET || options_at + 4 <= body.len() {
            let options = body.get(options_at..).unwrap_or_default();
            self.count_lost(kind, block, &BlockOptions::new(options, self.order));
        }
        Ok(())
    }

    /// Puts the frames of the whole enhanced packets that `data` begins with into `batch`, up to its
    /// size and to the first one of another interface; tells how many there are and how many bytes
    /// they fill. Their number is the caller's to set. A block of another kind, one that can't be, or
    /// one that tells of lost packets, is left to [`Pcapng::next`].
    #[inline]
    pub(super) fn fill<'d>(
        &self,
        (data, source): (&'d [u8], u16),
        is_in_turn: impl Fn(Timestamp) -> bool,
        batch: &mut [Frame<'d>],
    ) -> (usize, usize) {
        let (mut rest, mut count, mut origin) = (data, 0, None);
        for place in batch {
            let Some((frame, after)) = self.enhanced(rest, source) else { break };
            let is_of_these = *origin.get_or_insert(frame.origin) == frame.origin;
            if !is_of_these || !frame.timestamp.is_some_and(&is_in_turn) {
                break;
            }
            *place = frame;
            (rest, count) = (after, count + 1);
        }
        (count, data.len() - rest.len())
    }

    /// The time of the last enhanced packet in `tail`, the end of a file. The length at the end of each
    /// block leads to its beginning.
    pub(super) fn last_time(&self, mut tail: &[u8]) -> Option<Timestamp> {
        loop {
            let (_, &end) = tail.split_last_chunk()?;
            let len = self.order.u32(end) as usize;
            let (before, block) = tail.split_at(tail.len().checked_sub(len)?);
            if let Some((frame, _)) = self.enhanced(block, 0) {
                return frame.timestamp;
            }
            let [kind, start] = *block.as_chunks().0.first_chunk()?;
            if start != end || !WITHOUT_TIME.contains(&self.order.u32(kind)) {
                return None;
            }
            tail = before;
        }
    }

    /// The time of a packet in `part`, which is from the middle of the file and begins at a multiple of
    /// four.
    pub(super) fn time_within(&self, part: &[u8]) -> Option<Timestamp> {
        chain::time_within(part, 4, |rest| {
            let Some(&[kind, raw_len]) = rest.as_chunks().0.first_chunk() else {
                return Link::CutOff;
            };
            let [kind, len] = [kind, raw_len].map(|it| self.order.u32(it));
            let is_known = kind == ENHANCED_PACKET || WITHOUT_TIME.contains(&kind);
            if !is_known || !(BLOCK_OVERHEAD..=chain::LONGEST).contains(&len) {
                return Link::Nothing;
            }
            let Some(block) = rest.get(..len as usize) else { return Link::CutOff };
            match self.enhanced(block, 0) {
                Some((frame, _)) => Link::Whole(block.len(), frame.timestamp),
                None if kind == ENHANCED_PACKET => Link::Nothing,
                None => Link::Whole(block.len(), None),
            }
        })
    }

    /// The frame of the enhanced packet that `data` begins with, and what comes after it.
    #[inline]
    fn enhanced<'d>(&self, data: &'d [u8], source: u16) -> Option<(Frame<'d>, &'d [u8])> {
        let [kind, raw_len, id, high, low, captured_len, wire_len] =
            *data.as_chunks().0.first_chunk()?;
        let [len, captured_len, wire_len] =
            [raw_len, captured_len, wire_len].map(|it| self.order.u32(it));
        if self.order.u32(kind) != ENHANCED_PACKET || !len.is_multiple_of(4) || len > MAX_RECORD {
            return None;
        }
        let (block, after) = data.split_at_checked(len as usize)?;
        let (body, end) = block.split_last_chunk()?;
        let (bytes, options) =
            body.get(ENHANCED_HEAD..)?.split_at_checked(captured_len as usize)?;
        let options =
            options.get(bytes.len().next_multiple_of(4) - bytes.len()..).unwrap_or_default();
        let tells_lost =
            || BlockOptions::new(options, self.order).get(options::EPB_DROP_COUNT).is_some();
        if *end != raw_len || options.len() >= 4 && tells_lost() {
            return None;
        }
        let interface = self.interfaces.get(self.order.u32(id))?;
        let ticks = u64::from(self.order.u32(high)) << 32 | u64::from(self.order.u32(low));
        let frame = Frame {
            origin: Origin { source, interface: interface.index },
            number: 0,
            timestamp: Some(interface.clock.time(ticks)),
            link: interface.link,
            wire_len,
            bytes,
        };
        Some((frame, after))
    }

    fn count_lost(&mut self, kind: u32, block: &[u8], options: &BlockOptions<'_>) {
        let Some([_, _, interface]) = block.as_chunks::<4>().0.first_chunk() else { return };
        let [i0, i1, drops0, drops1] = *interface;
        if kind == OBSOLETE_PACKET {
            let drops = self.order.u16([drops0, drops1]);
            // All ones: the number is not known.
            if drops != u16::MAX {
                let id = self.order.u16([i0, i1]);
                self.interfaces.count_lost(u32::from(id), u64::from(drops));
            }
        } else if kind == ENHANCED_PACKET
            && let Some(drops) = options.u64(options::EPB_DROP_COUNT)
        {
            self.interfaces.count_lost(self.order.u32(*interface), drops);
        }
    }

    #[cold]
    fn mismatch(&self, len: [u8; 4], end: [u8; 4]) -> String {
        let (len, end) = (self.order.u32(len), self.order.u32(end));
        format!("the block claims {len} bytes at its start and {end} at its end")
    }

    /// Judges a block header. A section header sets the byte order first.
    #[inline]
    fn block(&mut self, header: &[u8; 12], offset: u64) -> Result<Block, Broken> {
        let [t0, t1, t2, t3, l0, l1, l2, l3, m0, m1, m2, m3] = *header;
        let is_section = [t0, t1, t2, t3] == SECTION_HEADER;
        if is_section {
            let Some(order) = byte_order([m0, m1, m2, m3]) else {
                return Err(Broken::new(offset, "the section header has no byte-order magic"));
            };
            self.order = order;
            self.interfaces.begin_section();
        }
        let raw_len = [l0, l1, l2, l3];
        let len = self.order.u32(raw_len);
        if len < BLOCK_OVERHEAD || !len.is_multiple_of(4) || (is_section && len < 28) {
            return Err(Broken::new(offset, format!("the block claims {len} bytes")));
        }
        Ok(Block { offset, kind: self.order.u32([t0, t1, t2, t3]), raw_len, len })
    }

    /// An enhanced packet, or a packet of the obsolete kind that it replaced. `id` reads the number of
    /// the interface, which alone differs.
    #[inline]
    fn timed(
        &self,
        buffer: &mut Buffer,
        block: Block,
        record: &mut Record,
        id: impl FnOnce([u8; 4]) -> u32,
    ) -> Result<bool, Broken> {
        let head = block.head::<ENHANCED_HEAD>(buffer)?;
        let [.., i0, i1, i2, i3, h0, h1, h2, h3, t0, t1, t2, t3, c0, c1, c2, c3, w0, w1, w2, w3] =
            *head;
        let interface = self.interface(id([i0, i1, i2, i3]), block)?;
        let ticks = u64::from(self.order.u32([h0, h1, h2, h3])) << 32
            | u64::from(self.order.u32([t0, t1, t2, t3]));
        let captured_len = self.order.u32([c0, c1, c2, c3]);
        let wire_len = self.order.u32([w0, w1, w2, w3]);
        record.timed = true;
        record.time = interface.clock.time(ticks);
        block.packet(interface, [ENHANCED_HEAD as u32, captured_len, wire_len], record)
    }

    /// A packet of the first interface, without a time and without a captured length: that follows
    /// from the interface's snapshot length.
    fn simple(
        &self,
        buffer: &mut Buffer,
        block: Block,
        record: &mut Record,
    ) -> Result<bool, Broken> {
        let [.., w0, w1, w2, w3] = *block.head::<12>(buffer)?;
        let wire_len = self.order.u32([w0, w1, w2, w3]);
        let interface = self.interface(0, block)?;
        let room = block.len.saturating_sub(16);
        let captured_len = match interface.snaplen {
            0 => wire_len.min(room),
            snaplen => wire_len.min(snaplen).min(room),
        };
        record.timed = false;
        block.packet(interface, [12, captured_len, wire_len], record)
    }

    fn interface(&self, id: u32, block: Block) -> Result<&InterfaceBlock, Broken> {
        self.interfaces.get(id).ok_or_else(|| {
            let reason = format!("the packet is of interface {id}, which is not described");
            Broken::new(block.offset, reason)
        })
    }

    fn section(&self, buffer: &mut Buffer, block: Block) -> Result<(), Broken> {
        let [.., major0, major1, minor0, minor1] = *block.head::<SECTION_START>(buffer)?;
        check_version(self.order, [major0, major1], [minor0, minor1])
            .map_err(|reason| Broken::new(block.offset, reason))
    }

    fn describe_interface(
        &mut self,
        buffer: &mut Buffer,
        block: Block,
        names: &mut Names,
    ) -> Result<(), Broken> {
        let order = self.order;
        let [.., l0, l1, _, _, s0, s1, s2, s3] = *block.head::<16>(buffer)?;
        let (link, snaplen) = (order.u16([l0, l1]), order.u32([s0, s1, s2, s3]));
        let options = BlockOptions::new(block.body(buffer, 16)?, order);
        self.interfaces
            .describe(link, snaplen, &options, names)
            .map_err(|reason| Broken::new(block.offset, reason))
    }

    fn statistics(&mut self, buffer: &mut Buffer, block: Block) -> Result<(), Broken> {
        let order = self.order;
        let [.., i0, i1, i2, i3, _, _, _, _, _, _, _, _] = *block.head::<20>(buffer)?;
        let options = BlockOptions::new(block.body(buffer, 20)?, order);
        self.interfaces.report_lost(order.u32([i0, i1, i2, i3]), &options);
        Ok(())
    }

    /// Consumes a block, however long it is.
    fn skip(&self, buffer: &mut Buffer, block: Block) -> Result<(), Broken> {
        if !buffer.skip(u64::from(block.len) - 4) {
            return Err(block.cut_off(buffer));
        }
        let Some(end) = buffer.peek::<4>().copied() else { return Err(block.cut_off(buffer)) };
        if end != block.raw_len {
            return Err(Broken::new(block.offset, self.mismatch(block.raw_len, end)));
        }
        buffer.consume(4);
        Ok(())
    }
}

impl Block {
    /// The first `N` bytes of the block, which must hold as many beside the length at its end.
    #[inline]
    fn head<const N: usize>(self, buffer: &mut Buffer) -> Result<&[u8; N], Broken> {
        if (self.len as usize) < N + 4 {
            return Err(Broken::new(self.offset, format!("the block claims {} bytes", self.len)));
        }
        if !buffer.ensure(N) {
            return Err(self.cut_off(buffer));
        }
        buffer.peek().ok_or_else(|| Broken::new(self.offset, "the block is too short"))
    }

    /// The bytes from `start` to the length at the block's end.
    fn body(self, buffer: &mut Buffer, start: usize) -> Result<&[u8], Broken> {
        if self.len > MAX_RECORD {
            return Err(Broken::new(self.offset, format!("the block claims {} bytes", self.len)));
        }
        let len = self.len as usize;
        if !buffer.ensure(len) {
            return Err(self.cut_off(buffer));
        }
        Ok(buffer.available().get(start..len - 4).unwrap_or_default())
    }

    /// Sets all of `record` but its time.
    #[inline]
    fn packet(
        self,
        interface: &InterfaceBlock,
        [header_len, captured_len, wire_len]: [u32; 3],
        record: &mut Record,
    ) -> Result<bool, Broken> {
        if self.len > MAX_RECORD {
            return Err(Broken::new(self.offset, format!("the block claims {} bytes", self.len)));
        }
        if captured_len > self.len - header_len - 4 {
            let reason =
                format!("the packet claims {captured_len} bytes in a block of {}", self.len);
            return Err(Broken::new(self.offset, reason));
        }
        record.interface = interface.index;
        record.link = interface.link;
        record.wire_len = wire_len;
        record.header_len = header_len;
        record.captured_len = captured_len;
        record.total_len = self.len;
        Ok(true)
    }

    fn cut_off(self, buffer: &Buffer) -> Broken {
        Broken::cut_off(buffer, self.offset, u64::from(self.len), "a block")
    }
}

/// The byte order that a section header's magic number shows.
pub(super) const fn byte_order(magic: [u8; 4]) -> Option<ByteOrder> {
    match magic {
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(ByteOrder::Little),
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(ByteOrder::Big),
        _ => None,
    }
}

/// Only version 1 is defined; its minor number is 0, or 2 where a writer meant the same.
pub(super) fn check_version(
    order: ByteOrder,
    major: [u8; 2],
    minor: [u8; 2],
) -> Result<(), String> {
    let (major, minor) = (order.u16(major), order.u16(minor));
    if major == 1 {
        return Ok(());
    }
    Err(format!("pcapng version {major}.{minor} is not supported"))
}
