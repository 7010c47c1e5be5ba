//! The captures that are written from captures/scripts. `SYNSCOPE_WRITE_CAPTURES=1` writes them anew.

use std::fs;

use testkit::{
    Endian, Interface, Link, Pcap, Pcapng, Precision, Script, TestFrame, pcap, pcapng, relink,
};

use super::{captures, files_in, read, read_text};

/// The script whose capture the twins are equal to.
const ORIGINAL: &str = "textbook";

fn frames(script: &str) -> Vec<TestFrame> {
    let text = read_text(&format!("scripts/{script}.txt"));
    Script::parse(&text).unwrap_or_else(|error| panic!("{script}: {error}")).into_frames()
}

/// The names of the scripts.
fn scripts() -> impl Iterator<Item = String> {
    files_in("scripts").map(|path| {
        let name = path.strip_prefix("scripts/").and_then(|name| name.strip_suffix(".txt"));
        name.unwrap_or_else(|| panic!("{path} is no script")).to_owned()
    })
}

/// The twins that differ in the form of the file, in the link type, or in a tunnel around the frames.
fn twins() -> Vec<(&'static str, Vec<u8>)> {
    use Endian::{Big, Little};
    use Precision::{Micro, Nano};
    let original = frames(ORIGINAL);
    let form = |endian, precision| pcap(&original, Pcap { endian, precision, ..Pcap::default() });
    let linked = |link| pcap(&relink(&original, link), Pcap::default());
    let around = |wrap: fn(&[u8]) -> Vec<u8>| {
        let wrapped: Vec<_> = original.iter().map(|frame| wrapped(frame, wrap)).collect();
        pcap(&wrapped, Pcap::default())
    };
    let microseconds = original
        .iter()
        .fold(
            Pcapng::new(Little).interface(Interface { link: 1, ..Interface::default() }),
            |file, frame| file.enhanced(0, frame),
        )
        .finish();
    vec![
        ("big-endian.pcapng", pcapng(&original, Big)),
        ("microseconds.pcapng", microseconds),
        ("microseconds.pcap", form(Little, Micro)),
        ("nanoseconds.pcap", form(Little, Nano)),
        ("big-endian-microseconds.pcap", form(Big, Micro)),
        ("big-endian-nanoseconds.pcap", form(Big, Nano)),
        ("null.pcap", linked(Link::Null { endian: Little, af_inet6: 24 })),
        ("raw.pcap", linked(Link::Raw)),
        ("sll.pcap", linked(Link::Sll)),
        ("sll2.pcap", linked(Link::Sll2)),
        ("ieee80211.pcap", linked(Link::Ieee80211)),
        ("vlan.pcap", around(vlan)),
        ("vxlan.pcap", around(vxlan)),
    ]
}

fn wrapped(frame: &TestFrame, wrap: fn(&[u8]) -> Vec<u8>) -> TestFrame {
    let bytes = wrap(&frame.bytes);
    TestFrame { wire_len: bytes.len() as u32, bytes, ..*frame }
}

/// An Ethernet frame with the tag of VLAN 100.
fn vlan(frame: &[u8]) -> Vec<u8> {
    let (addresses, rest) = frame.split_at(12);
    [addresses, &[0x81, 0x00, 0, 100], rest].concat()
}

/// An Ethernet frame in VXLAN 42 between 10.0.0.1 and 10.0.0.2 (RFC 7348, 5).
fn vxlan(frame: &[u8]) -> Vec<u8> {
    let udp_len = (8 + 8 + frame.len() as u16).to_be_bytes();
    let ip_len = (20 + 8 + 8 + frame.len() as u16).to_be_bytes();
    let mut ip =
        [&[0x45, 0][..], &ip_len, &[0, 0, 0x40, 0, 64, 17, 0, 0], &[10, 0, 0, 1], &[10, 0, 0, 2]]
            .concat();
    // The one's complement sum of RFC 1071.
    let sum: u32 = ip.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let ethernet = [2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 1, 1, 0x08, 0x00];
    let ports = [0xc0, 0x00, 0x12, 0xb5];
    // A checksum of 0 is none.
    let no_checksum = [0, 0];
    let vxlan = [0x08, 0, 0, 0, 0, 0, 42, 0];
    [&ethernet, &ip[..], &ports, &udp_len, &no_checksum, &vxlan, frame].concat()
}

/// Every capture that is written here, with its bytes.
fn written() -> Vec<(String, Vec<u8>)> {
    let scripted = scripts().map(|script| {
        let file = pcapng(&frames(&script), Endian::Little);
        (format!("{script}.pcapng"), file)
    });
    let twins = twins().into_iter().map(|(name, file)| (format!("twins/{name}"), file));
    scripted.chain(twins).collect()
}

#[test]
fn captures_are_what_their_scripts_say() {
    for (name, bytes) in written() {
        if std::env::var_os("SYNSCOPE_WRITE_CAPTURES").is_some() {
            fs::write(captures().join(&name), &bytes).expect("captures can be written");
        }
        assert!(
            read(&name) == bytes,
            "{name} differs from its script; captures/make.sh writes it anew"
        );
    }
}
