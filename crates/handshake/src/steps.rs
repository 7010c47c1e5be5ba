//! Which segment of an attempt was which step of its handshake.

use crate::segment::SegmentRecord;

/// The place of a segment in [`crate::Handshake::segments`].
pub type SegmentIndex = u8;

/// The steps of a handshake, as far as they were captured: places in [`crate::Handshake::segments`].
/// They are written down when a segment is judged; clock, states and patterns are read from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The client's first SYN.
    pub syn: Option<SegmentIndex>,
    /// The client's SYN that was answered.
    pub answered: Cause,
    /// The server's segment that acknowledged J: the SYN-ACK that counts.
    pub syn_ack: Option<SegmentIndex>,
    /// The SYN-ACK, or a repeat of it, that the client acknowledged.
    pub acknowledged: Cause,
    /// The client's acknowledgment of K; absent where it was not captured.
    pub ack: Option<SegmentIndex>,
    /// Where `ack` is absent and the attempt is established: the segment that shows it.
    pub proof: Option<SegmentIndex>,
    /// The RST that ended it, or the first ICMP error that quoted its SYN.
    pub decisive: Option<SegmentIndex>,
}

/// Which of several equal segments another one answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// There is no answer, or it answers a segment that was not captured.
    #[default]
    Unknown,
    /// This one.
    Known(SegmentIndex),
    /// One of those from the first to the last of these (Karn's problem, RFC 6298 section 3).
    OneOf(SegmentIndex, SegmentIndex),
}

impl Cause {
    /// The place of the segment, where it is known.
    pub const fn known(self) -> Option<SegmentIndex> {
        match self {
            Self::Known(at) => Some(at),
            Self::Unknown | Self::OneOf(..) => None,
        }
    }

    /// The places of the first and the last segment that it may be.
    pub const fn bounds(self) -> Option<(SegmentIndex, SegmentIndex)> {
        match self {
            Self::Known(at) => Some((at, at)),
            Self::OneOf(first, last) => Some((first, last)),
            Self::Unknown => None,
        }
    }

    /// One of `candidates`; nothing shows which.
    pub(crate) fn any_of(mut candidates: impl Iterator<Item = SegmentIndex>) -> Self {
        match (candidates.next(), candidates.last()) {
            (Some(first), Some(last)) => Self::OneOf(first, last),
            (Some(only), None) => Self::Known(only),
            (None, _) => Self::Unknown,
        }
    }

    /// What is known of the segment that `answer` answers, one of `candidates`. Of these there is
    /// one, or the echoed time stamp (RFC 7323) tells; else it can't be known.
    ///
    /// `is_exact` says that an echo names the very segment. A server that holds a request answers a
    /// repeated SYN before it takes over its time stamp (Linux, `tcp_check_req`), so there the echo
    /// names a SYN that arrived, and a later one may have been answered.
    pub(crate) fn of(
        segments: &[SegmentRecord],
        candidates: impl Iterator<Item = SegmentIndex> + Clone,
        answer: &SegmentRecord,
        is_exact: bool,
    ) -> Self {
        let undecided = Self::any_of(candidates.clone());
        let Some((_, last)) = undecided.bounds() else { return Self::Unknown };
        let tsval =
            |at: SegmentIndex| segments[usize::from(at)].timestamps().map(|(tsval, _)| tsval);
        let Some((_, echoed)) = answer.timestamps().filter(|&(_, echoed)| echoed != 0) else {
            return undecided;
        };
        let mut named: Option<(SegmentIndex, SegmentIndex)> = None;
        for at in candidates {
            match tsval(at) {
                None => return undecided,
                Some(tsval) if tsval == echoed => {
                    named = Some((named.map_or(at, |(first, _)| first), at));
                }
                Some(_) => {}
            }
        }
        let Some((named_first, named_last)) = named else { return Self::Unknown };
        let end = if is_exact { named_last } else { last };
        if named_first == end { Self::Known(end) } else { Self::OneOf(named_first, end) }
    }
}
