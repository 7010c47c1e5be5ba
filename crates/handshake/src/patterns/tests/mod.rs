//! For each pattern a record that shows it, and its look-alike, which must not.

mod establishment;
mod icmp;
mod names;
mod negotiation;
mod opening;
mod recovery;
mod refusal;
mod silence;
mod story;
mod tuple;

use story::Story;

use super::{Pattern, PatternName, recognise};

/// ISNs near the wrap and the sign change: each story is told with all of them, over IPv4 and IPv6.
const ISNS: [(u32, u32); 4] =
    [(1000, 5000), (u32::MAX, u32::MAX), (0x7fff_ffff, 0x8000_0000), (u32::MAX - 1, 0)];

/// The names of all patterns in the story, which are the same whatever the ISNs and the family.
#[track_caller]
fn names(tell: impl Fn(Story) -> Story) -> Vec<&'static str> {
    let mut told = ISNS.iter().flat_map(|&(j, k)| {
        [Story::v4(j, k), Story::v6(j, k)].map(|story| {
            let patterns = recognise(&tell(story).record());
            patterns.iter().map(|pattern| pattern.name.name()).collect::<Vec<_>>()
        })
    });
    let first = told.next().expect("there are ISNs");
    for other in told {
        assert_eq!(other, first);
    }
    first
}

/// The frames and the note of one pattern in the story.
#[track_caller]
fn finding(name: PatternName, tell: impl Fn(Story) -> Story) -> (Vec<u64>, String) {
    let patterns = recognise(&tell(Story::v4(u32::MAX, 0x7fff_ffff)).record());
    let found: Option<Pattern> = patterns.iter().find(|pattern| pattern.name == name).cloned();
    let pattern = found.unwrap_or_else(|| panic!("{name:?} is not among {patterns:?}"));
    (pattern.frames, pattern.note)
}
