//! Attempts that the client leaves half-open.

use std::fmt::Write as _;

use super::{ISNS, OVERDUE, V4, V6, finds, lines, of_script, words};

const GRANTED: &str = "+0 C > S S J:J(0)\n+10ms S > C S. K:K(0) ack J+1\n";

#[test]
fn a_probe() {
    finds(
        &format!("{GRANTED}+2ms C > S R J+1:J+1(0)"),
        "1 syn_probe 1,2,3: the client reset 2 ms after the SYN-ACK; it tried no other server or \
         port in the minute before",
    );
    // Its ACK was there before, or the RST has another number.
    finds(
        &format!("{GRANTED}+2ms C > S . J+1:J+1(0) ack K+1\n+1ms C > S R J+1:J+1(0)"),
        "1 three_way 1,2,3: SYN to ACK in 12 ms: server 10 ms, client 2 ms",
    );
    finds(&format!("{GRANTED}+2ms C > S R J+9:J+9(0)"), "");
    finds(&format!("{GRANTED}+2ms S > C R K+1:K+1(0)"), "");
}

#[test]
fn a_scan() {
    let last_of = |targets: u32| {
        let (mut hosts, mut script) = (String::new(), String::new());
        for port in 0..targets {
            writeln!(hosts, "host T{port} 192.0.2.2:{}", 1000 + port).unwrap();
            writeln!(
                script,
                "+1ms C > T{port} S J:J(0)\n+1ms T{port} > C S. K:K(0) ack J+1
                 +1ms C > T{port} R J+1:J+1(0)"
            )
            .unwrap();
        }
        let script = format!("{V4}{hosts}isn J=4294967295 K=7\n{script}");
        lines(&of_script(&script, OVERDUE)).pop().unwrap()
    };
    assert_eq!(
        [last_of(9), last_of(10)],
        [
            "9 syn_probe 25,26,27: the client reset 1 ms after the SYN-ACK; it tried 9 servers or \
             ports recently",
            "10 syn_scan 28,29,30: the client reset 1 ms after the SYN-ACK; it tried 10 servers or \
             ports recently",
        ]
    );
}

#[test]
fn a_client_of_which_nothing_more_was_captured() {
    let silent = format!("{GRANTED}=1.01 S > C S. K:K(0) ack J+1\n=3.01 S > C S. K:K(0) ack J+1");
    finds(
        &silent,
        "1 embryonic 1,2,3,4: SYN-ACK sent 3 times over 3 s, at +1.0, +3.0 s: the schedule of \
         Linux; no further segment of the client was captured",
    );
    assert_eq!(
        words(&silent, "embryonic"),
        [
            "a SYN-ACK that does not reach the client: the client would then repeat its SYN",
            "whether the client's address is spoofed or its host is gone; then the path back to it \
             (on the server ip route get ADDRESS, filters); on the server ss -tn state syn-recv",
        ]
    );
    // The server goes on: its acknowledgment was not captured.
    finds(&format!("{silent}\n+1ms S > C P. K+1:K+11(10) ack J+1"), "");
}

#[test]
fn a_client_that_repeats_its_syn_is_there() {
    let again = format!("{GRANTED}=1 C > S S J:J(0)\n+0 S > C S. K:K(0) ack J+1");
    finds(
        &again,
        "1 embryonic 1,2,3,4: SYN-ACK sent 2 times; the client repeated its SYN once after the first \
         of them",
    );
    assert_eq!(
        words(&again, "embryonic"),
        [
            "a client that is spoofed or gone: this one is up and tries again",
            "the place where the SYN-ACK is dropped: the path back to the client (on the server ip \
             route get ADDRESS, asymmetric filters), or its own filters (nft list ruleset)",
        ]
    );
    // The repeats came before the SYN-ACK.
    finds(
        "+0 C > S S J:J(0)\n=1 C > S S J:J(0)\n=1.5 S > C S. K:K(0) ack J+1",
        "1 embryonic 1,2,3: SYN-ACK sent once; no further segment of the client was captured",
    );
}

#[test]
fn a_client_that_completes_another_handshake_is_there() {
    let script = "host A 192.0.2.1:40001
         +0   C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms A > S S I:I(0)
         +1ms S > A S. K:K(0) ack I+1
         +1ms A > S . I+1:I+1(0) ack K+1";
    let script = format!("{V4}isn J=4294967295 K=4294967295 I=9\n{script}");
    let found = of_script(&script, OVERDUE);
    assert_eq!(
        lines(&found),
        [
            "1 embryonic 1,2,5: SYN-ACK sent once; no further segment of the client was captured; \
             its host is up: it completed another handshake in frame 5",
            "2 three_way 3,4,5: SYN to ACK in 2 ms: server 1 ms, client 1 ms",
        ]
    );
    assert_eq!(
        found[0][0].differs_from,
        "a client that is spoofed or gone: this one completed another handshake"
    );
}

/// So many attempts at one server, each from a host of its own; the first one goes on as given.
fn crowd(attempts: u32, first: &str) -> Vec<String> {
    let (mut hosts, mut script) = (String::new(), String::new());
    for n in 0..attempts {
        writeln!(hosts, "host A{n} 198.51.100.{n}:4000").unwrap();
        writeln!(script, "+1us A{n} > S S J:J(0)").unwrap();
    }
    let script = format!("{V4}{hosts}isn J=4294967295 K=4294967295\n{script}{first}");
    let mut found = of_script(&script, OVERDUE);
    lines(&found.drain(..1).collect::<Vec<_>>())
}

#[test]
fn a_flood() {
    let once = "1 syn_timeout 1: SYN sent once; no answer was captured";
    assert_eq!(
        crowd(100, ""),
        [
            once,
            "1 syn_flood 1: 100 attempts waited at S at the same time; the SYN of this one was not \
             repeated",
        ]
    );
    assert_eq!(crowd(99, ""), [once]);
    // A client that repeats its SYN is a real one.
    assert_eq!(
        crowd(100, "+1 A0 > S S J:J(0)"),
        ["1 syn_timeout 1,101: SYN sent 2 times over 1 s, at +1.0 s: the schedule of Linux 6.5 \
             and later, and macOS; or of Linux before 6.5, Windows and BSD; no answer was captured"]
    );
}

#[test]
fn a_client_that_completes_another_handshake_is_no_part_of_a_flood() {
    let other = "host B 198.51.100.0:5000
         +1ms B > S S J:J(0)\n+1ms S > B S. K:K(0) ack J+1\n+1ms B > S . J+1:J+1(0) ack K+1";
    assert_eq!(crowd(100, other)[0], "1 syn_timeout 1: SYN sent once; no answer was captured");
    assert!(crowd(100, other).iter().all(|line| !line.contains("syn_flood")));
}

#[test]
fn a_syn_ack_that_is_sent_back() {
    let script = "+0 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms R > S icmp unreachable port quoting K
         =1 S > C S. K:K(0) ack J+1
         +1ms R > S icmp unreachable port quoting K";
    let sent = "1 embryonic 1,2,3,4: SYN-ACK sent 2 times over 999 ms, at +1.0 s: the schedule of \
                older FreeBSD; or of Linux";
    for (hosts, error) in [(V4, "ICMP 3/3"), (V6, "ICMPv6 1/4")] {
        let told = lines(&of_script(&format!("{hosts}{}{script}", ISNS[0]), OVERDUE));
        assert_eq!(told, [format!("{sent}; port unreachable ({error} from R, neither end)")]);
    }
    assert_eq!(
        words(script, "embryonic"),
        [
            "a client that is spoofed or gone: here an ICMP error reports that the SYN-ACK was not \
             delivered",
            "the host that sent the ICMP error: its filters (nft list ruleset) and its route to the \
             client (ip route get ADDRESS)"
        ]
    );
}
