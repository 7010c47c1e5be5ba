//! Each part of the screen, drawn at several sizes.

use std::path::Path;

use handshake::{Handshake, Outcome};
use proptest::prelude::*;

use crate::state::State;

use super::fixture::{STORIES, attempt, empty, hand, hear, hearing, press, seen, told, told_more};

/// A terminal of the first days, the usual one, a large one, and one that is too small.
const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (40, 10)];

/// Compares with a golden file of tests/goldens.
#[track_caller]
fn golden(name: &str, text: &str) {
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    testkit::golden(goldens.join(name), text);
}

/// Draws what these keys show, at every size.
#[track_caller]
fn goldens(name: &str, keys: &str) {
    for size in SIZES {
        let mut state = hearing(&told());
        press(&mut state, keys);
        golden(&format!("{name}-{}x{}.txt", size.0, size.1), &seen(&mut state, size));
    }
}

#[test]
fn the_attempts_and_the_ladder() {
    goldens("attempts", "↓");
}

#[test]
fn a_step_of_the_ladder_and_its_meaning() {
    goldens("step", "→→");
}

#[test]
fn the_ladder_with_all_the_room() {
    goldens("zoomed", "\ne");
}

#[test]
fn the_worst_first_and_paused() {
    goldens("worst", "o ");
}

#[test]
fn a_filter_that_is_typed() {
    goldens("filter", "/443 10.0");
}

#[test]
fn the_groups() {
    goldens("groups", "g");
}

#[test]
fn the_help() {
    goldens("help", "?");
}

#[test]
fn names_of_hosts_and_calls() {
    for size in SIZES {
        let mut state = hearing(&told_more());
        golden(&format!("names-{}x{}.txt", size.0, size.1), &seen(&mut state, size));
    }
}

#[test]
fn nothing_yet() {
    for size in SIZES {
        golden(&format!("empty-{}x{}.txt", size.0, size.1), &seen(&mut empty(), size));
    }
}

/// Two attempts of one part of the time.
#[test]
fn the_slowest_server_is_said_beside_the_means() {
    let feed = told();
    let mut slow = attempt(7, STORIES[0]);
    slow.timing.server_rtt_ns = Some(5_000_000_000);
    slow.timing.start = attempt(6, STORIES[5]).timing.start;
    hand(&feed, &slow, None);
    let text = seen(&mut hearing(&feed), (120, 40));
    assert!(text.contains(" mean up to 2.5 s, slowest 5 s"), "{text}");
}

#[test]
fn what_is_said_is_whole_on_a_small_screen() {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let has = |state: &mut State, sentence: &str| {
        let text = seen(state, (80, 24));
        let found = words(&text).windows(words(sentence).len()).any(|some| some == words(sentence));
        assert!(found, "{sentence}: {text}");
    };
    let feed = told();
    let verdict = "not as expected: attempt 1 is established, expected established_client_only; attempt 4 \
        is established_client_only, expected established; found 4 attempts, expected 5";
    feed.say(verdict.to_owned());
    let mut state = hearing(&feed);
    has(&mut state, verdict);
    let message = "saved attempt-1.json and .svg; no packets: standard input can't be read twice, so save \
        it as a file first";
    state.message = Some(message.to_owned());
    has(&mut state, message);
    has(&mut state, "q quit");
    press(&mut state, "?");
    has(&mut state, "save the attempt here: attempt-N.json, .svg and .pcapng S");
    let narrow = seen(&mut state, (60, 40));
    assert!(
        narrow.contains("quit; the totals follow on the normal\n                    screen\n"),
        "{narrow}"
    );
    state.title = "a-directory/".repeat(9);
    assert!(seen(&mut state, (80, 24)).lines().next().is_some_and(|line| line.ends_with('…')));
}

#[test]
fn attempts_without_an_end_are_told_apart_from_those_that_did_not_fail() {
    let feed = told();
    let open = Handshake { id: 7, outcome: Outcome::InProgress, ..attempt(7, STORIES[4]) };
    hand(&feed, &open, None);
    let mut state = hearing(&feed);
    press(&mut state, "g");
    let text = seen(&mut state, (80, 24));
    assert!(
        text.contains("\n1 attempt still open at the end: neither failed nor established\n"),
        "{text}"
    );
    let mut state = empty();
    press(&mut state, "g");
    assert!(seen(&mut state, (80, 24)).contains("no attempt has ended yet"));
    state.stands.has_ended = true;
    assert!(seen(&mut state, (80, 24)).contains("there was no attempt"));
}

#[test]
fn without_unicode_all_is_ascii() {
    for page in ["", "g", "?", "→", "\ne"] {
        let mut state = empty();
        state.style.unicode = false;
        hear(&mut state, &told());
        press(&mut state, page);
        let text = seen(&mut state, (120, 40));
        assert!(text.is_ascii(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(50) })]

    /// Whatever the size is and whatever is pressed: nothing panics, and the footer says how to quit.
    #[test]
    fn the_way_out_is_always_seen(
        size in (1_u16..260, 1_u16..80),
        keys in "[→←↑↓jkhlegos?/\n\x1b \\[\\]a0-9]{0,20}",
    ) {
        let mut state = hearing(&told());
        for key in keys.chars() {
            press(&mut state, &key.to_string());
            let text = seen(&mut state, size);
            let footer = text.lines().last().unwrap_or_default();
            let quit = if state.is_typing { "^C quit" } else { "q quit" };
            let quit: String = quit.chars().take(size.0.into()).collect();
            prop_assert!(footer.starts_with(quit.trim_end()), "{size:?} {keys:?}\n{text}");
        }
    }
}
