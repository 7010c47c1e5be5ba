//! Datagrams between two programs, drawn as a handshake is, though there is none.

use std::io;
use std::net::IpAddr;

use handshake::Side;
use parser::{Endpoint, IcmpFamily, Timestamp};

use super::arrow::{Arrow, ArrowStyle};
use super::canvas::{Canvas, Row};
use super::events::{self, Event};
use super::layout::Layout;
use super::{Clock, calls, header};
use crate::line::{Line, pack};
use crate::style::{Ink, Style};
use crate::{SocketCall, Timeline};

/// What two programs sent each other without a connection.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The protocol's name: `udp`.
    pub protocol: &'a str,
    /// Who sent first.
    pub client: Endpoint,
    /// Who it was sent to.
    pub server: Endpoint,
    /// What was on the way, in the order of its times.
    pub datagrams: &'a [Datagram],
    /// The socket calls of both programs.
    pub calls: &'a [SocketCall],
}

/// A datagram, or an ICMP error about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// When.
    pub at: Timestamp,
    /// Whom it goes to.
    pub to: Side,
    /// What it is.
    pub what: DatagramKind,
}

/// What is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatagramKind {
    /// A datagram with so many bytes of data.
    Data(u32),
    /// An ICMP error.
    Error {
        /// ICMP or `ICMPv6`.
        family: IcmpFamily,
        /// Message type.
        kind: u8,
        /// Code within the type.
        code: u8,
        /// Who reports it.
        sender: IpAddr,
    },
}

impl<W: io::Write> Timeline<W> {
    /// Draws an exchange. It ends without an outcome: nothing was agreed on.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        let style = self.style;
        let mut canvas = Canvas::new(&mut self.out, style, Layout::new(style, true));
        canvas.line(&title(exchange, style))?;
        canvas.line(&Line::default())?;
        header::heads(&mut canvas, &exchange.client.to_string(), &exchange.server.to_string())?;
        let clock = Clock { style, start: exchange.datagrams.first().map(|first| first.at) };
        let times = exchange.datagrams.iter().map(|datagram| Some(datagram.at));
        for event in events::merge(times, exchange.calls) {
            match event {
                Event::Segment(index) => {
                    draw(&mut canvas, exchange, exchange.datagrams[index], clock)?;
                }
                Event::Enters(_) | Event::Returns(_) | Event::Calls(_) => {
                    calls::draw(&mut canvas, event, |time| clock.time(Some(time)))?;
                }
            }
        }
        canvas.line(&Line::default())
    }
}

fn title(exchange: &Exchange<'_>, style: Style) -> Line {
    let rule = style.pick("─", "-");
    let mut line = Line::of(Ink::Faint, &rule.repeat(2));
    line.push(Ink::Strong, &format!(" {} ", exchange.protocol)).push(Ink::Faint, rule);
    line.push(Ink::Strong, &format!(" {}", exchange.client));
    line.push(Ink::Faint, style.pick(" → ", " > "));
    line.push(Ink::Strong, &format!("{} ", exchange.server));
    let room = style.columns().saturating_sub(line.width());
    line.push(Ink::Faint, &rule.repeat(room));
    line
}

fn draw(
    canvas: &mut Canvas<'_>,
    exchange: &Exchange<'_>,
    datagram: Datagram,
    clock: Clock,
) -> io::Result<()> {
    let layout = canvas.layout;
    // A server is there as soon as something comes from it; a datagram on its way proves nothing.
    canvas.server_is_there |= datagram.to == Side::Client;
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
    for middle in pack(&label, 2, layout.text()) {
        canvas.row(Row { middle, ..Row::default() })?;
    }
    let arrow =
        Arrow { from: datagram.to.other().into(), to: datagram.to, look: ArrowStyle::Whole };
    canvas.row(Row {
        time: clock.time(Some(datagram.at)),
        middle: Line::of(ink, &arrow.draw(layout.middle, canvas.style)),
        starts_at: Some(datagram.to.other()),
        ..Row::default()
    })
}
