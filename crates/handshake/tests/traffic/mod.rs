//! Hostile traffic in few numbers, and what holds of the tracker whatever the traffic. The fuzz
//! targets in tests/fuzz use it too.

use std::collections::BTreeMap;

use handshake::{
    Counters, End, EndedBy, Event, Handshake, Kind, Limits, Outcome, Reporting, Sender, Tracker,
};
use parser::{Flags, Frame, LinkType, Origin, Timestamp};

/// Limits that a few packets reach.
pub(crate) const TINY: Limits = Limits { attempts: 3, segments: 4, memory: 1 << 20, remembered: 2 };

const TCP: u8 = 6;
const OPTIONS: [&[u8]; 10] = [
    &[],
    &[2, 4, 5, 180],
    &[8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1],
    &[8, 10, 0, 0, 0, 9, 0, 0, 0, 1, 1, 1],
    &[34, 2, 1, 1],
    &[34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 2, 4],
    &[30, 4, 0, 1, 3, 3, 200, 0],
    &[19, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99, 40],
    // As many usual ones as are kept on the plain course, and more.
    &[2, 4, 5, 180, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 4, 2, 0, 0],
    &[2, 4, 5, 180, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 4, 2, 1, 1, 1, 1, 1, 1],
];

/// A packet between one of few pairs of end points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    /// Which pair, and by its lowest bit which IP version.
    pub(crate) flow: u8,
    /// From the server to the client.
    pub(crate) reversed: bool,
    /// The control bits.
    pub(crate) flags: u8,
    /// The sequence number.
    pub(crate) seq: u32,
    /// The acknowledgment field.
    pub(crate) ack: u32,
    /// Bytes of data.
    pub(crate) len: u8,
    /// One of a few option lists.
    pub(crate) options: u8,
    /// The type and code of an ICMP error that quotes the packet, where there is one instead of it.
    pub(crate) icmp: Option<(u8, u8)>,
    /// When it was captured.
    pub(crate) time: Option<i64>,
    /// Bytes that were not captured.
    pub(crate) cut: u8,
}

impl Packet {
    /// The Ethernet frame.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let ether_type = if self.flow & 1 == 0 { [0x08, 0x00] } else { [0x86, 0xdd] };
        [&[2; 12], ether_type.as_slice(), &self.packet()].concat()
    }

    fn packet(&self) -> Vec<u8> {
        let (mut source, mut destination) = ((1, 40_000 + u16::from(self.flow)), (2, 80));
        if self.flow & 6 == 6 {
            // A socket that connects to itself.
            destination = source;
        }
        if self.reversed {
            std::mem::swap(&mut source, &mut destination);
        }
        let tcp = self.tcp(source.1, destination.1);
        match self.icmp {
            None => self.ip(TCP, source.0, destination.0, &tcp),
            Some((kind, code)) => {
                let quoted = self.ip(TCP, source.0, destination.0, &tcp);
                let error = [&[kind, code, 0, 0, 0, 0, 5, 220], quoted.as_slice()].concat();
                let protocol = if self.flow & 1 == 0 { 1 } else { 58 };
                self.ip(protocol, 9, source.0, &error)
            }
        }
    }

    fn tcp(&self, source: u16, destination: u16) -> Vec<u8> {
        let options = OPTIONS[usize::from(self.options) % OPTIONS.len()];
        let mut tcp = [source.to_be_bytes(), destination.to_be_bytes()].concat();
        tcp.extend(self.seq.to_be_bytes());
        tcp.extend(self.ack.to_be_bytes());
        tcp.extend([(5 + options.len() as u8 / 4) << 4, self.flags, 255, 255, 0, 0, 0, 0]);
        tcp.extend(options);
        tcp.resize(tcp.len() + usize::from(self.len), 0);
        tcp
    }

    fn ip(&self, protocol: u8, source: u8, destination: u8, payload: &[u8]) -> Vec<u8> {
        let mut ip = Vec::new();
        if self.flow & 1 == 0 {
            ip.extend([0x45, 0]);
            ip.extend((20 + payload.len() as u16).to_be_bytes());
            ip.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
            ip.extend([192, 0, 2, source, 192, 0, 2, destination]);
        } else {
            ip.extend([0x60, 0, 0, 0]);
            ip.extend((payload.len() as u16).to_be_bytes());
            ip.extend([protocol, 64]);
            for host in [source, destination] {
                ip.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
            }
        }
        ip.extend(payload);
        ip
    }
}

/// Tracks the packets and checks what holds of any traffic. Each ended record is told.
pub(crate) fn track(
    packets: &[Packet],
    limits: Limits,
    end: End,
    told: &mut dyn FnMut(&Handshake),
) -> Counters {
    let mut watch = Watch::default();
    let counters = play(packets, (limits, Reporting::Decisions), end, &mut |event, frame| {
        if let Event::Ended(record) = event {
            assert!(record.segments.len() <= 2 * limits.segments, "{record:#?}");
            told(record);
        }
        watch.event(event, frame);
    });
    watch.check(&counters, limits, end);
    play(packets, (limits, Reporting::Facts), end, &mut |_, _| {});
    let mut whole = 0;
    play(packets, (limits, Reporting::Whole), end, &mut |event, _| match event {
        Event::Ended(_) => whole += 1,
        event => panic!("{event:?} was not asked for"),
    });
    let all = play(packets, (limits, Reporting::Records), end, &mut |_, _| {});
    if limits.memory == Limits::default().memory {
        assert_eq!(whole, all.outcomes.iter().sum::<u64>(), "records are kept back");
    }
    assert_totals(packets, end);
    counters
}

/// The totals do not depend on what is reported, where time goes forward and nothing is evicted.
/// Where it goes back, an attempt from the future keeps those behind it in its queue open for longer.
fn assert_totals(packets: &[Packet], end: End) {
    let mut packets = packets.to_vec();
    packets.sort_by_key(|packet| packet.time);
    let count = |reporting| play(&packets, (Limits::default(), reporting), end, &mut |_, _| {});
    let [totals, records, decisions] =
        [Reporting::Facts, Reporting::Records, Reporting::Decisions].map(count);
    assert_eq!(totals, records);
    assert_eq!(totals, decisions);
}

/// What the tracker told, and by which frame.
fn play(
    packets: &[Packet],
    (limits, reporting): (Limits, Reporting),
    end: End,
    on_event: &mut dyn FnMut(Event<'_>, u64),
) -> Counters {
    let mut tracker = Tracker::new(limits, reporting);
    let mut oldest = 0;
    for (number, packet) in (1..).zip(packets) {
        let bytes = packet.bytes();
        let wire_len = bytes.len() as u32;
        let bytes = &bytes[..bytes.len() - usize::from(packet.cut).min(bytes.len())];
        let timestamp = packet.time.map(Timestamp::from_nanos);
        let link = LinkType::ETHERNET;
        let frame = Frame { origin: Origin::default(), number, timestamp, link, wire_len, bytes };
        let mut on_event = |event: Event<'_>| {
            if let Event::Ended(record) = event {
                assert!(record.id >= oldest, "{} ended after it was said to have", record.id);
            }
            on_event(event, number);
        };
        tracker.on_frame(&frame, &mut on_event);
        if let Some(open) = tracker.oldest_open() {
            assert!(open >= oldest, "the oldest open attempt was {oldest}, now it is {open}");
            oldest = open;
        }
    }
    tracker.finish(end, &mut |event| on_event(event, u64::MAX));
    assert_eq!(tracker.oldest_open(), None);
    tracker.counters().clone()
}

/// What is remembered of the events.
#[derive(Default)]
struct Watch {
    /// Outcomes of ended attempts, by id.
    ended: BTreeMap<u64, Outcome>,
    /// For each frame: how many more attempts are open after it than before.
    open: BTreeMap<u64, i64>,
    evicted: [u64; Outcome::ALL.len()],
    in_records: u64,
    omitted: u64,
}

impl Watch {
    fn event(&mut self, event: Event<'_>, frame: u64) {
        let record = match event {
            Event::Decided(record) => {
                assert!(!self.ended.contains_key(&record.id), "{record:#?} was decided too late");
                return;
            }
            Event::Ended(record) => record,
            Event::Counted(facts) => panic!("{facts:#?}: records are wanted"),
        };
        let twice = self.ended.insert(record.id, record.outcome);
        assert_eq!(twice, None, "{record:#?} ended twice");
        // A SYN that was first held to be a late duplicate of an earlier attempt opens nothing, the
        // answer to it does; from outside this may be any later attempt. An answer that comes before
        // its SYN may be held by another attempt until then.
        let syn = record.segments.iter().position(|segment| segment.kind == Kind::Syn);
        // So may SYNs that seem to cross those of another attempt, until they are answered.
        let answer = record.segments.iter().position(|it| it.from == Sender::Server);
        let opener = answer.max(Some(syn.unwrap_or(0) + usize::from(record.previous.is_some())));
        let opener = opener.unwrap_or(0);
        let until_opener = record.segments.get(..=opener);
        let frames = until_opener.map(|them| them.iter().map(|segment| segment.frame));
        let first = frames.and_then(Iterator::max).unwrap_or(frame);
        *self.open.entry(first).or_default() += 1;
        *self.open.entry(frame).or_default() -= 1;
        for (count, outcome) in self.evicted.iter_mut().zip(Outcome::ALL) {
            *count += u64::from(record.ended_by == EndedBy::Evicted && record.outcome == outcome);
        }
        let odd = |flags: Flags, kind| kind == Kind::Other && flags.is_odd();
        let tcp = record
            .segments
            .iter()
            .filter(|segment| segment.icmp.is_none() && !odd(segment.flags, segment.kind));
        self.in_records += tcp.count() as u64;
        self.omitted += u64::from(record.segments_omitted);
        for range in [record.timing.server_rtt_range_ns, record.timing.client_rtt_range_ns] {
            assert!(range.is_none_or(|range| range.min <= range.max), "{record:#?}");
        }
    }

    fn check(&self, counters: &Counters, limits: Limits, end: End) {
        let ids: Vec<_> = self.ended.keys().copied().collect();
        assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
        for (outcome, count) in Outcome::ALL.iter().zip(counters.outcomes) {
            let found = self.ended.values().filter(|ended| *ended == outcome).count() as u64;
            assert_eq!(found, count, "{outcome:?}");
            assert!(count == 0 || *outcome != Outcome::InProgress || end == End::Interrupted);
        }
        assert_eq!(self.evicted, counters.evicted);
        let mut open = 0;
        for (frame, change) in &self.open {
            open += change;
            assert!(
                open <= limits.attempts.cast_signed() as i64,
                "{open} attempts were open after {frame}"
            );
        }
        // Each segment is in a record, or was left out of one, or is counted elsewhere.
        let least = self.in_records + counters.outside_handshake + counters.odd_segments;
        let most = least + self.omitted;
        let segments = counters.tcp_segments;
        assert!((least..=most).contains(&segments), "{least} <= {segments} <= {most}");
    }
}
