//! Where things stand in the picture.

use crate::style::{Style, TimeFormat};

/// The columns of the picture, from left to right: time, time since the segment before, the client's
/// gutter, its lifeline, the middle, the server's lifeline, its gutter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Columns for the time, the space after it included.
    pub(super) time: usize,
    /// Columns for the time since the segment before; 0 where that goes below the time.
    pub(super) gap: usize,
    /// Columns for what stands outside of a lifeline, on each side.
    pub(super) gutter: usize,
    /// Columns of a gutter, next to the lifeline, for the bracket around an open call.
    pub(super) bracket: usize,
    /// Columns between the lifelines.
    pub(super) middle: usize,
}

impl Layout {
    /// The widest state, `SYN-RECEIVED` or `ESTABLISHED`, and a space.
    const STATE: usize = 13;
    /// A bracket and a space.
    const BRACKET: usize = 2;
    /// What the arrows need for their labels.
    const MIDDLE: usize = 34;
    /// What they need for the labels of a textbook's figure: `SYN K, ACK J+1`.
    const COMPACT_MIDDLE: usize = 24;
    /// Beyond this a longer arrow is no better.
    const MIDDLE_MOST: usize = 64;
    /// Beyond this nothing gains by a wider gutter.
    const GUTTER_MOST: usize = 40;

    /// The layout for a style. Socket calls widen the gutters, as far as there is room.
    pub(super) fn new(style: Style, has_calls: bool) -> Self {
        let columns = style.columns();
        let time = match style.time {
            TimeFormat::Relative => 10,
            TimeFormat::Utc | TimeFormat::Local => 17,
            TimeFormat::Epoch => 19,
        };
        let enough_for_gap = if has_calls { 120 } else { 90 };
        let gap = if columns >= enough_for_gap && !style.compact { 10 } else { 0 };
        let room = columns - time - gap - 2;
        let gutter = if has_calls {
            let least = Self::STATE + Self::BRACKET;
            let middle = if style.compact { Self::COMPACT_MIDDLE } else { Self::MIDDLE };
            (room.saturating_sub(middle) / 2).clamp(least, Self::GUTTER_MOST)
        } else {
            Self::STATE
        };
        // 60 columns, the least, leave 60 - 19 - 2 - 30 = 9 here.
        let middle = room.saturating_sub(2 * gutter).min(Self::MIDDLE_MOST);
        let bracket = if has_calls { Self::BRACKET } else { 0 };
        Self { time, gap, gutter, bracket, middle }
    }

    /// Columns for text between the lifelines: not quite all, where there is room.
    pub(super) const fn text(self) -> usize {
        if self.middle >= Self::MIDDLE { self.middle - 2 } else { self.middle }
    }

    /// The column of the client's lifeline.
    pub(super) const fn client(self) -> usize {
        self.time + self.gap + self.gutter
    }

    /// The column of the server's lifeline.
    pub(super) const fn server(self) -> usize {
        self.client() + 1 + self.middle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_fits_at_every_width() {
        for width in 0..=300 {
            for time in
                [TimeFormat::Relative, TimeFormat::Utc, TimeFormat::Local, TimeFormat::Epoch]
            {
                for has_calls in [false, true] {
                    for compact in [false, true] {
                        let style = Style { width: Some(width), time, compact, ..Style::PLAIN };
                        let layout = Layout::new(style, has_calls);
                        let right = layout.server() + 1 + layout.gutter;
                        assert!(right <= style.columns(), "{width} {layout:?}");
                        assert!(layout.middle >= 9, "{width} {layout:?}");
                    }
                }
            }
        }
    }
}
