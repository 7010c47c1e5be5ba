//! What an observer records of a world, and what a tracker makes of the record.

use std::net::SocketAddr;

use handshake::{End, Event, Handshake, Limits, Reporting, Side, Tracker, recognise};
use parser::{Frame, LinkType, Origin, Timestamp};

use crate::plan::{Scope, Sees, View};
use crate::rng::Rng;
use crate::truth::Truth;
use crate::wire;

/// When worlds begin: the default of the script language.
const START_NS: i64 = 1_700_000_000 * 1_000_000_000;

/// A frame of an observer's record.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    /// Nanoseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) emission: usize,
    /// The observer recorded the packet once more; the path has nothing to do with it.
    pub(crate) again: bool,
    pub(crate) vlan: Option<u16>,
    /// The IP packet.
    pub(crate) packet: Vec<u8>,
}

pub(crate) fn observe(truth: &Truth, view: View) -> Vec<Captured> {
    let mut captured = Vec::new();
    for pass in &truth.passes[view.point] {
        let emission = &truth.emissions[pass.emission];
        let from = emission.from;
        let missed = match view.sees {
            Sees::Both => false,
            Sees::Only(side) => side != from,
            Sees::Most(seed) => Rng::of(seed, &[pass.emission as u64, pass.at]).chance(20),
        };
        if missed {
            continue;
        }
        let mut packet = emission.packet.clone();
        if !emission.forged {
            let hops = if from == Side::Client { view.point } else { 2 - view.point };
            wire::hop(&mut packet, hops as u8);
        }
        let vlan = match view.scope {
            Scope::Plain | Scope::Twice(_) => None,
            Scope::Vlan(id) => Some(id),
            Scope::VlanEachWay(there, back) | Scope::Routed(_, there, back) => {
                Some(if from == Side::Client { there } else { back })
            }
        };
        let at = START_NS + pass.at.cast_signed() * 1_000;
        let first = Captured { at, emission: pass.emission, again: false, vlan, packet };
        if let Scope::Twice(apart) | Scope::Routed(apart, ..) = view.scope {
            let mut second =
                Captured { at: at + apart.cast_signed() * 1_000, again: true, ..first.clone() };
            if let Scope::Routed(_, there, back) = view.scope {
                second.vlan = Some(if from == Side::Client { back } else { there });
                wire::hop(&mut second.packet, 1);
            }
            captured.push(second);
        }
        captured.push(first);
    }
    captured.sort_by_key(|captured| (captured.at, captured.again));
    captured
}

impl Captured {
    fn ethernet(&self) -> Vec<u8> {
        let mut frame = vec![2; 12];
        if let Some(vlan) = self.vlan {
            frame.extend([0x81, 0]);
            frame.extend(vlan.to_be_bytes());
        }
        let v4 = self.packet[0] >> 4 == 4;
        frame.extend(if v4 { [0x08, 0x00] } else { [0x86, 0xdd] });
        frame.extend(&self.packet);
        frame
    }
}

/// What a tracker says of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) handshake: Handshake,
    pub(crate) patterns: Vec<&'static str>,
}

impl Told {
    pub(crate) fn ends(&self) -> (SocketAddr, SocketAddr) {
        let end = |endpoint: parser::Endpoint| SocketAddr::new(endpoint.addr, endpoint.port);
        (end(self.handshake.client), end(self.handshake.server))
    }
}

/// The one place where a tracker is at work.
pub(crate) fn track(captured: &[Captured]) -> Vec<Told> {
    let mut told = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            let patterns = recognise(record).iter().map(|pattern| pattern.name.name()).collect();
            told.push(Told { handshake: record.clone(), patterns });
        }
    };
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    for (number, captured) in (1..).zip(captured) {
        let bytes = captured.ethernet();
        let (link, wire_len) = (LinkType(1), bytes.len() as u32);
        let timestamp = Some(Timestamp::from_nanos(captured.at));
        let origin = Origin::default();
        let frame = Frame { origin, number, timestamp, link, wire_len, bytes: &bytes };
        tracker.on_frame(&frame, &mut on_event);
    }
    // Long enough for every retransmission to be overdue.
    if let Some(last) = captured.last() {
        let later = Timestamp::from_nanos(last.at).plus_nanos(600_000_000_000);
        tracker.advance_to(later, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    told
}
