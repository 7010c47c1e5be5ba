//! SYNs that a RST answers.

use super::Rule;
use super::evidence::{Finding, Span, after, retries, times};
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict, Why};

pub(super) const CLOSED_PORT: Rule = Rule {
    name: "closed_port",
    source: "RFC 9293, 3.5.2",
    differs_from: "a firewall that answers in the server's name: the hop limit of its RST usually \
                   differs from that of the server's own SYN-ACKs",
    check_next: "on the server: ss -ltn shows whether anything listens on that address and port; \
                 then any filter that rejects with tcp-reset",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: closed_port,
};

pub(super) const RST_IGNORED: Rule = Rule {
    name: "rst_ignored",
    source: "RFC 9293, 3.10.7.3",
    differs_from: "a refusal: a RST that answers a SYN must acknowledge J+1 (RFC 9293, 3.10.7.3), \
                   and here the client continues",
    check_next: "a middlebox or a security device that forges RSTs: compare the hop limit of the \
                 RST with that of the server's segments",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: rst_ignored,
};

pub(super) const REFUSED_AFTER_STALL: Rule = Rule {
    name: "refused_after_stall",
    source: "RFC 9293, 3.5.2",
    differs_from: "a closed port, which refuses the first SYN at once; if its RSTs are lost or \
                   delayed, it looks the same",
    check_next: "whether the service or its host restarted in that time (journalctl on the \
                 server), or whether a load balancer found no working backend",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: refused_after_stall,
};

/// The RST that refused the attempt, and the segments before it.
fn refusal(handshake: &Handshake) -> Option<(&SegmentRecord, &[SegmentRecord])> {
    if handshake.outcome != Outcome::Refused {
        return None;
    }
    let refuses = |segment: &SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::Rst) && segment.verdict == Verdict::Advanced
    };
    let index = handshake.segments.iter().position(refuses)?;
    Some((handshake.segments.get(index)?, handshake.segments.get(..index)?))
}

fn closed_port(handshake: &Handshake) -> Option<Finding> {
    let (rst, before) = refusal(handshake)?;
    if !retries(before).is_empty() {
        return None;
    }
    let mut note = format!("refused{}", after(handshake.offset_of(rst)));
    // Windows does not take the first RST for an answer.
    let later = handshake.segments.iter().skip_while(|segment| segment.frame != rst.frame);
    let again = later.filter(|segment| segment.is_sent(Sender::Client, Kind::Syn)).count();
    if again > 0 {
        note = format!("{note}; the client tried {} more", times(again));
    }
    let syns = before.iter().filter(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let finding = |note| Finding::new(syns.chain([rst]), note);
    Some(match handshake.context.server_syn_ack_ttl {
        None => finding(note).differs_from(
            "a firewall that answers in the server's name, which looks the same: no SYN-ACK of \
             this server was captured to compare the hop limit with",
        ),
        Some(ttl) if ttl == rst.ttl => finding(note).differs_from(
            "a firewall that answers in the server's name: this RST has the hop limit of the \
             server's own SYN-ACKs",
        ),
        Some(ttl) => finding(format!(
            "{note}; the RST came with hop limit {}, the server's SYN-ACKs with {ttl}: a firewall \
             may have answered",
            rst.ttl
        ))
        .differs_from("a closed port: its RST would have the hop limit of the SYN-ACKs")
        .check_next(
            "the filters on the path that reject with tcp-reset; then on the server: ss -ltn shows \
             whether anything listens on that address and port",
        ),
    })
}

/// Whether a RST was none that counts: no client takes it for an answer, or the connection outlived it.
fn is_ignored(segment: &SegmentRecord) -> bool {
    let why = match segment.verdict {
        Verdict::Unacceptable(why) if segment.kind == Kind::Rst => why,
        _ => return false,
    };
    match why {
        Why::Disproved => true,
        Why::ResetWithoutAck | Why::WrongAck => segment.from == Sender::Server,
        Why::WrongSeq { .. } | Why::NoAck => false,
    }
}

fn rst_ignored(handshake: &Handshake) -> Option<Finding> {
    let at = handshake.segments.iter().position(is_ignored)?;
    let rst = handshake.segments.get(at)?;
    let all = handshake.segments.iter().filter(|segment| is_ignored(segment));
    if rst.verdict == Verdict::Unacceptable(Why::Disproved) {
        let note = format!(
            "RST of the {}, and both sides continued after it{}",
            rst.from.name(),
            hop_limits(handshake, rst)
        );
        let acks = handshake.step(handshake.steps.ack);
        let finding = Finding::new(all.chain(acks), note)
            .with_frame(handshake.confirmed_by.map(|by| by.frame));
        return Some(finding.differs_from(
            "a reset that ended the connection: here the client acknowledged K and the server \
             continued",
        ));
    }
    let later = handshake.segments.get(at + 1..)?;
    let again = later.iter().find(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let steps = &handshake.steps;
    let done = steps.ack.or(steps.proof).filter(|&done| usize::from(done) > at);
    let next = again.or(handshake.step(done))?;
    let why = match rst.ack {
        Some(ack) => {
            let offset = ack.distance_from(handshake.client_isn);
            format!("RST acknowledges J{offset:+}, not J+1")
        }
        None => "RST without an acknowledgment".to_owned(),
    };
    let what = match next.kind {
        Kind::Syn => "sent its SYN again",
        _ if steps.ack.is_some() => "completed the handshake",
        // Its acknowledgment came before that, and was not captured.
        _ => "had completed the handshake",
    };
    let wait = next.nanos_since(rst).map(|ns| format!(" {} later", Span(ns))).unwrap_or_default();
    let limits = hop_limits(handshake, rst);
    Some(Finding::new(all.chain([next]), format!("{why}; the client {what}{wait}{limits}")))
}

/// The hop limit of a RST of the server beside that of the server's own SYN-ACKs.
fn hop_limits(handshake: &Handshake, rst: &SegmentRecord) -> String {
    match handshake.server_ttl() {
        Some(ttl) if rst.from == Sender::Server => {
            format!("; its hop limit is {}, that of the server's SYN-ACKs {ttl}", rst.ttl)
        }
        _ => String::new(),
    }
}

fn refused_after_stall(handshake: &Handshake) -> Option<Finding> {
    let (rst, before) = refusal(handshake)?;
    if retries(before).is_empty() {
        return None;
    }
    let syns = before.iter().filter(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let sent = times(syns.clone().count());
    let note = format!("refused{}, SYN sent {sent}", after(handshake.offset_of(rst)));
    Some(Finding::new(syns.chain([rst]), note))
}
