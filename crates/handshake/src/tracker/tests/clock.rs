//! The clock, which adds up.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::{V4, assert_facts, assert_told, facts, record, run};
use crate::record::{ClockWentBack, Handshake, Range, Timing};
use crate::segment::Verdict;

/// Everything of a [`Timing`] but the start, for comparing whole values.
fn clock(timing: &Timing) -> Timing {
    Timing { start: None, ..*timing }
}

#[test]
fn an_ordinary_handshake_has_them_all() {
    let record = record(
        "+0 C > S S J:J(0)\n+29us S > C S. K:K(0) ack J+1\n+32us C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        clock(&record.timing),
        Timing {
            total_ns: Some(61_000),
            retry_wait_ns: Some(0),
            server_rtt_ns: Some(29_000),
            syn_ack_wait_ns: Some(0),
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
fn the_echoed_timestamp_shows_which_syn_was_answered() {
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
            syn_ack_wait_ns: Some(0),
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
            retry_wait_range_ns: Some(Range { min: 0, max: 1_000_000_000 }),
            syn_ack_wait_range_ns: Some(Range { min: 0, max: 1_000_000_000 }),
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
        Timing {
            failed_after_ns: Some(1_000_000),
            wireshark_irtt_ns: Some(1_000_000),
            ..Timing::default()
        }
    );
    let late = record("+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1");
    assert_eq!(
        clock(&late.timing),
        Timing { syn_ack_wait_ns: Some(0), client_rtt_ns: Some(1_000_000), ..Timing::default() }
    );
}

#[test]
fn a_clock_that_goes_back_is_reported() {
    let run = run(&format!(
        "{V4}+0 C > S S J:J(0)\n-1 S > C S. K:K(0) ack J+1\n+3 C > S . J+1:J+1(0) ack K+1"
    ));
    assert_eq!(
        clock(&run.records[0].timing),
        Timing {
            retry_wait_ns: Some(0),
            syn_ack_wait_ns: Some(0),
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
fn extreme_times_are_accepted() {
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
        let last = |it: &Handshake| it.segments.last().map(|last| last.verdict);
        let told: Vec<_> = run.records.iter().filter_map(last).collect();
        let expected = match first.cmp(&second) {
            // No SYN is repeated after centuries.
            Ordering::Less => vec![Verdict::Advanced; 2],
            Ordering::Equal => vec![Verdict::DuplicateCapture],
            Ordering::Greater => vec![Verdict::Retransmission],
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn where_the_clock_went_back_between_two_syns_no_range_spans_it() {
    let run = run(&format!("{V4}+0 C > S S J:J(0)\n-1 C > S S J:J(0)\n+3 S > C S. K:K(0) ack J+1"));
    assert_eq!(
        clock(&run.records[0].timing),
        Timing {
            clock_went_back: Some(ClockWentBack { frame: 2, by_ns: 1_000_000_000 }),
            ..Timing::default()
        }
    );
}

#[test]
fn equal_times_are_no_step_back() {
    assert_facts(
        &record("+0 C > S S J:J(0)\n+0 S > C S. K:K(0) ack J+1\n+0 C > S . J+1:J+1(0) ack K+1"),
        "established by capture_end, JK\n0s = 0s + 0s + 0s + 0s",
    );
}

#[test]
fn linux_answers_a_repeated_syn_with_the_time_stamp_of_the_first() {
    // tcp_check_req: the server repeats its SYN-ACK from the request that it holds.
    let script = |syns: &[u32], echoed: u32| {
        let mut script = String::from("+0 C > S S J:J(0) <TS val 1 ecr 0>\n");
        for tsval in syns {
            writeln!(script, "+1 C > S S J:J(0) <TS val {tsval} ecr 0>").unwrap();
        }
        script
            + &format!(
                "+144us S > C S. K:K(0) ack J+1 <TS val 7 ecr {echoed}>
                 +1ms C > S . J+1:J+1(0) ack K+1 <TS val 9999 ecr 7>"
            )
    };
    let told = "established by capture_end, JK, again";
    for (echoed, clock) in [
        (1, "2001144us = 0s..2s + 144us..2000144us + 0s + 1ms"),
        (1001, "2001144us = 1s..2s + 144us..1000144us + 0s + 1ms"),
        (2001, "2001144us = 2s + 144us + 0s + 1ms"),
        // The SYN that it names was not captured.
        (1500, "2001144us = ? + ? + 0s + 1ms"),
    ] {
        assert_facts(&record(&script(&[1001, 2001], echoed)), &format!("{told} 2/0\n{clock}"));
    }
    // Two SYNs within one tick of the client's clock.
    assert_facts(
        &record(&script(&[1], 1)),
        &format!("{told} 1/0\n1001144us = 0s..1s + 144us..1000144us + 0s + 1ms"),
    );
    // Even one SYN is not the one that was answered if it has another time stamp.
    assert_facts(
        &record(&script(&[], 500)),
        "established by capture_end, JK\n1144us = ? + ? + 0s + 1ms",
    );
}

#[test]
fn the_time_stamp_of_the_acknowledgment_names_its_syn_ack() {
    let script = |echoed: u32| {
        format!(
            "+0 C > S S J:J(0) <TS val 1 ecr 0>
             +1ms S > C S. K:K(0) ack J+1 <TS val 1000 ecr 1>
             +1 S > C S. K:K(0) ack J+1 <TS val 2000 ecr 1>
             +2 S > C S. K:K(0) ack J+1 <TS val 4000 ecr 1>
             +1ms C > S . J+1:J+1(0) ack K+1 <TS val 9 ecr {echoed}>"
        )
    };
    for (echoed, parts) in [
        (1000, "0s + 1ms + 0s + 3001ms"),
        (2000, "0s + 1ms + 1s + 2001ms"),
        (4000, "0s + 1ms + 3s + 1ms"),
        (3000, "0s + 1ms + ? + ?"),
    ] {
        assert_facts(
            &record(&script(echoed)),
            &format!("established by capture_end, JK, again 0/2\n3002ms = {parts}"),
        );
    }
}

#[test]
fn with_several_k_the_clock_is_that_of_the_one_that_was_acknowledged() {
    let script = |ack: &str| {
        format!(
            "+0 C > S S J:J(0) <mss 1400>
             +1ms S > C S. K-90:K-90(0) ack J+1 <mss 900>
             +1ms S > C S. K:K(0) ack J+1 <mss 1300>
             +1 S > C S. K-90:K-90(0) ack J+1 <mss 900>
             +1ms C > S . J+1:J+1(0) ack {ack}"
        )
    };
    let newer = record(&script("K+1"));
    assert_facts(&newer, "established by capture_end, JK\n1003ms = 0s + 2ms + 0s + 1001ms");
    assert_eq!(newer.negotiated.mss.server, Some(1300));
    let older = record(&script("K-89"));
    assert_facts(
        &older,
        "established by capture_end, J 4294967295 K 4294967200, again 0/1
         1003ms = 0s + 1ms + 0s..1001ms + 1ms..1002ms",
    );
    assert_eq!(older.negotiated.mss.server, Some(900));
    let verdicts =
        |record: &Handshake| record.segments.iter().map(|it| it.verdict.name()).collect::<Vec<_>>();
    let (yes, no) = ("advanced", "unacceptable");
    assert_eq!(verdicts(&newer), [yes, no, yes, no, yes]);
    assert_eq!(verdicts(&older), [yes, yes, no, "retransmission", yes]);
}

#[test]
fn time_stamps_decide_about_the_order_up_to_5_ms() {
    let script = |late: u32| {
        format!(
            "+10ms S > C S. K:K(0) ack J+1\n-{late}ms C > S S J:J(0)
             +20ms C > S . J+1:J+1(0) ack K+1"
        )
    };
    assert_facts(
        &record(&script(5)),
        "established by capture_end, JK\n20ms = 0s + 5ms + 0s + 15ms, went back at 2 by 5ms",
    );
    // At one time, the order of the file counts.
    assert_facts(&record(&script(0)), "established by capture_end, JK\n? = ? + ? + 0s + 20ms");
    // A greater step is a clock that was set: this SYN came after the SYN-ACK, so an earlier one was
    // not captured.
    assert_facts(
        &record(&script(6)),
        "established by capture_end, JK\n? = ? + ? + 0s + ?, went back at 2 by 6ms",
    );
}

#[test]
fn after_a_wrong_answer_was_reset_the_next_syn_is_the_one_that_was_answered() {
    for wrong in ["S. K-100:K-100(0)", ". K-100:K-100(0)"] {
        let record = record(&format!(
            "+0 C > S S J:J(0)
             +18ms S > C {wrong} ack J-5000
             +1us C > S R J-5000:J-5000(0)
             +3 C > S S J:J(0)
             +18ms S > C S. K:K(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+1"
        ));
        assert_facts(
            &record,
            "established by capture_end, JK, again 1/0
             3037001us = 3018001us + 18ms + 0s + 1ms",
        );
    }
}

#[test]
fn a_failure_has_a_duration() {
    let again = "+0 C > S S J:J(0)\n+1 C > S S J:J(0)\n";
    let icmp = "+1500us R > C icmp unreachable host quoting J\n";
    for (script, told) in [
        (format!("{again}+1ms S > C R. 0:0(0) ack J+1"), "1001ms"),
        (format!("{again}+1ms C > S R J:J(0)"), "1001ms"),
        (again.to_owned(), "1s"),
        (format!("+0 C > S S J:J(0)\n{icmp}+8 {}", &icmp[icmp.find('R').unwrap()..]), "1500us"),
        (
            "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+3 S > C S. K:K(0) ack J+1"
                .to_owned(),
            "3001ms",
        ),
        ("+0 S > C S. K:K(0) ack J+1\n+3 S > C S. K:K(0) ack J+1".to_owned(), "3s"),
    ] {
        let facts = facts(&record(&script));
        assert!(facts.ends_with(&format!(", failed after {told}")), "{facts}");
    }
    for script in ["+0 C > S S J:J(0)", "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1"] {
        assert_eq!(record(script).timing.failed_after_ns, None);
    }
}

#[test]
fn a_syn_ack_that_echoes_an_earlier_syn_shows_that_the_first_one_was_not_captured() {
    let script = |echoed: u32| {
        format!(
            "+0 C > S S J:J(0) <TS val 1000 ecr 0>
             +1ms S > C S. K:K(0) ack J+1 <TS val 7 ecr {echoed}>
             +1ms C > S . J+1:J+1(0) ack K+1 <TS val 1002 ecr 7>"
        )
    };
    for (echoed, clock) in [(500, "? = ? + ? + 0s + 1ms"), (0, "2ms = 0s + 1ms + 0s + 1ms")] {
        assert_facts(&record(&script(echoed)), &format!("established by capture_end, JK\n{clock}"));
    }
}

#[test]
fn a_clock_that_goes_back_before_the_acknowledgment_leaves_no_total() {
    assert_facts(
        &record(
            "+0 C > S S J:J(0)\n+10ms S > C S. K:K(0) ack J+1\n-6ms C > S . J+1:J+1(0) ack K+1",
        ),
        "established by capture_end, JK\n? = 0s + 10ms + 0s + ?, went back at 3 by 6ms",
    );
}

#[test]
fn wireshark_has_no_number_where_nothing_of_the_other_side_came_first() {
    let lead = "+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1\n";
    for rest in ["", "+1ms S > C R. K+1:K+1(0) ack J+1"] {
        assert_eq!(record(&format!("{lead}{rest}")).timing.wireshark_irtt_ns, None, "{rest}");
    }
}

#[test]
fn a_syn_that_came_again_just_before_the_answer_keeps_its_place_in_the_file() {
    assert_told(
        &record("+0 C > S S J:J(0)\n+1 S > C S. K:K(0) ack J+1\n-1ms C > S S J:J(0)"),
        "unacknowledged by capture_end, JK, again 1/0
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 client syn retransmission: SYN-SENT / SYN-RECEIVED",
    );
}

#[test]
fn a_syn_that_another_one_overtook_is_in_the_record_all_the_same() {
    assert_facts(
        &record(
            "+0 C > S S J:J(0) <TS val 701 ecr 0>
             +90ms C > S S J:J(0) <TS val 1 ecr 0>
             +10ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1>
             +10ms C > S . J+1:J+1(0) ack K+1 <TS val 811 ecr 7>",
        ),
        "established by capture_end, JK, again 1/0\n110ms = 90ms + 10ms + 0s + 10ms",
    );
}
