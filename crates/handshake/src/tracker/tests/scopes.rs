//! VLANs and tunnels: what they tell apart, and what they do not.

use super::{
    End, Limits, Reporting, Script, V4, assert_facts, assert_told, record, records, run,
    run_frames, stacks, told,
};
use crate::record::{EndedBy, Handshake, Outcome};

/// A handshake whose packets have an identity over IPv6 too.
const STAMPED: &str = "+0 C > S S J:J(0) <TS val 1 ecr 0> ip_id 0
     +1ms S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> ip_id 0
     +1ms C > S . J+1:J+1(0) ack K+1 <TS val 2 ecr 5> ip_id 0";

/// Each packet in one scope, and `gap` later in another.
fn seen_twice(first: &str, gap: &str, second: &str) -> String {
    let lines = STAMPED.lines().map(|line| format!("{line} {first}\n+{gap} dup {second}\n"));
    lines.collect()
}

#[test]
fn a_routed_mirror_port_shows_one_connection() {
    let record = record(&seen_twice("vlan 300 ttl 63", "16us", "vlan 50 ttl 62"));
    assert_told(
        &record,
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 client syn duplicate_capture: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         4 server syn_ack duplicate_capture: ESTABLISHED / SYN-RECEIVED
         5 client ack advanced: ESTABLISHED / ESTABLISHED
         6 client ack duplicate_capture: ESTABLISHED / ESTABLISHED",
    );
    assert_eq!(stacks(&record), "vlan 300/; vlan 50/");
}

#[test]
fn a_tunnel_and_its_inside_are_one_connection() {
    let outside_first = record(&seen_twice("vxlan 5", "2us", ""));
    let inside_first = record(&seen_twice("", "2us", "vxlan 5"));
    for (record, scopes) in [(&outside_first, "ip/vxlan 5/; "), (&inside_first, "; ip/vxlan 5/")] {
        assert_facts(record, "established by capture_end, JK\n2004us = 0s + 1002us + 0s + 1002us");
        assert_eq!(stacks(record), scopes);
    }
    assert_eq!(stacks(&record_of(&run(&format!("{V4}{STAMPED}")).records)), "");
}

fn record_of(records: &[Handshake]) -> Handshake {
    let [record] = records else { panic!("one attempt, not {}", records.len()) };
    record.clone()
}

#[test]
fn another_scope_is_a_copy_for_200_ms_and_another_attempt_after_that() {
    let syn = "C > S S J:J(0) <TS val 1 ecr 0> ip_id 0";
    for between in ["+1ms dup vlan 1", "+1ms S > C S. K:K(0) ack J+1 vlan 1"] {
        let script = |ms| format!("+0 {syn} vlan 1\n{between}\n+{}ms {syn} vlan 2", ms - 1);
        assert_eq!([records(&script(200)).len(), records(&script(201)).len()], [1, 2]);
    }
}

#[test]
fn without_an_identity_two_scopes_are_two_attempts() {
    for gap in ["16us", "50ms"] {
        let told = records(&format!(
            "+0 C > S S J:J(0) vlan 1 ip_id 0\n+{gap} C > S S J:J(0) vlan 2 ip_id 0"
        ));
        assert_eq!(told.len(), 2, "{gap}");
        assert_eq!(told.iter().map(stacks).collect::<Vec<_>>(), ["vlan 1/", "vlan 2/"]);
    }
}

#[test]
fn two_records_that_turn_out_to_be_one_become_one() {
    // A firewall gave the SYN another IP id, so that only the SYN-ACK shows it.
    let script = "+0 C > S S J:J(0) vlan 1 ip_id 7
         +16us C > S S J:J(0) vlan 2 ip_id 8
         +1ms S > C S. K:K(0) ack J+1 vlan 2 <TS val 5 ecr 1> ip_id 0
         +16us S > C S. K:K(0) ack J+1 vlan 1 <TS val 5 ecr 1> ip_id 0
         +1ms C > S . J+1:J+1(0) ack K+1 vlan 1
         +1 C > S S J+900:J+900(0) vlan 1";
    let mut found = records(script);
    found.sort_by_key(|record| record.id);
    let ids: Vec<_> = found.iter().map(|record| record.id).collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(
        (found[0].outcome, stacks(&found[0])),
        (Outcome::Established, "vlan 1/; vlan 2/".to_owned())
    );
    assert_eq!((found[0].syn_retransmissions, found[0].syn_ack_retransmissions), (0, 0));
}

#[test]
fn different_k_in_two_scopes_stay_two_records() {
    let mut found = records(
        "+0 C > S S J:J(0) vlan 1
         +16us C > S S J:J(0) vlan 2
         +1ms S > C S. K:K(0) ack J+1 vlan 1
         +16us S > C S. K+5:K+5(0) ack J+1 vlan 2
         +1ms C > S . J+1:J+1(0) ack K+1 vlan 1
         +1us C > S . J+1:J+1(0) ack K+6 vlan 2",
    );
    found.sort_by_key(|record| record.id);
    let told: Vec<_> = found
        .iter()
        .map(|record| (record.id, record.outcome, record.server_isn.map(|isn| isn.0)))
        .collect();
    assert_eq!(
        told,
        [
            (1, Outcome::Established, Some(4_294_967_290)),
            (2, Outcome::Established, Some(4_294_967_295))
        ]
    );
}

#[test]
fn one_vlan_for_each_direction_holds_for_the_whole_attempt() {
    let record = record(
        "+0 C > S S J:J(0) vlan 1
         +1ms S > C S. K:K(0) ack J+1 vlan 2
         +1ms C > S . J+1:J+1(0) ack K+1 vlan 1
         +1 S > C S. K:K(0) ack J+1 vlan 2
         +1us C > S . J+1:J+1(0) ack K+1 vlan 1
         +2 S > C S. K:K(0) ack J+1 vlan 2
         +1us C > S . J+1:J+1(0) ack K+1 vlan 1",
    );
    assert_told(
        &record,
        "established_client_only by capture_end, JK, again 0/2
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / SYN-RECEIVED
         4 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         5 client ack retransmission: ESTABLISHED / SYN-RECEIVED
         6 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         7 client ack retransmission: ESTABLISHED / SYN-RECEIVED",
    );
    assert_eq!(stacks(&record), "vlan 1/; vlan 2/");
    // Before an answer proved the other scope, nothing ties it to the attempt.
    assert_eq!(records("+0 C > S S J:J(0) vlan 1\n+1 C > S S J:J(0) vlan 2").len(), 2);
}

#[test]
fn a_segment_of_another_scope_belongs_where_its_numbers_prove_it() {
    let script = |ack: &str, vlan| {
        format!(
            "{V4}+0 C > S S J:J(0) vlan 1\n+1ms S > C S. K:K(0) ack J+1 vlan 1
             +1ms C > S . J+1:J+1(0) ack {ack} vlan {vlan}"
        )
    };
    let outcome = |ack: &str, vlan| {
        let run = run(&script(ack, vlan));
        (record_of(&run.records).outcome, run.counters.outside_handshake)
    };
    assert_eq!(outcome("K+1", 2), (Outcome::Established, 0));
    assert_eq!(outcome("K+2", 2), (Outcome::Unacknowledged, 1));
    assert_eq!(outcome("K+1", 1), (Outcome::Established, 0));
}

#[test]
fn tunnels_that_differ_only_by_an_outer_address_are_two_scopes() {
    let script = Script::parse(&format!(
        "{V4}+0 C > S S J:J(0) vxlan 5\n+1ms C > S S J:J(0) vxlan 5
         +1ms S > C S. K:K(0) ack J+1 vxlan 5"
    ));
    let mut frames = script.unwrap().into_frames();
    // Ethernet, and the last byte of each outer address.
    let (outer_source, outer_destination) = (14 + 15, 14 + 19);
    assert_eq!(frames[1].bytes[outer_destination], 2);
    frames[1].bytes[outer_destination] = 3;
    let mut found = told(&frames).records;
    found.sort_by_key(|record| record.id);
    let outcomes: Vec<_> = found.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unacknowledged, Outcome::Unanswered]);
    // The way back has them the other way round: the same scope.
    frames[2].bytes[outer_source] = 3;
    frames[2].bytes[outer_destination] = 1;
    let mut found = told(&frames).records;
    found.sort_by_key(|record| record.id);
    let outcomes: Vec<_> = found.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unanswered, Outcome::Unacknowledged]);
}

#[test]
fn a_late_syn_ack_of_a_closed_attempt_is_known_in_the_other_direction_s_scope() {
    let run = run(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1
         +1ms S > C S. K:K(0) ack J+1 vlan 2
         +1ms C > S . J+1:J+1(0) ack K+1 vlan 1
         +1ms S > C P. K+1:K+2(1) ack J+1 vlan 2
         +2 S > C S. K:K(0) ack J+1 vlan 2"
    ));
    let told: Vec<_> = run.records.iter().map(stacks).collect();
    assert_eq!((told, run.counters.outside_handshake), (vec!["vlan 1/; vlan 2/".to_owned()], 2));
}

#[test]
fn a_syn_that_comes_late_through_two_scopes_opens_nothing_in_either() {
    let syn = |tsval: u32| format!("C > S S J:J(0) <TS val {tsval} ecr 0> ip_id 0");
    let script = |late: &str| {
        format!(
            "+0 {} vlan 1
             +1ms S > C S. K:K(0) ack J+1 vlan 1
             +1ms C > S . J+1:J+1(0) ack K+1 vlan 1
             +1ms S > C P. K+1:K+11(10) ack J+1 vlan 1
             {late}",
            syn(1)
        )
    };
    // One that was not captured before is known in the second scope by the first.
    let through = |gap: &str| format!("+1 {} vlan 1\n+{gap} {} vlan 2", syn(2), syn(2));
    assert_eq!(records(&script(&through("200ms"))).len(), 1);
    assert_eq!(records(&script(&through("201ms"))).len(), 2);
    assert_eq!(records(&script(&format!("+1 {} vlan 1\n+1us {} vlan 2", syn(2), syn(3)))).len(), 2);
    // One that was is known for as long as the path delivers anything late.
    assert_eq!(records(&script(&format!("+3.4 {} vlan 2", syn(1)))).len(), 1);
    assert_eq!(records(&script(&format!("+3.6 {} vlan 2", syn(1)))).len(), 2);
}

#[test]
fn an_answer_that_came_before_its_syn_keeps_its_scope() {
    let mut found = records(
        "+0 C > S S J-900:J-900(0) <TS val 1 ecr 0> ip_id 0 vlan 1
         +1us dup vlan 2
         +1 S > C S. K:K(0) ack J+1 vlan 2
         +1 C > S S J:J(0) vlan 2",
    );
    found.sort_by_key(|record| record.id);
    assert_eq!(found.iter().map(stacks).collect::<Vec<_>>(), ["vlan 1/; vlan 2/", "vlan 2/"]);
    let scopes = |record: &Handshake| -> Vec<u8> {
        record.segments.iter().map(|segment| segment.encapsulation).collect()
    };
    assert_eq!(found.iter().map(scopes).collect::<Vec<_>>(), [[0, 1], [0, 0]]);
    assert_eq!(found[1].outcome, Outcome::Unacknowledged);
}

#[test]
fn vlans_tell_attempts_apart_and_one_way_tags_do_not() {
    let two = run(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1\n+1ms C > S S J:J(0) vlan 2\n+1ms S > C S. K:K(0) ack J+1 vlan 2\n\
         +1ms S > C S. K+5:K+5(0) ack J+1 vlan 1"
    ));
    let isns: Vec<_> =
        two.records.iter().map(|record| record.server_isn.map(|isn| isn.0)).collect();
    assert_eq!(isns, [Some(4_294_967_295), Some(4_294_967_290)]);
    let one = run(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1 vlan 1"
    ));
    assert_eq!(one.records.len(), 1);
    assert_eq!(one.records[0].outcome, Outcome::Established);
}

#[test]
fn what_becomes_one_record_is_in_the_order_of_its_times() {
    // The SYN-ACK shows it, in whichever scope it comes first.
    let syns = "+0 C > S S J:J(0) vlan 1 ip_id 7
         +1us C > S S J:J(0) vlan 2 ip_id 8
         +1 C > S S J:J(0) vlan 1 ip_id 9
         +0 C > S S J:J(0) vlan 2 ip_id 10\n";
    let syn_ack = "S > C S. K:K(0) ack J+1 <TS val 5 ecr 1> ip_id 0";
    for scopes in [[1, 2], [2, 1]] {
        let [first, second] = scopes.map(|id| format!("{syn_ack} vlan {id}"));
        let record = record(&format!(
            "{syns}+1ms {first}\n+16us {second}\n+1ms C > S . J+1:J+1(0) ack K+1 vlan 1"
        ));
        assert_told(
            &record,
            "established by capture_end, JK, again 1/0
             1 client syn advanced: SYN-SENT / ?
             2 client syn duplicate_capture: SYN-SENT / ?
             3 client syn retransmission: SYN-SENT / SYN-RECEIVED
             4 client syn duplicate_capture: SYN-SENT / SYN-RECEIVED
             5 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
             6 server syn_ack duplicate_capture: ESTABLISHED / SYN-RECEIVED
             7 client ack advanced: ESTABLISHED / ESTABLISHED",
        );
        assert_eq!((record.id, stacks(&record)), (1, "vlan 1/; vlan 2/".to_owned()));
    }
}

#[test]
fn a_record_that_takes_in_another_one_keeps_to_twice_the_limit_of_segments() {
    let script = Script::parse(&format!(
        "{V4}+0 C > S S J:J(0) vlan 1 ip_id 7
         +16us C > S S J:J(0) vlan 2 ip_id 8
         +1 C > S S J:J(0) vlan 1 ip_id 9
         +16us C > S S J:J(0) vlan 2 ip_id 10
         +1ms S > C S. K:K(0) ack J+1 vlan 2 ip_id 11
         +16us S > C S. K:K(0) ack J+1 vlan 1 ip_id 11"
    ))
    .unwrap();
    let kept = |segments| {
        let limits = Limits { segments, ..Limits::default() };
        let run = run_frames(script.frames(), limits, Reporting::Records, End::Complete);
        let record = record_of(&run.records);
        let frames: Vec<_> = record.segments.iter().map(|it| it.frame).collect();
        (frames, record.segments_omitted)
    };
    assert_eq!(kept(6), (vec![1, 2, 3, 4, 5, 6], 0));
    assert_eq!(kept(3), (vec![1, 2, 3, 4, 5], 1));
    assert_eq!(kept(2), (vec![1, 2, 3, 4], 2));
    assert_eq!(kept(1), (vec![1, 2], 4));
}

#[test]
fn eight_scopes_of_an_attempt_are_distinguished() {
    let syn = "C > S S J:J(0) <TS val 1 ecr 0> ip_id 0";
    let seen: Vec<_> = (11..21).map(|vlan| format!("+1ms {syn} vlan {vlan}")).collect();
    assert_eq!(record(&seen.join("\n")).encapsulations.len(), 8);
}

#[test]
fn a_segment_that_was_sent_again_shows_no_way_from_scope_to_scope() {
    let record = record(
        "+0 C > S S J:J(0) ip_id 0 ttl 64 vlan 1
         +1ms S > C S. K:K(0) ack J+1 ip_id 0 ttl 64 vlan 2
         +1 S > C S. K:K(0) ack J+1 ip_id 0 ttl 63 vlan 1
         +1ms C > S . J+1:J+1(0) ack K+1 ip_id 0 ttl 64 vlan 1
         +25us C > S . J+1:J+1(0) ack K+1 ip_id 0 ttl 63 vlan 2",
    );
    assert_told(
        &record,
        "established by capture_end, JK, again 0/1
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         4 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

/// What the client sends once it is connected passes by, whether its attempt is a plain one or not, in few layers
/// or in many. How much it has sent is known all the same, and so is a segment in another scope that acknowledges
/// just that.
#[test]
fn data_that_passes_by_proves_what_acknowledges_it_elsewhere() {
    let syn_ack = "+1ms S > C S. K:K(0) ack J+1 vlan 5\n";
    for (syn_ack, frame) in [("", 5), (syn_ack, 6)] {
        for tags in ["", " vlan 6 vlan 9"] {
            let before = format!(
                "+0 C > S S J:J(0) vlan 5\n{syn_ack}+1ms C > S . J+1:J+1(0) ack K+1 vlan 5
                 +1ms C > S P. J+1:J+11(10) ack K+1 vlan 5
                 +1ms C > S P. J+11:J+21(10) ack K+1 vlan 5\n"
            )
            .replace("vlan 5", &format!("vlan 5{tags}"));
            let then = |segment: &str| record(&format!("{before}+1ms {segment} vlan 8{tags}"));
            for sent in [11, 21] {
                let record = then(&format!("S > C P. K+1:K+3(2) ack J+{sent}"));
                assert_eq!(record.ended_by, EndedBy::Segment, "{sent}{tags}");
                assert_eq!(record.confirmed_by.map(|it| it.frame), Some(frame));
            }
            // More than it sent proves nothing, nor does more of it in another scope.
            for segment in ["S > C P. K+1:K+3(2) ack J+22", "C > S P. J+1:J+6(5) ack K+1"] {
                let record = then(segment);
                assert_eq!((record.ended_by, record.confirmed_by), (EndedBy::CaptureEnd, None));
            }
        }
    }
}
