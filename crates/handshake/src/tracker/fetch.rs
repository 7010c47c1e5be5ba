//! Brings what frames will need into the processor's cache, for several frames at once.
//!
//! With many open attempts, each look-up is a line of memory that is in no cache. Loads that do not
//! wait for each other overlap: so the first pass reads the lines and does nothing with them.

use std::hint::black_box;

use parser::{Flags, Glance};

use super::AHEAD;
use super::attempts::Attempts;
use super::flow::FlowHasher;
use super::plain::Stage;
use super::table::Table;

impl Attempts {
    /// The hash of the 4-tuple of a segment.
    #[inline]
    pub(super) fn hash(&self, glance: &Glance<'_>) -> u64 {
        self.hasher.flow(&glance.source, &glance.destination).hash
    }

    /// Fetches what segments will need. Gives their hashes.
    #[inline]
    pub(super) fn fetch(&mut self, glances: &[Option<Glance<'_>>]) -> [u64; AHEAD] {
        let mut hashes = [0; AHEAD];
        let mut places = [None; AHEAD];
        let mut syns = 0;
        for ((hash, place), glance) in hashes.iter_mut().zip(&mut places).zip(glances) {
            if let Some(glance) = glance {
                *hash = self.hash(glance);
                *place = self.table.touch_index(*hash);
                syns += usize::from(glance.flags.contains(Flags::SYN));
            }
        }
        for place in places.into_iter().flatten() {
            self.table.touch(place);
        }
        if syns > 0 && !self.table.fits_plain(self.limits.memory) {
            self.table.touch_evicted(syns, &self.hasher);
        }
        hashes
    }
}

impl Table {
    /// Touches those that will be evicted next.
    #[inline(never)]
    fn touch_evicted(&self, count: usize, hasher: &FlowHasher) {
        let first = self.plain.all_entries(Stage::Sent).take(count);
        let mut ends = [None; AHEAD];
        for (ends, (at, _)) in ends.iter_mut().zip(first) {
            let plain = self.plain.get(at);
            *ends = Some((plain.client(), plain.server()));
        }
        for (client, server) in ends.into_iter().flatten() {
            black_box(self.touch_index(hasher.flow(&client, &server).hash));
        }
    }
}
