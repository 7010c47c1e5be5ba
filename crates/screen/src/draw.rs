//! Draws the screen.

use ratatui::Frame;

use crate::areas::{Areas, Needed};
use crate::panels::{footer, groups, help, ladder, list, standing, title};
use crate::state::{Page, State};

/// Draws everything, and notes where.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &mut State) {
    let all = frame.area();
    let words = standing::words(state, all.width).len();
    let needed = Needed {
        list: list::height(state),
        words,
        below: words + state.sums.over_time.len(),
        footer: 1 + footer::above(state, all.width).len(),
    };
    let areas = Areas::of(all, needed, state.is_zoomed);
    state.areas = areas;
    title::draw(frame, areas.title, state);
    match state.page {
        Page::Attempts => {
            list::draw(frame, areas.list, state);
            ladder::rule(frame, areas.rule, state);
            ladder::draw(frame, areas.ladder, state);
        }
        Page::Groups => groups::draw(frame, areas.body(), state),
        Page::Help => help::draw(frame, areas.body(), state),
    }
    standing::draw(frame, areas.below, state);
    footer::draw(frame, areas.footer, state);
}
