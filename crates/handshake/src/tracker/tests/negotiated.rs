//! What the two ends agreed on, from their segments.

use super::record;
use crate::negotiated::{Ecn, FastOpen, Mptcp, Negotiated, Offer};

/// What comes of a SYN and, where there is one, of the SYN-ACK after it.
fn negotiated(syn: &str, syn_ack: Option<&str>) -> Negotiated {
    let answer = syn_ack.map_or(String::new(), |it| format!("\n+1ms S > C {it}"));
    record(&format!("+0 C > S {syn}{answer}")).negotiated
}

#[test]
fn an_option_is_what_each_side_says_of_it() {
    let nothing = Negotiated::default();
    assert_eq!(negotiated("S J:J(0)", Some("S. K:K(0) ack J+1")), nothing);
    let both = negotiated(
        "S J:J(0) <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>",
        Some("S. K:K(0) ack J+1 <mss 1400,sackOK,TS val 2 ecr 1,nop,wscale 0>"),
    );
    assert_eq!(
        both,
        Negotiated {
            mss: Offer { client: Some(1460), server: Some(1400) },
            window_scale: Offer { client: Some(7), server: Some(0) },
            sack: Offer { client: Some(()), server: Some(()) },
            timestamps: Offer { client: Some(()), server: Some(()) },
            ..nothing
        }
    );
    let client = negotiated("S J:J(0) <sackOK,mss 9>", Some("S. K:K(0) ack J+1"));
    assert_eq!(
        client,
        Negotiated {
            mss: Offer { client: Some(9), server: None },
            sack: Offer { client: Some(()), server: None },
            ..nothing
        }
    );
    let server = negotiated("S J:J(0)", Some("S. K:K(0) ack J+1 <TS val 2 ecr 0,mss 9>"));
    assert_eq!(
        server,
        Negotiated {
            mss: Offer { client: None, server: Some(9) },
            timestamps: Offer { client: None, server: Some(()) },
            ..nothing
        }
    );
}

#[test]
fn ecn_is_asked_for_by_one_side_and_answered_by_the_other() {
    for (syn, syn_ack, expected) in [
        ("S", Some("S."), Ecn::None),
        ("S", Some("S.E"), Ecn::None),
        ("SE", Some("S.E"), Ecn::None),
        ("SW", Some("S.E"), Ecn::None),
        ("SEW", None, Ecn::Offered),
        ("SEW", Some("S."), Ecn::Refused),
        ("SEW", Some("S.E"), Ecn::Classic),
        ("SEW", Some("S.EW"), Ecn::Refused),
        ("SEWA", None, Ecn::Offered),
        ("SEWA", Some("S."), Ecn::Refused),
        ("SEWA", Some("S.E"), Ecn::Classic),
        ("SEWA", Some("S.W"), Ecn::Accurate),
        ("SEWA", Some("S.EWA"), Ecn::Refused),
    ] {
        let answer = syn_ack.map(|flags| format!("{flags} K:K(0) ack J+1"));
        let found = negotiated(&format!("{syn} J:J(0)"), answer.as_deref());
        assert_eq!(
            found,
            Negotiated { ecn: expected, ..Negotiated::default() },
            "{syn} {answer:?}"
        );
    }
}

#[test]
fn fast_open_is_asked_for_granted_accepted_or_ignored() {
    let (cookie, data) = ("<FO 0102030405060708>", "S J:J+100(100)");
    let plain = "S. K:K(0) ack J+1".to_owned();
    let granted = format!("{plain} {cookie}");
    for (syn, syn_ack, expected) in [
        ("S J:J(0)".to_owned(), Some(&granted), FastOpen::None),
        ("S J:J(0) <FO>".to_owned(), None, FastOpen::CookieRequested),
        ("S J:J(0) <FO>".to_owned(), Some(&plain), FastOpen::CookieRequested),
        ("S J:J(0) <FO>".to_owned(), Some(&granted), FastOpen::CookieGranted),
        (format!("{data} {cookie}"), None, FastOpen::Offered),
        (format!("{data} {cookie}"), Some(&plain), FastOpen::Ignored),
        (format!("{data} {cookie}"), Some(&plain.replace("J+1", "J+2")), FastOpen::Accepted),
        (format!("{data} {cookie}"), Some(&plain.replace("J+1", "J+101")), FastOpen::Accepted),
    ] {
        let found = negotiated(&syn, syn_ack.map(String::as_str));
        assert_eq!(
            found,
            Negotiated { fast_open: expected, ..Negotiated::default() },
            "{syn} {syn_ack:?}"
        );
    }
}

#[test]
fn multipath_tcp_takes_the_same_subtype_of_both() {
    let (capable, join) = ("<mptcp 0101>", "<mptcp 10010102030405060708>");
    for (syn, syn_ack, expected) in [
        ("", Some(capable), Mptcp::None),
        (capable, None, Mptcp::Offered),
        (capable, Some(capable), Mptcp::Capable),
        (capable, Some(join), Mptcp::Refused),
        (capable, Some(""), Mptcp::Refused),
        (join, Some(join), Mptcp::Join),
        (join, Some(capable), Mptcp::Refused),
    ] {
        let answer = syn_ack.map(|option| format!("S. K:K(0) ack J+1 {option}"));
        let found = negotiated(&format!("S J:J(0) {syn}"), answer.as_deref());
        assert_eq!(found, Negotiated { mptcp: expected, ..Negotiated::default() });
    }
}
