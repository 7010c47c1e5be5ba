//! Openings other than SYN, SYN-ACK, ACK.

use super::{OVERDUE, V4, finds, lines, of_script, words};

#[test]
fn two_syns_and_two_syn_acks() {
    finds(
        "+0   C > S S J:J(0) <mss 1460,nop,wscale 7>
         +1ms S > C S K:K(0) <mss 1460,nop,wscale 7>
         +4ms C > S S. J:J(0) ack K+1
         +1ms S > C S. K:K(0) ack J+1",
        "1 simultaneous_open 1,2,3,4: both ends sent a SYN, then 2 SYN-ACKs",
    );
    finds(
        "+0   C > S S J:J(0)
         +1ms S > C S K:K(0)
         +4ms C > S S. J:J(0) ack K+1
         +1ms S > C S. K:K(0) ack J+1
         +1ms S > C P. K+1:K+9(8) ack J+1",
        "1 simultaneous_open 1,2,3,4: both ends sent a SYN, then 2 SYN-ACKs",
    );
}

#[test]
fn syns_that_came_again_before_they_crossed() {
    finds(
        "+0   C > S S J:J(0)
         =1   C > S S J:J(0)
         +1ms S > C S K:K(0)
         +4ms C > S S. J:J(0) ack K+1
         +1ms S > C S. K:K(0) ack J+1",
        "1 simultaneous_open 1,3,4,5: both ends sent a SYN, then 2 SYN-ACKs",
    );
}

#[test]
fn two_syns_of_which_not_all_was_captured() {
    let one = "+0 C > S S J:J(0)\n+1ms S > C S K:K(0)\n+4ms C > S S. J:J(0) ack K+1";
    finds(one, "1 simultaneous_open 1,2,3: both ends sent a SYN; one SYN-ACK was captured");
    assert_eq!(
        words(one, "simultaneous_open")[0],
        "a split handshake, where only the client sends a SYN-ACK: the captured segments do not \
         show which one this is"
    );
    finds(
        "+0 C > S S J:J(0)\n+1ms S > C S K:K(0)",
        "1 simultaneous_open 1,2: both ends sent a SYN; no SYN-ACK was captured",
    );
}

#[test]
fn a_server_that_splits_its_syn_ack() {
    let split =
        "+1ms S > C S K:K(0)\n+1ms C > S S. J:J(0) ack K+1\n+1ms S > C . K+1:K+1(0) ack J+1";
    let note =
        "the server sent a SYN of its own and no SYN-ACK; the client's SYN-ACK took its place";
    finds(&format!("+0 C > S S J:J(0)\n{split}"), &format!("1 split_handshake 1,2,3,4: {note}"));
    finds(
        &format!("+0 C > S S J:J(0)\n+1ms S > C . K-5:K-5(0) ack J+1\n{split}"),
        &format!("1 split_handshake 1,2,3,4,5: {note}"),
    );
}

#[test]
fn a_socket_that_connects_to_itself() {
    let of = |host: &str, script: &str| {
        let script = format!("host X {host}\nisn J=4294967295\n{script}");
        of_script(&script, OVERDUE)
    };
    let whole = "+0 X > X S J:J(0)\n+1us X > X S. J:J(0) ack J+1\n+1us X > X . J+1:J+1(0) ack J+1";
    let found = of("127.0.0.1:40000", whole);
    assert_eq!(
        lines(&found),
        [
            "1 three_way 1,2,3: SYN to ACK in 2 µs: server 1 µs, client 1 µs",
            "1 self_connect 1: source and destination are 127.0.0.1:40000, on the loopback",
        ]
    );
    assert_eq!(
        found[0][1].differs_from,
        "a spoofed packet (LAND), which never leads to an established connection"
    );
    let found = of("[2001:db8::9]:80", "+0 X > X S J:J(0)");
    assert_eq!(
        lines(&found)[1],
        "1 self_connect 1: source and destination are [2001:db8::9]:80, not on the loopback: \
         spoofed, unless it was captured on that host itself"
    );
    assert_eq!(
        found[0][1].differs_from,
        "a spoofed packet (LAND), which looks the same until it is answered"
    );
}

#[test]
fn syn_acks_that_disagree_on_k() {
    let two = |ttl: u8| {
        format!(
            "+0   C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms S > C S. K+99999:K+99999(0) ack J+1 ttl {ttl}
             +1ms C > S . J+1:J+1(0) ack K+1"
        )
    };
    let found = |ttl| {
        let script = format!("{V4}isn J=4294967295 K=4294967295\n{}", two(ttl));
        lines(&of_script(&script, OVERDUE)).pop().unwrap()
    };
    let note = "1 syn_ack_mismatch 2,3: K is 4294967295 in one SYN-ACK and 99998 in another";
    assert_eq!(found(64), note);
    assert_eq!(found(61), format!("{note}; their hop limits are 64 and 61: two hosts"));
    assert_eq!(
        [words(&two(64), "syn_ack_mismatch")[0], words(&two(61), "syn_ack_mismatch")[0]],
        [
            "a repeated SYN-ACK, which keeps its K; one server that forgot its first answer (a full \
             queue, SYN cookies) looks the same as two",
            "one server that forgot its first answer: its hop limit would be the same",
        ]
    );
}
