//! The pictures of a scenario.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use handshake::{End, Side};
use lab::{Connection, Protocol, Report, Scenario, Transported};
use parser::IcmpFamily;
use render::{Datagram, DatagramKind, Exchange, Record, Summary, View};

use super::expectation::Found;
use super::folding::Folding;
use super::frame_buffer::FrameBuffer;
use crate::calls::{Calls, shown};
use crate::layout::{Audience, Content};
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline, Step};
use crate::presenter::{Before, Presenter, ShowWhen};
use crate::selection::Selection;

/// How the attempts of a scenario are shown.
pub(super) struct Showing {
    pub(super) scenario: &'static Scenario,
    /// Also those that only prepare the story.
    pub(super) all: bool,
    /// The view in place of the output's own.
    pub(super) pictures: Option<Before>,
    /// Whether the scenario has ended.
    pub(super) end: End,
}

/// Shows the attempts with their calls in the order of their first segments, and returns their outcomes.
pub(super) fn show(
    output: Output,
    buffer: &mut FrameBuffer,
    report: &Report,
    showing: Showing,
) -> anyhow::Result<Vec<Found>> {
    let Showing { scenario, all, pictures, end } = showing;
    // What is expected of the attempts, and which calls are theirs, goes by this order.
    let output = Output { layout: output.layout.sorted(), ..output };
    let is_picture = output.layout.content == Content::Pictures;
    let found = Rc::new(RefCell::new(Vec::new()));
    let calls = Calls::new(report.calls.clone(), report.connections.clone());
    let folds = !all && is_picture && output.layout.audience == Audience::People;
    let (out, language) = (output.out.clone(), output.style.language);
    let mut drawn = Ok(());
    let before = |view| {
        let mut view = match pictures {
            Some(pictures) => pictures(view),
            None => view,
        };
        if is_picture {
            drawn = draw_datagrams(&mut *view, report);
        }
        // The first attempt that is shown has the calls of the server before any accept().
        let mut view = calls.beside(view);
        if folds {
            view = Box::new(Folding::new(view, out, scenario, language));
        }
        Box::new(Finding { view, found: Rc::clone(&found) }) as Box<dyn View>
    };
    let presenter = Presenter::behind(before, output, Selection::default(), ShowWhen::InOrder);
    drawn?;
    let mut pipeline = Pipeline::new(presenter, Memory::default());
    buffer.rewind();
    while pipeline.step(buffer)? != Step::End {}
    pipeline.finish(end, &Ending { lost: Some(buffer.lost), ..Ending::default() })?;
    Ok(found.take())
}

/// A view that keeps the outcomes.
struct Finding {
    view: Box<dyn View>,
    found: Rc<RefCell<Vec<Found>>>,
}

impl View for Finding {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let patterns = record.patterns.iter().map(|pattern| pattern.name).collect();
        self.found.borrow_mut().push(Found { outcome: record.handshake.outcome, patterns });
        self.view.handshake(record)
    }

    fn end(&mut self) -> io::Result<()> {
        self.view.end()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}

/// Draws what was sent without a connection.
fn draw_datagrams(view: &mut dyn View, report: &Report) -> io::Result<()> {
    let connections = report.connections.iter();
    let connectionless = connections.filter(|connection| connection.protocol == Protocol::Udp);
    for connection in connectionless {
        let Some(client) = connection.client else { continue };
        let datagrams = datagrams_of(connection, report);
        // Those of the server's program, too, where one has this end.
        let bind = format!("bind({})", connection.server);
        let binds = |call: &lab::Call| call.actor.side == lab::Side::Server && call.text == bind;
        let server = report.calls.iter().find(|call| binds(call)).map(|call| call.actor);
        let calls: Vec<_> = report
            .calls
            .iter()
            .filter(|call| call.actor == connection.actor || Some(call.actor) == server)
            .filter_map(shown)
            .collect();
        view.exchange(&Exchange {
            protocol: connection.protocol.name(),
            client,
            server: connection.server,
            datagrams: &datagrams,
            calls: &calls,
        })?;
    }
    Ok(())
}

fn datagrams_of(connection: &Connection, report: &Report) -> Vec<Datagram> {
    let (client, server) = (connection.client, connection.server);
    let datagrams = report.datagrams.iter().filter_map(|datagram| {
        let sent_to = if Some(datagram.source) == client && datagram.destination == server {
            Side::Server
        } else if datagram.source == server && Some(datagram.destination) == client {
            Side::Client
        } else {
            return None;
        };
        let (to, what) = match datagram.what {
            Transported::Udp { len } => (sent_to, DatagramKind::Data(len)),
            // An error goes back to whom it is about.
            Transported::Icmp { kind, code, sender } => (
                sent_to.other(),
                DatagramKind::Error { family: IcmpFamily::V4, kind, code, sender },
            ),
        };
        Some(Datagram { at: datagram.at, to, what, lost: datagram.lost })
    });
    datagrams.collect()
}
