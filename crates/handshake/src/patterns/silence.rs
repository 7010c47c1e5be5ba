//! SYNs without an answer.

use super::Rule;
use super::evidence::{Advice, Finding, retries};
use super::schedule::{Repeated, describe};
use super::signs::Signs;
use crate::record::{EndedBy, Handshake, OthersAnswered, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};

pub(super) const SYN_TIMEOUT: Rule = Rule {
    name: "syn_timeout",
    source: "RFC 9293, 3.8.3",
    differs_from: "an application that tries again, which changes J; half-open recovery, where the \
                   same SYN follows a RST; a capture of the client's direction only",
    check_next: "a filter that drops (nft list ruleset, the cloud's security groups), the routes \
                 in both directions (ip route get ADDRESS), and whether the host is up",
    rests_on_absence: true,
    needs: Signs::SILENCE,
    find: syn_timeout,
};

const TIMEOUT_BY: Advice = Advice {
    client: "a filter that drops on the path or at the server (the cloud's security groups), the \
             route to the server (ip route get ADDRESS, mtr -T -P PORT HOST), and whether the host \
             is up",
    server: "on the server, whose side the SYN reached: filters that drop (nft list ruleset), nstat \
             -az TcpExtListenDrops TcpExtIPReversePathFilter, and the route back (ip route get \
             ADDRESS)",
};

pub(super) const LISTENER_STALLED: Rule = Rule {
    name: "listener_stalled",
    source: "Linux, tcp_conn_request()",
    differs_from: "a filter for this source, which looks the same: the stall is suspected, not shown",
    check_next: "on the server: ss -ltn (Recv-Q above Send-Q is a full accept queue) and nstat -az \
                 TcpExtListenOverflows TcpExtListenDrops; then filters for this source",
    rests_on_absence: true,
    needs: Signs::SILENCE,
    find: listener_stalled,
};

/// Beyond J by so much, a segment of the client may follow on this SYN: no window was scaled yet.
const FIRST_WINDOW: i64 = 65_535;

/// The SYNs of an attempt that got no answer of any kind; `None` where it got one, where the client
/// went on as if it had (a capture that sees one direction), or where the capture ended too early to
/// know. What the older connection on the 4-tuple goes on to send is no answer.
fn unanswered(handshake: &Handshake) -> Option<Vec<&SegmentRecord>> {
    let heard = |segment: &SegmentRecord| match segment.from {
        Sender::Network => true,
        Sender::Server => {
            segment.verdict != Verdict::Stray
                || segment.kind == Kind::Rst
                || handshake.acknowledges_j(segment)
        }
        Sender::Client => {
            let ahead = i64::from(segment.seq.distance_from(handshake.client_isn));
            // What a client in SYN-SENT resets has no ACK (RFC 9293, 3.10.7.3).
            let acknowledges =
                matches!(segment.kind, Kind::Ack | Kind::Rst) && segment.ack.is_some();
            acknowledges && (1..=FIRST_WINDOW).contains(&ahead)
        }
    };
    let answered =
        |segment: &SegmentRecord| segment.verdict != Verdict::DuplicateCapture && heard(segment);
    if handshake.outcome != Outcome::Unanswered || handshake.segments.iter().any(answered) {
        return None;
    }
    let first = handshake.step(handshake.steps.syn)?;
    let syns: Vec<_> = std::iter::once(first).chain(retries(&handshake.segments)).collect();
    (handshake.ended_by == EndedBy::Timeout || syns.len() > 1).then_some(syns)
}

fn syn_timeout(handshake: &Handshake) -> Option<Finding> {
    let syns = unanswered(handshake)?;
    let mut note = describe(Repeated::Syn, &syns);
    let at_once = handshake.syns().count().saturating_sub(syns.len());
    if at_once > 0 {
        note = format!("{note}; {at_once} more within 20 ms of another one");
    }
    let finding = Finding::new(handshake.syns(), format!("{note}; no answer was captured"));
    Some(finding.advise(handshake, &TIMEOUT_BY))
}

fn listener_stalled(handshake: &Handshake) -> Option<Finding> {
    let syns = unanswered(handshake)?;
    let OthersAnswered { frame, same_host } = handshake.context.others_answered?;
    let finding = if same_host {
        let note = format!(
            "the server answered another SYN of the same host, in frame {frame}: no filter for this \
             source; its accept queue is suspected to be full"
        );
        Finding::new(syns, note)
            .differs_from("a filter for this source, which would have dropped the other SYN too")
            .check_next(
                "on the server: ss -ltn (Recv-Q above Send-Q is a full accept queue) and nstat -az \
                 TcpExtListenOverflows TcpExtListenDrops; then limits on the rate of SYNs",
            )
    } else {
        let note = format!(
            "suspected: the accept queue is full; the server answered a SYN of another host, in \
             frame {frame}"
        );
        Finding::new(syns, note)
    };
    Some(finding.with_frame(Some(frame)))
}
