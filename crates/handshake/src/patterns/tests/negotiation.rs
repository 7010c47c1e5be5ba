use parser::Flags;

use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::Verdict;
use crate::negotiated::{FastOpen, Mptcp, Negotiated, Offer};
use crate::record::{EndedBy, Outcome};

const ECN: Flags = Flags(Flags::ECE.0 | Flags::CWR.0);
const ACCECN: Flags = Flags(ECN.0 | Flags::AE.0);
const COOKIE: [u8; 12] = [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];
const NO_COOKIE: [u8; 4] = [34, 2, 1, 1];
const MD5: [u8; 20] = [19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1];
const AO: [u8; 16] = [29, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const MP_CAPABLE: [u8; 4] = [30, 4, 0x01, 0x01];
const MP_CAPABLE_ANSWER: [u8; 12] = [30, 12, 0x01, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];
const MP_JOIN: [u8; 12] = [30, 12, 0x10, 1, 1, 2, 3, 4, 5, 6, 7, 8];

/// A handshake whose SYN and SYN-ACK are told by the functions.
fn between(
    syn: impl Fn(Story) -> Story,
    syn_ack: impl Fn(Story) -> Story,
) -> impl Fn(Story) -> Story {
    move |story| syn_ack(syn(story.syn(0)).syn_ack(10)).ack(20).established()
}

fn plain(story: Story) -> Story {
    story
}

fn with_options(bytes: &'static [u8]) -> impl Fn(Story) -> Story {
    move |story| offering(story.options(bytes))
}

/// The tracker tells of any SYN with either option that it offers something.
fn offering(story: Story) -> Story {
    story.record_with(|record| {
        record.negotiated.fast_open = FastOpen::Offered;
        record.negotiated.mptcp = Mptcp::Offered;
    })
}

fn with_flags(flags: Flags) -> impl Fn(Story) -> Story {
    move |story| story.flags(flags)
}

#[test]
fn ecn_setup() {
    let note =
        |answer| finding(PatternName::EcnSetup, between(with_flags(ECN), with_flags(answer)));
    assert_eq!(names(between(with_flags(ECN), with_flags(Flags::ECE))), ["three_way", "ecn_setup"]);
    assert_eq!(note(Flags::ECE), (vec![1, 2], "ECN offered, and agreed with ECE".to_owned()));
    assert_eq!(note(Flags(0)).1, "ECN offered, and declined");
    assert_eq!(
        note(ECN).1,
        "ECN offered; the SYN-ACK's bits neither agree nor decline (RFC 3168, 6.1.1)"
    );
}

#[test]
fn ece_alone_offers_nothing() {
    assert_eq!(names(between(with_flags(Flags::ECE), plain)), ["three_way"]);
}

#[test]
fn accecn() {
    let tell = |answer| between(with_flags(ACCECN), with_flags(answer));
    assert_eq!(names(tell(Flags::CWR)), ["three_way", "accecn"]);
    let note = |answer| finding(PatternName::AccEcn, tell(answer)).1;
    assert_eq!(note(Flags::CWR), "Accurate ECN agreed; the SYN came without ECN mark");
    assert_eq!(note(ECN), "Accurate ECN agreed; the SYN came marked ECT(1)");
    assert_eq!(note(Flags::AE), "Accurate ECN agreed; the SYN came marked ECT(0)");
    assert_eq!(note(Flags::AE | Flags::CWR), "Accurate ECN agreed; the SYN came marked CE");
    assert_eq!(note(Flags::ECE), "Accurate ECN offered; the server agreed to ECN of RFC 3168");
    assert_eq!(
        note(Flags::AE | Flags::ECE),
        "Accurate ECN offered; the server agreed to the ECN nonce"
    );
    assert_eq!(note(Flags(0)), "Accurate ECN offered, and declined");
    assert_eq!(
        note(ACCECN),
        "Accurate ECN offered; the SYN-ACK reflects the bits, which agrees to nothing"
    );
}

#[test]
fn ecn_fallback() {
    let retry =
        |flags| move |s: Story| s.syn(0).flags(flags).syn(S).syn_ack(1010).ack(1020).established();
    assert_eq!(names(retry(ECN)), ["three_way", "late_establish", "ecn_fallback"]);
    assert_eq!(names(retry(ACCECN)), ["three_way", "late_establish", "ecn_fallback"]);
    let note = "Accurate ECN offered, then SYN sent again without it".to_owned();
    assert_eq!(finding(PatternName::EcnFallback, retry(ACCECN)), (vec![1, 2], note));
    let kept =
        |s: Story| s.syn(0).flags(ECN).syn(S).flags(ECN).syn_ack(1010).ack(1020).established();
    assert_eq!(names(kept), ["three_way", "late_establish", "ecn_setup"]);
}

#[test]
fn fast_open_cookie_request() {
    let granted = between(with_options(&NO_COOKIE), with_options(&COOKIE));
    assert_eq!(names(&granted), ["three_way", "fast_open_cookie_request"]);
    let note = "the server granted a cookie of 8 bytes".to_owned();
    assert_eq!(finding(PatternName::FastOpenCookieRequest, granted), (vec![1, 2], note));
    let refused = between(with_options(&NO_COOKIE), plain);
    let (_, note) = finding(PatternName::FastOpenCookieRequest, refused);
    assert_eq!(note, "the server granted no cookie");
}

fn syn_with_data(story: Story) -> Story {
    offering(story.options(&COOKIE).len(100))
}

fn acknowledging(data: u32) -> impl Fn(Story) -> Story {
    move |story| story.with(|syn_ack| syn_ack.ack = syn_ack.ack.map(|ack| ack.plus(data)))
}

#[test]
fn fast_open_accepted() {
    let accepted = between(syn_with_data, acknowledging(100));
    assert_eq!(names(&accepted), ["three_way", "fast_open_accepted"]);
    let note = "100 of 100 bytes in the SYN acknowledged, cookie of 8 bytes".to_owned();
    assert_eq!(finding(PatternName::FastOpenAccepted, accepted), (vec![1, 2], note));
    let partly = finding(PatternName::FastOpenAccepted, between(syn_with_data, acknowledging(1)));
    assert_eq!(partly.1, "1 of 100 bytes in the SYN acknowledged, cookie of 8 bytes");
}

#[test]
fn fast_open_ignored() {
    let ignored = between(syn_with_data, plain);
    assert_eq!(names(&ignored), ["three_way", "fast_open_ignored"]);
    let note = "0 of 100 bytes in the SYN acknowledged, cookie of 8 bytes".to_owned();
    assert_eq!(finding(PatternName::FastOpenIgnored, ignored), (vec![1, 2], note));
    assert_eq!(names(between(with_options(&COOKIE), plain)), ["three_way"]);
    assert_eq!(names(between(|s| s.len(100), plain)), ["three_way"]);
}

#[test]
fn fast_open_fallback() {
    let fallback = |s: Story| syn_with_data(s.syn(0)).syn(S).syn_ack(1010).ack(1020).established();
    assert_eq!(names(fallback), ["three_way", "late_establish", "fast_open_fallback"]);
    let note = "SYN sent again without the option and its 100 bytes of data".to_owned();
    assert_eq!(finding(PatternName::FastOpenFallback, fallback), (vec![1, 2], note));
    let kept = |s: Story| {
        syn_with_data(syn_with_data(s.syn(0)).syn(S)).syn_ack(1010).ack(1020).established()
    };
    assert_eq!(names(kept), ["three_way", "late_establish", "fast_open_ignored"]);
}

#[test]
fn mptcp_capable_and_join() {
    let capable = between(with_options(&MP_CAPABLE), with_options(&MP_CAPABLE_ANSWER));
    assert_eq!(names(&capable), ["three_way", "mptcp_capable"]);
    let note = "MP_CAPABLE offered; answered in kind".to_owned();
    assert_eq!(finding(PatternName::MptcpCapable, capable), (vec![1, 2], note));
    assert_eq!(
        names(between(with_options(&MP_JOIN), with_options(&MP_JOIN))),
        ["three_way", "mptcp_join"]
    );
}

#[test]
fn mptcp_fallback() {
    let refused = between(with_options(&MP_CAPABLE), plain);
    assert_eq!(names(&refused), ["three_way", "mptcp_fallback"]);
    let note = "MP_CAPABLE offered, absent from the SYN-ACK".to_owned();
    assert_eq!(finding(PatternName::MptcpFallback, refused), (vec![1, 2], note));
    let dropped = |s: Story| offering(s.syn(0).options(&MP_CAPABLE).syn(S).unanswered());
    assert_eq!(names(dropped), ["syn_timeout", "mptcp_fallback"]);
    let note = "MP_CAPABLE offered, absent from SYN 2 on".to_owned();
    assert_eq!(finding(PatternName::MptcpFallback, dropped), (vec![1, 2], note));
}

#[test]
fn signed_segments() {
    assert_eq!(names(between(with_options(&MD5), with_options(&MD5))), ["three_way", "tcp_md5"]);
    assert_eq!(names(between(with_options(&AO), with_options(&AO))), ["three_way", "tcp_ao"]);
    let both = finding(PatternName::TcpAo, between(with_options(&AO), with_options(&AO)));
    assert_eq!(both, (vec![1, 2], "SYN and answer are signed".to_owned()));
    let unsigned = finding(PatternName::TcpMd5, between(with_options(&MD5), plain)).1;
    let expected =
        "the SYN is signed, the answer is not: the server may have no key for this client";
    assert_eq!(unsigned, expected);
    let silent = |s: Story| s.syn(0).options(&MD5).unanswered();
    assert_eq!(names(silent), ["syn_timeout", "tcp_md5"]);
    let (_, note) = finding(PatternName::TcpMd5, silent);
    assert_eq!(note, "the SYN is signed, no answer: the keys may differ");
}

#[test]
fn option_refused() {
    let offers = |server: Option<u8>| {
        move |s: Story| {
            between(plain, plain)(s).record_with(|record| {
                record.negotiated = Negotiated {
                    mss: Offer { client: Some(1460), server: Some(1460) },
                    window_scale: Offer { client: Some(7), server },
                    sack: Offer { client: Some(()), server: server.map(|_| ()) },
                    ..Negotiated::default()
                };
            })
        }
    };
    assert_eq!(names(offers(None)), ["three_way", "option_refused"]);
    let note = "the SYN-ACK leaves out what the SYN offered: window scale, SACK permitted";
    assert_eq!(finding(PatternName::OptionRefused, offers(None)), (vec![1, 2], note.to_owned()));
    assert_eq!(names(offers(Some(0))), ["three_way"]);
    let refused = |s: Story| {
        let story = s.syn(0).refusal(1).syn_ack(2).with(|late| late.verdict = Verdict::Stray);
        let offer = Offer { client: Some(7), server: None };
        let story = story.record_with(|record| record.negotiated.window_scale = offer);
        story.ends(Outcome::Refused, EndedBy::Segment)
    };
    assert_eq!(names(refused), ["closed_port"]);
}
