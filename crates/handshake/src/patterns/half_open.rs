//! Attempts that the client leaves half-open.

use super::Rule;
use super::evidence::{Finding, after, times};
use super::schedule::{Repeated, describe};
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, Sender};

/// From so many server endpoints on, a client that resets each of them is scanning.
const SCAN_TARGETS: u32 = 10;
/// From so many attempts on that wait at one server endpoint, silence looks like a flood.
const FLOOD_ATTEMPTS: u32 = 100;

pub(super) const SYN_SCAN: Rule = Rule {
    name: "syn_scan",
    told_from: "a single probe or a socket that vanished: a scan tries many ports from one source",
    check_next: "who the client is and what else it tries: all attempts of that address",
    rests_on_absence: false,
    find: syn_scan,
};

pub(super) const EMBRYONIC: Rule = Rule {
    name: "embryonic",
    told_from: "a SYN-ACK that does not reach the client: it would repeat its SYN; a client that \
                is silent is spoofed or gone",
    check_next: "the way back to the client (ip route get ADDRESS on the server, asymmetric \
                 filters); on the server ss -tn state syn-recv",
    rests_on_absence: true,
    find: embryonic,
};

pub(super) const SYN_FLOOD: Rule = Rule {
    name: "syn_flood",
    told_from: "an overloaded listener, whose clients are real and repeat their SYN",
    check_next: "on the server: ss -tn state syn-recv | wc -l, nstat -az TcpExtSyncookiesSent \
                 TcpExtTCPReqQFullDoCookies, sysctl net.ipv4.tcp_syncookies",
    rests_on_absence: true,
    find: syn_flood,
};

fn syn_scan(handshake: &Handshake) -> Option<Finding> {
    if handshake.outcome != Outcome::Reset || handshake.acknowledgment().is_some() {
        return None;
    }
    let syn = handshake.syns().next()?;
    let syn_ack = handshake.syn_acks().next()?;
    let expected = syn_ack.ack?;
    let rst = handshake.sent(Sender::Client, Kind::Rst).find(|rst| rst.seq == expected)?;
    let time = after(rst.nanos_since(syn_ack)).replace(" after ", " ");
    let who = match handshake.context.targets_of_client {
        0 | 1 => "the only server this client tried: a probe, or its socket vanished".to_owned(),
        n @ 2..SCAN_TARGETS => format!("the client tried {n} servers or ports: too few for a scan"),
        n => format!("the client tried {n} servers or ports: a scan"),
    };
    let note = format!("the client reset{time} after the SYN-ACK; {who}");
    Some(Finding::new([syn, syn_ack, rst], note))
}

fn embryonic(handshake: &Handshake) -> Option<Finding> {
    let syn_acks = handshake.unacknowledged().filter(|_| handshake.syn_captured)?;
    let repeated = handshake.retries().len();
    // A repeated SYN is answered at once, outside the schedule.
    let note = if repeated > 0 {
        format!(
            "SYN-ACK sent {} and the client repeated its SYN {}: the SYN-ACK is not reaching it",
            times(syn_acks.len()),
            times(repeated)
        )
    } else {
        format!("{}; the client stayed silent", describe(Repeated::SynAck, &syn_acks))
    };
    Some(Finding::new(handshake.syns().chain(syn_acks), note))
}

fn syn_flood(handshake: &Handshake) -> Option<Finding> {
    let pending = handshake.context.pending_at_server;
    let waits = matches!(handshake.outcome, Outcome::Unanswered | Outcome::Unacknowledged);
    if !waits || pending < FLOOD_ATTEMPTS || handshake.syn_retransmissions > 0 {
        return None;
    }
    let syn = handshake.syns().next()?;
    let server = handshake.server;
    let note = format!("one of {pending} attempts that wait at {server}; its SYN was not repeated");
    Some(Finding::new([syn], note))
}
