//! SYNs that nobody answers.

use super::Rule;
use super::evidence::Finding;
use super::schedule::{Repeated, describe};
use crate::record::{EndedBy, Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const SYN_TIMEOUT: Rule = Rule {
    name: "syn_timeout",
    told_from: "an application that tries again, which changes J; and half-open recovery, where \
                the same SYN follows after some 10 ms",
    check_next: "a filter that drops (nft list ruleset, the cloud's security groups), the route \
                 there and back (ip route get ADDRESS), and whether the host is up",
    rests_on_absence: true,
    find: syn_timeout,
};

pub(super) const LISTENER_STALLED: Rule = Rule {
    name: "listener_stalled",
    told_from: "a filter for this source alone, which looks the same: the stall is suspected, not shown",
    check_next: "on the server: ss -ltn (Recv-Q above Send-Q is a full accept queue) and nstat -az \
                 TcpExtListenOverflows TcpExtListenDrops; then filters for this source",
    rests_on_absence: true,
    find: listener_stalled,
};

/// The SYNs of an attempt that got no answer of any kind; `None` where it got one, where the client
/// went on as if it had (a capture that sees one direction), or where the capture ended too early to
/// know.
fn unanswered(handshake: &Handshake) -> Option<Vec<&SegmentRecord>> {
    if handshake.outcome != Outcome::Unanswered
        || handshake.segments.iter().any(|segment| !is_client_syn(segment))
    {
        return None;
    }
    let syns: Vec<_> = handshake.syns().collect();
    let known = match handshake.ended_by {
        EndedBy::Timeout => !syns.is_empty(),
        EndedBy::Segment | EndedBy::CaptureEnd | EndedBy::Evicted => syns.len() > 1,
    };
    known.then_some(syns)
}

fn is_client_syn(segment: &SegmentRecord) -> bool {
    segment.from == Sender::Client && segment.kind == Kind::Syn
}

fn syn_timeout(handshake: &Handshake) -> Option<Finding> {
    let syns = unanswered(handshake)?;
    let note = format!("{}, no answer", describe(Repeated::Syn, &syns));
    Some(Finding::new(syns, note))
}

fn listener_stalled(handshake: &Handshake) -> Option<Finding> {
    let syns = unanswered(handshake)?;
    let answer = handshake.context.others_answered?.frame;
    let note =
        format!("suspected: the server answered another client meanwhile, in frame {answer}");
    let mut finding = Finding::new(syns, note);
    finding.frames.push(answer);
    Some(finding)
}
