//! What attempts are called, against sums that other programs made: sha256sum(1), and the package
//! `communityid` of the Community ID's authors.

use handshake::{End, Event, Handshake, Limits, Reporting, Tracker};
use parser::{Frame, LinkType, Timestamp};
use testkit::Script;

const V4: &str = "client 128.232.110.120:34855 server 66.35.250.204:80\n";
const V6: &str = "client [2001:db8::1]:50000 server [2001:db8::2]:443\n";
/// J is near the wrap.
const ISNS: &str = "isn J=4294967295 K=7\n";
const SYN: &str = "+0 C > S S J:J(0)\n";
const SYN_ACK: &str = "+1ms S > C S. K:K(0) ack J+1\n";
const ACK: &str = "+1ms C > S . J+1:J+1(0) ack K+1\n";

/// The records of a script. The frames have their times, or none.
fn records_at(script: &[&str], has_times: bool) -> Vec<Handshake> {
    let script = Script::parse(&script.concat()).expect("a script");
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut found = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(handshake) = event {
            found.push(handshake.clone());
        }
    };
    for (number, frame) in (1..).zip(script.frames()) {
        let timestamp = has_times.then(|| Timestamp::from_nanos(frame.timestamp_ns));
        let read = Frame::of_bytes(LinkType(frame.link), frame.wire_len, &frame.bytes);
        tracker.on_frame(&Frame { number, timestamp, ..read }, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    found
}

#[track_caller]
fn uid(script: &[&str]) -> String {
    let [record] = &records_at(script, true)[..] else { panic!("{script:?} is one attempt") };
    record.uid().to_string()
}

#[test]
fn the_uid_is_the_sum_that_the_document_says() {
    // printf 'tcp 128.232.110.120:34855 > 66.35.250.204:80 J=4294967295 start=1700000000000000000' |
    // sha256sum | head -c 32, and so on.
    for (script, expected) in [
        (&[V4, ISNS, SYN][..], "09d0e3115bfd2d5e6535eab7f686fb88"),
        (&[V6, ISNS, SYN], "0b284e075f8abe7ed71dbebdd895862e"),
        (
            &[V6, ISNS, "start 1.5\n", "+0 C > S S J:J(0) vlan 300 vlan 50\n"],
            "85d41b9bd5c5c6a144c69e1cfa3f2fbd",
        ),
        (&[V4, ISNS, "+0 C > S S J:J(0) vxlan 42\n"], "f63bb4a7673c94987ed992c2aa460f80"),
    ] {
        assert_eq!(uid(script), expected, "{script:?}");
    }
    let without = records_at(&[V4, ISNS, SYN], false);
    assert_eq!(without[0].uid().to_string(), "add67d1da9474c65414b86e8a18fa12c");
}

#[test]
fn the_uid_depends_on_the_beginning_alone() {
    for hosts in [V4, V6] {
        let uid = |packets: &[&str]| uid(&[&[hosts, ISNS][..], packets].concat());
        let begun = uid(&[SYN]);
        assert_eq!(uid(&[SYN, SYN_ACK, ACK]), begun);
        assert_eq!(uid(&[SYN, "+1s C > S S J:J(0)\n", "+1ms S > C R. 0:0(0) ack J+1\n"]), begun);
        for other in
            ["+1ns C > S S J:J(0)\n", "+0 C > S S J+1:J+1(0)\n", "+0 C > S S J:J(0) vlan 1\n"]
        {
            assert_ne!(uid(&["start 1700000000\n", other]), begun, "{other}");
        }
        // Seen from the middle on, it is another beginning.
        assert_ne!(uid(&[SYN_ACK, ACK]), begun);
    }
}

/// A packet in another one, between these ends of a tunnel (IP in IP, RFC 2003).
fn in_tunnel([source, destination]: [u8; 2], packet: &[u8]) -> Vec<u8> {
    let len = u8::try_from(20 + packet.len()).expect("it is short");
    let addresses = [10, 0, 0, source, 10, 0, 0, destination];
    [&[0x45, 0, 0, len, 0, 0, 0x40, 0, 64, 4, 0, 0][..], &addresses, packet].concat()
}

#[test]
fn a_tunnel_tells_attempts_apart_and_its_direction_does_not() {
    const ETHERNET: usize = 14;
    let script = Script::parse(&[V4, ISNS, SYN].concat()).expect("a script");
    let packet = &script.frames()[0].bytes[ETHERNET..];
    let uid = |ends| {
        let bytes = in_tunnel(ends, packet);
        let frame = Frame::of_bytes(LinkType::RAW, bytes.len() as u32, &bytes);
        let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
        let mut found = None;
        let mut on_event = |event: Event<'_>| {
            if let Event::Ended(handshake) = event {
                found = Some(handshake.uid());
            }
        };
        tracker.on_frame(&frame, &mut on_event);
        tracker.finish(End::Complete, &mut on_event);
        found.expect("a SYN is an attempt")
    };
    assert_eq!(uid([1, 2]), uid([2, 1]));
    assert_ne!(uid([1, 2]), uid([1, 3]));
}

#[test]
fn the_community_id_is_that_of_its_authors() {
    for (hosts, expected) in [
        (V4, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        (
            "client 66.35.250.204:80 server 128.232.110.120:34855\n",
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        ),
        (V6, "1:YXqXufkGr4i6TbJJYF83fvyDLZ8="),
        ("client [::1]:8080 server [::1]:8080\n", "1:Snuan4uhXYv4XvPjsyoLwbc/23w="),
        ("client 10.0.0.1:5 server 10.0.0.1:4\n", "1:gLmjZuaRsMk4vbmk5HxV9Jb1iQg="),
    ] {
        let records = records_at(&[hosts, ISNS, SYN], true);
        assert_eq!(records[0].community_id().to_string(), expected, "{hosts}");
    }
}
