//! Each part of the screen, drawn at several sizes.

use std::path::Path;

use proptest::prelude::*;

use super::fixture::{empty, hear, hearing, press, seen, told, told_more};

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
