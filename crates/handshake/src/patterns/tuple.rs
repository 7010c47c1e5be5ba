//! What the 4-tuple and its earlier attempts tell.

use parser::Flags;

use super::Rule;
use super::evidence::{Finding, Span, times};
use super::signs::Signs;
use crate::record::{Handshake, Outcome, Previous};
use crate::segment::{Kind, Sender, Verdict};

/// Twice the maximum segment lifetime of RFC 9293 (2 minutes), the longest a TIME-WAIT lasts.
const TWO_MSL_NS: i64 = 240_000_000_000;

pub(super) const PORT_REUSE: Rule = Rule {
    name: "port_reuse",
    source: "RFC 9293, 3.6.1; RFC 6191",
    differs_from: "a SYN sent again, which keeps its J",
    check_next: "how many ports the client has (sysctl net.ipv4.ip_local_port_range), which \
                 program binds a fixed source port, and whether a NAT uses ports again too soon",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: port_reuse,
};

pub(super) const TIME_WAIT_HIT: Rule = Rule {
    name: "time_wait_hit",
    source: "RFC 6191",
    differs_from: "port reuse that the server accepts, because J or the timestamp is past the old ones",
    check_next: "on the server: ss -tan state time-wait; on the path, a NAT that uses a port again \
                 within a minute",
    rests_on_absence: true,
    needs: Signs::NONE,
    find: time_wait_hit,
};

pub(super) const BACKSCATTER: Rule = Rule {
    name: "backscatter",
    source: "RFC 4987, 2",
    differs_from: "a capture that began after the SYN or has the server's direction only: it looks \
                   the same until the server sends more",
    check_next: "whether somebody spoofs the client's address in a SYN flood against the server",
    rests_on_absence: true,
    needs: Signs::NONE,
    find: backscatter,
};

/// The attempt before this one with another J, where it is recent.
fn recent(handshake: &Handshake) -> Option<(Previous, i64)> {
    let previous = handshake.previous?;
    let ago = previous.ended_ns_ago?;
    let reused = previous.client_isn != handshake.client_isn && (0..=TWO_MSL_NS).contains(&ago);
    (reused && handshake.syn_captured).then_some((previous, ago))
}

fn port_reuse(handshake: &Handshake) -> Option<Finding> {
    let (previous, ago) = recent(handshake)?;
    let note = format!(
        "the last segment of attempt {} ({}) on this 4-tuple came {} before",
        previous.id,
        previous.outcome.name(),
        Span(ago)
    );
    Some(Finding::new(handshake.syns().take(1), note))
}

fn time_wait_hit(handshake: &Handshake) -> Option<Finding> {
    let (previous, ago) = recent(handshake)?;
    let challenge =
        handshake.sent(Sender::Server, Kind::Ack).find(|ack| ack.verdict == Verdict::ChallengeAck);
    let had_connection =
        matches!(previous.outcome, Outcome::Established | Outcome::EstablishedClientOnly);
    // Where the server's end of the old connection goes on, it is not in TIME-WAIT.
    let goes_on = handshake.sent(Sender::Server, Kind::Ack).any(|segment| {
        segment.verdict == Verdict::Stray && (segment.len > 0 || segment.has(Flags::FIN))
    });
    if !had_connection || goes_on || handshake.outcome != Outcome::Unanswered {
        return None;
    }
    let answer = match challenge {
        Some(_) => "a bare ACK answers the new SYN",
        None => "no answer to the new SYN was captured",
    };
    let note = format!(
        "suspected: attempt {} was established here {} before, and {answer}",
        previous.id,
        Span(ago)
    );
    Some(Finding::new(handshake.syns().take(1).chain(challenge), note))
}

fn backscatter(handshake: &Handshake) -> Option<Finding> {
    if handshake.syn_captured || handshake.first(Sender::Server, Kind::Ack).is_some() {
        return None;
    }
    let rst = handshake.first(Sender::Client, Kind::Rst);
    let syn_acks = match rst {
        // A later segment of the host shows that it had acknowledged, as well as the acknowledgment.
        Some(_) if handshake.steps.ack.or(handshake.steps.proof).is_none() => {
            handshake.syn_acks().collect()
        }
        Some(_) => return None,
        None => handshake.unacknowledged()?,
    };
    let sent = times(syn_acks.len());
    let client = match rst {
        Some(_) => "the host reset it",
        None => "no segment of the host was captured",
    };
    let note = format!("SYN-ACK sent {sent}, and no SYN of its receiver was captured; {client}");
    let finding = Finding::new(syn_acks.into_iter().chain(rst), note);
    Some(match rst {
        Some(_) => finding.differs_from(
            "a half-open scan whose SYN was not captured, which looks the same: the RST says that \
             the host has no such connection",
        ),
        None => finding,
    })
}
