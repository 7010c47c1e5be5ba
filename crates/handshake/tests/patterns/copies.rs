//! Packets that the capture holds twice.

use std::fmt::Write as _;

use parser::Origin;
use testkit::Script;

use super::{OPEN, OVERDUE, V4, V6, finds, lines, recognised, words};

const THREE: &str = "1 three_way 1,3,5: SYN to ACK in 20 ms: server 10 ms, client 10 ms\n";

/// A handshake whose SYN and SYN-ACK are captured again, with this at the end of the line.
fn twice(how: &str) -> String {
    format!(
        "+0     C > S S J:J(0)
         +20us  dup {how}
         =10ms  S > C S. K:K(0) ack J+1
         +35us  dup {how}
         =20ms  C > S . J+1:J+1(0) ack K+1"
    )
}

#[test]
fn the_same_packets_twice() {
    finds(
        &twice(""),
        &format!(
            "{THREE}1 duplicate_capture 1,2,3,4: 2 copies, captured again or duplicated on the path, \
             35 µs apart at most"
        ),
    );
    finds(
        &twice("ttl 63"),
        &format!(
            "{THREE}1 duplicate_capture 1,2,3,4: 2 copies, captured again or duplicated on the path, \
             35 µs apart at most; before and after a router"
        ),
    );
    finds(
        &format!("{OPEN}+4us dup"),
        "1 three_way 1,2,3: SYN to ACK in 20 ms: server 10 ms, client 10 ms
         1 duplicate_capture 3,4: 1 copy, captured again or duplicated on the path, 4 µs apart at most",
    );
    // Another packet: sent again, with a time stamp of its own.
    finds(
        "+0   C > S S J:J(0) <TS val 1 ecr 0>
         +1ms C > S S J:J(0) <TS val 2 ecr 0> ttl 63",
        "1 syn_timeout 1,2: SYN sent once; 1 more within 20 ms of another one; no answer was captured",
    );
}

#[test]
fn the_same_packets_in_other_places() {
    let stamped = |script: &str| {
        script
            .replace("J:J(0)", "J:J(0) <TS val 1 ecr 0> vlan 300")
            .replace("ack J+1", "ack J+1 <TS val 7 ecr 1> vlan 300")
            .replace("ack K+1", "ack K+1 <TS val 2 ecr 7> vlan 300")
    };
    finds(
        &stamped(&twice("vlan 50 ttl 62")),
        &format!(
            "{THREE}1 duplicate_capture 1,2,3,4: 2 copies, captured again or duplicated on the path, \
             35 µs apart at most; in vlan 300 and in vlan 50; before and after a router"
        ),
    );
    finds(
        &stamped(&twice("")),
        &format!(
            "{THREE}1 duplicate_capture 1,2,3,4: 2 copies, captured again or duplicated on the path, \
             35 µs apart at most; in vlan 300 and in no encapsulation"
        ),
    );
    for hosts in [V4, V6] {
        let script = format!("{hosts}isn J=4294967295 K=4294967295\n{}", twice(""));
        let script = Script::parse(&script).unwrap();
        let interface = |of| Origin { source: 0, interface: of };
        for (origins, told) in [
            ([file(0), file(1)], "in several files"),
            ([interface(Some(0)), interface(Some(1))], "on several interfaces"),
            ([interface(None), interface(Some(0))], "on several interfaces"),
        ] {
            let found = recognised(script.frames(), (OVERDUE, false), |at| origins[at % 2]);
            assert_eq!(
                lines(&found)[1],
                format!(
                    "1 duplicate_capture 1,2,3,4: 2 copies, captured again or duplicated on the \
                     path, 35 µs apart at most; {told}"
                )
            );
        }
    }
}

/// The file of this number.
fn file(source: u16) -> Origin {
    Origin { source, interface: None }
}

/// A SYN that is captured again with these hop limits.
fn round(hop_limits: &[u8]) -> String {
    let mut script = "+0 C > S S J:J(0) <TS val 1 ecr 0>".to_owned();
    for ttl in hop_limits {
        write!(script, "\n+1ms dup ttl {ttl}").unwrap();
    }
    script
}

#[test]
fn a_packet_that_goes_round() {
    let silent = "1 syn_timeout 1: SYN sent once; no answer was captured\n";
    finds(
        &round(&[62, 60, 58]),
        &format!(
            "{silent}1 duplicate_capture 1,2,3,4: 3 copies, 3 ms apart at most; the hop limit of \
             one packet falls from 64 to 58 over its copies: a routing loop"
        ),
    );
    assert_eq!(
        words(&round(&[62, 60, 58]), "duplicate_capture")[0],
        "both sides of a router, where the hop limit falls once for each router"
    );
    // Three copies may be three routers, where each was captured in another place.
    let script = format!("{V4}isn J=4294967295 K=4294967295\n{}", round(&[63, 62, 61]));
    let script = Script::parse(&script).unwrap();
    let found = recognised(script.frames(), (OVERDUE, false), |at| file(at as u16));
    assert_eq!(
        lines(&found)[1],
        "1 duplicate_capture 1,2,3,4: 3 copies, captured again or duplicated on the path, 3 ms \
         apart at most; in several files; before and after a router"
    );
    // Two copies may be two routers; and a hop limit that does not fall goes nowhere.
    let ordinary = "captured again or duplicated on the path";
    finds(
        &round(&[62, 60]),
        &format!(
            "{silent}1 duplicate_capture 1,2,3: 2 copies, {ordinary}, 2 ms apart at most; before \
             and after a router"
        ),
    );
    finds(
        &round(&[63, 64, 63]),
        &format!(
            "{silent}1 duplicate_capture 1,2,3,4: 3 copies, {ordinary}, 3 ms apart at most; before \
             and after a router"
        ),
    );
}
