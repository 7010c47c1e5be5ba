//! Handshakes that succeeded.

use parser::Flags;

use super::Rule;
use super::evidence::{Finding, Span, after, times};
use crate::record::{Handshake, Outcome};
use crate::segment::{AckCheck, Kind, Sender};

pub(super) const THREE_WAY: Rule = Rule {
    name: "three_way",
    told_from: "three segments that only look like a handshake: here the SYN-ACK acknowledges J+1 \
                and the ACK acknowledges K+1",
    check_next: "nothing: this is how it should go",
    rests_on_absence: false,
    find: three_way,
};

pub(super) const ACK_WITH_DATA: Rule = Rule {
    name: "ack_with_data",
    told_from: "data sent before the handshake is complete: here the segment acknowledges K+1",
    check_next: "nothing: the client delayed its ACK and merged it into what it had to send",
    rests_on_absence: false,
    find: ack_with_data,
};

pub(super) const LATE_ESTABLISH: Rule = Rule {
    name: "late_establish",
    told_from: "a slow server: the time was spent waiting to send again, not on the way",
    check_next: "loss on the path (mtr -T -P PORT HOST), and on the server nstat -az \
                 TcpExtListenOverflows TcpExtListenDrops: a full queue drops SYNs in silence",
    rests_on_absence: false,
    find: late_establish,
};

fn three_way(handshake: &Handshake) -> Option<Finding> {
    if handshake.outcome != Outcome::Established
        || handshake.first(Sender::Server, Kind::Syn).is_some()
    {
        return None;
    }
    let syn = handshake.answered_syn()?;
    let (ack, _) = handshake.acknowledgment()?;
    // It may acknowledge data too that the server sent with or right after its SYN-ACK.
    let check = ack.ack_check.filter(AckCheck::ok)?;
    let syn_ack = handshake.syn_acks().find(|syn_ack| syn_ack.seq == check.isn)?;
    let timing = &handshake.timing;
    // The time spent waiting to send again is no part of the three segments.
    let took = timing.total_ns.map(|total| total - timing.retry_wait_ns.unwrap_or(0));
    let mut note = match took {
        Some(took) => format!("SYN to ACK in {}", Span(took)),
        None => "SYN, SYN-ACK and ACK".to_owned(),
    };
    if let (Some(server), Some(client)) = (timing.server_rtt_ns, timing.client_rtt_ns) {
        note = format!("{note}: server {}, client {}", Span(server), Span(client));
    }
    Some(Finding::new([syn, syn_ack, ack], note))
}

fn ack_with_data(handshake: &Handshake) -> Option<Finding> {
    let (ack, _) = handshake.acknowledgment()?;
    let note = match (ack.len, ack.has(Flags::FIN)) {
        (0, false) => return None,
        (0, true) => "the acknowledging segment carries FIN".to_owned(),
        (len, false) => format!("the acknowledging segment carries {len} bytes of data"),
        (len, true) => format!("the acknowledging segment carries {len} bytes of data and FIN"),
    };
    Some(Finding::new([ack], note))
}

fn late_establish(handshake: &Handshake) -> Option<Finding> {
    if !matches!(handshake.outcome, Outcome::Established | Outcome::EstablishedClientOnly) {
        return None;
    }
    let retries = handshake.retries();
    let last = *retries.last()?;
    let (ack, _) = handshake.acknowledgment()?;
    let first_answer = handshake.syn_acks().next()?;
    let sent = times(handshake.syns().count());
    let answered = handshake.offset_of(first_answer);
    let reason = match handshake.timing.retry_wait_ns {
        Some(0) if first_answer.nanos_since(last).is_some_and(|ns| ns >= 0) => {
            format!(
                "the first one was answered{}: the path or the server is slow, nothing was lost",
                after(answered)
            )
        }
        Some(0) => format!(
            "the SYN-ACK of the first one was not acknowledged in time: ACK{}",
            after(handshake.timing.total_ns)
        ),
        Some(wait) => format!("+{} waiting until the SYN that was answered", Span(wait)),
        None => format!("first SYN-ACK{}", after(answered)),
    };
    let evidence = handshake.syns().chain([first_answer, ack]);
    Some(Finding::new(evidence, format!("SYN sent {sent}; {reason}")))
}
