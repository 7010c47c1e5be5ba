//! What other programs print of handshakes, against what they do print. For Wireshark a test of the
//! program asks tshark too.

use handshake::{Completeness, End, Event, Handshake, Limits, Reporting, Tracker, ZeekConnection};
use parser::{Frame, LinkType, Origin, Timestamp};
use testkit::Script;

const V4: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n";
const V6: &str = "client [2001:db8::1]:40000 server [2001:db8::2]:80\nrouter 2001:db8::fe\n";
const ISNS: &str = "isn J=4294967295 K=4294967290\n";

const SYN: &str = "+0 C > S S J:J(0)\n";
const SYN_ACK: &str = "+1ms S > C S. K:K(0) ack J+1\n";
const ACK: &str = "+1ms C > S . J+1:J+1(0) ack K+1\n";

/// The record of a script, the same for both families.
#[track_caller]
fn record(packets: &[&str]) -> [Handshake; 2] {
    [V4, V6].map(|hosts| {
        let script = Script::parse(&[hosts, ISNS, &packets.concat()].concat()).unwrap();
        let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
        let mut found = Vec::new();
        let mut on_event = |event: Event<'_>| {
            if let Event::Ended(handshake) = event {
                found.push(handshake.clone());
            }
        };
        for (number, frame) in (1..).zip(script.frames()) {
            let frame = Frame {
                origin: Origin::default(),
                number,
                timestamp: Some(Timestamp::from_nanos(frame.timestamp_ns)),
                link: LinkType(frame.link),
                wire_len: frame.wire_len,
                bytes: &frame.bytes,
            };
            tracker.on_frame(&frame, &mut on_event);
        }
        tracker.finish(End::Complete, &mut on_event);
        assert_eq!(found.len(), 1, "{packets:?}");
        found.swap_remove(0)
    })
}

#[track_caller]
fn assert_printed(packets: &[&str], (bits, letters): (u8, &str), (state, history): (&str, &str)) {
    for record in record(packets) {
        let completeness = Completeness::of(&record);
        let zeek = ZeekConnection::of(&record);
        assert_eq!(
            (completeness.0, &*completeness.letters('.'), zeek.state.name(), &*zeek.history),
            (bits, letters, state, history),
            "{packets:?}"
        );
    }
}

#[test]
fn a_handshake_is_established_for_zeek_from_the_syn_ack_on() {
    assert_printed(&[SYN], (1, ".....S"), ("S0", "S"));
    assert_printed(&[SYN, SYN_ACK], (3, "....SS"), ("S1", "Sh"));
    assert_printed(&[SYN, SYN_ACK, ACK], (7, "...ASS"), ("S1", "ShA"));
    // Repeats and copies change nothing.
    let repeats = [SYN, "+1s C > S S J:J(0)\n", SYN_ACK, "+1us dup ttl 63\n", ACK];
    assert_printed(&repeats, (7, "...ASS"), ("S1", "ShA"));
}

#[test]
fn data_with_the_acknowledgment_is_no_acknowledgment() {
    let data = "+1ms C > S P. J+1:J+11(10) ack K+1\n";
    assert_printed(&[SYN, SYN_ACK, data], (11, "..D.SS"), ("S1", "ShD"));
    let fast_open = "+0 C > S S J:J+10(10) <FO 0102030405060708>\n";
    let answer = "+1ms S > C S. K:K(0) ack J+11\n";
    assert_printed(&[fast_open, answer], (11, "..D.SS"), ("S1", "Sh"));
}

#[test]
fn a_reset_is_rejected_or_not_by_who_sent_it_when() {
    let refused = "+1ms S > C R. 0:0(0) ack J+1\n";
    assert_printed(&[SYN, refused], (37, "R..A.S"), ("REJ", "Sr"));
    let client = "+1ms C > S R J+1:J+1(0)\n";
    assert_printed(&[SYN, SYN_ACK, client], (35, "R...SS"), ("RSTO", "ShR"));
    assert_printed(&[SYN, client], (33, "R....S"), ("RSTOS0", "SR"));
    let server = "+1ms S > C R K+1:K+1(0)\n";
    assert_printed(&[SYN, SYN_ACK, server], (35, "R...SS"), ("RSTR", "Shr"));
    assert_printed(&[SYN, SYN_ACK, ACK, server], (39, "R..ASS"), ("RSTR", "ShAr"));
}

#[test]
fn icmp_errors_are_nothing_for_either() {
    let error = "+1ms R > C icmp unreachable port quoting J\n";
    assert_printed(&[SYN, error], (1, ".....S"), ("S0", "S"));
}

#[test]
fn a_capture_without_the_syn_is_partial() {
    assert_printed(&[SYN_ACK, ACK], (6, "...AS."), ("S1", "^hA"));
    let reset = "+1ms C > S R J+1:J+1(0)\n";
    assert_printed(&[SYN_ACK, reset], (34, "R...S."), ("RSTO", "^hR"));
}

#[test]
fn crossing_syns_are_established() {
    let server = "+1ms S > C S K:K(0)\n";
    let both = "+1ms C > S S. J:J(0) ack K+1\n+0 S > C S. K:K(0) ack J+1\n";
    assert_printed(&[SYN, server, both], (3, "....SS"), ("S1", "Ss"));
}
