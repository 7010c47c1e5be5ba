//! Multipath TCP (RFC 8684).

use parser::TcpOption;

use super::Rule;
use super::evidence::Finding;
use crate::negotiated::Mptcp;
use crate::record::Handshake;
use crate::segment::SegmentRecord;

pub(super) const CAPABLE: Rule = Rule {
    name: "mptcp_capable",
    told_from: "MP_JOIN, which adds a subflow to a connection that exists",
    check_next: "ss -M shows the connection, ip mptcp limits and ip mptcp endpoint what it may use",
    rests_on_absence: false,
    find: capable,
};

pub(super) const JOIN: Rule = Rule {
    name: "mptcp_join",
    told_from: "MP_CAPABLE, which opens a connection of its own",
    check_next: "ip mptcp monitor, nstat -az 'MPTcpExtMPJoin*'",
    rests_on_absence: false,
    find: join,
};

pub(super) const FALLBACK: Rule = Rule {
    name: "mptcp_fallback",
    told_from: "a device that takes the option out, which a second point of capture would show",
    check_next: "on the server: sysctl net.mptcp.enabled and whether the listener is an MPTCP \
                 socket (mptcpize); nstat -az MPTcpExtMPCapableFallbackSYNACK",
    rests_on_absence: false,
    find: fallback,
};

const MP_CAPABLE: u8 = 0;
const MP_JOIN: u8 = 1;

fn subtype(segment: &SegmentRecord) -> Option<u8> {
    segment.options.iter().find_map(|option| match option {
        TcpOption::Mptcp { subtype, .. } => Some(subtype),
        _ => None,
    })
}

/// The SYN that offers MPTCP, and the first segment that drops it: a later SYN or the SYN-ACK.
fn offer(handshake: &Handshake) -> Option<(&SegmentRecord, u8, Option<&SegmentRecord>)> {
    if handshake.negotiated.mptcp == Mptcp::None {
        return None;
    }
    let syn = handshake.syns().next()?;
    let offered = subtype(syn).filter(|&subtype| matches!(subtype, MP_CAPABLE | MP_JOIN))?;
    let mut later = handshake.syns().skip(1).chain(handshake.syn_acks().take(1));
    Some((syn, offered, later.find(|segment| subtype(segment) != Some(offered))))
}

fn offered(handshake: &Handshake, wanted: u8, name: &str) -> Option<Finding> {
    let (syn, found, None) = offer(handshake)? else { return None };
    if found != wanted {
        return None;
    }
    let syn_ack = handshake.syn_acks().next();
    let answer = if syn_ack.is_some() { "answered in kind" } else { "no SYN-ACK came" };
    Some(Finding::new(std::iter::once(syn).chain(syn_ack), format!("{name} offered; {answer}")))
}

fn capable(handshake: &Handshake) -> Option<Finding> {
    offered(handshake, MP_CAPABLE, "MP_CAPABLE")
}

fn join(handshake: &Handshake) -> Option<Finding> {
    offered(handshake, MP_JOIN, "MP_JOIN")
}

fn fallback(handshake: &Handshake) -> Option<Finding> {
    let (syn, offered, Some(without)) = offer(handshake)? else { return None };
    let name = if offered == MP_CAPABLE { "MP_CAPABLE" } else { "MP_JOIN" };
    let note = match handshake.syns().position(|syn| std::ptr::eq(syn, without)) {
        Some(index) => format!("{name} offered, absent from SYN {} on", index + 1),
        None => format!("{name} offered, absent from the SYN-ACK"),
    };
    Some(Finding::new([syn, without], note))
}
