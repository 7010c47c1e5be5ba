//! Patterns: the names that practitioners give to what happened in an attempt.
//!
//! Each family of patterns is a file of its own here. A pattern is one [`Rule`] in its family's
//! file, one line in the list below and one row in `docs/handshake.md`. `CONTRIBUTING.md` says what
//! tests, examples and captures go with it.

mod accept_queue;
mod authentication;
mod copies;
mod ecn;
mod establishment;
mod evidence;
mod fast_open;
mod half_open;
mod icmp;
mod mptcp;
mod note;
mod opening;
mod options;
mod recovery;
mod refusal;
mod schedule;
mod signs;
mod silence;
mod tuple;

use evidence::Finding;
pub use note::Note;
use signs::Signs;

use crate::record::Handshake;

/// A pattern that was recognised in an attempt, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Which one.
    pub name: PatternName,
    /// The frames that show it, ascending.
    pub frames: Vec<u64>,
    /// What was found, with its numbers, in one sentence.
    pub note: Note,
    /// The look-alike, and the difference.
    pub differs_from: &'static str,
    /// What to check next.
    pub check_next: &'static str,
}

/// Every pattern that fits the record, in the order of [`PatternName::ALL`].
///
/// The record alone decides: the same record gives the same patterns. Of an attempt that is still
/// open only those are named that its segments already show.
pub fn recognise(handshake: &Handshake) -> Vec<Pattern> {
    let signs = Signs::of(handshake);
    let may_fit = |name: &&PatternName| {
        let rule = name.rule();
        let may_fit = signs.include(rule.needs);
        debug_assert!(may_fit || (rule.find)(handshake).is_none(), "{} has no sign", rule.name);
        may_fit
    };
    let recognise_one = |&name: &PatternName| {
        let rule = name.rule();
        let Finding { mut frames, found, differs_from, check_next } = (rule.find)(handshake)?;
        frames.sort_unstable();
        frames.dedup();
        let doubtful = rule.rests_on_absence && handshake.context.capture_lost_packets;
        let note = Note::new(found, doubtful);
        let differs_from = differs_from.unwrap_or(rule.differs_from);
        let check_next = check_next.unwrap_or(rule.check_next);
        Some(Pattern { name, frames, note, differs_from, check_next })
    };
    PatternName::ALL.iter().filter(may_fit).filter_map(recognise_one).collect()
}

/// What is true of a pattern as a rule. A finding may know better of its own attempt: a [`Pattern`] may
/// have other words in `differs_from` and `check_next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternDescription {
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// The standard or the code that makes hosts behave so.
    pub source: &'static str,
    /// The look-alike, and how the two differ.
    pub differs_from: &'static str,
    /// What to check next.
    pub check_next: &'static str,
}

/// How one pattern is recognised, and what is said about it unless a finding says it better.
struct Rule {
    name: &'static str,
    source: &'static str,
    differs_from: &'static str,
    check_next: &'static str,
    /// Whether the pattern is about a segment that did not come.
    rests_on_absence: bool,
    /// Without these it finds nothing.
    needs: Signs,
    find: fn(&Handshake) -> Option<Finding>,
}

macro_rules! patterns {
    ($(#[doc = $doc:literal] $name:ident = $rule:path;)*) => {
        /// The name of a pattern.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PatternName {
            $(#[doc = $doc] $name,)*
        }

        impl PatternName {
            /// Every pattern, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            const fn rule(self) -> &'static Rule {
                match self {
                    $(Self::$name => &$rule,)*
                }
            }

            const fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)*
                }
            }
        }
    };
}

patterns! {
    /// SYN J; SYN-ACK K, J+1; ACK K+1.
    ThreeWay = establishment::THREE_WAY;
    /// The third segment carries data or FIN.
    AckWithData = establishment::ACK_WITH_DATA;
    /// SYN sent again, then a normal handshake.
    LateEstablish = establishment::LATE_ESTABLISH;
    /// SYN sent several times, without an answer of any kind.
    SynTimeout = silence::SYN_TIMEOUT;
    /// No answer, while the same server port answers others.
    ListenerStalled = silence::LISTENER_STALLED;
    /// RST+ACK answers the first SYN.
    ClosedPort = refusal::CLOSED_PORT;
    /// A RST that did not end the attempt.
    RstIgnored = refusal::RST_IGNORED;
    /// RST+ACK after SYNs without an answer.
    RefusedAfterStall = refusal::REFUSED_AFTER_STALL;
    /// An ICMP error reports that the destination is unreachable.
    IcmpUnreachable = icmp::UNREACHABLE;
    /// An ICMP error reports that the hop limit was exceeded.
    IcmpTtlExceeded = icmp::TTL_EXCEEDED;
    /// The client resets right after the SYN-ACK, at many servers or ports.
    SynScan = half_open::SYN_SCAN;
    /// The client resets right after the SYN-ACK, at few servers or ports.
    SynProbe = half_open::SYN_PROBE;
    /// SYN-ACK sent, never acknowledged.
    Embryonic = half_open::EMBRYONIC;
    /// One of many SYNs to one server port that no client completes.
    SynFlood = half_open::SYN_FLOOD;
    /// The server repeats its SYN-ACK after the client acknowledged it.
    AcceptQueueOverflow = accept_queue::OVERFLOW;
    /// The server answers the third segment with a bare RST.
    AbortOnOverflow = accept_queue::ABORT;
    /// The server still held an old connection; the client reset it and repeated its SYN.
    HalfOpenRecovery = recovery::HALF_OPEN_RECOVERY;
    /// The server answered another SYN, not the one that this client just sent.
    OldDuplicateSyn = recovery::OLD_DUPLICATE_SYN;
    /// A bare ACK that does not fit J answers the SYN.
    ChallengeAck = recovery::CHALLENGE_ACK;
    /// Both ends send a SYN before either gets an answer.
    SimultaneousOpen = opening::SIMULTANEOUS_OPEN;
    /// The server splits its SYN-ACK into ACK and SYN.
    SplitHandshake = opening::SPLIT_HANDSHAKE;
    /// Source and destination are the same.
    SelfConnect = opening::SELF_CONNECT;
    /// SYN-ACKs of one attempt disagree on K.
    SynAckMismatch = opening::SYN_ACK_MISMATCH;
    /// The SYN-ACK does not come from the address that the SYN was sent to.
    NatSuspected = opening::NAT_SUSPECTED;
    /// SYN asks for a Fast Open cookie.
    FastOpenCookieRequest = fast_open::COOKIE_REQUEST;
    /// The data in the SYN was acknowledged.
    FastOpenAccepted = fast_open::ACCEPTED;
    /// The data in the SYN was not acknowledged.
    FastOpenIgnored = fast_open::IGNORED;
    /// SYN sent again without Fast Open.
    FastOpenFallback = fast_open::FALLBACK;
    /// SYN offers ECN (RFC 3168).
    EcnSetup = ecn::SETUP;
    /// SYN sent again without ECN.
    EcnFallback = ecn::FALLBACK;
    /// SYN offers Accurate ECN (RFC 9768).
    AccEcn = ecn::ACCURATE;
    /// SYN offers Multipath TCP.
    MptcpCapable = mptcp::CAPABLE;
    /// SYN adds a subflow to a Multipath TCP connection.
    MptcpJoin = mptcp::JOIN;
    /// Multipath TCP was offered and is not used.
    MptcpFallback = mptcp::FALLBACK;
    /// SYN is signed with the MD5 option.
    TcpMd5 = authentication::MD5;
    /// SYN is signed with the authentication option.
    TcpAo = authentication::AO;
    /// The SYN-ACK lacks an option that the SYN offered.
    OptionRefused = options::REFUSED;
    /// The same 4-tuple with another J, soon after the attempt before it.
    PortReuse = tuple::PORT_REUSE;
    /// Port reuse that the server did not accept.
    TimeWaitHit = tuple::TIME_WAIT_HIT;
    /// SYN-ACK to a host that never sent a SYN.
    Backscatter = tuple::BACKSCATTER;
    /// The same packet was captured twice.
    DuplicateCapture = copies::DUPLICATE_CAPTURE;
}

impl PatternName {
    /// Its name in every view: `closed_port`.
    pub const fn name(self) -> &'static str {
        self.rule().name
    }

    /// What is true of it as a rule.
    pub const fn describe(self) -> PatternDescription {
        let Rule { source, differs_from, check_next, .. } = *self.rule();
        PatternDescription {
            summary: self.summary().trim_ascii_start(),
            source,
            differs_from,
            check_next,
        }
    }

    /// The pattern that [`name`](Self::name) gives that name to.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|pattern| pattern.name() == name)
    }
}
