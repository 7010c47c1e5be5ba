use etherparse::{PacketBuilder, TcpHeader};

use super::frames::{C4, C6, S4, S6, ethernet, ipv4, ipv4_fragment, syn, tcp};
use super::*;
use crate::Checksum;

/// Decodes `packet`, which must be a segment, and gives its checksum.
#[track_caller]
fn checksum(packet: &[u8]) -> Checksum {
    checksum_cut(packet.len(), packet)
}

#[track_caller]
fn checksum_cut(wire_len: usize, packet: &[u8]) -> Checksum {
    let mut decoder = Decoder::new();
    match decoder.decode(&Frame::of_bytes(LinkType::RAW, wire_len as u32, packet)).content {
        Content::Tcp(segment) => segment.checksum(),
        other => panic!("no segment: {other:?}"),
    }
}

/// Packets of both IP versions with the checksum that etherparse computes, the length of their IP
/// header, and the sum of their pseudo header as computed on paper.
fn packets(data: &[u8]) -> [(Vec<u8>, usize, u16); 2] {
    let length = (20 + data.len()) as u32;
    let fold = |mut sum: u32| {
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    };
    let header = TcpHeader::new(1, 2, 3, 4);
    let build = |step: etherparse::PacketBuilderStep<etherparse::IpHeaders>| {
        let step = step.tcp_header(header.clone());
        let mut packet = Vec::new();
        step.write(&mut packet, data).unwrap();
        packet
    };
    [
        (
            build(PacketBuilder::ipv4(C4, S4, 64)),
            20,
            fold(0xc000 + 0x0201 + 0xc633 + 0x6402 + 6 + length),
        ),
        (build(PacketBuilder::ipv6(C6, S6, 64)), 40, fold(2 * (0x2001 + 0x0db8) + 3 + 6 + length)),
    ]
}

#[test]
fn checksums_fit_or_not() {
    for data in [&b""[..], b"x", b"xy", &[0xff; 1461]] {
        for (mut packet, at, pseudo) in packets(data) {
            assert_eq!(checksum(&packet), Checksum::Ok);
            let field = at + 16..at + 18;
            let good = u16::from_be_bytes([packet[at + 16], packet[at + 17]]);
            packet[field.clone()].copy_from_slice(&pseudo.to_be_bytes());
            assert_eq!(checksum(&packet), Checksum::Partial);
            let found = good.wrapping_add(1);
            packet[field.clone()].copy_from_slice(&found.to_be_bytes());
            assert_eq!(checksum(&packet), Checksum::Bad { found, expected: good });
            for byte in [0, 0xff] {
                packet[field.clone()].fill(byte);
                let found = u16::from_be_bytes([byte; 2]);
                assert_eq!(checksum(&packet), Checksum::Bad { found, expected: good });
            }
        }
    }
}

#[test]
fn either_zero_of_ones_complement_fits() {
    for (mut packet, at, _) in packets(b"") {
        // The window is set to what makes the checksum zero.
        let good = u16::from_be_bytes([packet[at + 16], packet[at + 17]]);
        packet[at + 16..at + 18].fill(0);
        let window = u16::from_be_bytes([packet[at + 14], packet[at + 15]]);
        let (sum, carry) = window.overflowing_add(good);
        packet[at + 14..at + 16].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
        assert_eq!(checksum(&packet), Checksum::Ok);
        packet[at + 16..at + 18].fill(0xff);
        assert_eq!(checksum(&packet), Checksum::Ok);
        packet[at + 17] = 0xfe;
        assert_eq!(checksum(&packet), Checksum::Bad { found: 0xfffe, expected: 0 });
    }
}

#[test]
fn what_was_not_captured_whole_has_no_checksum() {
    for (packet, _, _) in packets(b"data") {
        for cut in 1..=4 {
            let captured = &packet[..packet.len() - cut];
            assert_eq!(checksum_cut(packet.len(), captured), Checksum::Unknown);
        }
    }
    assert_eq!(checksum(&ipv4_fragment(6, 0x2000, &syn())), Checksum::Unknown);
}

#[test]
fn every_bit_of_the_header_arrives() {
    let bytes = tcp(0x0102_0304, 0x8000_0000, 0xfff, &[], b"data");
    let expected = Segment {
        seq: SeqNumber(0x0102_0304),
        ack_field: SeqNumber(0x8000_0000),
        flags: Flags(0xfff),
        len: 4,
        header_len: 20,
        ..syn_v4(&bytes)
    };
    check(LinkType::RAW, &ipv4(6, &bytes), &[], Content::Tcp(expected));
    let frame = ethernet(0x0800, &ipv4(6, &bytes));
    check(LinkType::ETHERNET, &frame, &[], Content::Tcp(expected));
    assert_eq!(expected.ack(), Some(SeqNumber(0x8000_0000)));
    assert_eq!(expected.next_seq(), SeqNumber(0x0102_0304 + 6));
}

#[test]
fn data_offsets_that_cannot_be() {
    let mut bytes = syn();
    bytes[12] = 0x40;
    let below = Reason::Malformed("data offset below 5");
    check(LinkType::RAW, &ipv4(6, &bytes), &[], stopped("tcp", 20, below));
    // Beyond the segment: the fixed fields are there and are reported; the options are cut.
    bytes[12] = 0xf0;
    let expected = Segment { header_len: 60, ..syn_v4(&bytes) };
    assert!(expected.options_cut());
    assert_eq!(expected.checksum(), Checksum::Unknown);
    check(LinkType::RAW, &ipv4(6, &bytes), &[], Content::Tcp(expected));
}

#[test]
fn the_pseudo_header_has_the_last_stop_of_a_source_route() {
    let [(mut routed, ..), _] = packets(b"data");
    routed.splice(20..20, [&[131, 7, 4][..], &S4, &[0]].concat());
    routed[0] = 0x47;
    routed[3] += 8;
    routed[16..20].copy_from_slice(&[203, 0, 113, 1]);
    assert_eq!(checksum(&routed), Checksum::Ok);
}
