//! The first attempts of another order than that of time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use handshake::{Handshake, Range};
use render::{Record, Summary, View};

use crate::args::SortKey;
use crate::held::{Background, Held};
use crate::status;

/// What comes first is less: whether it is no failure, then the longest time. An unknown time is last.
type Rank = (bool, Reverse<Option<i64>>);

/// A view that holds back the first attempts of an order until all are known.
pub(crate) struct Sorted {
    view: Box<dyn View>,
    key: SortKey,
    most: usize,
    /// The bytes that they may take: of larger ones fewer are shown.
    room: usize,
    /// By rank; of equal ones the one that came first.
    first: BTreeMap<(Rank, u64), Held>,
    bytes: usize,
    /// Whether one was let go for want of room. What comes after it in the order is not shown either.
    gave_way: bool,
    /// How many are shown, where that is fewer than were asked for, for want of room.
    shown: Option<u64>,
    background: Background,
    count: u64,
}

impl Sorted {
    /// Shows the first `most` in `view`, or as many as fit into `room` bytes.
    pub(crate) fn new(view: Box<dyn View>, key: SortKey, (most, room): (u64, usize)) -> Self {
        Self {
            view,
            key,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            room,
            first: BTreeMap::new(),
            bytes: 0,
            gave_way: false,
            shown: None,
            background: Background::default(),
            count: 0,
        }
    }

    /// Takes out the last ones until the others have room, but never the first.
    fn make_room(&mut self) {
        while self.first.len() > 1 && (self.first.len() > self.most || self.bytes > self.room) {
            self.gave_way |= self.first.len() <= self.most;
            let Some((_, last)) = self.first.pop_last() else { return };
            self.bytes -= last.weight();
        }
    }
}

impl View for Sorted {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.count += 1;
        let place = (rank(self.key, record.handshake), self.count);
        let is_full = self.first.len() >= self.most || self.gave_way;
        if is_full && self.first.last_key_value().is_none_or(|(last, _)| *last < place) {
            return Ok(());
        }
        let held = self.background.hold(record);
        self.bytes += held.weight();
        self.first.insert(place, held);
        self.make_room();
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.gave_way && self.first.len() < self.most {
            let shown = self.first.len() as u64;
            self.shown = Some(shown);
            status::report(&format_args!(
                "no more than the first {shown} fit into memory; use more: `--memory 1GB`"
            ));
        }
        for held in std::mem::take(&mut self.first).values() {
            self.background.show(held, &mut *self.view)?;
        }
        self.view.end()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        match self.shown {
            None => self.view.finish(summary),
            shown => self.view.finish(&Summary { shown, ..summary.clone() }),
        }
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock, Mutex};

    use handshake::{End, Event, Limits, Reporting, Tracker};
    use hostnames::EndNames;
    use parser::{Frame, LinkType, Names, Timestamp};

    use super::*;

    const ROOM: usize = 10_000;

    /// The ids of what is shown, and how many the totals say that are.
    #[derive(Clone, Default)]
    struct Shown(Arc<Mutex<(Vec<u64>, Option<u64>)>>);

    impl View for Shown {
        fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
            self.0.lock().unwrap().0.push(record.handshake.id);
            Ok(())
        }

        fn finish(&mut self, summary: &Summary) -> io::Result<()> {
            self.0.lock().unwrap().1 = summary.shown;
            Ok(())
        }
    }

    fn record(handshake: &Handshake) -> Record<'_> {
        static NAMES: LazyLock<Names> = LazyLock::new(Names::default);
        let (names, end_names) = (&*NAMES, EndNames::default());
        Record { handshake, patterns: &[], calls: &[], names, end_names, capture_start: None }
    }

    fn shown(handshakes: &[Handshake], most: u64) -> (Vec<u64>, Option<u64>) {
        let shown = Shown::default();
        let mut sorted = Sorted::new(Box::new(shown.clone()), SortKey::Worst, (most, ROOM));
        for handshake in handshakes {
            sorted.handshake(&record(handshake)).unwrap();
        }
        sorted.end().unwrap();
        sorted.finish(&Summary { shown: Some(most), ..Summary::default() }).unwrap();
        std::mem::take(&mut *shown.0.lock().unwrap())
    }

    /// Attempts of one SYN.
    fn unanswered(count: u32) -> Vec<Handshake> {
        let mut tracker = Tracker::new(Limits::DEFAULT, Reporting::Records);
        let mut all = Vec::new();
        let mut keep = |event: Event<'_>| {
            if let Event::Ended(handshake) = event {
                all.push(handshake.clone());
            }
        };
        for number in 0..count {
            let syn = testkit::spoofed_syn(testkit::Ip::V4, number, 0);
            let frame = Frame::of_bytes(LinkType(syn.link), syn.wire_len, &syn.bytes);
            let timestamp = Some(Timestamp::from_nanos(number.into()));
            tracker.on_frame(&Frame { timestamp, ..frame }, &mut keep);
        }
        tracker.finish(End::Complete, &mut keep);
        all
    }

    #[test]
    fn as_many_are_shown_as_are_asked_for_and_have_room() {
        let all = unanswered(50);
        assert_eq!(shown(&all, 3), (vec![1, 2, 3], Some(3)));
        let room = Background::default().hold(&record(&all[0])).weight();
        let most = (ROOM / room) as u64;
        assert!((2..50).contains(&most), "{room}");
        assert_eq!(shown(&all, 50), ((1..=most).collect(), Some(most)));
    }

    /// The large ones of the beginning gave way to the small ones, of which there are as many as were asked for.
    #[test]
    fn nothing_is_missing_where_all_that_were_asked_for_are_shown() {
        let mut all = unanswered(4);
        for (handshake, ns) in all.iter_mut().zip([2, 1, 4, 3]) {
            handshake.timing.failed_after_ns = Some(ns);
        }
        for handshake in &mut all[..2] {
            let segment = handshake.segments[0].clone();
            handshake.segments.resize(ROOM / 200, segment);
        }
        assert_eq!(shown(&all, 2), (vec![3, 4], Some(2)));
    }

    #[test]
    fn the_first_one_is_shown_however_large_it_is() {
        let mut all = unanswered(2);
        for handshake in &mut all {
            let segment = handshake.segments[0].clone();
            handshake.segments.resize(ROOM, segment);
        }
        assert_eq!(shown(&all, 50), (vec![1], Some(1)));
    }
}
