//! SYNs that nobody answers.

use super::{OVERDUE, V4, finds, finds_after, lines, recognised, words};

const SILENT: &str = "+0 C > S S J:J(0)\n=1 C > S S J:J(0)\n=3 C > S S J:J(0)\n=7 C > S S J:J(0)";

#[test]
fn syns_without_an_answer() {
    finds(
        SILENT,
        "1 syn_timeout 1,2,3,4: SYN sent 4 times over 7 s, at +1.0, +3.0, +7.0 s: the schedule of \
         Linux before 6.5, Windows and BSD; no answer was captured",
    );
    assert_eq!(
        words(SILENT, "syn_timeout"),
        [
            "an application that tries again, which changes J; half-open recovery, where the same \
             SYN follows a RST; a capture of the client's direction only",
            "a filter that drops (nft list ruleset, the cloud's security groups), the routes in \
             both directions (ip route get ADDRESS), and whether the host is up",
        ]
    );
}

#[test]
fn one_syn_is_a_timeout_only_where_the_capture_waited() {
    let once = "+0 C > S S J:J(0)";
    finds(once, "1 syn_timeout 1: SYN sent once; no answer was captured");
    finds_after(0, once, "");
    finds_after(
        0,
        &format!("{once}\n+34ms C > S S J:J(0)"),
        "1 syn_timeout 1,2: SYN sent 2 times over 34 ms, at +0.034 s: no known schedule; no answer \
         was captured",
    );
}

#[test]
fn a_syn_at_once_after_another_is_no_timeout() {
    let at_once = "+0 C > S S J:J(0)\n+19ms C > S S J:J(0)";
    finds_after(0, at_once, "");
    finds(
        at_once,
        "1 syn_timeout 1,2: SYN sent once; 1 more within 20 ms of another one; no answer was \
         captured",
    );
}

#[test]
fn an_answer_of_any_kind_is_no_timeout() {
    finds("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J\n+1 C > S S J:J(0)", "");
    finds(
        "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J-1\n+1 C > S S J:J(0)",
        "1 rst_ignored 2,3: RST acknowledges J-1, not J+1; the client sent its SYN again 1 s later",
    );
}

#[test]
fn what_an_older_connection_goes_on_to_send_is_no_answer() {
    finds(
        "+0    C > S S I:I(0)
         +10ms S > C S. K:K(0) ack I+1
         +10ms C > S . I+1:I+1(0) ack K+1
         =5    C > S S J:J(0)
         +1ms  S > C P. K+1:K+11(10) ack I+1
         =6    C > S S J:J(0)
         +1ms  S > C P. K+1:K+11(10) ack I+1
         +1ms  C > S R I+1:I+1(0)",
        "1 three_way 1,2,3: SYN to ACK in 20 ms: server 10 ms, client 10 ms
         2 syn_timeout 4,6: SYN sent 2 times over 1 s, at +1.0 s: the schedule of Linux 6.5 and \
         later, and macOS; or of Linux before 6.5, Windows and BSD; no answer was captured
         2 port_reuse 4: the last segment of attempt 1 (established) on this 4-tuple came 4.98 s \
         before",
    );
    // The client goes on as if it had got an answer: a capture of one direction.
    for goes_on in ["P. J+11:J+21(10) ack K+9", "R. J+11:J+11(0) ack K+9"] {
        finds(&format!("+0 C > S S J:J(0)\n=1 C > S S J:J(0)\n+1ms C > S {goes_on}"), "");
    }
}

#[test]
fn where_packets_were_lost_a_silence_says_so_and_an_answer_does_not() {
    let lossy = |script: &str| {
        let script = format!("{V4}isn J=4294967295\n{script}");
        let script = testkit::Script::parse(&script).unwrap();
        lines(&recognised(script.frames(), (OVERDUE, true), |_| parser::Origin::default()))
    };
    assert_eq!(
        lossy("+0 C > S S J:J(0)"),
        ["1 syn_timeout 1: SYN sent once; no answer was captured; the capture lost packets, so a \
          missing segment may have been sent"]
    );
    assert_eq!(
        lossy("+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1"),
        ["1 closed_port 1,2: refused after 1 ms"]
    );
}

/// Two SYNs without an answer, and another host's handshake between them.
fn others(host: &str) -> String {
    format!(
        "host A {host}
         +0   C > S S J:J(0)
         =0.5 A > S S I:I(0)
         +1ms S > A S. K:K(0) ack I+1
         +1ms A > S . I+1:I+1(0) ack K+1
         =1   C > S S J:J(0)"
    )
}

/// The findings over IPv4, where the script names a third host.
fn with_other(script: &str) -> Vec<String> {
    let script = format!("{V4}isn J=4294967295 K=4294967295 I=5000\n{script}");
    lines(&super::of_script(&script, OVERDUE))
}

#[test]
fn a_listener_that_answers_another_host() {
    let timeout = "1 syn_timeout 1,5: SYN sent 2 times over 1 s, at +1.0 s: the schedule of Linux \
                   6.5 and later, and macOS; or of Linux before 6.5, Windows and BSD; no answer was \
                   captured";
    let three = "2 three_way 2,3,4: SYN to ACK in 2 ms: server 1 ms, client 1 ms";
    assert_eq!(
        with_other(&others("192.0.2.9:40001")),
        [
            timeout,
            "1 listener_stalled 1,3,5: suspected: the accept queue is full; the server answered a \
             SYN of another host, in frame 3",
            three
        ]
    );
    assert_eq!(
        with_other(&others("192.0.2.1:40001")),
        [
            timeout,
            "1 listener_stalled 1,3,5: the server answered another SYN of the same host, in frame 3: \
             no filter for this source; its accept queue is suspected to be full",
            three
        ]
    );
    // A firewall's refusal came before the answer.
    assert_eq!(
        with_other(
            &others("192.0.2.9:40001")
                .replace("+1ms S > A S. ", "+1us S > A R. 0:0(0) ack I+1\n+1ms S > A S. ")
        )[1],
        "1 listener_stalled 1,4,6: suspected: the accept queue is full; the server answered a SYN of \
         another host, in frame 4"
    );
    // The other one was not answered, or long before.
    assert_eq!(
        with_other(
            "host A 192.0.2.9:40001
             +0 A > S S I:I(0)
             +1ms S > A S. K:K(0) ack I+1
             +1ms A > S . I+1:I+1(0) ack K+1
             =2 C > S S J:J(0)
             =3 C > S S J:J(0)"
        ),
        [three.replacen('2', "1", 1).replace("2,3,4", "1,2,3"), {
            timeout.replacen('1', "2", 1).replace(" 1,5:", " 4,5:")
        }]
    );
}

#[test]
fn a_filter_for_this_source_is_ruled_out_where_the_same_host_was_answered() {
    let differs_from = |host: &str| {
        let script = format!("{V4}isn J=1 K=2 I=5000\n{}", others(host));
        let found = super::of_script(&script, OVERDUE);
        found[0]
            .iter()
            .find(|pattern| pattern.name.name() == "listener_stalled")
            .unwrap()
            .differs_from
    };
    assert_eq!(
        differs_from("192.0.2.9:40001"),
        "a filter for this source, which looks the same: the stall is suspected, not shown"
    );
    assert_eq!(
        differs_from("192.0.2.1:40001"),
        "a filter for this source, which would have dropped the other SYN too"
    );
}
