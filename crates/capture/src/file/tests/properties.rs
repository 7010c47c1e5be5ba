use proptest::prelude::*;

use super::build::{Bytes, MICROSECONDS, NANOSECONDS, pcap};
use super::read;
use crate::file::record::ByteOrder::{self, Big, Little};

/// What a packet of a generated file is made of: time, content, length beyond the capture.
pub(super) type Packet = (u32, Vec<u8>, u8);

pub(super) fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let content = prop::collection::vec(any::<u8>(), 0..50);
    prop::collection::vec((any::<u32>(), content, any::<u8>()), 0..8)
}

pub(super) fn pcap_of(order: ByteOrder, magic: u32, packets: &[Packet]) -> Vec<u8> {
    let empty = pcap(order, magic, 1);
    packets
        .iter()
        .fold(empty, |file, (time, bytes, more)| {
            let len = bytes.len() as u32;
            file.u32(*time).u32(*time).u32(len).u32(len + u32::from(*more)).raw(bytes)
        })
        .bytes
}

pub(super) fn pcapng_of(order: ByteOrder, packets: &[Packet]) -> Vec<u8> {
    let empty = Bytes::new(order)
        .section()
        .interface_with(1, 0, |options| options.option(2, b"lo").option(9, &[9]))
        .block(77, |body| body.raw(b"unknown\0"));
    packets
        .iter()
        .fold(empty, |file, (time, bytes, more)| {
            let wire_len = bytes.len() as u32 + u32::from(*more);
            file.packet_with(0, u64::from(*time) << 7, bytes, wire_len, |options| {
                options.option(4, &[0; 8]).option(0, b"")
            })
        })
        .bytes
}

fn is_cut(reason: &str) -> bool {
    reason.starts_with("the file ends within ")
}

/// Cutting a file anywhere loses the frames after the cut and none before it.
fn check_prefixes(whole: &[u8]) {
    let frames = read(whole).frames;
    let mut seen = 0;
    for cut in 0..whole.len() {
        let told = read(&whole[..cut]);
        assert_eq!(told.frames, frames[..told.frames.len()]);
        assert!(told.frames.len() >= seen, "a longer prefix has fewer frames");
        seen = told.frames.len();
        assert!(told.refused.len() + told.damage.len() <= 1);
        for damage in &told.damage {
            assert!(is_cut(&damage.reason), "{}", damage.reason);
            assert_eq!(damage.frames, told.frames.len() as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_prefix_gives_the_frames_before_the_cut(packets in packets()) {
        check_prefixes(&pcap_of(Little, NANOSECONDS, &packets[..packets.len().min(3)]));
        check_prefixes(&pcapng_of(Big, &packets[..packets.len().min(3)]));
    }

    #[test]
    fn byte_order_makes_no_difference(packets in packets()) {
        for magic in [MICROSECONDS, NANOSECONDS] {
            let (little, big) = (pcap_of(Little, magic, &packets), pcap_of(Big, magic, &packets));
            prop_assert_eq!(read(&little).frames, read(&big).frames);
        }
        let (little, big) = (pcapng_of(Little, &packets), pcapng_of(Big, &packets));
        let told = read(&little);
        prop_assert_eq!(told.frames.len(), packets.len());
        let twin = read(&big);
        prop_assert_eq!((told.frames, told.damage, told.lost), (twin.frames, twin.damage, twin.lost));
    }

    #[test]
    fn arbitrary_bytes_end(start in 0..7_usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let starts = [
            Vec::new(),
            pcap_of(Little, MICROSECONDS, &[]),
            pcapng_of(Little, &[]),
            pcapng_of(Big, &[]),
            vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
            vec![0x28, 0xb5, 0x2f, 0xfd],
            vec![0x04, 0x22, 0x4d, 0x18],
        ];
        read(&[starts[start].as_slice(), &bytes].concat());
    }

    #[test]
    fn a_changed_byte_never_breaks_more_than_the_file(
        packets in packets(),
        compression in 0..4_usize,
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let plain = pcapng_of(Little, &packets);
        let mut file = match compression {
            0 => plain,
            index => super::compression::ALL[index - 1].1(&plain),
        };
        let place = place.index(file.len());
        file[place] = byte;
        read(&file);
    }
}
