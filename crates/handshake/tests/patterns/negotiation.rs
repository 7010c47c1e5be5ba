//! What the ends offer each other: Fast Open, ECN, Multipath TCP, signatures, options.

use super::{finds, words};

/// A handshake whose SYN and SYN-ACK are given, from the flags on.
fn between(syn: &str, syn_ack: &str) -> String {
    format!("+0 C > S {syn}\n+1ms S > C {syn_ack}\n+1ms C > S . J+1:J+1(0) ack K+1")
}

/// The findings in it: the handshake itself and one more.
#[track_caller]
fn agrees(syn: &str, syn_ack: &str, expected: &str) {
    let three = "1 three_way 1,2,3: SYN to ACK in 2 ms: server 1 ms, client 1 ms\n";
    finds(&between(syn, syn_ack), &format!("{three}{expected}"));
}

/// A SYN, the same after a second, and a handshake on the second one.
fn again(first: &str, second: &str) -> String {
    format!(
        "+0 C > S {first}\n=1 C > S {second}\n+1ms S > C S. K:K(0) ack J+1\n\
         +1ms C > S . J+1:J+1(0) ack K+1"
    )
}

/// The findings in it.
#[track_caller]
fn falls_back(first: &str, second: &str, expected: &str) {
    finds(
        &again(first, second),
        &format!(
            "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: client 1 ms\n1 late_establish 1,2,3,4: SYN \
             sent 2 times; SYN-ACK after 1 s; it is not known which SYN it answers\n{expected}"
        ),
    );
}

const COOKIE: &str = "S J:J+100(100) <mss 1460,FO 0102030405060708>";
const SYN_ACK: &str = "S. K:K(0) ack J+1";

#[test]
fn a_request_for_a_cookie() {
    let ask = "S J:J(0) <mss 1460,FO>";
    agrees(
        ask,
        "S. K:K(0) ack J+1 <mss 1460,FO 0102030405060708>",
        "1 fast_open_cookie_request 1,2: the server granted a cookie of 8 bytes",
    );
    let name = "1 fast_open_cookie_request 1,2:";
    let none = "S. K:K(0) ack J+1 <mss 1460>";
    agrees(ask, none, &format!("{name} the SYN-ACK grants no cookie"));
    finds(
        &format!("+0 C > S {ask}"),
        "1 syn_timeout 1: SYN sent once; no answer was captured
         1 fast_open_cookie_request 1: the client asks for a cookie; no SYN-ACK was captured",
    );
    agrees("S J:J(0) <mss 1460>", none, "");
    // An empty option of the server grants nothing, and data without a cookie is no Fast Open.
    let nothing = format!("{name} the SYN-ACK grants no cookie");
    agrees(ask, "S. K:K(0) ack J+1 <mss 1460,FO>", &nothing);
    agrees("S J:J+100(100) <mss 1460,FO>", none, &nothing);
}

#[test]
fn data_in_the_syn() {
    let three = "1 three_way 1,2,3: SYN to ACK in 2 ms: server 1 ms, client 1 ms\n";
    for (ack, taken) in [("J+101", 100), ("J+2", 1)] {
        let script = format!(
            "+0 C > S {COOKIE}\n+1ms S > C S. K:K(0) ack {ack} <mss 1460>\n\
             +1ms C > S . {ack}:{ack}(0) ack K+1"
        );
        // The client goes on after what was taken, or sends the rest again.
        let found = super::patterns(&format!("{}isn J=4294967295 K=7\n{script}", super::V4));
        assert!(found[0].contains(&"fast_open_accepted"), "{taken} {found:?}");
    }
    finds(
        &format!(
            "+0 C > S {COOKIE}\n+1ms S > C S. K:K(0) ack J+101 <mss 1460>\n\
             +1ms C > S . J+101:J+101(0) ack K+1"
        ),
        &format!(
            "{three}1 fast_open_accepted 1,2: 100 of 100 bytes in the SYN acknowledged, cookie of 8 \
             bytes"
        ),
    );
    let ignored =
        "1 fast_open_ignored 1,2: 0 of 100 bytes in the SYN acknowledged, cookie of 8 bytes";
    agrees(COOKIE, "S. K:K(0) ack J+1 <mss 1460>", ignored);
    agrees(
        "S J:J+100(100) <mss 1460,FOEXP 0102030405060708>",
        "S. K:K(0) ack J+1 <mss 1460>",
        ignored,
    );
    // Data without a cookie, or a cookie without data.
    agrees("S J:J+100(100) <mss 1460>", "S. K:K(0) ack J+1 <mss 1460>", "");
    agrees("S J:J(0) <mss 1460,FO 0102030405060708>", "S. K:K(0) ack J+1 <mss 1460>", "");
}

#[test]
fn a_syn_again_without_fast_open() {
    falls_back(
        COOKIE,
        "S J:J(0)",
        "1 fast_open_fallback 1,2: SYN sent again without the option and its 100 bytes of data",
    );
    falls_back(
        "S J:J(0) <FO>",
        "S J:J(0)",
        "1 fast_open_cookie_request 1,3: the SYN-ACK grants no cookie
         1 fast_open_fallback 1,2: SYN sent again without the option",
    );
    // It still has data.
    falls_back(
        COOKIE,
        "S J:J+100(100) <mss 1460>",
        "1 fast_open_ignored 1,3: 0 of 100 bytes in the SYN acknowledged, cookie of 8 bytes
         1 option_refused 1,2,3: the SYN-ACK lacks options that the SYN offered: MSS",
    );
    let same = "S J:J+100(100) <FO 0102030405060708>";
    falls_back(
        same,
        same,
        "1 fast_open_ignored 1,3: 0 of 100 bytes in the SYN acknowledged, cookie of 8 bytes",
    );
}

#[test]
fn ecn() {
    for (bits, note) in [
        ("S.E", "ECN offered; the SYN-ACK agrees with ECE"),
        ("S.", "ECN offered; the SYN-ACK does not agree"),
        ("S.EW", "ECN offered; the SYN-ACK's bits neither agree nor decline (RFC 3168, 6.1.1)"),
    ] {
        agrees(
            "SEW J:J(0)",
            &format!("{bits} K:K(0) ack J+1"),
            &format!("1 ecn_setup 1,2: {note}"),
        );
    }
    agrees("SE J:J(0)", SYN_ACK, "");
    finds(
        "+0 C > S SEW J:J(0)",
        "1 syn_timeout 1: SYN sent once; no answer was captured
         1 ecn_setup 1: ECN offered; no SYN-ACK was captured",
    );
}

#[test]
fn accurate_ecn() {
    for (bits, note) in [
        ("S.W", "agreed; the SYN came without ECN mark"),
        ("S.EW", "agreed; the SYN came marked ECT(1)"),
        ("S.A", "agreed; the SYN came marked ECT(0)"),
        ("S.WA", "agreed; the SYN came marked CE"),
        ("S.E", "offered; the SYN-ACK agrees to ECN of RFC 3168"),
        ("S.EA", "offered; the SYN-ACK agrees to the ECN nonce"),
        ("S.", "offered; the SYN-ACK does not agree"),
        ("S.EWA", "offered; the SYN-ACK reflects the bits, which agrees to nothing"),
    ] {
        let syn_ack = format!("{bits} K:K(0) ack J+1");
        agrees("SEWA J:J(0)", &syn_ack, &format!("1 accecn 1,2: Accurate ECN {note}"));
    }
    finds(
        "+0 C > S SEWA J:J(0)",
        "1 syn_timeout 1: SYN sent once; no answer was captured
         1 accecn 1: Accurate ECN offered; no SYN-ACK was captured",
    );
}

#[test]
fn a_syn_again_without_ecn() {
    let note =
        |what: &str| format!("1 ecn_fallback 1,2: {what} offered, then SYN sent again without it");
    falls_back("SEW J:J(0)", "S J:J(0)", &note("ECN"));
    falls_back("SEWA J:J(0)", "S J:J(0)", &note("Accurate ECN"));
    falls_back(
        "SEW J:J(0)",
        "SEW J:J(0)",
        "1 ecn_setup 1,3: ECN offered; the SYN-ACK does not agree",
    );
}

const CAPABLE: &str = "S J:J(0) <mss 1460,mptcp 0101>";

#[test]
fn multipath_tcp() {
    agrees(
        CAPABLE,
        "S. K:K(0) ack J+1 <mss 1460,mptcp 01010102030405060708>",
        "1 mptcp_capable 1,2: MP_CAPABLE offered; the SYN-ACK accepts it",
    );
    agrees(
        "S J:J(0) <mss 1460,mptcp 10010102030405060708>",
        "S. K:K(0) ack J+1 <mss 1460,mptcp 1001010203040506070801020304>",
        "1 mptcp_join 1,2: MP_JOIN offered; the SYN-ACK accepts it",
    );
    finds(
        &format!("+0 C > S {CAPABLE}"),
        "1 syn_timeout 1: SYN sent once; no answer was captured
         1 mptcp_capable 1: MP_CAPABLE offered; no SYN-ACK was captured",
    );
}

#[test]
fn multipath_tcp_that_is_given_up() {
    agrees(
        CAPABLE,
        "S. K:K(0) ack J+1 <mss 1460>",
        "1 mptcp_fallback 1,2: MP_CAPABLE offered, absent from the SYN-ACK",
    );
    agrees(
        "S J:J(0) <mss 1460,mptcp 10010102030405060708>",
        "S. K:K(0) ack J+1 <mss 1460>",
        "1 mptcp_fallback 1,2: MP_JOIN offered, absent from the SYN-ACK",
    );
    let by_client = "S J:J(0)";
    let first = "S J:J(0) <mptcp 0101>";
    falls_back(first, by_client, "1 mptcp_fallback 1,2: MP_CAPABLE offered, absent from SYN 2");
    assert_eq!(
        words(&again(first, by_client), "mptcp_fallback"),
        [
            "a server that does not accept the offer: here the client sent the SYN again without \
             it",
            "whether a device on the path drops SYNs with the option; on the client sysctl \
             net.mptcp.syn_retrans_before_tcp_fallback, nstat -az MPTcpExtMPCapableSYNTXDrop",
        ]
    );
}

#[test]
fn signed_segments() {
    let md5 = "<md5 000102030405060708090a0b0c0d0e0f>";
    let ao = "<ao 1 1 000102030405060708090a0b>";
    for (name, option) in [("tcp_md5", md5), ("tcp_ao", ao)] {
        let syn = format!("S J:J(0) {option}");
        agrees(
            &syn,
            &format!("{SYN_ACK} {option}"),
            &format!("1 {name} 1,2: SYN and answer are signed"),
        );
        agrees(
            &syn,
            SYN_ACK,
            &format!(
                "1 {name} 1,2: the SYN is signed; the answer is not: the server may have no key \
                 for this client"
            ),
        );
        finds(
            &format!("+0 C > S {syn}"),
            &format!(
                "1 syn_timeout 1: SYN sent once; no answer was captured
                 1 {name} 1: the SYN is signed; no answer was captured: the keys may differ"
            ),
        );
    }
    agrees("S J:J(0) <mss 1460>", "S. K:K(0) ack J+1 <mss 1460>", "");
    // A router answers: that says nothing of keys.
    let script = format!(
        "{}isn J=7\n+0 C > S S J:J(0) {md5}\n+1ms R > C icmp unreachable host quoting J",
        super::V4
    );
    let found = super::lines(&super::of_script(&script, super::OVERDUE));
    assert_eq!(found[1], "1 tcp_md5 1: the SYN is signed");
}

#[test]
fn options_that_the_answer_leaves_out() {
    let all = "<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>";
    let syn = format!("S J:J(0) {all}");
    let three = "1 option_refused 1,2: the SYN-ACK lacks options that the SYN offered:";
    agrees(
        &syn,
        "S. K:K(0) ack J+1 <mss 1460,sackOK,TS val 1 ecr 1>",
        &format!("{three} window scale"),
    );
    agrees(&syn, SYN_ACK, &format!("{three} MSS, window scale, SACK permitted, timestamps"));
    agrees(&syn, &format!("{SYN_ACK} {all}"), "");
    // What was not offered.
    agrees("S J:J(0)", &format!("{SYN_ACK} <mss 1460>"), "");
}

#[test]
fn the_offer_that_counts_is_that_of_the_syn_that_was_answered() {
    // Either SYN may have been answered, and one of them offers nothing.
    falls_back("S J:J(0) <mss 1460>", "S J:J(0)", "");
    falls_back(
        "S J:J(0) <mss 1460>",
        "S J:J(0) <mss 1460>",
        "1 option_refused 1,2,3: the SYN-ACK lacks options that the SYN offered: MSS",
    );
}

#[test]
fn options_that_the_capture_cut_off_are_no_evidence() {
    let cut = |syn: &str| {
        let script = between(syn, "S. K:K(0) ack J+1 <nop,nop,nop,nop> cut 54");
        let script = format!("{}isn J=4294967295 K=4294967295\n{script}", super::V4);
        super::lines(&super::of_script(&script, super::OVERDUE))[1..].to_vec()
    };
    assert_eq!(cut("S J:J(0) <mss 1460,nop,nop,nop,nop>"), Vec::<String>::new());
    assert_eq!(
        cut("S J:J(0) <FO>"),
        ["1 fast_open_cookie_request 1,2: the capture cut off the Fast Open option of the SYN-ACK"]
    );
    assert_eq!(
        cut("S J:J(0) <mptcp 0101>"),
        ["1 mptcp_capable 1,2: MP_CAPABLE offered; the capture cut off the answer in the SYN-ACK"]
    );
    assert_eq!(
        cut("S J:J(0) <md5 000102030405060708090a0b0c0d0e0f>"),
        ["1 tcp_md5 1,2: the SYN is signed; the capture cut off the options of the answer"]
    );
}
