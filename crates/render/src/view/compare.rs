//! What other programs print of an attempt, in words.

use handshake::{Completeness, Handshake, ZeekConnection};

use crate::text::duration;

/// Each program, and what it prints.
pub(crate) fn compared(handshake: &Handshake, unicode: bool) -> [(&'static str, String); 2] {
    let completeness = Completeness::of(handshake);
    let letters = completeness.letters(if unicode { '·' } else { '.' });
    let irtt = match handshake.timing.wireshark_irtt_ns {
        Some(ns) => format!(", iRTT {}", duration(ns, unicode)),
        None => String::new(),
    };
    let ZeekConnection { state, history } = ZeekConnection::of(handshake);
    [
        ("Wireshark", format!("prints tcp.completeness {} [{letters}]{irtt}", completeness.0)),
        ("Zeek", format!("prints conn_state {}, history {history}", state.name())),
    ]
}
