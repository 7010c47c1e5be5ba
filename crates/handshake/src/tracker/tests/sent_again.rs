//! A SYN that is sent again and again, on the plain course and off it. All ways of a tracker have to agree.

use std::fmt::Write as _;

use super::{
    End, Event, Limits, OTHER, Reporting, Script, Tracker, V4, V6, Way, assert_facts, assert_told,
    follow_as, frame, in_order, record, records, run_frames,
};
use crate::record::{EndedBy, Outcome};

const SYN: &str = "+0 C > S S J:J(0)\n";

/// A SYN, and others of it after so many milliseconds each.
fn syns(gaps_ms: &[u32]) -> String {
    gaps_ms.iter().fold(SYN.to_owned(), |mut script, gap| {
        writeln!(script, "+{gap}ms C > S S J:J(0)").unwrap();
        script
    })
}

#[test]
fn it_is_one_attempt_with_all_of_them() {
    let record = record(&format!("{}+76 {OTHER}\n+0 {OTHER}", syns(&[1_000, 2_000])));
    assert_told(
        &record,
        "unanswered by timeout, J 4294967295 K ?, again 2/0
         1 client syn advanced: SYN-SENT / ?
         2 client syn retransmission: SYN-SENT / ?
         3 client syn retransmission: SYN-SENT / ?",
    );
    assert_facts(
        &record,
        "unanswered by timeout, J 4294967295 K ?, again 2/0
? = ? + ? + ? + ?, failed after 3s",
    );
}

#[test]
fn anything_may_follow() {
    let long = [37_500; 9];
    for gaps in [
        &[199][..],
        &[200],
        &[201],
        &[1_000],
        &[1_000, 150],
        &[37_500],
        &[37_501],
        &[1_000, 1_000, 1_000, 1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000],
        &[300; 10],
        &[300; 11],
        &[300; 12],
        &[300; 60],
        &long[..6],
        &long[..7],
        &long,
        &[1_000, 60_000],
    ] {
        for after in [
            "",
            "+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n",
            "+1ms S > C R. 0:0(0) ack J+1",
            "+1ms S > C R. 0:0(0) ack J+2",
            "+1ms S > C . 5:5(0) ack 5\n+1ms C > S R 5:5(0)\n+1 C > S S J:J(0)",
            "+1ms R > C icmp unreachable host quoting J",
            "+1ms C > S S J:J+5(5)",
            "+1 C > S S J:J(0) <mss 536>",
            "+1 C > S S J+7:J+7(0)",
            "+1ms C > S R J+1:J+1(0)",
            "+1ms C > S . J+1:J+1(0) ack K+1",
            "+1ms S > C S K:K(0)",
            "+74 C > S S J:J(0)",
            "+76 C > S S J:J(0)",
            "+121 C > S S J:J(0)",
        ] {
            let alone = records(&format!("{}{after}", syns(gaps)));
            let others = format!("+38 {OTHER}\n+0 {OTHER}\n");
            let beside = records(&format!("{}{others}{after}\n+400 {OTHER}", syns(gaps)));
            assert!(!alone.is_empty() && !beside.is_empty(), "{gaps:?} {after}");
        }
    }
}

#[test]
fn a_copy_at_another_place_is_none() {
    let copy = |gap: u32| {
        record(&format!(
            "+0 C > S S J:J(0) ip_id 7 <mss 536,TS val 5 ecr 0>
             +{gap}ms C > S S J:J(0) ip_id 7 ttl 63 <mss 536,TS val 5 ecr 0>"
        ))
        .syn_retransmissions
    };
    assert_eq!([copy(150), copy(200), copy(201)], [0, 0, 1]);
}

#[test]
fn whoever_waits_longer_after_a_long_gap_is_not_ended_by_others() {
    let script = |gap: u32, others: u32| {
        let first = syns(&[gap * 1_000]);
        in_order(&format!("{first}+{others} {OTHER}\n+0 {OTHER}\n+0 C > S S J:J(0)\n")).len()
    };
    assert_eq!([script(37, 74), script(37, 77)], [1, 2]);
    assert_eq!([script(60, 77), script(60, 119), script(60, 122)], [1, 1, 2]);
}

#[test]
fn it_is_cut_as_any_other() {
    // The cut of what begins now is 300 s away, or up to 900.
    for wait in [1, 100, 299, 301, 599] {
        let mut script = format!("+{wait} C > S S J:J(0)\n");
        for _ in 0..30 {
            writeln!(script, "+30 C > S S J:J(0)\n+1 {OTHER}\n+0 {OTHER}").unwrap();
        }
        let found = in_order(&script);
        assert_eq!(found[0].ended_by, EndedBy::Lifetime, "{wait}");
    }
}

#[test]
fn the_one_that_was_silent_for_longest_gives_way_among_those_that_nobody_answered() {
    for ends in [V4, V6] {
        let (host, other) = if ends == V4 {
            ("192.0.2.3:1", "192.0.2.4:1")
        } else {
            ("[2001:db8::3]:1", "[2001:db8::4]:1")
        };
        let script = Script::parse(&format!(
            "{ends}host C2 {host}\nhost C3 {other}\n\
             +0 C2 > S S 2:2(0)\n+0 C > S S J:J(0)\n+1 C2 > S S 2:2(0)\n\
             +1 C > S S J:J(0)\n+1 C2 > S S 2:2(0)\n+1 C3 > S S 3:3(0)"
        ))
        .unwrap();
        let limits = Limits { attempts: 2, ..Limits::default() };
        let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
        let ends: Vec<_> = run.records.iter().map(|it| (it.id, it.ended_by)).collect();
        let at_end = EndedBy::CaptureEnd;
        assert_eq!(ends, [(2, EndedBy::Evicted), (1, at_end), (3, at_end)]);
    }
}

/// Fifty clients whose servers have answered, and ten that send their SYN so many times.
fn answered_and_not(ends: &str, prefix: &str, times: u32) -> Script {
    let mut script = ends.to_owned();
    for client in 1..=60 {
        let host =
            if ends == V6 { format!("[{prefix}{client:x}]") } else { format!("{prefix}{client}") };
        writeln!(script, "host H{client} {host}:9").unwrap();
    }
    for client in 51..=60 {
        writeln!(script, "+0 H{client} > S S J:J(0)").unwrap();
    }
    for client in 1..=50 {
        let (sends, gets) = (format!("H{client} > S"), format!("S > H{client}"));
        write!(script, "+1ms {sends} S J:J(0)\n+1ms {gets} S. K:K(0) ack J+1\n").unwrap();
    }
    for again in 0..9 {
        for client in 51..=60 {
            let sent = if again < times { "S J:J(0)" } else { ". 1:1(0) ack 1" };
            writeln!(script, "+50ms H{client} > S {sent}").unwrap();
        }
    }
    for client in 1..=50 {
        writeln!(script, "+1ms H{client} > S . J+1:J+1(0) ack K+1").unwrap();
    }
    Script::parse(&script).unwrap()
}

#[test]
fn no_attempt_that_was_answered_gives_way_to_it() {
    let of = |wanted| Outcome::ALL.iter().position(|&it| it == wanted).unwrap();
    for (ends, prefix) in [(V4, "198.51.100."), (V6, "2001:db8:1::")] {
        let [once, again] = [0, 9].map(|times| answered_and_not(ends, prefix, times));
        for reporting in [Reporting::Facts, Reporting::Records] {
            let mut given_way = 0;
            for memory in (4_000..30_000).step_by(250) {
                let what = (Limits { memory, ..Limits::default() }, reporting, End::Complete);
                let lost = [&once, &again].map(|script| {
                    let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
                    given_way += run.counters.evicted[of(Outcome::Unanswered)];
                    run.counters.evicted[of(Outcome::Unacknowledged)]
                });
                assert!(lost[1] <= lost[0], "{prefix} {reporting:?} {memory}: {lost:?}");
            }
            assert!(given_way > 0, "{prefix} {reporting:?}");
        }
    }
}

#[test]
fn as_many_fit_as_of_handshakes() {
    let mut script = V4.to_owned();
    for client in 1..=200 {
        writeln!(script, "host H{client} 198.51.100.{client}:9").unwrap();
    }
    for _ in 0..4 {
        for client in 1..=200 {
            writeln!(script, "+5ms H{client} > S S J:J(0)").unwrap();
        }
    }
    let script = Script::parse(&script).unwrap();
    let what = (Limits { memory: 120_000, ..Limits::default() }, Reporting::Records, End::Complete);
    let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
    let kept: Vec<_> = run.records.iter().map(|it| it.segments.len()).collect();
    assert_eq!((kept, run.counters.evicted), (vec![4; 200], [0; 8]));
}

/// One that is looked at once more by itself alone has been silent since its own last segment.
#[test]
fn what_unfolds_late_ends_before_those_that_were_heard_later() {
    for again in ["", "+0 C > S S J:J(0)\n"] {
        let mut script =
            format!("{V4}host C2 192.0.2.3:1\n+0 C2 > S S 2:2(0)\n{SYN}+1 {OTHER}\n{again}");
        for _ in 0..14 {
            script += "+4 C2 > S S 2:2(0)\n";
        }
        writeln!(script, "+1 C > S S J+7:J+7(0)\n+20 {OTHER}\n+0 {OTHER}\n+1 C2 > S S 2:2(0)")
            .unwrap();
        let script = Script::parse(&script).unwrap();
        let mut ended = Vec::new();
        let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
        for (at, it) in script.frames().iter().enumerate() {
            tracker.on_frame(&frame(at, it), &mut |event| {
                let Event::Ended(record) = event else { panic!("{event:?}") };
                ended.push(record.id);
            });
        }
        assert_eq!(ended, [2], "{again}");
    }
}
