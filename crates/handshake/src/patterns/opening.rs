//! Openings other than SYN, SYN-ACK, ACK.

use super::Rule;
use super::evidence::Finding;
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const SIMULTANEOUS_OPEN: Rule = Rule {
    name: "simultaneous_open",
    source: "RFC 9293, 3.5, figure 7",
    differs_from: "a split handshake, where only the client sends a SYN-ACK; here two SYNs cross \
                before any ACK (RFC 9293, figure 7)",
    check_next: "whether both ends intend to call connect(): in hole punching they do; otherwise \
                 these are two clients with swapped ports",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: simultaneous_open,
};

pub(super) const SPLIT_HANDSHAKE: Rule = Rule {
    name: "split_handshake",
    source: "RFC 9293, 3.5",
    differs_from: "a simultaneous open, where both ends send a SYN-ACK",
    check_next: "who runs the server: no ordinary TCP listens in this way, and filters may confuse \
                 the server with the client",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: split_handshake,
};

pub(super) const SELF_CONNECT: Rule = Rule {
    name: "self_connect",
    source: "RFC 9293, 3.5, figure 7",
    differs_from: "a spoofed packet (LAND), which never leads to an established connection",
    check_next: "a client that retries a port in its own ephemeral range until the kernel picks \
                 this port as its source: sysctl net.ipv4.ip_local_port_range, \
                 ip_local_reserved_ports",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: self_connect,
};

pub(super) const SYN_ACK_MISMATCH: Rule = Rule {
    name: "syn_ack_mismatch",
    source: "RFC 9293, 3.4.1",
    differs_from: "a repeated SYN-ACK, which keeps its K; one server that forgot its first answer (a \
                full queue, SYN cookies) looks the same as two",
    check_next: "two servers behind one address (a load balancer, a duplicate address: arping -D), \
                 a server that keeps no state, or a device that rewrites sequence numbers",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: syn_ack_mismatch,
};

pub(super) const NAT_SUSPECTED: Rule = Rule {
    name: "nat_suspected",
    source: "RFC 5382",
    differs_from: "a second server, which got a SYN of its own; here no SYN to the address that answers \
                was captured",
    check_next: "which device translates addresses between client and server in one direction only \
                 (NAT, a load balancer, direct server return), and whether the answer reaches the \
                 client with the address that it tried",
    rests_on_absence: true,
    needs: Signs::NONE,
    find: nat_suspected,
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
        0 => "both ends sent a SYN; no SYN-ACK was captured".to_owned(),
        1 => "both ends sent a SYN; one SYN-ACK was captured".to_owned(),
        n => format!("both ends sent a SYN, then {n} SYN-ACKs"),
    };
    let evidence = handshake.syns().take(1).chain([server_syn]).chain(crossing);
    let finding = Finding::new(evidence, note);
    let both = handshake.first(Sender::Client, Kind::SynAck).is_some()
        && handshake.first(Sender::Server, Kind::SynAck).is_some();
    Some(if both {
        finding
    } else {
        finding.differs_from(
            "a split handshake, where only the client sends a SYN-ACK: the captured segments do \
             not show which one this is",
        )
    })
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
    finding.frames.extend(handshake.confirmed_by.map(|by| by.frame));
    Some(finding)
}

fn self_connect(handshake: &Handshake) -> Option<Finding> {
    if handshake.client != handshake.server {
        return None;
    }
    let place = if handshake.client.addr.is_loopback() {
        "on the loopback"
    } else {
        "not on the loopback: spoofed, unless it was captured on that host itself"
    };
    let note = format!("source and destination are {}, {place}", handshake.client);
    let finding = Finding::new(handshake.segments.first(), note);
    Some(match handshake.outcome {
        Outcome::Established => finding,
        _ => finding
            .differs_from("a spoofed packet (LAND), which looks the same until it is answered"),
    })
}

pub(super) fn syn_ack_mismatch(handshake: &Handshake) -> Option<Finding> {
    let first = handshake.syn_acks().next()?;
    let other = handshake.syn_acks().find(|syn_ack| syn_ack.seq != first.seq)?;
    let mut note = format!("K is {} in one SYN-ACK and {} in another", first.seq, other.seq);
    if first.ttl == other.ttl {
        return Some(Finding::new([first, other], note));
    }
    note = format!("{note}; their hop limits are {} and {}: two hosts", first.ttl, other.ttl);
    let finding = Finding::new([first, other], note)
        .differs_from("one server that forgot its first answer: its hop limit would be the same")
        .check_next(
            "which hosts answer for the server's address: a load balancer, a duplicate address \
             (arping -D), a device on the path",
        );
    Some(finding)
}

fn nat_suspected(handshake: &Handshake) -> Option<Finding> {
    let other = handshake.answered_by?;
    let syn = handshake.syns().next()?;
    let syn_ack = handshake.step(handshake.steps.syn_ack)?;
    let note = format!(
        "suspected: the SYN went to {}, the SYN-ACK came from {other} and acknowledges J+1",
        handshake.server
    );
    Some(Finding::new([syn, syn_ack], note))
}
