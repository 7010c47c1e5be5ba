//! Options that one side offers and the other leaves out.

use super::Rule;
use super::evidence::Finding;
use crate::negotiated::Offer;
use crate::record::Handshake;
use crate::segment::{Kind, Sender};

pub(super) const REFUSED: Rule = Rule {
    name: "option_refused",
    told_from: "an option that the path took out, which a second point of capture would show",
    check_next: "on the server: sysctl net.ipv4.tcp_window_scaling, tcp_sack, tcp_timestamps",
    rests_on_absence: false,
    find: refused,
};

fn refused(handshake: &Handshake) -> Option<Finding> {
    let syn = handshake.answered_syn()?;
    let syn_ack = handshake.syn_acks().next()?;
    // In a simultaneous open the offer is in the server's own SYN.
    if syn_ack.options.is_cut() || handshake.first(Sender::Server, Kind::Syn).is_some() {
        return None;
    }
    let negotiated = &handshake.negotiated;
    let offers = [
        (is_refused(&negotiated.mss), "MSS"),
        (is_refused(&negotiated.window_scale), "window scale"),
        (is_refused(&negotiated.sack), "SACK permitted"),
        (is_refused(&negotiated.timestamps), "timestamps"),
    ];
    let refused: Vec<_> =
        offers.into_iter().filter(|(refused, _)| *refused).map(|(_, name)| name).collect();
    if refused.is_empty() {
        return None;
    }
    let note = format!("the SYN-ACK leaves out what the SYN offered: {}", refused.join(", "));
    Some(Finding::new([syn, syn_ack], note))
}

const fn is_refused<T>(offer: &Offer<T>) -> bool {
    offer.client.is_some() && offer.server.is_none()
}
