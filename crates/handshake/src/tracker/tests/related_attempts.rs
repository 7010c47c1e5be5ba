//! What attempts tell of each other.

use std::fmt::Write as _;

use super::{OTHER, V4, run};
use crate::record::{Context, Handshake};

#[test]
fn what_is_pending_at_a_server_is_what_was_open_at_one_time() {
    let pending = |gap: &str, count: u32| {
        let mut script = V4.to_owned();
        for host in 0..count {
            writeln!(script, "host H{host} 198.51.100.{host}:9").unwrap();
        }
        for host in 0..count {
            writeln!(script, "+{gap} H{host} > S S {host}:{host}(0)").unwrap();
        }
        write!(script, "+100 C > S S J:J(0)\n+100 {OTHER}\n+0 {OTHER}").unwrap();
        let run = run(&script);
        run.records.iter().map(|record| record.context.pending_at_server).collect::<Vec<_>>()
    };
    // The last one comes when the others are overdue, whether or not they have been reported by
    // then.
    assert_eq!(pending("1ms", 20), [vec![20; 20], vec![1]].concat());
    assert!(pending("50", 20).iter().all(|&pending| pending <= 2), "{:?}", pending("50", 20));
}

#[test]
fn what_neighbours_tell_does_not_depend_on_other_traffic() {
    // An attempt waits at the server and another is reset. Both are long over when their client tries
    // anew, and that completes. In between nothing comes, or frames of others.
    let told = |between: &str| {
        let script = format!(
            "{V4}host A 198.51.100.1:9\nhost B 198.51.100.1:10\nhost D 203.0.113.1:9
             host E 203.0.113.2:9
             +0 A > S S 1:1(0)
             +1ms S > A S. K:K(0) ack 2
             +1 B > S S 7:7(0)
             +1ms S > B S. K:K(0) ack 8
             +1ms B > S R 8:8(0)
             {between} B > E S 1:1(0)
             +1ms E > B R. 0:0(0) ack 2
             +100ms B > S S 100:100(0)
             +1ms S > B S. K+9:K+9(0) ack 101 ttl 9
             +1ms B > S . 101:101(0) ack K+10"
        );
        let mut records = run(&script).records;
        records.retain(|record| record.client.addr.to_string() != "203.0.113.1");
        records.sort_by_key(|record| record.id);
        let facts = |record: &Handshake| {
            let it = record.context;
            let completed = it.client_completed;
            (it.pending_at_server, it.targets_of_client, it.server_syn_ack_ttl, completed)
        };
        records.iter().map(facts).collect::<Vec<_>>()
    };
    let expected =
        [(2, 1, None, None), (2, 1, Some(64), None), (1, 2, None, None), (1, 2, Some(9), None)];
    assert_eq!(told("+400"), expected);
    assert_eq!(told("+50 D > D S 1:1(0)\n+50 D > D S 1:1(0)\n+300"), expected);
}

#[test]
fn a_server_that_sends_waits_for_nobody() {
    let pending = |sent: &str| {
        let script = format!(
            "{V4}host A 198.51.100.1:9\n+0 A > S S 1:1(0)\n+1ms S > A S. K:K(0) ack 2\n{sent}
             +1 C > S S J:J(0)"
        );
        let mut records = run(&script).records;
        records.sort_by_key(|record| record.id);
        records.iter().map(|record| record.context.pending_at_server).collect::<Vec<_>>()
    };
    assert_eq!(pending(""), [2, 2]);
    assert_eq!(pending("+1ms S > A P. K+1:K+9(8) ack 2"), [1, 1]);
}

/// What each attempt of a script tells of its neighbours, in the order of their first segments.
fn contexts(script: &str) -> Vec<Context> {
    let mut records = run(&format!("{V4}{script}")).records;
    records.sort_by_key(|record| record.id);
    records.iter().map(|record| record.context).collect()
}

#[test]
fn events_after_a_minute_do_not_count_for_an_attempt() {
    // The first one waits for longer than that.
    let script = |at: u32| {
        format!(
            "host A 198.51.100.1:9\nhost B 198.51.100.2:9\nhost D 192.0.2.1:40001\n\
             host E 203.0.113.1:9
             =0 C > S S J:J(0)\n=45 C > S S J:J(0)
             ={at} A > S S 1:1(0)\n+1ms B > S S 1:1(0)
             +1ms D > E S 1:1(0)\n+1ms E > D S. 7:7(0) ack 2\n+1ms D > E . 2:2(0) ack 8"
        )
    };
    let told = |at| {
        let first = contexts(&script(at))[0];
        (first.pending_at_server, first.client_completed)
    };
    assert_eq!(told(50), (3, Some(7)));
    assert_eq!(told(90), (1, None));
}

#[test]
fn an_attempt_stops_waiting_once() {
    // One is refused again and again. Two others wait, and a third comes later.
    let script = "host A 198.51.100.1:9\nhost B 198.51.100.2:9\nhost D 198.51.100.3:9
         =0 A > S S 1:1(0)\n=0 B > S S 1:1(0)\n=0 C > S S J:J(0)
         +1ms S > C R. 0:0(0) ack J+1\n+0.5 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1
         +0.5 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n=20 D > S S 1:1(0)";
    let pending: Vec<_> = contexts(script).iter().map(|it| it.pending_at_server).collect();
    assert_eq!(pending, [3, 3, 3, 3]);
}

#[test]
fn a_client_is_silent_for_a_minute_before_its_targets_are_counted_anew() {
    let script = |gap: &str| {
        format!(
            "host E 203.0.113.1:9
             +0 C > E S 1:1(0)\n+1ms E > C R. 0:0(0) ack 2\n={gap} C > S S J:J(0)"
        )
    };
    let targets = |gap| contexts(&script(gap))[1].targets_of_client;
    assert_eq!([targets("60"), targets("60.001")], [2, 1]);
}

#[test]
fn a_client_is_known_by_the_last_sixteen_targets() {
    let targets = |ports: &[u32]| {
        let hosts = |port: &u32| format!("host H{port} 198.51.100.1:{port}\n");
        let mut script: String = (1..18).map(|port| hosts(&port)).collect();
        for (at, port) in (1..).zip(ports) {
            writeln!(
                script,
                "+1ms C > H{port} S {0}:{0}(0)\n+0 H{port} > C R. 0:0(0) ack {1}",
                at * 1000,
                at * 1000 + 1
            )
            .unwrap();
        }
        contexts(&script).last().unwrap().targets_of_client
    };
    assert_eq!(targets(&[1, 2, 1, 2, 1]), 2);
    let all: Vec<u32> = (1..18).collect();
    assert_eq!(targets(&all), 17);
    // The first one is forgotten, the second one is not.
    assert_eq!(targets(&[&all[..], &[1]].concat()), 18);
    assert_eq!(targets(&[&all[..], &[2]].concat()), 17);
}

#[test]
fn the_syn_ack_that_begins_an_attempt_gives_the_hop_limit_of_its_server() {
    let script = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1 ttl 9
         +1 S > C S. K+50:K+50(0) ack J+901 ttl 11";
    assert_eq!(contexts(script)[1].server_syn_ack_ttl, Some(11));
}

#[test]
fn what_its_client_tries_in_the_two_seconds_after_it_counts_for_what_was_decided() {
    let targets = |answer: &str, gap: &str| {
        let script = format!(
            "host E 203.0.113.1:9
             =0 C > S S J:J(0)\n{answer}={gap} C > E S 1:1(0)"
        );
        contexts(&script).iter().map(|it| it.targets_of_client).collect::<Vec<_>>()
    };
    let refused = "+1ms S > C R. 0:0(0) ack J+1\n";
    assert_eq!(targets(refused, "2"), [2, 2]);
    assert_eq!(targets(refused, "3"), [1, 2]);
    assert_eq!(targets("", "2"), [1, 2]);
}
