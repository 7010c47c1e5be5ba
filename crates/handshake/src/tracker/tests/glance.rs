//! What is no attempt's business is known at a glance.

use parser::{Glance, Segment};

use super::super::seen::Says;
use super::super::table::Found;
use super::{Limits, OPEN, Reporting, Script, Tracker, V4, V6, frame};

/// Whether the attempt of a script passes by the segment that comes last.
fn passes_by(hosts: &str, script: &str) -> bool {
    let [plain, full] =
        [true, false].map(|has_plain_course| passes(hosts, script, has_plain_course));
    assert_eq!(plain, full, "{script}");
    full
}

fn passes(hosts: &str, script: &str, has_plain_course: bool) -> bool {
    let script = Script::parse(&format!("{hosts}{script}")).unwrap();
    let (last, before) = script.frames().split_last().unwrap();
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    tracker.attempts.has_plain_course = has_plain_course;
    for (at, it) in before.iter().enumerate() {
        tracker.on_frame(&frame(at, it), &mut |_| {});
    }
    let last = frame(before.len(), last);
    let glance = Glance::of(last.link, last.wire_len, last.bytes).expect("a plain segment");
    let (segment, layers) = (glance.segment(), glance.layers());
    let attempts = &mut tracker.attempts;
    let flow = attempts.hasher.flow(&glance.source, &glance.destination);
    match attempts.table.find(flow) {
        Found::Nothing => panic!("no attempt"),
        Found::Plain(at, from) => {
            let Segment { flags, seq, ack_field: ack, len, .. } = segment;
            let says = Says { flags, seq, ack, len, time: None };
            attempts.passes_plain((at, from), &says, |layers| glance.is_within(layers))
        }
        Found::Full => {
            let places = attempts.table.between(flow);
            let [at] = places.as_slice() else { panic!("one attempt, not {places:?}") };
            attempts.table[*at].is_irrelevant(&segment, &layers)
        }
    }
}

const LATER: &str = "C > S . J+11:J+11(0) ack K+1";

#[test]
fn what_a_connected_client_sends_is_passed_by() {
    for (segment, expected) in [
        (LATER, true),
        ("C > S P. J+1:J+11(10) ack K+1", true),
        ("C > S . J+1:J+11(10) ack K+1", true),
        ("C > S P. J+1:J+1(0) ack K+1", true),
        // It may be a copy of the ACK.
        ("C > S . J+1:J+1(0) ack K+1", false),
        // It closes.
        ("C > S F. J+11:J+11(0) ack K+1", false),
        ("C > S R. J+11:J+11(0) ack K+1", false),
        ("C > S S J+11:J+11(0)", false),
        ("S > C . K+1:K+1(0) ack J+1", false),
    ] {
        for hosts in [V4, V6] {
            let script = format!("{OPEN}+1ms {segment}");
            assert_eq!(passes_by(hosts, &script), expected, "{segment}");
        }
    }
}

#[test]
fn in_a_vlan_only_what_has_the_same_tags_is_passed_by() {
    for (tags, of_others) in
        [("vlan 5", ["", "vlan 6"]), ("vlan 5 vlan 6", ["vlan 5", "vlan 6 vlan 5"])]
    {
        let lead = OPEN.replace('\n', &format!(" {tags}\n"));
        for hosts in [V4, V6] {
            assert!(passes_by(hosts, &format!("{lead}+1ms {LATER} {tags}")), "{tags}");
            for other in of_others {
                assert!(
                    !passes_by(hosts, &format!("{lead}+1ms {LATER} {other}")),
                    "{tags}, {other}"
                );
            }
        }
    }
}

#[test]
fn what_may_tell_something_is_looked_at() {
    for lead in [
        "+0 C > S S J:J(0)\n".to_owned(),
        "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n".to_owned(),
        format!("{OPEN}+1 S > C S. K:K(0) ack J+1\n"),
        format!("{OPEN}+1ms S > C R K+1:K+1(0)\n"),
        format!("{OPEN}+1ms C > S R. J+1:J+1(0) ack K+1\n"),
        OPEN.replace(")\n", ") vlan 5\n").replace("K+1\n", "K+1 vlan 5\n"),
        OPEN.replace('\n', " vlan 5\n"),
    ] {
        for hosts in [V4, V6] {
            assert!(!passes_by(hosts, &format!("{lead}+1ms {LATER}")), "{lead}");
        }
    }
    let itself = "client 127.0.0.1:5000 server 127.0.0.1:5000\nisn J=7\n";
    let script = "+0 C > S S J:J(0)\n+1us S > C S. J:J(0) ack J+1\n\
                  +1us C > S . J+1:J+1(0) ack J+1\n+1ms C > S . J+11:J+11(0) ack J+1";
    assert!(!passes_by(itself, script));
}
