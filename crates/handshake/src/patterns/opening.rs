//! Openings other than SYN, SYN-ACK, ACK.

use super::Rule;
use super::evidence::Finding;
use crate::record::Handshake;
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const SIMULTANEOUS_OPEN: Rule = Rule {
    name: "simultaneous_open",
    told_from: "a split handshake, where only the client sends a SYN-ACK; here two SYNs cross \
                before any ACK (RFC 9293, figure 7)",
    check_next: "whether both ends mean to call connect(): hole punching does, anything else is \
                 two clients with swapped ports",
    rests_on_absence: false,
    find: simultaneous_open,
};

pub(super) const SPLIT_HANDSHAKE: Rule = Rule {
    name: "split_handshake",
    told_from: "a simultaneous open, where both ends send a SYN-ACK",
    check_next: "who runs the server: no ordinary TCP listens this way, and filters may take the \
                 server for the client",
    rests_on_absence: false,
    find: split_handshake,
};

pub(super) const SELF_CONNECT: Rule = Rule {
    name: "self_connect",
    told_from: "a LAND packet, spoofed with the server's own address: off the loopback, nobody \
                else can send from it",
    check_next: "a client that retries a port of its own ephemeral range until it draws that port: \
                 sysctl net.ipv4.ip_local_port_range, ip_local_reserved_ports",
    rests_on_absence: false,
    find: self_connect,
};

pub(super) const SYN_ACK_MISMATCH: Rule = Rule {
    name: "syn_ack_mismatch",
    told_from: "a repeated SYN-ACK, which keeps its K",
    check_next: "two servers behind one address (a balancer, a duplicate address: arping -D), or \
                 a device that rewrites sequence numbers",
    rests_on_absence: false,
    find: syn_ack_mismatch,
};

/// The server's own SYN, which splits its part of the handshake, and whether it does so.
fn server_syn(handshake: &Handshake) -> Option<(&SegmentRecord, bool)> {
    let syn = handshake.first(Sender::Server, Kind::Syn)?;
    let answers = handshake.first(Sender::Client, Kind::SynAck).is_some()
        && handshake.first(Sender::Server, Kind::SynAck).is_none();
    let acknowledges = handshake.confirmed_by.is_some()
        || handshake.sent(Sender::Server, Kind::Ack).any(|ack| handshake.acknowledges_j(ack));
    Some((syn, answers && acknowledges))
}

fn simultaneous_open(handshake: &Handshake) -> Option<Finding> {
    let (server_syn, split) = server_syn(handshake)?;
    if split {
        return None;
    }
    let crossing = handshake.segments.iter().filter(|segment| {
        segment.is_sent(Sender::Client, Kind::SynAck)
            || segment.is_sent(Sender::Server, Kind::SynAck)
    });
    let note = match crossing.clone().count() {
        0 => "two SYNs cross; no SYN-ACK followed".to_owned(),
        1 => "two SYNs cross; one SYN-ACK was seen".to_owned(),
        n => format!("two SYNs cross, then {n} SYN-ACKs"),
    };
    let evidence = handshake.syns().take(1).chain([server_syn]).chain(crossing);
    Some(Finding::new(evidence, note))
}

fn split_handshake(handshake: &Handshake) -> Option<Finding> {
    let (server_syn, true) = server_syn(handshake)? else { return None };
    let acks = handshake.sent(Sender::Server, Kind::Ack);
    let evidence = handshake
        .syns()
        .take(1)
        .chain([server_syn])
        .chain(handshake.sent(Sender::Client, Kind::SynAck))
        .chain(acks);
    let mut finding = Finding::new(
        evidence,
        "the server sent a SYN of its own and no SYN-ACK; the client's SYN-ACK took its place",
    );
    finding.frames.extend(handshake.confirmed_by);
    Some(finding)
}

fn self_connect(handshake: &Handshake) -> Option<Finding> {
    if handshake.client != handshake.server {
        return None;
    }
    let place = if handshake.client.addr.is_loopback() {
        "on the loopback"
    } else {
        "off the loopback: spoofed, unless this host captured itself"
    };
    let note = format!("source and destination are {}, {place}", handshake.client);
    Some(Finding::new(handshake.segments.first(), note))
}

fn syn_ack_mismatch(handshake: &Handshake) -> Option<Finding> {
    let first = handshake.syn_acks().next()?;
    let other = handshake.syn_acks().find(|syn_ack| syn_ack.seq != first.seq)?;
    let note = format!("K is {} in one SYN-ACK and {} in another", first.seq, other.seq);
    Some(Finding::new([first, other], note))
}
