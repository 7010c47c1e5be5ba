use proptest::prelude::*;

use super::{Options, TcpOption, Usual};

#[track_caller]
fn check(bytes: &[u8], expected: &[TcpOption<'_>]) {
    assert_eq!(Options::new(bytes).collect::<Vec<_>>(), expected);
}

#[test]
fn a_linux_syn() {
    let bytes = [2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 1, 3, 3, 7];
    check(
        &bytes,
        &[
            TcpOption::Mss(65495),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { tsval: u32::MAX, tsecr: 0x8000_0000 },
            TcpOption::Nop,
            TcpOption::WindowScale(7),
        ],
    );
}

#[test]
fn every_kind_has_its_name() {
    let blocks: Vec<u8> = (0..16).collect();
    check(&[&[5, 18], &blocks[..]].concat(), &[TcpOption::Sack(&blocks)]);
    check(&[&[19, 18], &blocks[..]].concat(), &[TcpOption::Md5(&blocks)]);
    check(&[28, 4, 0x80, 5], &[TcpOption::UserTimeout { value: 5, minutes: true }]);
    check(&[28, 4, 0x7f, 0xff], &[TcpOption::UserTimeout { value: 0x7fff, minutes: false }]);
    check(&[29, 4, 1, 2], &[TcpOption::Ao { key_id: 1, next_key_id: 2, mac: &[] }]);
    check(&[29, 6, 1, 2, 3, 4], &[TcpOption::Ao { key_id: 1, next_key_id: 2, mac: &[3, 4] }]);
    check(&[30, 4, 0x10, 1], &[TcpOption::Mptcp { subtype: 1, body: &[0x10, 1] }]);
    check(&[34, 2], &[TcpOption::FastOpen { cookie: &[], kind: 34 }]);
    check(&[34, 6, 1, 2, 3, 4], &[TcpOption::FastOpen { cookie: &[1, 2, 3, 4], kind: 34 }]);
    for kind in [253, 254] {
        check(&[kind, 4, 0xf9, 0x89], &[TcpOption::FastOpen { cookie: &[], kind }]);
        check(&[kind, 5, 0xf9, 0x89, 1], &[TcpOption::FastOpen { cookie: &[1], kind }]);
        check(&[kind, 4, 0xf9, 0x88], &[TcpOption::Unknown { kind, body: &[0xf9, 0x88] }]);
        check(&[kind, 3, 0xf9], &[TcpOption::Unknown { kind, body: &[0xf9] }]);
    }
    check(&[99, 4, 1, 2], &[TcpOption::Unknown { kind: 99, body: &[1, 2] }]);
}

#[test]
fn every_kind_that_has_a_name_is_decoded() {
    for kind in (2..=u8::MAX).filter(|&kind| TcpOption::name_of_kind(kind).is_some()) {
        let is_well_formed = |&length: &u8| {
            let bytes = [&[kind, length], &[0; 38][..usize::from(length) - 2]].concat();
            match Options::new(&bytes).next() {
                Some(TcpOption::Unknown { .. }) => panic!("kind {kind}, length {length}: unknown"),
                option => !matches!(option, Some(TcpOption::Malformed { .. })),
            }
        };
        assert!((2..=40).filter(is_well_formed).count() > 0, "kind {kind} is never well-formed");
    }
}

#[test]
fn what_follows_an_unknown_kind_is_seen() {
    let unknown = TcpOption::Unknown { kind: 77, body: &[] };
    check(&[77, 2, 2, 4, 1, 0], &[unknown, TcpOption::Mss(256)]);
}

#[test]
fn the_end_of_the_list_ends_it() {
    check(&[], &[]);
    check(&[1, 0, 2, 4, 1, 0], &[TcpOption::Nop, TcpOption::EndOfList]);
}

#[test]
fn what_is_malformed_is_kept_and_ends_the_list() {
    let cases: [(&[u8], &str); 17] = [
        (&[99], "no length byte"),
        (&[99, 0, 1, 1], "length below 2"),
        (&[99, 1, 1, 1], "length below 2"),
        (&[99, 5, 1, 1], "length beyond the options"),
        (&[2, 3, 1, 1], "length is not 4"),
        (&[2, 5, 1, 1, 1], "length is not 4"),
        (&[3, 2, 1, 1], "length is not 3"),
        (&[4, 3, 1, 1], "length is not 2"),
        (&[5, 2, 1, 1], "length is not 2 and whole blocks of 8"),
        (&[5, 6, 1, 1, 1, 1], "length is not 2 and whole blocks of 8"),
        (&[8, 9, 1, 1, 1, 1, 1, 1, 1], "length is not 10"),
        (&[19, 4, 1, 1], "length is not 18"),
        (&[28, 3, 1, 1], "length is not 4"),
        (&[29, 3, 1, 1], "length below 4"),
        (&[30, 2, 1, 1], "length below 3"),
        (&[2, 4, 1], "length beyond the options"),
        (&[8, 2, 1, 1], "length is not 10"),
    ];
    for (bytes, why) in cases {
        let malformed = TcpOption::Malformed { kind: bytes[0], bytes, why };
        check(bytes, &[malformed]);
        check(&[&[1], bytes].concat(), &[TcpOption::Nop, malformed]);
    }
}

/// The bytes that an option was read from.
fn encode(option: TcpOption<'_>) -> Vec<u8> {
    let with_length = |kind: u8, body: &[u8]| [&[kind, body.len() as u8 + 2], body].concat();
    match option {
        TcpOption::EndOfList => vec![0],
        TcpOption::Nop => vec![1],
        TcpOption::Mss(mss) => with_length(2, &mss.to_be_bytes()),
        TcpOption::WindowScale(shift) => with_length(3, &[shift]),
        TcpOption::SackPermitted => with_length(4, &[]),
        TcpOption::Sack(blocks) => with_length(5, blocks),
        TcpOption::Timestamps { tsval, tsecr } => {
            with_length(8, &[tsval.to_be_bytes(), tsecr.to_be_bytes()].concat())
        }
        TcpOption::Md5(digest) => with_length(19, digest),
        TcpOption::UserTimeout { value, minutes } => {
            with_length(28, &(value | u16::from(minutes) << 15).to_be_bytes())
        }
        TcpOption::Ao { key_id, next_key_id, mac } => {
            with_length(29, &[&[key_id, next_key_id], mac].concat())
        }
        TcpOption::Mptcp { subtype, body } => {
            assert_eq!(subtype, body[0] >> 4);
            with_length(30, body)
        }
        TcpOption::FastOpen { cookie, kind: 34 } => with_length(34, cookie),
        TcpOption::FastOpen { cookie, kind } => {
            with_length(kind, &[&[0xf9, 0x89], cookie].concat())
        }
        TcpOption::Unknown { kind, body } => with_length(kind, body),
        TcpOption::Malformed { kind, bytes, why: _ } => {
            assert_eq!(kind, bytes[0]);
            bytes.to_vec()
        }
    }
}

/// Option bytes with the known kinds and plausible lengths in the majority.
fn option_bytes() -> impl Strategy<Value = Vec<u8>> {
    let has_name = |kind: &u8| TcpOption::name_of_kind(*kind).is_some();
    // Fast Open comes in the experimental kinds too.
    let known: Vec<u8> = (1..=u8::MAX).filter(has_name).chain([253, 254]).collect();
    let kind = prop_oneof![
        4 => prop::sample::select(known),
        1 => any::<u8>(),
    ];
    let body = proptest::collection::vec(any::<u8>(), 0..19);
    let option = (kind, body, prop_oneof![9 => Just(0_u8), 1 => any::<u8>()]).prop_map(
        |(kind, body, error)| {
            let length = (body.len() as u8 + 2).wrapping_add(error);
            if kind <= 1 { vec![kind] } else { [&[kind, length], &body[..]].concat() }
        },
    );
    proptest::collection::vec(option, 0..6).prop_map(|options| options.concat())
}

/// What Linux sends, in its SYN and later, as it is and with one byte changed, one more or one less.
fn linux_bytes() -> impl Strategy<Value = Vec<u8>> {
    let syn = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
    let later = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    let bytes = prop_oneof![Just(syn.to_vec()), Just(later.to_vec())];
    (bytes, any::<prop::sample::Index>(), 0..12_u8, 0..4).prop_map(|(mut bytes, at, byte, how)| {
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => {}
        }
        bytes
    })
}

proptest! {
    #[test]
    fn options_give_back_their_bytes(
        bytes in prop_oneof![option_bytes(), proptest::collection::vec(any::<u8>(), 0..60)],
    ) {
        let items: Vec<_> = Options::new(&bytes).collect();
        let encoded: Vec<u8> = items.iter().flat_map(|&option| encode(option)).collect();
        if items.last() == Some(&TcpOption::EndOfList) {
            prop_assert_eq!(&encoded, &bytes[..encoded.len()]);
        } else {
            prop_assert_eq!(&encoded, &bytes);
        }
    }

    #[test]
    fn one_look_sees_the_usual_options_and_nothing_else(
        bytes in prop_oneof![
            option_bytes(),
            proptest::collection::vec(0..10_u8, 0..24),
            linux_bytes(),
        ],
    ) {
        let mut expected = Some(Usual::default());
        for option in Options::new(&bytes) {
            expected = match (option, expected) {
                (TcpOption::Nop | TcpOption::EndOfList | TcpOption::Mss(_), usual) => usual,
                (TcpOption::WindowScale(_), Some(usual)) => {
                    Some(Usual { window_scale: true, ..usual })
                }
                (TcpOption::SackPermitted, Some(usual)) => {
                    Some(Usual { sack_permitted: true, ..usual })
                }
                (TcpOption::Timestamps { tsval, tsecr }, Some(usual @ Usual { timestamps: None, .. })) => {
                    Some(Usual { timestamps: Some((tsval, tsecr)), ..usual })
                }
                _ => None,
            };
        }
        prop_assert_eq!(Options::new(&bytes).usual(), expected);
    }

    #[test]
    fn well_formed_options_of_any_known_kind_are_known(mss: u16, shift: u8, tsval: u32, tsecr: u32) {
        let expected = [
            TcpOption::Mss(mss),
            TcpOption::WindowScale(shift),
            TcpOption::Timestamps { tsval, tsecr },
        ];
        let bytes: Vec<u8> = expected.iter().flat_map(|&option| encode(option)).collect();
        prop_assert_eq!(Options::new(&bytes).collect::<Vec<_>>(), expected);
    }
}
