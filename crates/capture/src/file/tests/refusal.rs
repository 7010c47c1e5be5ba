use super::build::{Bytes, MICROSECONDS, NANOSECONDS};
use super::refusal;
use crate::file::record::ByteOrder::{Big, Little};

#[test]
fn what_is_no_capture_is_refused_by_name() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "x: the file is empty"),
        (b"a", "x: this is text, not a capture"),
        (b"hello, world\n", "x: this is text, not a capture"),
        ("K\u{f6}ln\n".as_bytes(), "x: this is text, not a capture"),
        (b" \n {\"a\": 1}", "x: this is JSON, not a capture"),
        (b"[1]", "x: this is JSON, not a capture"),
        (b"\x7fELF\x02", "x: this is not a capture file: it begins with 7f 45 4c 46"),
        (b"\0", "x: this is not a capture file: it begins with 00"),
    ];
    for (bytes, message) in cases {
        assert_eq!(refusal(bytes), *message);
    }
    // The look at an unknown file may end within a character.
    let mut text = vec![b'a'; 511];
    text.extend("\u{20ac}".as_bytes());
    assert_eq!(refusal(&text), "x: this is text, not a capture");
    text[0] = 1;
    assert_eq!(refusal(&text), "x: this is not a capture file: it begins with 01 61 61 61");
    // What is no character at all ends no text.
    let mixed = "x: this is not a capture file: it begins with 61 ff 62 63";
    assert_eq!(refusal(b"a\xffbcd"), mixed);
}

#[test]
fn captures_of_other_kinds_are_refused_by_name() {
    let advice = "convert it with `editcap -F pcap FILE NEW`";
    let cases: &[(&[u8], &str)] = &[
        (b"snoop\0\0\0\0\0\0\x02", "a Sun snoop capture"),
        (b"btsnoop\0", "a Bluetooth btsnoop capture"),
        (b"GMBU", "a Microsoft Network Monitor 2 capture"),
        (b"RTSS", "a Microsoft Network Monitor 1 capture"),
        (b"TRSNIFF data    \x1a", "a Sniffer capture"),
        (b"XCP\0", "a NetXRay or Windows Sniffer capture"),
        (b"iptrace 2.0", "an AIX iptrace capture"),
        (b"\0\0\x02\0\x12\x05\x10\0", "a Tektronix K12 capture"),
        (&0xa1b2_cd34_u32.to_le_bytes(), "a pcap file of a patched libpcap (Kuznetsov)"),
        (&0xa1b2_cd34_u32.to_be_bytes(), "a pcap file of a patched libpcap (Kuznetsov)"),
        (&0xa1b2_34cd_u32.to_le_bytes(), "a pcap file of a patched libpcap (Mesquita)"),
        (&0xa12b_3c4d_u32.to_be_bytes(), "a pcap file of a patched libpcap (Navtel)"),
        (&0x1c00_01ac_u32.to_le_bytes(), "an Ixia hardware capture (lcap)"),
        (&0x1c00_01ab_u32.to_be_bytes(), "an Ixia software capture (lcap)"),
    ];
    for (bytes, name) in cases {
        assert_eq!(refusal(bytes), format!("x: this is {name}: {advice}"));
    }
}

#[test]
fn archives_and_other_compressions_come_with_the_command_to_use() {
    let cases: &[(&[u8], &str)] = &[
        (b"BZh91AY", "compressed with bzip2: use `bzip2 -dc FILE | synscope replay -`"),
        (b"\xfd7zXZ\0", "compressed with xz: use `xz -dc FILE | synscope replay -`"),
        (b"PK\x03\x04", "a ZIP archive: use `unzip -p FILE | synscope replay -`"),
    ];
    for (bytes, reason) in cases {
        assert_eq!(refusal(bytes), format!("x: this is {reason}"));
    }
    let mut tar = vec![0; 512];
    tar[..6].copy_from_slice(b"a.pcap");
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(refusal(&tar), "x: this is a tar archive: extract its files first");
}

#[test]
fn headers_that_break_off_or_are_of_another_version() {
    let pcap = Bytes::new(Little).u32(NANOSECONDS).u16(2).u16(4).u32(0);
    assert_eq!(refusal(&pcap.bytes), "x: the pcap file header breaks off: 12 of 24 bytes");
    let old = Bytes::new(Big).u32(MICROSECONDS).u16(1).u16(2).raw(&[0; 16]);
    assert_eq!(refusal(&old.bytes), "x: pcap version 1.2 is not supported");
    let section = Bytes::new(Big).section();
    assert_eq!(
        refusal(&section.bytes[..9]),
        "x: the pcapng section header breaks off: 9 of 16 bytes"
    );
    let new = Bytes::new(Big)
        .block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(2).u16(3).u64(u64::MAX));
    assert_eq!(refusal(&new.bytes), "x: pcapng version 2.3 is not supported");
    let other = Bytes::new(Big).block(0x0a0d_0d0a, |body| body.raw(&[7; 16]));
    assert_eq!(refusal(&other.bytes), "x: this begins like pcapng, but has no byte-order magic");
}
