//! Handshakes that the client completed and the server did not take.

use super::{OPEN, finds, finds_after, shows, words};

const THREE: &str = "1 three_way 1,2,3: SYN to ACK in 20 ms: server 10 ms, client 10 ms\n";
const AGAIN: &str = "S > C S. K:K(0) ack J+1\n+0 C > S . J+1:J+1(0) ack K+1\n";

#[test]
fn a_syn_ack_again_and_again() {
    let overflow = format!("{OPEN}=1.02 {AGAIN}=3.02 {AGAIN}");
    finds(
        &overflow,
        "1 accept_queue_overflow 3,4,6: SYN-ACK again 2 times at +1.0, +3.0 s after the ACK; the \
         server drops it, or the path loses it",
    );
    assert_eq!(
        words(&overflow, "accept_queue_overflow"),
        [
            "TCP_DEFER_ACCEPT (one late SYN-ACK, then normal) and one lost ACK (a second ACK ends \
             it); a path that drops every ACK to the server looks the same",
            "on the server: ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows, the \
             backlog given to listen(), net.core.somaxconn, and why accept() is slow; then any \
             device that drops the ACK on the path",
        ]
    );
    let data = "S > C S. K:K(0) ack J+1\n+0 C > S P. J+1:J+101(100) ack K+1\n";
    finds(
        &format!("{OPEN}=1.02 {AGAIN}=3.02 {data}"),
        "1 accept_queue_overflow 3,4,6: SYN-ACK again 2 times at +1.0, +3.0 s after the ACK; the \
         server drops it, or the path loses it; the client sent 100 bytes of data meanwhile",
    );
}

#[test]
fn a_queue_that_drained_and_one_that_was_not_watched_long_enough() {
    finds(
        &format!("{OPEN}=1.02 {AGAIN}=3.02 {AGAIN}+1 S > C P. K+1:K+11(10) ack J+1"),
        &format!(
            "{THREE}1 accept_queue_overflow 3,4,6: SYN-ACK again 2 times at +1.0, +3.0 s after the \
             ACK; the server took a later one"
        ),
    );
    finds_after(
        0,
        &format!("{OPEN}=1.02 S > C S. K:K(0) ack J+1"),
        "1 accept_queue_overflow 3,4: SYN-ACK again once at +1.0 s after the ACK; suspected: the \
         server drops it, or the path loses it",
    );
}

#[test]
fn one_late_syn_ack_is_no_overflow() {
    // TCP_DEFER_ACCEPT, or a lost ACK.
    finds(&format!("{OPEN}=1.02 {AGAIN}+1 S > C P. K+1:K+11(10) ack J+1"), THREE);
    finds(&format!("{OPEN}=1.02 {AGAIN}"), THREE);
    // It answers the SYN that was sent again.
    finds(
        "+0    C > S S J:J(0)
         =1    C > S S J:J(0)
         =1.46 S > C S. K:K(0) ack J+1
         +0    C > S . J+1:J+1(0) ack K+1
         +1ms  S > C S. K:K(0) ack J+1
         +198ms S > C S. K:K(0) ack J+1",
        "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: client 0 s
         1 late_establish 1,2,3,4: SYN sent 2 times; SYN-ACK after 1.46 s; it is not known which SYN it answers",
    );
}

#[test]
fn a_syn_ack_with_another_k_is_no_repeat() {
    shows(
        &format!(
            "{OPEN}=1.02 S > C S. K+77:K+77(0) ack J+1\n=3.02 S > C S. K+77:K+77(0) ack J+1\n\
             +1ms S > C P. K+1:K+11(10) ack J+1"
        ),
        &[&["three_way", "syn_ack_mismatch"]],
    );
}

#[test]
fn an_abort() {
    let abort = format!("{OPEN}+10ms S > C R K+1:K+1(0)");
    finds(&abort, "1 abort_on_overflow 3,4: RST without ACK, seq K+1, 10 ms after the ACK");
    finds(
        &format!("{abort} ttl 61"),
        "1 abort_on_overflow 3,4: RST without ACK, seq K+1, 10 ms after the ACK; its hop limit is \
         61, that of the SYN-ACK 64: a device on the path may have sent it",
    );
    // After one more SYN-ACK it is one, too.
    finds(
        &format!("{OPEN}=1.02 {AGAIN}+1us S > C R K+1:K+1(0)"),
        "1 abort_on_overflow 3,6: RST without ACK, seq K+1, 1 s after the ACK",
    );
}

#[test]
fn other_resets_of_the_server_are_no_abort() {
    // SO_LINGER 0; a RST with another number; a RST after the server had answered.
    finds(&format!("{OPEN}+10ms S > C R. K+1:K+1(0) ack J+1"), THREE);
    finds(&format!("{OPEN}+10ms S > C R K+101:K+101(0)"), THREE);
    finds(
        &format!(
            "{OPEN}+1ms C > S P. J+1:J+11(10) ack K+1\n+1ms S > C . K+1:K+1(0) ack J+11\n\
             +1ms S > C R K+1:K+1(0)"
        ),
        THREE,
    );
    // The client's own RST may have overtaken its acknowledgment.
    finds(&format!("{OPEN}+1ms C > S R J+1:J+1(0)\n+10ms S > C R K+1:K+1(0)"), "");
    // The server repeated its SYN-ACK first: that is the earlier cause.
    finds(
        &format!("{OPEN}=1.02 {AGAIN}=3.02 {AGAIN}=63 S > C R K+1:K+1(0)"),
        "1 accept_queue_overflow 3,4,6: SYN-ACK again 2 times at +1.0, +3.0 s after the ACK; the \
         server drops it, or the path loses it",
    );
    // So is an ICMP error.
    let (syn, rest) = OPEN.split_once('\n').unwrap();
    shows(
        &format!(
            "{syn}\n+1ms R > C icmp unreachable admin quoting J\n{rest}+1ms S > C R K+1:K+1(0)"
        ),
        &[&["icmp_unreachable"]],
    );
}
