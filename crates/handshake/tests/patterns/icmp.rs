//! SYNs that an ICMP error answers.

use super::{ISNS, OVERDUE, V4, V6, lines, of_script, words};

/// The findings for the same error in both families: number and name of an error differ.
fn families(error: [&str; 2], more: &str) -> [Vec<String>; 2] {
    let of = |hosts: &str, error: &str| {
        let script = format!("{hosts}{}+0 C > S S J:J(0)\n+5ms {error} quoting J\n{more}", ISNS[0]);
        lines(&of_script(&script, OVERDUE))
    };
    [of(V4, error[0]), of(V6, error[1])]
}

#[test]
fn a_host_that_cannot_be_reached() {
    assert_eq!(
        families(["R > C icmp unreachable host"; 2], ""),
        [
            ["1 icmp_unreachable 2: host unreachable (ICMP 3/1 from R, neither end) after 5 ms"],
            ["1 icmp_unreachable 2: address unreachable (ICMPv6 1/3 from R, neither end) after \
                 5 ms"],
        ]
    );
    assert_eq!(
        families(["S > C icmp unreachable port"; 2], ""),
        [
            ["1 icmp_unreachable 2: port unreachable (ICMP 3/3 from S, the server itself) after \
                 5 ms"],
            ["1 icmp_unreachable 2: port unreachable (ICMPv6 1/4 from S, the server itself) \
                 after 5 ms"],
        ]
    );
    assert_eq!(
        families(["C > C icmp unreachable net"; 2], "")[0],
        ["1 icmp_unreachable 2: network unreachable (ICMP 3/0 from 192.0.2.1, the client's own \
             host) after 5 ms"]
    );
}

#[test]
fn advice_follows_the_code() {
    let advice = |what: &str| {
        let script = format!("+0 C > S S J:J(0)\n+5ms R > C icmp unreachable {what} quoting J");
        words(&script, "icmp_unreachable")[1]
    };
    assert_eq!(
        advice("host"),
        "the host that sent the error: its route to the server (ip route get ADDRESS), and whether \
         the server is up"
    );
    assert_eq!(
        advice("admin"),
        "the filter of the host that sent the error: the error says that it prohibits this (nft \
         list ruleset there)"
    );
    assert_eq!(
        advice("port"),
        "a filter that rejects, on the host that sent the error (nft list ruleset there): a TCP \
         without a listener answers with RST"
    );
}

#[test]
fn path_mtu_discovery_and_reassembly_are_other_matters() {
    let done = "+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    for error in [
        ["R > C icmp fragmentation_needed 1400", "R > C icmp packet_too_big 1400"],
        ["R > C icmp 11/1", "R > C icmp 3/1"],
    ] {
        assert_eq!(
            families(error, done),
            [["1 three_way 1,3,4: SYN to ACK in 7 ms: server 6 ms, client 1 ms"]; 2]
        );
    }
}

#[test]
fn an_error_that_did_not_last_is_named_too() {
    let found = families(
        ["R > C icmp unreachable host"; 2],
        "=1 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        found[0],
        [
            "1 three_way 1,3,4,5: SYN, SYN-ACK and ACK: client 1 ms",
            "1 icmp_unreachable 2: host unreachable (ICMP 3/1 from R, neither end) after 5 ms",
        ]
    );
}

#[test]
fn a_hop_limit_that_ran_out() {
    let found = |ttl: u8| {
        let script = format!(
            "{V4}{}+0 C > S S J:J(0) ttl {ttl}\n+5ms R > C icmp ttl_exceeded quoting J",
            ISNS[0]
        );
        let pattern = of_script(&script, OVERDUE).remove(0).remove(0);
        (lines(&[vec![pattern.clone()]]).remove(0), pattern.check_next)
    };
    let lead = "1 icmp_ttl_exceeded 1,2: hop limit exceeded (ICMP 11/0 from R, neither end) after \
                5 ms; the SYN was captured with hop limit";
    for ttl in [3, 30] {
        assert_eq!(
            found(ttl),
            (
                format!("{lead} {ttl}, which is typical of a traceroute"),
                "nothing if somebody runs a traceroute; otherwise, which program sends such SYNs"
            )
        );
    }
    for ttl in [31, 64] {
        assert_eq!(
            found(ttl),
            (
                format!("{lead} {ttl}, more than a traceroute sends: suspected: a routing loop"),
                "a routing loop: traceroute -T -p PORT HOST shows the same routers several times"
            )
        );
    }
}
