use super::*;
use crate::fixture;

const STYLE: Style = Style { unicode: true, ..Style::PLAIN };

#[test]
fn every_record_has_its_words() {
    let said: Vec<_> = fixture::all()
        .into_iter()
        .map(|(name, handshake)| (name, outcome(&handshake, STYLE)))
        .collect();
    let expected = [
        ("established", "established in 61 µs"),
        ("established-v6", "established in 61 µs"),
        ("late", "established after 1 s, of which 1 s waiting to repeat the SYN"),
        ("late-which", "established after 3.03 s, of which at most 3 s waiting to repeat the SYN"),
        (
            "syn-ack-again",
            "established after 3.05 s, of which 3.05 s waiting for a repeated SYN-ACK",
        ),
        (
            "syn-ack-which",
            "established after 1 s, of which at most 1 s waiting for a repeated SYN-ACK",
        ),
        (
            "both-again",
            "established after 2.03 s, of which 1 s waiting to repeat the SYN and 1.03 s waiting \
             for a repeated SYN-ACK",
        ),
        ("refused", "refused after 18 µs"),
        ("refused-after-stall", "refused after 7 s"),
        ("reset", "reset by the client after 55 µs"),
        // The first of two errors.
        ("unreachable", "unreachable after 3.06 s: host unreachable, reported by 192.0.2.254"),
        ("unanswered", "unanswered: 4 SYNs in 7.01 s, and no reply"),
        ("unacknowledged", "never acknowledged: 3 SYN-ACKs in 3 s, and no ACK"),
        (
            "client-only",
            "established for the client only: the server repeats its SYN-ACK, so the ACK was lost \
             on the path or dropped by the server",
        ),
        ("aborted", "established for the client only: the server answers its ACK with RST"),
        ("syn-not-captured", "established; the SYN was not captured"),
        ("syn-ack-not-captured", "established in 61 µs; the SYN-ACK was not captured"),
        ("ack-not-captured", "established after 29 µs to 9.03 ms; the ACK was not captured"),
        ("wrap", "established in 61 µs"),
        ("hostile-options", "established in 60.9 µs"),
        ("clock-back", "established"),
        ("in-progress", "in progress: no ACK yet"),
        ("simultaneous", "established in 38 µs"),
        ("crossed", "never acknowledged: a SYN of both sides, and no SYN-ACK"),
        ("two-vlans", "established in 93 µs"),
        ("half-open-recovery", "established after 1 s, of which 1 s waiting to repeat the SYN"),
        ("self-connect", "established in 18 µs"),
        ("rst-outlived", "established in 61 µs"),
        ("other-address", "reset by the client after 55 µs"),
        ("closed", "established in 61 µs"),
        ("closed-at-once", "established in 61 µs"),
        ("closed-by-half", "established in 61 µs"),
        ("closed-by-rst", "established in 61 µs"),
        ("closed-again", "established in 61 µs"),
        ("closed-not", "established in 61 µs"),
    ];
    assert_eq!(said, expected.map(|(name, words)| (name, words.to_owned())));
}

#[test]
fn what_was_tried_once_took_no_time() {
    let said = |packets| outcome(&fixture::of(packets), STYLE);
    assert_eq!(said("+0 SYN"), "unanswered: 1 SYN, and no reply");
    assert_eq!(said("+0 SYN\n+0 SYN_ACK"), "never acknowledged: 1 SYN-ACK, and no ACK");
    let ignored = "+0 SYN\n+1ms S > C R 0:0(0) win 0\n+1 SYN";
    assert_eq!(said(ignored), "unanswered: 2 SYNs in 1 s, and no acceptable reply");
}

#[test]
fn doubts_are_reported() {
    let mut handshake = fixture::record("clock-back");
    handshake.segments_omitted = 1;
    handshake.context.capture_lost_packets = true;
    let expected = [
        "the clock went back by 3600 s at frame 2",
        "1 more segment was not kept",
        "the capture lost packets: a missing segment may have been sent",
    ];
    assert_eq!(caveats(&handshake, STYLE), expected);
    assert!(caveats(&fixture::record("established"), STYLE).is_empty());
    let other = ["answered by 192.0.2.9:8080: the SYN went to another address"];
    assert_eq!(caveats(&fixture::record("other-address"), STYLE), other);
}

/// The clocks of a record that show something.
fn shown(name: &str) -> Vec<(&'static str, String)> {
    let clocks = clocks(&fixture::record(name), STYLE).into_iter();
    clocks.filter_map(|(name, value)| Some((name, value?))).collect()
}

#[test]
fn clocks_show_what_they_have() {
    let expected = |clocks: &[(&'static str, &str)]| -> Vec<_> {
        clocks.iter().map(|&(name, value)| (name, value.to_owned())).collect()
    };
    let sum = [
        ("total", "2.03 s"),
        ("retry wait", "1 s"),
        ("server RTT", "29 µs"),
        ("SYN-ACK wait", "1.03 s"),
        ("client RTT", "32 µs"),
        ("Wireshark iRTT", "1.03 s"),
    ];
    assert_eq!(shown("both-again"), expected(&sum));
    let ranges = [
        ("total", "1 s"),
        ("retry wait", "0 s"),
        ("server RTT", "29 µs"),
        ("SYN-ACK wait", "at most 1 s"),
        ("client RTT", "32 µs to 1 s"),
        ("Wireshark iRTT", "1 s"),
    ];
    assert_eq!(shown("syn-ack-which"), expected(&ranges));
    let partial = [
        ("total", "29 µs to 9.03 ms"),
        ("retry wait", "0 s"),
        ("server RTT", "29 µs"),
        ("client RTT", "at most 9 ms"),
        ("Wireshark iRTT", "9.03 ms"),
    ];
    assert_eq!(shown("ack-not-captured"), expected(&partial));
    assert_eq!(shown("unreachable"), expected(&[("failed after", "3.06 s")]));
    assert_eq!(shown("unanswered"), expected(&[("tried for", "7.01 s")]));
}

/// The total is the sum of the four spans, in every record that has them all.
#[test]
fn clocks_add_up() {
    let mut sums = 0;
    for (name, handshake) in fixture::all() {
        let timing = handshake.timing;
        let parts = [
            timing.retry_wait_ns,
            timing.server_rtt_ns,
            timing.syn_ack_wait_ns,
            timing.client_rtt_ns,
        ];
        if let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() {
            assert_eq!(timing.total_ns, Some(parts.iter().sum()), "{name}");
            sums += 1;
        }
    }
    assert!(sums > 10, "only {sums} records have all clocks");
}
