//! What becomes of an attempt.

use std::fmt::Write as _;

use super::{
    End, Limits, OTHER, Reporting, Script, V4, assert_told, record, records, run, run_frames, tell,
};
use crate::record::{EndedBy, Handshake, Outcome};

const OPEN: &str =
    "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n";

#[test]
fn the_textbook() {
    assert_told(
        &record(&format!(
            "{OPEN}+1ms C > S P. J+1:J+11(10) ack K+1\n+1ms S > C . K+1:K+1(0) ack J+11"
        )),
        "established by segment, J 4294967295 K 4294967290, confirmed by 5
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn silence_after_the_acknowledgment_settles_it_only_after_the_time_of_a_repeat() {
    let settled = record(&format!("{OPEN}+3.6 {OTHER}\n+0 {OTHER}"));
    assert_eq!((settled.outcome, settled.ended_by), (Outcome::Established, EndedBy::Segment));
    let open = record(&format!("{OPEN}+3.4 {OTHER}\n+0 {OTHER}"));
    assert_eq!((open.outcome, open.ended_by), (Outcome::Established, EndedBy::CaptureEnd));
}

#[test]
fn a_syn_ack_sent_again_after_the_acknowledgment_says_that_it_was_dropped() {
    assert_told(
        &record(&format!(
            "{OPEN}+5ms C > S P. J+1:J+11(10) ack K+1
             +1 S > C S. K:K(0) ack J+1
             +1us C > S . J+11:J+11(0) ack K+1
             +2 S > C S. K:K(0) ack J+1
             +1us C > S . J+11:J+11(0) ack K+1"
        )),
        "established_client_only by capture_end, J 4294967295 K 4294967290, again 0/2
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / SYN-RECEIVED
         5 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         6 client ack retransmission: ESTABLISHED / SYN-RECEIVED
         7 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         8 client ack retransmission: ESTABLISHED / SYN-RECEIVED",
    );
}

#[test]
fn one_late_syn_ack_and_then_the_server_goes_on() {
    let record = record(&format!(
        "{OPEN}+1 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1\n+1 S > C P. K+1:K+2(1) ack J+1"
    ));
    assert_eq!((record.outcome, record.confirmed_by), (Outcome::Established, Some(6)));
}

#[test]
fn a_lost_acknowledgment_that_is_repeated_once_is_no_overflow() {
    let record = record(&format!(
        "{OPEN}+1 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1\n\
         +76 {OTHER}\n+0 {OTHER}"
    ));
    assert_eq!((record.outcome, record.ended_by), (Outcome::Established, EndedBy::Timeout));
}

#[test]
fn refused_and_refused_again() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1ms S > C R. 0:0(0) ack J+1
             +0.5 C > S S J:J(0)
             +1ms S > C R. 0:0(0) ack J+1",
        ),
        "refused by segment, J 4294967295 K ?, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server rst advanced: CLOSED / CLOSED
         3 client syn retransmission: SYN-SENT / CLOSED
         4 server rst advanced: CLOSED / CLOSED",
    );
}

#[test]
fn a_syn_repeated_after_a_refusal_may_still_be_let_in() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C R. 0:0(0) ack J+1
         +0.5 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J+1",
    );
    assert_eq!((record.outcome, record.reset_by), (Outcome::Established, None));
}

#[test]
fn a_refusal_may_acknowledge_data_of_the_syn() {
    for (ack, outcome) in [("J+1", "refused"), ("J+101", "refused"), ("J+102", "unanswered")] {
        let script = format!(
            "+0 C > S S J:J+100(100) <FO 0102030405060708>\n+1ms S > C R. 0:0(0) ack {ack}"
        );
        assert_eq!(record(&script).outcome.name(), outcome, "{ack}");
    }
}

#[test]
fn either_side_may_reset_the_embryo() {
    let lead = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
    assert_told(
        &record(&format!("{lead}+1us C > S R J+1:J+1(0)")),
        "reset by segment, reset by client, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 client rst advanced: CLOSED / LISTEN",
    );
    assert_told(
        &record(&format!("{lead}+1us S > C R K+1:K+1(0)")),
        "reset by segment, reset by server, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 server rst advanced: CLOSED / CLOSED",
    );
}

#[test]
fn an_abort_of_the_server_after_the_acknowledgment_is_no_connection() {
    let abort = record(&format!("{OPEN}+1us S > C R K+1:K+1(0)"));
    assert_eq!((abort.outcome, abort.ended_by), (Outcome::EstablishedClientOnly, EndedBy::Segment));
    let linger = record(&format!("{OPEN}+1us S > C R. K+1:K+1(0) ack J+1"));
    assert_eq!((linger.outcome, linger.confirmed_by), (Outcome::Established, Some(4)));
}

#[test]
fn an_icmp_error_counts_unless_something_better_follows() {
    let lead = "+0 C > S S J:J(0)\n+1ms R > C icmp unreachable host quoting J\n";
    assert_told(
        &record(lead),
        "unreachable by capture_end, J 4294967295 K ?
         1 client syn advanced: SYN-SENT / ?
         2 network icmp advanced: SYN-SENT / ?",
    );
    let better = record(&format!("{lead}+1 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1"));
    assert_eq!(better.outcome, Outcome::Unacknowledged);
    assert_eq!(better.icmp.map(|icmp| icmp.frame), Some(2));
}

#[test]
fn a_path_mtu_report_refuses_nothing() {
    let v4 =
        run(&format!("{V4}+0 C > S S J:J(0)\n+1ms R > C icmp fragmentation_needed 1400 quoting J"));
    assert_eq!(v4.records[0].outcome, Outcome::Unanswered);
    assert_eq!((v4.records[0].icmp, v4.records[0].segments.len()), (None, 2));
    let v6 = run(&format!(
        "{}+0 C > S S J:J(0)\n+1ms R > C icmp packet_too_big 1400 quoting J",
        super::V6
    ));
    assert_eq!(v6.records[0].outcome, Outcome::Unanswered);
}

#[test]
fn an_icmp_error_about_another_syn_says_nothing_here() {
    let told: Vec<String> = records(
        "+0 C > S S J-9:J-9(0)
         +1 C > S S J:J(0)
         +1ms R > C icmp unreachable port quoting J-9",
    )
    .iter()
    .map(tell)
    .collect();
    assert_eq!(
        told,
        [
            "unreachable by capture_end, J 4294967286 K ?\n\
             1 client syn advanced: SYN-SENT / ?\n3 network icmp advanced: SYN-SENT / ?",
            "unanswered by capture_end, J 4294967295 K ?, after 1 (unanswered)\n\
             2 client syn advanced: SYN-SENT / ?",
        ]
    );
}

#[test]
fn a_simultaneous_open_takes_both_acknowledgments() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1us S > C S K:K(0)
             +1ms C > S S. J:J(0) ack K+1
             +1us S > C S. K:K(0) ack J+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-RECEIVED / SYN-SENT
         3 client syn_ack advanced: SYN-RECEIVED / ESTABLISHED
         4 server syn_ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_split_handshake_takes_four_segments() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S K:K(0)
         +1ms C > S S. J:J(0) ack K+1
         +1ms S > C . K+1:K+1(0) ack J+1",
    );
    assert_eq!(
        (record.outcome, record.server_isn.map(|isn| isn.0)),
        (Outcome::Established, Some(4_294_967_290))
    );
}

#[test]
fn a_half_open_peer_is_cleared_and_the_attempt_goes_on() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1ms S > C . K-100:K-100(0) ack J-5000
             +1us C > S R J-5000:J-5000(0)
             +10ms C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server ack challenge_ack: SYN-SENT / ?
         3 client rst advanced: SYN-SENT / ?
         4 client syn retransmission: SYN-SENT / SYN-RECEIVED
         5 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         6 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn an_old_duplicate_answer_is_reset_and_the_attempt_goes_on() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S. K-9:K-9(0) ack J-99
         +1us C > S R J-99:J-99(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        (record.outcome, record.server_isn.map(|isn| isn.0)),
        (Outcome::Established, Some(4_294_967_290))
    );
}

#[test]
fn a_syn_ack_without_its_syn_opens_an_attempt() {
    assert_told(
        &record(
            "+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n+1 S > C S. K:K(0) ack J+1",
        ),
        "established_client_only by capture_end, J 4294967295 K 4294967290, again 0/1
         1 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         2 client ack advanced: ESTABLISHED / SYN-RECEIVED
         3 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED",
    );
    assert_told(
        &record("+0 S > C S. K:K(0) ack J+1\n+1 S > C S. K:K(0) ack J+1"),
        "unacknowledged by capture_end, J 4294967295 K 4294967290, again 0/1
         1 server syn_ack advanced: ? / SYN-RECEIVED
         2 server syn_ack retransmission: ? / SYN-RECEIVED",
    );
}

#[test]
fn two_servers_answer_and_the_client_tells_which_one_it_took() {
    let script = |isn: &str| {
        format!(
            "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms S > C S. K+77:K+77(0) ack J+1\n\
             +1ms C > S . J+1:J+1(0) ack {isn}+1"
        )
    };
    assert_eq!(record(&script("K")).server_isn.map(|isn| isn.0), Some(4_294_967_290));
    assert_eq!(
        record(&script("K").replace("ack K+1", "ack K+78")).server_isn.map(|isn| isn.0),
        Some(71)
    );
}

#[test]
fn another_syn_on_the_same_ports_is_another_attempt() {
    let told: Vec<String> =
        records(&format!("{OPEN}+1 C > S S J+64000:J+64000(0)")).iter().map(tell).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1],
        "unanswered by capture_end, J 63999 K ?, after 1 (established)\n4 client syn advanced: SYN-SENT / ?"
    );
}

#[test]
fn a_late_copy_of_a_closed_attempt_opens_no_new_one() {
    let run = run(&format!(
        "{V4}{OPEN}+1ms S > C P. K+1:K+2(1) ack J+1\n+1 S > C S. K:K(0) ack J+1\n+1 C > S S J:J(0)"
    ));
    assert_eq!(run.records.len(), 1);
    assert_eq!(run.counters.outside_handshake, 3);
}

#[test]
fn what_opens_nothing_is_counted() {
    let run = run(&format!(
        "{V4}+0 C > S . J:J(0) ack K\n+0 C > S P. J:J+5(5) ack K\n+0 S > C F. K:K(0) ack J\n\
         +0 S > C R K:K(0)\n+0 C > S SF J:J(0)\n+0 C > S - J:J(0)\n+0 C > S FPU J:J(0)\n+0 C > S SR J:J(0)"
    ));
    assert_eq!(
        (run.records.len(), run.counters.outside_handshake, run.counters.odd_segments),
        (0, 4, 4)
    );
    assert_eq!(run.counters.tcp_segments, 8);
}

#[test]
fn copies_made_by_the_capture_are_no_retransmissions() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1us dup ttl 63
             +1ms S > C S. K:K(0) ack J+1
             +1us dup
             +1ms C > S . J+1:J+1(0) ack K+1
             +1us dup",
        ),
        "established by capture_end, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 client syn duplicate_capture: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         4 server syn_ack duplicate_capture: ESTABLISHED / SYN-RECEIVED
         5 client ack advanced: ESTABLISHED / ESTABLISHED
         6 client ack duplicate_capture: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn vlans_tell_attempts_apart_and_one_way_tags_do_not() {
    let two = run(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1\n+1ms C > S S J:J(0) vlan 2\n+1ms S > C S. K:K(0) ack J+1 vlan 2\n\
         +1ms S > C S. K+5:K+5(0) ack J+1 vlan 1"
    ));
    let isns: Vec<_> =
        two.records.iter().map(|record| record.server_isn.map(|isn| isn.0)).collect();
    assert_eq!(isns, [Some(4_294_967_295), Some(4_294_967_290)]);
    let one = run(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1 vlan 1"
    ));
    assert_eq!(one.records.len(), 1);
    assert_eq!(one.records[0].outcome, Outcome::Established);
}

#[test]
fn a_socket_that_connects_to_itself_is_one_attempt() {
    let run = run("client 127.0.0.1:5000 server 127.0.0.1:5000\nisn J=4294967295\n\
         +0 C > S S J:J(0)\n+1us S > C S. J:J(0) ack J+1\n+1us C > S . J+1:J+1(0) ack J+1");
    assert_eq!(run.records.len(), 1);
    assert_eq!(run.records[0].outcome, Outcome::Established);
}

#[test]
fn what_an_interrupted_view_had_open_stays_in_progress() {
    let script =
        Script::parse(&format!("{V4}host C2 192.0.2.9:40001\n{OPEN}+0 C2 > S S 5:5(0)")).unwrap();
    let run = run_frames(script.frames(), Limits::default(), Reporting::Records, End::Interrupted);
    let outcomes: Vec<_> = run.records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Established, Outcome::InProgress]);
}

#[test]
fn an_interrupted_view_tells_what_the_segments_decided() {
    let icmp = "+0 C > S S J:J(0)\n+1ms R > C icmp unreachable host quoting J";
    for (script, expected) in [
        ("+0 C > S S J:J(0)", Outcome::InProgress),
        ("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1", Outcome::InProgress),
        (icmp, Outcome::Unreachable),
        ("+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1", Outcome::Refused),
        ("+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1", Outcome::Established),
    ] {
        let script = Script::parse(&format!("{V4}{script}")).unwrap();
        let limits = Limits::default();
        let run = run_frames(script.frames(), limits, Reporting::Records, End::Interrupted);
        assert_eq!(run.records[0].outcome, expected);
    }
}

#[test]
fn the_first_icmp_error_that_quotes_the_syn_is_a_decision() {
    let run = run(&format!(
        "{V4}+0 C > S S J:J(0)
         +1ms R > C icmp unreachable host quoting J
         +1 C > S S J:J(0)
         +1ms R > C icmp unreachable net quoting J"
    ));
    assert_eq!(run.decided.len(), 1);
    assert_eq!(run.decided[0].outcome, Outcome::Unreachable);
    assert_eq!(run.records[0].icmp.map(|icmp| (icmp.frame, icmp.code)), Some((2, 1)));
}

#[test]
fn a_decision_is_announced_at_once_and_once() {
    let run =
        run(&format!("{V4}{OPEN}+1 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1"));
    assert_eq!(run.decided.len(), 1);
    assert_eq!(run.decided[0].outcome, Outcome::Established);
    assert_eq!(run.decided[0].segments.len(), 3);
    assert_eq!(run.records[0].outcome, Outcome::EstablishedClientOnly);
}

#[test]
fn the_ip_id_alone_proves_nothing_and_tells_a_retransmission_apart() {
    let again = |first: &str, second: &str| {
        let run = run(&format!(
            "{V4}+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1 {first}\n+1us S > C S. K:K(0) ack J+1 {second}"
        ));
        run.records[0].segments[2].verdict.name()
    };
    assert_eq!(again("ip_id 0", "ip_id 0"), "duplicate_capture");
    assert_eq!(again("ip_id 7", "ip_id 7"), "duplicate_capture");
    assert_eq!(again("ip_id 7", "ip_id 8"), "retransmission");
}

#[test]
fn the_reset_of_a_connection_whose_other_half_was_not_captured_is_no_reset_of_the_attempt() {
    let one_sided = record(
        "+0 C > S S J:J(0)
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms C > S P. J+1:J+11(10) ack K+1
         +9 C > S R. J+11:J+11(0) ack K+900",
    );
    assert_eq!((one_sided.outcome, one_sided.reset_by), (Outcome::Established, None));
}

#[test]
fn a_syn_ack_that_crosses_the_acknowledgment_is_no_sign_of_a_drop() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1 C > S S J:J(0)
             +0.4 S > C S. K:K(0) ack J+1 <TS val 1 ecr 0>
             +1us C > S . J+1:J+1(0) ack K+1
             +1us S > C S. K:K(0) ack J+1 <TS val 2 ecr 0>
             +1us C > S . J+1:J+1(0) ack K+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290, again 1/1
         1 client syn advanced: SYN-SENT / ?
         2 client syn retransmission: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         4 client ack advanced: ESTABLISHED / ESTABLISHED
         5 server syn_ack retransmission: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn what_the_client_sends_later_does_not_keep_an_attempt_open() {
    let run = run(&format!(
        "{V4}{OPEN}+3 C > S P. J+1:J+11(10) ack K+1\n+3 C > S P. J+11:J+21(10) ack K+1\n\
         +0 {OTHER}\n+1 S > C R K+1:K+1(0)"
    ));
    assert_eq!((run.records[0].outcome, run.records[0].segments.len()), (Outcome::Established, 3));
    assert_eq!(run.counters.outside_handshake, 3);
}

#[test]
fn a_live_connection_does_not_answer_a_forged_syn_with_its_data() {
    let record = records(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K:K(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K+1
         +1ms S > C . K+1:K+1(0) ack J-899
         +1 C > S S J:J(0)
         +1ms S > C . K+1:K+1(0) ack J-899
         +1 S > C P. K+1:K+9(8) ack J-899
         +1 S > C F. K+9:K+9(0) ack J-899",
    )
    .remove(1);
    assert_told(
        &record,
        "unanswered by capture_end, J 4294967295 K ?, after 1 (established)
         5 client syn advanced: SYN-SENT / ?
         6 server ack challenge_ack: SYN-SENT / ?
         7 server ack stray: SYN-SENT / ?
         8 server ack stray: SYN-SENT / ?",
    );
}

#[test]
fn what_is_pending_at_a_server_is_what_was_open_at_one_time() {
    let pending = |gap: &str, count: u32| {
        let mut script = V4.to_owned();
        for host in 0..count {
            writeln!(script, "host H{host} 198.51.100.{host}:9").unwrap();
        }
        for host in 0..count {
            writeln!(script, "+{gap} H{host} > S S {host}:{host}(0)").unwrap();
        }
        write!(script, "+100 C > S S J:J(0)\n+100 {OTHER}\n+0 {OTHER}").unwrap();
        let run = run(&script);
        run.records.iter().map(|record| record.context.pending_at_server).collect::<Vec<_>>()
    };
    // The last one comes when the others are overdue, whether or not they have been told by then.
    assert_eq!(pending("1ms", 20), [vec![20; 20], vec![1]].concat());
    assert!(pending("50", 20).iter().all(|&pending| pending <= 2), "{:?}", pending("50", 20));
}

#[test]
fn what_neighbours_tell_does_not_depend_on_other_traffic() {
    // An attempt waits at the server and another is reset. Both are long over when their client tries
    // anew, and that completes. In between nothing comes, or frames of others.
    let told = |between: &str| {
        let script = format!(
            "{V4}host A 198.51.100.1:9\nhost B 198.51.100.1:10\nhost D 203.0.113.1:9
             host E 203.0.113.2:9
             +0 A > S S 1:1(0)
             +1ms S > A S. K:K(0) ack 2
             +1 B > S S 7:7(0)
             +1ms S > B S. K:K(0) ack 8
             +1ms B > S R 8:8(0)
             {between} B > E S 1:1(0)
             +1ms E > B R. 0:0(0) ack 2
             +100ms B > S S 100:100(0)
             +1ms S > B S. K+9:K+9(0) ack 101 ttl 9
             +1ms B > S . 101:101(0) ack K+10"
        );
        let mut records = run(&script).records;
        records.retain(|record| record.client.addr.to_string() != "203.0.113.1");
        records.sort_by_key(|record| record.id);
        let facts = |record: &Handshake| {
            let it = record.context;
            let completed = it.client_completed;
            (it.pending_at_server, it.targets_of_client, it.server_syn_ack_ttl, completed)
        };
        records.iter().map(facts).collect::<Vec<_>>()
    };
    let expected =
        [(2, 1, None, None), (2, 1, Some(64), None), (1, 2, None, None), (1, 2, Some(9), None)];
    assert_eq!(told("+400"), expected);
    assert_eq!(told("+50 D > D S 1:1(0)\n+50 D > D S 1:1(0)\n+300"), expected);
}
