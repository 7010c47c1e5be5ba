//! Draws the screen.

use ratatui::Frame;

use crate::areas::Areas;
use crate::panels::{footer, groups, help, ladder, list, standing, title};
use crate::state::{Page, State};

/// Draws everything, and notes where.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &mut State) {
    let all = frame.area();
    let below = standing::lines(state, all.width).len();
    let areas = Areas::of(all, list::height(state), below, state.is_zoomed);
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
