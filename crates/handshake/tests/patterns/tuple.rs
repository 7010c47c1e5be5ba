//! What the 4-tuple and its earlier attempts tell.

use super::{OPEN, finds, words};

const THREE: &str = "1 three_way 1,2,3: SYN to ACK in 20 ms: server 10 ms, client 10 ms\n";

/// A connection with another J that was closed 20 ms after its SYN.
fn closed() -> String {
    let first = OPEN.replace('J', "I");
    format!("{first}+0 C > S F. I+1:I+1(0) ack K+1\n+0 S > C F. K+1:K+1(0) ack I+2\n")
}

#[test]
fn another_j_soon_after() {
    let again = "C > S S J:J(0)\n+1ms S > C S. K+5000:K+5000(0) ack J+1\n\
                 +1ms C > S . J+1:J+1(0) ack K+5001";
    finds(
        &format!("{}=20.02 {again}", closed()),
        &format!(
            "{THREE}2 three_way 6,7,8: SYN to ACK in 2 ms: server 1 ms, client 1 ms\n\
             2 port_reuse 6: the last segment of attempt 1 (established) on this 4-tuple came 20 s \
             before"
        ),
    );
    // Twice the segment lifetime is over.
    finds(
        &format!("{}=240.1 {again}", closed()),
        &format!("{THREE}2 three_way 6,7,8: SYN to ACK in 2 ms: server 1 ms, client 1 ms"),
    );
    // The same J.
    finds(
        &format!("{}=20.02 {}", closed(), again.replace('J', "I")),
        &format!("{THREE}2 three_way 6,7,8: SYN to ACK in 2 ms: server 1 ms, client 1 ms"),
    );
}

#[test]
fn a_server_that_does_not_take_the_new_syn() {
    let reuse = "2 port_reuse 6: the last segment of attempt 1 (established) on this 4-tuple came \
                 20 s before\n";
    let lead = "2 time_wait_hit 6: suspected: attempt 1 was established here 20 s before, and";
    finds(
        &format!("{}=20.02 C > S S J:J(0)", closed()),
        &format!(
            "{THREE}2 syn_timeout 6: SYN sent once; no answer was captured\n{reuse}\
             {lead} no answer to the new SYN was captured"
        ),
    );
    finds(
        &format!("{}=20.02 C > S S J:J(0)\n+1ms S > C . K+2:K+2(0) ack J-7", closed()),
        &format!(
            "{THREE}2 challenge_ack 6,7: a bare ACK of J-7 answers the SYN, and the client does not \
             reset it: the server holds an older connection\n{reuse}{} a bare ACK answers the new SYN",
            lead.replace(" 6:", " 6,7:")
        ),
    );
    // Data of the old connection shows that it goes on; a bare ACK does not.
    let again = format!("{}=20.02 C > S S J:J(0)\n+1ms S > C", closed());
    finds(
        &format!("{again} . K+2:K+2(0) ack J+1"),
        &format!("{THREE}{reuse}{lead} no answer to the new SYN was captured"),
    );
    finds(
        &format!("{again} P. K+2:K+9(7) ack J-7"),
        &format!("{THREE}2 syn_timeout 6: SYN sent once; no answer was captured\n{reuse}"),
    );
    // The attempt before was never established.
    finds(
        "+0 C > S S I:I(0)\n=20.02 C > S S J:J(0)",
        "1 syn_timeout 1: SYN sent once; no answer was captured
         2 syn_timeout 2: SYN sent once; no answer was captured
         2 port_reuse 2: the last segment of attempt 1 (unanswered) on this 4-tuple came 20 s before",
    );
}

#[test]
fn syn_acks_to_a_host_that_sent_no_syn() {
    let twice = "+0 S > C S. K:K(0) ack J+1\n=1 S > C S. K:K(0) ack J+1\n";
    let note = "and no SYN of its receiver was captured";
    finds(
        twice,
        &format!(
            "1 backscatter 1,2: SYN-ACK sent 2 times, {note}; no segment of the host was captured"
        ),
    );
    let reset = "+0 S > C S. K:K(0) ack J+1\n+1us C > S R J+1:J+1(0)";
    finds(reset, &format!("1 backscatter 1,2: SYN-ACK sent once, {note}; the host reset it"));
    // What the host sends later shows that it had acknowledged.
    let later = "+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+11:J+11(0) ack K+1\n";
    finds(&format!("{later}+1ms C > S R J+11:J+11(0)"), "");
    assert_eq!(
        [words(twice, "backscatter")[0], words(reset, "backscatter")[0]],
        [
            "a capture that began after the SYN or has the server's direction only: it looks the \
             same until the server sends more",
            "a half-open scan whose SYN was not captured, which looks the same: the RST says that the \
             host has no such connection",
        ]
    );
    // The host acknowledges, or the server goes on.
    let acknowledged = "+0 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1\n";
    finds(&format!("{acknowledged}+1us C > S R J+1:J+1(0)"), "");
    finds(&format!("{twice}+1us C > S . J+1:J+1(0) ack K+1"), "");
    finds(&format!("{twice}+1us S > C P. K+1:K+11(10) ack J+1"), "");
    finds(
        "+0 S > C S. K:K(0) ack J+1\n+1ms S > C P. K+1:K+11(10) ack J+1\n+1us C > S R J+1:J+1(0)",
        "",
    );
}
