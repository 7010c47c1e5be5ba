//! SYNs that a RST answers.

use super::Rule;
use super::evidence::{Finding, Span, after, retries, times};
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict, Why};

pub(super) const CLOSED_PORT: Rule = Rule {
    name: "closed_port",
    told_from: "a firewall that answers in the server's name: its RST has another hop limit than \
                the server's own SYN-ACKs",
    check_next: "on the server: ss -ltn shows whether anything listens on that address and port; \
                 then filters that reject with tcp-reset",
    rests_on_absence: false,
    find: closed_port,
};

pub(super) const RST_IGNORED: Rule = Rule {
    name: "rst_ignored",
    told_from: "a refusal: a RST that answers a SYN must acknowledge J+1 (RFC 9293, 3.10.7.3), and \
                here the client goes on",
    check_next: "a middlebox or a security device that forges RSTs: compare the hop limit of the \
                 RST with that of the server's segments",
    rests_on_absence: false,
    find: rst_ignored,
};

pub(super) const REFUSED_AFTER_STALL: Rule = Rule {
    name: "refused_after_stall",
    told_from: "a closed port, which refuses the first SYN at once",
    check_next: "whether the service or its host restarted in that time (journalctl on the \
                 server), or a balancer that gave up on its backends",
    rests_on_absence: false,
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
    let again = handshake.retries().len();
    if again > 0 {
        note = format!("{note}; the client tried {} more", times(again));
    }
    if let Some(ttl) = handshake.context.server_syn_ack_ttl.filter(|&ttl| ttl != rst.ttl) {
        note = format!(
            "{note}; the RST came with hop limit {}, the server's SYN-ACKs with {ttl}: a \
             firewall may have answered",
            rst.ttl
        );
    }
    Some(Finding::new(handshake.answered_syn().into_iter().chain([rst]), note))
}

fn rst_ignored(handshake: &Handshake) -> Option<Finding> {
    let ignored = |segment: &SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::Rst)
            && matches!(
                segment.verdict,
                Verdict::Unacceptable(Why::ResetWithoutAck | Why::WrongAck)
            )
    };
    let index = handshake.segments.iter().position(ignored)?;
    let (rst, later) = handshake.segments.get(index..)?.split_first()?;
    let goes_on = |kind| later.iter().find(|segment| segment.is_sent(Sender::Client, kind));
    let next = goes_on(Kind::Syn).or_else(|| goes_on(Kind::Ack))?;
    let why = match rst.ack {
        Some(ack) => {
            let offset = ack.distance_from(handshake.client_isn);
            format!("RST acknowledges J{offset:+}, not J+1")
        }
        None => "RST without an acknowledgment".to_owned(),
    };
    let what = if next.kind == Kind::Syn { "sent SYN again" } else { "completed the handshake" };
    let wait = next.nanos_since(rst).map(|ns| format!(" {} later", Span(ns))).unwrap_or_default();
    let evidence = handshake.segments.iter().filter(|segment| ignored(segment)).chain([next]);
    Some(Finding::new(evidence, format!("{why}; the client {what}{wait}")))
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
