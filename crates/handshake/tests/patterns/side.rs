//! Advice for the side at which the capture was taken: packets of that side have passed no router.

use super::words;

/// What to check next, where packets of the client and of the server have these hop limits.
fn advice(name: &str, script: &str, (client, server): (u8, u8)) -> &'static str {
    let lines = script.lines().map(|line| {
        let ttl = if line.contains("S > C") { server } else { client };
        format!("{line} ttl {ttl}\n")
    });
    words(&lines.collect::<String>(), name)[1]
}

const LATE: &str = "+0 C > S S J:J(0) <TS val 1 ecr 0>
    =1 C > S S J:J(0) <TS val 1001 ecr 0>
    +5ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1001>
    +5ms C > S . J+1:J+1(0) ack K+1 <TS val 1003 ecr 7>";
const SYN_ACK_AGAIN: &str = "+0 C > S S J:J(0)
    +5ms S > C S. K:K(0) ack J+1
    =1 C > S S J:J(0)
    +5ms S > C S. K:K(0) ack J+1";

#[test]
fn at_the_client_at_the_server_and_in_the_middle() {
    let late = |limits| advice("late_establish", LATE, limits);
    let client = "the place where the SYN without an answer was dropped: the path (mtr -T -P PORT \
                  HOST), or a full queue of the server, which silently drops SYNs";
    let server = "on the server, which received the SYN without an answer: nstat -az \
                  TcpExtListenOverflows TcpExtListenDrops, then its filters (nft list ruleset)";
    let either = "the place where the SYN without an answer was dropped: the path (mtr -T -P PORT \
                  HOST), or a full queue of the server (on the server nstat -az \
                  TcpExtListenOverflows TcpExtListenDrops)";
    assert_eq!([late((64, 57)), late((128, 52)), late((255, 240))], [client; 3]);
    assert_eq!([late((57, 64)), late((121, 255))], [server; 2]);
    assert_eq!([late((64, 64)), late((57, 52)), late((64, 128))], [either; 3]);
}

#[test]
fn hop_limits_that_round_trips_speak_against_tell_nothing() {
    // Beside the client, its own answer can't take longer than the server's.
    let slow = LATE.replace("+5ms C > S .", "+300ms C > S .");
    let either = advice("late_establish", LATE, (64, 64));
    assert_eq!(advice("late_establish", &slow, (64, 57)), either);
    let slow = LATE.replace("+5ms S > C S.", "+300ms S > C S.");
    assert_eq!(advice("late_establish", &slow, (57, 64)), either);
}

#[test]
fn a_syn_ack_that_the_client_does_not_take() {
    let embryonic = |limits| advice("embryonic", SYN_ACK_AGAIN, limits);
    assert_eq!(
        [embryonic((64, 57)), embryonic((57, 64))],
        [
            "on the client, whose side the SYN-ACK reached: its filters (nft list ruleset), and \
             whether the socket still exists",
            "the path back to the client: ip route get ADDRESS on the server, asymmetric filters",
        ]
    );
    let done = format!("{SYN_ACK_AGAIN}\n+5ms C > S . J+1:J+1(0) ack K+1");
    let late = |limits| advice("late_establish", &done, limits);
    assert_eq!(
        [late((64, 57)), late((57, 64))],
        [
            "on the client, whose side the first SYN-ACK reached: its filters (nft list ruleset), \
             and why it did not answer",
            "the path back to the client: ip route get ADDRESS on the server, and loss on the path",
        ]
    );
}

#[test]
fn an_ack_that_the_server_does_not_take() {
    let script = "+0 C > S S J:J(0)
        +5ms S > C S. K:K(0) ack J+1
        +5ms C > S . J+1:J+1(0) ack K+1
        =1 S > C S. K:K(0) ack J+1
        =3 S > C S. K:K(0) ack J+1";
    let overflow = |limits| advice("accept_queue_overflow", script, limits);
    let server = "ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows, the backlog given \
                  to listen(), net.core.somaxconn, and why accept() is slow";
    let either = "on the server: ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows, \
                  the backlog given to listen(), net.core.somaxconn, and why accept() is slow; \
                  then any device that drops the ACK on the path";
    assert_eq!(
        [overflow((57, 64)), overflow((64, 57)), overflow((64, 64))],
        [server, either, either]
    );
}

#[test]
fn a_syn_without_an_answer_is_placed_by_what_else_the_server_sent() {
    let of = |client: u8, server: u8| {
        let script = format!(
            "+0 C > S S I:I(0) ttl {client}
             +1ms S > C S. K:K(0) ack I+1 ttl {server}
             +1ms C > S . I+1:I+1(0) ack K+1 ttl {client}
             +0 C > S F. I+1:I+1(0) ack K+1 ttl {client}
             +1 C > S S J:J(0) ttl {client}"
        );
        words(&script, "syn_timeout")[1]
    };
    assert_eq!(
        of(64, 57),
        "a filter that drops on the path or at the server (the cloud's security groups), the route \
         to the server (ip route get ADDRESS, mtr -T -P PORT HOST), and whether the host is up"
    );
    assert_eq!(
        of(57, 64),
        "on the server, whose side the SYN reached: filters that drop (nft list ruleset), nstat -az \
         TcpExtListenDrops TcpExtIPReversePathFilter, and the route back (ip route get ADDRESS)"
    );
}
