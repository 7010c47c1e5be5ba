use super::*;
use crate::fixture;

/// The arrivals of an attempt's segments, one letter each.
fn arrivals(handshake: &Handshake) -> String {
    let letter = |index| match arrival(handshake, index) {
        Arrival::Arrived => 'a',
        Arrival::Lost => 'l',
        Arrival::Unknown => '?',
        Arrival::Refused => 'r',
    };
    (0..handshake.segments.len()).map(letter).collect()
}

#[test]
fn the_fate_of_every_segment_is_what_others_show() {
    let said: Vec<_> =
        fixture::all().into_iter().map(|(name, one)| (name, arrivals(&one))).collect();
    let expected = [
        ("established", "aaa"),
        ("established-v6", "aaa"),
        ("late", "laaa"),
        ("late-which", "???aa"),
        ("syn-ack-again", "allaa"),
        ("syn-ack-which", "a??a"),
        ("both-again", "lalaa"),
        ("refused", "aa"),
        ("refused-after-stall", "???aa"),
        ("reset", "aaa"),
        ("unreachable", "aaa"),
        ("unanswered", "????"),
        ("unacknowledged", "a???"),
        ("client-only", "aa?a?a?"),
        ("aborted", "aara"),
        ("syn-not-captured", "aa"),
        ("syn-ack-not-captured", "aa"),
        ("ack-not-captured", "aaa"),
        ("wrap", "aaa"),
        ("hostile-options", "aaaaaaaa"),
        ("clock-back", "aaa"),
        ("in-progress", "aa"),
        ("simultaneous", "aaaa"),
        ("crossed", "??"),
        ("two-vlans", "aaaaaa"),
        ("half-open-recovery", "aaaaaa"),
        ("self-connect", "aaa"),
        ("rst-outlived", "aaaa"),
        ("other-address", "aaa"),
        ("closed", "aaa"),
        ("closed-at-once", "aaa"),
        ("closed-by-half", "aaa"),
        ("closed-by-rst", "aaa"),
        ("closed-again", "aaa"),
        ("closed-not", "aaa"),
    ];
    assert_eq!(said, expected.map(|(name, arrivals)| (name, arrivals.to_owned())));
}

#[test]
fn of_several_acks_a_rst_refuses_the_last() {
    let packets = "
        +0   SYN
        +9us SYN_ACK
        +9us ACK
        +1   SYN_ACK
        +9us ACK
        +9us S > C R K+1:K+1(0) win 0";
    assert_eq!(arrivals(&fixture::of(packets)), "aa?ara");
}

#[test]
fn a_split_handshake_does_not_show_whether_the_first_syn_arrived() {
    let packets = "
        +0   SYN <TS val 1 ecr 0>
        +9us S > C S K:K(0) win 9 <TS val 7 ecr 0>
        +9us C > S S. J:J(0) ack K+1 win 9 <TS val 2 ecr 7>
        +9us S > C . K+1:K+1(0) ack J+1 win 9 <TS val 8 ecr 2>
        +1ms S > C P. K+1:K+101(100) ack J+1 win 9";
    assert_eq!(arrivals(&fixture::of(packets)), "?aaa");
}

#[test]
fn a_time_stamp_that_names_a_syn_shows_that_it_arrived() {
    // The server answers the second SYN from the request that it holds since the first.
    let packets = "
        +0   SYN     <TS val 1 ecr 0>
        +1   SYN     <TS val 1001 ecr 0>
        +9us SYN_ACK <TS val 9 ecr 1>
        +9us ACK     <TS val 1001 ecr 9>";
    assert_eq!(arrivals(&fixture::of(packets)), "a?aa");
    // Equal time stamps name neither.
    let packets = packets.replace("1001", "1");
    assert_eq!(arrivals(&fixture::of(&packets)), "??aa");
}
