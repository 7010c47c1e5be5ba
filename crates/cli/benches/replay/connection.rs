//! Connections, segment by segment, and all those of a capture in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter};

use etherparse::TcpHeader;
use etherparse::TcpOptionElement::{
    MaximumSegmentSize, Noop, SelectiveAcknowledgementPermitted, Timestamp, WindowScale,
};

use crate::packets::Packets;
use crate::traffic::{Fate, Traffic, mix};

/// Writes the connections of the capture. It keeps only those that are open.
pub(crate) fn write(traffic: &Traffic, file: &mut BufWriter<File>) -> io::Result<()> {
    let mut packets = Packets::new(file, traffic.cut);
    let mut begins =
        (0..traffic.connections).map(|number| Connection::new(traffic, number)).peekable();
    let mut open = BinaryHeap::new();
    loop {
        open.extend(begins.next_if(|next| open.peek().is_none_or(|first| next > first)));
        let Some(mut first) = open.peek_mut() else { return Ok(()) };
        if !first.send(&mut packets)? {
            PeekMut::pop(first);
        }
    }
}

/// A connection that is not over. The greatest is the one that sends first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Connection {
    /// When the next segment comes, in nanoseconds.
    due: Reverse<u64>,
    number: u32,
    fate: Fate,
    client: End,
    server: End,
    /// Segments with data.
    data: u32,
    /// Segments that are sent.
    sent: u32,
    idle: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct End {
    addr: [u8; 4],
    port: u16,
    /// The next sequence number.
    next: u32,
    /// The last time stamp that it sent.
    clock: u32,
}

/// A segment: who sends it, and what.
#[derive(Clone, Copy)]
struct Segment {
    by_client: bool,
    content: Content,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Syn,
    Ack,
    Data,
    Fin,
    Rst,
}

const BEGIN: u64 = 1_700_000_000_000_000_000;
const MICROSECOND: u64 = 1_000;
const SECOND: u64 = 1_000_000_000;

impl Connection {
    fn new(traffic: &Traffic, number: u32) -> Self {
        let fate = (traffic.fate)(number);
        let [a, b, c, d] = number.to_be_bytes();
        let addr = match fate {
            // Not in the network of the clients.
            Fate::Spoofed => [11 + (mix(number) >> 24) as u8 % 100, b, c, d],
            _ => [10 + a, b, c, d],
        };
        let port = 32_768 + (number % 28_000) as u16;
        let client = End { addr, port, next: mix(number ^ 0x5555_5555), clock: 0 };
        let addr = [192, 0, 2, 1 + (number % traffic.servers) as u8];
        let server = End { addr, port: 443, next: mix(number ^ 0xaaaa_aaaa), clock: 0 };
        let (least, most) = (*traffic.data.start(), *traffic.data.end());
        Self {
            due: Reverse(BEGIN + u64::from(number) * traffic.apart),
            number,
            fate,
            client,
            server,
            data: least + mix(number) % (most - least + 1),
            sent: 0,
            idle: traffic.idle,
        }
    }

    /// The segment after the first `sent`, if there is one.
    fn segment(&self, sent: u32) -> Option<Segment> {
        use Content::{Ack, Data, Fin, Rst, Syn};
        let (by_client, content) = match (self.fate, sent) {
            (_, 0) => (true, Syn),
            (Fate::Unanswered, 1 | 2) => (true, Syn),
            (Fate::Refused, 1) => (false, Rst),
            (Fate::Established | Fate::Embryonic, 1) => (false, Syn),
            (Fate::Established, 2) => (true, Ack),
            (Fate::Established, _) => match (sent - 3).checked_sub(self.data) {
                // From either end in turn, the client first.
                None => (sent % 2 == 1, Data),
                Some(0) => (true, Fin),
                Some(1) => (false, Fin),
                Some(2) => (true, Ack),
                Some(_) => return None,
            },
            _ => return None,
        };
        Some(Segment { by_client, content })
    }

    /// Nanoseconds from this segment to the next one. The capture is taken halfway.
    fn pause(&self, segment: Segment, next: Segment) -> u64 {
        match self.fate {
            Fate::Unanswered => u64::from(self.sent) * SECOND,
            _ if self.sent == 3 && self.idle > 0 => self.idle,
            _ if segment.by_client == next.by_client => 20 * MICROSECOND,
            // Round trips of 1 ms to 50 ms.
            _ => (1_000 + u64::from(mix(self.number)) % 49_000) * MICROSECOND / 2,
        }
    }

    /// Sends the segment that is due, and says whether there will be another.
    fn send(&mut self, packets: &mut Packets<'_>) -> io::Result<bool> {
        let Some(segment) = self.segment(self.sent) else { return Ok(false) };
        self.write(segment, packets)?;
        self.sent += 1;
        let Some(next) = self.segment(self.sent) else { return Ok(false) };
        self.due.0 += self.pause(segment, next);
        Ok(true)
    }

    fn write(&mut self, segment: Segment, packets: &mut Packets<'_>) -> io::Result<()> {
        let Self { client, server, .. } = self;
        let (from, to) = if segment.by_client { (client, server) } else { (server, client) };
        let content = segment.content;
        let is_first = content == Content::Syn && segment.by_client;
        let len =
            if content == Content::Data { data_len(self.number ^ self.sent << 22) } else { 0 };
        let mut tcp = TcpHeader::new(from.port, to.port, from.next, 64_240);
        tcp.syn = content == Content::Syn;
        tcp.psh = content == Content::Data;
        tcp.fin = content == Content::Fin;
        tcp.rst = content == Content::Rst;
        tcp.ack = !is_first;
        tcp.acknowledgment_number = if is_first { 0 } else { to.next };
        match content {
            Content::Syn => tcp.sequence_number = from.next.wrapping_sub(1),
            Content::Rst => (tcp.sequence_number, tcp.window_size) = (0, 0),
            Content::Data => from.next = from.next.wrapping_add(len as u32),
            Content::Fin => from.next = from.next.wrapping_add(1),
            Content::Ack => {}
        }
        if content != Content::Rst {
            from.clock = (self.due.0 / 1_000_000) as u32;
            let times = Timestamp(from.clock, to.clock);
            let options = if content == Content::Syn {
                let sack = SelectiveAcknowledgementPermitted;
                vec![MaximumSegmentSize(1460), sack, times, Noop, WindowScale(7)]
            } else {
                vec![Noop, Noop, times]
            };
            tcp.set_options(&options).map_err(io::Error::other)?;
        }
        packets.write(self.due.0, from.addr, to.addr, tcp, len)
    }
}

/// Bytes in a segment with data: one in 16 is full, the others have less than 200.
fn data_len(seed: u32) -> usize {
    let chance = mix(seed) as usize;
    if chance.is_multiple_of(16) { 1448 } else { 1 + chance / 16 % 199 }
}
