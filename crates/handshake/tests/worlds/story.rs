//! A record as lines of the script language, to be pasted into a rule test.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;

use handshake::Side;

use crate::observe::Captured;
use crate::plan::Plan;
use crate::truth::Truth;
use crate::wire::{ACK, FIN, PSH, RST, SYN, Segment, number};

/// The frames that an observer recorded.
pub(crate) fn story(plan: &Plan, truth: &Truth, captured: &[Captured]) -> String {
    let mut story = Story { hosts: BTreeMap::new(), numbers: Vec::new(), text: String::new() };
    story.declare(plan, truth, captured);
    let mut before = captured.first().map_or(0, |first| first.at);
    for frame in captured {
        story.line(frame, frame.at - before, truth.emissions[frame.emission].flow);
        before = frame.at;
    }
    story.text
}

struct Story {
    hosts: BTreeMap<SocketAddr, String>,
    /// Each initial sequence number, its flow, its side and its name.
    numbers: Vec<(u32, usize, Side, String)>,
    text: String,
}

impl Story {
    fn declare(&mut self, plan: &Plan, truth: &Truth, captured: &[Captured]) {
        for frame in captured {
            let flow = &plan.flows[truth.emissions[frame.emission].flow];
            for (addr, letter) in [(flow.client, 'C'), (flow.server, 'S')] {
                if !self.hosts.contains_key(&addr) {
                    let name = format!("{letter}{}", self.hosts.len());
                    let _ = writeln!(self.text, "host {name} {addr}");
                    self.hosts.insert(addr, name);
                }
            }
        }
        let mut names = Vec::new();
        for (index, attempt) in truth.attempts.iter().enumerate() {
            let js = [(attempt.client_isn, Side::Client, format!("J{index}"))];
            let ks = attempt.server_isns.iter().enumerate().map(|(again, &k)| {
                let name = format!("K{index}{}", ["", "b", "c", "d"][again.min(3)]);
                (k, Side::Server, name)
            });
            for (number, side, name) in js.into_iter().chain(ks) {
                names.push(format!("{name}={number}"));
                self.numbers.push((number, attempt.flow, side, name));
            }
        }
        let _ = writeln!(self.text, "isn {}", names.join(" "));
    }

    fn line(&mut self, frame: &Captured, gap: i64, flow: usize) {
        let segment = Segment::read(&frame.packet);
        let side =
            if self.hosts[&segment.from].starts_with('C') { Side::Client } else { Side::Server };
        let next = self.name(segment.seq.wrapping_add(segment.len), flow, side);
        let seq = self.name(segment.seq, flow, side);
        let _ = write!(
            self.text,
            "+{}us {} > {} {} {seq}:{next}({})",
            gap / 1_000,
            self.hosts[&segment.from],
            self.hosts[&segment.to],
            flags(segment.flags),
            segment.len
        );
        if segment.flags & ACK != 0 {
            let _ = write!(self.text, " ack {}", self.name(segment.ack, flow, side.other()));
        }
        let _ = write!(self.text, " win {}", segment.window);
        if !segment.options.is_empty() {
            let _ = write!(self.text, " <{}>", options(&segment.options));
        }
        let _ = write!(self.text, " ttl {}", segment.ttl);
        if segment.from.is_ipv4() {
            let _ = write!(self.text, " ip_id {}", segment.ip_id);
        }
        if let Some(vlan) = frame.vlan {
            let _ = write!(self.text, " vlan {vlan}");
        }
        self.text.push('\n');
    }

    /// `J0+1` where an initial sequence number of that side is near.
    fn name(&self, number: u32, flow: usize, side: Side) -> String {
        let near = self.numbers.iter().filter(|(_, of, whose, _)| (*of, *whose) == (flow, side));
        let offset = |isn: &u32| i64::from(number.wrapping_sub(*isn).cast_signed());
        match near.min_by_key(|(isn, ..)| offset(isn).abs()) {
            Some((isn, .., name)) if offset(isn).abs() < 100_000 => match offset(isn) {
                0 => name.clone(),
                offset => format!("{name}{offset:+}"),
            },
            _ => number.to_string(),
        }
    }
}

fn flags(flags: u8) -> String {
    let letters = [(SYN, 'S'), (FIN, 'F'), (RST, 'R'), (PSH, 'P'), (ACK, '.')];
    letters.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, letter)| letter).collect()
}

/// What smoltcp sends, in words.
fn options(bytes: &[u8]) -> String {
    let mut words = Vec::new();
    let mut rest = bytes;
    while let [kind, after @ ..] = rest {
        let (word, len) = match (*kind, after) {
            (1, _) => ("nop".to_owned(), 1),
            (2, [4, a, b, ..]) => (format!("mss {}", u16::from_be_bytes([*a, *b])), 4),
            (3, [3, shift, ..]) => (format!("wscale {shift}"), 3),
            (4, [2, ..]) => ("sackOK".to_owned(), 2),
            (8, [10, body @ ..]) if body.len() >= 8 => {
                let (value, echo) = (number(&body[..4]), number(&body[4..8]));
                (format!("TS val {value} ecr {echo}"), 10)
            }
            _ => (
                rest.iter().fold("hex ".to_owned(), |hex, byte| format!("{hex}{byte:02x}")),
                rest.len(),
            ),
        };
        words.push(word);
        rest = &rest[len..];
    }
    words.join(",")
}
