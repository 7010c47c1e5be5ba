//! Capture files made by hand, byte by byte.

use crate::file::record::ByteOrder;

/// Bytes in a byte order.
#[derive(Clone, Debug)]
pub(super) struct Bytes {
    pub(super) order: ByteOrder,
    pub(super) bytes: Vec<u8>,
}

impl Bytes {
    pub(super) fn new(order: ByteOrder) -> Self {
        Self { order, bytes: Vec::new() }
    }

    pub(super) fn u16(mut self, value: u16) -> Self {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn u32(mut self, value: u32) -> Self {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn u64(mut self, value: u64) -> Self {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// `bytes`, padded to 32 bits.
    fn padded(self, bytes: &[u8]) -> Self {
        let padding = bytes.len().next_multiple_of(4) - bytes.len();
        self.raw(bytes).raw(&[0; 3][..padding])
    }
}

pub(super) const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub(super) const NANOSECONDS: u32 = 0xa1b2_3c4d;

/// A pcap file header of version 2.4.
pub(super) fn pcap(order: ByteOrder, magic: u32, link: u32) -> Bytes {
    Bytes::new(order).u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(link)
}

impl Bytes {
    /// A pcap record of `captured`, as long on the wire.
    pub(super) fn record(self, seconds: u32, fraction: u32, captured: &[u8]) -> Self {
        let len = captured.len() as u32;
        self.u32(seconds).u32(fraction).u32(len).u32(len).raw(captured)
    }

    /// A pcapng block.
    pub(super) fn block(self, kind: u32, body: impl FnOnce(Self) -> Self) -> Self {
        let body = body(Self::new(self.order)).bytes;
        let len = body.len() as u32 + 12;
        self.u32(kind).u32(len).raw(&body).u32(len)
    }

    /// A section header that does not tell the section's length.
    pub(super) fn section(self) -> Self {
        self.block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX))
    }

    /// An option of a block.
    pub(super) fn option(self, code: u16, value: &[u8]) -> Self {
        self.u16(code).u16(value.len() as u16).padded(value)
    }

    /// An interface description without options.
    pub(super) fn interface(self, link: u16) -> Self {
        self.interface_with(link, 0, |options| options)
    }

    /// An interface description.
    pub(super) fn interface_with(
        self,
        link: u16,
        snaplen: u32,
        options: impl FnOnce(Self) -> Self,
    ) -> Self {
        self.block(1, |body| options(body.u16(link).u16(0).u32(snaplen)))
    }

    /// An enhanced packet as long on the wire as captured.
    pub(super) fn packet(self, interface: u32, ticks: u64, captured: &[u8]) -> Self {
        self.packet_with(interface, ticks, captured, captured.len() as u32, |options| options)
    }

    /// An enhanced packet.
    pub(super) fn packet_with(
        self,
        interface: u32,
        ticks: u64,
        captured: &[u8],
        wire_len: u32,
        options: impl FnOnce(Self) -> Self,
    ) -> Self {
        self.block(6, |body| {
            let body = body.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
            options(body.u32(captured.len() as u32).u32(wire_len).padded(captured))
        })
    }

    /// A simple packet.
    pub(super) fn simple(self, captured: &[u8], wire_len: u32) -> Self {
        self.block(3, |body| body.u32(wire_len).padded(captured))
    }

    /// Interface statistics.
    pub(super) fn statistics(self, interface: u32, options: impl FnOnce(Self) -> Self) -> Self {
        self.block(5, |body| options(body.u32(interface).u64(0)))
    }
}
