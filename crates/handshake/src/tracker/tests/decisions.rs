//! What a live view shows before an attempt ends.

use super::*;
use crate::record::Outcome;
use crate::segment::Kind;
use crate::tracker::Waiting;

/// The outcomes that are reported at once, and the one in the end, where the observer stops
/// watching.
fn decisions(script: &str) -> (Vec<Outcome>, Outcome) {
    let both = [V4, V6].map(|ends| {
        let script = Script::parse(&format!("{ends}{script}")).unwrap();
        let (limits, end) = (Limits::default(), End::Interrupted);
        let run = run_frames(script.frames(), limits, Reporting::Decisions, end);
        let [record] = &run.records[..] else { panic!("{:?} is not one record", run.records) };
        (run.decided.iter().map(|record| record.outcome).collect::<Vec<_>>(), record.outcome)
    });
    let [v4, v6] = both;
    assert_eq!(v4, v6, "IPv6 differs from IPv4");
    v4
}

const SYN: &str = "+0 C > S S J:J(0)\n";
const ERROR: &str = "+1ms R > C icmp unreachable host quoting J\n";
const RST: &str = "+1ms S > C R. 0:0(0) ack J+1\n";
const SYN_AGAIN: &str = "+1s C > S S J:J(0)\n";
const SYN_ACK: &str = "+1ms S > C S. K:K(0) ack J+1\n";
const ACK: &str = "+1ms C > S . J+1:J+1(0) ack K+1\n";

#[test]
fn a_decision_is_reported_at_once_and_only_once() {
    use Outcome::{Established, InProgress, Refused, Reset, Unreachable};
    let client_rst = "+1ms C > S R J+1:J+1(0)\n";
    for (script, told, end) in [
        (vec![SYN], vec![], InProgress),
        (vec![SYN, SYN_AGAIN], vec![], InProgress),
        (vec![SYN, SYN_ACK], vec![], InProgress),
        (vec![SYN, ERROR], vec![Unreachable], Unreachable),
        (vec![SYN, ERROR, SYN_AGAIN], vec![Unreachable], Unreachable),
        (vec![SYN, ERROR, SYN_AGAIN, ERROR, SYN_AGAIN], vec![Unreachable], Unreachable),
        (vec![SYN, RST], vec![Refused], Refused),
        (vec![SYN, RST, SYN_AGAIN], vec![Refused], Refused),
        (vec![SYN, RST, SYN_AGAIN, RST, SYN_AGAIN, RST], vec![Refused], Refused),
        (vec![SYN, SYN_ACK, client_rst], vec![Reset], Reset),
        (vec![SYN, SYN_ACK, ACK], vec![Established], Established),
        (vec![SYN, SYN_ACK, ACK, ACK], vec![Established], Established),
    ] {
        assert_eq!(decisions(&script.concat()), (told, end), "{script:?}");
    }
}

#[test]
fn a_failure_that_changes_is_reported_again() {
    use Outcome::{Established, InProgress, Refused, Unreachable};
    for (script, told, end) in [
        (vec![SYN, ERROR, SYN_AGAIN, RST], vec![Unreachable, Refused], Refused),
        (vec![SYN, ERROR, SYN_AGAIN, SYN_ACK, ACK], vec![Unreachable, Established], Established),
        (vec![SYN, ERROR, SYN_AGAIN, SYN_ACK], vec![Unreachable], InProgress),
        (vec![SYN, RST, SYN_AGAIN, SYN_ACK, ACK], vec![Refused, Established], Established),
    ] {
        assert_eq!(decisions(&script.concat()), (told, end), "{script:?}");
    }
}

/// Who waits after the frames of a script, whichever events are reported.
fn waiting(script: &str) -> Vec<Waiting> {
    let script = Script::parse(script).unwrap();
    let [totals, decisions] = [Reporting::Facts, Reporting::Decisions].map(|reporting| {
        let mut tracker = Tracker::new(Limits::default(), reporting);
        for (index, frame) in script.frames().iter().enumerate() {
            tracker.on_frame(&super::frame(index, frame), &mut |_| {});
        }
        tracker.waiting().collect::<Vec<_>>()
    });
    assert_eq!(totals, decisions);
    totals
}

#[test]
fn attempts_wait_until_something_decides_them() {
    for ends in [V4, V6] {
        let name = Script::parse(&format!("{ends}{SYN}")).unwrap();
        let start = Some(Timestamp::from_nanos(name.frames()[0].timestamp_ns));
        let run = run_frames(name.frames(), Limits::default(), Reporting::Records, End::Complete);
        let (client, server) = (run.records[0].client, run.records[0].server);
        let one = |sent, times| vec![Waiting { id: 1, client, server, start, sent, times }];
        for (script, expected) in [
            (vec![SYN], one(Kind::Syn, 1)),
            (vec![SYN, SYN_AGAIN, SYN_AGAIN], one(Kind::Syn, 3)),
            (vec![SYN, SYN_ACK], one(Kind::SynAck, 1)),
            (vec![SYN, SYN_AGAIN, SYN_ACK, "+1s S > C S. K:K(0) ack J+1\n"], one(Kind::SynAck, 2)),
            (vec![SYN, ERROR], vec![]),
            (vec![SYN, RST], vec![]),
            (vec![SYN, RST, SYN_AGAIN], vec![]),
            (vec![SYN, SYN_ACK, ACK], vec![]),
            (vec![SYN, SYN_ACK, ACK, "+1s S > C S. K:K(0) ack J+1\n"], vec![]),
        ] {
            assert_eq!(waiting(&format!("{ends}{}", script.concat())), expected, "{script:?}");
        }
    }
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
fn an_interrupted_view_has_the_outcomes_of_its_segments() {
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
