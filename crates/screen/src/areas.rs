//! Where everything stands.

use ratatui::layout::Rect;

/// The parts of the screen. What there is no room for is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    /// What is captured.
    pub(crate) title: Rect,
    /// The attempts.
    pub(crate) list: Rect,
    /// Between the list and the ladder beside it.
    pub(crate) rule: Rect,
    /// The selected attempt; groups and help have this and the list together.
    pub(crate) ladder: Rect,
    /// How the capture stands.
    pub(crate) below: Rect,
    /// The keys.
    pub(crate) footer: Rect,
}

/// Lines that there are for the parts whose height differs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needed {
    /// For the whole list.
    pub(crate) list: usize,
    /// To say how the capture stands, in words, and with pictures.
    pub(crate) words: usize,
    pub(crate) below: usize,
    /// For the keys, and what stands above them.
    pub(crate) footer: usize,
}

/// From so many columns on, the list and the ladder stand side by side.
const SIDE_BY_SIDE: u16 = 140;
/// Columns that the ladder needs, and what it gains by.
const LADDER: (u16, u16) = (61, 90);

impl Areas {
    /// Those of a screen where so many lines are needed.
    pub(crate) fn of(all: Rect, needed: Needed, is_zoomed: bool) -> Self {
        let at_most = |lines: usize, most| u16::try_from(lines).unwrap_or(most).min(most);
        // Words that matter take more than pictures may.
        let words = at_most(needed.words, all.height / 4);
        let most = match all.height {
            0..=11 => 1,
            12..=29 => words.max(3),
            _ => words.max(all.height / 5),
        };
        let below = at_most(needed.below, most);
        // Where there is room for one line, it says how to quit.
        let (rest, footer) = bottom(all, at_most(needed.footer, all.height / 6).max(1));
        let (title, rest) = top(rest, 1);
        let (body, below) = bottom(rest, below);
        let (list, rule, ladder) = if is_zoomed {
            (Rect::default(), Rect::default(), body)
        } else if all.width >= SIDE_BY_SIDE {
            let ladder = (all.width * 55 / 100).min(LADDER.1).max(LADDER.0);
            let (list, ladder) = left(body, body.width - ladder);
            let (rule, ladder) = left(ladder, 1);
            (list, rule, ladder)
        } else {
            // A list that is short leaves its room to the ladder.
            let most = (body.height * 3 / 8).max(3);
            let (list, ladder) = top(body, at_most(needed.list, most).max(3));
            // The ladder begins with a line from side to side.
            (list, Rect::default(), ladder)
        };
        Self { title, list, rule, ladder, below, footer }
    }

    /// The list and the ladder together.
    pub(crate) fn body(&self) -> Rect {
        match self.list {
            Rect { width: 0, .. } => self.ladder,
            list => list.union(self.ladder),
        }
    }
}

fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect { y: area.y + height, height: area.height - height, ..area };
    (Rect { height, ..area }, rest)
}

fn bottom(area: Rect, height: u16) -> (Rect, Rect) {
    top(area, area.height.saturating_sub(height))
}

fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect { x: area.x + width, width: area.width - width, ..area };
    (Rect { width, ..area }, rest)
}
