//! Small pictures of a number over time.

use answers::Slot;

use crate::line::Line;
use crate::style::{Ink, Style};

/// Signs from the least to the most.
const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LETTERS: [&str; 8] = [".", ":", "-", "=", "+", "*", "#", "@"];

/// How many attempts began in each part of the time: `all` slots in at most `columns` columns. The
/// highest sign is the most of this line; a column in which most attempts failed is red.
pub(super) fn sparkline(slots: &[Slot], all: usize, columns: usize, style: Style) -> Line {
    let each = all.div_ceil(columns.max(1)).max(1);
    let mut counts = vec![(0_u64, 0_u64); all.div_ceil(each)];
    for (at, slot) in slots.iter().enumerate() {
        if let Some((attempts, failed)) = counts.get_mut(at / each) {
            *attempts += u64::from(slot.attempts);
            *failed += u64::from(slot.failed);
        }
    }
    let columns = counts.into_iter().map(|(attempts, failed)| {
        (attempts, if failed * 2 > attempts { Ink::Bad } else { Ink::Syn })
    });
    levels(columns.collect(), style)
}

/// The mean server RTT in each part of the time. The highest sign is the longest of them.
pub(super) fn rtts(slots: &[Slot], columns: usize, style: Style) -> Line {
    let each = slots.len().div_ceil(columns.max(1)).max(1);
    let longest = |slots: &[Slot]| slots.iter().filter_map(Slot::mean_server_rtt_ns).max();
    let rtts = slots.chunks(each).map(|slots| (longest(slots).unwrap_or_default(), Ink::SynAck));
    levels(rtts.collect(), style)
}

/// A sign for each number.
fn levels(numbers: Vec<(u64, Ink)>, style: Style) -> Line {
    let most = numbers.iter().map(|(number, _)| *number).max().unwrap_or_default().max(1);
    let mut line = Line::default();
    for (number, ink) in numbers {
        let level = (u128::from(number) * 8).div_ceil(u128::from(most)) as usize;
        let signs = if style.unicode { BLOCKS } else { LETTERS };
        let sign = level.checked_sub(1).map_or(" ", |level| signs[level.min(7)]);
        line.push(ink, sign);
    }
    line
}
