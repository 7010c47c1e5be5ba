//! One segment of an attempt, with the verdict on it.

use parser::{
    Checksum, Flags, Fragment, Frame, IcmpError, Options, Origin, Segment, SeqNumber, Timestamp,
    named,
};

use crate::side::{Side, TcpState};

/// A segment that belongs to an attempt, or an ICMP error that quotes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentRecord {
    /// 1-based within its source.
    pub frame: u64,
    /// Where it was seen.
    pub origin: Origin,
    /// What lay around it: the place in [`crate::Handshake::encapsulations`]; 0 where that is empty.
    pub encapsulation: u8,
    /// When it was captured.
    pub timestamp: Option<Timestamp>,
    /// Who sent it.
    pub from: Sender,
    /// What it is in a handshake.
    pub kind: Kind,
    /// Its control bits; of an ICMP error, those of the quoted segment as far as quoted.
    pub flags: Flags,
    /// SEG.SEQ; of an ICMP error, that of the quoted segment.
    pub seq: SeqNumber,
    /// SEG.ACK, where there is one.
    pub ack: Option<SeqNumber>,
    /// Bytes of data.
    pub len: u32,
    /// The window field, unscaled. Absent for an ICMP error.
    pub window: Option<u16>,
    /// Time to live or hop limit of the packet.
    pub ttl: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// Whether it is the first fragment of a longer packet.
    pub fragment: Fragment,
    /// What its checksum says; [`Checksum::Unknown`] for an ICMP error.
    pub checksum: Checksum,
    /// Its options, in wire order.
    pub options: OptionBytes,
    /// The ICMP error, where this is one.
    pub icmp: Option<Box<IcmpError>>,
    /// What it did to the attempt.
    pub verdict: Verdict,
    /// How its acknowledgment compares with what was expected, where something was.
    pub ack_check: Option<AckCheck>,
    /// The client's state after it; `None` where nothing shows it.
    pub client_state: Option<TcpState>,
    /// The server's state after it; `None` where nothing shows it.
    pub server_state: Option<TcpState>,
}

impl SegmentRecord {
    /// Whether it is a segment of this kind that `from` sent, and no copy that the capture made.
    pub fn is_sent(&self, from: Sender, kind: Kind) -> bool {
        self.from == from && self.kind == kind && self.verdict != Verdict::DuplicateCapture
    }

    /// Whether it is the same packet as `other`, as far as the TCP header tells.
    pub fn is_same_as(&self, other: &Self) -> bool {
        (self.from, self.kind, self.flags) == (other.from, other.kind, other.flags)
            && (self.seq, self.ack, self.len) == (other.seq, other.ack, other.len)
    }

    /// Which frame it came in.
    pub const fn place(&self) -> FramePlace {
        FramePlace { origin: self.origin, frame: self.frame }
    }

    /// Whether both were seen at one point of capture: one interface of one file.
    pub fn is_seen_where(&self, other: &Self) -> bool {
        self.origin == other.origin
    }

    /// TSval and TSecr (RFC 7323), where it carries them.
    pub fn timestamps(&self) -> Option<(u32, u32)> {
        self.options.iter().timestamps()
    }
}

/// A frame, by where it was seen and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FramePlace {
    /// Where it was seen.
    pub origin: Origin,
    /// 1-based within its source.
    pub frame: u64,
}

impl FramePlace {
    pub(crate) const fn of(frame: &Frame<'_>) -> Self {
        Self { origin: frame.origin, frame: frame.number }
    }
}

named! {
    /// Who sent a segment.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Sender {
        /// The active opener.
        Client = "client",
        /// The passive opener.
        Server = "server",
        /// Neither: a router that reports an ICMP error.
        Network = "network",
    }
}

impl Sender {
    /// The end that it is; `None` of a router.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Client => Some(Side::Client),
            Self::Server => Some(Side::Server),
            Self::Network => None,
        }
    }
}

impl From<Side> for Sender {
    fn from(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}

named! {
    /// What a segment is in a handshake.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Kind {
        /// SYN without ACK.
        Syn = "syn",
        /// SYN and ACK.
        SynAck = "syn_ack",
        /// ACK without SYN or RST, with or without data or FIN.
        Ack = "ack",
        /// RST, with or without ACK.
        Rst = "rst",
        /// An ICMP error that quotes the attempt.
        Icmp = "icmp",
        /// Anything else.
        Other = "other",
    }
}

impl Kind {
    /// The kind of a segment with these control bits. A combination that RFC 9293 gives no meaning
    /// (SYN with FIN or RST, nothing at all) is [`Kind::Other`].
    #[inline]
    pub fn of(flags: Flags) -> Self {
        let syn = flags.contains(Flags::SYN);
        if syn && flags.intersects(Flags::FIN | Flags::RST) {
            Self::Other
        } else if flags.contains(Flags::RST) {
            Self::Rst
        } else if syn {
            if flags.contains(Flags::ACK) { Self::SynAck } else { Self::Syn }
        } else if flags.contains(Flags::ACK) {
            Self::Ack
        } else {
            Self::Other
        }
    }
}

named! {
    /// What a segment did to the attempt (docs/handshake.md, Verdicts).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Verdict {
        /// It moved the handshake on.
        Advanced = "advanced",
        /// The same segment again, sent again.
        Retransmission = "retransmission",
        /// The same packet again, captured again.
        DuplicateCapture = "duplicate_capture",
        /// A TCP that follows RFC 9293 discards it.
        Unacceptable(Why) = "unacceptable",
        /// An acknowledgment that answers a SYN (or a wrong one) on a connection the sender holds to be
        /// alive (RFC 9293, 3.10.7; RFC 5961).
        ChallengeAck = "challenge_ack",
        /// It belongs to the 4-tuple and has no part in the handshake.
        Stray = "stray",
    }
}

/// Why a segment is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Its acknowledgment is not the expected one: see [`SegmentRecord::ack_check`].
    WrongAck,
    /// A RST in SYN-SENT without an acknowledgment (RFC 9293, 3.10.7.3).
    ResetWithoutAck,
    /// A FIN without an acknowledgment, which nothing acknowledges (RFC 9293, 3.10.7.4).
    NoAck,
    /// A RST that the connection outlived: both sides went on after it.
    Disproved,
    /// Its sequence number is not the expected one.
    WrongSeq {
        /// What was expected.
        expected: SeqNumber,
    },
}

/// How an acknowledgment compares with what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AckCheck {
    /// The initial sequence number it acknowledges: J for the server's, K for the client's. In a close
    /// the number of the FIN.
    pub isn: SeqNumber,
    /// Bytes sent with the SYN that may be acknowledged too (Fast Open); mostly 0.
    pub data: u32,
    /// What the segment acknowledges.
    pub found: SeqNumber,
}

impl AckCheck {
    /// Whether it acknowledges the SYN, and at most the data sent with it.
    pub const fn ok(&self) -> bool {
        let offset = self.found.0.wrapping_sub(self.isn.0);
        offset >= 1 && offset <= self.data.saturating_add(1)
    }
}

/// The raw option bytes of a segment: at most 40, kept without allocating.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OptionBytes {
    len: u8,
    form: Form,
    bytes: [u8; 40],
}

/// How much of a segment's options there is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    /// The capture cut some off.
    Cut,
    /// The usual ones, and a digest of all of them behind the last byte that options can have.
    Digest,
}

/// Where a digest is: no option list of 40 bytes has one.
const DIGEST: usize = 36;

impl OptionBytes {
    /// No options.
    pub const NONE: Self = Self { len: 0, form: Form::Whole, bytes: [0; 40] };

    /// Keeps `bytes`; a TCP header can't hold more than 40.
    pub fn new(bytes: &[u8]) -> Self {
        let len = bytes.len().min(40);
        let mut kept = Self { len: len as u8, ..Self::NONE };
        kept.bytes[..len].copy_from_slice(&bytes[..len]);
        kept
    }

    /// The bytes as they stood on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The options of `segment`, as far as they were captured.
    pub fn of(segment: &Segment<'_>) -> Self {
        let form = if segment.options_cut() { Form::Cut } else { Form::Whole };
        Self { form, ..Self::new(segment.option_bytes()) }
    }

    /// A number that stands for options: equal ones have an equal one.
    pub(crate) fn digest(bytes: &[u8]) -> u32 {
        // As foldhash does it: the halves of a product, one upon the other. Options come in words of
        // four bytes.
        let fold = |sum: u64, word: u64| {
            let product = u128::from(sum ^ word) * 0x9e37_79b9_7f4a_7c15;
            (product >> 64) as u64 ^ product as u64
        };
        let (pairs, rest) = bytes.as_chunks();
        let (words, rest) = rest.as_chunks();
        let sum = bytes.len() as u64 ^ 0x243f_6a88_85a3_08d3;
        let sum = pairs.iter().fold(sum, |sum, &pair| fold(sum, u64::from_le_bytes(pair)));
        let sum = words.iter().fold(sum, |sum, &word| fold(sum, u32::from_le_bytes(word).into()));
        let sum = rest.iter().fold(sum, |sum, &byte| fold(sum, byte.into()));
        (sum >> 32) as u32 ^ sum as u32
    }

    /// Options of which the TSval, whether there were two others, and a digest are left: enough to know
    /// a copy and what was offered, nothing to show.
    pub(crate) fn from_digest(
        (tsval, window_scale, sack): (Option<u32>, bool, bool),
        digest: u32,
    ) -> Self {
        let mut kept = Self { form: Form::Digest, ..Self::NONE };
        if let Some(tsval) = tsval {
            kept.len = 10;
            kept.bytes[..2].copy_from_slice(&[8, 10]);
            kept.bytes[2..6].copy_from_slice(&tsval.to_be_bytes());
        }
        for (has, option) in [(window_scale, &[3, 3, 0][..]), (sack, &[4, 2])] {
            let begin = usize::from(kept.len);
            if has {
                kept.bytes[begin..begin + option.len()].copy_from_slice(option);
                kept.len += option.len() as u8;
            }
        }
        kept.bytes[DIGEST..].copy_from_slice(&digest.to_be_bytes());
        kept
    }

    /// Whether these are the options `bytes`, as far as is known.
    pub(crate) fn are(&self, bytes: &[u8]) -> bool {
        match self.form {
            Form::Whole | Form::Cut => self.as_bytes() == bytes,
            // The digest of none is 0.
            Form::Digest if bytes.is_empty() => self.bytes[DIGEST..] == [0; 4],
            Form::Digest => self.bytes[DIGEST..] == Self::digest(bytes).to_be_bytes(),
        }
    }

    /// Whether the capture cut some of them off: an option that is missing may have been sent.
    pub const fn is_cut(&self) -> bool {
        matches!(self.form, Form::Cut)
    }

    /// The options, decoded, in wire order.
    pub fn iter(&self) -> Options<'_> {
        Options::new(self.as_bytes())
    }
}

impl<'a> IntoIterator for &'a OptionBytes {
    type Item = parser::TcpOption<'a>;
    type IntoIter = Options<'a>;

    fn into_iter(self) -> Options<'a> {
        self.iter()
    }
}

impl std::fmt::Debug for OptionBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_shown_decoded() {
        assert_eq!(format!("{:?}", OptionBytes::NONE), "[]");
        assert_eq!(format!("{:?}", OptionBytes::new(&[2, 4, 5, 0xb4])), "[Mss(1460)]");
    }
}
