use super::*;
use crate::fixture;

/// The explanation of an ICMP error of this kind, which comes before `rest`.
fn explained(family: IcmpFamily, kind: u8, code: u8, rest: &str) -> String {
    let hosts = match family {
        IcmpFamily::V4 => "client 192.0.2.1:1 server 192.0.2.2:2\nrouter 192.0.2.254",
        IcmpFamily::V6 => "client [2001:db8::1]:1 server [2001:db8::2]:2\nrouter 2001:db8::fe",
    };
    let packets =
        format!("{hosts}\nisn J=1\n+0 SYN\n+9us R > C icmp {kind}/{code} quoting J{rest}");
    explain_segment(&fixture::of(&packets), 1, Language::English)
        .expect("errors are explained")
        .into_owned()
}

#[test]
fn icmp_errors_name_what_linux_makes_of_them() {
    use IcmpFamily::{V4, V6};
    for (family, kind, code, errno) in [
        (V4, 3, 0, "ENETUNREACH"),
        (V4, 3, 1, "EHOSTUNREACH"),
        (V4, 3, 2, "ENOPROTOOPT"),
        (V4, 3, 3, "ECONNREFUSED"),
        (V4, 3, 5, "EOPNOTSUPP"),
        (V4, 3, 7, "EHOSTDOWN"),
        (V4, 3, 8, "ENONET"),
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
        assert_eq!(explained(family, kind, code, ""), expected, "{family:?} {kind}/{code}");
    }
    assert_eq!(explained(V6, 1, 99, ""), "A Linux connect() ends at once.");
    for (family, kind, code) in [(V4, 3, 4), (V6, 2, 0)] {
        assert!(explained(family, kind, code, "").starts_with("This is not a refusal"));
    }
    let went_on = explained(V4, 3, 1, "\n+1 SYN");
    assert_eq!(went_on, "This client continues; a Linux connect() would end here.");
}

/// What is explained of a record, segment by segment, and of its end.
fn explanations(name: &str) -> Vec<String> {
    let handshake = fixture::record(name);
    let segments = 0..handshake.segments.len();
    let of_segments =
        segments.filter_map(|index| explain_segment(&handshake, index, Language::English));
    let of_end = explain_end(&handshake, Language::English).map(Cow::Borrowed);
    of_segments.chain(of_end).map(Cow::into_owned).collect()
}

/// What an explanation may only say where a record shows it.
#[test]
fn nothing_is_explained_that_a_record_does_not_show() {
    for (words, names) in [
        ("accept()", &["established", "late", "wrap", "two-vlans"][..]),
        ("tcp_abort_on_overflow", &["aborted"]),
        ("once there is room", &["client-only"]),
        ("ETIMEDOUT", &["unanswered"]),
        ("ECONNREFUSED", &["refused", "refused-after-stall"]),
    ] {
        let says = |name: &str| explanations(name).iter().any(|text| text.contains(words));
        for name in names {
            assert!(says(name), "{name} does not say {words}");
        }
        for other in ["established", "aborted", "client-only", "unanswered", "refused", "crossed"] {
            assert_eq!(says(other), names.contains(&other), "{other}: {words}");
        }
    }
    for (name, _) in fixture::all() {
        let queue = explanations(name).iter().any(|text| text.contains("accept queue"));
        let may_be = ["client-only", "aborted", "unanswered"].contains(&name);
        assert_eq!(queue, may_be, "{name}");
    }
}
