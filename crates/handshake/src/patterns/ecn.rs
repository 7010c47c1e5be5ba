//! Explicit congestion notification: RFC 3168 and Accurate ECN (RFC 9768).

use parser::Flags;

use super::Rule;
use super::evidence::Finding;
use super::signs::Signs;
use crate::record::Handshake;
use crate::segment::SegmentRecord;

pub(super) const SETUP: Rule = Rule {
    name: "ecn_setup",
    source: "RFC 3168, 6.1.1",
    differs_from: "Accurate ECN, which sets AE too",
    check_next: "sysctl net.ipv4.tcp_ecn on both ends; it is no error if the SYN-ACK does not \
                 agree",
    rests_on_absence: false,
    needs: Signs::ECN,
    find: setup,
};

pub(super) const FALLBACK: Rule = Rule {
    name: "ecn_fallback",
    source: "RFC 3168, 6.1.1.1",
    differs_from: "an offer that the client keeps: here the client sent the same J again without \
                   the bits",
    check_next: "whether a device on the path drops SYNs with ECE and CWR: compare with sysctl \
                 net.ipv4.tcp_ecn=0 on the client",
    rests_on_absence: false,
    needs: Signs::ECN,
    find: fallback,
};

pub(super) const ACCURATE: Rule = Rule {
    name: "accecn",
    source: "RFC 9768, 3.1.1",
    differs_from: "ECN of RFC 3168, which leaves AE clear",
    check_next: "sysctl net.ipv4.tcp_ecn on both ends (3 asks for Accurate ECN)",
    rests_on_absence: false,
    needs: Signs::ECN,
    find: accurate,
};

const CLASSIC: Flags = Flags(Flags::ECE.0 | Flags::CWR.0);
const ALL: Flags = Flags(CLASSIC.0 | Flags::AE.0);

fn ecn(segment: &SegmentRecord) -> Flags {
    segment.flags.intersection(ALL)
}

/// The first SYN and the one sent again without ECN, where there is one.
fn offer(handshake: &Handshake) -> Option<(&SegmentRecord, Option<&SegmentRecord>)> {
    let first = handshake.syns().next().filter(|syn| syn.has(CLASSIC))?;
    Some((first, handshake.syns().skip(1).find(|syn| ecn(syn) == Flags(0))))
}

fn setup(handshake: &Handshake) -> Option<Finding> {
    let (syn, None) = offer(handshake)? else { return None };
    if ecn(syn) != CLASSIC {
        return None;
    }
    let syn_ack = handshake.syn_ack();
    let note = match syn_ack.map(ecn) {
        None => "ECN offered; no SYN-ACK was captured",
        Some(Flags::ECE) => "ECN offered; the SYN-ACK agrees with ECE",
        Some(Flags(0)) => "ECN offered; the SYN-ACK does not agree",
        Some(_) => "ECN offered; the SYN-ACK's bits neither agree nor decline (RFC 3168, 6.1.1)",
    };
    Some(Finding::new(std::iter::once(syn).chain(syn_ack), note))
}

fn fallback(handshake: &Handshake) -> Option<Finding> {
    let (first, Some(plain)) = offer(handshake)? else { return None };
    let what = if ecn(first) == ALL { "Accurate ECN" } else { "ECN" };
    Some(Finding::new([first, plain], format!("{what} offered, then SYN sent again without it")))
}

/// The answers are those of RFC 9768, table 2.
fn accurate(handshake: &Handshake) -> Option<Finding> {
    let (syn, None) = offer(handshake)? else { return None };
    if ecn(syn) != ALL {
        return None;
    }
    let syn_ack = handshake.syn_ack();
    let bits = syn_ack
        .map(|syn_ack| (syn_ack.has(Flags::AE), syn_ack.has(Flags::CWR), syn_ack.has(Flags::ECE)));
    let note = match bits {
        None => "Accurate ECN offered; no SYN-ACK was captured",
        Some((false, true, false)) => "Accurate ECN agreed; the SYN came without ECN mark",
        Some((false, true, true)) => "Accurate ECN agreed; the SYN came marked ECT(1)",
        Some((true, false, false)) => "Accurate ECN agreed; the SYN came marked ECT(0)",
        Some((true, true, false)) => "Accurate ECN agreed; the SYN came marked CE",
        Some((false, false, true)) => "Accurate ECN offered; the SYN-ACK agrees to ECN of RFC 3168",
        Some((true, false, true)) => "Accurate ECN offered; the SYN-ACK agrees to the ECN nonce",
        Some((false, false, false)) => "Accurate ECN offered; the SYN-ACK does not agree",
        Some((true, true, true)) => {
            "Accurate ECN offered; the SYN-ACK reflects the bits, which agrees to nothing"
        }
    };
    Some(Finding::new(std::iter::once(syn).chain(syn_ack), note))
}
