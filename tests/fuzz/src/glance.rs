//! An Ethernet frame: what a glance sees is what walking through the layers finds.

use parser::{Content, Decoder, Frame, Glance, Layer, LinkType, Packet};

const ETHERNET: usize = 14;
/// A tag of VLAN 5, which no glance looks behind.
const TAG: [u8; 4] = [0x81, 0, 0, 5];

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

    let (addresses, rest) = bytes.split_at(ETHERNET - 2);
    let raw = Frame::of_bytes(LinkType::RAW, wire_len - ETHERNET as u32, &bytes[ETHERNET..]);
    let content = Content::Tcp(segment);
    assert_eq!(Decoder::new().decode(&raw), Packet { layers: &[], content });
    let tagged = [addresses, &TAG, rest].concat();
    let tagged = Frame::of_bytes(LinkType::ETHERNET, wire_len + TAG.len() as u32, &tagged);
    assert_eq!(Decoder::new().decode(&tagged), Packet { layers: &[Layer::Vlan(5)], content });
}
