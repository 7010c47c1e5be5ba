use super::*;
use crate::fixture;

/// The explanation of an ICMP error of this kind.
fn explained(family: IcmpFamily, kind: u8, code: u8) -> String {
    let mut handshake = fixture::unreachable();
    let error = handshake.segments[1].icmp.as_mut().expect("it is one");
    (error.family, error.kind, error.code) = (family, kind, code);
    explain_segment(&handshake, 1).expect("errors are explained").into_owned()
}

#[test]
fn icmp_errors_name_what_linux_makes_of_them() {
    use IcmpFamily::{V4, V6};
    for (family, kind, code, errno) in [
        (V4, 3, 0, "ENETUNREACH"),
        (V4, 3, 1, "EHOSTUNREACH"),
        (V4, 3, 2, "ENOPROTOOPT"),
        (V4, 3, 3, "ECONNREFUSED"),
        (V4, 3, 7, "EHOSTDOWN"),
        (V4, 3, 13, "EHOSTUNREACH"),
        (V4, 11, 0, "EHOSTUNREACH"),
        (V4, 12, 0, "EPROTO"),
        (V6, 1, 0, "ENETUNREACH"),
        (V6, 1, 1, "EACCES"),
        (V6, 1, 3, "EHOSTUNREACH"),
        (V6, 1, 4, "ECONNREFUSED"),
        (V6, 3, 0, "EHOSTUNREACH"),
        (V6, 4, 1, "EPROTO"),
    ] {
        let expected = format!("A Linux connect() ends at once, with {errno}.");
        assert_eq!(explained(family, kind, code), expected, "{family:?} {kind}/{code}");
    }
    assert_eq!(explained(V6, 1, 99), "A Linux connect() ends at once.");
    for (family, kind, code) in [(V4, 3, 4), (V4, 4, 0), (V6, 2, 0)] {
        assert!(explained(family, kind, code).starts_with("That refuses nothing"));
    }
}

#[test]
fn a_dropped_ack_is_not_explained_as_one_that_arrived() {
    let explained = |handshake: Handshake, index| explain_segment(&handshake, index);
    let taken = explained(fixture::established(), 2).expect("an explanation");
    let dropped = explained(fixture::client_only(), 2).expect("an explanation");
    assert!(taken.contains("accept()") && dropped.contains("dropped"), "{taken} {dropped}");
}
