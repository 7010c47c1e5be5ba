//! Brings what frames will need into the processor's cache, for several frames at once.
//!
//! With many open attempts, each look-up is a line of memory that is in no cache. Loads that do not
//! wait for each other overlap: so the first pass reads the lines and does nothing with them.

use std::hint::black_box;

use parser::{Flags, Frame, Glance};

use super::AHEAD;
use super::attempts::Attempts;
use super::flow::FlowHasher;
use super::stage::Stage;

/// What is seen of a frame at first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clue {
    hash: u64,
    flags: Flags,
    /// Bytes of the frame up to the end of the TCP header; 0 where a glance tells nothing.
    headers: u16,
}

impl Clue {
    /// The hash of its 4-tuple, and its control bits.
    #[inline]
    pub(super) fn seen(self) -> Option<(u64, Flags)> {
        (self.headers > 0).then_some((self.hash, self.flags))
    }

    /// The part of a frame with this clue that a tracker of facts looks at.
    #[inline]
    pub fn headers<'a>(self, frame: &Frame<'a>) -> &'a [u8] {
        match usize::from(self.headers) {
            0 => frame.bytes,
            headers => frame.bytes.get(..headers).unwrap_or(frame.bytes),
        }
    }
}

/// Finds the clues to frames for one [`Tracker`](super::Tracker).
#[derive(Clone, Copy, Debug)]
pub struct ClueFinder(pub(super) FlowHasher);

impl ClueFinder {
    /// What is seen of a frame at first.
    #[inline]
    pub fn find(&self, frame: &Frame<'_>) -> Clue {
        self.of_glance(frame, Glance::of(frame.link, frame.wire_len, frame.bytes).as_ref())
    }

    #[inline]
    pub(super) fn of_glance(&self, frame: &Frame<'_>, glance: Option<&Glance<'_>>) -> Clue {
        let Some(glance) = glance else { return Clue::default() };
        let Glance { source, destination, flags, .. } = glance;
        let headers = frame.bytes.len() - glance.len_behind_header();
        let hash = self.0.flow(source, destination).hash;
        // It sees few layers, so that their headers are short.
        Clue { hash, flags: *flags, headers: headers as u16 }
    }
}

/// As many attempts are in the cache anyway.
const IN_CACHE: usize = 2_048;

impl Attempts {
    /// Whether there are so many attempts that it pays to look ahead. Tests have few, and look ahead
    /// all the same.
    pub(super) fn is_worth_fetching(&self) -> bool {
        cfg!(test) || self.table.len() > IN_CACHE
    }

    /// Fetches what at most [`AHEAD`] frames will need.
    #[inline]
    pub(super) fn fetch(&self, clues: &[Clue]) {
        let mut places = [None; AHEAD];
        let mut syns = 0;
        for (place, (hash, flags)) in
            places.iter_mut().zip(clues.iter().filter_map(|clue| clue.seen()))
        {
            *place = self.table.touch_index(hash);
            syns += usize::from(flags.contains(Flags::SYN));
            if flags.intersects(Flags::SYN | Flags::FIN | Flags::RST) {
                self.closed.touch(hash);
            }
        }
        let latest = places.map(|place| self.table.touch(place?));
        for link in latest.into_iter().flatten() {
            self.table.plain.touch(link);
        }
        if syns > 0 && !self.table.fits_plain(self.limits.memory) {
            self.touch_evicted(syns);
        }
    }

    /// Touches what will be evicted next, and where that will be remembered.
    #[inline(never)]
    fn touch_evicted(&self, count: usize) {
        let first = || self.table.plain.all_entries(Stage::Sent).take(count);
        for (at, _) in first() {
            black_box(self.table.plain.get(at).latest);
        }
        for (at, _) in first() {
            let plain = self.table.plain.get(at);
            let hash = self.hasher.flow(&plain.client(), &plain.server()).hash;
            black_box(self.table.touch_index(hash));
            self.closed.touch(hash);
        }
    }
}
