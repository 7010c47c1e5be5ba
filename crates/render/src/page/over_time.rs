//! What happened when: server RTTs, attempts and failures in each interval of the capture.

use std::cmp::Reverse;

use answers::{Durations, Group, Quantile, Stats};
use handshake::Traffic;
use maud::{Markup, html};
use parser::Timestamp;

use super::outcomes::{FULL, of};
use crate::finding::nanoseconds;
use crate::style::{Ink, Style};
use crate::svg::class;
use crate::text::{count, millisecond, span};

/// The width of an interval, and of a bar in it.
const WIDTH: u64 = 10;
const BAR: u64 = 8;
/// The height of the mark of a median.
const MARK: u64 = 24;

/// The time of a capture, in nanoseconds since 1970. The intervals begin at round times, which may be long
/// before it, and end as long after it.
#[derive(Clone, Copy)]
struct Captured {
    first: i64,
    last: i64,
}

impl Captured {
    /// How long after the first frame a time is, within the capture.
    fn since_first(self, time: i64) -> i64 {
        time.clamp(self.first, self.last).saturating_sub(self.first)
    }
}

/// An interval of time.
struct Interval {
    /// How long after the first frame it begins.
    begin: String,
    attempts: u64,
    failed: u64,
    measured: u64,
    /// The median and the longest of its server RTTs, in nanoseconds, where there is one.
    server_rtt_ns: Option<(u64, u64)>,
}

/// A picture of all intervals.
struct Chart {
    title: &'static str,
    /// What each sign stands for, and the greatest of it.
    legend: [(Markup, String); 2],
    /// The heights that are named, from top to bottom.
    scale: Vec<String>,
    markup: Markup,
}

/// Server RTTs, attempts and failures over the time of the capture, where it has one.
pub(super) fn over_time(stats: &Stats, all: &Group, traffic: &Traffic, style: Style) -> Markup {
    let scale = stats.scale();
    let slots = all.over_time.slots().len();
    let (Some(begin), Some(end), Some(width)) =
        (scale.begin_of(0), scale.begin_of(slots), scale.width_ns())
    else {
        return html! {};
    };
    if slots < 2 {
        return html! {};
    }
    let captured = traffic.first.zip(traffic.last).map_or((begin, end), |(first, last)| {
        (first.as_nanos(), last.as_nanos().max(first.as_nanos()))
    });
    let captured = Captured { first: captured.0, last: captured.1 };
    let intervals = intervals(stats, all, captured, style);
    let axis = [begin, end].map(|time| span(captured.since_first(time), style.unicode));
    let begin = Timestamp::from_nanos(begin.clamp(captured.first, captured.last));
    html! {
        section aria-labelledby="over-time" {
            h2 id="over-time" { "Over time" }
            p .faint {
                "In intervals of " (span(width, style.unicode)) ", from "
                (millisecond(begin, &style.zone())) " on."
            }
            @for chart in server_rtts(&intervals, style).into_iter().chain([attempts(&intervals)]) {
                (figure(&chart, intervals.len(), &axis))
            }
            (table(&intervals, style))
        }
    }
}

fn intervals(stats: &Stats, all: &Group, captured: Captured, style: Style) -> Vec<Interval> {
    let scale = stats.scale();
    let rtts = stats.server_rtts().iter().map(Some).chain(std::iter::repeat(None));
    let slots = all.over_time.slots().iter().zip(rtts).enumerate();
    let interval = slots.map(|(at, (slot, rtts))| {
        let begin = captured.since_first(scale.begin_of(at).unwrap_or_default());
        let median = rtts.and_then(|rtts| rtts.quantile(Quantile::P50, stats.coarse()));
        Interval {
            begin: span(begin, style.unicode),
            attempts: slot.attempts.into(),
            failed: slot.failed.into(),
            measured: rtts.map_or(0, Durations::count),
            server_rtt_ns: median.zip(rtts.and_then(Durations::max)),
        }
    });
    interval.collect()
}

/// The median and the slowest of each interval, on a scale of powers of ten: what is usual is a small
/// part of what is slow.
fn server_rtts(intervals: &[Interval], style: Style) -> Option<Chart> {
    let measured = || intervals.iter().filter_map(|it| Some((it, it.server_rtt_ns?)));
    let (_, (least, _)) = measured().min_by_key(|(_, (median, _))| *median)?;
    let (usual, (median, _)) = measured().min_by_key(|(_, (median, _))| Reverse(*median))?;
    let (slowest, (_, most)) = measured().min_by_key(|(_, (_, max))| Reverse(*max))?;
    let decades = Decades::of(least, most);
    let ink = class(Ink::SynAck);
    let bar = |x, from, to| html! { rect .(ink) .range x=(x) y=(FULL - to) width=(BAR) height=(to - from) {} };
    let mark = |x, top, height| html! { rect .(ink) x=(x) y=(FULL.saturating_sub(top)) width=(BAR) height=(height) {} };
    let text =
        |name, ns, it: &Interval| format!("{name} {}, at {}", nanoseconds(ns, style), it.begin);
    Some(Chart {
        title: "server RTT",
        legend: [
            (mark(1, FULL / 2, FULL / 5), text("median at most", median, usual)),
            (bar(1, 0, FULL), text("up to the slowest:", most, slowest)),
        ],
        scale: decades.marks().map(|ns| nanoseconds(ns, style)).collect(),
        markup: html! {
            @for (at, interval) in (0..).zip(intervals) {
                @if let Some((median, max)) = interval.server_rtt_ns {
                    @let (x, median, max) = (WIDTH * at + 1, decades.height(median), decades.height(max));
                    (bar(x, median, max))
                    (mark(x, median + MARK / 2, MARK))
                }
            }
        },
    })
}

/// The attempts of each interval, and how many of them failed.
fn attempts(intervals: &[Interval]) -> Chart {
    type Value = fn(&Interval) -> u64;
    let (all, failed): (Value, Value) = (|it| it.attempts, |it| it.failed);
    let greatest = |value: Value| intervals.iter().min_by_key(|it| Reverse(value(it)));
    let text = |name, value: Value| match greatest(value) {
        Some(it) if value(it) > 0 => {
            format!("{name} at most {}, at {}", count(value(it)), it.begin)
        }
        _ => format!("{name} none"),
    };
    let most = greatest(all).map_or(0, all);
    let bar = |ink, x, height| {
        html! {
            @if height > 0 {
                rect class=(class(ink)) x=(x) y=(FULL - height) width=(BAR) height=(height) {}
            }
        }
    };
    Chart {
        title: "attempts",
        legend: [
            (bar(Ink::Syn, 1, FULL), text("began:", all)),
            (bar(Ink::Bad, 1, FULL), text("of these failed:", failed)),
        ],
        scale: vec![count(most), count(0)],
        markup: html! {
            @for (at, interval) in (0..).zip(intervals) {
                @let x = WIDTH * at + 1;
                (bar(Ink::Syn, x, of(interval.attempts, most)))
                (bar(Ink::Bad, x, of(interval.failed, most)))
            }
        },
    }
}

fn figure(chart: &Chart, intervals: usize, axis: &[String; 2]) -> Markup {
    let Chart { title, legend, scale, markup } = chart;
    let [(_, one), (_, other)] = legend;
    let label = format!("{title} over time: {one}; {other}");
    let width = WIDTH * intervals as u64;
    html! {
        figure .over-time {
            figcaption {
                b { (title) }
                @for (sign, text) in legend {
                    " " span .legend {
                        svg aria-hidden="true" viewBox=(format!("0 0 {WIDTH} {FULL}"))
                            preserveAspectRatio="none" { (sign) }
                        " " (text)
                    }
                }
            }
            div .scale aria-hidden="true" { @for mark in scale { span { (mark) } } }
            svg role="img" aria-label=(label) viewBox=(format!("0 0 {width} {FULL}"))
                preserveAspectRatio="none" {
                @for at in 0..scale.len() as u64 {
                    @let y = FULL * at / (scale.len() as u64 - 1).max(1);
                    line .faint-line .grid x1="0" y1=(y) x2=(width) y2=(y) {}
                }
                (markup)
            }
            div .axis aria-hidden="true" { @for time in axis { span { (time) } } }
        }
    }
}

/// The same in numbers. Intervals without an attempt are left out.
fn table(intervals: &[Interval], style: Style) -> Markup {
    let titles = ["from", "attempts", "failed", "server RTTs", "median", "slowest"];
    html! {
        details {
            summary { "The numbers of the intervals" }
            div .wide tabindex="0" role="region" aria-label="Table of the intervals" {
                table {
                    thead { tr { @for title in titles { th scope="col" { (title) } } } }
                    tbody {
                        @for interval in intervals.iter().filter(|it| it.attempts > 0) {
                            (row(interval, style))
                        }
                    }
                }
            }
        }
    }
}

fn row(interval: &Interval, style: Style) -> Markup {
    let Interval { begin, attempts, failed, measured, server_rtt_ns } = interval;
    let (median, slowest) = server_rtt_ns.unzip();
    html! {
        tr {
            th scope="row" { (begin) }
            @for number in [attempts, failed, measured] { td .number { (count(*number)) } }
            @for ns in [median, slowest] {
                td .number { (ns.map(|ns| nanoseconds(ns, style)).unwrap_or_default()) }
            }
        }
    }
}

/// A scale of powers of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decades {
    /// The exponents at its begin and at its end.
    low: u32,
    high: u32,
    /// How many powers of ten there are from one named one to the next.
    step: u32,
}

impl Decades {
    /// As many as are named, but one.
    const NAMED: u32 = 5;

    /// The scale that has room for durations from `least` to `most`.
    fn of(least: u64, most: u64) -> Self {
        let low = least.max(1).ilog10();
        let above = most.saturating_sub(1).max(1).ilog10() + 1;
        let decades = above.saturating_sub(low).max(1);
        let step = decades.div_ceil(Self::NAMED);
        Self { low, high: low + decades.next_multiple_of(step), step }
    }

    /// The durations that are named, from top to bottom.
    fn marks(self) -> impl Iterator<Item = u64> {
        let Self { low, high, step } = self;
        (low..=high).rev().step_by(step as usize).map(|power| 10_u64.saturating_pow(power))
    }

    /// How high a duration stands.
    #[expect(clippy::cast_sign_loss, reason = "the scale begins at the least or below")]
    fn height(self, ns: u64) -> u64 {
        let above = (ns.max(1) as f64).log10() - f64::from(self.low);
        (above / f64::from(self.high - self.low) * FULL as f64).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_room_for_what_is_drawn() {
        let named = |least, most| {
            let decades = Decades::of(least, most);
            assert!(decades.height(least) <= decades.height(most) && decades.height(most) <= FULL);
            decades.marks().collect::<Vec<_>>()
        };
        assert_eq!(named(0, 0), [10, 1]);
        assert_eq!(named(10, 10), [100, 10]);
        assert_eq!(named(1_000, 10_000), [10_000, 1_000]);
        assert_eq!(named(2_000, 10_001), [100_000, 10_000, 1_000]);
        assert_eq!(
            named(7, 1_000_000_000),
            [10_000_000_000, 100_000_000, 1_000_000, 10_000, 100, 1]
        );
        assert_eq!(named(1, u64::MAX).len(), 6);
        let decades = Decades::of(1_000, 1_000_000);
        assert_eq!([1_000, 10_000, 1_000_000].map(|ns| decades.height(ns)), [0, 333, 1_000]);
    }
}
