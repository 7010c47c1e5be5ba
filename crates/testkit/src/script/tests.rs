use super::*;
use crate::{Endian, Interface, Link, Pcap, Pcapng, pcap, pcapng, relink};

const HOSTS: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nisn J=7 K=4294967295\n";

fn frames(lines: &str) -> Vec<TestFrame> {
    Script::parse(&format!("{HOSTS}{lines}")).unwrap().into_frames()
}

fn error(lines: &str) -> String {
    Script::parse(&format!("{HOSTS}{lines}")).unwrap_err().to_string()
}

/// Byte for byte; tshark calls both checksums right.
#[test]
fn a_segment_becomes_the_frame_that_rfc_9293_draws() {
    let script = Script::parse(
        "start 5.25
         client 127.0.0.1:43210 server 127.0.0.1:8080
         isn J=305419896
         +1us C > S S J:J(0) win 65495 <mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 7> ip_id 4660",
    );
    let script = script.unwrap();
    let [frame] = script.frames() else { panic!("one frame") };
    let expected = "020000000002020000000001080045 00003c1234400040062a 867f0000017f000001
        a8ca1f90 12345678 00000000 a002ffd7 1efa0000 0204ffd7 0402080a 00000001 00000000 01030307";
    let expected: String = expected.split_whitespace().collect();
    assert_eq!(
        *frame,
        TestFrame {
            timestamp_ns: 5_250_001_000,
            link: 1,
            wire_len: 74,
            bytes: words::hex(&expected).unwrap(),
        }
    );
}

#[test]
fn times_are_relative_to_the_line_before_or_to_the_start() {
    let script = "start 100
        +0.5 frame 00
        +10ms frame 00
        -1s frame 00
        =2.000000001 frame 00
        +3ns frame 00";
    let script = Script::parse(script).unwrap();
    let times: Vec<i64> = script.frames().iter().map(|frame| frame.timestamp_ns).collect();
    let after = [500_000_000, 510_000_000, -490_000_000, 2_000_000_001, 2_000_000_004];
    assert_eq!(times, after.map(|after| 100_000_000_000 + after));
}

#[test]
fn numbers_wrap() {
    let frames = frames("+0 C > S . K+2:K+4(2) ack J-8");
    assert_eq!(frames[0].bytes[38..46], [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(frames[0].bytes[54..], [0, 1]);
}

#[test]
fn every_flag_has_its_bit() {
    for (letter, bits) in ["F", "S", "R", "P", ".", "U", "E", "W", "A"].iter().zip(0..) {
        let ack = if *letter == "." { "ack K" } else { "" };
        let frames = frames(&format!("+0 C > S {letter} J:J(0) {ack}"));
        let found = u16::from_be_bytes([frames[0].bytes[46], frames[0].bytes[47]]);
        assert_eq!(found, 0x5000 | 1 << bits, "{letter}");
    }
    assert_eq!(frames("+0 C > S - J:J(0)")[0].bytes[46..48], [0x50, 0]);
}

#[test]
fn ipv6_vlans_fragments_and_cuts() {
    let script = "client [2001:db8::1]:1 server [2001:db8::2]:2
        isn J=0
        +0 C > S S J:J(0) vlan 100 vlan 7 ttl 9 cut 30
        +0 C > S S J:J+3(3) fragment first";
    let script = Script::parse(script).unwrap();
    let [tagged, fragment] = script.frames() else { panic!("two frames") };
    assert_eq!((tagged.bytes.len(), tagged.wire_len), (30, 14 + 8 + 40 + 20));
    assert_eq!(
        tagged.bytes[12..],
        [0x81, 0, 0, 100, 0x81, 0, 0, 7, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 9]
    );
    // Next header 44, payload 8 + 20 + 3; then TCP, offset 0, more fragments.
    assert_eq!(fragment.bytes[18..21], [0, 31, 44]);
    assert_eq!(fragment.bytes[54..58], [6, 0, 0, 1]);
}

#[test]
fn options_are_padded_and_bounded() {
    let bytes = |text| options::options(text).unwrap();
    assert_eq!(bytes("mss 1460"), [2, 4, 5, 0xb4]);
    assert_eq!(bytes("wscale 14,eol"), [3, 3, 14, 0]);
    assert_eq!(bytes("FO"), [34, 2, 0, 0]);
    assert_eq!(bytes("FOEXP 0102"), [254, 6, 0xf9, 0x89, 1, 2, 0, 0]);
    assert_eq!(bytes("sack 1:2"), [5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0]);
    assert_eq!(bytes("ao 1 2 ff, hex 00"), [29, 5, 1, 2, 0xff, 0, 0, 0]);
    assert_eq!(bytes("mptcp 0001"), [30, 4, 0, 1]);
    let too_many = options::options(&["TS val 1 ecr 2"; 5].join(","));
    assert_eq!(too_many.unwrap_err(), "the options take 52 bytes, there is room for 40");
}

#[test]
fn an_icmp_error_quotes_what_its_receiver_sent() {
    let lines = "router 192.0.2.254
        +0 C > S S J:J(0) <mss 9>
        +1 R > C icmp unreachable host quoting J quote 8";
    let frames = frames(lines);
    let [syn, icmp] = frames.as_slice() else { panic!("two frames") };
    assert_eq!(icmp.bytes[23], 1);
    assert_eq!(icmp.bytes[34..36], [3, 1]);
    assert_eq!(icmp.bytes[42..], syn.bytes[14..42]);

    let v6 = "client [2001:db8::1]:1 server [2001:db8::2]:2
        router 2001:db8::ff
        +0 C > S S 5:5(0)
        +1 R > C icmp packet_too_big 1280 quoting 5";
    let v6 = Script::parse(v6).unwrap();
    assert_eq!(v6.frames()[1].bytes[54..56], [2, 0]);
    assert_eq!(v6.frames()[1].bytes[58..62], 1280_u32.to_be_bytes());
    assert_eq!(v6.frames()[1].bytes[62..], v6.frames()[0].bytes[14..]);
}

#[test]
fn a_duplicate_is_the_same_packet_with_another_hop_count() {
    let frames = frames("+0 C > S S J:J(0)\n+1ms dup\n+1ms dup ttl 63");
    assert_eq!(frames[0].bytes, frames[1].bytes);
    assert_eq!(frames[2].bytes[22], 63);
    assert_eq!(frames[0].bytes[26..], frames[2].bytes[26..]);
    assert_eq!(frames[2].timestamp_ns - frames[0].timestamp_ns, 2_000_000);
}

#[test]
fn a_tunnel_lies_around_the_whole_frame() {
    let frames = frames("+0 C > S S J:J(0) vlan 5\n+1us dup vlan 5 vxlan 42\n+1us dup vlan 5");
    let [plain, tunnelled, again] = frames.as_slice() else { panic!("three frames") };
    assert_eq!(plain.bytes, again.bytes);
    // Ethernet, IPv4 (58 + 8 + 8 + 20 bytes long), UDP, VXLAN with the I flag (RFC 7348, 5).
    let expected = "020000000102020000000101 0800 4500005e00004000401126 8d0a0000010a000002
        c00012b5004a0000 0800000000002a00";
    let expected: String = expected.split_whitespace().collect();
    let (tunnel, inside) = tunnelled.bytes.split_at(50);
    assert_eq!((tunnel, inside), (&*words::hex(&expected).unwrap(), &*plain.bytes));
    assert_eq!(tunnelled.wire_len, 108);
    assert_eq!(
        error("+0 C > S S J:J(0) vxlan 16777216"),
        "line 3: expected a VXLAN network up to 16777215, found 16777216"
    );
}

#[test]
fn a_checksum_is_wrong_only_on_request() {
    let sum = |modifier: &str| {
        let frames = frames(&format!("+0 C > S S J:J(0) {modifier}"));
        u16::from_be_bytes([frames[0].bytes[50], frames[0].bytes[51]])
    };
    // 192.0 + 2.1 + 192.0 + 2.2 + 6 + 20, the carry added.
    assert_eq!(sum("checksum partial"), 0x841e);
    assert_eq!(sum("checksum bad") ^ sum(""), 0x0100);
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    let cases = [
        (
            "+0 C > S S J:J(0) tll 3",
            "expected win, urg, ack_field, <options>, ttl, ip_id, vlan, vxlan, checksum, fragment, cut or the end of the line, found `tll`",
        ),
        ("+0 C > S S. J:J(0)", "expected `ack` at the end of the line"),
        (
            "+0 C > S S J:J(0) ack 5",
            "expected win, urg, ack_field, <options>, ttl, ip_id, vlan, vxlan, checksum, fragment, cut or the end of the line, found `ack`",
        ),
        ("+0 C > S S J:J+2(1)", "`J:J+2(1)`: the second number is not the first plus 1"),
        (
            "+0 C > S SS J:J(0)",
            "expected flags out of S . P F R U E W A, each once, or -, found `SS`",
        ),
        ("+0 C > X S J:J(0)", "host `X` is not declared"),
        ("+0 C > S S L:L(0)", "number `L` is not declared by `isn L=...`"),
        ("+0.x C > S S J:J(0)", "expected a duration such as 0.01, 10ms, 5us or 3ns, found `0.x`"),
        (
            "+1.0005us C > S S J:J(0)",
            "expected a duration such as 0.01, 10ms, 5us or 3ns, found `1.0005us`",
        ),
        (
            "0 C > S S J:J(0)",
            "expected `client`, `server`, `router`, `host`, `isn`, `start` or a time (+0.01, +10ms, -1s, =2), found `0`",
        ),
        ("+0 C > S S J:J(0) <mss 1", "expected `>` at the end of the options"),
        ("+0 C > S S J:J(0) <mss 70000>", "expected a segment size, found `70000`"),
        ("+0 S > C icmp unreachable host quoting J", "192.0.2.1 sent no segment with that number"),
        ("+0 dup", "there is no packet to repeat"),
        ("+0 C > S S J:J(0) cut 55", "`cut 55`: the frame has only 54 bytes"),
        ("isn J=1", "number `J` is declared twice"),
        ("+0 frame 0g", "expected pairs of hexadecimal digits, found `0g`"),
    ];
    for (line, message) in cases {
        assert_eq!(error(line), format!("line 3: {message}"), "{line}");
    }
}

#[test]
fn a_pcap_file_is_header_and_records() {
    let frames = Script::parse("start 2\n+1001ns frame aabb").unwrap().into_frames();
    let file = pcap(&frames, Pcap { endian: Endian::Big, ..Pcap::default() });
    let expected = "a1b23c4d 0002 0004 00000000 00000000 00040000 00000001
        00000002 000003e9 00000002 00000002 aabb";
    let expected: String = expected.split_whitespace().collect();
    assert_eq!(file, words::hex(&expected).unwrap());
}

#[test]
fn a_pcapng_file_keeps_time_in_the_interface_s_units() {
    let frames = Script::parse("start 3.5\n+0 frame aabb").unwrap().into_frames();
    let interface =
        Interface { link: 1, tsresol: Some(0x81), tsoffset: Some(1), ..Interface::default() };
    let file = Pcapng::new(Endian::Big).interface(interface).enhanced(0, &frames[0]).finish();
    let expected = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
        00000001 0000002c 0001 0000 00000000 0009 0001 81000000 000e 0008 0000000000000001 00000000 0000002c
        00000006 00000024 00000000 00000000 00000005 00000002 00000002 aabb0000 00000024";
    let expected: String = expected.split_whitespace().collect();
    assert_eq!(file, words::hex(&expected).unwrap());
    assert_eq!(pcapng(&frames, Endian::Little)[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
}

#[test]
fn a_relinked_frame_keeps_its_packet() {
    let frames = frames("+0 C > S S J:J(0) vlan 5");
    let ip = &frames[0].bytes[18..];
    for link in Link::ALL {
        let twin = &relink(&frames, link)[0];
        assert!(twin.bytes.ends_with(ip), "{link:?}");
        assert_eq!(twin.wire_len as usize, twin.bytes.len(), "{link:?}");
    }
    assert_eq!(relink(&frames, Link::Loop)[0].bytes[..4], [0, 0, 0, 2]);
}
