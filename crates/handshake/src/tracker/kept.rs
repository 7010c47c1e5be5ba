//! The segments of a plain attempt, as small as they get.

use parser::{Checksum, Flags, Fragment, Frame, Origin, Segment, SeqNumber, Timestamp};

use super::judgement::Judgement;
use super::mark::Mark;
use crate::facts::Feature;
use crate::segment::{Kind, OptionBytes, SegmentRecord};
use crate::side::Side;

/// Above the twelve control bits: whether there is an IP id, and which options there are.
const HAS_IP_ID: u16 = 1 << 15;
const HAS_TSVAL: u16 = 1 << 14;
const HAS_WINDOW_SCALE: u16 = 1 << 13;
const HAS_SACK: u16 = 1 << 12;

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
    /// The [`low`](super::vantage::Number::low) half of the number of its vantage.
    pub(super) low: u8,
}

/// Bytes of options that fit: those of a SYN of Linux, Windows or macOS.
const OPTIONS: usize = 24;

/// What a record says beyond that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    frame: u64,
    options: [u8; OPTIONS],
    options_len: u8,
    checksum: Checksum,
}

impl Brief {
    /// That of an attempt without a segment.
    pub(super) const NONE: Self =
        Self { time: i64::MIN, tsval: 0, digest: 0, ip_id: 0, window: 0, flags: 0, ttl: 0, low: 0 };

    /// What is kept of a segment but its vantage, and its TSecr, 0 without one; `None` of a segment that says
    /// more than fits.
    #[inline]
    pub(super) fn of(segment: &Segment<'_>, time: i64) -> Option<(Self, u32)> {
        if segment.len > 0 || segment.fragment != Fragment::Whole || segment.options_cut() {
            return None;
        }
        let options = segment.option_bytes();
        if options.len() > OPTIONS {
            return None;
        }
        let usual = segment.options().usual()?;
        let (tsval, echo) = usual.timestamps.unzip();
        let digest = if options.is_empty() { 0 } else { OptionBytes::digest(options) };
        let has = |bit: u16, it: bool| if it { bit } else { 0 };
        let flags = segment.flags.0 & 0x0fff
            | has(HAS_IP_ID, segment.ip_id.is_some())
            | has(HAS_TSVAL, tsval.is_some())
            | has(HAS_WINDOW_SCALE, usual.window_scale)
            | has(HAS_SACK, usual.sack_permitted);
        let brief = Self {
            time,
            tsval: tsval.unwrap_or_default(),
            digest,
            ip_id: segment.ip_id.unwrap_or_default(),
            window: segment.window,
            flags,
            ttl: segment.ttl,
            low: 0,
        };
        Some((brief, echo.unwrap_or_default()))
    }

    /// Whether a segment with this TSecr may answer this one, as far as time stamps tell.
    #[inline]
    pub(super) fn may_be_echoed(&self, echo: u32) -> bool {
        echo == 0 || self.tsval().is_none_or(|tsval| tsval == echo)
    }

    /// What its options offer, apart from what the control bits do.
    pub(super) fn offers(&self) -> [(Feature, bool); 3] {
        [
            (Feature::WindowScale, self.flags & HAS_WINDOW_SCALE != 0),
            (Feature::Sack, self.flags & HAS_SACK != 0),
            (Feature::Timestamps, self.flags & HAS_TSVAL != 0),
        ]
    }

    pub(super) fn flags(&self) -> Flags {
        Flags(self.flags & 0x0fff)
    }

    pub(super) const fn ttl(&self) -> u8 {
        self.ttl
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
                || {
                    let [(_, window_scale), (_, sack), _] = self.offers();
                    OptionBytes::from_digest((self.tsval(), window_scale, sack), self.digest)
                },
                Rest::options,
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
    /// What it says of a segment that has a [`Brief`].
    #[inline]
    pub(super) fn of(frame: &Frame<'_>, segment: &Segment<'_>) -> Self {
        let bytes = segment.option_bytes();
        let len = bytes.len().min(OPTIONS);
        let mut options = [0; OPTIONS];
        options[..len].copy_from_slice(&bytes[..len]);
        let (options_len, checksum) = (len as u8, segment.checksum());
        Self { frame: frame.number, options, options_len, checksum }
    }

    fn options(&self) -> OptionBytes {
        OptionBytes::new(&self.options[..usize::from(self.options_len)])
    }
}
