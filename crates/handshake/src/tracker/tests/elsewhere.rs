//! Answers from another address than the SYN went to.

use parser::{Endpoint, Glance};

use super::super::elsewhere::Elsewhere;
use super::super::table::Place;
use super::{Limits, Reporting, Script, Tracker, V4, V6, assert_told, frame, run};
use crate::record::Handshake;

/// The records of a script with a second server `T`, in the order of their first segments.
fn found(script: &str) -> Vec<Handshake> {
    let both = [(V4, "192.0.2.7:80"), (V6, "[2001:db8::7]:80")].map(|(hosts, other)| {
        let mut records = run(&format!("{hosts}host T {other}\n{script}")).records;
        records.sort_by_key(|record| record.id);
        records
    });
    let told = both.each_ref().map(|all| all.iter().map(super::tell).collect::<Vec<_>>());
    assert_eq!(told[0], told[1], "IPv6 differs from IPv4");
    let [v4, _] = both;
    v4
}

const SYN: &str = "+0 C > S S J:J(0)\n";
const ANSWER: &str = "+1ms T > C S. K:K(0) ack J+1\n";

#[test]
fn an_answer_from_another_address_is_one_where_a_syn_waits() {
    let all = found(&format!(
        "{SYN}{ANSWER}+1ms C > T . J+1:J+1(0) ack K+1\n+1 T > C S. K:K(0) ack J+1
         +1ms T > C P. K+1:K+2(1) ack J+1"
    ));
    assert_eq!(all[0].answered_by.map(|end| end.to_string()), Some("192.0.2.7:80".to_owned()));
    assert_told(
        &all[0],
        "established by segment, JK, again 0/1, confirmed by 5
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED
         4 server syn_ack retransmission: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn an_attempt_that_does_not_wait_is_answered_by_nobody_else() {
    for answered in [
        "",
        "+1ms S > C S. K-9:K-9(0) ack J+1\n",
        "+1ms S > C R. 0:0(0) ack J+1\n",
        "+1ms S > C . K-9:K-9(0) ack J-5000\n",
        "+1ms S > C S K-9:K-9(0)\n",
    ] {
        let all = found(&format!("{SYN}{answered}{ANSWER}"));
        let expected = if answered.is_empty() { (1, true) } else { (2, false) };
        assert_eq!((all.len(), all[0].answered_by.is_some()), expected, "{answered}");
    }
    // A SYN-ACK alone waits for no answer.
    let all = found(&format!("+0 S > C S. K-9:K-9(0) ack J+1\n{ANSWER}"));
    assert_eq!((all.len(), all[0].answered_by), (2, None));
}

#[test]
fn a_syn_to_the_other_address_begins_an_attempt_there() {
    let all = found(&format!("{SYN}{ANSWER}+1ms C > T S J+9:J+9(0)"));
    let servers: Vec<_> = all.iter().map(|record| record.server.to_string()).collect();
    assert_eq!(servers, ["192.0.2.2:80", "192.0.2.7:80"]);
}

#[test]
fn the_attempt_of_a_client_with_the_same_place_stays_as_it_is() {
    let script = "client 192.0.2.1:40000 server 192.0.2.2:80\nhost B 192.0.2.3:9\n\
                  isn J=4294967295 K=4294967290\n+0 C > S S J:J(0)\n+1ms S > B S. K:K(0) ack 7";
    let script = Script::parse(script).unwrap();
    let [syn, answer] = script.frames() else { panic!("two frames") };
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    tracker.on_frame(&frame(0, syn), &mut |_| {});
    let answer = frame(1, answer);
    let stranger = Glance::of(answer.link, answer.wire_len, answer.bytes).unwrap().destination;
    let attempts = &mut tracker.attempts;
    attempts.elsewhere.begins(&stranger, (Place::Plain(0), 1));
    tracker.on_frame(&answer, &mut |_| {});
    assert!(tracker.attempts.table.plain.holds(0, 1), "it goes on on the plain course");
}

#[test]
fn what_was_answered_from_elsewhere_once_is_again() {
    // The same ports hours later, with other numbers and with the same ones.
    for later in [
        "+3600 C > S S J+76:J+76(0)\n+1ms T > C S. K+98:K+98(0) ack J+77\n".to_owned(),
        format!("{SYN}{ANSWER}").replacen("+0", "+3600", 1),
    ] {
        let all = found(&format!("{SYN}{ANSWER}{later}"));
        let told: Vec<_> = all.iter().map(|it| (it.outcome, it.answered_by.is_some())).collect();
        assert_eq!(told, [(all[0].outcome, true); 2], "{later}");
    }
}

/// Which is the same in every run: no client's place depends on the seed of a tracker.
#[test]
fn who_takes_whose_place_is_the_same_in_every_run() {
    let ends = (0..u16::MAX).map(|port| Endpoint::new([192, 0, 2, 3], port));
    let first = Endpoint::new([192, 0, 2, 1], 40_000);
    let mut elsewhere = Elsewhere::new();
    elsewhere.begins(&first, (Place::Plain(1), 1));
    let meets = |end: &Endpoint| elsewhere.latest_of(end) == Some((Place::Plain(1), 1));
    let other = ends.into_iter().find(meets).expect("16 of these meet it, on average");
    let answered = |between: &str| {
        let hosts = format!("{V4}host T 192.0.2.7:80\nhost B {other}\n");
        let records = run(&format!("{hosts}{SYN}{between}{ANSWER}")).records;
        records.iter().any(|record| record.answered_by.is_some())
    };
    for _ in 0..8 {
        assert!(answered(""));
        assert!(!answered("+1ms B > S S 5:5(0)\n"));
    }
}
