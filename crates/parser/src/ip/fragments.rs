//! TCP headers that IP fragments cut (RFC 1858), put together within small bounds.
//!
//! Whole packets are never put together.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::cursor::Cursor;
use crate::ip_header::{IpHeader, Part};
use crate::tcp::{self, FIXED};
use crate::{Content, Frame, Layer, Origin, Segment, Stopped, Timestamp};

/// No TCP header is longer.
const LONGEST: usize = 60;
/// What is kept of a packet: all fragments that a part of the header may be in.
const ROOM: usize = 64;
/// As many packets wait for the rest of their header.
const PACKETS: usize = 64;
/// And so long (Linux: `net.ipv4.ipfrag_time`, `net.ipv6.ip6frag_time`; after RFC 791, 3.2).
const WAIT_NS: u64 = 30_000_000_000;

/// The packets of which a part of the TCP header has come, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    packets: VecDeque<Packet>,
    /// How many headers are not complete, those given up included.
    incomplete: u64,
}

#[derive(Debug)]
struct Packet {
    key: Key,
    layers: Vec<Layer>,
    since: Option<Timestamp>,
    /// Whether a fragment that cuts the fixed header has come, or one that follows such a one.
    is_cut: bool,
    bytes: [u8; ROOM],
    /// A bit for each byte that has come.
    have: u64,
    /// The packet's length, once its last fragment shows it.
    len: Option<usize>,
    state: HeaderState,
}

/// What the fragments of one packet have in common, beside the layers around them. Where the same
/// packet is seen twice, at two places, each is put together for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    origin: Origin,
    source: IpAddr,
    destination: IpAddr,
    id: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeaderState {
    Waiting,
    /// The segment has been handed out.
    Complete,
    /// Two fragments overlap, as only hostile ones do.
    Refused,
}

impl Fragments {
    /// How many headers are not complete, whether their rest may still come or not.
    pub(crate) const fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Takes what `cursor` holds of a packet with TCP in it. Gives the segment where this completes its
    /// header, and `None` where it has no part in a header that was cut.
    pub(crate) fn add<'a>(
        &'a mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        (ip, part): (&IpHeader<'_>, Part),
        cursor: &Cursor<'_>,
    ) -> Option<Content<'a>> {
        let (source, destination) = ip.addresses.to_ip();
        let key = Key { origin: frame.origin, source, destination, id: part.id };
        let is_first = part.offset == 0 && cursor.wire() >= FIXED;
        let index = match self.find(&key, layers, frame.timestamp, (part, cursor)) {
            Some(index) => index,
            None if is_first || part.offset >= LONGEST => return None,
            None => self.begin(key, layers, frame.timestamp),
        };
        let packet =
            self.packets.get_mut(index).filter(|packet| packet.state == HeaderState::Waiting)?;
        // What begins within the fixed header follows a fragment that cut it.
        if !is_first && part.offset < FIXED && !packet.is_cut {
            packet.is_cut = true;
            self.incomplete += 1;
        }
        let complete = packet.place(part, cursor).and_then(|()| {
            let joins = !is_first;
            if joins { packet.complete(cursor) } else { Ok(None) }
        });
        packet.state = match complete {
            Ok(None) if !is_first => return None,
            Ok(_) => HeaderState::Complete,
            Err(_) => HeaderState::Refused,
        };
        self.incomplete -= u64::from(packet.is_cut);
        match complete {
            Ok(header) => Some(Content::Tcp(packet.segment(header?, ip))),
            Err(stopped) => Some(Content::Stopped(stopped)),
        }
    }

    /// The packet that the fragment belongs to. Where the number has come round it is another one: too
    /// late, or another beginning after the header was complete.
    fn find(
        &mut self,
        key: &Key,
        layers: &[Layer],
        now: Option<Timestamp>,
        (part, cursor): (Part, &Cursor<'_>),
    ) -> Option<usize> {
        let same = |packet: &Packet| packet.key == *key && packet.layers == layers;
        let index = self.packets.iter().rposition(same)?;
        let packet = self.packets.get(index)?;
        let age = now.zip(packet.since).map(|(now, since)| now.nanos_since(since));
        let late = age.is_some_and(|age| age.unsigned_abs() > WAIT_NS);
        let anew = packet.state != HeaderState::Waiting && part.offset == 0;
        if late || (anew && !packet.begins_with(cursor.bytes())) {
            self.packets.remove(index);
            return None;
        }
        Some(index)
    }

    fn begin(&mut self, key: Key, layers: &[Layer], since: Option<Timestamp>) -> usize {
        if self.packets.len() == PACKETS {
            self.packets.pop_front();
        }
        self.packets.push_back(Packet {
            key,
            layers: layers.to_vec(),
            since,
            is_cut: false,
            bytes: [0; ROOM],
            have: 0,
            len: None,
            state: HeaderState::Waiting,
        });
        self.packets.len() - 1
    }
}

impl Packet {
    /// Puts a fragment in its place.
    fn place(&mut self, part: Part, cursor: &Cursor<'_>) -> Result<(), Stopped> {
        const OVERLAP: &str = "a fragment overlaps the TCP header (RFC 3128)";
        let overlap = || cursor.malformed("tcp", OVERLAP);
        let room = self.bytes.get_mut(part.offset..).unwrap_or_default();
        let count = room.len().min(cursor.bytes().len());
        let (room, bytes) = (&mut room[..count], &cursor.bytes()[..count]);
        let bits = bits(part.offset, count);
        if self.have & bits != 0 {
            // The same fragment, captured again or sent again, changes nothing.
            return if self.have & bits == bits && room == bytes { Ok(()) } else { Err(overlap()) };
        }
        let len = if part.more { self.len } else { Some(part.offset + cursor.wire()) };
        let have = self.have | bits;
        let beyond = len.is_some_and(|len| have & !bits_below(len) != 0);
        if beyond || (self.len.is_some() && self.len != len) {
            return Err(overlap());
        }
        room.copy_from_slice(bytes);
        (self.have, self.len) = (have, len);
        Ok(())
    }

    /// The fixed header, once all of the header has come.
    fn complete(&self, cursor: &Cursor<'_>) -> Result<Option<[u8; FIXED]>, Stopped> {
        let here = self.here();
        let Some(header) = here.first_chunk() else { return Ok(None) };
        let header_len = usize::from(tcp::header_len(header));
        if header_len < FIXED {
            return Err(cursor.malformed("tcp", "data offset below 5"));
        }
        Ok((header_len <= here.len()).then_some(*header))
    }

    /// The segment, as far as it has come, with the facts of the IP header that completed it.
    fn segment(&self, header: [u8; FIXED], ip: &IpHeader<'_>) -> Segment<'_> {
        let here = self.here();
        // This is all of it, or data follow in later fragments.
        let part = if self.len == Some(here.len()) { None } else { ip.part };
        let ip = IpHeader { part: part.map(|part| Part { more: true, ..part }), ..*ip };
        tcp::segment(&header, &Cursor::of_frame(0, here), &ip)
    }

    fn begins_with(&self, bytes: &[u8]) -> bool {
        let here = self.here();
        let count = here.len().min(bytes.len());
        here[..count] == bytes[..count]
    }

    /// What has come without a gap.
    fn here(&self) -> &[u8] {
        &self.bytes[..self.have.trailing_ones() as usize]
    }
}

/// `count` bits from `offset` on.
const fn bits(offset: usize, count: usize) -> u64 {
    bits_below(offset + count) & !bits_below(offset)
}

const fn bits_below(end: usize) -> u64 {
    if end < ROOM { (1 << end) - 1 } else { u64::MAX }
}
