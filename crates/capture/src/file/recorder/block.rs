//! pcapng blocks, written.

use std::fs;

use crate::file::pcapng::{self, options};

/// What a recording says about how it was captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Frames were cut to this length; 0 where they were not.
    pub snaplen: u32,
    /// The filter, in words or in the language of tcpdump.
    pub filter: Option<String>,
    /// Whether the description of an interface names the source of its frames: a recording of frames
    /// from several files needs it.
    pub names_sources: bool,
}

/// An interface, as a recording describes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interface<'a> {
    pub(super) link: u16,
    pub(super) name: Option<&'a str>,
    /// Where its frames came from.
    pub(super) source: Option<&'a str>,
}

const SHB_HARDWARE: u16 = 2;
const SHB_OS: u16 = 3;
const SHB_USERAPPL: u16 = 4;
/// Fixed fields of an enhanced packet with the lengths around them.
const PACKET_OVERHEAD: usize = 32;

/// Whole blocks that wait to be written, in little-endian order.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    bytes: Vec<u8>,
}

/// The length of the block that holds a packet.
pub(super) const fn packet_len(captured: &[u8]) -> usize {
    PACKET_OVERHEAD + captured.len().next_multiple_of(4)
}

impl Blocks {
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Begins a section, of a length that is not known.
    pub(super) fn section(&mut self) {
        self.block(pcapng::SECTION, |block| {
            block.u32(0x1a2b_3c4d);
            block.u16(1);
            block.u16(0);
            block.u64(u64::MAX);
            block.option(SHB_HARDWARE, std::env::consts::ARCH.as_bytes());
            block.option(SHB_OS, operating_system().as_bytes());
            block.option(SHB_USERAPPL, concat!("synscope ", env!("CARGO_PKG_VERSION")).as_bytes());
            block.end_of_options();
        });
    }

    /// Describes an interface whose time stamps count nanoseconds.
    pub(super) fn interface(&mut self, interface: Interface<'_>, settings: &Settings) {
        self.block(pcapng::INTERFACE_DESCRIPTION, |block| {
            block.u16(interface.link);
            block.u16(0);
            block.u32(settings.snaplen);
            if let Some(name) = interface.name {
                block.option(options::IF_NAME, name.as_bytes());
            }
            if let Some(source) = interface.source.filter(|_| settings.names_sources) {
                block.option(options::IF_DESCRIPTION, source.as_bytes());
            }
            if let Some(filter) = &settings.filter {
                // The first byte says that the filter is text.
                block.option(options::IF_FILTER, &[b"\0", filter.as_bytes()].concat());
            }
            block.option(options::IF_TSRESOL, &[9]);
            block.end_of_options();
        });
    }

    /// A packet; `ticks` are nanoseconds since the epoch.
    pub(super) fn packet(
        &mut self,
        (interface, ticks): (u32, u64),
        wire_len: u32,
        captured: &[u8],
        comments: &[String],
    ) {
        self.block(pcapng::ENHANCED_PACKET, |block| {
            block.u32(interface);
            block.time(ticks);
            block.u32(captured.len() as u32);
            block.u32(wire_len);
            block.padded(captured);
            for comment in comments {
                block.option(options::COMMENT, comment.as_bytes());
            }
            if !comments.is_empty() {
                block.end_of_options();
            }
        });
    }

    /// Statistics of an interface as of `ticks`.
    pub(super) fn statistics(
        &mut self,
        interface: u32,
        ticks: u64,
        (received, dropped): (Option<u64>, Option<u64>),
    ) {
        self.block(pcapng::INTERFACE_STATISTICS, |block| {
            block.u32(interface);
            block.time(ticks);
            for (code, count) in
                [(options::ISB_IF_RECEIVED, received), (options::ISB_OS_DROP, dropped)]
            {
                if let Some(count) = count {
                    block.option(code, &count.to_le_bytes());
                }
            }
            block.end_of_options();
        });
    }

    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Self)) {
        let start = self.len();
        self.u32(kind);
        self.u32(0);
        body(self);
        let len = (self.len() - start + 4) as u32;
        self.u32(len);
        if let Some(field) = self.bytes.get_mut(start + 4..start + 8) {
            field.copy_from_slice(&len.to_le_bytes());
        }
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
        self.u16(code);
        self.u16(value.len() as u16);
        self.padded(value);
    }

    fn end_of_options(&mut self) {
        self.u32(0);
    }

    fn time(&mut self, ticks: u64) {
        self.u32((ticks >> 32) as u32);
        self.u32(ticks as u32);
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.len() + bytes.len().next_multiple_of(4) - bytes.len(), 0);
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
}

/// The system's name, with the release of its kernel where that is easily learnt.
fn operating_system() -> String {
    let name = std::env::consts::OS;
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(release) => format!("{name} {}", release.trim()),
        Err(_) => name.into(),
    }
}
