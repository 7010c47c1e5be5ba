//! Whether a file has to be read for a period, as far as a few looks at its times show.

use std::fs::File;
use std::ops::RangeInclusive;

use parser::{Names, Period, Timestamp};

use super::{CaptureFile, Format};
use crate::file::budget::Budget;
use crate::file::input::Place;

/// All times of a file of up to so many bytes are looked at.
const SMALL: u64 = 1 << 20;
/// So much of it is read at once.
const AT_ONCE: usize = 64 << 10;
/// Of a larger one those of so many places between its ends are.
const PLACES: u64 = 7;
/// What is read at each of them: more where less does not show two whole records.
const LOOKS: [u64; 2] = [16 << 10, 256 << 10];
/// What is read of the end to know the time of the last record. Larger records are seen in no capture.
const TAIL: u64 = 256 << 10;

/// Where the times of a file lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Lies {
    /// All before a period; the latest one is this.
    Before(Timestamp),
    /// All after it; the latest one is this, if it is known.
    After(Option<Timestamp>),
    /// Maybe in it: the file has to be read.
    Perhaps,
}

/// Times of a file.
struct Times {
    range: RangeInclusive<Timestamp>,
    /// Whether the last one of the file is among them.
    is_complete: bool,
}

impl CaptureFile {
    /// Where the times of the file lie, the first of which is `first`.
    pub(in crate::file) fn lies(&self, first: Timestamp, period: Period) -> Lies {
        let Some(size) = self.place.size.filter(|_| !period.holds(Some(first))) else {
            return Lies::Perhaps;
        };
        if self.packed.is_some() {
            // Nothing is known of the others.
            return if period.is_before(first) { Lies::After(None) } else { Lies::Perhaps };
        }
        let times = if size <= SMALL { self.all_times() } else { self.some_times(first, size) };
        let Some(Times { range, is_complete }) = times else { return Lies::Perhaps };
        let (earliest, latest) = range.into_inner();
        if period.is_before(earliest) {
            return Lies::After(Some(latest).filter(|_| is_complete));
        }
        let is_before = is_complete && period.from.is_some_and(|from| latest < from);
        if is_before { Lies::Before(latest) } else { Lies::Perhaps }
    }

    /// From the earliest time to the latest one, by reading the file up to its end or to where it is
    /// damaged. `None` where a record has no time.
    fn all_times(&self) -> Option<Times> {
        let place = Place { size: self.place.size, ..Place::new(self.place.input.clone()) };
        let mut names = Names::default();
        names.add_source("");
        let mut file = Self::open(place, 0, AT_ONCE, &Budget::default()).ok()?;
        let mut times: Option<(Timestamp, Timestamp)> = None;
        let is_complete = loop {
            match file.peek(&mut names) {
                Ok(Some(_)) if !file.record.timed => return None,
                Ok(Some(time)) => {
                    let (earliest, latest) = times.unwrap_or((time, time));
                    times = Some((earliest.min(time), latest.max(time)));
                }
                Ok(None) => break true,
                Err(_) => break false,
            }
            if file.take().is_err() {
                break false;
            }
        };
        times.map(|(earliest, latest)| Times { range: earliest..=latest, is_complete })
    }

    /// The same by the times of a few places. `None` where they go back, or where one is not found.
    fn some_times(&self, first: Timestamp, size: u64) -> Option<Times> {
        let mut file = self.place.regular_file()?;
        let mut latest = first;
        for place in 1..=PLACES {
            // Blocks of pcapng begin at multiples of four.
            let offset = (size / (PLACES + 1) * place).next_multiple_of(4);
            let time = self.time_at(&mut file, offset)?;
            if time < latest {
                return None;
            }
            latest = time;
        }
        let tail = Place::part(&mut file, size - TAIL, TAIL).ok()?;
        let last = match &self.format {
            Format::Pcap(pcap) => pcap.last_time(&tail),
            Format::Pcapng(pcapng) => pcapng.last_time(&tail),
        };
        let is_complete = last.is_some();
        let last = last.unwrap_or(latest);
        (latest <= last).then_some(Times { range: first..=last, is_complete })
    }

    /// The time of a record soon after this offset.
    fn time_at(&self, file: &mut File, offset: u64) -> Option<Timestamp> {
        LOOKS.into_iter().find_map(|most| {
            let part = Place::part(file, offset, most).ok()?;
            match &self.format {
                Format::Pcap(pcap) => pcap.time_within(&part),
                Format::Pcapng(pcapng) => pcapng.time_within(&part),
            }
        })
    }
}
