//! From scripts to the names of their patterns: frames, decoder, tracker and rules together.

mod claims;

use handshake::{End, Event, Limits, Reporting, Tracker, recognise};
use parser::{Frame, LinkType, Origin, Timestamp};

const V4: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n";
const V6: &str = "client [2001:db8::1]:40000 server [2001:db8::2]:80\nrouter 2001:db8::fe\n";
/// Near the wrap, and where the sign changes.
const ISNS: [&str; 2] =
    ["isn J=4294967295 K=4294967295 I=5000\n", "isn J=2147483647 K=2147483648 I=9\n"];

/// The names of the patterns of each attempt, in the order of their first segments, when every
/// retransmission is overdue.
fn patterns(script: &str) -> Vec<Vec<&'static str>> {
    patterns_after(script, 600_000_000_000)
}

/// The same, where the capture goes on for so many nanoseconds after its last frame.
fn patterns_after(script: &str, silence: i64) -> Vec<Vec<&'static str>> {
    let script = testkit::Script::parse(script).unwrap();
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut found = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            let names: Vec<_> =
                recognise(record).iter().map(|pattern| pattern.name.name()).collect();
            found.push((record.id, names));
        }
    };
    for (number, frame) in (1..).zip(script.frames()) {
        let link = LinkType(frame.link);
        let timestamp = Some(Timestamp::from_nanos(frame.timestamp_ns));
        let (origin, wire_len) = (Origin::default(), frame.wire_len);
        let frame = Frame { origin, number, timestamp, link, wire_len, bytes: &frame.bytes };
        tracker.on_frame(&frame, &mut on_event);
    }
    let last = script.frames().last().expect("a script has frames").timestamp_ns;
    tracker.advance_to(Timestamp::from_nanos(last + silence), &mut on_event);
    tracker.finish(End::Complete, &mut on_event);
    found.sort_unstable();
    found.into_iter().map(|(_, names)| names).collect()
}

/// The script shows just these patterns, in attempts one after the other, whatever the family and
/// the ISNs.
#[track_caller]
fn shows(script: &str, expected: &[&[&str]]) {
    for hosts in [V4, V6] {
        for isns in ISNS {
            assert_eq!(
                patterns(&format!("{hosts}{isns}{script}")),
                expected,
                "{hosts}{isns}{script}"
            );
        }
    }
}

#[test]
fn handshakes_that_succeed() {
    shows(
        "+0    C > S  S   J:J(0)
         +10ms S > C  S.  K:K(0) ack J+1
         +10ms C > S  .   J+1:J+1(0) ack K+1
         +10ms S > C  P.  K+1:K+21(20) ack J+1",
        &[&["three_way"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +10ms S > C  S.  K:K(0) ack J+1
         +10ms C > S  P.  J+1:J+101(100) ack K+1
         +10ms S > C  .   K+1:K+1(0) ack J+101",
        &[&["three_way", "ack_with_data"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         =1.02 C > S  S   J:J(0)
         +10ms S > C  S.  K:K(0) ack J+1
         +10ms C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "late_establish"]],
    );
}

#[test]
fn silence() {
    shows(
        "+0    C > S  S   J:J(0)
         =1.02 C > S  S   J:J(0)
         =3.04 C > S  S   J:J(0)
         =7.1  C > S  S   J:J(0)",
        &[&["syn_timeout"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         =7    S > C  S.  K:K(0) ack J+1
         =8    S > C  S.  K:K(0) ack J+1
         =10   S > C  S.  K:K(0) ack J+1",
        &[&["embryonic"]],
    );
}

#[test]
fn a_listener_that_answers_another_client() {
    let other = "host C2 192.0.2.9:40001\n";
    let script = "+0    C > S   S   J:J(0)
                  =1    C > S   S   J:J(0)
                  =1.5  C2 > S  S   I:I(0)
                  +1ms  S > C2  S.  K:K(0) ack I+1
                  +1ms  C2 > S  .   I+1:I+1(0) ack K+1
                  =3    C > S   S   J:J(0)";
    let expected: [&[&str]; 2] = [&["syn_timeout", "listener_stalled"], &["three_way"]];
    assert_eq!(patterns(&format!("{V4}{other}{}{script}", ISNS[0])), expected);
}

#[test]
fn refusals() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  R.  0:0(0) ack J+1",
        &[&["closed_port"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         =1    C > S  S   J:J(0)
         =3    C > S  S   J:J(0)
         =3.1  S > C  R.  0:0(0) ack J+1",
        &[&["refused_after_stall"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  R   0:0(0)
         =1    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "late_establish", "rst_ignored"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  R.  0:0(0) ack J-4999
         =1    C > S  S   J:J(0)",
        &[&["rst_ignored"]],
    );
}

#[test]
fn icmp_errors() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  R > C  icmp unreachable host quoting J",
        &[&["icmp_unreachable"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  icmp unreachable port quoting J",
        &[&["icmp_unreachable"]],
    );
    shows(
        "+0    C > S  S   J:J(0) ttl 3
         +1ms  R > C  icmp ttl_exceeded quoting J",
        &[&["icmp_ttl_exceeded"]],
    );
}

#[test]
fn a_scan() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  R   J+1:J+1(0)",
        &[&["syn_probe"]],
    );
}

#[test]
fn acknowledgments_that_the_server_drops() {
    shows(
        "+0    C > S  S   J:J(0)
         +0    S > C  S.  K:K(0) ack J+1
         +0    C > S  .   J+1:J+1(0) ack K+1
         =1    S > C  S.  K:K(0) ack J+1
         +0    C > S  .   J+1:J+1(0) ack K+1
         =3    S > C  S.  K:K(0) ack J+1
         +0    C > S  .   J+1:J+1(0) ack K+1",
        &[&["accept_queue_overflow"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +0    S > C  S.  K:K(0) ack J+1
         +0    C > S  .   J+1:J+1(0) ack K+1
         =1    S > C  S.  K:K(0) ack J+1
         +0    C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1
         +1ms  S > C  R   K+1:K+1(0)",
        &[&["abort_on_overflow"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1
         +1ms  S > C  R.  K+1:K+1(0) ack J+1",
        &[&["three_way"]],
    );
}

#[test]
fn older_connections() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  .   I:I(0) ack J-4999
         +0    C > S  R   J-4999:J-4999(0)
         +10ms C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "half_open_recovery"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  .   I:I(0) ack J-4999
         =1    C > S  S   J:J(0)
         +1ms  S > C  .   I:I(0) ack J-4999",
        &[&["challenge_ack"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  I:I(0) ack J-4999
         +0    C > S  R   J-4999:J-4999(0)
         =1    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "old_duplicate_syn"]],
    );
}

#[test]
fn port_reuse_and_time_wait() {
    let first = "+0   C > S  S   I:I(0)
                 +1ms S > C  S.  K:K(0) ack I+1
                 +1ms C > S  .   I+1:I+1(0) ack K+1
                 +1ms C > S  F.  I+1:I+1(0) ack K+1
                 +1ms S > C  F.  K+1:K+1(0) ack I+2
                 +1ms C > S  .   I+2:I+2(0) ack K+2\n";
    shows(
        &format!(
            "{first}
             =20  C > S  S   J:J(0)
             +1ms S > C  S.  K+5000:K+5000(0) ack J+1
             +1ms C > S  .   J+1:J+1(0) ack K+5001"
        ),
        &[&["three_way"], &["three_way", "port_reuse"]],
    );
    shows(
        &format!(
            "{first}
             =20  C > S  S   J:J(0)
             =21  C > S  S   J:J(0)"
        ),
        &[&["three_way"], &["syn_timeout", "port_reuse", "time_wait_hit"]],
    );
}

#[test]
fn other_openings() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S   K:K(0)
         +4ms  C > S  S.  J:J(0) ack K+1
         +1ms  S > C  S.  K:K(0) ack J+1",
        &[&["simultaneous_open"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  .   K-5:K-5(0) ack J+1
         +1ms  S > C  S   K:K(0)
         +1ms  C > S  S.  J:J(0) ack K+1
         +1ms  S > C  .   K+1:K+1(0) ack J+1",
        &[&["split_handshake"]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  S > C  S.  K+99999:K+99999(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "syn_ack_mismatch"]],
    );
    let itself = "host X 127.0.0.1:40000\nisn J=4294967295\n
                  +0    X > X  S   J:J(0)
                  +1us  X > X  S.  J:J(0) ack J+1
                  +1us  X > X  .   J+1:J+1(0) ack J+1";
    assert_eq!(patterns(itself), [["three_way", "self_connect"]]);
}

#[test]
fn fast_open() {
    shows(
        "+0    C > S  S   J:J(0) <mss 1460,FO>
         +1ms  S > C  S.  K:K(0) ack J+1 <mss 1460,FO 0102030405060708>
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "fast_open_cookie_request"]],
    );
    shows(
        "+0    C > S  S   J:J+100(100) <mss 1460,FO 0102030405060708>
         +1ms  S > C  S.  K:K(0) ack J+101 <mss 1460>
         +1ms  C > S  .   J+101:J+101(0) ack K+1",
        &[&["three_way", "fast_open_accepted"]],
    );
    shows(
        "+0    C > S  S   J:J+100(100) <mss 1460,FOEXP 0102030405060708>
         +1ms  S > C  S.  K:K(0) ack J+1 <mss 1460>
         +1ms  C > S  P.  J+1:J+101(100) ack K+1",
        &[&["three_way", "ack_with_data", "fast_open_ignored"]],
    );
    shows(
        "+0    C > S  S   J:J+100(100) <mss 1460,FO 0102030405060708>
         =1    C > S  S   J:J(0) <mss 1460>
         +1ms  S > C  S.  K:K(0) ack J+1 <mss 1460>
         +1ms  C > S  P.  J+1:J+101(100) ack K+1",
        &[&["three_way", "ack_with_data", "late_establish", "fast_open_fallback"]],
    );
}

#[test]
fn negotiation() {
    shows(
        "+0    C > S  SEW   J:J(0)
         +1ms  S > C  S.E   K:K(0) ack J+1
         +1ms  C > S  .     J+1:J+1(0) ack K+1",
        &[&["three_way", "ecn_setup"]],
    );
    shows(
        "+0    C > S  SEWA  J:J(0)
         +1ms  S > C  S.W   K:K(0) ack J+1
         +1ms  C > S  .     J+1:J+1(0) ack K+1",
        &[&["three_way", "accecn"]],
    );
    shows(
        "+0    C > S  SEW   J:J(0)
         =1    C > S  S     J:J(0)
         +1ms  S > C  S.    K:K(0) ack J+1
         +1ms  C > S  .     J+1:J+1(0) ack K+1",
        &[&["three_way", "late_establish", "ecn_fallback"]],
    );
    shows(
        "+0    C > S  S     J:J(0) <mss 1460,mptcp 0101>
         +1ms  S > C  S.    K:K(0) ack J+1 <mss 1460,mptcp 01010102030405060708>
         +1ms  C > S  .     J+1:J+1(0) ack K+1",
        &[&["three_way", "mptcp_capable"]],
    );
    shows(
        "+0    C > S  S     J:J(0) <mss 1460,mptcp 10010102030405060708>
         +1ms  S > C  S.    K:K(0) ack J+1 <mss 1460>
         +1ms  C > S  .     J+1:J+1(0) ack K+1",
        &[&["three_way", "mptcp_fallback"]],
    );
    shows(
        "+0    C > S  S     J:J(0) <md5 000102030405060708090a0b0c0d0e0f>
         =1    C > S  S     J:J(0) <md5 000102030405060708090a0b0c0d0e0f>",
        &[&["syn_timeout", "tcp_md5"]],
    );
}

#[test]
fn refused_options_and_options_that_the_capture_cut() {
    let script = |cut| {
        format!(
            "+0    C > S  S   J:J(0) <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
             +1ms  S > C  S.  K:K(0) ack J+1 <mss 1460,sackOK,TS val 1 ecr 1> {cut}
             +1ms  C > S  .   J+1:J+1(0) ack K+1"
        )
    };
    shows(&script(""), &[&["three_way", "option_refused"]]);
    assert_eq!(patterns(&format!("{V4}{}{}", ISNS[0], script("cut 58"))), [["three_way"]]);
}

#[test]
fn what_the_capture_makes_of_it() {
    shows(
        "+0    C > S  S   J:J(0)
         +20us dup ttl 63
         +1ms  S > C  S.  K:K(0) ack J+1
         +20us dup ttl 63
         +1ms  C > S  .   J+1:J+1(0) ack K+1",
        &[&["three_way", "duplicate_capture"]],
    );
    shows(
        "+0    S > C  S.  K:K(0) ack J+1
         =1    S > C  S.  K:K(0) ack J+1",
        &[&["backscatter"]],
    );
}
