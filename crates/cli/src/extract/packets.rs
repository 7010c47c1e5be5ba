//! Which packets are to be extracted, and what is said of each.

use handshake::{FramePlace, Handshake, Kind, Outcome, Pattern, PatternName, PatternSet, Verdict};
use parser::Timestamp;

/// The packets of the attempts that were shown.
#[derive(Debug)]
pub(super) struct Packets {
    attempts: Vec<Attempt>,
    list: Vec<Packet>,
    /// What both may take, in bytes.
    room: usize,
    /// Whether there are more than have room. Then none are kept.
    is_exceeded: bool,
    /// Segments beyond those that a record keeps: nothing tells their frames.
    pub(super) omitted: u64,
}

#[derive(Debug)]
struct Attempt {
    id: u64,
    outcome: Outcome,
    patterns: PatternSet,
}

/// One packet of one attempt. Several attempts may share a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub(super) place: FramePlace,
    attempt: u32,
    role: Role,
}

/// What a packet is to its attempt.
#[derive(Clone, Copy, Debug)]
enum Role {
    Segment {
        kind: Kind,
        verdict: Verdict,
        time: Option<Timestamp>,
        is_first: bool,
    },
    /// It shows that the server took the acknowledgment.
    Confirming,
}

impl Packets {
    /// What an attempt takes beside its packets, in bytes.
    pub(super) const ATTEMPT: usize = size_of::<Attempt>();

    pub(super) const fn within(room: usize) -> Self {
        Self { attempts: Vec::new(), list: Vec::new(), room, is_exceeded: false, omitted: 0 }
    }

    /// Adds the packets of an attempt.
    pub(super) fn add(&mut self, handshake: &Handshake, patterns: &[Pattern]) {
        let attempt = self.attempts.len();
        let taken = self.list.len() + handshake.segments.len() + 1;
        let size = taken * size_of::<Packet>() + (attempt + 1) * Self::ATTEMPT;
        if self.is_exceeded || size > self.room {
            (self.attempts, self.list) = (Vec::new(), Vec::new());
            self.is_exceeded = true;
            return;
        }
        let (id, outcome) = (handshake.id, handshake.outcome);
        let patterns = patterns.iter().map(|pattern| pattern.name).collect();
        self.attempts.push(Attempt { id, outcome, patterns });
        self.omitted += u64::from(handshake.segments_omitted);
        let segments = handshake.segments.iter().enumerate().map(|(index, segment)| {
            let (kind, verdict, time) = (segment.kind, segment.verdict, segment.timestamp);
            (segment.place(), Role::Segment { kind, verdict, time, is_first: index == 0 })
        });
        let confirming = handshake.confirmed_by.map(|place| (place, Role::Confirming));
        // By a quarter, not to twice the size: that would take what others need.
        if taken > self.list.capacity() {
            self.list.reserve_exact((self.list.len() / 4).max(1_000));
        }
        let attempt = attempt as u32;
        let packet = |(place, role)| Packet { place, attempt, role };
        self.list.extend(segments.chain(confirming).map(packet));
    }

    /// How many attempts they are of; `None` where the packets had no room.
    pub(super) fn attempts(&self) -> Option<usize> {
        (!self.is_exceeded).then_some(self.attempts.len())
    }

    /// Brings them into the order of their sources, and of their numbers there.
    pub(super) fn sort(&mut self) {
        let key = |it: &Packet| (it.place.origin.source, it.place.frame, it.attempt);
        self.list.sort_unstable_by_key(key);
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Those of each source, sorted.
    pub(super) fn by_source(&self, sources: usize) -> Vec<&[Packet]> {
        let mut by_source = vec![&[][..]; sources];
        let source = |it: &Packet| usize::from(it.place.origin.source);
        for packets in self.list.chunk_by(|one, next| source(one) == source(next)) {
            if let Some(place) = packets.first().and_then(|it| by_source.get_mut(source(it))) {
                *place = packets;
            }
        }
        by_source
    }

    /// What is said of a packet: `attempt 3, frame 8: syn_ack, retransmission`, by the number of the
    /// frame in its source. The first one of an attempt tells the outcome and the patterns too.
    pub(super) fn comment(&self, packet: &Packet) -> String {
        let Some(Attempt { id, outcome, patterns }) = self.attempts.get(packet.attempt as usize)
        else {
            return String::new();
        };
        let frame = packet.place.frame;
        let Role::Segment { kind, verdict, is_first, .. } = packet.role else {
            return format!(
                "attempt {id}, frame {frame}: the server shows that it took the acknowledgment"
            );
        };
        let mut said = format!("attempt {id}, frame {frame}: {}", kind.name());
        if verdict != Verdict::Advanced {
            said.extend([", ", verdict.name()]);
        }
        if is_first {
            said.extend(["; outcome: ", outcome.name()]);
            let found = PatternName::ALL.iter().filter(|name| patterns.contains(**name));
            for (index, name) in found.enumerate() {
                said.extend([if index == 0 { "; patterns: " } else { ", " }, name.name()]);
            }
        }
        said
    }
}

impl Packet {
    /// Whether a frame with this time can be the one that the record tells of.
    pub(super) fn is_of(&self, time: Option<Timestamp>) -> bool {
        match self.role {
            Role::Segment { time: seen, .. } => seen == time,
            Role::Confirming => true,
        }
    }
}
