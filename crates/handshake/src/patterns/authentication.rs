//! Signed segments: the MD5 option (RFC 2385) and TCP-AO (RFC 5925).

use parser::TcpOption;

use super::Rule;
use super::evidence::Finding;
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{SegmentRecord, Sender, Verdict};

pub(super) const MD5: Rule = Rule {
    name: "tcp_md5",
    source: "RFC 2385",
    differs_from: "TCP-AO, which has an option of its own (kind 29)",
    check_next: "the key of each end for the other's address (BGP neighbour password); nstat -az \
                 'TcpExtTCPMD5*'",
    rests_on_absence: false,
    needs: Signs::SIGNED,
    find: md5,
};

pub(super) const AO: Rule = Rule {
    name: "tcp_ao",
    source: "RFC 5925",
    differs_from: "the MD5 option (kind 19), which TCP-AO replaces",
    check_next: "key, key id and algorithm of each end for the other's address; nstat -az 'TcpExtTCPAO*'",
    rests_on_absence: false,
    needs: Signs::SIGNED,
    find: ao,
};

fn md5(handshake: &Handshake) -> Option<Finding> {
    signed(handshake, |segment| {
        segment.options.iter().any(|option| matches!(option, TcpOption::Md5(_)))
    })
}

fn ao(handshake: &Handshake) -> Option<Finding> {
    signed(handshake, |segment| {
        segment.options.iter().any(|option| matches!(option, TcpOption::Ao { .. }))
    })
}

fn signed(handshake: &Handshake, is_signed: fn(&SegmentRecord) -> bool) -> Option<Finding> {
    let syn = handshake.syns().next().filter(|syn| is_signed(syn))?;
    let answer = handshake.segments.iter().find(|segment| {
        segment.verdict != Verdict::DuplicateCapture && segment.from == Sender::Server
    });
    let note = match answer {
        None if handshake.outcome == Outcome::Unanswered => {
            "the SYN is signed; no answer was captured: the keys may differ"
        }
        None => "the SYN is signed",
        Some(answer) if is_signed(answer) => "SYN and answer are signed",
        Some(answer) if answer.options.is_cut() => {
            "the SYN is signed; the capture cut off the options of the answer"
        }
        Some(_) => {
            "the SYN is signed; the answer is not: the server may have no key for this client"
        }
    };
    Some(Finding::new(std::iter::once(syn).chain(answer), note))
}
