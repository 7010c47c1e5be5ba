//! A first look at frames, before a tracker takes them.

use parser::{Flags, Frame, Glance};

use super::flow::FlowHasher;

/// Looks at frames for a [`Tracker`](super::Tracker), on another thread if that helps: it knows
/// nothing of the attempts.
#[derive(Clone, Copy, Debug)]
pub struct Scout {
    pub(super) hasher: FlowHasher,
}

/// What a [`Scout`] saw of a frame: enough to tell whether it concerns an open attempt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clue {
    /// `None` where a glance does not tell.
    pub(super) seen: Option<(u64, Flags)>,
}

impl Scout {
    /// Looks at a frame.
    #[inline]
    pub fn look(&self, frame: &Frame<'_>) -> Clue {
        let glance = Glance::of(frame.link, frame.wire_len, frame.bytes);
        let seen = |it: Glance<'_>| (self.hasher.flow(&it.source, &it.destination).hash, it.flags);
        Clue { seen: glance.map(seen) }
    }
}
