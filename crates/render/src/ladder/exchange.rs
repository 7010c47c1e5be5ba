//! Datagrams between two programs, drawn as a handshake is, though there is none.

use handshake::Side;

use super::{Arrow, Clock, Fate, Opening, Rung, Step};
use crate::line::Line;
use crate::style::{Ink, Style};
use crate::{Datagram, DatagramKind, Exchange};

/// What is said above the ladder of an exchange.
pub(crate) fn exchange_opening(exchange: &Exchange<'_>, style: Style) -> Opening {
    let heads = [exchange.client.to_string(), exchange.server.to_string()];
    Opening {
        name: exchange.protocol.to_owned(),
        ends: super::ends(&heads, style),
        heads,
        place: String::new(),
        facts: Vec::new(),
        client: None,
        shows_server: false,
    }
}

/// The ladder of an exchange. It ends without an outcome: nothing was agreed on.
pub(crate) fn exchange<'a>(exchange: &Exchange<'a>, style: Style) -> Vec<Rung<'a>> {
    let times: Vec<_> = exchange.datagrams.iter().map(|one| Some(one.at)).collect();
    let clock = Clock { style, start: times.first().copied().flatten() };
    let step = |index: usize| step(exchange, exchange.datagrams[index]);
    super::rungs(&times, exchange.calls.iter(), clock, step)
}

/// A datagram, but for its time.
fn step(exchange: &Exchange<'_>, datagram: Datagram) -> Step {
    let (label, ink) = match datagram.what {
        DatagramKind::Data(len) => {
            let name = Line::of(Ink::Syn.bold(), &exchange.protocol.to_uppercase());
            (vec![name, Line::of(Ink::Plain, &format!("len={len}"))], Ink::Syn)
        }
        DatagramKind::Error { family, kind, code, sender } => {
            let name = format!("ICMP {}", family.meaning(kind, code));
            let from = Line::of(Ink::Plain, &format!("from {sender}"));
            (vec![Line::of(Ink::Bad.bold(), &name), from], Ink::Bad)
        }
    };
    let from = datagram.to.other().into();
    let fate = if datagram.lost { Fate::Lost } else { Fate::Whole };
    let arrow = Arrow { from, to: datagram.to, fate };
    // A server is there as soon as something comes from it; a datagram on its way proves nothing.
    Step { label, ink, arrow, shows_server: datagram.to == Side::Client, ..Step::default() }
}
