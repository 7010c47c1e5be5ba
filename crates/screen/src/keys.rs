//! What keys and the mouse do to the state.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;

use crate::panels::list;
use crate::state::{Order, Page, State};

/// What the state can't do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Save the selected attempt.
    Save,
    /// Save the screen as a picture.
    Picture,
    /// Give the terminal back to the shell for a while.
    Suspend,
}

/// Lines that a turn of the wheel scrolls.
const WHEEL: isize = 3;
/// Characters of a filter, at most.
const LONGEST_FILTER: usize = 100;

/// Obeys a key or the mouse.
pub(crate) fn obey(state: &mut State, event: &Event) -> Option<Request> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            state.message = None;
            key_pressed(state, *key)
        }
        Event::Mouse(mouse) => {
            moused(state, *mouse);
            None
        }
        _ => None,
    }
}

fn key_pressed(state: &mut State, key: KeyEvent) -> Option<Request> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => state.is_over = true,
            KeyCode::Char('z') => return Some(Request::Suspend),
            _ => {}
        }
        return None;
    }
    if state.is_typing {
        typed(state, key.code);
        return None;
    }
    match key.code {
        KeyCode::Char('q') => state.is_over = true,
        KeyCode::Char('?') => turn(state, Page::Help),
        KeyCode::Char('g') => turn(state, Page::Groups),
        KeyCode::Char(' ') => state.is_paused = !state.is_paused,
        KeyCode::Char('/') => {
            (state.is_typing, state.page) = (true, Page::Attempts);
            // What is filtered is seen.
            state.is_zoomed = false;
        }
        KeyCode::Char('s') if state.page == Page::Attempts => return Some(Request::Save),
        KeyCode::Char('S') => return Some(Request::Picture),
        KeyCode::Esc => leave(state),
        code if state.page == Page::Attempts => look(state, code),
        code => scroll_page(state, code),
    }
    None
}

/// Turns to a page, or back from it.
fn turn(state: &mut State, page: Page) {
    state.page = if state.page == page { Page::Attempts } else { page };
    state.scroll = 0;
}

/// Leaves one thing at a time.
fn leave(state: &mut State) {
    if state.page != Page::Attempts {
        turn(state, Page::Attempts);
    } else if state.steps.is_some() {
        (state.steps, state.scroll) = (None, 0);
    } else if state.is_zoomed {
        state.is_zoomed = false;
    } else if !state.filter.is_empty() {
        state.filter.clear();
        state.list();
    } else {
        state.choose(None);
    }
}

/// Keys about the attempts.
fn look(state: &mut State, code: KeyCode) {
    let place = state.place();
    let page = usize::from(state.areas.list.height.max(3)) - 2;
    match code {
        KeyCode::Up | KeyCode::Char('k') => state.choose_at(place.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => state.choose_at(place + 1),
        KeyCode::PageUp => state.choose_at(place.saturating_sub(page)),
        KeyCode::PageDown => state.choose_at(place + page),
        KeyCode::Home => state.choose(None),
        KeyCode::End => state.choose_at(usize::MAX),
        KeyCode::Right | KeyCode::Char('l') => state.step(1),
        KeyCode::Left | KeyCode::Char('h') => state.step(-1),
        KeyCode::Char('[') => state.scroll_by(-WHEEL),
        KeyCode::Char(']') => state.scroll_by(WHEEL),
        KeyCode::Enter => state.is_zoomed = !state.is_zoomed,
        KeyCode::Char('e') => state.style.explain = !state.style.explain,
        KeyCode::Char('o') => {
            state.order = match state.order {
                Order::Newest => Order::Worst,
                Order::Worst => Order::Newest,
            };
            state.list();
        }
        _ => {}
    }
}

/// Keys about what is read from top to bottom.
fn scroll_page(state: &mut State, code: KeyCode) {
    let page: isize = state.areas.body().height.cast_signed().into();
    match code {
        KeyCode::Up | KeyCode::Char('k') => state.scroll_by(-1),
        KeyCode::Down | KeyCode::Char('j') => state.scroll_by(1),
        KeyCode::PageUp => state.scroll_by(-page),
        KeyCode::PageDown => state.scroll_by(page),
        KeyCode::Home => state.scroll = 0,
        _ => {}
    }
}

/// Keys while a filter is typed.
fn typed(state: &mut State, code: KeyCode) {
    match code {
        KeyCode::Char(c) if state.filter.chars().count() < LONGEST_FILTER => state.filter.push(c),
        KeyCode::Backspace => drop(state.filter.pop()),
        KeyCode::Enter => state.is_typing = false,
        KeyCode::Esc => {
            state.is_typing = false;
            state.filter.clear();
        }
        _ => return,
    }
    state.list();
}

fn moused(state: &mut State, mouse: MouseEvent) {
    let at = Position { x: mouse.column, y: mouse.row };
    let is_in_list = state.page == Page::Attempts && state.areas.list.contains(at);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) if is_in_list => {
            if let Some(place) = list::place_at(state.areas.list, at.y, state) {
                state.choose_at(place);
            }
        }
        MouseEventKind::ScrollUp if is_in_list => look(state, KeyCode::Up),
        MouseEventKind::ScrollDown if is_in_list => look(state, KeyCode::Down),
        MouseEventKind::ScrollUp => state.scroll_by(-WHEEL),
        MouseEventKind::ScrollDown => state.scroll_by(WHEEL),
        _ => {}
    }
}
