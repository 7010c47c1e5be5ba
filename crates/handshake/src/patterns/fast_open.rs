//! TCP Fast Open (RFC 7413).

use parser::TcpOption;

use super::Rule;
use super::evidence::{Finding, bytes};
use super::signs::Signs;
use crate::negotiated::FastOpen;
use crate::record::Handshake;
use crate::segment::SegmentRecord;

pub(super) const COOKIE_REQUEST: Rule = Rule {
    name: "fast_open_cookie_request",
    source: "RFC 7413, 4.2.1",
    differs_from: "Fast Open itself: there is no cookie and no data yet",
    check_next: "whether the SYN-ACK grants a cookie; on the server sysctl net.ipv4.tcp_fastopen \
                 must have bit 1 (value 2)",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: cookie_request,
};

pub(super) const ACCEPTED: Rule = Rule {
    name: "fast_open_accepted",
    source: "RFC 7413, 4.2.2",
    differs_from: "an ignored Fast Open: this SYN-ACK acknowledges data too, not the SYN alone",
    check_next: "nothing: a round trip was saved",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: accepted,
};

pub(super) const IGNORED: Rule = Rule {
    name: "fast_open_ignored",
    source: "RFC 7413, 4.2.2",
    differs_from: "an accepted Fast Open: this SYN-ACK acknowledges the SYN alone, and the client has to \
                send the data again",
    check_next: "on the server: sysctl net.ipv4.tcp_fastopen, TCP_FASTOPEN on the listener, nstat \
                 -az TcpExtTCPFastOpenPassiveFail TcpExtTCPFastOpenListenOverflow",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: ignored,
};

pub(super) const FALLBACK: Rule = Rule {
    name: "fast_open_fallback",
    source: "RFC 7413, 4.2",
    differs_from: "another attempt: J is the same, and only the option and the data are missing",
    check_next: "a device on the path that drops SYNs with data or with the option; on the client \
                 nstat -az TcpExtTCPFastOpenActiveFail",
    rests_on_absence: false,
    needs: Signs::NONE,
    find: fallback,
};

/// The length of the Fast Open cookie, where there is the option.
fn cookie(segment: &SegmentRecord) -> Option<usize> {
    segment.options.iter().find_map(|option| match option {
        TcpOption::FastOpen { cookie, .. } => Some(cookie.len()),
        _ => None,
    })
}

/// The first SYN, where it carries the option.
fn offer(handshake: &Handshake) -> Option<&SegmentRecord> {
    if handshake.negotiated.fast_open == FastOpen::None {
        return None;
    }
    handshake.syns().next().filter(|syn| cookie(syn).is_some())
}

/// The SYN that carries data under a cookie, with the cookie's length.
fn syn_with_data(handshake: &Handshake) -> Option<(&SegmentRecord, usize)> {
    let syn = offer(handshake)?;
    if syn.len == 0 {
        return None;
    }
    cookie(syn).filter(|&len| len > 0).map(|len| (syn, len))
}

/// The plain SYN that follows one with Fast Open.
fn plain_retry(handshake: &Handshake) -> Option<(&SegmentRecord, &SegmentRecord)> {
    let first = offer(handshake)?;
    let is_plain =
        |syn: &SegmentRecord| syn.len == 0 && cookie(syn).is_none() && !syn.options.is_cut();
    let plain = handshake.syns().skip(1).find(|syn| is_plain(syn))?;
    Some((first, plain))
}

fn cookie_request(handshake: &Handshake) -> Option<Finding> {
    let syn = offer(handshake).filter(|syn| cookie(syn) == Some(0))?;
    let syn_ack = handshake.syn_ack();
    let note = match syn_ack.map(|syn_ack| (cookie(syn_ack), syn_ack.options.is_cut())) {
        None => "the client asks for a cookie; no SYN-ACK was captured".to_owned(),
        Some((Some(len), _)) if len > 0 => format!("the server granted a cookie of {len} bytes"),
        Some((None, true)) => "the capture cut off the Fast Open option of the SYN-ACK".to_owned(),
        Some(_) => "the SYN-ACK grants no cookie".to_owned(),
    };
    Some(Finding::new(std::iter::once(syn).chain(syn_ack), note))
}

fn accepted(handshake: &Handshake) -> Option<Finding> {
    let (syn, cookie) = syn_with_data(handshake)?;
    let syn_ack = handshake.syn_ack()?;
    let data = syn_ack.ack?.distance_from(handshake.client_isn.plus(1));
    if data == 0 {
        return None;
    }
    let note =
        format!("{data} of {} in the SYN acknowledged, cookie of {cookie} bytes", bytes(syn.len));
    Some(Finding::new([syn, syn_ack], note))
}

fn ignored(handshake: &Handshake) -> Option<Finding> {
    let (syn, cookie) = syn_with_data(handshake)?;
    let syn_ack = handshake.syn_ack()?;
    if plain_retry(handshake).is_some() || syn_ack.ack != Some(handshake.client_isn.plus(1)) {
        return None;
    }
    let note = format!("0 of {} in the SYN acknowledged, cookie of {cookie} bytes", bytes(syn.len));
    Some(Finding::new([syn, syn_ack], note))
}

fn fallback(handshake: &Handshake) -> Option<Finding> {
    let (first, plain) = plain_retry(handshake)?;
    let lost = match first.len {
        0 => "without the option".to_owned(),
        len => format!("without the option and its {} of data", bytes(len)),
    };
    Some(Finding::new([first, plain], format!("SYN sent again {lost}")))
}
