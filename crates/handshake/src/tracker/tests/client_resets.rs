//! A client that resets what it has opened.

use super::{
    End, Limits, OPEN, Reporting, Script, V4, assert_facts, assert_told, record, records,
    run_frames,
};
use crate::record::EndedBy;

#[test]
fn a_reset_of_the_client_after_the_handshake_takes_nothing_back() {
    let record = record(&format!("{OPEN}+1ms C > S R. J+1:J+1(0) ack K+1\n"));
    assert_told(
        &record,
        "established by segment, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED
         4 client rst stray: ESTABLISHED / ESTABLISHED",
    );
    assert_facts(&record, "established by segment, JK\n2ms = 0s + 1ms + 0s + 1ms");
}

/// Each is taken by all ways of a tracker, which have to agree.
#[test]
fn the_reset_may_have_any_numbers_and_anything_may_follow() {
    for rst in [
        "R. J+1:J+1(0) ack K+1",
        "R J+1:J+1(0)",
        "R. J+1:J+1(0) ack K+2",
        "R. J:J(0) ack K+1",
        "R. J+501:J+501(0) ack K+1",
        "R. J+1073741823:J+1073741823(0) ack K+1",
        "R. J+1073741824:J+1073741824(0) ack K+1",
        "R. J+1073741825:J+1073741825(0) ack K+1",
        "R. J+1:J+4(3) ack K+1",
        "R. J+1:J+1(0) ack K+1 <TS val 7 ecr 99>",
        "F. J+1:J+1(0) ack K+1\n+1ms C > S R. J+2:J+2(0) ack K+1",
        "F. J+1:J+1(0) ack K+1\n+1ms C > S R. J+1:J+1(0) ack K+1",
        "R. J+2:J+2(0) ack K+1\n+10ms C > S R. J+2:J+2(0) ack K+1",
    ] {
        for after in [
            "",
            "+1ms S > C R K+1:K+1(0)",
            "+1ms S > C R. K+1:K+1(0) ack J+1",
            "+1ms S > C P. K+1:K+11(10) ack J+1",
            "+300ms S > C S. K:K(0) ack J+1",
            "+1ms C > S S J:J(0)",
            "+1ms C > S S J+9:J+9(0)",
            "+1ms C > S P. J+1:J+11(10) ack K+1",
            "+4 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1",
        ] {
            let records = records(&format!("{OPEN}+1ms C > S {rst}\n{after}\n"));
            assert!(records[0].ack_captured, "{rst}\n{after}");
        }
    }
}

#[test]
fn what_the_client_reset_gives_way_first_and_counts_as_ended_by_that() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\n\
         +0 C2 > S S 2:2(0)\n{OPEN}+1ms C > S R. J+1:J+1(0) ack K+1\n+1ms C3 > S S 3:3(0)"
    ))
    .unwrap();
    let limits = Limits { attempts: 2, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    let ends: Vec<_> = run.records.iter().map(|record| (record.id, record.ended_by)).collect();
    assert_eq!(ends, [(2, EndedBy::Segment), (1, EndedBy::CaptureEnd), (3, EndedBy::CaptureEnd)]);
    let totals = run_frames(script.frames(), limits, Reporting::Facts, End::Complete);
    assert_eq!((totals.counters.evicted, run.counters.evicted), ([0; 8], [0; 8]));
}

#[test]
fn what_the_client_reset_stops_waiting_once() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\nhost C4 192.0.2.5:1\n\
         +0 C2 > S S 2:2(0)\n{OPEN}+1ms C > S R. J+1:J+1(0) ack K+1\n+1ms C3 > S S 3:3(0)\n+0 C4 > S S 4:4(0)"
    ))
    .unwrap();
    let limits = Limits::default();
    let mut run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    run.records.sort_by_key(|record| record.id);
    let pending: Vec<_> = run.records.iter().map(|it| it.context.pending_at_server).collect();
    assert_eq!(pending, [3, 2, 3, 3]);
}
