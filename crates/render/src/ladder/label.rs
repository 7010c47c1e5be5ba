//! The words beside an arrow: what is sent.

use handshake::{AckCheck, Close, Handshake, SegmentRecord, Verdict};
use parser::{Flags, IcmpError, IcmpFamily};

use crate::language::Language;
use crate::line::Line;
use crate::style::{Ink, Style};
use crate::view::{self, Relative};

/// `SYN,ACK`, `seq=2596069104 (K)`, `ack=305419897 (J+1 ✓)`.
pub(super) fn label(handshake: &Handshake, segment: &SegmentRecord, style: Style) -> Vec<Line> {
    if let Some(error) = &segment.icmp {
        return icmp(handshake, segment, error, style.language);
    }
    let relative = view::relative(handshake, segment);
    if style.compact {
        compact(segment, relative, style)
    } else {
        numbers(segment, relative, style)
    }
}

/// `FIN,ACK`, `seq=305419902 (M)`, `ack=2596069112 (N)`; in a figure `FIN M`.
pub(super) fn of_close(
    handshake: &Handshake,
    close: &Close,
    segment: &SegmentRecord,
    style: Style,
) -> Vec<Line> {
    let relative = view::relative_in_close(handshake, close, segment);
    if !style.compact {
        return numbers(segment, relative, style);
    }
    // Every FIN has an acknowledgment. It is worth a word where it is that of the other FIN.
    let ends = Flags::FIN | Flags::RST;
    let is_bare = segment.ack_check.is_none() && segment.flags.intersects(ends);
    let shown = if is_bare { ends } else { ends | Flags::ACK };
    let flags = segment.flags.intersection(shown);
    compact(&SegmentRecord { flags, ..segment.clone() }, relative, style)
}

/// All numbers, absolute and relative.
fn numbers(segment: &SegmentRecord, relative: Relative, style: Style) -> Vec<Line> {
    let mut seq = Line::of(Ink::Plain, &format!("seq={}", segment.seq));
    if let Some(relative) = relative.seq.and_then(near) {
        seq.push(Ink::Faint, &format!(" ({relative})"));
    }
    let mut units = vec![Line::of(ink(segment).bold(), &segment.flags.to_string()), seq];
    units.extend(ack(segment, relative, style));
    if segment.len > 0 {
        units.push(Line::of(Ink::Plain, &format!("len={}", segment.len)));
    }
    units
}

/// `SYN K, ACK J+1`: each flag with the number that it is about, as a textbook writes it.
fn compact(segment: &SegmentRecord, relative: Relative, style: Style) -> Vec<Line> {
    let seq = relative.seq.and_then(near);
    let ack = relative.ack.and_then(near);
    // A FIN stands behind the data of its segment.
    let fin =
        relative.seq.and_then(|(base, seq)| near((base, seq.wrapping_add_unsigned(segment.len))));
    let fin = fin.filter(|fin| matches!(fin.as_str(), "M" | "N"));
    let flags = segment.flags.to_string();
    let flags = flags.split(',').map(|flag| match (flag, segment.ack) {
        ("SYN", _) => format!("SYN {}", seq.clone().unwrap_or_else(|| segment.seq.to_string())),
        ("ACK", Some(number)) => {
            format!("ACK {}", ack.clone().unwrap_or_else(|| number.to_string()))
        }
        ("FIN", _) => fin.as_ref().map_or_else(|| flag.to_owned(), |fin| format!("FIN {fin}")),
        _ => flag.to_owned(),
    });
    let mut units = vec![Line::of(ink(segment).bold(), &flags.collect::<Vec<_>>().join(", "))];
    if let Some(wrong) = segment.ack_check.filter(|check| !check.ok()) {
        units.push(Line::of(Ink::Bad, &unexpected(segment, wrong, style)));
    }
    if segment.len > 0 {
        units.push(Line::of(Ink::Plain, &format!("len={}", segment.len)));
    }
    let again = |said| Line::of(Ink::Doubtful, style.language.say(said));
    match segment.verdict {
        Verdict::Retransmission => units.push(again("sent again")),
        Verdict::DuplicateCapture => units.push(again("captured again")),
        _ => {}
    }
    units
}

/// `K+5`, where a number is near enough to the initial one to be read as a distance from it.
fn near((base, distance): (view::IsnBase, i32)) -> Option<String> {
    (distance.unsigned_abs() < 1 << 24).then(|| view::Named((base, distance)).to_string())
}

fn ack(segment: &SegmentRecord, relative: Relative, style: Style) -> Option<Line> {
    let mut line = Line::of(Ink::Plain, &format!("ack={}", segment.ack?));
    let relative = relative.ack.and_then(near);
    match (relative, segment.ack_check) {
        (Some(relative), Some(check)) => {
            line.push(Ink::Faint, " (").append(&checked(&relative, segment, check, style));
            line.push(Ink::Faint, ")");
        }
        (Some(relative), None) => {
            line.push(Ink::Faint, &format!(" ({relative})"));
        }
        (None, Some(check)) if !check.ok() => {
            line.push(Ink::Bad, " ").push(Ink::Bad, &unexpected(segment, check, style));
        }
        (None, _) => {}
    }
    Some(line)
}

fn checked(relative: &str, segment: &SegmentRecord, check: AckCheck, style: Style) -> Line {
    if check.ok() {
        return Line::of(Ink::Good, &format!("{relative} {}", style.pick("✓", "ok")));
    }
    Line::of(Ink::Bad, &format!("{relative} {}", unexpected(segment, check, style)))
}

/// `✗ expected J+1`.
fn unexpected(segment: &SegmentRecord, check: AckCheck, style: Style) -> String {
    let cross = style.pick("✗", "wrong,");
    let expected = view::expected_ack(segment, check, style.language);
    style
        .language
        .say_with("{cross} expected {number}", &[("cross", &cross), ("number", &expected)])
}

fn icmp(
    handshake: &Handshake,
    segment: &SegmentRecord,
    error: &IcmpError,
    language: Language,
) -> Vec<Line> {
    let family = match error.family {
        IcmpFamily::V4 => "ICMP",
        IcmpFamily::V6 => "ICMPv6",
    };
    let name = error.family.meaning(error.kind, error.code);
    let mut units = vec![
        Line::of(Ink::Bad.bold(), &format!("{family} {name}")),
        Line::of(Ink::Plain, &language.say_with("from {sender}", &[("sender", &error.sender)])),
    ];
    if let Some(mtu) = error.mtu {
        units.push(Line::of(Ink::Plain, &format!("mtu={mtu}")));
    }
    if let Some(relative) = view::seq_relative(handshake, segment) {
        let number = view::Named(relative);
        let about = language.say_with("about {number}", &[("number", &number)]);
        units.push(Line::of(Ink::Faint, &about));
    }
    units
}

/// How a segment is coloured.
pub(super) fn ink(segment: &SegmentRecord) -> Ink {
    match segment.verdict {
        Verdict::DuplicateCapture => Ink::Faint,
        Verdict::Unacceptable(_) | Verdict::ChallengeAck | Verdict::Stray => Ink::Doubtful,
        Verdict::Advanced | Verdict::Retransmission => Ink::from(segment.kind),
    }
}
