//! The closes of connections on one port, one after another, and of those that do not end as usual.

use super::whole::{DATA, TALK, assert_close, close, follow, tell_close};
use super::*;
use crate::side::TcpState;

/// A connection on the same ports as [`TALK`] soon after it, with numbers of its own.
const AGAIN: &str = "+1 C > S S J+5000:J+5000(0)
     +1ms S > C S. K+7000:K+7000(0) ack J+5001
     +1ms C > S . J+5001:J+5001(0) ack K+7001
     +1ms C > S F. J+5001:J+5001(0) ack K+7001
     +1ms S > C F. K+7001:K+7001(0) ack J+5002
     +1ms C > S . J+5002:J+5002(0) ack K+7002\n";

/// What is told of the close of each attempt, in the order of their numbers.
fn closes(script: &str) -> Vec<String> {
    let mut records = follow(&format!("{V6}{script}"), Limits::default());
    records.sort_by_key(|record| record.id);
    records.iter().map(tell_close).collect()
}

#[test]
fn a_port_that_is_used_again_has_connections_of_their_own() {
    let again = "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT
server FIN,ACK fin+0 ack fin+1 ok advanced: TIME-WAIT LAST-ACK
client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED";
    // The first one has no end, or a RST, or FINs.
    let rst = "+1ms S > C R. K+8:K+8(0) ack J+6\n";
    let fins = "+1ms S > C F. K+8:K+8(0) ack J+6\n+1ms C > S F. J+6:J+6(0) ack K+9\n";
    for (packets, first) in [
        ("", DATA.to_owned()),
        (rst, format!("{DATA}\nserver RST,ACK isn+8 ack isn+6 advanced: CLOSED CLOSED")),
        (
            fins,
            format!(
                "{DATA}\nserver FIN,ACK fin+0 ack fin+0 advanced: CLOSE-WAIT FIN-WAIT-1
client FIN,ACK fin+0 ack fin+1 ok advanced: LAST-ACK FIN-WAIT-1"
            ),
        ),
    ] {
        let found = closes(&format!("{TALK}{packets}{AGAIN}"));
        assert_eq!(found, [first, again.to_owned()], "{packets}");
    }
}

#[test]
fn a_connection_that_the_client_forgot_gets_nothing_of_the_next_one() {
    // The server answers the new SYN for the old connection, which the client resets.
    let forgotten = "+1 C > S S J+5000:J+5000(0)
         +1us S > C . K+8:K+8(0) ack J+6
         +9us C > S R J+6:J+6(0)\n";
    let found = closes(&format!("{TALK}{forgotten}{AGAIN}"));
    let last = found.last().unwrap();
    assert_eq!(found[0], format!("{DATA}\nclient RST isn+6 advanced: CLOSED CLOSED"));
    assert_eq!(last.lines().count(), 3, "{last}");
    assert!(last.ends_with("TIME-WAIT CLOSED"), "{last}");
}

#[test]
fn more_connections_than_are_followed_on_one_port_do_not_mix() {
    let again = |number: u32| {
        let (j, k) = (number * 1_000, number * 3_000);
        format!(
            "+1 C > S S {j}:{j}(0)\n+1ms S > C S. {k}:{k}(0) ack {}
             +1ms C > S . {}:{}(0) ack {}\n",
            j + 1,
            j + 1,
            j + 1,
            k + 1
        )
    };
    let script: String = (1..=20).map(again).collect();
    let found = closes(&format!("{script}+1ms C > S F. 20001:20001(0) ack 60001"));
    assert_eq!(found[19], "client FIN,ACK fin+0 ack isn+1 advanced: FIN-WAIT-1 ESTABLISHED");
    assert_eq!(found[..19].concat(), "cut".repeat(4));
}

#[test]
fn a_fin_that_may_not_arrive_brings_no_ack_either() {
    let fins = "+1ms C > S F. J+6:J+6(0) ack K+8\n+1ms S > C F. K+8:K+8(0) ack J+7\n";
    assert_close(
        fins,
        &[
            DATA,
            "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT",
            "server FIN,ACK fin+0 ack fin+1 ok advanced: FIN-WAIT-1 LAST-ACK",
        ],
    );
    // What comes again arrives.
    assert_close(
        &format!("{fins}+0.3 S > C F. K+8:K+8(0) ack J+7\n+1ms C > S . J+7:J+7(0) ack K+9"),
        &[
            DATA,
            "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT",
            "server FIN,ACK fin+0 ack fin+1 ok advanced: FIN-WAIT-1 LAST-ACK",
            "server FIN,ACK fin+0 ack fin+1 ok retransmission: TIME-WAIT LAST-ACK",
            "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED",
        ],
    );
}

#[test]
fn a_rst_that_acknowledges_a_fin_shows_that_it_arrived() {
    let script =
        format!("{V4}{TALK}+1ms S > C F. K+8:K+8(0) ack J+6\n+1ms C > S R. J+6:J+6(0) ack K+9");
    let records = follow(&script, Limits::default());
    let close = records[0].close.as_ref().unwrap();
    assert!(close.arrives(0), "{}", tell_close(&records[0]));
    let [client, server] = [Some(TcpState::CloseWait), Some(TcpState::FinWait1)];
    assert_eq!([close.segments[0].client_state, close.segments[0].server_state], [client, server]);
}

#[test]
fn a_fin_without_ack_is_one_if_it_is_acknowledged() {
    // RFC 9293, 3.10.7.4: if the ACK bit is off, drop the segment.
    let fin = "+1ms S > C F K+8:K+8(0)\n";
    assert_close(fin, &[DATA, "server FIN isn+8 unacceptable: ESTABLISHED ESTABLISHED"]);
    assert_close(
        &format!(
            "{fin}+0.3 S > C F K+8:K+8(0)\n+1ms C > S . J+6:J+6(0) ack K+9\n+0.3 {}",
            &fin[5..]
        ),
        &[
            DATA,
            "server FIN fin+0 advanced: ESTABLISHED FIN-WAIT-1",
            "server FIN fin+0 retransmission: CLOSE-WAIT FIN-WAIT-1",
            "client ACK isn+6 ack fin+1 ok advanced: CLOSE-WAIT FIN-WAIT-1",
            "server FIN fin+0 retransmission: CLOSE-WAIT FIN-WAIT-1",
        ],
    );
}

#[test]
fn a_fin_before_the_ack_of_the_handshake_is_one_of_the_close() {
    assert_eq!(
        close(
            "+0 C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1us S > C P. K+1:K+86(85) ack J+1
             +1us S > C F. K+86:K+86(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+87
             +1ms C > S F. J+1:J+1(0) ack K+87
             +1ms S > C . K+87:K+87(0) ack J+2"
        ),
        "server FIN,ACK fin+0 ack fin+0 advanced: CLOSE-WAIT FIN-WAIT-1\n\
         client ACK fin+0 ack fin+1 ok advanced: CLOSE-WAIT FIN-WAIT-2\n\
         client FIN,ACK fin+0 ack fin+1 ok advanced: LAST-ACK TIME-WAIT\n\
         server ACK fin+1 ack fin+1 ok advanced: CLOSED TIME-WAIT"
    );
}
