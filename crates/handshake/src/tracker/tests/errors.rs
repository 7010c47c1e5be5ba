//! ICMP errors that quote a segment of an attempt.

use super::{V4, assert_facts, assert_told, record, records, run, tell};
use crate::record::Outcome;

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
fn an_icmp_error_joins_by_k_too_and_refuses_nothing() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms R > S icmp unreachable host quoting K
         +1ms C > S . J+1:J+1(0) ack K+1",
    );
    assert_told(
        &record,
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 network icmp stray: ESTABLISHED / SYN-RECEIVED
         4 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
    assert_eq!(record.icmp, None);
}

#[test]
fn an_icmp_error_about_a_later_segment_or_another_connection_says_nothing() {
    let lead = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
    for (other, told) in [
        ("+1ms C > S . J+9:J+9(0) ack K\n+1ms R > C icmp unreachable host quoting J+9", 3),
        ("+1ms S > C . K+1:K+1(0) ack J+1\n+1ms R > S icmp unreachable host quoting K+1", 3),
    ] {
        assert_eq!(record(&format!("{lead}{other}")).segments.len(), told, "{other}");
    }
    let run = run(&format!(
        "{V4}host C2 192.0.2.9:40001\n{lead}+1ms C2 > S . 5:5(0) ack K
         +1ms R > C2 icmp unreachable host quoting 5"
    ));
    assert_eq!(run.records[0].segments.len(), 2);
}

#[test]
fn an_icmp_error_is_captured_twice_too() {
    let verdict = |again: &str| {
        let script =
            format!("+0 C > S S J:J(0)\n+1ms R > C icmp unreachable host quoting J\n{again}");
        record(&script).segments[2].verdict.name()
    };
    assert_eq!([verdict("+20ms dup"), verdict("+200ms dup ttl 63")], ["duplicate_capture"; 2]);
    for again in
        ["+20001us dup", "+200001us dup ttl 63", "+1us R > C icmp unreachable port quoting J"]
    {
        assert_eq!(verdict(again), "advanced", "{again}");
    }
    // A router that waited for an address in vain answers each of the SYNs that wait in it.
    let script = "+0 C > S S J:J(0)\n+1 C > S S J:J(0)
         +1 R > C icmp unreachable host quoting J\n+1us R > C icmp unreachable host quoting J";
    let run = run(&format!("{V4}{script}"));
    assert_eq!(run.records[0].segments[3].verdict.name(), "advanced");
}

#[test]
fn an_icmp_error_is_that_of_an_end_or_of_neither() {
    for (sender, told) in [("R", "network"), ("S", "server"), ("C", "client")] {
        assert_told(
            &record(&format!(
                "+0 C > S S J:J(0)\n+1ms {sender} > C icmp unreachable port quoting J"
            )),
            &format!(
                "unreachable by capture_end, J 4294967295 K ?
                 1 client syn advanced: SYN-SENT / ?
                 2 {told} icmp advanced: SYN-SENT / ?"
            ),
        );
    }
}

#[test]
fn an_icmp_error_shows_that_the_attempt_goes_on() {
    let script = |gap: u32| {
        format!(
            "+0 C > S S J:J(0)\n+70 R > C icmp unreachable host quoting J\n+{gap} C > S S J:J(0)"
        )
    };
    assert_eq!([139, 141].map(|gap| records(&script(gap)).len()), [1, 2]);
}

#[test]
fn the_first_icmp_error_counts_where_two_records_become_one() {
    // The second SYN in the first scope is that of the second scope.
    let script = "+0 C > S S J:J(0) vlan 1 <TS val 1 ecr 0> ip_id 0
         +1ms C > S S J:J(0) vlan 2 <TS val 2 ecr 0> ip_id 0
         +1ms R > C icmp unreachable host quoting J
         +1ms C > S S J:J(0) vlan 1 <TS val 2 ecr 0> ip_id 0";
    assert_facts(
        &record(script),
        "unreachable by capture_end, J 4294967295 K ?, again 1/0
         ? = ? + ? + ? + ?, failed after 2ms",
    );
}
