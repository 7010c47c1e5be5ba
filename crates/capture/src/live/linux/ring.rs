//! Frames from a `TPACKET_V3` ring.
//!
//! The kernel fills a block with frames and hands it over when it is full or when its time is out
//! (`Documentation/networking/packet_mmap.rst`). Offsets below are those of `struct
//! tpacket_block_desc`, `struct tpacket3_hdr` and `struct sockaddr_ll` behind it.

use std::io;
use std::time::Duration;

use parser::{LinkType, Timestamp};

use super::channel::{Captured, Channel};
use super::sys::{Ring, Socket};
use crate::live::config::LiveConfig;

const BLOCK_SIZES: [usize; 2] = [256 << 10, 64 << 10];

const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;
const ETHERTYPE_VLAN: u16 = 0x8100;
/// The two addresses of an Ethernet header, which the tag follows.
const ADDRESSES: usize = 12;

/// A ring and the place in it that has been read up to.
pub(super) struct RingChannel {
    ring: Ring,
    socket: Socket,
    /// The longest that a frame waits in a block that is not full.
    time_out: Duration,
    block: usize,
    /// Whether `block` has been entered; `left` frames of it remain, the next one at `offset`.
    entered: bool,
    left: u32,
    offset: usize,
    /// Holds a frame whose VLAN tag has been put back.
    tagged: Vec<u8>,
}

impl RingChannel {
    /// Makes a ring of `bytes` on `socket`; a smaller one where the kernel lacks the memory.
    pub(super) fn new(socket: Socket, bytes: usize, time_out: Duration) -> io::Result<Self> {
        // 0 would let the kernel choose.
        let time_out = time_out.max(Duration::from_millis(1));
        let ring = make_ring(&socket, bytes, time_out)?;
        let tagged = Vec::new();
        Ok(Self { ring, socket, time_out, block: 0, entered: false, left: 0, offset: 0, tagged })
    }

    /// Gives the block back that has been read, and goes on to the next.
    fn leave_block(&mut self) {
        self.ring.release(self.block);
        self.block = (self.block + 1) % self.ring.blocks();
        self.entered = false;
    }

    /// The header of the next frame in a block that has frames left.
    fn header(&self) -> Option<&[u8]> {
        self.ring.block(self.block)?.get(self.offset..)
    }
}

fn make_ring(socket: &Socket, bytes: usize, time_out: Duration) -> io::Result<Ring> {
    let mut refused = io::ErrorKind::OutOfMemory.into();
    for block_size in BLOCK_SIZES {
        let mut blocks = (bytes.min(LiveConfig::MOST_RING_BYTES) / block_size).max(2);
        loop {
            match socket.ring(block_size, blocks, time_out) {
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => refused = error,
                result => return result,
            }
            if blocks == 2 {
                break;
            }
            blocks = (blocks / 2).max(2);
        }
    }
    Err(refused)
}

impl Channel for RingChannel {
    fn ready(&mut self) -> Option<Timestamp> {
        while !self.entered || self.left == 0 {
            if self.entered {
                self.leave_block();
            }
            let block = self.ring.block(self.block)?;
            self.left = u32_at(block, 12)?;
            self.offset = u32_at(block, 16)? as usize;
            self.entered = true;
        }
        let stamp = self.header().and_then(timestamp);
        if stamp.is_none() {
            // Not a header: the kernel never does this, and reading on would be reading noise.
            self.left = 0;
        }
        stamp
    }

    fn take(&mut self) -> Option<Captured<'_>> {
        let Self { ring, block, offset, left, tagged, .. } = self;
        let header = ring.block(*block)?.get(*offset..)?;
        *left = left.checked_sub(1)?;
        *offset += u32_at(header, 0)? as usize;
        captured(header, tagged)
    }

    fn is_empty(&self) -> bool {
        // The kernel counts a frame before it copies it, and from 0 in each block that it opens. A
        // block that it has not opened yet still has the count of its last round: then it opens
        // the block within a time-out.
        self.ring.frames(self.block) == 0
    }

    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn delay(&self) -> Duration {
        // Twice for a time-out that has just been missed, once for a kernel that counts coarsely.
        3 * self.time_out
    }
}

fn timestamp(header: &[u8]) -> Option<Timestamp> {
    Some(Timestamp::from_parts(u32_at(header, 4)?.into(), u32_at(header, 8)?.into()))
}

/// The frame behind a `struct tpacket3_hdr`.
fn captured<'a>(header: &'a [u8], tagged: &'a mut Vec<u8>) -> Option<Captured<'a>> {
    let timestamp = timestamp(header)?;
    let (captured_len, wire_len) = (u32_at(header, 12)? as usize, u32_at(header, 16)?);
    let status = u32_at(header, 20)?;
    let (link_start, network_start) =
        (u16_at(header, 24)?.into(), usize::from(u16_at(header, 26)?));
    let (tci, ethertype) = (u32_at(header, 32)? as u16, u16_at(header, 36)?);
    let (interface, hardware) = (u32_at(header, 52)?, u16_at(header, 56)?);
    let bytes = header.get(link_start..)?.get(..captured_len)?;
    let frame = |link, wire_len, bytes| {
        Some(Captured { timestamp, interface: Some(interface), link, wire_len, bytes })
    };
    if !matches!(hardware, ARPHRD_ETHER | ARPHRD_LOOPBACK) {
        // Whatever link header there is, the kernel knows where it ends.
        let skipped = network_start.checked_sub(link_start)?;
        let wire_len = wire_len.saturating_sub(skipped as u32);
        return frame(LinkType::RAW, wire_len, bytes.get(skipped..)?);
    }
    if status & libc::TP_STATUS_VLAN_VALID == 0 || bytes.len() < ADDRESSES {
        return frame(LinkType::ETHERNET, wire_len, bytes);
    }
    let known = status & libc::TP_STATUS_VLAN_TPID_VALID != 0;
    let ethertype = if known { ethertype } else { ETHERTYPE_VLAN };
    put_tag_back(tagged, bytes, ethertype, tci);
    frame(LinkType::ETHERNET, wire_len.saturating_add(4), tagged)
}

/// Network cards and the kernel take the outermost VLAN tag off; the frame had it on the wire.
fn put_tag_back(tagged: &mut Vec<u8>, bytes: &[u8], ethertype: u16, tci: u16) {
    let (addresses, rest) = bytes.split_at(ADDRESSES.min(bytes.len()));
    tagged.clear();
    tagged.extend_from_slice(addresses);
    tagged.extend_from_slice(&ethertype.to_be_bytes());
    tagged.extend_from_slice(&tci.to_be_bytes());
    tagged.extend_from_slice(rest);
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYN: [u8; 18] = [2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 8, 0, 0x45, 6, 7, 8];

    /// A frame as the kernel writes it, its bytes at 80 and its network header 14 bytes later.
    fn written(status: u32, ethertype: u16, hardware: u16) -> Vec<u8> {
        let mut header = Vec::new();
        for word in [0, 5, 7, SYN.len() as u32, 1500, status] {
            header.extend(word.to_ne_bytes());
        }
        header.extend([80_u16.to_ne_bytes(), 94_u16.to_ne_bytes()].concat());
        header.extend([[0; 4], 0x2064_u32.to_ne_bytes()].concat());
        header.extend(ethertype.to_ne_bytes());
        header.resize(52, 0);
        header.extend(3_u32.to_ne_bytes());
        header.extend(hardware.to_ne_bytes());
        header.resize(80, 0);
        header.extend(SYN);
        header
    }

    /// Link type, length on the wire and bytes.
    fn read(header: &[u8]) -> Option<(LinkType, u32, Vec<u8>)> {
        let mut tagged = Vec::new();
        let frame = captured(header, &mut tagged)?;
        assert_eq!(frame.timestamp, Timestamp::from_parts(5, 7));
        assert_eq!(frame.interface, Some(3));
        Some((frame.link, frame.wire_len, frame.bytes.to_vec()))
    }

    #[test]
    fn ethernet_and_loopback_frames_come_with_their_header() {
        for hardware in [ARPHRD_ETHER, ARPHRD_LOOPBACK] {
            let frame = read(&written(0, 0, hardware));
            assert_eq!(frame, Some((LinkType::ETHERNET, 1500, SYN.to_vec())));
        }
    }

    #[test]
    fn other_frames_come_without_theirs() {
        const ARPHRD_NONE: u16 = 65534;
        let frame = read(&written(0, 0, ARPHRD_NONE));
        assert_eq!(frame, Some((LinkType::RAW, 1486, SYN[14..].to_vec())));
    }

    #[test]
    fn a_tag_is_put_back_with_the_type_it_had() {
        let with_tag = |ethertype: [u8; 2]| {
            let bytes = [&SYN[..12], &ethertype, &[0x20, 0x64], &SYN[12..]].concat();
            Some((LinkType::ETHERNET, 1504, bytes))
        };
        let valid = libc::TP_STATUS_USER | libc::TP_STATUS_VLAN_VALID;
        assert_eq!(read(&written(valid, 0x88a8, ARPHRD_ETHER)), with_tag([0x81, 0x00]));
        let typed = valid | libc::TP_STATUS_VLAN_TPID_VALID;
        assert_eq!(read(&written(typed, 0x88a8, ARPHRD_ETHER)), with_tag([0x88, 0xa8]));
    }

    #[test]
    fn a_frame_that_reaches_beyond_its_block_is_left_out() {
        let whole = written(libc::TP_STATUS_VLAN_VALID, 0, ARPHRD_ETHER);
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length} bytes");
        }
    }
}
