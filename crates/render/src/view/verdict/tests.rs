use super::*;
use crate::fixture;

#[test]
fn every_outcome_has_its_words() {
    let told: Vec<_> = fixture::all()
        .into_iter()
        .map(|(name, handshake)| (name, verdict(&handshake, true)))
        .collect();
    let expected = [
        ("established", "established in 61 µs"),
        ("established-v6", "established in 61 µs"),
        ("late", "established after 1.00 s, of which 1.00 s waiting to repeat the SYN"),
        ("refused", "refused after 18 µs"),
        ("refused-after-stall", "refused after 11.2 s"),
        ("reset", "reset by the client after 55 µs"),
        ("unreachable", "unreachable after 3.06 s: host unreachable, says 192.0.2.254"),
        ("unanswered", "unanswered: 4 SYNs in 7.01 s, and no reply"),
        ("unacknowledged", "never acknowledged: 3 SYN-ACKs, and no ACK"),
        ("client-only", "established for the client alone: the server dropped the ACK"),
        ("syn-not-captured", "established"),
        ("wrap", "established in 61 µs"),
        ("hostile-options", "established in 61 µs"),
        ("clock-back", "established"),
        ("in-progress", "in progress: the ACK is to come"),
    ];
    assert_eq!(told, expected.map(|(name, words)| (name, words.to_owned())));
}

#[test]
fn doubts_are_told() {
    let mut handshake = fixture::clock_back();
    handshake.syn_captured = false;
    handshake.segments_omitted = 1;
    handshake.context.capture_lost_packets = true;
    let expected = [
        "the SYN was not captured",
        "the clock went back by 3600 s at frame 2",
        "1 more segment was not kept",
        "the capture lost packets: a missing segment proves little",
    ];
    assert_eq!(doubts(&handshake, true), expected);
    assert!(doubts(&fixture::established(), true).is_empty());
}
