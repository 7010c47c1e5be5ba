//! Attempts that the client leaves half-open.

use super::Rule;
use super::evidence::{Advice, Finding, Found, after, retries, times};
use super::icmp::returned_syn_ack;
use super::schedule::{Repeated, describe};
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, Sender};
use crate::side::Side;

/// From so many server endpoints on, a client that resets each of them is scanning.
const SCAN_TARGETS: u32 = 10;
/// From so many attempts on that wait at one server endpoint, silence looks like a flood.
const FLOOD_ATTEMPTS: u32 = 100;

pub(super) const SYN_SCAN: Rule = Rule {
    name: "syn_scan",
    source: "RFC 9293, 3.5.2",
    differs_from: "a single probe or a closed socket: a scan tries 10 or more servers or ports; a \
                   load balancer that probes many backends tries the same ones repeatedly",
    check_next: "who the client is, and all other attempts of that address",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: |handshake| probe(handshake, true),
};

pub(super) const SYN_PROBE: Rule = Rule {
    name: "syn_probe",
    source: "RFC 9293, 3.5.2",
    differs_from: "a scan, which tries 10 or more servers or ports; a SYN that arrived late, after \
                   the client gave up, looks the same",
    check_next: "who the client is: a load balancer that probes its backends resets like this, and \
                 so does a host whose socket was closed meanwhile",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: |handshake| probe(handshake, false),
};

pub(super) const EMBRYONIC: Rule = Rule {
    name: "embryonic",
    source: "RFC 4987, 2",
    differs_from: "a SYN-ACK that does not reach the client: the client would then repeat its SYN",
    check_next: "whether the client's address is spoofed or its host is gone; then the path back \
                 to it (on the server ip route get ADDRESS, filters); on the server ss -tn state \
                 syn-recv",
    rests_on_absence: true,
    needs: Signs::SILENCE,
    find: embryonic,
};

const NOT_TAKEN: &str = "the place where the SYN-ACK is dropped: the path back to the client (on \
                         the server ip route get ADDRESS, asymmetric filters), or its own filters \
                         (nft list ruleset)";
const NOT_TAKEN_BY: Advice = Advice {
    client: "on the client, whose side the SYN-ACK reached: its filters (nft list ruleset), and \
             whether the socket still exists",
    server: "the path back to the client: ip route get ADDRESS on the server, asymmetric filters",
};

pub(super) const SYN_FLOOD: Rule = Rule {
    name: "syn_flood",
    source: "RFC 4987, 2",
    differs_from: "an overloaded listener, whose clients are real and repeat their SYN",
    check_next: "on the server: ss -tn state syn-recv | wc -l, nstat -az TcpExtSyncookiesSent \
                 TcpExtTCPReqQFullDoCookies, sysctl net.ipv4.tcp_syncookies",
    rests_on_absence: true,
    needs: Signs::SILENCE,
    find: syn_flood,
};

/// The client reset what the server had granted it, and not because another address answered.
fn probe(handshake: &Handshake, is_scan: bool) -> Option<Finding> {
    let targets = handshake.context.targets_of_client;
    if is_scan != (targets >= SCAN_TARGETS)
        || handshake.reset_by != Some(Side::Client)
        || handshake.answered_by.is_some()
        || handshake.acknowledgment().is_some()
    {
        return None;
    }
    handshake.step(handshake.steps.syn)?;
    let syn_ack = handshake.syn_ack()?;
    let rst =
        handshake.step(handshake.steps.decisive).filter(|rst| Some(rst.seq) == syn_ack.ack)?;
    let time = after(rst.nanos_since(syn_ack)).replace(" after ", " ");
    let tried = match targets {
        0 | 1 => "it tried no other server or port in the minute before".to_owned(),
        n => format!("it tried {n} servers or ports recently"),
    };
    let note = format!("the client reset{time} after the SYN-ACK; {tried}");
    Some(Finding::new(handshake.answered_syns().chain([syn_ack, rst]), note))
}

fn embryonic(handshake: &Handshake) -> Option<Finding> {
    let syn_acks = handshake.unacknowledged().filter(|_| handshake.syn_captured)?;
    let since = usize::from(handshake.steps.syn_ack?);
    // What the client sent does not fit, and its verdict says so: it is neither silent nor gone.
    if handshake.segments.iter().any(|segment| {
        segment.from == Sender::Client && !matches!(segment.kind, Kind::Syn | Kind::Icmp)
    }) {
        return None;
    }
    // A repeated SYN is answered at once, outside the schedule.
    let sent = if handshake.retries().is_empty() {
        describe(Repeated::SynAck, &syn_acks)
    } else {
        format!("SYN-ACK sent {}", times(syn_acks.len()))
    };
    let repeated =
        retries(&handshake.segments).len() - retries(handshake.segments.get(..since)?).len();
    let evidence = handshake.syns().chain(syn_acks);
    if let Some((segment, words)) = returned_syn_ack(handshake) {
        let finding = Finding::new(evidence.chain([segment]), format!("{sent}; {words}"));
        return Some(
            finding
                .differs_from("a client that is spoofed or gone: here an ICMP error reports that \
                               the SYN-ACK was not delivered")
                .check_next(
                    "the host that sent the ICMP error: its filters (nft list ruleset) and its route \
                     to the client (ip route get ADDRESS)",
                ),
        );
    }
    if repeated > 0 {
        let repeated = times(repeated);
        let note =
            format!("{sent}; the client repeated its SYN {repeated} after the first of them");
        let finding = Finding::new(evidence, note);
        return Some(
            finding
                .differs_from("a client that is spoofed or gone: this one is up and tries again")
                .check_next(NOT_TAKEN)
                .advise(handshake, &NOT_TAKEN_BY),
        );
    }
    let finding =
        Finding::new(evidence, format!("{sent}; no further segment of the client was captured"));
    let Some(frame) = handshake.context.client_completed else { return Some(finding) };
    let note = format!(
        "{}; its host is up: it completed another handshake in frame {frame}",
        finding.found
    );
    let finding = Finding { found: note.into(), ..finding }.with_frame(Some(frame));
    Some(
        finding
            .differs_from("a client that is spoofed or gone: this one completed another handshake")
            .check_next(NOT_TAKEN)
            .advise(handshake, &NOT_TAKEN_BY),
    )
}

fn syn_flood(handshake: &Handshake) -> Option<Finding> {
    let pending = handshake.context.pending_at_server;
    let waits = matches!(handshake.outcome, Outcome::Unanswered | Outcome::Unacknowledged);
    if !waits
        || pending < FLOOD_ATTEMPTS
        || handshake.syn_retransmissions > 0
        || handshake.context.client_completed.is_some()
    {
        return None;
    }
    let syn = handshake.step(handshake.steps.syn)?;
    let found = Found::Waiting { attempts: pending, server: handshake.server };
    Some(Finding::new([syn], found))
}
