//! The same packet, seen again.

use parser::Origin;

use super::{
    End, Frame, Limits, Reporting, Run, Script, V4, Way, assert_facts, assert_told, follow_as,
    record, run, tell,
};

/// The verdict on the last segment of a script, over IPv4 and IPv6.
fn last(script: &str) -> &'static str {
    record(script).segments.last().expect("it has segments").verdict.name()
}

/// The same, over IPv4 alone: where it is the IP id that tells.
fn last_by_id(script: &str) -> &'static str {
    let run = run(&format!("{V4}{script}"));
    let [record] = run.records.as_slice() else { panic!("one attempt: {script}") };
    record.segments.last().expect("it has segments").verdict.name()
}

const COPY: &str = "duplicate_capture";
const AGAIN: &str = "retransmission";

/// Each segment of the handshake, and what the other side may say in between.
const SEGMENTS: [(&str, &str, &str); 3] = [
    ("", "C > S S J:J(0)", "S > C S. K:K(0) ack J+1"),
    ("+0 C > S S J:J(0)", "S > C S. K:K(0) ack J+1", "C > S . J+1:J+1(0) ack K+1"),
    (
        "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n",
        "C > S . J+1:J+1(0) ack K+1",
        "S > C S. K:K(0) ack J+1",
    ),
];

#[test]
fn a_packet_with_an_identity_is_known_for_20_ms_whoever_spoke() {
    for (lead, segment, answer) in SEGMENTS {
        for (between, gap) in [("", 0), (answer, 1)] {
            let between = if gap > 0 { format!("+{gap}ms {between}\n") } else { String::new() };
            let script = |ms: u32, id: &str| {
                format!("{lead}\n+1ms {segment} {id}\n{between}+{}ms {segment} {id}", ms - gap)
            };
            let stamped = "<TS val 7 ecr 3> ip_id 0";
            assert_eq!(last(&script(20, stamped)), COPY, "{segment}, {between}");
            assert_ne!(last_or_none(&script(21, stamped)), Some(COPY), "{segment}, {between}");
            assert_eq!(last_by_id(&script(20, "ip_id 9")), COPY, "{segment}, {between}");
            let late = last_by_id_or_none(&script(21, "ip_id 9"));
            assert_ne!(late, Some(COPY), "{segment}, {between}");
        }
    }
}

/// The verdict on the last frame, where it is in the record.
fn last_or_none(script: &str) -> Option<&'static str> {
    let frames = script.lines().filter(|line| line.trim().starts_with('+')).count() as u64;
    let record = record(script);
    record.segments.iter().find(|it| it.frame == frames).map(|it| it.verdict.name())
}

fn last_by_id_or_none(script: &str) -> Option<&'static str> {
    let frames = script.lines().filter(|line| line.trim().starts_with('+')).count() as u64;
    let run = run(&format!("{V4}{script}"));
    run.records[0].segments.iter().find(|it| it.frame == frames).map(|it| it.verdict.name())
}

#[test]
fn a_packet_with_another_hop_limit_is_known_for_200_ms() {
    let syn = "C > S S J:J(0) <TS val 7 ecr 0> ip_id 0";
    let script = |ms, ttl| format!("+0 {syn}\n+{ms}ms {syn} ttl {ttl}");
    assert_eq!(last(&script(200, 63)), COPY);
    assert_eq!(last(&script(201, 63)), AGAIN);
    assert_eq!(last(&script(21, 64)), AGAIN);
    let between = |ms| format!("+0 {syn}\n+1ms S > C S. K:K(0) ack J+1\n+{ms}ms {syn} ttl 63");
    assert_eq!([last(&between(199)), last(&between(200))], [COPY, AGAIN]);
    let by_id = |ms| format!("+0 C > S S J:J(0) ip_id 9\n+{ms}ms C > S S J:J(0) ip_id 9 ttl 63");
    assert_eq!([last_by_id(&by_id(200)), last_by_id(&by_id(201))], [COPY, AGAIN]);
}

#[test]
fn a_packet_of_another_interface_or_file_is_known_for_200_ms() {
    let elsewhere =
        [Origin { source: 0, interface: Some(1) }, Origin { source: 1, interface: None }];
    for origin in elsewhere {
        for (ms, verdict) in [(200, COPY), (201, AGAIN)] {
            let syn = "C > S S J:J(0) ip_id 9";
            let script = Script::parse(&format!("{V4}+0 {syn}\n+{ms}ms {syn}")).unwrap();
            let run = seen(&script, |at, frame| Frame {
                origin: if at == 0 { frame.origin } else { origin },
                ..frame
            });
            assert_eq!(run.records[0].segments[1].verdict.name(), verdict, "{origin:?} {ms}");
        }
    }
}

fn seen(script: &Script, seen: impl for<'a> Fn(usize, Frame<'a>) -> Frame<'a>) -> Run {
    let what = (Limits::default(), Reporting::Records, End::Complete);
    follow_as(script.frames(), what, Way::Glanced, seen)
}

#[test]
fn what_differs_is_no_copy() {
    let first = "C > S S J:J(0) <mss 1460,TS val 7 ecr 0> ip_id 0";
    for second in [
        "C > S S J:J(0) <mss 1460,TS val 8 ecr 0> ip_id 0",
        "C > S S J:J(0) <mss 1400,TS val 7 ecr 0> ip_id 0",
        "C > S S J:J(0) <mss 1460,TS val 7 ecr 0> ip_id 0 win 9",
        "C > S SEW J:J(0) <mss 1460,TS val 7 ecr 0> ip_id 0",
        "C > S S J:J+3(3) <mss 1460,TS val 7 ecr 0> ip_id 0",
    ] {
        assert_eq!(last(&format!("+0 {first}\n+1us {second}")), AGAIN, "{second}");
    }
    for ids in [["9", "10"], ["0", "9"], ["9", "0"]] {
        let syn = |id: &str| format!("C > S S J:J(0) <TS val 7 ecr 0> ip_id {id}");
        assert_eq!(last_by_id(&format!("+0 {}\n+1us {}", syn(ids[0]), syn(ids[1]))), AGAIN);
    }
}

#[test]
fn without_an_identity_a_packet_is_known_for_5_ms_and_until_the_other_side_speaks() {
    let syn = "C > S S J:J(0) ip_id 0";
    assert_eq!(last(&format!("+0 {syn}\n+5ms {syn}")), COPY);
    assert_eq!(last(&format!("+0 {syn}\n+5001us {syn}")), AGAIN);
    assert_eq!(last(&format!("+0 {syn}\n+5001us {syn} ttl 63")), AGAIN);
    // Linux repeats its SYN within 2 jiffies after a bad acknowledgment.
    assert_told(
        &record(&format!(
            "+0 {syn}
             +1ms S > C . K-100:K-100(0) ack J-5000
             +1us C > S R J-5000:J-5000(0)
             +3ms {syn}"
        )),
        "unanswered by capture_end, J 4294967295 K ?, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server ack challenge_ack: SYN-SENT / ?
         3 client rst advanced: SYN-SENT / ?
         4 client syn retransmission: SYN-SENT / ?",
    );
}

#[test]
fn a_known_way_shows_copies_of_what_has_no_identity() {
    // The SYN has a time stamp, what follows has none.
    let told = |by, scope: &str, between: &str| {
        tell(&record(&format!(
            "+0 C > S S J:J(0) <TS val 7 ecr 0> ip_id 0 ttl 64 vlan 1
             +25us C > S S J:J(0) <TS val 7 ecr 0> ip_id 0 ttl {by} vlan 2
             +1ms S > C S. K:K(0) ack J+1 ip_id 0 ttl 64 vlan 2
             {between} S > C S. K:K(0) ack J+1 ip_id 0 ttl 63 {scope}
             +1ms C > S . J+1:J+1(0) ack K+1 ip_id 0 ttl 64 vlan 1
             +25us C > S . J+1:J+1(0) ack K+1 ip_id 0 ttl 63 vlan 2"
        )))
    };
    let copied = "established by capture_end, J 4294967295 K 4294967290
        1 client syn advanced: SYN-SENT / SYN-RECEIVED
        2 client syn duplicate_capture: SYN-SENT / SYN-RECEIVED
        3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
        4 server syn_ack duplicate_capture: ESTABLISHED / SYN-RECEIVED
        5 client ack advanced: ESTABLISHED / ESTABLISHED
        6 client ack duplicate_capture: ESTABLISHED / ESTABLISHED";
    assert_eq!(told(63, "vlan 1", "+5ms"), copied.replace("\n        ", "\n"));
    // Too late, by another number of hops, in a third scope.
    for (by, scope, between) in
        [(63, "vlan 1", "+5001us"), (62, "vlan 1", "+25us"), (63, "vlan 3", "+25us")]
    {
        let told = told(by, scope, between);
        assert!(told.contains("\n4 server syn_ack retransmission"), "{by} {scope}: {told}");
    }
}

#[test]
fn copies_of_a_whole_handshake_change_neither_counts_nor_clock() {
    let once = "+0 C > S S J:J(0) <TS val 1 ecr 0> ip_id 0
         +1ms S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> ip_id 0
         +1ms C > S . J+1:J+1(0) ack K+1 <TS val 2 ecr 5> ip_id 0";
    // The copies come after the others have spoken: 16 ms later, all of them.
    let twice = format!("{once}\n{}", once.replacen("+0", "+14ms", 1));
    let routed = once.replace('\n', "\n+16us dup ttl 63\n") + "\n+16us dup ttl 63";
    let expected = "established by capture_end, JK\n2ms = 0s + 1ms + 0s + 1ms";
    assert_facts(&record(once), expected);
    assert_facts(&record(&twice), expected);
    assert_told(
        &record(&twice),
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED
         4 client syn duplicate_capture: ESTABLISHED / ESTABLISHED
         5 server syn_ack duplicate_capture: ESTABLISHED / ESTABLISHED
         6 client ack duplicate_capture: ESTABLISHED / ESTABLISHED",
    );
    assert_facts(
        &record(&routed),
        "established by capture_end, JK\n2032us = 0s + 1016us + 0s + 1016us",
    );
}

#[test]
fn a_copy_of_the_syn_ack_after_the_acknowledgment_is_no_sign_of_a_drop() {
    let script = |ttl| {
        format!(
            "+0 C > S S J:J(0) <TS val 1 ecr 0>
             +1ms S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> ip_id 0
             +1ms C > S . J+1:J+1(0) ack K+1 <TS val 2 ecr 5>
             +199ms S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> ip_id 0 ttl {ttl}"
        )
    };
    assert_facts(&record(&script(63)), "established by capture_end, JK\n2ms = 0s + 1ms + 0s + 1ms");
    assert_eq!(record(&script(64)).syn_ack_retransmissions, 1);
}

#[test]
fn the_answer_to_a_repeated_syn_is_no_copy_of_the_syn_ack_before_it() {
    // The timers of both sides run out in one tick, the server's first.
    let script = |id: &str, place: &str| {
        format!(
            "+0 C > S S J:J(0) <TS val 1 ecr 0> ip_id 1
             +1us S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> {id}
             +5us C > S S J:J(0) <TS val 2 ecr 0> ip_id 2
             +5us S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> {id} {place}"
        )
    };
    assert_eq!(last(&script("ip_id 0", "")), AGAIN);
    assert_eq!(last(&script("ip_id 0", "ttl 63")), COPY);
    assert_eq!(last_by_id(&script("ip_id 9", "")), COPY);
    // A wrong answer is none to that SYN.
    assert_eq!(last(&script("ip_id 0", "").replace("ack J+1", "ack J-9")), COPY);
    // A copy of the client's SYN asks for nothing.
    let copied = script("ip_id 0", "").replace("val 2 ecr 0> ip_id 2", "val 1 ecr 0> ip_id 1");
    assert_eq!(last(&copied), COPY);
}

#[test]
fn packets_without_a_time_are_known_by_their_id_alone() {
    let verdict = |id: u32| {
        let syn = format!("C > S S J:J(0) ip_id {id}");
        let script = Script::parse(&format!("{V4}+0 {syn}\n+0 {syn}")).unwrap();
        let run = seen(&script, |_, frame| Frame { timestamp: None, ..frame });
        run.records[0].segments[1].verdict.name()
    };
    assert_eq!([verdict(9), verdict(0)], [COPY, AGAIN]);
}

#[test]
fn the_syn_ack_of_the_client_that_comes_again_after_the_end_opens_nothing() {
    let record = record(
        "+0 C > S S J:J(0)
         +1us S > C S K:K(0)
         +1ms C > S S. J:J(0) ack K+1
         +1us S > C S. K:K(0) ack J+1
         +1ms S > C P. K+1:K+2(1) ack J+1
         +100ms C > S S. J:J(0) ack K+1",
    );
    assert_eq!((record.outcome.name(), record.segments.len()), ("established", 4));
}

#[test]
fn copies_made_by_the_capture_are_no_retransmissions() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1us dup ttl 63
             +1ms S > C S. K:K(0) ack J+1
             +1us dup
             +1ms C > S . J+1:J+1(0) ack K+1
             +1us dup",
        ),
        "established by capture_end, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 client syn duplicate_capture: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         4 server syn_ack duplicate_capture: ESTABLISHED / SYN-RECEIVED
         5 client ack advanced: ESTABLISHED / ESTABLISHED
         6 client ack duplicate_capture: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn the_ip_id_alone_proves_no_copy_and_shows_a_retransmission() {
    let again = |first: &str, second: &str| {
        let run = run(&format!(
            "{V4}+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1 {first}\n+1us S > C S. K:K(0) ack J+1 {second}"
        ));
        run.records[0].segments[2].verdict.name()
    };
    assert_eq!(again("ip_id 0", "ip_id 0"), "duplicate_capture");
    assert_eq!(again("ip_id 7", "ip_id 7"), "duplicate_capture");
    assert_eq!(again("ip_id 7", "ip_id 8"), "retransmission");
}

#[test]
fn segments_are_the_same_where_flags_and_numbers_are() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1 ip_id 7
         +1 S > C S. K:K(0) ack J+1 ip_id 8
         +1ms S > C S. K+9:K+9(0) ack J+1
         +1ms S > C . K:K(0) ack J+1",
    );
    let same = |at: usize| record.segments[1].is_same_as(&record.segments[at]);
    assert_eq!([0, 1, 2, 3, 4].map(same), [false, true, true, false, false]);
}
