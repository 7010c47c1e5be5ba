//! The segments of a ladder: those of the handshake, and those of the close behind them. A FIN or RST that
//! comes so early that the handshake has it, too, is drawn once.

use handshake::{Close, Handshake, SegmentRecord, TcpState, Verdict};

use crate::view::{self, Relative};

/// A segment that is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn<'a> {
    pub(super) segment: &'a SegmentRecord,
    pub(super) part: Part<'a>,
    /// Its numbers, as they are named.
    pub(super) relative: Relative,
    /// The states after it, of the client and of the server.
    pub(super) states: [Option<TcpState>; 2],
}

/// What it is drawn as, and which one it is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    Opening(usize),
    Close(&'a Close, usize),
}

/// The segments of an attempt, in the order in which they are drawn.
pub(super) fn drawn(handshake: &Handshake) -> Vec<Drawn<'_>> {
    let close = handshake.close.as_deref();
    let mut states = [None; 2];
    let opening = handshake.segments.iter().enumerate().map(|(index, segment)| {
        let is_it = |one: &SegmentRecord| one.place() == segment.place();
        let early = close.and_then(|close| Some((close, close.segments.iter().position(is_it)?)));
        states = early
            .map_or_else(|| kept(states, after(segment)), |(close, at)| after(&close.segments[at]));
        let relative = view::relative(handshake, segment);
        // What has no part in a handshake may have one in the close.
        match early.filter(|_| segment.verdict == Verdict::Stray) {
            Some((close, at)) => {
                let segment = &close.segments[at];
                Drawn { segment, part: Part::Close(close, at), relative, states }
            }
            None => Drawn { segment, part: Part::Opening(index), relative, states },
        }
    });
    let mut all: Vec<_> = opening.collect();
    let is_early = |segment: &SegmentRecord| {
        handshake.segments.iter().any(|one| one.place() == segment.place())
    };
    if let Some(close) = close {
        let late = close.segments.iter().enumerate().filter(|(_, segment)| !is_early(segment));
        all.extend(late.map(|(index, segment)| {
            let relative = view::relative_in_close(handshake, segment);
            let states = after(segment);
            Drawn { segment, part: Part::Close(close, index), relative, states }
        }));
    }
    all
}

const fn after(segment: &SegmentRecord) -> [Option<TcpState>; 2] {
    [segment.client_state, segment.server_state]
}

/// The states after a segment of the handshake: what a close has changed stays so.
fn kept(before: [Option<TcpState>; 2], now: [Option<TcpState>; 2]) -> [Option<TcpState>; 2] {
    use TcpState::{Established, Listen, SynReceived, SynSent};
    let is_opening =
        |state: &TcpState| matches!(state, Listen | SynSent | SynReceived | Established);
    let [client, server] = before.map(|state| state.filter(|state| !is_opening(state)));
    [client.or(now[0]), server.or(now[1])]
}
