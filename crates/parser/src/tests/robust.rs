//! Whatever the bytes are, decoding ends, and says no more of a cut frame than of the whole one.

use proptest::prelude::*;

use super::frames::{cat, ethernet, ipv4, ipv6, syn, udp};
use crate::{Content, Decoder, LinkType, Segment};

/// What identifies a segment.
fn identity(content: Content<'_>) -> Option<impl PartialEq + std::fmt::Debug + use<>> {
    let Content::Tcp(segment) = content else { return None };
    let Segment { source, destination, seq, ack_field, flags, window, len, ttl, ip_id, .. } =
        segment;
    Some((source, destination, seq, ack_field, flags, window, len, ttl, ip_id))
}

/// Decodes everything that can be asked of `bytes`.
fn decode_all(link: LinkType, wire_len: u32, bytes: &[u8]) {
    let mut decoder = Decoder::new();
    let packet = decoder.decode(link, wire_len, bytes);
    assert!(packet.layers.len() <= 80, "{:?}", packet.layers);
    if let Content::Tcp(segment) = packet.content {
        let _ = (segment.options().count(), segment.checksum(), segment.next_seq());
    }
}

/// Frames that reach deep, one byte of them changed.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &ethernet(0x0800, &ipv4(6, &syn()))]);
    let gtp = cat(&[&[0x30, 255, 0, 52, 0, 0, 0, 1], &ipv4(6, &syn())]);
    let gre = cat(&[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 1], &ethernet(0x86dd, &ipv6(6, &syn()))]);
    let mpls = cat(&[&[0, 0, 0x20, 64, 0, 0, 0x21, 64], &ipv4(6, &syn())]);
    let options = [60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0];
    let frames = vec![
        ethernet(0x0800, &ipv4(6, &syn())),
        ethernet(0x86dd, &ipv6(0, &cat(&[&options, &syn()]))),
        ethernet(0x0800, &ipv4(17, &udp(50_000, 4789, &vxlan))),
        ethernet(0x86dd, &ipv6(17, &udp(50_000, 2152, &gtp))),
        ethernet(0x8100, &cat(&[&[0, 5, 8, 0], &ipv4(47, &gre)])),
        ethernet(0x8847, &mpls),
        ethernet(0x0800, &ipv4(41, &ipv6(4, &ipv4(6, &syn())))),
        ethernet(0x0800, &ipv4(1, &cat(&[&[3, 1, 0, 0, 0, 0, 0, 0], &ipv4(6, &syn())]))),
    ];
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (prop::sample::select(frames), change).prop_map(|(mut frame, (index, value))| {
        let index = index.index(frame.len());
        frame[index] = value;
        frame
    })
}

proptest! {
    #[test]
    fn any_bytes_of_any_link_type_decode(
        link in 0..300_u32,
        wire_len: u32,
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        decode_all(LinkType(link), wire_len, &bytes);
    }

    #[test]
    fn changed_frames_decode(frame in frames(), wire_len: u32) {
        decode_all(LinkType::ETHERNET, wire_len, &frame);
    }

    #[test]
    fn a_cut_frame_is_the_same_segment_or_none(
        frame in frames(),
        at in any::<prop::sample::Index>(),
    ) {
        let wire_len = frame.len() as u32;
        let cut = &frame[..at.index(frame.len())];
        let (mut whole, mut part) = (Decoder::new(), Decoder::new());
        let whole = identity(whole.decode(LinkType::ETHERNET, wire_len, &frame).content);
        let part = identity(part.decode(LinkType::ETHERNET, wire_len, cut).content);
        prop_assert!(part.is_none() || part == whole, "{part:?} of {whole:?}");
    }
}
