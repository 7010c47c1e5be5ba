//! Whether a packet has been written as a whole.

use super::super::buffer::Buffer;
use super::super::record::MAX_RECORD;
use super::{
    BLOCK_OVERHEAD, ENHANCED_PACKET, OBSOLETE_PACKET, Pcapng, SECTION_HEADER, SIMPLE_PACKET,
    byte_order,
};

impl Pcapng {
    /// Whether the next packet is in the buffer as a whole, with the blocks before it, or can't be. Of a
    /// parked buffer, [`Pcapng::next`] then needs no more than is available.
    pub(in super::super) fn holds_packet(&self, buffer: &mut Buffer) -> bool {
        let (mut order, mut start) = (self.order, 0);
        while start <= MAX_RECORD as usize {
            if !buffer.ensure(start + BLOCK_OVERHEAD as usize) {
                return false;
            }
            let header =
                buffer.available().get(start..).and_then(|rest| rest.as_chunks().0.first_chunk());
            let Some(&[kind, len, magic]) = header else { return false };
            if kind == SECTION_HEADER {
                let Some(its_order) = byte_order(magic) else { return true };
                order = its_order;
            }
            let len = order.u32(len);
            if !(BLOCK_OVERHEAD..=MAX_RECORD).contains(&len) {
                // It may be one to be skipped, which goes on behind what a parked buffer has.
                return !buffer.is_parked();
            }
            if !buffer.ensure(start + len as usize) {
                return false;
            }
            if [ENHANCED_PACKET, SIMPLE_PACKET, OBSOLETE_PACKET].contains(&order.u32(kind)) {
                return true;
            }
            start += len as usize;
        }
        true
    }
}
