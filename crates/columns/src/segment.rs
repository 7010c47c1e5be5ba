//! The columns of a segment, in the list of those of its attempt.

use handshake::{SegmentRecord, TcpState};
use parser::IcmpError;
use render::{Record, distances, note, offset_ns};

use crate::cell::Cell;
use crate::kind::Kind::{self, I32, I64, U8, U16, U32, U64, Word};
use crate::kind::Shape::{self, List, Maybe, One};

/// A segment, and the record that has it.
pub(crate) struct Within<'a> {
    record: &'a Record<'a>,
    /// Its place there.
    index: usize,
    segment: &'a SegmentRecord,
}

impl<'a> Within<'a> {
    /// The segments of a record.
    pub(crate) fn all(record: &'a Record<'a>) -> impl Iterator<Item = Self> {
        let segments = record.handshake.segments.iter().enumerate();
        segments.map(move |(index, segment)| Self { record, index, segment })
    }

    /// The file that holds it, where that is not the record's.
    fn source_elsewhere(&self) -> Option<&'a str> {
        let is_elsewhere = self.segment.origin.source != self.record.handshake.origin.source;
        self.record.names.source(self.segment.origin).filter(|_| is_elsewhere)
    }

    fn icmp(&self) -> Option<&'a IcmpError> {
        self.segment.icmp.as_deref()
    }
}

/// As those of an attempt.
type Column = (&'static str, Kind, Shape, fn(&mut Cell<'_>, &Within<'_>));

pub(crate) const COLUMNS: [Column; 27] = [
    ("frame", U64, One, |cell, it| cell.one(it.segment.frame)),
    ("source", Word, Maybe, |cell, it| cell.maybe(it.source_elsewhere())),
    ("encapsulation", U8, One, |cell, it| cell.one(it.segment.encapsulation)),
    ("offset_ns", I64, Maybe, |cell, it| {
        cell.maybe(offset_ns(it.record.handshake, it.segment));
    }),
    ("from", Word, One, |cell, it| cell.one(it.segment.from.name())),
    ("kind", Word, One, |cell, it| cell.one(it.segment.kind.name())),
    ("flags", Word, List, |cell, it| {
        cell.values(it.segment.flags.names());
    }),
    ("seq", U32, One, |cell, it| cell.one(it.segment.seq.0)),
    ("ack", U32, Maybe, |cell, it| cell.maybe(it.segment.ack.map(|ack| ack.0))),
    ("seq_relative", I32, Maybe, |cell, it| {
        cell.maybe(distances(it.record.handshake, it.segment).0);
    }),
    ("ack_relative", I32, Maybe, |cell, it| {
        cell.maybe(distances(it.record.handshake, it.segment).1);
    }),
    ("len", U32, One, |cell, it| cell.one(it.segment.len)),
    ("window", U16, Maybe, |cell, it| cell.maybe(it.segment.window)),
    ("ttl", U8, One, |cell, it| cell.one(it.segment.ttl)),
    ("ip_id", U16, Maybe, |cell, it| cell.maybe(it.segment.ip_id)),
    ("checksum", Word, One, |cell, it| cell.one(it.segment.checksum.name())),
    ("option_kinds", U8, List, |cell, it| {
        cell.values(it.segment.options.iter().map(|option| option.kind()));
    }),
    ("icmp_family", Word, Maybe, |cell, it| cell.maybe(it.icmp().map(|icmp| icmp.family.name()))),
    ("icmp_type", U8, Maybe, |cell, it| cell.maybe(it.icmp().map(|icmp| icmp.kind))),
    ("icmp_code", U8, Maybe, |cell, it| cell.maybe(it.icmp().map(|icmp| icmp.code))),
    ("icmp_name", Word, Maybe, |cell, it| {
        cell.maybe(it.icmp().map(|icmp| icmp.family.meaning(icmp.kind, icmp.code)));
    }),
    ("icmp_sender", Word, Maybe, |cell, it| cell.maybe(it.icmp().map(|icmp| icmp.sender))),
    ("icmp_mtu", U32, Maybe, |cell, it| cell.maybe(it.icmp().and_then(|icmp| icmp.mtu))),
    ("verdict", Word, One, |cell, it| cell.one(it.segment.verdict.name())),
    ("note", Word, Maybe, |cell, it| {
        cell.maybe(note(it.record.handshake, it.index).as_deref());
    }),
    ("client_state", Word, Maybe, |cell, it| {
        cell.maybe(it.segment.client_state.map(TcpState::name));
    }),
    ("server_state", Word, Maybe, |cell, it| {
        cell.maybe(it.segment.server_state.map(TcpState::name));
    }),
];
