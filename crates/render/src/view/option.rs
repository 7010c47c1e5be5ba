//! TCP options in short, and who offers them.

use handshake::{Handshake, Kind, Offer};
use parser::TcpOption;

/// Whether each side offers an option, the client first; `None` where the segment that would hold it
/// was not seen: a missing option counts only in a segment that was captured.
pub fn offered_by(handshake: &Handshake, offer: Offer<()>) -> (Option<bool>, Option<bool>) {
    let answered = handshake.segments.iter().any(|segment| segment.kind == Kind::SynAck)
        || offer.server.is_some();
    (
        handshake.syn_captured.then_some(offer.client.is_some()),
        answered.then_some(offer.server.is_some()),
    )
}

/// Whether both sides offer an option and so use it; `None` where the SYN of one of them was not
/// captured.
pub fn used_by_both(handshake: &Handshake, offer: Offer<()>) -> Option<bool> {
    let (client, server) = offered_by(handshake, offer);
    Some(client? && server?)
}

/// What an option of a SYN or SYN-ACK says, in short: `mss 1460`. `None` for padding.
pub(crate) fn option_text(option: TcpOption<'_>) -> Option<String> {
    use TcpOption as O;
    Some(match option {
        O::EndOfList | O::Nop => return None,
        O::Mss(mss) => format!("mss {mss}"),
        O::WindowScale(shift) => format!("ws {shift}"),
        O::SackPermitted => "sack".to_owned(),
        O::Sack(blocks) => match blocks.len() / 8 {
            1 => "1 sack block".to_owned(),
            n => format!("{n} sack blocks"),
        },
        O::Timestamps { .. } => "ts".to_owned(),
        O::Md5(_) => "md5".to_owned(),
        O::UserTimeout { value, minutes } => {
            format!("user timeout {value} {}", if minutes { "min" } else { "s" })
        }
        O::Ao { key_id, .. } => format!("ao key {key_id}"),
        O::Mptcp { subtype, .. } => mptcp(subtype),
        O::FastOpen { cookie: [], .. } => "tfo cookie request".to_owned(),
        O::FastOpen { cookie, .. } => format!("tfo cookie of {} bytes", cookie.len()),
        O::Unknown { kind, body } => format!("kind {kind} with {} bytes", body.len()),
        O::Malformed { kind, why, .. } => match TcpOption::name_of_kind(kind) {
            Some(name) => format!("malformed {name}: {why}"),
            None => format!("malformed kind {kind}: {why}"),
        },
    })
}

/// A Multipath TCP option by its subtype (RFC 8684, section 8).
fn mptcp(subtype: u8) -> String {
    match subtype {
        0 => "mptcp capable".to_owned(),
        1 => "mptcp join".to_owned(),
        _ => format!("mptcp subtype {subtype}"),
    }
}

#[cfg(test)]
mod tests {
    use handshake::OptionBytes;

    use super::*;

    #[test]
    fn malformed_options_keep_their_names() {
        let named = [
            (2, "mss"),
            (3, "window_scale"),
            (4, "sack_permitted"),
            (5, "sack"),
            (8, "timestamps"),
            (19, "md5"),
            (28, "user_timeout"),
            (29, "ao"),
            (30, "mptcp"),
            (34, "fast_open"),
            (77, "kind 77"),
        ];
        let is_tested = |kind| named.iter().any(|row| row.0 == kind);
        let is_known = |kind: &u8| TcpOption::name_of_kind(*kind).is_some();
        assert!((2..=u8::MAX).filter(is_known).all(is_tested));
        for (kind, name) in named {
            // No option is one byte long.
            let options = OptionBytes::new(&[kind, 1]);
            let text = options.iter().next().and_then(option_text).expect("an option");
            assert!(text.starts_with(&format!("malformed {name}: ")), "{text}");
        }
    }
}
