use super::*;
use crate::fixture::tally;
use crate::{Totals, View as _};
use parser::{Other, Timestamp};

const STYLE: Style = Style { unicode: true, width: Some(60), ..Style::PLAIN };

fn text(summary: &Summary, style: Style) -> String {
    let mut out = Vec::new();
    Totals::new(&mut out, style).finish(summary).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_clean_capture_is_short() {
    let summary = Summary {
        counters: Counters {
            tcp_segments: 4,
            outcomes: [1, 0, 0, 0, 0, 0, 0, 0],
            ..Counters::default()
        },
        files: 1,
        traffic: Traffic {
            frames: 4,
            bytes: 296,
            first: Some(Timestamp::from_nanos(0)),
            last: Some(Timestamp::from_nanos(80_000)),
            ..Traffic::default()
        },
        kernel_dropped: Some(0),
        ..Summary::default()
    };
    let expected = "\
1 attempt in 4 TCP segments
296 bytes in 4 frames, 80 µs
  established              1  ██████████████████████████████
";
    assert_eq!(text(&summary, STYLE), expected);
    assert_eq!(
        text(&Summary::default(), STYLE),
        "0 attempts in 0 TCP segments\n0 bytes in 0 frames\n"
    );
}

#[test]
fn every_doubt_is_reported() {
    let summary = Summary {
        answers: None,
        counters: Counters {
            tcp_segments: 900_000,
            outcomes: [3_000, 0, 1, 0, 0, 1_500, 0, 0],
            outside_handshake: 12,
            odd_segments: 1,
            evicted: [1, 0, 0, 0, 0, 4, 0, 0],
            ..Counters::default()
        },
        files: 2,
        traffic: Traffic {
            frames: 1_000_000,
            bytes: 64_000_000,
            without_tcp: tally(&[(Other::Ip(17), 2_000), (Other::EtherType(0x0806), 1)]),
            undecoded: vec![Undecoded { layer: "ipv4", reason: "truncated", count: 2 }],
            ..Traffic::default()
        },
        shown: Some(1_501),
        patterns: Some([("syn_timeout", 1_500), ("three_way", 3_000)].into()),
        kernel_dropped: Some(7),
        damaged: vec![Damaged {
            source: "cut\x1b[2J.pcap".to_owned(),
            offset: 40,
            frames: 1,
            reason: "the record claims 4294967295 bytes".to_owned(),
        }],
    };
    let expected = "4,501 attempts in 900,000 TCP segments
64.0 MB in 1,000,000 frames of 2 files
  established              3,000  ##########################
  refused                      1  #
  unanswered               1,500  #############
  - 1,501 of 4,501 attempts shown, as selected
  - cut\\x1b[2J.pcap breaks off at byte 40 after 1 frame: the
    record claims 4294967295 bytes
  - the kernel dropped 7 packets: a missing segment may have
    been sent
  - 5 attempts closed early for want of memory (--memory):
    established 1, unanswered 4
  - 2 frames not decoded: ipv4, truncated
  - 1 odd segment (SYN+FIN, SYN+RST, no flags or all of
    them)
  - 2,001 frames without TCP: udp 2,000, arp 1
  - 12 segments outside any attempt
  - patterns: syn_timeout 1,500, three_way 3,000
";
    assert_eq!(text(&summary, Style { unicode: false, ..STYLE }), expected);
}

/// What is said below the outcomes.
fn remarks(summary: &Summary) -> Vec<String> {
    summary.remarks().into_iter().map(|(_, text)| text).collect()
}

#[test]
fn a_capture_without_an_attempt_says_why() {
    let summary = Summary {
        counters: Counters { tcp_segments: 3, outside_handshake: 3, ..Counters::default() },
        traffic: Traffic { frames: 3, ..Traffic::default() },
        ..Summary::default()
    };
    let expected = [
        "no attempt begins in the capture: neither a SYN nor a SYN-ACK was captured",
        "3 segments outside any attempt",
    ];
    assert_eq!(remarks(&summary), expected);
    let traffic = Traffic {
        frames: 3,
        icmp_errors: 2,
        without_tcp: tally(&[(Other::Ip(17), 1)]),
        ..Traffic::default()
    };
    let summary = Summary { traffic, ..Summary::default() };
    assert_eq!(remarks(&summary), ["3 frames without TCP: udp 1, icmp error about tcp 2"]);
}

#[test]
fn one_direction_is_reported_if_it_is_certain() {
    let one = |client_heard, server_heard, established, unanswered| Summary {
        counters: Counters {
            outcomes: [established, 0, 0, 0, 0, unanswered, 0, 0],
            client_heard,
            server_heard,
            beyond_syn: 1,
            ..Counters::default()
        },
        ..Summary::default()
    };
    assert_eq!(one(2, 0, 1, 1).one_direction(), Some(Side::Client));
    assert_eq!(one(0, 2, 1, 1).one_direction(), Some(Side::Server));
    // A host that nobody answers is no view of one direction.
    assert_eq!(one(2, 0, 0, 2).one_direction(), None);
    assert_eq!(one(2, 1, 1, 1).one_direction(), None);
    let said = "the capture has one direction only: no segment of a server";
    assert_eq!(remarks(&one(2, 0, 1, 1)), [said]);
}

#[test]
fn a_capture_of_syns_alone_is_reported() {
    let syns = Summary {
        counters: Counters {
            outcomes: [0, 0, 0, 0, 0, 1, 1, 0],
            client_heard: 2,
            server_heard: 1,
            ..Counters::default()
        },
        ..Summary::default()
    };
    assert!(syns.syn_only() && remarks(&syns)[0].starts_with("no segment without SYN"));
    let with = |change: fn(&mut Counters)| {
        let mut summary = syns.clone();
        change(&mut summary.counters);
        summary
    };
    let silence = with(|counters| counters.server_heard = 0);
    assert!(!silence.syn_only() && remarks(&silence).is_empty());
    for other in [
        with(|counters| counters.beyond_syn = 1),
        with(|counters| counters.outside_handshake = 1),
        with(|counters| counters.odd_segments = 1),
    ] {
        assert!(!other.syn_only());
    }
}

#[test]
fn long_captures_have_a_readable_span() {
    let summary = Summary {
        traffic: Traffic {
            first: Some(Timestamp::from_nanos(5)),
            last: Some(Timestamp::from_nanos(1_226_673_000_000_005)),
            ..Traffic::default()
        },
        ..Summary::default()
    };
    assert!(text(&summary, STYLE).ends_with("0 bytes in 0 frames, 14 d 4 h\n"));
}
