use super::frames::cat;
use super::*;

/// LLC and SNAP before an IPv4 packet.
const LLC_IPV4: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

/// A data frame's header of `length` bytes with these frame control bytes.
fn header(control: u8, flags: u8, length: usize) -> Vec<u8> {
    cat(&[&[control, flags], &vec![0; length - 2]])
}

/// The header, and what comes before IPv4.
fn data(control: u8, flags: u8, length: usize) -> Vec<u8> {
    cat(&[&header(control, flags, length), &LLC_IPV4])
}

#[test]
fn data_frames_of_every_shape() {
    for (control, flags, length) in
        [(0x08, 0x01, 24), (0x08, 0x02, 24), (0x08, 0x03, 30), (0x88, 0x01, 26), (0x88, 0x03, 32)]
    {
        carries_ipv4(105, &data(control, flags, length), &[]);
    }
    carries_ipv4(105, &data(0x88, 0x80, 30), &[]);
    let mut numbered = data(0x08, 0, 24);
    numbered[22..24].copy_from_slice(&[0xf0, 0xff]);
    carries_ipv4(105, &numbered, &[]);
    // Without QoS the order bit adds nothing.
    carries_ipv4(105, &data(0x08, 0x80, 24), &[]);
}

#[test]
fn frames_without_readable_ip() {
    let mut later_fragment = data(0x08, 0, 24);
    later_fragment[22] = 0x21;
    let frames = [
        (data(0x80, 0, 24), "802.11 management"),
        (data(0xb4, 0, 24), "802.11 control"),
        (data(0x48, 0, 24), "802.11 without data"),
        // Whether nothing is encrypted does not matter.
        (data(0xc8, 0x40, 24), "802.11 without data"),
        (data(0x08, 0x40, 24), "802.11 encrypted"),
        (data(0x09, 0, 24), "802.11 of another kind"),
        (data(0x0c, 0, 24), "802.11 of another kind"),
        (later_fragment, "802.11 later fragment"),
    ];
    for (frame, name) in frames {
        check(LinkType(105), &frame, &[], named(name));
    }
    check(LinkType(105), &[8], &[], truncated("802.11", 0, 2, 1));
    check(LinkType(105), &header(8, 0, 23), &[], truncated("802.11", 0, 24, 23));
    check(LinkType(105), &header(8, 3, 29), &[], truncated("802.11", 24, 6, 5));
}

#[test]
fn the_first_frame_of_an_aggregate_counts() {
    let mut frame = header(0x88, 0x01, 26);
    frame[24] = 0x80;
    let length = (8 + 20 + 32_u16).to_be_bytes();
    carries_ipv4(105, &cat(&[&frame, &[0; 12], &length, &LLC_IPV4]), &[]);
}

#[test]
fn radiotap_has_its_length_and_the_padding() {
    let tap = |present: &[u32], fields: &[u8]| {
        let present: Vec<u8> = present.iter().flat_map(|word| word.to_le_bytes()).collect();
        let length = (4 + present.len() + fields.len()) as u16;
        cat(&[&[0, 0], &length.to_le_bytes(), &present, fields])
    };
    let plain = data(0x88, 0x01, 26);
    let padded = cat(&[&header(0x88, 0x01, 26), &[0, 0], &LLC_IPV4]);
    carries_ipv4(127, &cat(&[&tap(&[0], &[]), &plain]), &[]);
    carries_ipv4(127, &cat(&[&tap(&[2], &[0x10]), &plain]), &[]);
    carries_ipv4(127, &cat(&[&tap(&[2], &[0x20]), &padded]), &[]);
    // After the time stamp, and after a second word, which moves the time stamp's alignment.
    carries_ipv4(127, &cat(&[&tap(&[3], &[&[0; 8][..], &[0x20]].concat()), &padded]), &[]);
    let two_words = tap(&[1 << 31 | 3, 0], &[&[0; 12][..], &[0x20]].concat());
    carries_ipv4(127, &cat(&[&two_words, &padded]), &[]);
    let three_words = tap(&[1 << 31 | 2, 1 << 31, 0], &[0x20]);
    carries_ipv4(127, &cat(&[&three_words, &padded]), &[]);
    // HT control counts in the header's length.
    let ht = cat(&[&header(0x88, 0x81, 30), &[0, 0], &LLC_IPV4]);
    carries_ipv4(127, &cat(&[&tap(&[2], &[0x20]), &ht]), &[]);
    // Without the flags field the byte in its place is another one's.
    carries_ipv4(127, &cat(&[&tap(&[4], &[0x20]), &plain]), &[]);
    carries_ipv4(127, &cat(&[&tap(&[5], &[&[0; 8][..], &[0x20]].concat()), &plain]), &[]);
    // A frame that needs none.
    carries_ipv4(127, &cat(&[&tap(&[2], &[0x20]), &data(0x08, 0, 24)]), &[]);

    let version = Reason::Malformed("the version is not 0");
    check(LinkType(127), &[1, 0, 8, 0, 0, 0, 0, 0], &[], stopped("radiotap", 0, version));
    check(LinkType(127), &[0, 0, 9, 0, 0, 0, 0, 0], &[], truncated("radiotap", 0, 9, 8));
}

#[test]
fn prism_and_avs_tell_their_length() {
    for length in [144_u32.to_le_bytes(), 144_u32.to_be_bytes()] {
        let prism = cat(&[&[0, 0, 0, 0x44], &length, &[0; 136]]);
        carries_ipv4(119, &cat(&[&prism, &data(0x08, 0, 24)]), &[]);
    }
    let avs = cat(&[&[0x80, 0x21, 0x10, 1], &64_u32.to_be_bytes(), &[0; 56]]);
    carries_ipv4(163, &cat(&[&avs, &data(0x08, 0, 24)]), &[]);
    carries_ipv4(119, &cat(&[&avs, &data(0x08, 0, 24)]), &[]);
    check(LinkType(119), &avs[..63], &[], truncated("prism", 0, 64, 63));
}
