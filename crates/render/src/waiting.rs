//! What is said of an attempt that waits for an answer.

use handshake::{Kind, Waiting};

use crate::line::Line;
use crate::style::{Ink, Style};

/// `… 10.0.0.1:40000 → 10.0.0.2:443  SYN 4 times, 3.0 s so far`, for one that waits so long.
pub fn waiting_line(waiting: &Waiting, since_ns: i64, style: Style) -> Line {
    let Waiting { client, server, times, .. } = waiting;
    let (mark, arrow) = (style.pick("…", "..."), style.pick("→", ">"));
    let sent = if waiting.sent == Kind::SynAck { "SYN-ACK" } else { "SYN" };
    let times = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
    let tenths = since_ns / 100_000_000;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    let text =
        format!(" {mark} {client} {arrow} {server}  {sent} {times}, {seconds}.{tenth} s so far");
    Line::of(Ink::Doubtful, &text)
}
