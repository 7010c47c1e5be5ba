//! The four numbers.

use super::{V4, record, run};
use crate::record::{ClockWentBack, Range, Timing};

/// Everything of a [`Timing`] but the start, for comparing whole values.
fn clock(timing: &Timing) -> Timing {
    Timing { start: None, ..timing.clone() }
}

#[test]
fn an_ordinary_handshake_has_all_four() {
    let record = record(
        "+0 C > S S J:J(0)\n+29us S > C S. K:K(0) ack J+1\n+32us C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        clock(&record.timing),
        Timing {
            total_ns: Some(61_000),
            retry_wait_ns: Some(0),
            server_rtt_ns: Some(29_000),
            client_rtt_ns: Some(32_000),
            wireshark_irtt_ns: Some(61_000),
            ..Timing::default()
        }
    );
    assert_eq!(
        record.timing.start.map(parser::Timestamp::as_nanos),
        Some(1_700_000_000_000_000_000)
    );
}

#[test]
fn the_echoed_timestamp_tells_which_syn_was_answered() {
    let record = record(
        "+0 C > S S J:J(0) <TS val 1 ecr 0>
         +1 C > S S J:J(0) <TS val 1001 ecr 0>
         +10ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1001>
         +10ms C > S . J+1:J+1(0) ack K+1 <TS val 1021 ecr 7>",
    );
    assert_eq!(
        clock(&record.timing),
        Timing {
            total_ns: Some(1_020_000_000),
            retry_wait_ns: Some(1_000_000_000),
            server_rtt_ns: Some(10_000_000),
            client_rtt_ns: Some(10_000_000),
            wireshark_irtt_ns: Some(20_000_000),
            ..Timing::default()
        }
    );
}

#[test]
fn without_timestamps_a_retransmission_leaves_a_range() {
    let record = record(
        "+0 C > S S J:J(0)
         +1 C > S S J:J(0)
         +10ms S > C S. K:K(0) ack J+1
         +1 S > C S. K:K(0) ack J+1
         +10ms C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        clock(&record.timing),
        Timing {
            total_ns: Some(2_020_000_000),
            server_rtt_range_ns: Some(Range { min: 10_000_000, max: 1_010_000_000 }),
            client_rtt_range_ns: Some(Range { min: 10_000_000, max: 1_010_000_000 }),
            wireshark_irtt_ns: Some(1_020_000_000),
            ..Timing::default()
        }
    );
}

#[test]
fn a_copy_of_the_syn_leaves_no_doubt() {
    let record = record("+0 C > S S J:J(0)\n+1us dup\n+10ms S > C S. K:K(0) ack J+1");
    assert_eq!(record.timing.server_rtt_ns, Some(10_001_000));
}

#[test]
fn what_was_not_seen_is_absent() {
    let refused = record("+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1");
    assert_eq!(
        clock(&refused.timing),
        Timing { wireshark_irtt_ns: Some(1_000_000), ..Timing::default() }
    );
    let late = record("+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1");
    assert_eq!(clock(&late.timing), Timing { client_rtt_ns: Some(1_000_000), ..Timing::default() });
}

#[test]
fn a_clock_that_goes_back_is_reported() {
    let run = run(&format!(
        "{V4}+0 C > S S J:J(0)\n-1 S > C S. K:K(0) ack J+1\n+3 C > S . J+1:J+1(0) ack K+1"
    ));
    assert_eq!(
        clock(&run.records[0].timing),
        Timing {
            total_ns: Some(2_000_000_000),
            retry_wait_ns: Some(0),
            server_rtt_ns: Some(-1_000_000_000),
            client_rtt_ns: Some(3_000_000_000),
            wireshark_irtt_ns: Some(2_000_000_000),
            clock_went_back: Some(ClockWentBack { frame: 2, by_ns: 1_000_000_000 }),
            ..Timing::default()
        }
    );
}

#[test]
fn where_the_syns_cross_each_side_has_its_own_round_trip() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S K:K(0)
         +2ms C > S S. J:J(0) ack K+1
         +3ms S > C S. K:K(0) ack J+1",
    );
    assert_eq!(
        clock(&record.timing),
        Timing {
            total_ns: Some(6_000_000),
            retry_wait_ns: Some(0),
            server_rtt_ns: Some(6_000_000),
            client_rtt_ns: Some(2_000_000),
            ..Timing::default()
        }
    );
}

#[test]
fn times_at_the_edges_of_what_can_be_told_are_borne() {
    for (first, second) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MAX, i64::MAX)] {
        let script = testkit::Script::parse(&format!("{V4}+0 C > S S J:J(0)\n+0 dup")).unwrap();
        let mut frames = script.into_frames();
        (frames[0].timestamp_ns, frames[1].timestamp_ns) = (first, second);
        let run = super::run_frames(
            &frames,
            super::Limits::default(),
            super::Reporting::Records,
            super::End::Complete,
        );
        let copy = run.records[0].segments[1].verdict.name();
        assert_eq!(copy, if first == second { "duplicate_capture" } else { "retransmission" });
    }
}

#[test]
fn a_range_goes_from_the_least_to_the_most_where_the_clock_went_back() {
    let record =
        run(&format!("{V4}+0 C > S S J:J(0)\n-1 C > S S J:J(0)\n+3 S > C S. K:K(0) ack J+1"))
            .records
            .remove(0);
    let range = Range { min: 2_000_000_000, max: 3_000_000_000 };
    assert_eq!(record.timing.server_rtt_range_ns, Some(range));
}
