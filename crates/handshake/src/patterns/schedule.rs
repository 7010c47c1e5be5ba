//! The schedules on which TCPs repeat SYN and SYN-ACK, and how to tell them by the gaps.

use std::fmt::Write;

use super::evidence::{Span, times};
use crate::segment::SegmentRecord;

/// A schedule: the gaps in seconds, and who follows it.
struct Schedule {
    gaps: &'static [u8],
    syn: &'static str,
    syn_ack: &'static str,
}

/// Linux repeats a SYN five times after 1 s each since 6.5 (`net.ipv4.tcp_syn_linear_timeouts` 4),
/// as macOS does; RFC 6298 halved the first wait from 3 s to 1 s; all double from there.
const KNOWN: [Schedule; 3] = [
    Schedule {
        gaps: &[1, 1, 1, 1, 1, 2, 4, 8, 16, 32],
        syn: "Linux 6.5 and later, and macOS",
        syn_ack: "older FreeBSD",
    },
    Schedule {
        gaps: &[1, 2, 4, 8, 16, 32, 64],
        syn: "Linux before 6.5, Windows and BSD",
        syn_ack: "Linux",
    },
    Schedule {
        gaps: &[3, 6, 12, 24, 48],
        syn: "Linux before 3.1, older Windows and BSD",
        syn_ack: "Linux before 3.1, Windows and older BSD",
    },
];

/// What is repeated.
#[derive(Clone, Copy)]
pub(super) enum Repeated {
    Syn,
    SynAck,
}

/// What a sequence of gaps fits.
#[derive(Debug, PartialEq, Eq)]
enum Fit {
    /// These schedules, from their first gap on.
    Start(Vec<usize>),
    /// These schedules, from a later gap on: the capture began after the first segments.
    Later(Vec<usize>),
    /// None of them.
    None,
}

/// `SYN sent 4 times over 7 s, at +1.0, +3.0, +7.0 s: the schedule of Linux`
pub(super) fn describe(repeated: Repeated, segments: &[&SegmentRecord]) -> String {
    let what = match repeated {
        Repeated::Syn => "SYN",
        Repeated::SynAck => "SYN-ACK",
    };
    let mut text = format!("{what} sent {}", times(segments.len()));
    let Some((first, rest)) = segments.split_first() else { return text };
    let offsets: Option<Vec<i64>> = rest.iter().map(|segment| segment.nanos_since(first)).collect();
    let Some(offsets) = offsets else { return text };
    if let Some(last) = offsets.last() {
        let places = if offsets.iter().any(|&ns| ns < 100_000_000) { 3 } else { 1 };
        let at: Vec<_> =
            offsets.iter().map(|&ns| format!("+{:.places$}", ns as f64 / 1e9)).collect();
        let fit = name(repeated, &fit(&offsets));
        let _ = write!(text, " over {}, at {} s: {fit}", Span(*last), at.join(", "));
    }
    text
}

fn name(repeated: Repeated, fit: &Fit) -> String {
    let names = |indices: &[usize]| {
        let known = indices.iter().filter_map(|&index| KNOWN.get(index));
        let names: Vec<_> = known
            .map(|schedule| match repeated {
                Repeated::Syn => schedule.syn,
                Repeated::SynAck => schedule.syn_ack,
            })
            .collect();
        names.join("; or of ")
    };
    match fit {
        Fit::Start(indices) => format!("the schedule of {}", names(indices)),
        Fit::Later(indices) => format!(
            "a later part of the schedule of {}; the part before was not captured",
            names(indices)
        ),
        Fit::None => "no known schedule".to_owned(),
    }
}

/// `offsets` are nanoseconds from the first segment to each later one.
fn fit(offsets: &[i64]) -> Fit {
    let starts = std::iter::once(0).chain(offsets.iter().copied());
    let gaps: Vec<i64> =
        offsets.iter().zip(starts).map(|(end, start)| end.saturating_sub(start)).collect();
    let all = |gaps: &[i64], expected: &[u8]| {
        gaps.len() <= expected.len() && gaps.iter().zip(expected).all(|(gap, s)| near(*gap, *s))
    };
    let fitting = |fits: &dyn Fn(&Schedule) -> bool| -> Vec<usize> {
        (0..KNOWN.len()).filter(|&index| KNOWN.get(index).is_some_and(fits)).collect()
    };
    let start = fitting(&|schedule| all(&gaps, schedule.gaps));
    if !start.is_empty() {
        return Fit::Start(start);
    }
    let later = fitting(&|schedule| {
        (1..schedule.gaps.len()).any(|from| all(&gaps, schedule.gaps.get(from..).unwrap_or(&[])))
    });
    if later.is_empty() { Fit::None } else { Fit::Later(later) }
}

/// Timers fire late, by up to an eighth with the timer wheel of Linux, and hardly ever early.
fn near(gap: i64, seconds: u8) -> bool {
    let expected = i64::from(seconds) * 1_000_000_000;
    let (early, late) = (expected / 20, expected / 7 + 30_000_000);
    gap >= expected - early && gap <= expected + late
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_the_edges_fit_nothing() {
        assert_eq!(fit(&[-1_000_000_000]), Fit::None);
        assert_eq!(fit(&[i64::MIN, i64::MAX]), Fit::None);
    }
}
