//! Time and memory have bounds, and what they cost is counted.

use std::fmt::Write as _;

use super::{End, Limits, OTHER, Reporting, Script, V4, record, records, run_frames};
use crate::record::{EndedBy, Outcome};

#[test]
fn a_single_frame_from_another_year_ends_nothing() {
    let script =
        format!("+0 C > S S J:J(0)\n+1000000000 {OTHER}\n-1000000000 S > C S. K:K(0) ack J+1");
    assert_eq!(record(&script).outcome, Outcome::Unacknowledged);
}

#[test]
fn an_answer_belongs_to_its_attempt_as_long_as_that_is_waited_for() {
    let late = record("+0 C > S S J:J(0)\n+74 S > C S. K:K(0) ack J+1");
    assert_eq!(
        (late.outcome, late.timing.server_rtt_ns),
        (Outcome::Unacknowledged, Some(74_000_000_000))
    );
    let too_late = records("+0 C > S S J:J(0)\n+76 S > C S. K:K(0) ack J+1");
    let told: Vec<_> = too_late.iter().map(|it| (it.outcome, it.syn_captured)).collect();
    assert_eq!(told, [(Outcome::Unanswered, true), (Outcome::Unacknowledged, false)]);
}

#[test]
fn the_next_expected_retry_that_does_not_come_ends_an_attempt() {
    let told: Vec<_> = [74, 76]
        .map(|gap| {
            let record = record(&format!("+0 C > S S J:J(0)\n+{gap} {OTHER}"));
            (record.outcome, record.ended_by)
        })
        .into();
    assert_eq!(
        told,
        [(Outcome::Unanswered, EndedBy::CaptureEnd), (Outcome::Unanswered, EndedBy::Timeout)]
    );
}

#[test]
fn a_client_that_doubles_its_waits_is_one_attempt_to_the_end() {
    let mut script = String::from("+0 C > S S J:J(0)\n");
    for gap in [1, 2, 4, 8, 16, 32, 64, 127] {
        writeln!(script, "+{gap} C > S S J:J(0)").unwrap();
    }
    assert_eq!(record(&script).syn_retransmissions, 8);
    assert_eq!(records(&script.replace("+127", "+129")).len(), 2);
}

#[test]
fn after_its_time_out_a_syn_with_the_same_isn_opens_another() {
    assert_eq!(
        records(&format!("+0 C > S S J:J(0)\n+300 {OTHER}\n+0 {OTHER}\n+1 C > S S J:J(0)")).len(),
        2
    );
}

#[test]
fn a_full_table_evicts_the_one_heard_of_longest_ago() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\n\
         +0 C > S S 1:1(0)\n+1 C2 > S S 2:2(0)\n+1 C > S S 1:1(0)\n+1 C3 > S S 3:3(0)"
    ))
    .unwrap();
    let limits = Limits { attempts: 2, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    let ends: Vec<_> = run.records.iter().map(|record| (record.id, record.ended_by)).collect();
    assert_eq!(ends, [(2, EndedBy::Evicted), (1, EndedBy::CaptureEnd), (3, EndedBy::CaptureEnd)]);
    assert_eq!(run.counters.evicted, 1);
}

#[test]
fn decided_attempts_give_way_first() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\n\
         +0 C > S S 1:1(0)\n+0 C2 > S S 2:2(0)\n+1ms S > C2 R. 0:0(0) ack 3\n+0 C3 > S S 3:3(0)"
    ))
    .unwrap();
    let limits = Limits { attempts: 2, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    let ends: Vec<_> = run.records.iter().map(|record| (record.id, record.ended_by)).collect();
    assert_eq!(ends, [(2, EndedBy::Segment), (1, EndedBy::CaptureEnd), (3, EndedBy::CaptureEnd)]);
    assert_eq!(run.counters.evicted, 0);
}

#[test]
fn segments_beyond_the_limit_are_counted() {
    let mut script = format!("{V4}+0 C > S S J:J(0)\n");
    for _ in 0..9 {
        script += "+1 C > S S J:J(0)\n";
    }
    script += "+1ms S > C S. K:K(0) ack J+1\n";
    let script = Script::parse(&script).unwrap();
    let limits = Limits { segments: 4, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    let record = &run.records[0];
    assert_eq!((record.segments.len(), record.segments_omitted), (5, 6));
    assert_eq!((record.syn_retransmissions, record.outcome), (9, Outcome::Unacknowledged));
}

#[test]
fn all_records_together_have_a_bound() {
    let mut script = V4.to_owned();
    for host in 0..20 {
        writeln!(script, "host H{host} 198.51.100.{host}:9").unwrap();
    }
    for host in 0..20 {
        writeln!(script, "+1ms H{host} > S S {host}:{host}(0)").unwrap();
    }
    let script = Script::parse(&script).unwrap();
    let limits = Limits { segments_in_all: 5, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    assert_eq!((run.records.len(), run.counters.evicted), (20, 15));
}

#[test]
fn three_stray_segments_are_kept_and_the_others_counted() {
    // Segments of an older connection: they fit nothing, whoever they come from.
    let script = |strays: u32| {
        let mut script = String::from("+0 C > S S J:J(0)\n");
        for number in 0..strays {
            let seq = 1_000_000_000 + number;
            writeln!(script, "+1ms S > C P. {seq}:{}(8) ack 2000000000", seq + 8).unwrap();
        }
        script
    };
    for strays in [0, 2, 3, 4, 9] {
        let record = record(&script(strays));
        let kept = record.segments.iter().filter(|it| it.verdict.name() == "stray").count();
        assert_eq!(
            (kept as u32, record.segments_omitted),
            (strays.min(3), strays.saturating_sub(3))
        );
        assert_eq!(record.outcome, Outcome::Unanswered);
    }
    let moved_on = record(&format!("{}+1ms S > C S. K:K(0) ack J+1", script(9)));
    assert_eq!((moved_on.outcome, moved_on.segments.len()), (Outcome::Unacknowledged, 5));
}
