//! ICMP errors that quote a segment of an attempt.

use super::{V4, assert_told, record, records, run, tell};
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
