//! SYNs that an ICMP error answers.

use parser::{IcmpError, IcmpFamily};

use super::Rule;
use super::evidence::{Finding, after};
use crate::record::Handshake;
use crate::segment::{SegmentRecord, Verdict};

/// Traceroutes look at 30 hops by default, and every operating system starts at 32 or more.
const TRACEROUTE_HOPS: u8 = 30;

pub(super) const UNREACHABLE: Rule = Rule {
    name: "icmp_unreachable",
    told_from: "path MTU discovery: code 4 and packet too big ask for smaller packets and refuse nothing",
    check_next: "the host that sent the error: its route to the server (ip route get ADDRESS), or \
                 its filter where the code says prohibited",
    rests_on_absence: false,
    find: unreachable,
};

pub(super) const TTL_EXCEEDED: Rule = Rule {
    name: "icmp_ttl_exceeded",
    told_from: "a traceroute, which sends its SYNs with a low hop limit on purpose",
    check_next: "a routing loop: traceroute -T -p PORT HOST shows the same routers again and again",
    rests_on_absence: false,
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

fn unreachable(handshake: &Handshake) -> Option<Finding> {
    let wanted = |error: &IcmpError| match error.family {
        IcmpFamily::V4 => error.kind == 3 && error.code != 4,
        IcmpFamily::V6 => error.kind == 1,
    };
    let (segment, error) = errors(handshake, wanted).next()?;
    let meaning = error.family.meaning(error.kind, error.code);
    let note =
        format!("{meaning} ({}){}", source(handshake, error), after(handshake.offset_of(segment)));
    Some(Finding::new(errors(handshake, wanted).map(|(segment, _)| segment), note))
}

fn ttl_exceeded(handshake: &Handshake) -> Option<Finding> {
    let wanted = |error: &IcmpError| match error.family {
        IcmpFamily::V4 => error.kind == 11 && error.code == 0,
        IcmpFamily::V6 => error.kind == 3 && error.code == 0,
    };
    let (segment, error) = errors(handshake, wanted).next()?;
    let syn = handshake.syns().next();
    let cause = match syn.map(|syn| syn.ttl) {
        Some(ttl) if ttl <= TRACEROUTE_HOPS => {
            format!("the SYN was captured with hop limit {ttl}: a traceroute, by the looks of it")
        }
        Some(ttl) => {
            format!("the SYN was captured with hop limit {ttl}: a loop, by the looks of it")
        }
        None => "no SYN was captured".to_owned(),
    };
    let time = after(handshake.offset_of(segment));
    let note = format!("hop limit exceeded ({}){time}; {cause}", source(handshake, error));
    let errors = errors(handshake, wanted).map(|(segment, _)| segment);
    Some(Finding::new(syn.into_iter().chain(errors), note))
}

/// `ICMP 3/1 from 192.0.2.1, not the server`.
fn source(handshake: &Handshake, error: &IcmpError) -> String {
    let family = match error.family {
        IcmpFamily::V4 => "ICMP",
        IcmpFamily::V6 => "ICMPv6",
    };
    let who = if error.sender == handshake.server.addr {
        "the server itself"
    } else {
        "a host on the way"
    };
    format!("{family} {}/{} from {}, {who}", error.kind, error.code, error.sender)
}
