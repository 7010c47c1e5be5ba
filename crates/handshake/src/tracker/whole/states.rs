//! The states of both ends while a connection is closed (RFC 9293, 3.6), read from its segments.

use parser::Flags;

use crate::segment::{Kind, SegmentRecord, Verdict};
use crate::side::{Side, TcpState};

/// What becomes of one side's FIN.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// The segment at which the other side takes it.
    taken: Option<usize>,
    /// The other side sent a FIN of its own before it had this one.
    crossed: bool,
    /// The acknowledgment that arrives: no FIN is sent again after it.
    acknowledged: Option<usize>,
}

/// Writes the states after each segment into it. `states` are those before the first one.
pub(super) fn mark(segments: &mut [SegmentRecord], mut states: [Option<TcpState>; 2]) {
    let ways = [Side::Client, Side::Server].map(|side| way(segments, side));
    let mut acknowledged_late = [false; 2];
    for (index, segment) in segments.iter_mut().enumerate() {
        if let Some(from) = segment.from.side().filter(|_| counts(segment)) {
            for side in [Side::Client, Side::Server] {
                let state = &mut states[side as usize];
                if std::mem::take(&mut acknowledged_late[side as usize]) {
                    *state = state.map(acknowledged);
                }
                if side == from {
                    sends(state, segment);
                }
                let (own, other) = (ways[side as usize], ways[side.other() as usize]);
                let takes = other.taken == Some(index);
                // What crossed is taken first, and what came behind it has its effect then.
                let is_late = takes && other.crossed;
                match own.acknowledged == Some(index) {
                    true if is_late => acknowledged_late[side as usize] = true,
                    true => *state = state.map(acknowledged),
                    false => {}
                }
                if takes {
                    *state = state.map(taken);
                }
            }
            reset(&mut states, segment, from);
        }
        [segment.client_state, segment.server_state] = states;
    }
}

/// Whether a segment can change a state.
fn counts(segment: &SegmentRecord) -> bool {
    matches!(segment.verdict, Verdict::Advanced | Verdict::Retransmission)
}

fn is_fin_of(segment: &SegmentRecord, side: Side) -> bool {
    counts(segment) && segment.from == side.into() && segment.flags.contains(Flags::FIN)
}

/// Whether a segment acknowledges the FIN of this side.
fn acknowledges(segment: &SegmentRecord, side: Side) -> bool {
    counts(segment) && segment.from == side.other().into() && segment.ack_check.is_some()
}

fn way(segments: &[SegmentRecord], side: Side) -> Way {
    let position = |from: usize, is: &dyn Fn(&SegmentRecord) -> bool| {
        let found = segments.get(from..)?.iter().position(is);
        found.map(|at| from + at)
    };
    let is_fin = |one: &SegmentRecord| is_fin_of(one, side);
    let answer = position(0, &|one| acknowledges(one, side));
    let last = segments.iter().rposition(is_fin);
    let acknowledged = last.and_then(|last| position(last + 1, &|one| acknowledges(one, side)));
    let sent = answer.and_then(|answer| segments[..answer].iter().rposition(is_fin));
    let Some((answer, sent)) = answer.zip(sent) else {
        return Way { acknowledged, ..Way::default() };
    };
    let crossing = segments[sent..answer].iter().rposition(|one| is_fin_of(one, side.other()));
    let Some(crossing) = crossing.map(|at| sent + at) else {
        return Way { taken: Some(sent), crossed: false, acknowledged };
    };
    // It arrives before whatever its sender sends next.
    let next = position(crossing + 1, &|one| counts(one) && one.from == side.into());
    let taken = next.map_or(answer, |next| next.min(answer));
    Way { taken: Some(taken), crossed: true, acknowledged }
}

/// The first FIN moves its sender.
fn sends(state: &mut Option<TcpState>, segment: &SegmentRecord) {
    if segment.flags.contains(Flags::FIN) && segment.verdict == Verdict::Advanced {
        *state = state.map(|state| match state {
            TcpState::SynReceived | TcpState::Established => TcpState::FinWait1,
            TcpState::CloseWait => TcpState::LastAck,
            other => other,
        });
    }
}

/// The other side's acknowledgment of its FIN arrives.
const fn acknowledged(state: TcpState) -> TcpState {
    match state {
        TcpState::FinWait1 => TcpState::FinWait2,
        TcpState::Closing => TcpState::TimeWait,
        TcpState::LastAck => TcpState::Closed,
        other => other,
    }
}

/// The other side's FIN arrives.
const fn taken(state: TcpState) -> TcpState {
    match state {
        TcpState::SynReceived | TcpState::Established => TcpState::CloseWait,
        TcpState::FinWait1 => TcpState::Closing,
        TcpState::FinWait2 => TcpState::TimeWait,
        other => other,
    }
}

/// Who sends a RST has no connection any more, and neither has who takes it.
fn reset(states: &mut [Option<TcpState>; 2], segment: &SegmentRecord, from: Side) {
    if segment.kind == Kind::Rst {
        for side in [from, from.other()] {
            states[side as usize] = states[side as usize].map(|_| TcpState::Closed);
        }
    }
}
