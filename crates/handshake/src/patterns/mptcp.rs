//! Multipath TCP (RFC 8684).

use parser::TcpOption;

use super::Rule;
use super::evidence::Finding;
use super::signs::Signs;
use crate::negotiated::Mptcp;
use crate::record::Handshake;
use crate::segment::SegmentRecord;

pub(super) const CAPABLE: Rule = Rule {
    name: "mptcp_capable",
    source: "RFC 8684, 3.1",
    differs_from: "MP_JOIN, which adds a subflow to a connection that exists",
    check_next: "ss -M shows the connection, ip mptcp limits and ip mptcp endpoint show the \
                 allowed subflows",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: capable,
};

pub(super) const JOIN: Rule = Rule {
    name: "mptcp_join",
    source: "RFC 8684, 3.2",
    differs_from: "MP_CAPABLE, which opens a connection of its own",
    check_next: "ip mptcp monitor, nstat -az 'MPTcpExtMPJoin*'",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: join,
};

pub(super) const FALLBACK: Rule = Rule {
    name: "mptcp_fallback",
    source: "RFC 8684, 3.7",
    differs_from: "a device that removes the option; a second point of capture would show that",
    check_next: "on the server: sysctl net.mptcp.enabled and whether the listener is an MPTCP \
                 socket (mptcpize); nstat -az MPTcpExtMPCapableFallbackSYNACK",
    rests_on_absence: false,
    needs: Signs::NONE,
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
    let mut later = handshake.syns().skip(1).chain(handshake.syn_ack());
    let drops =
        |segment: &SegmentRecord| subtype(segment) != Some(offered) && !segment.options.is_cut();
    Some((syn, offered, later.find(|segment| drops(segment))))
}

fn offered(handshake: &Handshake, wanted: u8, name: &str) -> Option<Finding> {
    let (syn, found, None) = offer(handshake)? else { return None };
    if found != wanted {
        return None;
    }
    let syn_ack = handshake.syn_ack();
    let answer = match syn_ack.map(|syn_ack| subtype(syn_ack) == Some(found)) {
        Some(true) => "the SYN-ACK accepts it",
        Some(false) => "the capture cut off the answer in the SYN-ACK",
        None => "no SYN-ACK was captured",
    };
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
    let by_client = handshake.syns().position(|syn| std::ptr::eq(syn, without));
    let Some(index) = by_client else {
        let note = format!("{name} offered, absent from the SYN-ACK");
        return Some(Finding::new([syn, without], note));
    };
    let note = format!("{name} offered, absent from SYN {}", index + 1);
    let finding = Finding::new([syn, without], note)
        .differs_from(
            "a server that does not accept the offer: here the client sent the SYN again \
                       without it",
        )
        .check_next(
            "whether a device on the path drops SYNs with the option; on the client sysctl \
             net.mptcp.syn_retrans_before_tcp_fallback, nstat -az MPTcpExtMPCapableSYNTXDrop",
        );
    Some(finding)
}
