//! Which outcomes an observer may tell of an attempt.

use handshake::{Outcome, Side};

use crate::plan::Sees;
use crate::sight::{SETTLED, Seen, Sight};

/// The outcomes that are true at this point; more than one where the packets can't tell.
pub(crate) fn outcomes(all: &Sight<'_>, sight: &Sight<'_>) -> Vec<Outcome> {
    let mut outcomes = complete(all);
    match sight.view.sees {
        Sees::Both => {}
        // Nothing leaves SYN-SENT with ACK unless the peer's SYN came (RFC 9293, 3.10.7.3).
        Sees::Only(Side::Client) if acknowledgment_in_record(sight).is_some() => {
            outcomes = vec![Outcome::Established, Outcome::EstablishedClientOnly];
            // One that passed before the acknowledgment is believed: the server, which alone shows
            // that it was none of the client's or came too late, is not seen.
            let ack = sight.acknowledgment().map_or(i64::MAX, |ack| ack.at);
            if sight.reset_by_client().is_some_and(|rst| rst.emission.forged || rst.at < ack) {
                outcomes.push(Outcome::Reset);
            }
        }
        Sees::Only(Side::Server) if acknowledged_more(sight) => {
            outcomes = vec![Outcome::Established];
        }
        Sees::Most(_) if connects(sight) => {
            outcomes = vec![Outcome::Established, Outcome::EstablishedClientOnly];
        }
        Sees::Only(_) | Sees::Most(_) => {
            outcomes.extend(complete(sight));
            outcomes.extend([Outcome::Unanswered, Outcome::Unacknowledged]);
            if sight.seen.iter().any(|seen| seen.segment().is_rst()) {
                outcomes.push(Outcome::Reset);
            }
            if sight.acknowledgment().is_some() || sight.confirmation().is_some() {
                outcomes.push(Outcome::Established);
            }
        }
    }
    outcomes.sort_unstable();
    outcomes.dedup();
    outcomes
}

fn complete(sight: &Sight<'_>) -> Vec<Outcome> {
    if let Some(ack) = sight.acknowledgment() {
        let mut outcomes = acknowledged(sight, ack);
        // A RST in the client's name that passed before it is believed.
        let reset = sight.reset_by_client().is_some_and(|rst| rst.at < ack.at);
        if reset && !sight.server_established() {
            outcomes.push(Outcome::Reset);
        }
        return outcomes;
    }
    if sight.refusal().is_some() {
        return vec![Outcome::Refused];
    }
    if sight.syn_acks().next().is_none() {
        let reset = sight.reset_by_client().is_some();
        return vec![if reset { Outcome::Reset } else { Outcome::Unanswered }];
    }
    let (by_client, by_server) = (sight.reset_by_client(), sight.reset_by_server());
    if let (None, Some(_)) = (by_client, by_server) {
        // To a client that did not receive the SYN-ACK, a RST that acknowledges J+1 is a refusal;
        // to one that did, its number may be wrong.
        return vec![Outcome::Reset, Outcome::Refused, Outcome::Unacknowledged];
    }
    let reset = by_client.or(by_server);
    match (reset, sight.late_reset()) {
        (Some(_), _) => vec![Outcome::Reset],
        (None, Some(_)) => vec![Outcome::Reset, Outcome::Unacknowledged],
        (None, None) => vec![Outcome::Unacknowledged],
    }
}

/// The client's acknowledgment passed.
fn acknowledged(sight: &Sight<'_>, ack: &Seen<'_>) -> Vec<Outcome> {
    let both = vec![Outcome::Established, Outcome::EstablishedClientOnly];
    // What comes later meets an attempt that is settled.
    let soon = |seen: &&Seen<'_>| seen.at > ack.at && seen.at - ack.at < SETTLED;
    let confirms = |seen: &Seen<'_>| {
        // A bare ACK after the SYN of another attempt is taken for the answer to that.
        let taken = !seen.segment().has_data() && sight.is_followed_before(seen.at);
        seen.at - ack.at < SETTLED && !taken
    };
    if sight.confirmation().is_some_and(confirms) {
        return vec![Outcome::Established];
    }
    let rejected = sight.seen.iter().filter(soon).any(|seen| sight.is_bare_reset(seen));
    let repeated =
        if sight.syn_acks().any(|seen| soon(&seen)) { sight.repeated_after(ack) } else { 0 };
    let mut outcomes = match (sight.server_established(), rejected, repeated) {
        (true, false, 0) => vec![Outcome::Established],
        (true, ..) => both,
        // One that is acknowledged again and followed by silence is a lost ACK.
        (false, false, 0 | 1) => both,
        (false, ..) => vec![Outcome::EstablishedClientOnly],
    };
    // Only what the server sends disproves a RST that could be its own.
    if sight.refusal().is_some() {
        outcomes.push(Outcome::Refused);
    }
    outcomes
}

/// The client's acknowledgment of K alone was seen, and no RST that could be believed. One that
/// acknowledges data too, which was missed, may be anybody's.
fn connects(sight: &Sight<'_>) -> bool {
    let reset = sight.seen.iter().any(|seen| seen.segment().is_rst());
    let next = sight.attempt.server_isns.first().map(|k| k.wrapping_add(1));
    let ack = acknowledgment_in_record(sight).map(|seen| seen.segment().ack);
    sight.syns().next().is_some() && ack.is_some() && ack == next && !reset
}

/// The client's acknowledgment, unless it passed before the SYN that begins the record.
fn acknowledgment_in_record<'a>(sight: &'a Sight<'_>) -> Option<&'a Seen<'a>> {
    let begin = sight.syns().next().map_or(i64::MIN, |syn| syn.at);
    sight.first_acknowledgment().filter(|ack| ack.at >= begin)
}

/// The server acknowledges more than the SYN, so it has left SYN-RECEIVED (RFC 9293, 3.10.7.4).
fn acknowledged_more(sight: &Sight<'_>) -> bool {
    let next = sight.attempt.client_isn.wrapping_add(1);
    sight.confirmation().is_some_and(|seen| seen.segment().ack != next)
        && sight.syn_acks().next().is_some()
}
