//! Block options: a code, a length, a value padded to 32 bits.

use crate::file::record::ByteOrder;

pub(in crate::file) const COMMENT: u16 = 1;
pub(in crate::file) const IF_NAME: u16 = 2;
pub(in crate::file) const IF_DESCRIPTION: u16 = 3;
pub(in crate::file) const IF_TSRESOL: u16 = 9;
pub(in crate::file) const IF_FILTER: u16 = 11;
pub(in crate::file) const IF_TSOFFSET: u16 = 14;
pub(in crate::file) const EPB_DROP_COUNT: u16 = 4;
pub(in crate::file) const ISB_IF_RECEIVED: u16 = 4;
pub(in crate::file) const ISB_IF_DROP: u16 = 5;
pub(in crate::file) const ISB_OS_DROP: u16 = 7;

/// The options of a block, as far as they can be read: a broken one ends them.
#[derive(Clone, Debug)]
pub(super) struct BlockOptions<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

impl<'a> BlockOptions<'a> {
    pub(in crate::file) const fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self { bytes, order }
    }

    /// The value of the first option with this code.
    pub(super) fn get(&self, code: u16) -> Option<&'a [u8]> {
        self.clone().find(|(found, _)| *found == code).map(|(_, value)| value)
    }

    /// The value of the first option with this code, where it is 64 bits long.
    pub(super) fn u64(&self, code: u16) -> Option<u64> {
        let value = self.get(code)?.try_into().ok()?;
        Some(self.order.u64(value))
    }
}

impl<'a> Iterator for BlockOptions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[c0, c1, l0, l1], rest) = self.bytes.split_first_chunk()?;
        let code = self.order.u16([c0, c1]);
        let len = usize::from(self.order.u16([l0, l1]));
        if code == 0 {
            return None;
        }
        let value = rest.get(..len)?;
        self.bytes = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    }
}
