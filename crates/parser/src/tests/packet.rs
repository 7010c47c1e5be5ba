use super::frames::tcp;
use super::*;
use crate::TcpOption;

#[test]
fn layers_have_the_names_that_json_gives_and_some_tell_networks_apart() {
    let named = [
        (Layer::Vlan(100), "vlan 100", true),
        (Layer::Mpls(0xf_ffff), "mpls 1048575", false),
        (Layer::Pppoe(7), "pppoe 7", false),
        (Layer::Pbb(7), "pbb 7", false),
        (Layer::FabricPath, "fabricpath", false),
        (outer_v4(), "ip 192.0.2.1 > 198.51.100.2", true),
        (outer_v6(), "ip 2001:db8::1 > 2001:db8::2", true),
        (Layer::IpInIp, "ip-in-ip", false),
        (Layer::Gre { key: None }, "gre", false),
        (Layer::Gre { key: Some(7) }, "gre 7", false),
        (Layer::Erspan { session: None }, "erspan", false),
        (Layer::Erspan { session: Some(7) }, "erspan 7", false),
        (Layer::Vxlan(42), "vxlan 42", true),
        (Layer::Geneve(42), "geneve 42", true),
        (Layer::GtpU(42), "gtp-u 42", false),
        (Layer::Teredo, "teredo", false),
        (Layer::Ah(7), "ah 7", false),
    ];
    for (layer, name, tells_apart) in named {
        assert_eq!((layer.to_string().as_str(), layer.tells_apart()), (name, tells_apart));
    }
}

#[test]
fn place_and_reason_of_a_decoding_error_are_reported() {
    let told = [
        (Reason::Truncated { needed: 20, got: 3 }, "tcp at byte 34: needs 20 bytes, 3 are there"),
        (Reason::Malformed("data offset below 5"), "tcp at byte 34: data offset below 5"),
        (Reason::Unsupported(7), "tcp at byte 34: 7 is not supported"),
        (Reason::TooDeep, "tcp at byte 34: too many layers"),
    ];
    for (reason, text) in told {
        assert_eq!(Stopped { layer: "tcp", reason, offset: 34 }.to_string(), text);
    }
    let names = told.map(|(reason, _)| reason.name());
    assert_eq!(names, ["truncated", "data offset below 5", "unsupported", "too many layers"]);
}

#[test]
fn syn_and_fin_take_a_sequence_number_each() {
    let bytes = tcp(0, 0, 0, &[], b"");
    let segment = syn_v4(&bytes);
    let next = |flags, len| Segment { flags, len, ..segment }.next_seq();
    assert_eq!(next(Flags::ACK, 0), SeqNumber(u32::MAX));
    assert_eq!(next(Flags::SYN, 0), SeqNumber(0));
    assert_eq!(next(Flags::FIN | Flags::ACK, 5), SeqNumber(5));
    assert_eq!(next(Flags::SYN | Flags::FIN, 5), SeqNumber(6));
    assert_eq!(segment.ack(), None);
    assert_eq!(Segment { flags: Flags::ACK, ..segment }.ack(), Some(SeqNumber(0)));
}

#[test]
fn options_are_given_as_far_as_they_were_captured() {
    let bytes = tcp(0, 0, 0x002, &frames::SYN_OPTIONS, b"data");
    let all = [
        TcpOption::Mss(1460),
        TcpOption::SackPermitted,
        TcpOption::WindowScale(7),
        TcpOption::Nop,
        TcpOption::Nop,
        TcpOption::EndOfList,
    ];
    let malformed =
        |bytes| TcpOption::Malformed { kind: 3, bytes, why: "length beyond the options" };
    let cut = [all[0], all[1], malformed(&[3, 3])];
    for (captured, count, options) in
        [(36, 12, &all[..]), (32, 12, &all), (28, 8, &cut), (20, 0, &[]), (19, 0, &[])]
    {
        let segment = syn_v4(&bytes[..captured]);
        assert_eq!(segment.option_bytes(), &frames::SYN_OPTIONS[..count]);
        assert_eq!(segment.options().collect::<Vec<_>>(), options);
        assert_eq!(segment.options_cut(), captured < 32);
    }
}

#[test]
fn a_decoder_forgets_the_frame_before() {
    let mut decoder = Decoder::new();
    let tagged = frames::ethernet(0x8100, &[0, 5, 8, 6]);
    assert_eq!(
        decoder.decode(&Frame::of_bytes(LinkType::ETHERNET, 18, &tagged)).layers,
        [Layer::Vlan(5)]
    );
    let plain = frames::ethernet(0x0806, &[]);
    let expected = Packet { layers: &[], content: ether_type(0x0806) };
    assert_eq!(decoder.decode(&Frame::of_bytes(LinkType::ETHERNET, 14, &plain)), expected);
}
