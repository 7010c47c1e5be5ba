//! An Ethernet frame: what a glance sees is what walking through the layers finds.

use parser::{Content, Decoder, Frame, Glance, Layer, LinkType, Packet};

/// Destination and source.
const ADDRESSES: usize = 12;
/// Tags of VLAN 5, more than a glance looks behind.
const TAGS: [u8; 12] = [0x81, 0, 0, 5, 0x81, 0, 0, 5, 0x81, 0, 0, 5];

/// The first byte is what the frame on the wire has more than the captured one, or less.
pub fn check(data: &[u8]) {
    let Some((&beyond, bytes)) = data.split_first() else { return };
    let wire_len = (bytes.len() as u32).saturating_add_signed(i32::from(beyond.cast_signed()));
    let Some(glance) = Glance::of(LinkType::ETHERNET, wire_len, bytes) else { return };
    let segment = glance.segment();
    let seen = (glance.source, glance.destination, glance.flags, glance.seq(), glance.data_len());
    assert_eq!(
        seen,
        (segment.source, segment.destination, segment.flags, segment.seq, segment.len)
    );

    let content = Content::Tcp(segment);
    let layers = [&[Layer::Vlan(5); 3][..], &glance.layers()].concat();
    let (addresses, rest) = bytes.split_at(ADDRESSES);
    let tagged = [addresses, &TAGS, rest].concat();
    let tagged = Frame::of_bytes(LinkType::ETHERNET, wire_len + TAGS.len() as u32, &tagged);
    assert_eq!(Decoder::new().decode(&tagged), Packet { layers: &layers, content });
}
