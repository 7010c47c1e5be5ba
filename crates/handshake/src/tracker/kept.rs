//! The segments of a plain attempt, as small as they get.

use parser::{Checksum, Flags, Fragment, Frame, Origin, Segment, SeqNumber, Timestamp};

use super::judgement::Judgement;
use super::mark::Mark;
use crate::segment::{Kind, OptionBytes, SegmentRecord};
use crate::side::Side;

/// Above the twelve control bits: whether there is an IP id, and a TSval.
const HAS_IP_ID: u16 = 1 << 15;
const HAS_TSVAL: u16 = 1 << 14;

/// What totals need of a segment. Its numbers follow from its place in the handshake.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brief {
    pub(super) time: i64,
    tsval: u32,
    digest: u32,
    ip_id: u16,
    window: u16,
    flags: u16,
    ttl: u8,
    pub(super) origin: u8,
}

/// What a record says beyond that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    pub(super) frame: u64,
    options: OptionBytes,
    checksum: Checksum,
}

impl Brief {
    /// What is kept of a segment; `None` of one that says more than fits.
    #[inline]
    pub(super) fn of(segment: &Segment<'_>, time: i64, origin: u8) -> Option<Self> {
        if segment.len > 0 || segment.fragment != Fragment::Whole || segment.options_cut() {
            return None;
        }
        let options = segment.option_bytes();
        let (tsval, digest) = if options.is_empty() {
            (None, 0)
        } else {
            (segment.options().timestamps().map(|(tsval, _)| tsval), OptionBytes::digest(options))
        };
        let has = |bit: u16, it: bool| if it { bit } else { 0 };
        let flags = segment.flags.0 & 0x0fff
            | has(HAS_IP_ID, segment.ip_id.is_some())
            | has(HAS_TSVAL, tsval.is_some());
        Some(Self {
            time,
            tsval: tsval.unwrap_or_default(),
            digest,
            ip_id: segment.ip_id.unwrap_or_default(),
            window: segment.window,
            flags,
            ttl: segment.ttl,
            origin,
        })
    }

    pub(super) fn flags(&self) -> Flags {
        Flags(self.flags & 0x0fff)
    }

    fn ip_id(&self) -> Option<u16> {
        (self.flags & HAS_IP_ID != 0).then_some(self.ip_id)
    }

    fn tsval(&self) -> Option<u32> {
        (self.flags & HAS_TSVAL != 0).then_some(self.tsval)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark::new(self.ip_id(), || self.tsval())
    }

    /// The segment as an attempt keeps it that is not plain.
    pub(super) fn record(
        &self,
        rest: Option<&Rest>,
        (from, seq, ack): (Side, SeqNumber, SeqNumber),
        origin: Origin,
    ) -> SegmentRecord {
        let flags = self.flags();
        let Judgement { verdict, ack_check, .. } = Judgement::OPENS;
        SegmentRecord {
            frame: rest.map_or(0, |rest| rest.frame),
            origin,
            encapsulation: 0,
            timestamp: Some(Timestamp::from_nanos(self.time)),
            from: from.into(),
            kind: Kind::of(flags),
            flags,
            seq,
            ack: flags.contains(Flags::ACK).then_some(ack),
            len: 0,
            window: Some(self.window),
            ttl: self.ttl,
            ip_id: self.ip_id(),
            fragment: Fragment::Whole,
            checksum: rest.map_or(Checksum::Unknown, |rest| rest.checksum),
            options: rest.map_or_else(
                || OptionBytes::from_digest(self.tsval(), self.digest),
                |rest| rest.options,
            ),
            icmp: None,
            verdict,
            ack_check,
            client_state: None,
            server_state: None,
        }
    }
}

impl Rest {
    #[inline]
    pub(super) fn of(frame: &Frame<'_>, segment: &Segment<'_>) -> Self {
        Self {
            frame: frame.number,
            options: OptionBytes::of(segment),
            checksum: segment.checksum(),
        }
    }
}
