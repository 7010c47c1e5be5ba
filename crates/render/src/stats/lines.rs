//! Statistics as lines, for a screen.

use answers::Group;
use handshake::Outcome;

use super::{spark, table};
use crate::Answers;
use crate::finding::nanoseconds;
use crate::line::{Line, pack, wrap};
use crate::style::{Ink, Style};
use crate::text::plural;

/// The table of the groups, and how many attempts came to no end; nothing where there is no attempt.
pub fn group_lines(answers: &Answers, style: Style) -> Vec<Line> {
    let all = answers.stats.all();
    if all.attempts == 0 {
        return Vec::new();
    }
    let mut lines = table::table(answers, &all, style);
    let open = all.outcomes[Outcome::InProgress as usize];
    if open > 0 {
        let open = format!(
            "{} still open at the end: neither failed nor established",
            plural(open, "attempt")
        );
        lines.push(Line::default());
        lines.extend(wrap(Ink::Faint, &open, style.columns()));
    }
    lines
}

/// How many attempts have each outcome: `15 attempts  established 12  refused 3`, in lines of at most
/// `columns`.
pub fn outcome_lines(outcomes: [u64; Outcome::ALL.len()], columns: usize) -> Vec<Line> {
    let mut units = vec![Line::of(Ink::Strong, &plural(outcomes.iter().sum(), "attempt"))];
    let counted = Outcome::ALL.into_iter().zip(outcomes).filter(|(_, number)| *number > 0);
    units.extend(counted.map(|one| table::counts([one].into_iter())));
    pack(&units, 2, columns)
}

/// Pictures of the attempts that ended, over time: how many began, and how long their servers took (the
/// mean in each part of the time, and the slowest of all), each in at most `columns` columns.
pub fn time_lines(group: &Group, columns: usize, style: Style) -> [Line; 2] {
    let slots = group.over_time.slots();
    let most = slots.iter().filter_map(answers::Slot::mean_server_rtt_ns).max();
    let most = most.zip(group.server_rtt.max()).map(|(mean, slowest)| {
        let [mean, slowest] = [mean, slowest].map(|ns| nanoseconds(ns, style));
        format!(" mean up to {mean}, slowest {slowest}")
    });
    let room = columns.saturating_sub(12 + most.as_ref().map_or(0, String::len));
    let mut attempts = Line::of(Ink::Faint, "attempts    ");
    attempts.append(&spark::sparkline(slots, slots.len(), room, style));
    let mut rtts = Line::of(Ink::Faint, "server RTT  ");
    rtts.append(&spark::rtts(slots, room, style));
    rtts.push(Ink::Faint, &most.unwrap_or_default());
    [attempts, rtts]
}
