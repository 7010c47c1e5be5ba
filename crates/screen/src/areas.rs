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

/// From so many columns on, the list and the ladder stand side by side.
const SIDE_BY_SIDE: u16 = 140;
/// Columns that the ladder needs, and what it gains by.
const LADDER: (u16, u16) = (61, 90);

impl Areas {
    /// Those of a screen where there are so many lines in the list, and to say how the capture stands.
    pub(crate) fn of(all: Rect, listed: usize, below: usize, is_zoomed: bool) -> Self {
        let most = match all.height {
            0..=11 => 1,
            12..=29 => 3,
            _ => all.height / 5,
        };
        let below = u16::try_from(below).unwrap_or(most).min(most);
        // Where there is room for one line, it says how to quit.
        let (rest, footer) = bottom(all, 1);
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
            let listed = u16::try_from(listed).unwrap_or(most).clamp(3, most);
            let (list, ladder) = top(body, listed);
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
