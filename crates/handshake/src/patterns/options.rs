//! Options that one side offers and the other leaves out.

use parser::TcpOption;

use super::Rule;
use super::evidence::Finding;
use crate::record::Handshake;
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const REFUSED: Rule = Rule {
    name: "option_refused",
    source: "RFC 7323, 1.3; RFC 2018, 2",
    differs_from: "an option that the path removed; a second point of capture would show that",
    check_next: "on the server: sysctl net.ipv4.tcp_window_scaling, tcp_sack, tcp_timestamps",
    rests_on_absence: false,
    find: refused,
};

type Is = fn(&TcpOption<'_>) -> bool;

/// Kinds of options that the answer to a SYN repeats (RFC 9293, 7323, 2018), and their names.
const OFFERS: [(&str, Is); 4] = [
    ("MSS", |option| matches!(option, TcpOption::Mss(_))),
    ("window scale", |option| matches!(option, TcpOption::WindowScale(_))),
    ("SACK permitted", |option| matches!(option, TcpOption::SackPermitted)),
    ("timestamps", |option| matches!(option, TcpOption::Timestamps { .. })),
];

fn refused(handshake: &Handshake) -> Option<Finding> {
    let syn_ack = handshake.syn_ack()?;
    // In a simultaneous open the offer is in the server's own SYN.
    if syn_ack.options.is_cut() || handshake.first(Sender::Server, Kind::Syn).is_some() {
        return None;
    }
    handshake.step(handshake.steps.syn)?;
    let has = |segment: &SegmentRecord, is: Is| segment.options.iter().any(|option| is(&option));
    // Where it can't be known which SYN was answered, all of them have to offer it.
    let is_refused = |is| handshake.answered_syns().all(|syn| has(syn, is)) && !has(syn_ack, is);
    let refused: Vec<_> =
        OFFERS.into_iter().filter(|&(_, is)| is_refused(is)).map(|(name, _)| name).collect();
    if refused.is_empty() {
        return None;
    }
    let note = format!("the SYN-ACK lacks options that the SYN offered: {}", refused.join(", "));
    Some(Finding::new(handshake.answered_syns().chain([syn_ack]), note))
}
