//! What is said of how a connection is closed.

use handshake::{Close, Data, Handshake, Kind, SegmentRecord, Sender, Side, Verdict};
use parser::Flags;

use super::{IsnBase, Named};
use crate::language::Language;
use crate::text::plural;

/// The data that went between two segments: `data of the client: 1 segment, 5 bytes`. `None` where
/// nothing is known to have been sent.
pub(crate) fn between(data: [Data; 2]) -> Option<String> {
    let [client, server] = data;
    let of = match (client.is_none(), server.is_none()) {
        (true, true) => return None,
        (false, true) => " of the client",
        (true, false) => " of the server",
        (false, false) => "",
    };
    let segments = u64::from(client.segments) + u64::from(server.segments);
    if segments == 0 {
        return Some(format!("data{of} that was not captured"));
    }
    let least = if client.is_least || server.is_least { "at least " } else { "" };
    let bytes = plural(client.bytes.saturating_add(server.bytes), "byte");
    Some(format!("data{of}: {least}{}, {bytes}", plural(segments, "segment")))
}

/// Which numbers M and N are: `M = J+6 and N = K+8 are the numbers of the FINs`.
pub(crate) fn fins(handshake: &Handshake) -> Option<String> {
    let close = handshake.close.as_ref()?;
    let first = close.first_closer()?;
    let of = |side: Side, name: &str| {
        let base = if side == Side::Client { IsnBase::J } else { IsnBase::K };
        let distance = close.fins[side as usize]?.distance_from(base.isn(handshake)?);
        Some(format!("{name} = {}", Named((base, distance))))
    };
    let named: Vec<_> = [of(first, "M"), of(first.other(), "N")].into_iter().flatten().collect();
    match named.len() {
        0 => None,
        1 => Some(format!("{} is the number of the FIN", named[0])),
        _ => Some(format!("{} are the numbers of the FINs", named.join(" and "))),
    }
}

/// What must be known of what is shown of a close.
pub(super) fn caveats(close: &Close) -> impl Iterator<Item = String> {
    let is_open = close.segments.is_empty() && close.fins == [None; 2];
    let omitted = plural(close.omitted.into(), "more segment");
    let said = [
        (
            is_open && !close.is_cut,
            "no FIN and no RST was captured: the connection may be open".to_owned(),
        ),
        (close.omitted > 0, format!("{omitted} of the close not kept")),
        (
            close.is_cut,
            "not followed to its end: no memory was left (--memory), or another attempt has its \
             numbers"
                .to_owned(),
        ),
    ];
    said.into_iter().filter_map(|(is_so, said)| is_so.then_some(said))
}

/// What segment `index` of a close means. `None` where nothing is worth saying.
pub(crate) fn explain_close(
    close: &Close,
    index: usize,
    language: Language,
) -> Option<&'static str> {
    let segment = close.segments.get(index)?;
    let before = &close.segments[..index];
    let has_fin = |one: &SegmentRecord| one.flags.contains(Flags::FIN);
    let other = |one: &SegmentRecord| {
        one.from != segment.from && has_fin(one) && one.from != Sender::Network
    };
    let text = match segment.verdict {
        Verdict::Advanced if segment.kind == Kind::Rst => {
            "A RST ends both directions at once: what was not delivered is lost."
        }
        Verdict::Advanced if !has_fin(segment) => {
            if before.iter().any(|one| one.from == segment.from && has_fin(one)) {
                "The kernel acknowledges the other FIN. Who closed first keeps the ports in \
                 TIME-WAIT for 2 MSL (Linux: 60 s), so that a FIN that is sent again gets an answer."
            } else {
                "The kernel acknowledges the FIN at once: the next recv() returns 0. The program may \
                 still send (CLOSE-WAIT) until it closes, too."
            }
        }
        Verdict::Advanced if !before.iter().any(other) => {
            "This is what close() or shutdown() does: the FIN says that no more data comes, and takes \
             one number, as a SYN does."
        }
        Verdict::Advanced if segment.ack_check.is_some() => {
            "The other program closes, too: its kernel waits for the last ACK in LAST-ACK."
        }
        Verdict::Advanced => {
            "Both closed before either FIN arrived: the two cross (RFC 9293, figure 13)."
        }
        Verdict::Retransmission => "No ACK came, so the kernel sends its FIN again.",
        _ => return None,
    };
    Some(language.say(text))
}
