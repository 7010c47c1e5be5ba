//! The same packets in another wrapping are the same handshakes.

use serde_json::Value;
use testkit::{Endian, Link, Magic, Pcap, Pcapng, Precision, Script, TestFrame, pcap, relink};

use crate::scripts::THREE_FATES;
use crate::util::Dir;

/// What is reported of the attempts in a file, but for the file's own name and that of its
/// interface.
fn told(dir: &Dir, name: &str) -> Vec<Value> {
    let run = dir.synscope(["replay", "-f", "jsonl", name]).run().code(0).says("");
    let mut attempts = run.json_lines();
    attempts.retain(|line| line["type"] == "handshake");
    for attempt in &mut attempts {
        for field in ["source", "interface"] {
            attempt[field].take();
        }
    }
    assert_eq!(attempts.len(), 3, "{run:?}");
    attempts
}

fn frames() -> Vec<TestFrame> {
    Script::parse(THREE_FATES).expect("the script is right").into_frames()
}

#[test]
fn every_form_of_file_gives_the_same() {
    let dir = Dir::new();
    let frames = frames();
    dir.write("original.pcap", pcap(&frames, Pcap::default()));
    let original = told(&dir, "original.pcap");
    for endian in [Endian::Little, Endian::Big] {
        for precision in [Precision::Micro, Precision::Nano] {
            let form = Pcap { endian, precision, ..Pcap::default() };
            dir.write("twin.pcap", pcap(&frames, form));
            assert_eq!(told(&dir, "twin.pcap"), original, "{form:?}");
        }
        // Microseconds, nanoseconds, and 2^-30 s, which is finer.
        for tsresol in [6, 9, 0x9e] {
            let interface = testkit::Interface {
                link: 1,
                tsresol: Some(tsresol),
                tsoffset: Some(1_700_000_000),
                ..testkit::Interface::default()
            };
            let file = Pcapng::new(endian).interface(interface);
            let file = frames.iter().fold(file, |file, frame| file.enhanced(0, frame));
            dir.write("twin.pcapng", file.finish());
            let twin = told(&dir, "twin.pcapng");
            if tsresol & 0x80 == 0 {
                assert_eq!(twin, original, "{endian:?} {tsresol}");
            } else {
                // A time that no power of two holds is rounded down by less than 1 ns.
                let rtt = |told: &[Value]| told[0]["timing"]["total_ns"].as_i64();
                let difference =
                    rtt(&twin).zip(rtt(&original)).map(|(twin, one)| (twin - one).abs());
                assert!(difference.is_some_and(|ns| ns <= 1), "{endian:?} {twin:?}");
            }
        }
    }
}

#[test]
fn every_link_type_gives_the_same() {
    let dir = Dir::new();
    let frames = frames();
    dir.write("original.pcap", pcap(&frames, Pcap::default()));
    let original = told(&dir, "original.pcap");
    for link in Link::ALL {
        let twins = relink(&frames, link);
        // A link type of IPv4 alone and one of IPv6 alone need an interface each.
        let mut links: Vec<u32> = twins.iter().map(|twin| twin.link).collect();
        links.dedup();
        let file = links.iter().fold(Pcapng::new(Endian::Little), |file, link| {
            file.interface(testkit::Interface::nanoseconds(*link as u16, "twin"))
        });
        let file = twins.iter().fold(file, |file, twin| {
            let interface = links.iter().position(|link| *link == twin.link);
            file.enhanced(interface.expect("it was described") as u32, twin)
        });
        dir.write("twin.pcapng", file.finish());
        assert_eq!(told(&dir, "twin.pcapng"), original, "{link:?}");
    }
}

#[test]
fn a_patched_libpcap_s_file_is_refused_by_name() {
    let dir = Dir::new();
    let form = Pcap { magic: Magic::Modified, ..Pcap::default() };
    dir.write("old.pcap", pcap(&frames(), form));
    let run = dir.synscope(["replay", "old.pcap"]).run().code(2).shows("");
    assert!(run.stderr().contains("Kuznetsov") && run.stderr().contains("editcap"), "{run:?}");
}
