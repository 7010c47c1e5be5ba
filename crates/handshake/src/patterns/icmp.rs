//! SYNs that an ICMP error answers.

use parser::{IcmpError, IcmpFamily};

use super::Rule;
use super::evidence::{Finding, after};
use super::signs::Signs;
use crate::record::Handshake;
use crate::segment::{SegmentRecord, Verdict};

/// Traceroutes look at 30 hops by default, and every operating system starts at 32 or more.
const TRACEROUTE_HOPS: u8 = 30;

pub(super) const UNREACHABLE: Rule = Rule {
    name: "icmp_unreachable",
    source: "RFC 9293, 3.9.2.2",
    differs_from: "path MTU discovery: code 4 and packet too big ask for smaller packets and refuse nothing",
    check_next: "the host that sent the error: its route to the server (ip route get ADDRESS), and \
                 whether the server is up",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: unreachable,
};

pub(super) const TTL_EXCEEDED: Rule = Rule {
    name: "icmp_ttl_exceeded",
    source: "RFC 792; RFC 4443, 3.3",
    differs_from: "a traceroute, which sends its SYNs with a low hop limit on purpose",
    check_next: "a routing loop: traceroute -T -p PORT HOST shows the same routers several times",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: ttl_exceeded,
};

/// The errors that quote the client; the server itself may have sent them.
fn errors(
    handshake: &Handshake,
    wanted: fn(&IcmpError) -> bool,
) -> impl Iterator<Item = (&SegmentRecord, &IcmpError)> {
    let about = |segment: &&SegmentRecord| segment.verdict == Verdict::Advanced;
    let errors = handshake.segments.iter().filter(about);
    errors
        .filter_map(|segment| Some((segment, segment.icmp.as_deref()?)))
        .filter(move |(_, error)| wanted(error))
}

/// The first error that says that a SYN-ACK did not get to the client, and what it says.
pub(super) fn returned_syn_ack(handshake: &Handshake) -> Option<(&SegmentRecord, String)> {
    let about = |segment: &&SegmentRecord| segment.verdict != Verdict::DuplicateCapture;
    let mut errors = handshake.segments.iter().filter(about);
    errors.find_map(|segment| {
        let error = segment.icmp.as_deref()?;
        let is_about = error.quoted.source == handshake.server && error.is_unreachable();
        let meaning = error.family.meaning(error.kind, error.code);
        is_about.then(|| (segment, format!("{meaning} ({})", source(handshake, error))))
    })
}

fn unreachable(handshake: &Handshake) -> Option<Finding> {
    let wanted = |error: &IcmpError| match error.family {
        IcmpFamily::V4 => error.kind == 3 && error.code != 4,
        IcmpFamily::V6 => error.kind == 1,
    };
    let (segment, error) = errors(handshake, wanted).next()?;
    let meaning = error.family.meaning(error.kind, error.code);
    let note =
        format!("{meaning} ({}){}", source(handshake, error), after(handshake.offset_of(segment)));
    let finding = Finding::new(errors(handshake, wanted).map(|(segment, _)| segment), note);
    Some(match (error.family, error.code) {
        (IcmpFamily::V4, 9 | 10 | 13) | (IcmpFamily::V6, 1 | 5 | 6) => finding.check_next(
            "the filter of the host that sent the error: the error says that it prohibits this \
             (nft list ruleset there)",
        ),
        (IcmpFamily::V4, 3) | (IcmpFamily::V6, 4) => finding.check_next(
            "a filter that rejects, on the host that sent the error (nft list ruleset there): a TCP \
             without a listener answers with RST",
        ),
        _ => finding,
    })
}

fn ttl_exceeded(handshake: &Handshake) -> Option<Finding> {
    let wanted = |error: &IcmpError| match error.family {
        IcmpFamily::V4 => error.kind == 11 && error.code == 0,
        IcmpFamily::V6 => error.kind == 3 && error.code == 0,
    };
    let (segment, error) = errors(handshake, wanted).next()?;
    let syn = handshake.syns().next();
    let ttl = syn.map(|syn| syn.ttl);
    let cause = match ttl {
        Some(ttl) if ttl <= TRACEROUTE_HOPS => {
            format!("the SYN was captured with hop limit {ttl}, which is typical of a traceroute")
        }
        Some(ttl) => format!(
            "the SYN was captured with hop limit {ttl}, more than a traceroute sends: suspected: a \
             routing loop"
        ),
        None => "no SYN was captured".to_owned(),
    };
    let time = after(handshake.offset_of(segment));
    let note = format!("hop limit exceeded ({}){time}; {cause}", source(handshake, error));
    let errors = errors(handshake, wanted).map(|(segment, _)| segment);
    let finding = Finding::new(syn.into_iter().chain(errors), note);
    Some(match ttl {
        Some(ttl) if ttl <= TRACEROUTE_HOPS => {
            finding.differs_from("a routing loop, in which a high hop limit falls to 0").check_next(
                "nothing if somebody runs a traceroute; otherwise, which program sends \
                         such SYNs",
            )
        }
        _ => finding,
    })
}

/// `ICMP 3/1 from 192.0.2.254, neither end`.
fn source(handshake: &Handshake, error: &IcmpError) -> String {
    let family = match error.family {
        IcmpFamily::V4 => "ICMP",
        IcmpFamily::V6 => "ICMPv6",
    };
    let who = match error.sender {
        sender if sender == handshake.server.addr => "the server itself",
        sender if sender == handshake.client.addr => "the client's own host",
        _ => "neither end",
    };
    format!("{family} {}/{} from {}, {who}", error.kind, error.code, error.sender)
}
