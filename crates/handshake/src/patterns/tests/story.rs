//! Builds records segment by segment, as the tracker would.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parser::{
    Checksum, Endpoint, Flags, Fragment, IcmpError, IcmpFamily, Origin, Quoted, SeqNumber,
    Timestamp,
};

use crate::negotiated::Negotiated;
use crate::record::{Context, EndedBy, Handshake, Outcome, Previous, Side, State, Timing};
use crate::segment::{AckCheck, Kind, OptionBytes, SegmentRecord, Sender, Verdict, Why};

pub(super) const S: i64 = 1_000;

/// An attempt that is being told. Times are milliseconds after its start.
pub(super) struct Story {
    handshake: Handshake,
    k: SeqNumber,
}

const ROUTER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
const ROUTER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 99));

impl Story {
    pub(super) fn v4(j: u32, k: u32) -> Self {
        let client = Endpoint::new(Ipv4Addr::new(192, 0, 2, 1), 40_000);
        Self::new(client, Endpoint::new(Ipv4Addr::new(192, 0, 2, 2), 80), j, k)
    }

    pub(super) fn v6(j: u32, k: u32) -> Self {
        let client = Endpoint::new(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 40_000);
        let server = Endpoint::new(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2), 80);
        Self::new(client, server, j, k)
    }

    fn new(client: Endpoint, server: Endpoint, j: u32, k: u32) -> Self {
        let handshake = Handshake {
            id: 7,
            previous: None,
            origin: Origin::default(),
            encapsulation: Vec::new(),
            client,
            server,
            outcome: Outcome::InProgress,
            ended_by: EndedBy::Segment,
            reset_by: None,
            syn_captured: false,
            client_isn: SeqNumber(j),
            server_isn: None,
            client_state: Some(State::SynSent),
            server_state: None,
            timing: Timing { start: Some(Timestamp::from_nanos(START_NS)), ..Timing::default() },
            syn_retransmissions: 0,
            syn_ack_retransmissions: 0,
            negotiated: Negotiated::default(),
            icmp: None,
            context: Context::default(),
            confirmed_by: None,
            segments: Vec::new(),
            segments_omitted: 0,
        };
        Self { handshake, k: SeqNumber(k) }
    }

    pub(super) fn record(self) -> Handshake {
        self.handshake
    }

    /// How it ends.
    pub(super) fn ends(mut self, outcome: Outcome, ended_by: EndedBy) -> Self {
        (self.handshake.outcome, self.handshake.ended_by) = (outcome, ended_by);
        self
    }

    pub(super) fn established(self) -> Self {
        self.ends(Outcome::Established, EndedBy::Segment)
    }

    pub(super) fn unanswered(self) -> Self {
        self.ends(Outcome::Unanswered, EndedBy::Timeout)
    }

    pub(super) fn reset_by(mut self, side: Side) -> Self {
        self.handshake.reset_by = Some(side);
        self.ends(Outcome::Reset, EndedBy::Segment)
    }

    /// Changes anything in the record.
    pub(super) fn record_with(mut self, change: impl FnOnce(&mut Handshake)) -> Self {
        change(&mut self.handshake);
        self
    }

    /// Changes the last segment.
    pub(super) fn with(mut self, change: impl FnOnce(&mut SegmentRecord)) -> Self {
        change(self.handshake.segments.last_mut().expect("there is a segment"));
        self
    }

    pub(super) fn flags(self, flags: Flags) -> Self {
        self.with(|segment| segment.flags = segment.flags | flags)
    }

    pub(super) fn len(self, len: u32) -> Self {
        self.with(|segment| segment.len = len)
    }

    pub(super) fn options(self, bytes: &[u8]) -> Self {
        self.with(|segment| segment.options = OptionBytes::new(bytes))
    }

    pub(super) fn previous(mut self, isn_offset: u32, outcome: Outcome, ended_s_ago: i64) -> Self {
        self.handshake.previous = Some(Previous {
            id: 3,
            client_isn: self.handshake.client_isn.minus(isn_offset),
            outcome,
            ended_ns_ago: Some(ended_s_ago * 1_000_000_000),
        });
        self
    }

    /// A SYN of the client: the first one, or the same again.
    pub(super) fn syn(mut self, ms: i64) -> Self {
        let again = self.handshake.syns().next().is_some();
        self.handshake.syn_captured = true;
        self.handshake.syn_retransmissions += u32::from(again);
        let seq = self.handshake.client_isn;
        let verdict = if again { Verdict::Retransmission } else { Verdict::Advanced };
        self.push(ms, Sender::Client, Kind::Syn, Flags::SYN, seq, None, verdict)
    }

    /// A SYN-ACK with K and J+1: the first one, or the same again.
    pub(super) fn syn_ack(mut self, ms: i64) -> Self {
        let again = self.handshake.syn_acks().next().is_some();
        self.handshake.syn_ack_retransmissions += u32::from(again);
        self.handshake.server_isn = Some(self.k);
        let verdict = if again { Verdict::Retransmission } else { Verdict::Advanced };
        let ack = Some(self.handshake.client_isn.plus(1));
        let seq = self.k;
        self.push(ms, Sender::Server, Kind::SynAck, Flags::SYN | Flags::ACK, seq, ack, verdict)
    }

    /// A SYN-ACK that acknowledges J - `behind`.
    pub(super) fn wrong_syn_ack(self, ms: i64, behind: u32) -> Self {
        let (seq, ack) = (self.k.minus(77), self.handshake.client_isn.minus(behind));
        let verdict = Verdict::Unacceptable(Why::WrongAck);
        self.push(
            ms,
            Sender::Server,
            Kind::SynAck,
            Flags::SYN | Flags::ACK,
            seq,
            Some(ack),
            verdict,
        )
    }

    /// The client's acknowledgment of K: the first one, or another.
    pub(super) fn ack(self, ms: i64) -> Self {
        let verdict = match self.handshake.acknowledgment() {
            None => Verdict::Advanced,
            Some(_) => Verdict::Retransmission,
        };
        let (seq, ack) = (self.handshake.client_isn.plus(1), self.k.plus(1));
        self.push(ms, Sender::Client, Kind::Ack, Flags::ACK, seq, Some(ack), verdict)
    }

    /// The server's RST+ACK that acknowledges J+1.
    pub(super) fn refusal(self, ms: i64) -> Self {
        let ack = Some(self.handshake.client_isn.plus(1));
        let flags = Flags::RST | Flags::ACK;
        self.push(ms, Sender::Server, Kind::Rst, flags, SeqNumber(0), ack, Verdict::Advanced)
    }

    /// A RST of the server that no client in SYN-SENT accepts: with an acknowledgment of J - `behind`.
    pub(super) fn wrong_rst(self, ms: i64, behind: Option<u32>) -> Self {
        let ack = behind.map(|behind| self.handshake.client_isn.minus(behind));
        let (flags, why) = match ack {
            Some(_) => (Flags::RST | Flags::ACK, Why::WrongAck),
            None => (Flags::RST, Why::ResetWithoutAck),
        };
        let verdict = Verdict::Unacceptable(why);
        self.push(ms, Sender::Server, Kind::Rst, flags, SeqNumber(0), ack, verdict)
    }

    /// The server's RST after it was acknowledged, with seq K+1.
    pub(super) fn server_rst(self, ms: i64, flags: Flags) -> Self {
        let ack = flags.contains(Flags::ACK).then(|| self.handshake.client_isn.plus(1));
        let seq = self.k.plus(1);
        self.push(ms, Sender::Server, Kind::Rst, flags, seq, ack, Verdict::Advanced)
    }

    /// A bare ACK of the server that acknowledges J - `behind`.
    pub(super) fn challenge(self, ms: i64, behind: u32) -> Self {
        let (seq, ack) = (self.k.plus(5), self.handshake.client_isn.minus(behind));
        let verdict = Verdict::ChallengeAck;
        self.push(ms, Sender::Server, Kind::Ack, Flags::ACK, seq, Some(ack), verdict)
    }

    /// The client's RST with the sequence number J + `offset`.
    pub(super) fn client_rst(self, ms: i64, offset: i32) -> Self {
        let seq = self.handshake.client_isn.plus(offset.cast_unsigned());
        self.push(ms, Sender::Client, Kind::Rst, Flags::RST, seq, None, Verdict::Advanced)
    }

    /// The server's SYN, with K.
    pub(super) fn server_syn(mut self, ms: i64) -> Self {
        self.handshake.server_isn = Some(self.k);
        let seq = self.k;
        self.push(ms, Sender::Server, Kind::Syn, Flags::SYN, seq, None, Verdict::Advanced)
    }

    /// The client's SYN-ACK, with J and K+1.
    pub(super) fn client_syn_ack(self, ms: i64) -> Self {
        let (seq, ack) = (self.handshake.client_isn, Some(self.k.plus(1)));
        let flags = Flags::SYN | Flags::ACK;
        self.push(ms, Sender::Client, Kind::SynAck, flags, seq, ack, Verdict::Advanced)
    }

    /// The server's bare ACK of J+1.
    pub(super) fn server_ack(self, ms: i64) -> Self {
        let (seq, ack) = (self.k, Some(self.handshake.client_isn.plus(1)));
        self.push(ms, Sender::Server, Kind::Ack, Flags::ACK, seq, ack, Verdict::Stray)
    }

    /// An ICMP error of a router; the numbers are those of the story's own family.
    pub(super) fn icmp(self, ms: i64, v4: (u8, u8), v6: (u8, u8)) -> Self {
        let is_v4 = self.handshake.client.addr.is_ipv4();
        let (family, (kind, code)) =
            if is_v4 { (IcmpFamily::V4, v4) } else { (IcmpFamily::V6, v6) };
        let (source, destination) = (self.handshake.client, self.handshake.server);
        let seq = self.handshake.client_isn;
        let error = IcmpError {
            family,
            kind,
            code,
            sender: if is_v4 { ROUTER_V4 } else { ROUTER_V6 },
            receiver: source.addr,
            ttl: 60,
            mtu: None,
            quoted: Quoted { source, destination, seq, flags: Some(Flags::SYN), ttl: 1 },
        };
        self.push(ms, Sender::Network, Kind::Icmp, Flags::SYN, seq, None, Verdict::Advanced)
            .with(|segment| segment.icmp = Some(Box::new(error)))
    }

    /// The last segment again, captured a second time.
    pub(super) fn copy(mut self, after_us: i64, ttl: u8) -> Self {
        let mut copy = self.handshake.segments.last().expect("there is a segment").clone();
        copy.frame = self.next_frame();
        copy.timestamp = copy.timestamp.map(|time| time.plus_nanos(after_us * 1_000));
        (copy.ttl, copy.verdict) = (ttl, Verdict::DuplicateCapture);
        self.handshake.segments.push(copy);
        self
    }

    fn next_frame(&self) -> u64 {
        self.handshake.segments.len() as u64 + 1
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a segment, in wire order")]
    fn push(
        mut self,
        ms: i64,
        from: Sender,
        kind: Kind,
        flags: Flags,
        seq: SeqNumber,
        ack: Option<SeqNumber>,
        verdict: Verdict,
    ) -> Self {
        let isn = match from {
            Sender::Server | Sender::Network => self.handshake.client_isn,
            Sender::Client => self.k,
        };
        let ack_check = ack.map(|found| AckCheck { isn, data: 0, found });
        let segment = SegmentRecord {
            frame: self.next_frame(),
            origin: Origin::default(),
            timestamp: Some(Timestamp::from_nanos(START_NS + ms * 1_000_000)),
            from,
            kind,
            flags,
            seq,
            ack,
            len: 0,
            window: Some(65_535),
            ttl: 64,
            ip_id: None,
            fragment: Fragment::Whole,
            checksum: Checksum::Ok,
            options: OptionBytes::NONE,
            icmp: None,
            verdict,
            ack_check,
            client_state: self.handshake.client_state,
            server_state: self.handshake.server_state,
        };
        self.handshake.segments.push(segment);
        self
    }
}

const START_NS: i64 = 1_795_330_800_000_000_000;
