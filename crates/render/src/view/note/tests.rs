use parser::SeqNumber;

use super::*;
use crate::fixture::{self, J, K};

/// The note on the SYN-ACK of an ordinary handshake after a change to it.
fn changed(change: impl FnOnce(&mut SegmentRecord)) -> Option<String> {
    let mut handshake = fixture::established();
    change(&mut handshake.segments[1]);
    note(&handshake, 1, true)
}

fn acknowledges(found: SeqNumber, data: u32) -> Option<String> {
    changed(|segment| segment.ack_check = Some(AckCheck { isn: J, data, found }))
}

#[test]
fn acknowledgments_are_told_with_their_arithmetic() {
    assert_eq!(acknowledges(J.plus(1), 0).as_deref(), Some("ack = J+1 ok"));
    assert_eq!(acknowledges(J.plus(6), 5).as_deref(), Some("ack = J+6 ok"));
    assert_eq!(acknowledges(J, 0).as_deref(), Some("ack is J, expected J+1"));
    assert_eq!(acknowledges(J.minus(4_999), 0).as_deref(), Some("ack is J-4999, expected J+1"));
    assert_eq!(acknowledges(J.plus(7), 5).as_deref(), Some("ack is J+7, expected J+1 to J+6"));
}

#[test]
fn a_wrong_ack_is_said_once() {
    let wrong = changed(|segment| {
        segment.verdict = Verdict::Unacceptable(Why::WrongAck);
        segment.ack_check = Some(AckCheck { isn: J, data: 0, found: J });
    });
    assert_eq!(wrong.as_deref(), Some("ack is J, expected J+1"));
    let wrong = changed(|segment| {
        segment.verdict = Verdict::Unacceptable(Why::WrongAck);
        segment.ack_check = None;
    });
    assert_eq!(wrong.as_deref(), Some("wrong ack"));
}

#[test]
fn sequence_numbers_are_compared_across_the_wrap() {
    let mut handshake = fixture::wrap();
    handshake.segments[2].ack_check = None;
    handshake.segments[2].verdict =
        Verdict::Unacceptable(Why::WrongSeq { expected: SeqNumber(u32::MAX - 9) });
    assert_eq!(note(&handshake, 2, true).as_deref(), Some("seq is J+1, expected J-9"));
    handshake.segments[1].verdict = Verdict::Unacceptable(Why::WrongSeq { expected: SeqNumber(9) });
    handshake.segments[1].ack_check = None;
    handshake.server_isn = None;
    assert_eq!(note(&handshake, 1, true).as_deref(), Some("seq is 4294967295, expected 9"));
}

#[test]
fn a_path_mtu_report_tells_the_mtu() {
    let mut handshake = fixture::unreachable();
    let error = handshake.segments[1].icmp.as_mut().expect("it is one");
    error.code = 4;
    error.mtu = Some(1_400);
    let expected = "fragmentation needed, reported by 192.0.2.254, MTU 1400";
    assert_eq!(note(&handshake, 1, true).as_deref(), Some(expected));
}

#[test]
fn segments_without_a_time_are_told_without_one() {
    let mut handshake = fixture::unanswered();
    handshake.segments[1].timestamp = None;
    assert_eq!(note(&handshake, 1, true).as_deref(), Some("sent again after frame 1"));
    assert_eq!(note(&handshake, 0, true), None);
    assert_eq!(note(&handshake, 99, true), None);
    assert_eq!(changed(|segment| segment.seq = K.plus(1)).as_deref(), Some("ack = J+1 ok"));
}
