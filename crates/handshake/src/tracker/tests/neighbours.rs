//! What attempts tell of each other.

use std::fmt::Write as _;

use super::{OTHER, V4, run};
use crate::record::Handshake;

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
    // The last one comes when the others are overdue, whether or not they have been told by then.
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
