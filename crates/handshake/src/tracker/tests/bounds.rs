//! Memory has bounds, and what they cost is counted.

use std::fmt::Write as _;

use super::{
    End, Limits, OPEN, Reporting, Run, Script, TestFrame, V4, V6, Way, follow_as, record,
    run_frames,
};
use crate::record::{EndedBy, Outcome};

/// How many attempts were evicted.
fn evicted(run: &Run) -> u64 {
    run.counters.evicted.iter().sum()
}

#[test]
fn a_full_table_evicts_the_attempt_with_the_oldest_last_segment() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1\nhost C3 192.0.2.4:1\n\
         +0 C > S S 1:1(0)\n+1 C2 > S S 2:2(0)\n+1 C > S S 1:1(0)\n+1 C3 > S S 3:3(0)"
    ))
    .unwrap();
    let limits = Limits { attempts: 2, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    let ends: Vec<_> = run.records.iter().map(|record| (record.id, record.ended_by)).collect();
    assert_eq!(ends, [(2, EndedBy::Evicted), (1, EndedBy::CaptureEnd), (3, EndedBy::CaptureEnd)]);
    assert_eq!(evicted(&run), 1);
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
    assert_eq!(evicted(&run), 0);
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

/// Twenty SYNs, each from a host of its own, with so many bytes of data.
fn twenty_syns(data: u32) -> String {
    let mut script = V4.to_owned();
    for host in 0..20 {
        writeln!(script, "host H{host} 198.51.100.{host}:9").unwrap();
    }
    for host in 0..20 {
        writeln!(script, "+1ms H{host} > S S {host}:{}({data})", host + data).unwrap();
    }
    script
}

#[test]
fn all_attempts_together_have_a_bound() {
    // Plain ones, and full ones.
    for (data, each) in [(0, 150), (5, 640)] {
        let script = Script::parse(&twenty_syns(data)).unwrap();
        let limits = Limits { memory: 6 * each, ..Limits::default() };
        let what = (limits, Reporting::Records, End::Complete);
        let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
        assert_eq!((run.records.len(), evicted(&run)), (20, 15), "{data}");
    }
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

#[test]
fn at_most_sixteen_are_open_and_the_oldest_that_nobody_cared_for_goes() {
    let evicted_after = |first: &str, extra: &str| {
        let mut script = format!("{V4}{first}");
        for number in 1..16 {
            writeln!(script, "+1ms C > S S {0}:{0}(0)", number * 1000).unwrap();
        }
        writeln!(script, "{extra}+1ms C > S S 16000:16000(0)").unwrap();
        let script = Script::parse(&script).unwrap();
        let run = run_frames(script.frames(), Limits::default(), Reporting::Records, End::Complete);
        assert_eq!(evicted(&run), 1);
        let mut all: Vec<_> = run.records.iter().map(|record| record.id).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=17).collect::<Vec<_>>());
        let gone = run.records.iter().find(|record| record.ended_by == EndedBy::Evicted);
        gone.expect("one gave way").id
    };
    let syn = "+1ms C > S S 0:0(0)\n";
    let second = |extra: &str| evicted_after(syn, extra);
    assert_eq!(second(""), 1);
    // Not the one that was silent for longest, if that was repeated or is an answer.
    assert_eq!(evicted_after(&format!("{syn}{syn}"), ""), 2);
    assert_eq!(evicted_after("+0 S > C S. K:K(0) ack 1\n", ""), 2);
    assert_eq!(second("+1ms C > S S 0:0(0)\n"), 2);
    assert_eq!(second("+1ms S > C S. K:K(0) ack 1\n+0 S > C S. K:K(0) ack 1001\n"), 3);
}

#[test]
fn what_a_merged_record_left_out_takes_no_room() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.3:1
         +0 C > S S J:J(0) vlan 1 ip_id 7
         +16us C > S S J:J(0) vlan 2 ip_id 8
         +1ms S > C S. K:K(0) ack J+1 vlan 2 ip_id 11
         +16us S > C S. K:K(0) ack J+1 vlan 1 ip_id 11
         +1ms C2 > S S 5:5(0)"
    ))
    .unwrap();
    let limits = Limits { segments: 1, memory: 3_000, ..Limits::default() };
    let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
    assert_eq!((run.records.len(), evicted(&run)), (2, 0));
}

#[test]
fn what_nobody_answered_gives_way_before_what_a_server_answered() {
    // A handshake that is not complete, then SYNs of others.
    let mut script = twenty_syns(0);
    script += "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
    for host in 0..20 {
        writeln!(script, "+1ms H{host} > S S {host}00:{host}00(0)").unwrap();
    }
    script += "+0 C > S . J+1:J+1(0) ack K+1\n";
    let script = Script::parse(&script).unwrap();
    let limits = Limits { memory: 2_700, ..Limits::default() };
    let what = (limits, Reporting::Facts, End::Complete);
    let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
    let of = |wanted: Outcome, counts: [u64; Outcome::ALL.len()]| {
        Outcome::ALL
            .iter()
            .zip(counts)
            .filter(|(it, _)| **it == wanted)
            .map(|(_, n)| n)
            .sum::<u64>()
    };
    assert_eq!(of(Outcome::Established, run.counters.outcomes), 1);
    assert_eq!(of(Outcome::Unanswered, run.counters.evicted), evicted(&run));
    assert!(evicted(&run) >= 10, "{:?}", run.counters);
}

/// Handshakes of so many clients, one each 10 ms, and what comes after each.
fn handshakes(hosts: &str, prefix: &str, count: u32, after: &str) -> Vec<TestFrame> {
    let mut script = hosts.to_owned();
    for client in 1..=count {
        let end = if prefix.contains(':') {
            format!("[{prefix}{client:x}]:9")
        } else {
            format!("{prefix}{client}:9")
        };
        writeln!(script, "host H{client} {end}").unwrap();
    }
    for client in 1..=count {
        let steps = format!("{OPEN}{after}+7ms C > S . 1:1(0) ack 1\n");
        let (sends, gets) = (format!("H{client} > S"), format!("S > H{client}"));
        script += &steps.replace("C > S", &sends).replace("S > C", &gets);
    }
    Script::parse(&script).unwrap().into_frames()
}

#[test]
fn what_is_decided_gives_way_before_an_acknowledgment_is_missed() {
    let families = [(V4, "198.51.100."), (V6, "2001:db8:1::")];
    let afters = ["", "+1ms C > S R. J+1:J+1(0) ack K+1\n"];
    for ((hosts, prefix), after) in families.iter().flat_map(|it| afters.map(|after| (it, after))) {
        let frames = handshakes(hosts, prefix, 200, after);
        for reporting in [Reporting::Facts, Reporting::Records] {
            for memory in [4_000, 8_000, 16_000] {
                let what = (Limits { memory, ..Limits::default() }, reporting, End::Complete);
                let run = follow_as(&frames, what, Way::Glanced, |_, frame| frame);
                let mut established = [0; Outcome::ALL.len()];
                established[0] = 200;
                assert_eq!(run.counters.outcomes, established, "{prefix} {after} {memory}");
            }
        }
    }
}

#[test]
fn no_attempt_gives_way_to_its_own_next_segment() {
    let script = Script::parse(&format!("{V4}{OPEN}")).unwrap();
    for memory in (64..1_000).step_by(8) {
        let what = (Limits { memory, ..Limits::default() }, Reporting::Facts, End::Complete);
        let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
        assert_eq!((run.facts.len(), run.facts[0].outcome), (1, Outcome::Established), "{memory}");
        assert!(run.facts[0].syn_captured && run.facts[0].syn_ack_captured, "{memory}");
    }
}

#[test]
fn no_syn_gives_way_for_a_segment_that_would_not_fit_then_either() {
    let mut script = twenty_syns(0);
    for host in (10..20).rev() {
        writeln!(script, "+1ms S > H{host} S. 7:7(0) ack {}", host + 1).unwrap();
    }
    let script = Script::parse(&script).unwrap();
    // Room for all of these SYNs, and for a few segments beside them.
    let limits = Limits { memory: 2_300, ..Limits::default() };
    let what = (limits, Reporting::Facts, End::Complete);
    let run = follow_as(script.frames(), what, Way::Glanced, |_, frame| frame);
    let of = |wanted| Outcome::ALL.iter().position(|&outcome| outcome == wanted).unwrap();
    let (unanswered, unacknowledged) = (of(Outcome::Unanswered), of(Outcome::Unacknowledged));
    assert_eq!(run.counters.evicted[unanswered], 0);
    assert!(run.counters.evicted[unacknowledged] > 0);
    assert_eq!(run.counters.outcomes[unacknowledged], 10);
}
