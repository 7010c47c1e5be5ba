//! What is kept of a frame that belongs to an attempt.

use parser::{Frame, IcmpError, Segment};

use super::judgement::Judgement;
use crate::segment::{Kind, OptionBytes, SegmentRecord, Sender, Verdict};
use crate::side::Side;

/// The record of a judged segment.
pub(super) fn segment_record(
    frame: &Frame<'_>,
    segment: &Segment<'_>,
    from: Side,
    encapsulation: u8,
    judgement: &Judgement,
    checksum: bool,
) -> SegmentRecord {
    SegmentRecord {
        frame: frame.number,
        origin: frame.origin,
        encapsulation,
        timestamp: frame.timestamp,
        from: from.into(),
        kind: Kind::of(segment.flags),
        flags: segment.flags,
        seq: segment.seq,
        ack: segment.ack(),
        len: segment.len,
        window: Some(segment.window),
        ttl: segment.ttl,
        ip_id: segment.ip_id,
        fragment: segment.fragment,
        checksum: if checksum { segment.checksum() } else { parser::Checksum::Unknown },
        options: OptionBytes::of(segment),
        icmp: None,
        verdict: judgement.verdict,
        ack_check: judgement.ack_check,
        client_state: None,
        server_state: None,
    }
}

/// The record of an ICMP error about a segment of the attempt.
pub(super) fn icmp_record(
    frame: &Frame<'_>,
    error: &IcmpError,
    from: Sender,
    encapsulation: u8,
    verdict: Verdict,
) -> SegmentRecord {
    SegmentRecord {
        frame: frame.number,
        origin: frame.origin,
        encapsulation,
        timestamp: frame.timestamp,
        from,
        kind: Kind::Icmp,
        flags: error.quoted.flags.unwrap_or_default(),
        seq: error.quoted.seq,
        ack: None,
        len: 0,
        window: None,
        ttl: error.ttl,
        ip_id: None,
        fragment: parser::Fragment::Whole,
        checksum: parser::Checksum::Unknown,
        options: OptionBytes::NONE,
        icmp: Some(Box::new(*error)),
        verdict,
        ack_check: None,
        client_state: None,
        server_state: None,
    }
}
