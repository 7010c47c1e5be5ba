//! How long an attempt waits for its next segment.

use std::fmt::Write as _;

use super::{
    Limits, OPEN, OTHER, Reporting, Script, Tracker, V4, in_order, record, records, run, tell,
};
use crate::record::{EndedBy, Handshake, Outcome};

#[test]
fn a_time_out_depends_on_the_time_of_packets_alone() {
    let again = "C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    // The second SYN, after so many seconds; others speak twice in between, or don't.
    for (gap, expected) in [
        (74, vec![("established", "capture_end")]),
        (76, vec![("unanswered", "timeout"), ("established", "capture_end")]),
        (300, vec![("unanswered", "timeout"), ("established", "capture_end")]),
        (200_000, vec![("unanswered", "timeout"), ("established", "capture_end")]),
    ] {
        let alone = format!("+{gap} {again}");
        let beside =
            format!("+{0} {OTHER}\n+{0} {OTHER}\n+{1} {again}", gap / 3, gap - gap / 3 * 2);
        let before = format!("+0 {OTHER}\n+0 {OTHER}\n+{gap} {again}");
        let after = format!("+{gap} {OTHER}\n+0 {OTHER}\n+0 {again}");
        for script in [alone, beside, before, after] {
            let found = in_order(&format!("+0 C > S S J:J(0)\n{script}"));
            let told: Vec<_> =
                found.iter().map(|it| (it.outcome.name(), it.ended_by.name())).collect();
            assert_eq!(told, expected, "{script}");
        }
    }
}

#[test]
fn the_wait_is_twice_the_last_gap_between_75_and_240_s() {
    let count = |gaps: &[u32]| {
        // From here on, 799 s pass until an attempt is cut.
        let mut script = String::from("+201 C > S S J:J(0)\n");
        for gap in gaps {
            writeln!(script, "+{gap} C > S S J:J(0)").unwrap();
        }
        let alone = in_order(&script).len();
        // The same with others in between.
        let mut beside = String::from("+201 C > S S J:J(0)\n");
        for gap in gaps {
            writeln!(
                beside,
                "+{0} {OTHER}\n+0 {OTHER}\n+{1} C > S S J:J(0)",
                gap / 2,
                gap - gap / 2
            )
            .unwrap();
        }
        assert_eq!(in_order(&beside).len(), alone, "{gaps:?}");
        alone
    };
    assert_eq!([count(&[74]), count(&[76])], [1, 2]);
    assert_eq!([count(&[50, 99]), count(&[50, 101])], [1, 2]);
    assert_eq!([count(&[30, 74]), count(&[30, 76])], [1, 2]);
    assert_eq!([count(&[70, 130, 239]), count(&[70, 130, 241])], [1, 2]);
}

/// The scripts begin 200 s after a full ten minutes.
#[test]
fn what_goes_on_is_cut_at_a_full_ten_minutes_when_it_is_five_minutes_old() {
    // It is 5 min old at the first of these points, or 1 s less, so that it goes on to the second.
    for (begins, cut_after) in [(100, 300), (101, 899)] {
        let mut script = format!("+{begins} C > S S J:J(0)\n");
        for _ in 0..1_000 {
            script.push_str("+1 C > S S J:J(0)\n");
        }
        let found = in_order(&script);
        let [cut, next, ..] = found.as_slice() else { panic!("{}", found.len()) };
        assert_eq!((cut.outcome, cut.ended_by), (Outcome::Unanswered, EndedBy::Lifetime));
        assert_eq!(cut.syn_retransmissions, cut_after - 1, "{begins}");
        let since =
            |it: &Handshake| it.timing.start.unwrap().nanos_since(cut.timing.start.unwrap());
        assert_eq!(since(next), i64::from(cut_after) * 1_000_000_000, "{begins}");
        assert_eq!(next.previous.map(|it| it.id), Some(cut.id));
    }
}

#[test]
fn a_refused_attempt_lives_for_3500_ms_of_packet_time() {
    let refused = "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n";
    let others = format!("+3.39 {OTHER}\n+0 {OTHER}\n");
    for (between, [sooner, later]) in [("", ["3400ms", "3600ms"]), (&others, ["10ms", "210ms"])] {
        let count = |gap| records(&format!("{refused}{between}+{gap} C > S S J:J(0)")).len();
        assert_eq!([count(sooner), count(later)], [1, 2], "{between}");
    }
}

#[test]
fn a_settled_attempt_takes_nothing_more_whoever_spoke() {
    let open = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n";
    for between in [String::new(), format!("+0 {OTHER}\n+0 {OTHER}\n")] {
        let late =
            |gap| tell(&in_order(&format!("{open}{between}+{gap} S > C S. K:K(0) ack J+1"))[0]);
        assert!(late("3.4").starts_with("established_client_only by capture_end"));
        assert!(late("3.6").starts_with("established by segment"));
    }
}

#[test]
fn a_single_frame_from_another_year_ends_nothing() {
    let script =
        format!("+0 C > S S J:J(0)\n+1000000000 {OTHER}\n-1000000000 S > C S. K:K(0) ack J+1");
    assert_eq!(record(&script).outcome, Outcome::Unacknowledged);
}

#[test]
fn frames_from_another_year_end_nothing_unless_all_that_follow_come_from_there() {
    let far = |frames: usize| {
        let more = format!("+0 {OTHER}\n").repeat(frames - 1);
        let script =
            format!("+0 C > S S J:J(0)\n+1 {OTHER}\n+0 {OTHER}\n+1000000000 {OTHER}\n{more}");
        let records = records(&format!("{script}-1000000000 S > C S. K:K(0) ack J+1"));
        records.iter().map(|record| (record.outcome, record.syn_captured)).collect::<Vec<_>>()
    };
    for frames in [1, 2, 16] {
        assert_eq!(far(frames), [(Outcome::Unacknowledged, true)], "{frames}");
    }
    let apart = [(Outcome::Unanswered, true), (Outcome::Unacknowledged, false)];
    assert_eq!(far(17), apart);
}

#[test]
fn an_attempt_from_another_year_lets_the_others_end_in_their_time() {
    let script = format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\n+0 {OTHER}\n+0 {OTHER}\n\
         +1000000000 C2 > S S 5:5(0)\n-1000000000 C > S S J:J(0)\n+80 {OTHER}\n+0 {OTHER}\n\
         +1 C3 > S S 7:7(0)"
    );
    let ends: Vec<_> = run(&script).records.iter().map(|it| (it.id, it.ended_by)).collect();
    assert_eq!(ends[0], (2, EndedBy::Timeout));
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
fn what_the_client_sends_later_does_not_keep_an_attempt_open() {
    let run = run(&format!(
        "{V4}{OPEN}+3 C > S P. J+1:J+11(10) ack K+1\n+3 C > S P. J+11:J+21(10) ack K+1\n\
         +0 {OTHER}\n+1 S > C R K+1:K+1(0)"
    ));
    assert_eq!((run.records[0].outcome, run.records[0].segments.len()), (Outcome::Established, 3));
    assert_eq!(run.counters.outside_handshake, 3);
}

/// How many attempts have ended once each frame of a script has come.
fn ended_by_frame(script: &str) -> Vec<usize> {
    let script = Script::parse(&format!("{V4}{script}")).unwrap();
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut ended = 0;
    let mut count = |frame| {
        tracker.on_frame(&frame, &mut |_| ended += 1);
        ended
    };
    script.frames().iter().enumerate().map(|(at, frame)| count(super::frame(at, frame))).collect()
}

#[test]
fn other_traffic_ends_an_attempt_one_second_after_its_time() {
    let others = |at: &str| format!("={at} {OTHER}\n+0 {OTHER}\n");
    for (attempt, [sooner, later], expected) in [
        ("+0 C > S S J:J(0)\n", ["75.999", "76"], vec![0, 0, 0, 0, 1]),
        (
            "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n",
            ["4.5", "4.501"],
            vec![0, 0, 0, 0, 0, 1],
        ),
        (OPEN, ["4.501", "4.502"], vec![0, 0, 0, 0, 0, 0, 1]),
    ] {
        let script = format!("{attempt}{}{}", others(sooner), others(later));
        assert_eq!(ended_by_frame(&script), expected, "{script}");
    }
}

#[test]
fn a_clock_that_goes_back_does_not_shorten_the_wait() {
    let script = |gap: u32| format!("+10 C > S S J:J(0)\n-5 C > S S J:J(0)\n+{gap} C > S S J:J(0)");
    assert_eq!([79, 81].map(|gap| records(&script(gap)).len()), [1, 2]);
    // Nor does a segment at the same time.
    let script = |gap: u32| {
        format!(
            "+0 C > S S J:J(0)\n+60 C > S S J:J(0)\n+0 S > C S. K:K(0) ack J+1\n\
             +{gap} S > C S. K:K(0) ack J+1"
        )
    };
    assert_eq!([119, 121].map(|gap| record(&script(gap)).syn_ack_retransmissions), [1, 0]);
}

#[test]
fn strays_do_not_keep_an_attempt_open() {
    let script = "+0 C > S S J:J(0)\n+70 S > C P. 9:17(8) ack 2000000000\n+10 C > S S J:J(0)";
    assert_eq!(records(script).len(), 2);
}

#[test]
fn a_last_frame_from_another_year_ends_nothing() {
    let record = record(&format!("+0 C > S S J:J(0)\n+1 {OTHER}\n+1000000000 {OTHER}"));
    assert_eq!(record.ended_by, EndedBy::CaptureEnd);
}

#[test]
fn what_is_replayed_days_later_is_another_attempt() {
    let whole = "C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    let refused = "C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1";
    let unanswered = "C > S S J:J(0)\n+1 C > S S J:J(0)\n+2 C > S S J:J(0)";
    let one_way = "S > C S. K:K(0) ack J+1\n+1 S > C S. K:K(0) ack J+1";
    for script in [whole, refused, unanswered, one_way] {
        let once: Vec<_> = in_order(&format!("+0 {script}")).iter().map(|it| it.outcome).collect();
        for days in [0.5, 1.5, 400.0] {
            let twice = in_order(&format!("+0 {script}\n+{} {script}", days * 86_400.0));
            let outcomes: Vec<_> = twice.iter().map(|it| it.outcome).collect();
            assert_eq!(outcomes, [once.clone(), once.clone()].concat(), "{days} days: {script}");
        }
    }
}

#[test]
fn an_answer_with_a_wrong_time_is_still_the_answer() {
    // The clock of one frame is wrong by years.
    let all = in_order(
        "+0 C > S S J:J(0)\n+40000000 S > C S. K:K(0) ack J+1\n-40000000 C > S . J+1:J+1(0) ack K+1",
    );
    let told: Vec<_> = all.iter().map(|it| it.outcome).collect();
    assert_eq!(told, [Outcome::Established]);
}

#[test]
fn a_syn_with_a_wrong_time_is_an_attempt_of_its_own() {
    // Nothing tells it from one that was sent anew so much later.
    let all = in_order(
        "+0 C > S S J:J(0)\n+172800 C > S S J:J(0)\n-172799 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1",
    );
    let told: Vec<_> = all.iter().map(|it| it.outcome).collect();
    assert_eq!(told, [Outcome::Unanswered, Outcome::Established]);
}
