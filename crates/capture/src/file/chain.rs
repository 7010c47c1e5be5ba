//! Records in the middle of a file, where nothing says at which byte one begins.

use parser::Timestamp;

/// So many whole records after each other are no chance.
const ENOUGH: u32 = 2;
/// Longer records may be in a file, but what claims to be one is more often something else.
pub(super) const LONGEST: u32 = 256 << 10;

/// What bytes seem to be the beginning of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// A record of so many bytes, and its time where it has one.
    Whole(usize, Option<Timestamp>),
    /// A record that goes on after them.
    CutOff,
    /// No record.
    Nothing,
}

/// The time of the last whole record in a part of a file, found by the first chain of records that leads
/// to its end. They begin at multiples of `step`; `link` says what begins where.
pub(super) fn time_within(
    part: &[u8],
    step: usize,
    link: impl Fn(&[u8]) -> Link,
) -> Option<Timestamp> {
    // No place is looked at twice, or a hostile file would take a square of its length.
    let mut seen = vec![false; part.len()];
    (0..part.len()).step_by(step).find_map(|start| {
        let (mut at, mut count, mut latest) = (start, 0, None);
        while let Some(rest) = part.get(at..).filter(|rest| !rest.is_empty()) {
            if std::mem::replace(seen.get_mut(at)?, true) {
                return None;
            }
            match link(rest) {
                Link::Whole(len, time) => {
                    (at, count, latest) = (at + len, count + 1, time.or(latest));
                }
                Link::CutOff => break,
                Link::Nothing => return None,
            }
        }
        latest.filter(|_| count >= ENOUGH)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A byte is a record of so many bytes; the time is how many come with it and after it.
    fn link(rest: &[u8]) -> Link {
        let time = Timestamp::from_nanos(i64::try_from(rest.len()).unwrap());
        match usize::from(rest[0]) {
            0 => Link::Nothing,
            len if len > rest.len() => Link::CutOff,
            len => Link::Whole(len, Some(time)),
        }
    }

    #[test]
    fn the_first_chain_that_leads_to_the_end_counts() {
        let time = |part: &[u8], step| time_within(part, step, link).map(Timestamp::as_nanos);
        assert_eq!(time(&[], 1), None);
        assert_eq!(time(&[1], 1), None);
        assert_eq!(time(&[1, 1], 1), Some(1));
        // The last one is cut off, so the one before it counts.
        assert_eq!(time(&[0, 2, 0, 2, 0, 2], 1), Some(3));
        assert_eq!(time(&[2, 0, 2, 1, 2], 1), Some(3));
        assert_eq!(time(&[0, 2, 0, 2, 0, 1], 2), None);
        // A chain that breaks is none.
        assert_eq!(time(&[1, 1, 1, 0], 1), None);
        assert_eq!(time(&[1, 1, 0, 1, 1], 1), Some(1));
    }

    #[test]
    fn no_place_is_looked_at_twice() {
        let calls = Cell::new(0);
        let mut part = vec![1; 10_000];
        part.push(0);
        let counted = |rest: &[u8]| {
            calls.set(calls.get() + 1);
            link(rest)
        };
        assert_eq!(time_within(&part, 1, counted), None);
        assert_eq!(calls.get(), part.len());
    }
}
