//! TCP headers that come in IP fragments.

use proptest::prelude::*;

use super::frames::{cat, ethernet, ipv4_fragment, ipv6, syn, tcp};
use super::*;
use crate::{Checksum, Origin, Timestamp};

const OVERLAP: Reason = Reason::Malformed("a fragment overlaps the TCP header (RFC 3128)");

/// A part of a packet with TCP in it.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    id: u16,
    /// In bytes.
    offset: u16,
    more: bool,
    bytes: &'a [u8],
}

impl<'a> Piece<'a> {
    fn of(packet: &'a [u8], offset: u16, length: usize) -> Self {
        let bytes = &packet[usize::from(offset)..][..length];
        let more = usize::from(offset) + length < packet.len();
        Self { id: 7, offset, more, bytes }
    }

    fn v4(self) -> Vec<u8> {
        let word = (u16::from(self.more) << 13) | (self.offset / 8);
        let mut packet = ipv4_fragment(6, word, self.bytes);
        packet[4..6].copy_from_slice(&self.id.to_be_bytes());
        packet
    }

    fn v6(self) -> Vec<u8> {
        let [high, low] = (self.offset | u16::from(self.more)).to_be_bytes();
        let [id_high, id_low] = self.id.to_be_bytes();
        let header = [6, 0, high, low, 0xab, 0xcd, id_high, id_low];
        ipv6(44, &cat(&[&header, self.bytes]))
    }
}

/// Eight bytes for each fragment, as `nmap -f` sends them.
fn eights(packet: &[u8]) -> Vec<Piece<'_>> {
    (0..packet.len().div_ceil(8) as u16)
        .map(|at| Piece::of(packet, at * 8, 8.min(packet.len() - usize::from(at) * 8)))
        .collect()
}

#[track_caller]
fn expect(decoder: &mut Decoder, packet: &[u8], content: Content<'_>) {
    let frame = Frame::of_bytes(LinkType::RAW, packet.len() as u32, packet);
    assert_eq!(decoder.decode(&frame), Packet { layers: &[], content });
}

/// What is met while the header is not complete.
fn waiting(piece: Piece<'_>) -> Content<'static> {
    Content::Other(if piece.offset == 0 { Other::HeaderFragment } else { Other::LaterFragment })
}

/// As [`syn_v4`] in the packets of [`Piece::v4`].
fn v4_of(bytes: &[u8]) -> Segment<'_> {
    Segment { ip_id: Some(7), ..syn_v4(bytes) }
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![vec![]] };
    let mut all = Vec::new();
    for order in orders(last) {
        for at in 0..=order.len() {
            let mut longer = order.clone();
            longer.insert(at, last);
            all.push(longer);
        }
    }
    all
}

#[test]
fn the_last_piece_of_a_header_gives_the_segment_in_any_order() {
    let syn = syn();
    let pieces = eights(&syn);
    assert_eq!(pieces.len(), 4);
    let orders = orders(4);
    assert_eq!(orders.len(), 24);
    for order in orders {
        let (mut v4, mut v6) = (Decoder::new(), Decoder::new());
        for (count, &at) in order.iter().enumerate() {
            let piece = pieces[at];
            let (of_v4, of_v6) = match count {
                3 => (Content::Tcp(v4_of(&syn)), Content::Tcp(syn_v6(&syn))),
                _ => (waiting(piece), waiting(piece)),
            };
            expect(&mut v4, &piece.v4(), of_v4);
            expect(&mut v6, &piece.v6(), of_v6);
        }
        assert_eq!([v4, v6].map(|decoder| decoder.headers_not_reassembled()), [0, 0], "{order:?}");
    }
}

#[test]
fn a_segment_that_has_come_whole_has_a_checksum() {
    let mut syn = syn();
    syn[16..18].copy_from_slice(&[0, 1]);
    let Checksum::Bad { expected, .. } = syn_v4(&syn).checksum() else { panic!("it fits") };
    syn[16..18].copy_from_slice(&expected.to_be_bytes());
    let mut decoder = Decoder::new();
    let mut sums = Vec::new();
    for piece in eights(&syn) {
        let packet = piece.v4();
        let frame = Frame::of_bytes(LinkType::RAW, packet.len() as u32, &packet);
        if let Content::Tcp(segment) = decoder.decode(&frame).content {
            sums.push(segment.checksum());
        }
    }
    assert_eq!(sums, [Checksum::Ok]);
}

#[test]
fn data_that_follow_a_header_make_it_a_first_fragment() {
    let packet = tcp(u32::MAX, 0, 0x002, &[], b"some data");
    let segment = |ip: Segment<'static>, len, fragment, here| {
        Content::Tcp(Segment { header_len: 20, len, fragment, bytes: &packet[..here], ..ip })
    };
    let (first, middle, last) =
        (Piece::of(&packet, 0, 16), Piece::of(&packet, 16, 8), Piece::of(&packet, 24, 5));
    let mut decoder = Decoder::new();
    expect(&mut decoder, &first.v4(), waiting(first));
    expect(&mut decoder, &middle.v4(), segment(v4_of(&[]), 4, Fragment::First, 24));
    for again in [first, middle, last] {
        expect(&mut decoder, &again.v4(), waiting(again));
    }
    expect(&mut decoder, &last.v6(), waiting(last));
    expect(&mut decoder, &first.v6(), waiting(first));
    // The last fragment shows the length.
    expect(&mut decoder, &middle.v6(), segment(syn_v6(&[]), 9, Fragment::Whole, 29));
    assert_eq!(decoder.headers_not_reassembled(), 0);
}

#[test]
fn data_beyond_what_is_kept_make_it_a_first_fragment_too() {
    let packet = tcp(u32::MAX, 0, 0x002, &[], &[7; 60]);
    let (first, last) = (Piece::of(&packet, 0, 16), Piece::of(&packet, 16, 64));
    let segment = |ip: Segment<'static>| {
        let (fragment, bytes) = (Fragment::First, &packet[..64]);
        Content::Tcp(Segment { header_len: 20, len: 44, fragment, bytes, ..ip })
    };
    let (mut v4, mut v6) = (Decoder::new(), Decoder::new());
    expect(&mut v4, &first.v4(), waiting(first));
    expect(&mut v4, &last.v4(), segment(v4_of(&[])));
    expect(&mut v6, &first.v6(), waiting(first));
    expect(&mut v6, &last.v6(), segment(syn_v6(&[])));
}

#[test]
fn fragments_beyond_any_header_take_no_place() {
    let syn = syn();
    let [first, second] = [Piece::of(&syn, 0, 16), Piece::of(&syn, 16, 16)];
    let mut decoder = Decoder::new();
    expect(&mut decoder, &first.v4(), waiting(first));
    for id in 100..200 {
        let piece = Piece { id, offset: 64, more: true, bytes: &[7; 8] };
        expect(&mut decoder, &piece.v4(), waiting(piece));
    }
    assert_eq!(decoder.headers_not_reassembled(), 1);
    expect(&mut decoder, &second.v4(), Content::Tcp(v4_of(&syn)));
    assert_eq!(decoder.headers_not_reassembled(), 0);
}

#[test]
fn a_piece_that_comes_twice_changes_nothing() {
    let syn = syn();
    let mut decoder = Decoder::new();
    for piece in &eights(&syn)[..3] {
        for _ in 0..2 {
            expect(&mut decoder, &piece.v4(), waiting(*piece));
        }
    }
    expect(&mut decoder, &Piece::of(&syn, 24, 8).v4(), Content::Tcp(v4_of(&syn)));
    for piece in eights(&syn) {
        expect(&mut decoder, &piece.v4(), waiting(piece));
    }
    assert_eq!(decoder.headers_not_reassembled(), 0);
}

#[test]
fn pieces_that_overlap_are_refused_with_their_packet() {
    let syn = syn();
    let mut other = syn.clone();
    other[9] ^= 1;
    // Other bytes in the same place; more bytes; the whole header after a part of it; a length that
    // what came before exceeds, and two lengths.
    let end = |piece| Piece { more: false, ..piece };
    let cases = [
        [Piece::of(&syn, 8, 8), Piece::of(&other, 8, 8)],
        [Piece::of(&syn, 8, 8), Piece::of(&syn, 8, 16)],
        [Piece::of(&syn, 8, 16), Piece::of(&syn, 0, 16)],
        [Piece::of(&syn, 8, 8), Piece::of(&syn, 0, 24)],
        [Piece::of(&syn, 16, 8), end(Piece::of(&syn, 8, 8))],
        [end(Piece::of(&syn, 8, 8)), Piece::of(&syn, 16, 8)],
        [end(Piece::of(&syn, 8, 8)), end(Piece::of(&syn, 24, 0))],
    ];
    for [first, second] in cases {
        let (mut v4, mut v6) = (Decoder::new(), Decoder::new());
        expect(&mut v4, &first.v4(), waiting(first));
        expect(&mut v6, &first.v6(), waiting(first));
        assert_eq!(v4.headers_not_reassembled(), 1);
        expect(&mut v4, &second.v4(), stopped("tcp", 20, OVERLAP));
        expect(&mut v6, &second.v6(), stopped("tcp", 48, OVERLAP));
        assert_eq!([&v4, &v6].map(Decoder::headers_not_reassembled), [0, 0]);
        for piece in &eights(&syn)[1..] {
            expect(&mut v4, &piece.v4(), waiting(*piece));
        }
        assert_eq!(v4.headers_not_reassembled(), 0);
    }
}

#[test]
fn a_first_fragment_with_the_fixed_header_is_a_segment_at_once() {
    let syn = syn();
    let (first, last) = (Piece::of(&syn, 0, 24), Piece::of(&syn, 24, 8));
    let segment = Content::Tcp(Segment { fragment: Fragment::First, ..v4_of(&syn[..24]) });
    for [(one, of_one), (other, of_other)] in
        [[(first, segment), (last, waiting(last))], [(last, waiting(last)), (first, segment)]]
    {
        let mut decoder = Decoder::new();
        expect(&mut decoder, &one.v4(), of_one);
        expect(&mut decoder, &other.v4(), of_other);
        // Nor is there a second one when more of it comes, or the same again.
        expect(&mut decoder, &last.v4(), waiting(last));
        expect(&mut decoder, &first.v4(), segment);
        assert_eq!(decoder.headers_not_reassembled(), 0);
    }
    // What begins within the fixed header follows a piece that is missing.
    let mut decoder = Decoder::new();
    expect(&mut decoder, &first.v4(), segment);
    expect(&mut decoder, &Piece::of(&syn, 16, 8).v4(), Content::Other(Other::LaterFragment));
    assert_eq!(decoder.headers_not_reassembled(), 1);
}

#[test]
fn an_impossible_data_offset_is_reported_once() {
    let mut syn = syn();
    syn[12] = 0x40;
    let mut decoder = Decoder::new();
    let malformed = stopped("tcp", 20, Reason::Malformed("data offset below 5"));
    for (piece, content) in eights(&syn).into_iter().zip([None, None, Some(malformed), None]) {
        expect(&mut decoder, &piece.v4(), content.unwrap_or(waiting(piece)));
    }
    assert_eq!(decoder.headers_not_reassembled(), 0);
}

#[test]
fn a_piece_that_the_capture_cut_completes_nothing() {
    let syn = syn();
    let (first, second) = (Piece::of(&syn, 0, 16).v4(), Piece::of(&syn, 16, 16).v4());
    let mut decoder = Decoder::new();
    expect(&mut decoder, &second, Content::Other(Other::LaterFragment));
    let cut = Frame::of_bytes(LinkType::RAW, 36, &first[..30]);
    let content = Content::Other(Other::HeaderFragment);
    assert_eq!(decoder.decode(&cut), Packet { layers: &[], content });
    assert_eq!(decoder.headers_not_reassembled(), 1);
}

#[test]
fn pieces_of_different_packets_are_not_mixed() {
    let syn = syn();
    let [first, second] = [Piece::of(&syn, 0, 16), Piece::of(&syn, 16, 16)];
    let mut from_elsewhere = second.v4();
    from_elsewhere[15] ^= 1;
    let mut to_elsewhere = second.v4();
    to_elsewhere[19] ^= 1;
    let plain = [Piece { id: 8, ..second }.v4(), from_elsewhere, to_elsewhere, second.v6()];
    let mut decoder = Decoder::new();
    expect(&mut decoder, &first.v4(), waiting(first));
    for packet in plain {
        expect(&mut decoder, &packet, waiting(second));
    }
    let packet = second.v4();
    let frame = Frame::of_bytes(LinkType::RAW, packet.len() as u32, &packet);
    let tagged = ethernet(0x8100, &cat(&[&[0, 5, 8, 0], &packet]));
    let tagged = Frame::of_bytes(LinkType::ETHERNET, tagged.len() as u32, &tagged);
    let origin = Origin { source: 1, interface: None };
    let layers = [Layer::Vlan(5)];
    let content = waiting(second);
    assert_eq!(decoder.decode(&tagged), Packet { layers: &layers, content });
    assert_eq!(decoder.decode(&Frame { origin, ..frame }), Packet { layers: &[], content });
    assert_eq!(decoder.headers_not_reassembled(), 7);
    expect(&mut decoder, &packet, Content::Tcp(v4_of(&syn)));
    assert_eq!(decoder.headers_not_reassembled(), 6);
}

#[test]
fn a_number_that_comes_round_is_another_packet() {
    let (syn, next) = (syn(), tcp(1, 0, 0x002, &frames::SYN_OPTIONS, &[]));
    let mut decoder = Decoder::new();
    for packet in [&syn, &next] {
        let seq = SeqNumber(u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]));
        let [first, second] = [Piece::of(packet, 0, 16), Piece::of(packet, 16, 16)];
        expect(&mut decoder, &first.v4(), waiting(first));
        expect(&mut decoder, &second.v4(), Content::Tcp(Segment { seq, ..v4_of(packet) }));
    }
    assert_eq!(decoder.headers_not_reassembled(), 0);
}

#[test]
fn the_rest_is_waited_for_so_long_and_no_longer() {
    const START: i64 = 1_795_330_800_000_000_000;
    const WAIT: i64 = 30_000_000_000;
    let syn = syn();
    let [first, second] = [Piece::of(&syn, 0, 16), Piece::of(&syn, 16, 16)];
    let (one, other) = (first.v4(), second.v4());
    let cases = [
        (Some(START + WAIT), true),
        (Some(START - WAIT), true),
        (None, true),
        (Some(START + WAIT + 1), false),
        (Some(START - WAIT - 1), false),
    ];
    for (at, in_time) in cases {
        let mut decoder = Decoder::new();
        let mut decode = |packet, at: Option<i64>| {
            let timestamp = at.map(Timestamp::from_nanos);
            let frame = Frame { timestamp, ..Frame::of_bytes(LinkType::RAW, 36, packet) };
            matches!(decoder.decode(&frame).content, Content::Tcp(_))
        };
        assert!(!decode(&one, Some(START)));
        assert_eq!(decode(&other, at), in_time, "{at:?}");
        assert_eq!(decoder.headers_not_reassembled(), if in_time { 0 } else { 2 });
    }
}

#[test]
fn beyond_the_bound_the_oldest_is_dropped() {
    let syn = syn();
    let [first, second] = [Piece::of(&syn, 0, 16), Piece::of(&syn, 16, 16)];
    let mut decoder = Decoder::new();
    for id in 0..=64 {
        expect(&mut decoder, &Piece { id, ..first }.v4(), waiting(first));
    }
    let segment = |id| Content::Tcp(Segment { ip_id: Some(id), ..syn_v4(&syn) });
    expect(&mut decoder, &Piece { id: 1, ..second }.v4(), segment(1));
    expect(&mut decoder, &Piece { id: 64, ..second }.v4(), segment(64));
    assert_eq!(decoder.headers_not_reassembled(), 63);
    expect(&mut decoder, &Piece { id: 0, ..second }.v4(), waiting(second));
    assert_eq!(decoder.headers_not_reassembled(), 64);
}

proptest! {
    #[test]
    fn any_pieces_are_put_together_or_not(
        pieces in proptest::collection::vec(
            (0_u16..3, 0_u16..12, any::<bool>(), proptest::collection::vec(any::<u8>(), 0..80)),
            0..40,
        ),
    ) {
        let mut decoder = Decoder::new();
        for (count, (id, unit, more, bytes)) in (1..).zip(&pieces) {
            let piece = Piece { id: *id, offset: unit * 8, more: *more, bytes };
            for packet in [piece.v4(), piece.v6()] {
                let frame = Frame::of_bytes(LinkType::RAW, packet.len() as u32, &packet);
                if let Content::Tcp(segment) = decoder.decode(&frame).content {
                    let _ = (segment.options().count(), segment.checksum(), segment.next_seq());
                    prop_assert!(!segment.options_cut() || segment.fragment == Fragment::First
                        || segment.bytes == bytes.as_slice());
                }
            }
            prop_assert!(decoder.headers_not_reassembled() <= 2 * count);
        }
    }
}
