//! The columns of an attempt.

use handshake::{Handshake, IcmpEvidence, Offer, OthersAnswered, Range, Side, TcpState};
use parser::Timestamp;
use render::{Record, layers, offered_by, used_by_both};

use crate::cell::{Cell, Words};
use crate::kind::Kind::{self, Bool, I64, Text, Time, U8, U16, U32, U64, Word};
use crate::kind::Shape::{self, List, Lists, Maybe, One};

/// A name, what the values are, how many there are, and how a record gives them.
type Column = (&'static str, Kind, Shape, fn(&mut Cell<'_>, &Record<'_>));

pub(crate) const COLUMNS: [Column; 81] = [
    ("id", U64, One, |cell, r| cell.one(r.handshake.id)),
    ("uid", Text, One, |cell, r| cell.one(Words(r.handshake.uid()))),
    ("community_id", Text, One, |cell, r| cell.one(Words(r.handshake.community_id()))),
    ("previous_id", U64, Maybe, |cell, r| cell.maybe(r.handshake.previous.map(|it| it.id))),
    ("previous_ended_ns_ago", I64, Maybe, |cell, r| {
        cell.maybe(r.handshake.previous.and_then(|previous| previous.ended_ns_ago));
    }),
    ("source", Word, Maybe, |cell, r| cell.maybe(r.names.source(r.handshake.origin))),
    ("interface", Word, Maybe, |cell, r| cell.maybe(r.names.interface(r.handshake.origin))),
    ("client_addr", Word, One, |cell, r| cell.one(r.handshake.client.addr)),
    ("client_port", U16, One, |cell, r| cell.one(r.handshake.client.port)),
    ("client_name", Word, Maybe, |cell, r| cell.maybe(r.end_names.client.map(|it| &*it.name))),
    ("client_name_source", Word, Maybe, |cell, r| {
        cell.maybe(r.end_names.client.map(|host| host.source.name()));
    }),
    ("server_addr", Word, One, |cell, r| cell.one(r.handshake.server.addr)),
    ("server_port", U16, One, |cell, r| cell.one(r.handshake.server.port)),
    ("server_name", Word, Maybe, |cell, r| cell.maybe(r.end_names.server.map(|it| &*it.name))),
    ("server_name_source", Word, Maybe, |cell, r| {
        cell.maybe(r.end_names.server.map(|host| host.source.name()));
    }),
    ("answered_by_addr", Word, Maybe, |cell, r| {
        cell.maybe(r.handshake.answered_by.map(|end| end.addr));
    }),
    ("answered_by_port", U16, Maybe, |cell, r| {
        cell.maybe(r.handshake.answered_by.map(|end| end.port));
    }),
    ("encapsulations", Word, Lists, |cell, r| {
        cell.list(&r.handshake.encapsulations, |cell, stack| {
            cell.values(layers(stack).map(Words));
        });
    }),
    ("outcome", Word, One, |cell, r| cell.one(r.handshake.outcome.name())),
    ("ended_by", Word, One, |cell, r| cell.one(r.handshake.ended_by.name())),
    ("reset_by", Word, Maybe, |cell, r| cell.maybe(r.handshake.reset_by.map(Side::name))),
    ("syn_captured", Bool, One, |cell, r| cell.one(r.handshake.syn_captured)),
    ("syn_ack_captured", Bool, One, |cell, r| cell.one(r.handshake.syn_ack_captured)),
    ("ack_captured", Bool, One, |cell, r| cell.one(r.handshake.ack_captured)),
    ("client_state", Word, Maybe, |cell, r| {
        cell.maybe(r.handshake.client_state.map(TcpState::name));
    }),
    ("server_state", Word, Maybe, |cell, r| {
        cell.maybe(r.handshake.server_state.map(TcpState::name));
    }),
    ("client_isn", U32, One, |cell, r| cell.one(r.handshake.client_isn.0)),
    ("server_isn", U32, Maybe, |cell, r| cell.maybe(r.handshake.server_isn.map(|isn| isn.0))),
    ("start", Time, Maybe, |cell, r| {
        cell.maybe(r.handshake.timing.start.map(Timestamp::as_nanos));
    }),
    ("total_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.total_ns)),
    ("total_min_ns", I64, Maybe, |cell, r| least(cell, r.handshake.timing.total_range_ns)),
    ("total_max_ns", I64, Maybe, |cell, r| most(cell, r.handshake.timing.total_range_ns)),
    ("retry_wait_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.retry_wait_ns)),
    ("retry_wait_min_ns", I64, Maybe, |cell, r| {
        least(cell, r.handshake.timing.retry_wait_range_ns);
    }),
    ("retry_wait_max_ns", I64, Maybe, |cell, r| {
        most(cell, r.handshake.timing.retry_wait_range_ns);
    }),
    ("server_rtt_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.server_rtt_ns)),
    ("server_rtt_min_ns", I64, Maybe, |cell, r| {
        least(cell, r.handshake.timing.server_rtt_range_ns);
    }),
    ("server_rtt_max_ns", I64, Maybe, |cell, r| {
        most(cell, r.handshake.timing.server_rtt_range_ns);
    }),
    ("syn_ack_wait_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.syn_ack_wait_ns)),
    ("syn_ack_wait_min_ns", I64, Maybe, |cell, r| {
        least(cell, r.handshake.timing.syn_ack_wait_range_ns);
    }),
    ("syn_ack_wait_max_ns", I64, Maybe, |cell, r| {
        most(cell, r.handshake.timing.syn_ack_wait_range_ns);
    }),
    ("client_rtt_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.client_rtt_ns)),
    ("client_rtt_min_ns", I64, Maybe, |cell, r| {
        least(cell, r.handshake.timing.client_rtt_range_ns);
    }),
    ("client_rtt_max_ns", I64, Maybe, |cell, r| {
        most(cell, r.handshake.timing.client_rtt_range_ns);
    }),
    ("failed_after_ns", I64, Maybe, |cell, r| cell.maybe(r.handshake.timing.failed_after_ns)),
    ("wireshark_irtt_ns", I64, Maybe, |cell, r| {
        cell.maybe(r.handshake.timing.wireshark_irtt_ns);
    }),
    ("clock_went_back_frame", U64, Maybe, |cell, r| {
        cell.maybe(r.handshake.timing.clock_went_back.map(|back| back.frame));
    }),
    ("clock_went_back_by_ns", I64, Maybe, |cell, r| {
        cell.maybe(r.handshake.timing.clock_went_back.map(|back| back.by_ns));
    }),
    ("syn_retransmissions", U32, One, |cell, r| cell.one(r.handshake.syn_retransmissions)),
    ("syn_ack_retransmissions", U32, One, |cell, r| {
        cell.one(r.handshake.syn_ack_retransmissions);
    }),
    ("patterns", Word, List, |cell, r| {
        cell.values(r.patterns.iter().map(|pattern| pattern.name.name()));
    }),
    ("client_mss", U16, Maybe, |cell, r| cell.maybe(r.handshake.negotiated.mss.client)),
    ("server_mss", U16, Maybe, |cell, r| cell.maybe(r.handshake.negotiated.mss.server)),
    ("client_window_scale", U8, Maybe, |cell, r| {
        cell.maybe(r.handshake.negotiated.window_scale.client);
    }),
    ("server_window_scale", U8, Maybe, |cell, r| {
        cell.maybe(r.handshake.negotiated.window_scale.server);
    }),
    ("sack", Bool, Maybe, |cell, r| {
        cell.maybe(used_by_both(r.handshake, r.handshake.negotiated.sack));
    }),
    ("client_sack_offered", Bool, Maybe, |cell, r| {
        by_client(cell, r.handshake, r.handshake.negotiated.sack);
    }),
    ("server_sack_offered", Bool, Maybe, |cell, r| {
        by_server(cell, r.handshake, r.handshake.negotiated.sack);
    }),
    ("timestamps", Bool, Maybe, |cell, r| {
        cell.maybe(used_by_both(r.handshake, r.handshake.negotiated.timestamps));
    }),
    ("client_timestamps_offered", Bool, Maybe, |cell, r| {
        by_client(cell, r.handshake, r.handshake.negotiated.timestamps);
    }),
    ("server_timestamps_offered", Bool, Maybe, |cell, r| {
        by_server(cell, r.handshake, r.handshake.negotiated.timestamps);
    }),
    ("ecn", Word, One, |cell, r| cell.one(r.handshake.negotiated.ecn.name())),
    ("fast_open", Word, One, |cell, r| cell.one(r.handshake.negotiated.fast_open.name())),
    ("mptcp", Word, One, |cell, r| cell.one(r.handshake.negotiated.mptcp.name())),
    ("icmp_frame", U64, Maybe, |cell, r| cell.maybe(icmp(r).map(|icmp| icmp.frame))),
    ("icmp_family", Word, Maybe, |cell, r| cell.maybe(icmp(r).map(|icmp| icmp.family.name()))),
    ("icmp_type", U8, Maybe, |cell, r| cell.maybe(icmp(r).map(|icmp| icmp.kind))),
    ("icmp_code", U8, Maybe, |cell, r| cell.maybe(icmp(r).map(|icmp| icmp.code))),
    ("icmp_name", Word, Maybe, |cell, r| {
        cell.maybe(icmp(r).map(|icmp| icmp.family.meaning(icmp.kind, icmp.code)));
    }),
    ("icmp_sender", Word, Maybe, |cell, r| cell.maybe(icmp(r).map(|icmp| icmp.sender))),
    ("icmp_mtu", U32, Maybe, |cell, r| cell.maybe(icmp(r).and_then(|icmp| icmp.mtu))),
    ("confirmed_frame", U64, Maybe, |cell, r| {
        cell.maybe(r.handshake.confirmed_by.map(|by| by.frame));
    }),
    ("others_answered_frame", U64, Maybe, |cell, r| {
        cell.maybe(others_answered(r).map(|answered| answered.frame));
    }),
    ("others_answered_same_host", Bool, Maybe, |cell, r| {
        cell.maybe(others_answered(r).map(|answered| answered.same_host));
    }),
    ("client_completed_frame", U64, Maybe, |cell, r| {
        cell.maybe(r.handshake.context.client_completed);
    }),
    ("server_syn_ack_ttl", U8, Maybe, |cell, r| {
        cell.maybe(r.handshake.context.server_syn_ack_ttl);
    }),
    ("targets_of_client", U32, One, |cell, r| cell.one(r.handshake.context.targets_of_client)),
    ("pending_at_server", U32, One, |cell, r| cell.one(r.handshake.context.pending_at_server)),
    ("capture_lost_packets", Bool, One, |cell, r| {
        cell.one(r.handshake.context.capture_lost_packets);
    }),
    ("frames", U64, List, |cell, r| {
        cell.values(r.handshake.segments.iter().map(|segment| segment.frame));
    }),
    ("segments_omitted", U32, One, |cell, r| cell.one(r.handshake.segments_omitted)),
];

fn least(cell: &mut Cell<'_>, range: Option<Range>) {
    cell.maybe(range.map(|range| range.min));
}

fn most(cell: &mut Cell<'_>, range: Option<Range>) {
    cell.maybe(range.map(|range| range.max));
}

fn by_client(cell: &mut Cell<'_>, handshake: &Handshake, offer: Offer<()>) {
    cell.maybe(offered_by(handshake, offer).0);
}

fn by_server(cell: &mut Cell<'_>, handshake: &Handshake, offer: Offer<()>) {
    cell.maybe(offered_by(handshake, offer).1);
}

fn icmp<'a>(record: &Record<'a>) -> Option<&'a IcmpEvidence> {
    record.handshake.icmp.as_ref()
}

fn others_answered(record: &Record<'_>) -> Option<OthersAnswered> {
    record.handshake.context.others_answered
}
