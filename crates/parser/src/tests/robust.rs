//! Whatever the bytes are, decoding ends, and says no more of a cut frame than of the whole one.

use proptest::prelude::*;

use super::frames::{cat, ethernet, ipv4, ipv6, syn, tcp, udp};
use crate::{Content, Decoder, Frame, Glance, Layer, LinkType, Packet, Segment};

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
    let packet = decoder.walk(&Frame::of_bytes(link, wire_len, bytes));
    assert!(packet.layers.len() <= 80, "{:?}", packet.layers);
    if let Content::Tcp(segment) = packet.content {
        let _ = (segment.options().count(), segment.checksum(), segment.next_seq());
    }
}

/// Frames that reach deep, one byte of them changed.
fn frames() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &ethernet(0x0800, &v4)]);
    let gtp = cat(&[&[0x30, 255, 0, 52, 0, 0, 0, 1], &v4]);
    let gre = cat(&[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 1], &ethernet(0x86dd, &v6)]);
    let mpls = cat(&[&[0, 0, 0x20, 64, 0, 0, 0x21, 64], &v4]);
    let pseudowire = cat(&[&[0, 0, 0x21, 64, 0, 0, 0, 0], &ethernet(0x0800, &v4)]);
    let options = [60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0];
    let wifi = cat(&[&[0x88, 1], &[0; 24], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &v4]);
    let frames = vec![
        (1, ethernet(0x0800, &v4)),
        (1, ethernet(0x86dd, &ipv6(0, &cat(&[&options, &syn()])))),
        (1, ethernet(0x0800, &ipv4(17, &udp(50_000, 4789, &vxlan)))),
        (1, ethernet(0x86dd, &ipv6(17, &udp(50_000, 2152, &gtp)))),
        (1, ethernet(0x0800, &ipv4(17, &udp(50_000, 3544, &v6)))),
        (1, ethernet(0x8100, &cat(&[&[0, 5, 8, 0], &ipv4(47, &gre)]))),
        (1, ethernet(0x8847, &mpls)),
        (1, ethernet(0x8847, &pseudowire)),
        (1, ethernet(0x0800, &ipv4(41, &ipv6(4, &v4)))),
        (1, ethernet(0x0800, &ipv4(1, &cat(&[&[3, 1, 0, 0, 0, 0, 0, 0], &v4])))),
        (0, cat(&[&[2, 0, 0, 0], &v4])),
        (107, cat(&[&[0x18, 0x41, 3, 0xcc], &v4])),
        (113, cat(&[&[0; 14], &[8, 0], &v4])),
        (127, cat(&[&[0, 0, 8, 0, 0, 0, 0, 0], &wifi])),
        (239, cat(&[&[2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 56, 0, 9, 0], &v4])),
    ];
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (prop::sample::select(frames), change).prop_map(|((link, mut frame), (index, value))| {
        let index = index.index(frame.len());
        frame[index] = value;
        (LinkType(link), frame)
    })
}

proptest! {
    #[test]
    fn any_bytes_of_every_link_type_decode(
        wire_len: u32,
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        for link in (0..300).chain([u32::MAX]) {
            decode_all(LinkType(link), wire_len, &bytes);
        }
    }

    #[test]
    fn changed_frames_decode((link, frame) in frames(), wire_len: u32) {
        decode_all(link, wire_len, &frame);
    }

    #[test]
    fn a_cut_frame_is_the_same_segment_or_none(
        (link, frame) in frames(),
        at in any::<prop::sample::Index>(),
    ) {
        let wire_len = frame.len() as u32;
        let cut = &frame[..at.index(frame.len())];
        let (mut whole, mut part) = (Decoder::new(), Decoder::new());
        let whole = identity(whole.decode(&Frame::of_bytes(link, wire_len, &frame)).content);
        let part = identity(part.decode(&Frame::of_bytes(link, wire_len, cut)).content);
        prop_assert!(part.is_none() || part == whole, "{part:?} of {whole:?}");
    }
}

/// Frames that a glance may see something in, up to three bytes of them changed, and cut.
fn plain_frames() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    let tagged = |tags: &[u8], number: [u8; 2], ip: &[u8]| cat(&[&[0; 12], tags, &number, ip]);
    let cooked = |number: [u8; 2], ip: &[u8]| cat(&[&[0, 0, 0, 1, 0, 6], &[0; 8], &number, ip]);
    let cooked_2 =
        |number: [u8; 2], ip: &[u8]| cat(&[&number, &[0, 0, 0, 0, 0, 2, 0, 1, 0, 6], &[0; 8], ip]);
    let (is_v4, is_v6) = ([0x08, 0], [0x86, 0xdd]);
    let frames = vec![
        (1, ethernet(0x0800, &v4)),
        (1, ethernet(0x86dd, &v6)),
        (1, tagged(&[0x81, 0, 0xa0, 5], is_v4, &v4)),
        (1, tagged(&[0x92, 0, 0, 5, 0x91, 0, 0, 7], is_v6, &v6)),
        (1, tagged(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 7, 0x81, 0, 0, 9], is_v4, &v4)),
        (101, v4.clone()),
        (229, v6.clone()),
        (0, cat(&[&[2, 0, 0, 0], &v4])),
        (108, cat(&[&[0, 0, 0, 30], &v6])),
        (113, cooked(is_v4, &v4)),
        (276, cooked_2(is_v6, &v6)),
    ];
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    let cut = prop::sample::select(vec![0_usize, 0, 0, 1, 12, 13, 30, 31, 32, 33]);
    (prop::sample::select(frames), changes, cut).prop_map(|((link, mut frame), changes, cut)| {
        for (index, value) in changes {
            // The headers, rather than the options.
            let index = index.index(74.min(frame.len()));
            frame[index] = value;
        }
        frame.truncate(frame.len() - cut);
        (LinkType(link), frame)
    })
}

/// How often a glance at `plain_frames` saw something, and how often it did not.
#[test]
fn a_glance_sees_what_walking_finds() {
    use proptest::test_runner::{Config, TestRunner};
    let seen = std::cell::Cell::new([0_u32; 2]);
    let mut runner = TestRunner::new(Config::with_cases(20_000));
    let strategy = (plain_frames(), prop::sample::select(vec![0_i32, 0, -1, -30, 6, 1000]));
    let result = runner.run(&strategy, |((link, frame), beyond)| {
        let wire_len = (frame.len() as u32).saturating_add_signed(beyond);
        let glance = Glance::of(link, wire_len, &frame);
        let mut counts = seen.get();
        counts[usize::from(glance.is_some())] += 1;
        seen.set(counts);
        let Some(glance) = glance else { return Ok(()) };
        let mut decoder = Decoder::new();
        let walked = decoder.walk(&Frame::of_bytes(link, wire_len, &frame));
        let seen = Packet { layers: &glance.layers(), content: Content::Tcp(glance.segment()) };
        prop_assert_eq!(walked, seen);
        let segment = glance.segment();
        let mut other = glance.layers().to_vec();
        prop_assert!(glance.is_within(&other));
        other.push(Layer::Vlan(0));
        prop_assert!(!glance.is_within(&other));
        let fields = (glance.source, glance.destination, glance.flags);
        prop_assert_eq!((segment.source, segment.destination, segment.flags), fields);
        Ok(())
    });
    assert_eq!(result.map_err(|error| error.to_string()), Ok(()));
    assert!(seen.get().iter().all(|&count| count > 2_000), "{:?}", seen.get());
}

#[test]
fn a_glance_sees_a_plain_segment_and_no_other() {
    fn glance(frame: &[u8]) -> Option<Glance<'_>> {
        Glance::of(LinkType::ETHERNET, frame.len() as u32, frame)
    }
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    for plain in [ethernet(0x0800, &v4), ethernet(0x86dd, &v6)] {
        assert!(glance(&plain).is_some());
        assert_eq!(Glance::of(LinkType::RAW, plain.len() as u32, &plain), None);
    }
    // The shortest there is.
    let bare = tcp(1, 0, 0x002, &[], &[]);
    for shortest in [ethernet(0x0800, &ipv4(6, &bare)), ethernet(0x86dd, &ipv6(6, &bare))] {
        assert!(glance(&shortest).is_some());
        // Ethernet pads it.
        assert!(glance(&cat(&[&shortest, &[0; 6]])).is_some());
        assert_eq!(glance(&shortest[..shortest.len() - 1]), None);
    }
    for word in [0x2000, 0x2001, 0x0001, 0x1fff] {
        let fragment = ethernet(0x0800, &super::frames::ipv4_fragment(6, word, &syn()));
        assert_eq!(glance(&fragment), None);
    }
    let fragment = ethernet(0x86dd, &ipv6(44, &cat(&[&[6, 0, 0, 1, 0, 0, 0, 9], &syn()])));
    let tags = [0, 5, 0x88, 0xa8, 0, 6, 0x81, 0, 0, 7, 8, 0];
    let tagged = ethernet(0x8100, &cat(&[&tags, &v4]));
    let extended = ethernet(0x86dd, &ipv6(0, &cat(&[&[6, 0, 1, 4, 0, 0, 0, 0], &syn()])));
    let datagram = ethernet(0x0800, &ipv4(17, &udp(1, 2, &[0; 40])));
    for other in [fragment, tagged, extended, datagram] {
        assert_eq!(glance(&other), None);
    }
}

#[test]
fn a_glance_sees_raw_packets_and_those_of_a_loopback() {
    let packets = [ipv4(6, &syn()), ipv6(6, &syn())];
    let sees =
        |link: u32, frame: &[u8]| Glance::of(LinkType(link), frame.len() as u32, frame).is_some();
    for link in [12, 14, 101, 228, 229] {
        assert!(packets.iter().all(|packet| sees(link, packet)), "{link}");
    }
    // IPv4, and IPv6 of each system; something else.
    for (family, expected) in
        [(2, true), (10, true), (24, true), (26, true), (28, true), (30, true), (7, false)]
    {
        for bytes in [u32::to_le_bytes(family), u32::to_be_bytes(family)] {
            for packet in &packets {
                let frame = cat(&[&bytes, packet]);
                assert_eq!([0, 108].map(|link| sees(link, &frame)), [expected; 2], "{family}");
            }
        }
    }
    // A version that is neither, and a link type that is another one.
    assert!(!sees(101, &cat(&[&[0x55], &packets[0][1..]])));
    assert!(!sees(109, &packets[0]));
    // The length of the packet must be there on the wire.
    assert_eq!(Glance::of(LinkType(0), 3, &[2, 0, 0, 0]), None);
}

#[test]
fn a_glance_sees_two_tags_and_cooked_headers() {
    let v4 = ipv4(6, &syn());
    let layers = |frame: &[u8]| {
        let glance = Glance::of(LinkType::ETHERNET, frame.len() as u32, frame);
        glance.map(|glance| glance.layers().to_vec())
    };
    assert_eq!(layers(&ethernet(0x0800, &v4)), Some(vec![]));
    // The priority, and whether it may be dropped, stand before the id.
    let [one, two] = [cat(&[&[0xff, 0xff, 8, 0], &v4]), cat(&[&[0, 5, 0x91, 0, 0, 6, 8, 0], &v4])];
    assert_eq!(layers(&ethernet(0x8100, &one)), Some(vec![Layer::Vlan(0xfff)]));
    let two = ethernet(0x9200, &two);
    assert_eq!(layers(&two), Some(vec![Layer::Vlan(5), Layer::Vlan(6)]));
    let glance = Glance::of(LinkType::ETHERNET, two.len() as u32, &two).unwrap();
    for (ids, expected) in [(&[5, 6][..], true), (&[6, 5], false), (&[5], false), (&[], false)] {
        let all: Vec<_> = ids.iter().map(|&id| Layer::Vlan(id)).collect();
        assert_eq!(glance.is_within(&all), expected, "{ids:?}");
    }
    // Ethernet, the loopback, a tunnel; 802.11 with radiotap, netlink.
    for (hardware, expected) in [(1, true), (772, true), (778, true), (803, false), (824, false)] {
        let hardware = u16::to_be_bytes(hardware);
        let cooked = cat(&[&[0, 0], &hardware, &[0; 10], &[8, 0], &v4]);
        let cooked_2 = cat(&[&[8, 0], &[0; 6], &hardware, &[0; 10], &v4]);
        for (link, frame) in [(LinkType::LINUX_SLL, cooked), (LinkType::LINUX_SLL2, cooked_2)] {
            let glance = Glance::of(link, frame.len() as u32, &frame);
            assert_eq!(glance.is_some(), expected, "{link}, {hardware:?}");
        }
    }
}
