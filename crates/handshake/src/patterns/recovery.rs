//! SYNs that meet the remains of an older connection on the same 4-tuple.

use super::Rule;
use super::evidence::{Finding, Span};
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict, Why};

pub(super) const HALF_OPEN_RECOVERY: Rule = Rule {
    name: "half_open_recovery",
    source: "RFC 9293, 3.5.1, figure 9",
    differs_from: "a new attempt: J is the same, so it is one attempt that cleared the server's old \
                connection (RFC 9293, 3.5.1)",
    check_next: "why the client lost the old connection without closing it: a crash, a restart, a \
                 NAT or firewall that dropped its state",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: half_open_recovery,
};

pub(super) const OLD_DUPLICATE_SYN: Rule = Rule {
    name: "old_duplicate_syn",
    source: "RFC 9293, 3.5, figure 8",
    differs_from: "a NAT or a load balancer that mixes connections up, which looks the same if no \
                   older SYN with that J was captured",
    check_next: "other users of the 4-tuple, and devices that rewrite sequence numbers on the \
                 path: a NAT, a load balancer",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: old_duplicate_syn,
};

pub(super) const CHALLENGE_ACK: Rule = Rule {
    name: "challenge_ack",
    source: "RFC 5961, 4",
    differs_from: "half-open recovery, where the client answers with a RST; a late ACK of the older \
                connection looks the same",
    check_next: "other users of the 4-tuple: a NAT that uses ports again too soon, or a spoofed \
                 SYN; on the server nstat -az TcpExtTCPSYNChallenge TcpExtTCPChallengeACK",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: challenge_ack,
};

/// The client's RST that rejects `segment`: its sequence number is what that one acknowledged
/// (RFC 9293, 3.10.7.3).
fn rejection<'a>(
    handshake: &'a Handshake,
    segment: &SegmentRecord,
) -> Option<(&'a SegmentRecord, &'a [SegmentRecord])> {
    let start = handshake.segments.iter().position(|other| std::ptr::eq(other, segment))?;
    let rejects = |other: &SegmentRecord| {
        other.is_sent(Sender::Client, Kind::Rst) && Some(other.seq) == segment.ack
    };
    let after = handshake.segments.get(start..)?;
    after.get(after.iter().position(rejects)?..)?.split_first()
}

fn challenges(handshake: &Handshake) -> impl Iterator<Item = &SegmentRecord> {
    handshake
        .sent(Sender::Server, Kind::Ack)
        .filter(|segment| segment.verdict == Verdict::ChallengeAck)
}

/// What became of the attempt after the client had cleared the way.
fn ending(handshake: &Handshake) -> &'static str {
    match handshake.outcome {
        Outcome::Established => "then normal",
        outcome => outcome.name(),
    }
}

pub(super) fn half_open_recovery(handshake: &Handshake) -> Option<Finding> {
    let recovery = |challenge| {
        let (rst, after) = rejection(handshake, challenge)?;
        let again = after.iter().find(|segment| segment.is_sent(Sender::Client, Kind::Syn))?;
        Some((challenge, rst, again))
    };
    let (challenge, rst, again) = challenges(handshake).find_map(recovery)?;
    let wait = again.nanos_since(rst).map(|ns| format!(" {} later", Span(ns))).unwrap_or_default();
    let offset = challenge.ack?.distance_from(handshake.client_isn);
    let note = format!(
        "a bare ACK of J{offset:+} answers the SYN: the server held an older connection; RST, and \
         the same SYN again{wait}; {}",
        ending(handshake)
    );
    Some(Finding::new(handshake.syns().take(1).chain([challenge, rst, again]), note))
}

/// A SYN-ACK of J itself acknowledges no older SYN.
pub(super) fn old_duplicate_syn(handshake: &Handshake) -> Option<Finding> {
    let wrong = |segment: &&SegmentRecord| {
        segment.verdict == Verdict::Unacceptable(Why::WrongAck)
            && segment.ack != Some(handshake.client_isn)
    };
    let rejected = |answer| Some((answer, rejection(handshake, answer)?));
    let mut wrong_answers = handshake.sent(Sender::Server, Kind::SynAck).filter(wrong);
    let (answer, (rst, after)) = wrong_answers.find_map(rejected)?;
    let found = answer.ack?;
    let older = handshake.previous.filter(|previous| previous.client_isn.plus(1) == found);
    let offset = found.distance_from(handshake.client_isn);
    let ending = ending(handshake);
    let again = after.iter().find(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let evidence = handshake.syns().take(1).chain([answer, rst]).chain(again);
    let Some(previous) = older else {
        let note = format!(
            "SYN-ACK acknowledges J{offset:+}, and no SYN that was captured just before explains \
             this: an old duplicate SYN, a NAT or a load balancer; {ending}"
        );
        return Some(Finding::new(evidence, note));
    };
    let note = format!(
        "SYN-ACK acknowledges J{offset:+}, the SYN of attempt {}: an old duplicate of it reached the \
         server; {ending}",
        previous.id
    );
    let finding = Finding::new(evidence, note)
        .differs_from("a NAT or a load balancer that mixes connections up: here an older SYN fits")
        .check_next("nothing on the hosts: the network delayed a SYN of the attempt before");
    Some(finding)
}

fn challenge_ack(handshake: &Handshake) -> Option<Finding> {
    let mut unrejected = challenges(handshake)
        .filter(|challenge| rejection(handshake, challenge).is_none())
        .peekable();
    let first = *unrejected.peek()?;
    let offset = first.ack?.distance_from(handshake.client_isn);
    let note = format!(
        "a bare ACK of J{offset:+} answers the SYN, and the client does not reset it: the server \
         holds an older connection"
    );
    Some(Finding::new(handshake.syns().take(1).chain(unrejected), note))
}
