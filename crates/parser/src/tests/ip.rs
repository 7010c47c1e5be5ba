use super::frames::{S6, cat, ethernet, ipv4, ipv4_fragment, ipv6, syn, tcp};
use super::*;

#[track_caller]
fn check_raw(packet: &[u8], content: Content<'_>) {
    check(LinkType::RAW, packet, &[], content);
}

#[test]
fn padding_is_no_data() {
    let syn = syn();
    let padded = ethernet(0x0800, &cat(&[&ipv4(6, &syn), &[0; 6]]));
    check(LinkType::ETHERNET, &padded, &[], Content::Tcp(syn_v4(&syn)));
    let padded = ethernet(0x86dd, &cat(&[&ipv6(6, &syn), &[0; 6]]));
    check(LinkType::ETHERNET, &padded, &[], Content::Tcp(syn_v6(&syn)));
}

#[test]
fn a_length_of_zero_stands_for_the_frames() {
    let segment = tcp(u32::MAX, 0, 0x002, &frames::SYN_OPTIONS, &[7; 100]);
    let mut v4 = ipv4(6, &segment);
    v4[2..4].fill(0);
    check_raw(&v4, Content::Tcp(Segment { len: 100, ..syn_v4(&segment) }));
    // Captured in part, the wire length counts.
    let cut = Segment { len: 100, ..syn_v4(&segment[..32]) };
    check_cut(LinkType::RAW, v4.len(), &v4[..52], &[], Content::Tcp(cut));

    let mut v6 = ipv6(6, &segment);
    v6[4..6].fill(0);
    check_raw(&v6, Content::Tcp(Segment { len: 100, ..syn_v6(&segment) }));
}

#[test]
fn a_cut_segment_keeps_the_length_its_headers_tell() {
    let segment = tcp(u32::MAX, 0, 0x002, &frames::SYN_OPTIONS, &[7; 100]);
    let packet = ipv4(6, &segment);
    for captured in [20, 31, 32, 33, 131] {
        let cut = &packet[..20 + captured];
        let expected = Segment { len: 100, ..syn_v4(&segment[..captured]) };
        assert_eq!(expected.options_cut(), captured < 32);
        check_cut(LinkType::RAW, packet.len(), cut, &[], Content::Tcp(expected));
        // Even where the frame itself is said to be that short.
        check_raw(cut, Content::Tcp(expected));
    }
    check_raw(&packet[..39], truncated("tcp", 20, 20, 19));
    check_raw(&packet[..19], truncated("ipv4", 0, 20, 19));
}

#[test]
fn ipv4_headers_that_cannot_be() {
    let mut short_header = ipv4(6, &syn());
    short_header[0] = 0x44;
    let reason = Reason::Malformed("header length below 5");
    check_raw(&short_header, stopped("ipv4", 0, reason));

    let mut short_total = ipv4(6, &syn());
    short_total[3] = 19;
    let reason = Reason::Malformed("the total length is less than the header's");
    check_raw(&short_total, stopped("ipv4", 0, reason));

    let reason = Reason::Malformed("the IP packet is too short for a TCP header");
    check_raw(&ipv4(6, &syn()[..19]), stopped("tcp", 20, reason));
}

#[test]
fn an_empty_packet_is_not_filled_by_padding() {
    let reason = Reason::Malformed("the IP packet is too short for a TCP header");
    check_raw(&cat(&[&ipv4(6, &[]), &syn()]), stopped("tcp", 20, reason));
}

#[test]
fn ipv4_options_are_passed() {
    let syn = syn();
    let mut packet = ipv4(6, &cat(&[&[1, 1, 1, 0], &syn]));
    packet[0] = 0x46;
    check_raw(&packet, Content::Tcp(syn_v4(&syn)));
    check_raw(&packet[..23], truncated("ipv4", 0, 24, 23));
}

#[test]
fn a_source_route_gives_the_last_destination() {
    let syn = syn();
    let (first, last) = ([203, 0, 113, 1], [203, 0, 113, 9]);
    let with = |options: &[u8]| {
        let mut packet = ipv4(6, &cat(&[options, &syn]));
        packet[0] = 0x45 + (options.len() / 4) as u8;
        packet
    };
    let at = |address: [u8; 4]| {
        let destination = Endpoint::new(Ipv4Addr::from(address), frames::SERVER_PORT);
        Content::Tcp(Segment { destination, ..syn_v4(&syn) })
    };
    for kind in [131, 137] {
        let route = |pointer| cat(&[&[kind, 11, pointer], &first, &last, &[0]]);
        for pointer in [4, 8] {
            check_raw(&with(&route(pointer)), at(last));
        }
        // Used up; pointers that can't be.
        for pointer in [12, 255, 0, 3, 9] {
            check_raw(&with(&route(pointer)), at(frames::S4));
        }
        // After other options, but not after the end of them.
        check_raw(&with(&cat(&[&[1, 7, 3, 4], &route(4)])), at(last));
        check_raw(&with(&cat(&[&[1, 1, 1, 0], &route(4)])), at(frames::S4));
        // Too short for an address, or for itself.
        for options in [[kind, 3, 4, 0], [kind, 2, 4, 0], [kind, 1, 4, 0], [kind, 0, 4, 0]] {
            check_raw(&with(&options), at(frames::S4));
        }
        check_raw(&with(&[1, 1, 1, kind]), at(frames::S4));
        check_raw(&with(&cat(&[&[kind, 13, 4], &first, &last, &[0]])), at(frames::S4));
    }
    check_raw(&with(&cat(&[&[7, 11, 4], &first, &last, &[0]])), at(frames::S4));
}

#[test]
fn other_protocols_are_named_by_number() {
    check_raw(&ipv4(132, &[0; 20]), Content::Other(Other::Ip(132)));
    check_raw(&ipv6(59, &[]), Content::Other(Other::Ip(59)));
    // In IPv4 the numbers of IPv6's extension headers have no such meaning.
    for number in [0, 43, 44, 60, 135, 139, 140] {
        check_raw(&ipv4(number, &[6; 40]), Content::Other(Other::Ip(number)));
    }
}

#[test]
fn the_first_fragment_has_the_tcp_header() {
    let syn = syn();
    let first = Segment { fragment: Fragment::First, ..syn_v4(&syn) };
    check_raw(&ipv4_fragment(6, 0x2000, &syn), Content::Tcp(first));
    check_raw(&ipv4_fragment(6, 0x2002, &syn), Content::Other(Other::LaterFragment));
    check_raw(&ipv4_fragment(6, 0x0002, &syn), Content::Other(Other::LaterFragment));
    let header = |offset: u16| [&[6, 0][..], &offset.to_be_bytes(), &[0, 0, 0, 9]].concat();
    let v6 = |offset| ipv6(44, &cat(&[&header(offset), &syn]));
    let first = Segment { fragment: Fragment::First, ..syn_v6(&syn) };
    check_raw(&v6(1), Content::Tcp(first));
    check_raw(&v6(0), Content::Tcp(syn_v6(&syn)));
    check_raw(&v6(2 << 3), Content::Other(Other::LaterFragment));
    let cut = &v6(1)[..47];
    check_cut(LinkType::RAW, 80, cut, &[], truncated("ipv6 fragment", 40, 8, 7));
}

#[test]
fn fragments_that_hide_the_tcp_header_are_named() {
    let (syn, later) = (syn(), Content::Other(Other::LaterFragment));
    check_raw(&ipv4_fragment(6, 0x0001, &syn), later);
    check_raw(&ipv4_fragment(6, 0x2000, &syn[..16]), Content::Other(Other::HeaderFragment));
    check_raw(&ipv6(44, &cat(&[&[6, 0, 0, 8, 0, 0, 0, 9], &syn])), later);
    // One that holds the fixed header is a segment, or is no segment at all.
    let mut bare = tcp(u32::MAX, 0, 0x002, &[], &[]);
    let first = Segment { header_len: 20, fragment: Fragment::First, ..syn_v4(&bare) };
    check_raw(&ipv4_fragment(6, 0x2000, &bare), Content::Tcp(first));
    let cut = &ipv4_fragment(6, 0x2000, &bare)[..39];
    check_cut(LinkType::RAW, 40, cut, &[], truncated("tcp", 20, 20, 19));
    bare[12] = 0x40;
    let below = Reason::Malformed("data offset below 5");
    check_raw(&ipv4_fragment(6, 0x2000, &bare), stopped("tcp", 20, below));
    // What lies between the fragments' header and TCP's is not put together.
    let tiny = Reason::Malformed("tiny first fragment: it cuts the TCP header (RFC 1858)");
    let options = cat(&[&[60, 0, 0, 1, 0, 0, 0, 9], &[6, 0, 1, 4, 0, 0, 0, 0], &syn[..16]]);
    check_raw(&ipv6(44, &options), stopped("tcp", 56, tiny));
}

#[test]
fn ipv6_extension_headers_are_passed() {
    let syn = syn();
    let tcp = Content::Tcp(syn_v6(&syn));
    for kind in [0, 60, 135, 139, 140] {
        let long = cat(&[&[6, 1], &[0; 14], &syn]);
        check_raw(&ipv6(kind, &long), tcp);
        check_raw(&ipv6(kind, &cat(&[&[60, 0, 1, 4, 0, 0, 0, 0], &long])), tcp);
        let cut = &ipv6(kind, &long)[..55];
        check_cut(LinkType::RAW, 100, cut, &[], truncated("ipv6 extension", 40, 16, 15));
    }
}

#[test]
fn a_routing_header_gives_the_last_destination() {
    let syn = syn();
    let via = |kind, left, addresses: &[[u8; 16]]| {
        let length = 2 * addresses.len() as u8;
        let header = cat(&[&[6, length, kind, left, 0, 0, 0, 0], &addresses.concat()]);
        ipv6(43, &cat(&[&header, &syn]))
    };
    let (first, last) = ([0xaa; 16], [0xbb; 16]);
    let at = |address: [u8; 16]| {
        let destination = Endpoint::new(Ipv6Addr::from(address), frames::SERVER_PORT);
        Content::Tcp(Segment { destination, ..syn_v6(&syn) })
    };
    check_raw(&via(0, 2, &[first, last]), at(last));
    check_raw(&via(2, 1, &[last]), at(last));
    check_raw(&via(4, 1, &[last, first]), at(last));
    check_raw(&via(0, 0, &[first, last]), at(S6));
    check_raw(&via(4, 0, &[first, last]), at(S6));
    check_raw(&via(253, 1, &[first, last]), at(S6));
}

#[test]
fn jumbograms_have_their_length_in_an_option() {
    let segment = tcp(u32::MAX, 0, 0x002, &frames::SYN_OPTIONS, &vec![7; 70_000]);
    let jumbo = ((8 + segment.len()) as u32).to_be_bytes();
    let mut packet = ipv6(0, &cat(&[&[6, 0, 0xc2, 4], &jumbo, &segment, b"padding"]));
    packet[4..6].fill(0);
    check_raw(&packet, Content::Tcp(Segment { len: 70_000, ..syn_v6(&segment) }));
    // Without the option the frame's length counts.
    packet[42] = 1;
    packet[43..48].fill(0);
    let padded = cat(&[&segment, b"padding"]);
    check_raw(&packet, Content::Tcp(Segment { len: 70_007, ..syn_v6(&padded) }));
}

#[test]
fn ports_that_look_like_a_jumbo_payload_option_are_none() {
    let mut segment = tcp(20, 0, 0x002, &[], &[7; 100]);
    segment[..4].copy_from_slice(&[6, 0, 0xc2, 4]);
    let mut packet = ipv6(6, &segment);
    packet[4..6].fill(0);
    let expected = Segment {
        source: Endpoint::new(Ipv6Addr::from(frames::C6), 0x0600),
        destination: Endpoint::new(Ipv6Addr::from(S6), 0xc204),
        seq: SeqNumber(20),
        len: 100,
        header_len: 20,
        ..syn_v6(&segment)
    };
    check_raw(&packet, Content::Tcp(expected));
}

#[test]
fn an_authentication_header_hides_nothing() {
    let (syn, layers) = (syn(), [Layer::Ah(7)]);
    let header = cat(&[&[6, 4, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1], &[0xcc; 12]]);
    let payload = cat(&[&header, &syn]);
    check(LinkType::RAW, &ipv4(51, &payload), &layers, Content::Tcp(syn_v4(&syn)));
    check(LinkType::RAW, &ipv6(51, &payload), &layers, Content::Tcp(syn_v6(&syn)));
    check_raw(&ipv4(51, &header[..23]), truncated("ah", 20, 24, 23));
    let zero = Reason::Malformed("the length is 0");
    check_raw(&ipv4(51, &[0; 40]), stopped("ah", 20, zero));
}

#[test]
fn layers_are_followed_only_so_far() {
    let nested = |count: usize| {
        let headers = [60, 0, 1, 4, 0, 0, 0, 0].repeat(count - 1);
        ipv6(60, &cat(&[&headers, &[6, 0, 1, 4, 0, 0, 0, 0], &syn()]))
    };
    let syn = syn();
    check_raw(&nested(30), Content::Tcp(syn_v6(&syn)));
    let mut decoder = Decoder::new();
    for count in [60, 8000] {
        let packet = nested(count);
        let content =
            decoder.decode(&Frame::of_bytes(LinkType::RAW, packet.len() as u32, &packet)).content;
        let Content::Stopped(Stopped { layer: "frame", reason: Reason::TooDeep, offset }) = content
        else {
            panic!("{content:?}");
        };
        assert!((40 + 30 * 8..40 + 60 * 8).contains(&offset), "{offset}");
    }
}
