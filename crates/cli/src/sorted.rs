//! The first attempts of another order than that of time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use handshake::{Handshake, Range};
use render::{Record, Summary, View};

use crate::args::SortKey;
use crate::held::{Background, Held};

/// What comes first is less: whether it is no failure, then the longest time. An unknown time is last.
type Rank = (bool, Reverse<Option<i64>>);

/// A view that holds back the first attempts of an order until all are known.
pub(crate) struct Sorted {
    view: Box<dyn View>,
    key: SortKey,
    most: usize,
    /// By rank; of equal ones the one that came first.
    first: BTreeMap<(Rank, u64), Held>,
    background: Background,
    count: u64,
}

impl Sorted {
    /// Shows the first `most` in `view`.
    pub(crate) fn new(view: Box<dyn View>, key: SortKey, most: u64) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (first, background) = (BTreeMap::new(), Background::default());
        Self { view, key, most, first, background, count: 0 }
    }
}

impl View for Sorted {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.count += 1;
        let place = (rank(self.key, record.handshake), self.count);
        if self.first.len() >= self.most {
            match self.first.last_entry() {
                Some(last) if *last.key() > place => drop(last.remove()),
                _ => return Ok(()),
            }
        }
        self.first.insert(place, self.background.hold(record));
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        for held in std::mem::take(&mut self.first).values() {
            self.background.show(held, &mut *self.view)?;
        }
        self.view.end()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}

fn rank(key: SortKey, handshake: &Handshake) -> Rank {
    let timing = &handshake.timing;
    let least = |ns: Option<i64>, range: Option<Range>| ns.or(range.map(|range| range.min));
    let total = least(timing.total_ns, timing.total_range_ns);
    match key {
        SortKey::Time => (false, Reverse(None)),
        SortKey::Worst => {
            (!handshake.outcome.is_failure(), Reverse(timing.failed_after_ns.or(total)))
        }
        SortKey::Total => (false, Reverse(total)),
        SortKey::ServerRtt => {
            (false, Reverse(least(timing.server_rtt_ns, timing.server_rtt_range_ns)))
        }
        SortKey::ClientRtt => {
            (false, Reverse(least(timing.client_rtt_ns, timing.client_rtt_range_ns)))
        }
    }
}
