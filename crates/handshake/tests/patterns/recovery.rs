//! SYNs that meet the remains of an older connection.

use super::{finds, words};

const CHALLENGED: &str = "+0 C > S S J:J(0)\n+1ms S > C . I:I(0) ack J-4999\n";
const DONE: &str = "+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";

#[test]
fn a_half_open_peer() {
    let at = |again: &str| {
        format!("{CHALLENGED}+0 C > S R J-4999:J-4999(0)\n{again} C > S S J:J(0)\n{DONE}")
    };
    let finding = |later: &str| {
        format!(
            "1 three_way 4,5,6: SYN to ACK in 2 ms: server 1 ms, client 1 ms
             1 half_open_recovery 1,2,3,4: a bare ACK of J-4999 answers the SYN: the server held an \
             older connection; RST, and the same SYN again {later} later; then normal"
        )
    };
    // However long it takes, that is the one cause.
    finds(&at("=0.011"), &finding("10 ms"));
    finds(&at("=1.001"), &finding("1 s"));
    // The RST has another number.
    finds(
        &format!("{CHALLENGED}+0 C > S R J-4990:J-4990(0)\n+10ms C > S S J:J(0)"),
        "1 challenge_ack 1,2: a bare ACK of J-4999 answers the SYN, and the client does not reset \
         it: the server holds an older connection",
    );
}

#[test]
fn a_challenge_that_the_client_lets_pass() {
    finds(
        &format!("{CHALLENGED}=1 C > S S J:J(0)\n+1ms S > C . I:I(0) ack J-4999"),
        "1 challenge_ack 1,2,4: a bare ACK of J-4999 answers the SYN, and the client does not reset \
         it: the server holds an older connection",
    );
    // It acknowledges J, or what the client sent.
    finds("+0 C > S S J:J(0)\n+1ms S > C . I:I(0) ack J+1", "");
    finds("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms S > C . K+1:K+1(0) ack J+121", "");
}

/// An old duplicate of a SYN, where `before` is what was captured of it.
fn duplicate(before: &str) -> String {
    format!(
        "{before}+0 C > S S J:J(0)\n+1ms S > C S. K+500:K+500(0) ack J-9\n\
         +0 C > S R J-9:J-9(0)\n=200 C > S S J:J(0)\n{DONE}"
    )
}

#[test]
fn an_old_duplicate_of_a_syn() {
    let unknown = duplicate("+199 ");
    let unknown = unknown.trim_start_matches("+199 +0").trim_start();
    let unknown = format!("=199 {unknown}");
    finds(
        &unknown,
        "1 three_way 4,5,6: SYN to ACK in 2 ms: server 1 ms, client 1 ms
         1 old_duplicate_syn 1,2,3,4: SYN-ACK acknowledges J-9, and no SYN that was captured just before explains this: an old duplicate SYN, a NAT or a load balancer; then normal",
    );
    assert_eq!(
        words(&unknown, "old_duplicate_syn")[0],
        "a NAT or a load balancer that mixes connections up, which looks the same if no older SYN \
         with that J was captured"
    );
    // The SYN of an attempt that was given up.
    let known = duplicate("+0 C > S S J-10:J-10(0)\n=199 C > S S J:J(0)\n");
    let known = known.replacen("+0 C > S S J:J(0)\n", "", 1);
    finds(
        &known,
        "1 syn_timeout 1: SYN sent once; no answer was captured
         2 three_way 5,6,7: SYN to ACK in 2 ms: server 1 ms, client 1 ms
         2 old_duplicate_syn 2,3,4,5: SYN-ACK acknowledges J-9, the SYN of attempt 1: an old \
         duplicate of it reached the server; then normal
         2 port_reuse 2: the last segment of attempt 1 (unanswered) on this 4-tuple came 199 s \
         before",
    );
    assert_eq!(
        words(&known, "old_duplicate_syn")[0],
        "a NAT or a load balancer that mixes connections up: here an older SYN fits"
    );
}

#[test]
fn wrong_syn_acks_that_are_no_old_duplicates() {
    // The client does not reset it.
    finds("+0 C > S S J:J(0)\n+1ms S > C S. I:I(0) ack J-9\n+1 C > S S J:J(0)", "");
    // It acknowledges J instead of J+1: that is no other SYN.
    finds(
        "+0 C > S S J:J(0)\n+1ms S > C S. I:I(0) ack J\n+0 C > S R J:J(0)\n+1 C > S S J:J(0)",
        "",
    );
}
