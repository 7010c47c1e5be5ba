//! The state and the history of a connection as Zeek logs them in conn.log.

use parser::{Flags, SeqNumber, named};

use super::tcp;
use crate::record::Handshake;
use crate::segment::{SegmentRecord, Sender};

/// What Zeek would log of the segments of an attempt, if it saw no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZeekConnection {
    /// `conn_state`.
    pub state: ZeekState,
    /// `history`, without the letters `c`, `g`, `t` and `w`: a bad checksum, a gap, repeated data, a
    /// window of 0.
    pub history: String,
}

named! {
    /// `conn_state` of Zeek.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ZeekState {
        /// A SYN, and no reply.
        S0 = "S0",
        /// Established, which Zeek says from the SYN-ACK on, and not ended.
        S1 = "S1",
        /// Established, and ended with a FIN of both.
        SF = "SF",
        /// The responder answered the SYN with RST.
        Rej = "REJ",
        /// Established, and a FIN of the originator.
        S2 = "S2",
        /// Established, and a FIN of the responder.
        S3 = "S3",
        /// Established, and the originator sent a RST.
        Rsto = "RSTO",
        /// Established, and the responder sent a RST.
        Rstr = "RSTR",
        /// A SYN and a RST of the originator, and no SYN-ACK.
        Rstos0 = "RSTOS0",
        /// A RST of the responder, and nothing of the originator.
        Rstrh = "RSTRH",
        /// A SYN and a FIN of the originator, and no SYN-ACK.
        Sh = "SH",
        /// A FIN of the responder, and nothing of the originator.
        Shr = "SHR",
        /// Anything else.
        Oth = "OTH",
    }
}

/// The state of an end, in Zeek's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Inactive,
    SynSent,
    SynAckSent,
    Partial,
    Established,
    Closed,
    Reset,
}

/// One end.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    state: State,
    before: State,
    /// Where its sequence numbers count from.
    start: SeqNumber,
    /// The letters that it has in the history.
    seen: u8,
    /// The relative numbers of its last SYN, FIN and RST.
    last: [u32; 3],
}

/// What a letter of the history stands for. A SYN and a SYN-ACK share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Syn,
    Fin,
    Rst,
    Data,
    Ack,
    Odd,
    Contradiction,
}

/// The two ends, the originator first.
#[derive(Debug, Default)]
struct Connection {
    ends: [End; 2],
    history: String,
    has_data: bool,
}

impl ZeekConnection {
    /// What Zeek would log.
    pub fn of(handshake: &Handshake) -> Self {
        let mut connection = Connection::default();
        let first = tcp(handshake).next();
        let is_server = first.is_some_and(|first| first.from == Sender::Server);
        // A SYN shows who opens. Else Zeek looks at the ports, and is taken to know the server's.
        let opens = first.is_some_and(|it| has(it, Flags::SYN) && !has(it, Flags::ACK));
        let originator = if is_server && opens { Sender::Server } else { Sender::Client };
        if is_server && !opens {
            connection.history.push('^');
        }
        for segment in tcp(handshake) {
            connection.take(segment, usize::from(segment.from != originator));
        }
        Self { state: connection.conclude(), history: connection.history }
    }
}

fn has(segment: &SegmentRecord, flags: Flags) -> bool {
    segment.flags.contains(flags)
}

impl Connection {
    fn take(&mut self, segment: &SegmentRecord, from: usize) {
        self.begin(segment, from);
        self.note(segment, from);
        self.has_data |= segment.len > 0 && !has(segment, Flags::RST);
        match self.ends[from].state {
            State::Inactive => self.first(segment, from),
            State::SynSent | State::SynAckSent => self.close(segment, from),
            State::Established | State::Partial => self.go_on(segment, from),
            State::Closed => {
                if has(segment, Flags::RST) && self.ends[1 - from].state != State::Closed {
                    self.set(from, State::Reset);
                }
            }
            State::Reset => {}
        }
    }

    fn set(&mut self, end: usize, state: State) {
        let end = &mut self.ends[end];
        if end.state != state {
            (end.before, end.state) = (end.state, state);
        }
    }

    /// Where the numbers of the end count from.
    fn begin(&mut self, segment: &SegmentRecord, from: usize) {
        let end = &mut self.ends[from];
        let is_syn = has(segment, Flags::SYN);
        match end.state {
            State::Inactive if !is_syn => end.start = segment.seq.plus(u32::MAX),
            State::Reset if end.before != State::Inactive => {}
            State::Closed => {}
            _ if is_syn => end.start = segment.seq,
            _ => {}
        }
    }

    /// Adds to the history.
    fn note(&mut self, segment: &SegmentRecord, from: usize) {
        let [syn, fin, rst, ack] =
            [Flags::SYN, Flags::FIN, Flags::RST, Flags::ACK].map(|flag| has(segment, flag));
        let relative = segment.seq.0.wrapping_sub(self.ends[from].start.0);
        match (syn, fin, rst) {
            (_, true, true) => self.once(Mark::Contradiction, 'I', from),
            (true, true, _) | (true, _, true) => self.once(Mark::Odd, 'Q', from),
            (true, ..) => self.numbered(Mark::Syn, if ack { 'H' } else { 'S' }, relative, from),
            (_, true, _) => {
                self.numbered(Mark::Fin, 'F', relative.wrapping_add(segment.len), from);
            }
            (.., true) => self.numbered(Mark::Rst, 'R', relative, from),
            _ if segment.len > 0 => self.once(Mark::Data, 'D', from),
            _ if ack => self.once(Mark::Ack, 'A', from),
            _ => {}
        }
    }

    /// A letter that comes once. Tells whether it was there.
    fn is_noted(&mut self, mark: Mark, letter: char, from: usize) -> bool {
        let bit = 1 << mark as u8;
        let was_seen = self.ends[from].seen & bit != 0;
        self.ends[from].seen |= bit;
        if !was_seen {
            self.push(letter, from);
        }
        was_seen
    }

    fn once(&mut self, mark: Mark, letter: char, from: usize) {
        self.is_noted(mark, letter, from);
    }

    /// A letter that comes again for another number.
    fn numbered(&mut self, mark: Mark, letter: char, relative: u32, from: usize) {
        let was_seen = self.is_noted(mark, letter, from);
        let last = std::mem::replace(&mut self.ends[from].last[mark as usize], relative);
        if was_seen && last != relative {
            self.push(letter, from);
        }
    }

    fn push(&mut self, letter: char, from: usize) {
        self.history.push(if from == 0 { letter } else { letter.to_ascii_lowercase() });
    }

    /// The first segment of an end.
    fn first(&mut self, segment: &SegmentRecord, from: usize) {
        let peer = 1 - from;
        if has(segment, Flags::SYN) {
            if from == 0 {
                let answers = has(segment, Flags::ACK);
                self.set(from, if answers { State::SynAckSent } else { State::SynSent });
            } else {
                if self.ends[peer].state == State::SynSent {
                    self.set(peer, State::Established);
                }
                self.set(from, State::Established);
            }
        }
        self.close(segment, from);
        if self.ends[from].state != State::Inactive {
            return;
        }
        let [originator, _] = self.ends;
        if from == 1 && segment.len == 0 && originator.state == State::SynSent {
            // Some answer the SYN before they send their own.
        } else if has(segment, Flags::ACK) && self.ends[peer].state == State::Established {
            self.set(from, State::Established);
        } else {
            self.set(from, State::Partial);
        }
    }

    /// What a FIN and a RST do.
    fn close(&mut self, segment: &SegmentRecord, from: usize) {
        if has(segment, Flags::FIN) {
            self.set(from, State::Closed);
        }
        if has(segment, Flags::RST) {
            self.set(from, State::Reset);
        }
    }

    /// A segment of an end that is established, or whose beginning was not seen.
    fn go_on(&mut self, segment: &SegmentRecord, from: usize) {
        let peer = self.ends[1 - from];
        let is_syn = has(segment, Flags::SYN) && !has(segment, Flags::ACK);
        if is_syn && self.ends[from].state == State::Partial && peer.state == State::Inactive {
            self.set(from, State::SynSent);
        }
        if has(segment, Flags::RST) {
            self.set(from, State::Reset);
        } else if has(segment, Flags::FIN) {
            self.set(from, State::Closed);
            // A FIN and a RST after it are an ordinary end.
            if (peer.state, peer.before) == (State::Reset, State::Closed) {
                self.set(1 - from, State::Closed);
            }
        }
    }

    fn conclude(&self) -> ZeekState {
        use State as S;
        let [originator, responder] = self.ends.map(|end| end.state);
        let is_inactive = |state| matches!(state, S::Inactive | S::Partial);
        match (originator, responder) {
            (S::SynSent | S::SynAckSent, S::Reset) => ZeekState::Rej,
            (S::Reset, S::Reset) if !self.has_data => ZeekState::Rej,
            (originator, S::Reset) if is_inactive(originator) => ZeekState::Rstrh,
            (_, S::Reset) => ZeekState::Rstr,
            (S::Reset, responder) if !is_inactive(responder) => ZeekState::Rsto,
            (S::Reset, _) if self.resets_its_syn() => ZeekState::Rstos0,
            (S::Reset, _) => ZeekState::Oth,
            (S::Closed, S::Closed) => ZeekState::SF,
            (S::Closed, responder) if is_inactive(responder) => ZeekState::Sh,
            (S::Closed, _) => ZeekState::S2,
            (originator, S::Closed) if is_inactive(originator) => ZeekState::Shr,
            (_, S::Closed) => ZeekState::S3,
            (S::SynSent, S::Inactive) => ZeekState::S0,
            (S::Established, S::Established) => ZeekState::S1,
            _ => ZeekState::Oth,
        }
    }

    /// Whether the history begins with a SYN and goes on to a RST of the originator, without an
    /// acknowledgment of its own between them.
    fn resets_its_syn(&self) -> bool {
        let history = self.history.strip_prefix('^').unwrap_or(&self.history);
        let Some(after) = history.strip_prefix('S') else { return false };
        let between = after.split_once('R').map(|(between, _)| between);
        between.is_some_and(|between| !between.contains(['H', 'A', 'F', 'G', 'I', 'Q']))
    }
}
