//! The segments that every scenario must make, as a capture sees them.

use std::collections::HashMap;
use std::fmt::Write;

use lab::{CallEvent, Datagram, Moment, Transported};
use parser::{Content, Decoder, Endpoint, Flags, IcmpError, Segment, Timestamp};

/// What was seen of a run.
#[derive(Default)]
pub(crate) struct Trace {
    /// SYN, SYN-ACK, RST and ICMP errors, and what directly follows a SYN or SYN-ACK on the same
    /// two ports: all that belongs to handshakes. Ports that the kernel chose are named `c1`, `c2` ...
    pub(crate) text: String,
    decoder: Decoder,
    chosen: Vec<u16>,
    /// Whether the last segment between two ports was a SYN or SYN-ACK.
    opening: HashMap<[u16; 2], bool>,
    /// Every moment, as reported.
    times: Vec<Timestamp>,
    /// When each first SYN was seen, by its port, and the calls of `connect()` that sent them.
    syns: Vec<Timestamp>,
    connects: Vec<(Timestamp, Timestamp)>,
}

impl Trace {
    pub(crate) fn add(&mut self, moment: &Moment<'_>) {
        match moment {
            Moment::Call(event) => {
                self.times.push(event.time());
                self.note_connect(event);
            }
            Moment::Frame(frame) => {
                let time = frame.timestamp.expect("a live capture stamps every frame");
                self.times.push(time);
                let mut decoder = std::mem::take(&mut self.decoder);
                match decoder.decode(frame).content {
                    Content::Tcp(segment) => self.add_segment(time, &segment),
                    Content::Icmp(error) => self.add_icmp(&error),
                    other => panic!("frame {}: {other:?}", frame.number),
                }
                self.decoder = decoder;
            }
            Moment::Idle(_) => {}
        }
    }

    fn note_connect(&mut self, event: &CallEvent) {
        if let CallEvent::Returned(call) = event
            && call.text.starts_with("connect(")
        {
            self.connects.push((call.entered, event.time()));
        }
    }

    fn add_segment(&mut self, time: Timestamp, segment: &Segment<'_>) {
        let control = Flags::SYN | Flags::ACK | Flags::RST | Flags::FIN;
        let flags = segment.flags.intersection(control);
        let mut pair = [segment.source.port, segment.destination.port];
        pair.sort_unstable();
        let opens = flags.contains(Flags::SYN);
        let follows = self.opening.insert(pair, opens);
        if flags == Flags::SYN && follows.is_none() {
            self.syns.push(time);
        }
        if opens || flags.contains(Flags::RST) || follows == Some(true) {
            let (from, to) = (self.name(segment.source), self.name(segment.destination));
            let data = if segment.len > 0 { format!(" +{}", segment.len) } else { String::new() };
            writeln!(self.text, "{from} > {to} {flags}{data}").expect("writing to a string");
        }
    }

    /// What only sockets of the lab see.
    pub(crate) fn add_datagram(&mut self, datagram: &Datagram) {
        let (from, to) = (self.name(datagram.source), self.name(datagram.destination));
        match datagram.what {
            Transported::Udp { len } => {
                let fate = if datagram.lost { " lost" } else { "" };
                writeln!(self.text, "{from} > {to} UDP +{len}{fate}")
            }
            Transported::Icmp { kind, code, sender } => {
                writeln!(self.text, "{sender} ICMP {kind}/{code} about {from} > {to}")
            }
        }
        .expect("writing to a string");
    }

    fn add_icmp(&mut self, error: &IcmpError) {
        let (from, to) = (self.name(error.quoted.source), self.name(error.quoted.destination));
        let IcmpError { kind, code, sender, .. } = error;
        writeln!(self.text, "{sender} ICMP {kind}/{code} about {from} > {to}").expect("a string");
    }

    fn name(&mut self, end: Endpoint) -> String {
        if matches!(end.port, 8080..=8083 | 43210) {
            return end.port.to_string();
        }
        let known = self.chosen.iter().position(|port| *port == end.port);
        let index = known.unwrap_or_else(|| {
            self.chosen.push(end.port);
            self.chosen.len() - 1
        });
        format!("c{}", index + 1)
    }

    /// Moments are reported in order, and each first SYN lies within the `connect()` that sent it.
    pub(crate) fn check_order(&self) -> Result<(), String> {
        if !self.times.is_sorted() {
            return Err("packets and calls are not told in the order of their times".into());
        }
        for (entered, returned) in &self.connects {
            let within = self.syns.iter().filter(|syn| entered < syn && *syn < returned).count();
            if within > 1 || (within == 0 && !self.syns.is_empty() && self.connects.len() == 1) {
                return Err(format!("{within} first SYNs between {entered} and {returned}"));
            }
        }
        Ok(())
    }
}
