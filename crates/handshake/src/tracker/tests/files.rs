//! Segments of one attempt from several files.

use parser::Origin;

use super::{End, Frame, Limits, Reporting, Script, V4, Way, assert_facts, follow_as};
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
