//! The record of one connection attempt: what every view shows.

use std::mem;
use std::net::IpAddr;

use parser::{Endpoint, IcmpError, IcmpFamily, Layer, Origin, SeqNumber, Timestamp, named};

use crate::close::{Close, Data};
use crate::negotiated::Negotiated;
use crate::segment::{FramePlace, SegmentRecord};
use crate::side::{Side, TcpState};
use crate::steps::Steps;

/// One connection attempt: one 4-tuple plus one client ISN, from its first segment to its verdict.
#[derive(Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Counts attempts by their first segment, from 1.
    pub id: u64,
    /// The attempt before this one on the same 4-tuple.
    pub previous: Option<Previous>,
    /// Where the first segment was seen.
    pub origin: Origin,
    /// What lay around the IP headers of its segments, outermost first: each encapsulation once, in
    /// the order in which they were seen. Empty where every segment was plain; an empty one among
    /// others stands for plain segments.
    pub encapsulations: Vec<Vec<Layer>>,
    /// The active opener. For a simultaneous open, the sender of the first SYN.
    pub client: Endpoint,
    /// The passive opener.
    pub server: Endpoint,
    /// Who answered the SYN instead, where the answer came from another address than the SYN went to.
    pub answered_by: Option<Endpoint>,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why the record was closed.
    pub ended_by: EndedBy,
    /// Who reset it, where the outcome is [`Outcome::Reset`].
    pub reset_by: Option<Side>,
    /// Whether a SYN of the client was captured.
    pub syn_captured: bool,
    /// Whether the segment with which the server acknowledged J was captured.
    pub syn_ack_captured: bool,
    /// Whether the segment with which the client first acknowledged K was captured. It was not where
    /// a later segment shows that the attempt was established.
    pub ack_captured: bool,
    /// J. Where the SYN was not captured it is the SYN-ACK's acknowledgment minus 1.
    pub client_isn: SeqNumber,
    /// K, once a segment showed it.
    pub server_isn: Option<SeqNumber>,
    /// The client's RFC 9293 state at the end; `None` where nothing shows it (a SYN-ACK to a host
    /// of which no segment was captured).
    pub client_state: Option<TcpState>,
    /// The server's; `None` where nothing shows it (a SYN without an answer).
    pub server_state: Option<TcpState>,
    /// Which segment was which step.
    pub steps: Steps,
    /// How long its parts took.
    pub timing: Timing,
    /// SYNs beyond the first, copies made by the capture not counted.
    pub syn_retransmissions: u32,
    /// SYN-ACKs beyond the first, copies made by the capture not counted.
    pub syn_ack_retransmissions: u32,
    /// What both sides offered.
    pub negotiated: Negotiated,
    /// The ICMP error that counts, where one quoted this attempt.
    pub icmp: Option<IcmpEvidence>,
    /// Facts about the neighbourhood that a single attempt does not hold.
    pub context: Context,
    /// The frame in which the server showed that it took the acknowledgment: any segment of its own
    /// beyond the SYN-ACK. That frame is no part of `segments`.
    pub confirmed_by: Option<FramePlace>,
    /// The segments of the handshake, in capture order.
    pub segments: Vec<SegmentRecord>,
    /// Segments that belong to the attempt and exceed [`crate::Limits::segments`].
    pub segments_omitted: u32,
    /// What came after the handshake, where that is followed ([`crate::Reporting::Whole`]).
    pub close: Option<Box<Close>>,
}

impl Handshake {
    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        let close = self.close.as_ref().map_or(0, |close| {
            size_of::<Close>()
                + close.segments.len() * (size_of::<SegmentRecord>() + size_of::<[Data; 2]>())
        });
        let errors = self.segments.iter().filter(|segment| segment.icmp.is_some()).count();
        let layers = self.encapsulations.iter().map(Vec::len).sum::<usize>();
        size_of::<Self>()
            + self.segments.len() * size_of::<SegmentRecord>()
            + errors * size_of::<IcmpError>()
            + close
            + layers * size_of::<Layer>()
    }
}

impl Clone for Handshake {
    fn clone(&self) -> Self {
        Self {
            encapsulations: self.encapsulations.clone(),
            segments: self.segments.clone(),
            close: self.close.clone(),
            ..*self
        }
    }

    /// Puts a copy in the place of this record, and its segments in the space of this one's.
    fn clone_from(&mut self, source: &Self) {
        let mut segments = mem::take(&mut self.segments);
        segments.clone_from(&source.segments);
        *self = Self {
            encapsulations: source.encapsulations.clone(),
            segments,
            close: source.close.clone(),
            ..*source
        };
    }
}

named! {
    /// The outcome of an attempt (docs/handshake.md, Outcome).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Outcome {
        /// The client's acknowledgment of K was seen and nothing says that the server dropped it.
        Established = "established",
        /// The client is connected and the server is not: it dropped the acknowledgment.
        EstablishedClientOnly = "established_client_only",
        /// An acceptable RST answered the SYN.
        Refused = "refused",
        /// RST after the SYN-ACK and before its acknowledgment, or the client's own.
        Reset = "reset",
        /// An ICMP error quoted the SYN, and nothing better came.
        Unreachable = "unreachable",
        /// SYNs only.
        Unanswered = "unanswered",
        /// SYN-ACK seen, never acknowledged.
        Unacknowledged = "unacknowledged",
        /// Still open in a live view.
        InProgress = "in_progress",
    }
}

named! {
    /// Why a record was closed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum EndedBy {
        /// A segment in the capture ended it.
        Segment = "segment",
        /// The next expected retransmission did not come.
        Timeout = "timeout",
        /// At a full ten minutes it still waited, and was older than any handshake becomes.
        Lifetime = "lifetime",
        /// The capture ended first.
        CaptureEnd = "capture_end",
        /// The table was full.
        Evicted = "evicted",
    }
}

/// The attempt before this one on the same 4-tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Its id.
    pub id: u64,
    /// Its J.
    pub client_isn: SeqNumber,
    /// Its outcome, as it stood when this attempt began.
    pub outcome: Outcome,
    /// Nanoseconds from its last segment to this attempt's first.
    pub ended_ns_ago: Option<i64>,
}

/// When the attempt began and how long its parts took. Nanoseconds, from packet timestamps only.
///
/// `total_ns` is the sum of `retry_wait_ns`, `server_rtt_ns`, `syn_ack_wait_ns` and `client_rtt_ns`. A
/// number that can't be known is absent; where it has bounds, its range stands in its place. None is
/// ever negative: where the clock went back between the two ends of a span, the number is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The first segment.
    pub start: Option<Timestamp>,
    /// First SYN to the segment that acknowledges K.
    pub total_ns: Option<i64>,
    /// Where that segment was not captured.
    pub total_range_ns: Option<Range>,
    /// First SYN to the SYN that was answered.
    pub retry_wait_ns: Option<i64>,
    /// Where it can't be known which SYN was answered (Karn).
    pub retry_wait_range_ns: Option<Range>,
    /// The SYN that was answered to the first SYN-ACK.
    pub server_rtt_ns: Option<i64>,
    /// Where it can't be known which SYN was answered (Karn).
    pub server_rtt_range_ns: Option<Range>,
    /// The first SYN-ACK to the repeat of it that was acknowledged; 0 where that was the first.
    pub syn_ack_wait_ns: Option<i64>,
    /// Where it can't be known which SYN-ACK was acknowledged.
    pub syn_ack_wait_range_ns: Option<Range>,
    /// The SYN-ACK that was acknowledged to the segment that acknowledges K.
    pub client_rtt_ns: Option<i64>,
    /// Where it can't be known which SYN-ACK was acknowledged, or when.
    pub client_rtt_range_ns: Option<Range>,
    /// The first segment to what decided a failure: the RST, the first ICMP error; for an attempt
    /// that got no answer, to the last SYN or SYN-ACK that was sent again.
    pub failed_after_ns: Option<i64>,
    /// Latest SYN to the first segment with ACK and without SYN from either side, as Wireshark
    /// computes its initial RTT.
    pub wireshark_irtt_ns: Option<i64>,
    /// Where time ran backwards between two segments of this attempt.
    pub clock_went_back: Option<ClockWentBack>,
}

/// The least and the most that a duration can be, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub min: i64,
    /// The most.
    pub max: i64,
}

/// A segment with an earlier time than one captured before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockWentBack {
    /// The frame whose time is too early.
    pub frame: u64,
    /// By how many nanoseconds.
    pub by_ns: i64,
}

/// The ICMP error that counts for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpEvidence {
    /// The frame it came in.
    pub frame: u64,
    /// ICMP or `ICMPv6`.
    pub family: IcmpFamily,
    /// Message type.
    pub kind: u8,
    /// Code within the type.
    pub code: u8,
    /// Who reported it.
    pub sender: IpAddr,
    /// Next-hop MTU, where the message carries one.
    pub mtu: Option<u32>,
}

/// Facts from other attempts that a verdict leans on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// While this attempt waited without an answer, or in the second before it began, the same
    /// server endpoint answered another SYN.
    pub others_answered: Option<OthersAnswered>,
    /// The frame in which the same client host completed another handshake within a minute after
    /// this attempt began, where nothing decided this one.
    pub client_completed: Option<u64>,
    /// The hop limit of SYN-ACKs that the same server host sent before this attempt was decided.
    pub server_syn_ack_ttl: Option<u8>,
    /// How many different server endpoints the same client host tried lately, this one included, and
    /// those of the two seconds after it where it was decided.
    pub targets_of_client: u32,
    /// The most attempts of a minute that were undecided at the same server endpoint at one time, in
    /// the minute after this one began and until it was decided; this one included.
    pub pending_at_server: u32,
    /// Whether the capture lost packets before the record was closed: a missing segment proves
    /// little then.
    pub capture_lost_packets: bool,
    /// Whether the capture ended within a second after the last segment: a SYN that was lost is sent
    /// again after that time at the earliest (RFC 6298, 2.1).
    pub cut_off: bool,
}

/// Another SYN that the same server endpoint answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OthersAnswered {
    /// The frame of the SYN-ACK.
    pub frame: u64,
    /// Whether it went to the same client host: then no filter stands between this host and the server.
    pub same_host: bool,
}
