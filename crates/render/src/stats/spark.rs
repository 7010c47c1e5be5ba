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
    let each = all.div_ceil(columns).max(1);
    let mut counts = vec![(0_u64, 0_u64); all.div_ceil(each)];
    for (at, slot) in slots.iter().enumerate() {
        if let Some((attempts, failed)) = counts.get_mut(at / each) {
            *attempts += u64::from(slot.attempts);
            *failed += u64::from(slot.failed);
        }
    }
    let most = counts.iter().map(|(attempts, _)| *attempts).max().unwrap_or_default().max(1);
    let mut line = Line::default();
    for (attempts, failed) in counts {
        let level = (attempts * 8).div_ceil(most) as usize;
        let signs = if style.unicode { BLOCKS } else { LETTERS };
        let sign = level.checked_sub(1).map_or(" ", |level| signs[level.min(7)]);
        line.push(if failed * 2 > attempts { Ink::Bad } else { Ink::Syn }, sign);
    }
    line
}
