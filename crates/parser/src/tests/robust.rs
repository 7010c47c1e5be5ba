//! Whatever the bytes are, decoding ends, and says no more of a cut frame than of the whole one.

use proptest::prelude::*;

use super::frames::{ethernet, ipv4, ipv6, syn};
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

/// Frames that are likely to reach deep.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop_oneof![
        Just(ethernet(0x0800, &ipv4(6, &syn()))),
        Just(ethernet(0x86dd, &ipv6(6, &syn()))),
    ];
    (whole, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut frame, index, value)| {
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
