//! Segments of one attempt from several files.

use parser::Origin;

use super::{
    End, Frame, Limits, OPEN, Reporting, Script, V4, V6, Way, assert_facts, but_patterns, facts_of,
    follow_as,
};
use crate::record::Handshake;

/// The one record of frames, each with the file and the number that `of` gives it.
fn of_files(script: &str, of: impl Fn(usize) -> (u16, u64)) -> Handshake {
    let script = Script::parse(&format!("{V4}{script}")).unwrap();
    let what = (Limits::default(), Reporting::Records, End::Complete);
    let mut run = follow_as(script.frames(), what, Way::Glanced, |at, frame| {
        let (source, number) = of(at);
        Frame { origin: Origin { source, interface: None }, number, ..frame }
    });
    assert_eq!(run.records.len(), 1);
    run.records.remove(0)
}

#[test]
fn a_round_trip_is_measured_where_the_first_segment_was_captured() {
    // The second file is 5 ms nearer to the server. Its frames are the uneven ones of each pair.
    let script = "=0 C > S S J:J(0) <TS val 1 ecr 0> ip_id 1
         =5ms C > S S J:J(0) <TS val 1 ecr 0> ip_id 1
         =10ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1> ip_id 2
         =15ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1> ip_id 2
         =1.010 S > C S. K:K(0) ack J+1 <TS val 8 ecr 1> ip_id 3
         =1.015 S > C S. K:K(0) ack J+1 <TS val 8 ecr 1> ip_id 3
         =1.016 C > S . J+1:J+1(0) ack K+1 <TS val 9 ecr 8> ip_id 4
         =1.021 C > S . J+1:J+1(0) ack K+1 <TS val 9 ecr 8> ip_id 4";
    let record = of_files(script, |at| ([0, 1, 1, 0, 1, 0, 0, 1][at], at as u64 + 1));
    assert_facts(
        &record,
        "established by capture_end, JK, again 0/1\n1016ms = 0s + 15ms + 1s + 1ms",
    );
}

#[test]
fn frame_numbers_of_two_files_tell_no_order() {
    let script = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    for files in [[(0, 100), (1, 1), (0, 101)], [(0, 100), (0, 101), (1, 1)]] {
        let record = of_files(script, |at| files[at]);
        assert_facts(&record, "established by capture_end, JK\n2ms = 0s + 1ms + 0s + 1ms");
    }
}

/// Those that end at one moment may end in another order.
fn by_id(mut records: Vec<Handshake>) -> Vec<Handshake> {
    records.sort_by_key(|record| record.id);
    records
}

/// Attempts on the plain course keep where each segment was captured in two halves. With a file for each frame,
/// a few attempts are in files whose numbers do not have the same upper half.
#[test]
fn each_segment_says_which_of_many_files_it_came_from() {
    for hosts in [V4, V6] {
        let frames: Vec<_> = (0..300)
            .flat_map(|number| {
                let hosts = hosts.replace("40000", &(40_000 + number).to_string());
                let script = OPEN.replace("+0", &format!("={}ms", 10 * number));
                Script::parse(&format!("{hosts}{script}")).unwrap().into_frames()
            })
            .collect();
        let follow = |reporting, way| {
            let what = (Limits::default(), reporting, End::Complete);
            follow_as(&frames, what, way, |at, frame| Frame {
                origin: Origin { source: at as u16, interface: None },
                ..frame
            })
        };
        let full = by_id(follow(Reporting::Records, Way::Full).records);
        assert_eq!(full.len(), 300);
        for (number, record) in (0..).zip(&full) {
            let files: Vec<_> = record.segments.iter().map(|it| it.origin.source).collect();
            assert_eq!(files, [3 * number, 3 * number + 1, 3 * number + 2]);
        }
        for way in [Way::Glanced, Way::Ahead, Way::WithClues, Way::Decoded] {
            assert!(by_id(follow(Reporting::Records, way).records) == full, "{way:?}");
            let mut facts = follow(Reporting::Facts, way).facts;
            facts.sort_by_key(|facts| facts.id);
            assert!(but_patterns(&facts) == facts_of(&full), "{way:?}");
        }
    }
}
