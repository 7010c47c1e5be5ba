//! Options that one side offers and the other leaves out.

use parser::TcpOption;

use super::Rule;
use super::evidence::Finding;
use super::signs::Signs;
use crate::negotiated::Negotiated;
use crate::record::Handshake;
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const REFUSED: Rule = Rule {
    name: "option_refused",
    source: "RFC 7323, 1.3; RFC 2018, 2",
    differs_from: "an option that the path removed; a second point of capture would show that",
    check_next: "on the server: sysctl net.ipv4.tcp_window_scaling, tcp_sack, tcp_timestamps",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: refused,
};

/// Kinds of options that the answer to a SYN repeats (RFC 9293, 7323, 2018).
const OFFERS: [&str; 4] = ["MSS", "window scale", "SACK permitted", "timestamps"];

/// Which of them a segment has.
fn offers(segment: &SegmentRecord) -> [bool; OFFERS.len()] {
    let mut offers = [false; OFFERS.len()];
    for option in &segment.options {
        let at = match option {
            TcpOption::Mss(_) => 0,
            TcpOption::WindowScale(_) => 1,
            TcpOption::SackPermitted => 2,
            TcpOption::Timestamps { .. } => 3,
            _ => continue,
        };
        offers[at] = true;
    }
    offers
}

fn refused(handshake: &Handshake) -> Option<Finding> {
    // Nearly every answer repeats all of them.
    let Negotiated { mss, window_scale, sack, timestamps, .. } = &handshake.negotiated;
    if mss.server.and(window_scale.server).and(sack.server).and(timestamps.server).is_some() {
        return None;
    }
    let syn_ack = handshake.syn_ack()?;
    // In a simultaneous open the offer is in the server's own SYN.
    if syn_ack.options.is_cut() || handshake.first(Sender::Server, Kind::Syn).is_some() {
        return None;
    }
    handshake.step(handshake.steps.syn)?;
    let answer = offers(syn_ack);
    // Where it can't be known which SYN was answered, all of them have to offer it.
    let is_refused =
        |at: usize| !answer[at] && handshake.answered_syns().all(|syn| offers(syn)[at]);
    let refused: Vec<_> =
        (0..OFFERS.len()).filter(|&at| is_refused(at)).map(|at| OFFERS[at]).collect();
    if refused.is_empty() {
        return None;
    }
    let note = format!("the SYN-ACK lacks options that the SYN offered: {}", refused.join(", "));
    Some(Finding::new(handshake.answered_syns().chain([syn_ack]), note))
}
