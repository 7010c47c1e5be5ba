//! Frames: what is decoded of a packet does not depend on the layers around it, on what was captured
//! before it, or on how IP cuts it.

use std::net::IpAddr;

use parser::{Content, Decoder, Fragment, Frame, Layer, LinkType, Other, Segment};

/// A link type, and frames behind it, each after its length and what the wire had beyond it.
pub fn check(data: &[u8]) {
    let Some((&[low, high], mut rest)) = data.split_first_chunk() else { return };
    // Every link type that is decoded has a number below 512.
    let link = LinkType(u32::from(low) | u32::from(high & 1) << 8);
    let mut frames = Vec::new();
    while let Some((&[len, beyond], after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(after.len().min(len.into()));
        let frame = Frame::of_bytes(link, bytes.len() as u32 + u32::from(beyond), bytes);
        frames.push(frame);
        rest = after;
    }
    frames.truncate(100);
    let mut decoder = Decoder::new();
    for frame in &frames {
        let mut fresh = Decoder::new();
        let content = fresh.decode(frame).content;
        let here = decoder.decode(frame).content;
        if is_whole(&content) {
            assert_eq!(here, content, "what came before changes it");
        }
        holds(frame, &here);
        cut(frame, &content);
        if link == LinkType::RAW {
            wrapped(frame);
            fragmented(frame, &content);
        }
    }
    assert!(decoder.headers_not_reassembled() <= frames.len() as u64);
}

/// Whether nothing that comes in other frames belongs to it.
fn is_whole(content: &Content<'_>) -> bool {
    match content {
        Content::Tcp(segment) => segment.fragment == Fragment::Whole,
        Content::Other(Other::HeaderFragment | Other::LaterFragment) => false,
        Content::Icmp(_) | Content::Other(_) | Content::Stopped(_) => true,
    }
}

/// What is said of a frame lies within it.
fn holds(frame: &Frame<'_>, content: &Content<'_>) {
    match content {
        Content::Tcp(segment) => {
            let options = segment.options().count();
            assert!(options <= 41, "{options} options in {} bytes", segment.option_bytes().len());
            assert_eq!(segment.options_cut(), segment.bytes.len() < segment.header_len.into());
            let _ = (segment.checksum(), segment.next_seq(), segment.ack());
        }
        Content::Icmp(error) => _ = error.is_unreachable(),
        Content::Stopped(stopped) => {
            assert!(stopped.offset as usize <= frame.bytes.len(), "{stopped}");
            assert!(!stopped.to_string().contains(char::is_control));
        }
        Content::Other(other) => assert!(!other.to_string().contains(char::is_control)),
    }
}

/// A capture that cuts the frame shows the same segment, or none.
fn cut(frame: &Frame<'_>, content: &Content<'_>) {
    let whole = if let Content::Tcp(segment) = content { Some(segment) } else { None };
    let wire_len = frame.wire_len.max(frame.bytes.len() as u32);
    for len in [20, 28, 34, 40, 48, 54, 60, 74, frame.bytes.len().saturating_sub(1)] {
        let Some(bytes) = frame.bytes.get(..len) else { continue };
        let mut decoder = Decoder::new();
        let frame = Frame::of_bytes(frame.link, wire_len, bytes);
        if let Content::Tcp(part) = decoder.decode(&frame).content {
            let bytes = whole.map_or(part.bytes, |whole| whole.bytes);
            assert_eq!(Some(&Segment { bytes, ..part }), whole, "cut to {len} bytes");
        }
    }
}

/// What the same IP packet shows behind other link layers, and in tunnels.
fn wrapped(frame: &Frame<'_>) {
    if frame.bytes.len() > 128 {
        // It may have nearly as many layers as are followed.
        return;
    }
    let mut inner = Decoder::new();
    let inner = inner.decode(frame);
    let wire = frame.wire_len.max(frame.bytes.len() as u32);
    let mut wrappers = [links(), tunnels(wire)].concat();
    // A tunnel in UDP is a guess: it is wrong where what is in it can't be decoded.
    if !matches!(inner.content, Content::Stopped(_)) {
        wrappers.extend(udp_tunnels(wire));
    }
    for (link, header, around) in wrappers {
        let bytes = [&header, frame.bytes].concat();
        let frame = Frame::of_bytes(LinkType(link), header.len() as u32 + wire, &bytes);
        let mut decoder = Decoder::new();
        let mut packet = decoder.decode(&frame);
        if let Content::Stopped(stopped) = &mut packet.content {
            stopped.offset -= header.len() as u32;
        }
        assert_eq!(packet.content, inner.content, "link type {link}, {around:?}");
        assert_eq!(packet.layers, [&around, inner.layers].concat());
    }
}

/// What stands before an IP packet: the link type, the bytes, the layers.
type Wrapper = (u32, Vec<u8>, Vec<Layer>);

fn ethernet(rest: &[u8]) -> Vec<u8> {
    [&[2; 12], rest].concat()
}

fn links() -> Vec<Wrapper> {
    vec![
        (1, ethernet(&[8, 0]), vec![]),
        (1, ethernet(&[0x86, 0xdd]), vec![]),
        (1, ethernet(&[0x81, 0, 0xf0, 5, 8, 0]), vec![Layer::Vlan(5)]),
        (0, vec![2, 0, 0, 0], vec![]),
        (9, vec![0xff, 3, 0, 0x21], vec![]),
        (113, vec![0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0], vec![]),
        (276, [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6], [2; 8].as_slice()].concat(), vec![]),
    ]
}

/// Tunnels around a packet that has so many bytes on the wire.
fn tunnels(wire: u32) -> Vec<Wrapper> {
    vec![
        outer_ip(4, &[], wire, Layer::IpInIp),
        outer_ip(47, &[0x20, 0, 8, 0, 0, 0, 0, 9], wire, Layer::Gre { key: Some(9) }),
    ]
}

fn udp_tunnels(wire: u32) -> Vec<Wrapper> {
    let udp = |port: u16, header: &[u8], layer| {
        let len = 8 + header.len() as u32 + wire;
        let ports = [50_000, port, len as u16, 0].map(u16::to_be_bytes);
        outer_ip(17, &[ports.as_flattened(), header].concat(), wire, layer)
    };
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0], &*ethernet(&[8, 0])].concat();
    vec![
        udp(4789, &vxlan, Layer::Vxlan(42)),
        udp(6081, &[0, 0, 8, 0, 0, 0, 42, 0], Layer::Geneve(42)),
    ]
}

fn outer_ip(protocol: u8, header: &[u8], wire: u32, layer: Layer) -> Wrapper {
    let [high, low] = ((20 + header.len() as u32 + wire) as u16).to_be_bytes();
    let ends = [[192, 0, 2, 1], [192, 0, 2, 2]];
    let ip = [0x45, 0, high, low, 0, 9, 0, 0, 64, protocol, 0, 0];
    let [source, destination] = ends.map(IpAddr::from);
    let bytes = [&ip, ends.as_flattened(), header].concat();
    (101, bytes, vec![Layer::OuterIp { source, destination }, layer])
}

/// A plain segment in IPv4 that comes in fragments of eight bytes is found once, with all of its
/// options, in whichever order they come.
fn fragmented(frame: &Frame<'_>, content: &Content<'_>) {
    let Content::Tcp(whole) = content else { return };
    let Some((header, packet)) = frame.bytes.split_first_chunk::<20>() else { return };
    let is_plain = header[0] == 0x45 && header[9] == 6 && whole.fragment == Fragment::Whole;
    if !is_plain || packet.len() < usize::from(whole.header_len) || whole.bytes.len() < packet.len()
    {
        return;
    }
    let pieces = packet.chunks(8).enumerate().map(|(at, piece)| {
        let more = u16::from((at + 1) * 8 < packet.len()) << 13;
        let mut bytes = [header, piece].concat();
        bytes[2..4].copy_from_slice(&(20 + piece.len() as u16).to_be_bytes());
        bytes[6..8].copy_from_slice(&(more | at as u16).to_be_bytes());
        bytes
    });
    let mut pieces: Vec<_> = pieces.collect();
    if packet.len() % 3 == 0 {
        pieces.reverse();
    }
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for bytes in &pieces {
        let frame = Frame::of_bytes(LinkType::RAW, bytes.len() as u32, bytes);
        if let Content::Tcp(segment) = decoder.decode(&frame).content {
            let options = segment.option_bytes().to_vec();
            found.push((segment.source, segment.seq, segment.ack_field, segment.flags, options));
        }
    }
    let options = whole.option_bytes().to_vec();
    assert_eq!(found, [(whole.source, whole.seq, whole.ack_field, whole.flags, options)]);
    assert_eq!(decoder.headers_not_reassembled(), 0);
}
