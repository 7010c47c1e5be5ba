//! From a record to its JSON form.

use std::fmt::Display;

use handshake::{Context, Handshake, Pattern, Range, Timing};
use hostnames::HostName;
use parser::{Endpoint, Origin, Timestamp};
use serde::Serializer;

use super::{
    AttemptJson, ClockWentBackJson, CompareJson, ContextJson, EndpointJson, FilterJson, IcmpJson,
    NegotiatedJson, PatternJson, Records, SCHEMA, SegmentJson, TimingJson, Word,
};
use crate::Record;
use crate::text::Rfc3339;
use crate::view::{self, WiresharkFilter};

impl<'a> AttemptJson<'a> {
    pub(super) fn new(record: &Record<'a>, records: Records) -> Self {
        let handshake: &'a Handshake = record.handshake;
        let names = record.names;
        Self {
            kind: Word("handshake"),
            schema: SCHEMA,
            id: handshake.id,
            uid: handshake.uid(),
            community_id: handshake.community_id(),
            previous_id: handshake.previous.map(|previous| previous.id),
            previous_ended_ns_ago: handshake.previous.and_then(|previous| previous.ended_ns_ago),
            source: names.source(handshake.origin),
            interface: names.interface(handshake.origin),
            client: EndpointJson::new(handshake.client, record.end_names.client),
            server: EndpointJson::new(handshake.server, record.end_names.server),
            answered_by: handshake.answered_by.map(|end| EndpointJson::new(end, None)),
            encapsulations: handshake
                .encapsulations
                .iter()
                .map(|stack| view::layers(stack).collect())
                .collect(),
            outcome: Word(handshake.outcome.name()),
            ended_by: Word(handshake.ended_by.name()),
            reset_by: handshake.reset_by.map(|side| Word(side.name())),
            syn_captured: handshake.syn_captured,
            syn_ack_captured: handshake.syn_ack_captured,
            ack_captured: handshake.ack_captured,
            client_state: handshake.client_state.map(|state| Word(state.name())),
            server_state: handshake.server_state.map(|state| Word(state.name())),
            client_isn: handshake.client_isn.0,
            server_isn: handshake.server_isn.map(|isn| isn.0),
            start: handshake.timing.start,
            timing: TimingJson::from(&handshake.timing),
            syn_retransmissions: handshake.syn_retransmissions,
            syn_ack_retransmissions: handshake.syn_ack_retransmissions,
            patterns: record.patterns,
            negotiated: NegotiatedJson::new(handshake),
            icmp: handshake.icmp.as_ref().map(IcmpJson::from),
            confirmed_frame: handshake.confirmed_by.map(|by| by.frame),
            wireshark_filter: WiresharkFilter::at(handshake, handshake.origin.source),
            wireshark_filter_elsewhere: elsewhere(record),
            compare: records.compare.then(|| CompareJson::from(handshake)),
            context: ContextJson::from(&handshake.context),
            segments: records.segments.then_some(*record),
            segments_omitted: handshake.segments_omitted,
        }
    }
}

/// Writes an instant as RFC 3339 says.
#[expect(clippy::ref_option, reason = "serde hands over references")]
pub(super) fn date<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&Rfc3339(*time)),
        None => serializer.serialize_none(),
    }
}

/// Writes a value in its words.
pub(super) fn words<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes the JSON forms of patterns.
pub(super) fn patterns<S: Serializer>(
    patterns: &[Pattern],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(patterns.iter().map(PatternJson::from))
}

/// Writes a filter.
pub(super) fn filter<S: Serializer>(
    filter: &WiresharkFilter<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&filter.text())
}

/// The filters for the other files.
fn elsewhere<'a>(record: &Record<'a>) -> Vec<FilterJson<'a>> {
    let others = view::wireshark_filters(record.handshake).skip(1);
    let json = |filter: WiresharkFilter<'a>| {
        let origin = Origin { source: filter.source, interface: None };
        FilterJson { source: record.names.source(origin), filter }
    };
    others.map(json).collect()
}

/// Writes the JSON forms of a record's segments.
#[expect(clippy::ref_option, reason = "serde hands over references")]
pub(super) fn segments<S: Serializer>(
    record: &Option<Record<'_>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(record) = record else { return serializer.serialize_none() };
    let segments = record.handshake.segments.iter().enumerate();
    serializer
        .collect_seq(segments.map(|(index, segment)| SegmentJson::new(record, index, segment)))
}

impl<'a> EndpointJson<'a> {
    fn new(Endpoint { addr, port }: Endpoint, name: Option<&'a HostName>) -> Self {
        let name_source = name.map(|host| Word(host.source.name()));
        Self { addr, port, name: name.map(|host| &*host.name), name_source }
    }
}

impl From<&Timing> for TimingJson {
    fn from(timing: &Timing) -> Self {
        let range = |range: Range| (range.min, range.max);
        Self {
            start_ns: timing.start.map(parser::Timestamp::as_nanos),
            total_ns: timing.total_ns,
            total_range_ns: timing.total_range_ns.map(range),
            retry_wait_ns: timing.retry_wait_ns,
            retry_wait_range_ns: timing.retry_wait_range_ns.map(range),
            server_rtt_ns: timing.server_rtt_ns,
            server_rtt_range_ns: timing.server_rtt_range_ns.map(range),
            syn_ack_wait_ns: timing.syn_ack_wait_ns,
            syn_ack_wait_range_ns: timing.syn_ack_wait_range_ns.map(range),
            client_rtt_ns: timing.client_rtt_ns,
            client_rtt_range_ns: timing.client_rtt_range_ns.map(range),
            failed_after_ns: timing.failed_after_ns,
            wireshark_irtt_ns: timing.wireshark_irtt_ns,
            clock_went_back: timing
                .clock_went_back
                .map(|back| ClockWentBackJson { frame: back.frame, by_ns: back.by_ns }),
        }
    }
}

impl<'a> From<&'a Pattern> for PatternJson<'a> {
    fn from(pattern: &'a Pattern) -> Self {
        let usual = pattern.name.describe();
        let unless_usual = |text, usual| (text != usual).then_some(text);
        Self {
            name: Word(pattern.name.name()),
            frames: &pattern.frames,
            note: &pattern.note,
            differs_from: unless_usual(pattern.differs_from, usual.differs_from),
            check_next: unless_usual(pattern.check_next, usual.check_next),
        }
    }
}

impl From<&Context> for ContextJson {
    fn from(context: &Context) -> Self {
        Self {
            others_answered_frame: context.others_answered.map(|answered| answered.frame),
            others_answered_same_host: context.others_answered.map(|answered| answered.same_host),
            client_completed_frame: context.client_completed,
            server_syn_ack_ttl: context.server_syn_ack_ttl,
            targets_of_client: context.targets_of_client,
            pending_at_server: context.pending_at_server,
            capture_lost_packets: context.capture_lost_packets,
        }
    }
}
