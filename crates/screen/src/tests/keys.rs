//! What the state makes of attempts, keys and the mouse.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};

use handshake::{Handshake, Outcome};
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use render::Record;

use super::fixture::{
    ROOM, STORIES, STYLE, attempt, empty, hand, hear, hearing, key, press, seen, told, told_more,
};
use crate::feed::{Feed, MOST_COPIED};
use crate::history::{Attempt, History, MOST};
use crate::keys::{Request, obey};
use crate::save::save;
use crate::state::{Doing, Order, Page, Setup, State};

const SIZE: (u16, u16) = (80, 24);

fn selected(state: &State) -> Option<u64> {
    state.selected().map(|attempt| attempt.handshake.id)
}

#[test]
fn the_newest_come_first_or_the_worst() {
    let mut state = hearing(&told());
    assert_eq!(state.listed, [6, 5, 4, 3, 2, 1]);
    press(&mut state, "o");
    assert_eq!((state.order, &state.listed[..2]), (Order::Worst, &[5, 3][..]));
    press(&mut state, "o");
    assert_eq!(state.listed, [6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_filter_keeps_what_has_all_of_its_words() {
    let mut state = hearing(&told());
    press(&mut state, "/Refused");
    assert_eq!(state.listed, [3]);
    press(&mut state, "\x1b/10.0.0.2 est\n");
    assert_eq!((state.listed.as_slice(), state.is_typing), (&[6, 2, 1][..], false));
    press(&mut state, "/x");
    assert_eq!((selected(&state), state.listed.len()), (None, 0));
    press(&mut state, "\x1b");
    assert_eq!(state.listed.len(), STORIES.len());
}

#[test]
fn the_list_is_seen_where_it_is_filtered() {
    let mut state = hearing(&told());
    press(&mut state, "\n/443");
    let text = seen(&mut state, SIZE);
    let rows = text.lines().filter(|line| line.ends_with(" 61 µs")).count();
    assert_eq!(rows, 4, "{text}");
}

#[test]
fn a_filter_knows_the_names_of_hosts() {
    let mut state = hearing(&told_more());
    press(&mut state, "/WWW.example");
    assert_eq!(state.listed, [1]);
    press(&mut state, "x");
    assert!(state.listed.is_empty());
}

#[test]
fn the_end_of_a_ladder_that_grows_is_shown_until_somebody_scrolls() {
    let is_at_end = |keys: &str| {
        let mut state = State::new(Setup {
            title: "late".to_owned(),
            doing: Doing::Playing,
            style: STYLE,
            most_bytes: ROOM,
        });
        hear(&mut state, &told());
        press(&mut state, keys);
        seen(&mut state, SIZE).contains("established in")
    };
    assert_eq!([is_at_end(""), is_at_end("[")], [true, false]);
}

#[test]
fn names_of_files_come_where_they_have_changed() {
    let feed = told();
    let names = |feed: &Feed| feed.take(true).map(|news| news.names.is_some());
    assert_eq!(names(&feed), Some(true));
    feed.tell_dropped(1);
    assert_eq!(names(&feed), Some(false));
    let mut state = hearing(&told());
    feed.tell_dropped(2);
    hear(&mut state, &feed);
    assert_eq!(state.names.sources().len(), 1);
}

#[test]
fn letters_of_a_filter_are_no_commands() {
    let mut state = hearing(&told());
    press(&mut state, "/q?g");
    assert_eq!((state.is_over, state.page, state.filter.as_str()), (false, Page::Attempts, "q?g"));
    obey(&mut state, &Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    assert!(state.is_over);
}

#[test]
fn the_selection_stays_on_its_attempt() {
    let feed = told();
    let mut state = hearing(&feed);
    assert_eq!(selected(&state), Some(6));
    press(&mut state, "↓↓");
    assert_eq!(selected(&state), Some(4));
    hand(&feed, &attempt(7, STORIES[0]), None);
    hear(&mut state, &feed);
    assert_eq!((selected(&state), state.place()), (Some(4), 3));
    obey(&mut state, &key(KeyCode::Home));
    hand(&feed, &attempt(8, STORIES[0]), None);
    hear(&mut state, &feed);
    assert_eq!(selected(&state), Some(8));
}

#[test]
fn a_paused_list_stands_still_while_counting_goes_on() {
    let feed = told();
    let mut state = hearing(&feed);
    press(&mut state, " ");
    hand(&feed, &attempt(7, STORIES[2]), None);
    hear(&mut state, &feed);
    assert_eq!(state.listed, [6, 5, 4, 3, 2, 1]);
    assert_eq!(state.stands.outcomes[Outcome::Refused as usize], 2);
    press(&mut state, " ");
    hear(&mut state, &feed);
    assert_eq!(state.listed, [7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn an_attempt_that_changes_is_counted_once() {
    let feed = Feed::new(ROOM);
    let early = attempt(1, STORIES[4]);
    let late = attempt(1, STORIES[0]);
    hand(&feed, &early, None);
    hand(&feed, &late, Some(early.outcome));
    let state = hearing(&feed);
    assert_eq!(state.stands.outcomes.iter().sum::<u64>(), 1);
    assert_eq!(state.stands.outcomes[Outcome::Established as usize], 1);
    assert_eq!(state.selected().map(|it| it.handshake.outcome), Some(Outcome::Established));
}

/// A copy of an attempt with another id.
fn copy(of: &Attempt, id: u64) -> Attempt {
    let mut copy = of.clone();
    copy.handshake.id = id;
    copy
}

#[test]
fn the_history_has_a_bound_in_attempts_and_in_bytes() {
    let feed = told();
    let state = hearing(&feed);
    let one = state.selected().expect("an attempt");
    let mut history = History::new(usize::MAX);
    (1..=MOST as u64 + 5).for_each(|id| history.insert(copy(one, id)));
    assert_eq!((history.newest_first().count(), history.gone), (MOST, 5));
    // What left does not come back.
    history.insert(copy(one, 3));
    assert_eq!((history.get(3).is_none(), history.gone), (true, 5));
    let mut history = History::new(one.bytes() * 3);
    (1..=10).for_each(|id| history.insert(copy(one, id)));
    let left: Vec<_> = history.newest_first().map(|(id, _)| id).collect();
    assert_eq!((left.as_slice(), history.gone), (&[10, 9, 8][..], 7));
}

#[test]
fn what_comes_too_fast_is_counted_and_said() {
    let feed = Feed::new(1);
    for id in 1..=3 {
        hand(&feed, &attempt(id, STORIES[0]), None);
    }
    let mut state = hearing(&feed);
    assert_eq!((state.listed.len(), state.history.gone), (0, 3));
    assert_eq!(state.stands.outcomes.iter().sum::<u64>(), 3);
    assert!(seen(&mut state, SIZE).contains("3 attempts left out of the list"));
}

#[test]
fn between_two_looks_so_many_attempts_are_copied_and_those_that_change() {
    let feed = Feed::of_live(usize::MAX);
    let (early, late) = (attempt(1, STORIES[4]), attempt(1, STORIES[0]));
    let of_id = |id| Handshake { id, ..early.clone() };
    let most = MOST_COPIED as u64;
    (1..=most + 2).for_each(|id| hand(&feed, &of_id(id), None));
    hand(&feed, &late, Some(early.outcome));
    let mut state = hearing(&feed);
    assert_eq!((state.listed.len(), state.history.gone), (MOST_COPIED, 2));
    assert_eq!(state.stands.outcomes.iter().sum::<u64>(), most + 2);
    assert_eq!(state.history.get(1).map(|it| it.handshake.outcome), Some(Outcome::Established));
    hand(&feed, &of_id(most + 3), None);
    hear(&mut state, &feed);
    assert_eq!((selected(&state), state.history.gone), (Some(most + 3), 2));
}

#[test]
fn steps_go_from_the_first_segment_to_the_outcome_and_back() {
    let mut state = hearing(&told());
    let mut steps = Vec::new();
    for key in ["→", "→", "→", "→", "←", "←"] {
        press(&mut state, key);
        steps.push(state.steps);
    }
    assert_eq!(steps, [Some(1), Some(2), Some(3), None, Some(3), Some(2)]);
    let text = seen(&mut state, (80, 40));
    assert!(text.contains("SYN,ACK") && !text.contains("established in"), "{text}");
    assert!(text.contains("The kernel answers for the listening program"), "{text}");
    press(&mut state, "↓");
    assert_eq!(state.steps, None);
}

#[test]
fn each_step_has_its_own_meaning_also_where_a_program_calls() {
    let mut state = hearing(&told_more());
    for (step, meaning) in [
        "the client calls connect(), which blocks",
        "This is what connect() does",
        "The kernel answers for the listening program",
        "It says that K arrived",
        "connect() returns 0: the client goes on",
    ]
    .into_iter()
    .enumerate()
    {
        press(&mut state, "→");
        let text = seen(&mut state, (100, 40));
        assert!(text.contains(&format!("step {} of 5: ", step + 1)), "{text}");
        assert!(text.contains(meaning), "{meaning}: {text}");
    }
    press(&mut state, "→");
    assert_eq!(state.steps, None);
}

#[test]
fn what_stands_behind_a_long_id_is_whole() {
    for id in [99_999, 100_000, 123_456_789_012] {
        let feed = told();
        hand(&feed, &Handshake { id, ..attempt(7, STORIES[0]) }, None);
        let text = seen(&mut hearing(&feed), SIZE);
        let rows = [&id.to_string(), "10.0.0.7:40004"]
            .map(|what| text.lines().find(|line| line.contains(what)).unwrap_or_default());
        assert!(rows.iter().all(|row| row.ends_with(" 61 µs")), "{text}");
        // Its columns are those of the others.
        assert_eq!(rows[0].chars().count(), rows[1].chars().count(), "{text}");
    }
}

#[test]
fn a_click_selects_and_the_wheel_scrolls() {
    let mut state = hearing(&told());
    seen(&mut state, SIZE);
    let mouse = |kind, row| {
        Event::Mouse(MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE })
    };
    let list = state.areas.list;
    obey(&mut state, &mouse(MouseEventKind::Down(MouseButton::Left), list.y + 3));
    assert_eq!(selected(&state), Some(4));
    obey(&mut state, &mouse(MouseEventKind::ScrollDown, list.y));
    assert_eq!(selected(&state), Some(3));
    let ladder = state.areas.ladder;
    obey(&mut state, &mouse(MouseEventKind::ScrollDown, ladder.y));
    assert_eq!(state.scroll, 3);
    // The titles are no attempt.
    obey(&mut state, &mouse(MouseEventKind::Down(MouseButton::Left), list.y));
    assert_eq!(selected(&state), Some(3));
}

#[test]
fn esc_leaves_one_thing_at_a_time() {
    let mut state = hearing(&told());
    press(&mut state, "/443\n↓\n→?");
    let mut left = Vec::new();
    for _ in 0..5 {
        press(&mut state, "\x1b");
        let State { page, steps, is_zoomed, filter, .. } = &state;
        left.push((*page, steps.is_some(), *is_zoomed, filter.len(), selected(&state)));
    }
    assert_eq!(
        left,
        [
            (Page::Attempts, true, true, 3, Some(4)),
            (Page::Attempts, false, true, 3, Some(4)),
            (Page::Attempts, false, false, 3, Some(4)),
            (Page::Attempts, false, false, 0, Some(4)),
            (Page::Attempts, false, false, 0, Some(6)),
        ]
    );
}

#[test]
fn keys_ask_for_what_the_state_can_t_do() {
    let mut state = empty();
    assert_eq!(press(&mut state, "sS"), [Request::Save, Request::Picture]);
    let suspend = Event::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));
    assert_eq!(obey(&mut state, &suspend), Some(Request::Suspend));
    press(&mut state, "q");
    assert!(state.is_over);
}

#[test]
fn an_attempt_is_saved_and_nothing_is_written_over() {
    let state = hearing(&told());
    let record = state.record().expect("an attempt");
    let directory = std::env::temp_dir().join(format!("synscope-screen-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let copy = |record: &Record<'_>, mut file: File| {
        write!(file, "{}", record.handshake.id).map_err(|error| error.to_string())
    };
    let said = save(&record, STYLE, &directory, &copy);
    let read = |ending| fs::read_to_string(directory.join(format!("attempt-6.{ending}")));
    let (json, svg, packets) = (read("json"), read("svg"), read("pcapng"));
    fs::remove_file(directory.join("attempt-6.json")).expect("it is there");
    let again = save(&record, STYLE, &directory, &copy);
    let left = fs::read_dir(&directory).expect("it is there").count();
    fs::remove_dir_all(&directory).expect("it was made here");
    assert_eq!(said.expect("it is saved"), "saved attempt-6.json, .svg and .pcapng");
    let error = again.expect_err("it is there");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.to_string().starts_with("attempt-6.svg: "), "{error}");
    assert_eq!((packets.expect("a file").as_str(), left), ("6", 2));
    assert!(json.expect("a file").contains("\"established\""));
    assert!(svg.expect("a file").trim_end().ends_with("</svg>"));
}

#[test]
fn where_packets_can_t_be_saved_the_rest_is_and_the_reason_is_said() {
    let state = hearing(&told());
    let record = state.record().expect("an attempt");
    let directory = std::env::temp_dir().join(format!("synscope-packets-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let said = save(&record, STYLE, &directory, &|_, _| Err("nobody keeps them".to_owned()));
    let left = fs::read_dir(&directory).expect("it is there").count();
    fs::remove_dir_all(&directory).expect("it was made here");
    let expected = "saved attempt-6.json and .svg; no packets: nobody keeps them";
    assert_eq!((said.expect("it is saved").as_str(), left), (expected, 2));
}
