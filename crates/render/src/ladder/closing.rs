//! What is said below a ladder: the outcome, the clocks, the patterns.

use handshake::{Outcome, Pattern};
use parser::Origin;

use super::compact;
use crate::Record;
use crate::language::Language;
use crate::style::{Ink, Style};
use crate::view::{self, Clock};

/// What is said of an attempt as a whole.
#[derive(Debug)]
pub(crate) struct Closing {
    /// A sign for the outcome.
    pub(crate) mark: &'static str,
    /// How the outcome is coloured.
    pub(crate) ink: Ink,
    /// The outcome, in words.
    pub(crate) outcome: String,
    /// What is to be known about it.
    pub(crate) remarks: Vec<Remark>,
    /// The clocks.
    pub(crate) clocks: Vec<Clock>,
    /// What was recognised.
    pub(crate) patterns: Vec<Recognised>,
    /// How to find the attempt in other programs, and what they print of it.
    pub(crate) elsewhere: Vec<Remark>,
}

/// A text, below a title where it has one.
#[derive(Debug)]
pub(crate) struct Remark {
    pub(crate) title: &'static str,
    pub(crate) ink: Ink,
    pub(crate) text: String,
}

/// A pattern: its name with its frames, what was found, the look-alike, the next step.
#[derive(Debug)]
pub(crate) struct Recognised {
    pub(crate) name: &'static str,
    pub(crate) frames: String,
    pub(crate) remarks: Vec<Remark>,
}

impl Remark {
    fn new(title: &'static str, ink: Ink, text: impl Into<String>) -> Self {
        Self { title, ink, text: text.into() }
    }
}

/// What is said below the ladder of an attempt.
pub(crate) fn closing(record: &Record<'_>, style: Style) -> Closing {
    let handshake = record.handshake;
    let bare = Closing {
        mark: mark(handshake.outcome, style),
        ink: Ink::from(handshake.outcome),
        outcome: view::outcome(handshake, style),
        remarks: Vec::new(),
        clocks: Vec::new(),
        patterns: Vec::new(),
        elsewhere: Vec::new(),
    };
    if style.compact {
        let legend = compact::legend(record, style).into_iter();
        let remarks = legend.map(|sign| Remark::new("", Ink::Faint, sign)).collect();
        return Closing { remarks, ..bare };
    }
    let (outcome, reason) = (handshake.outcome.name(), view::ended_by(handshake.ended_by));
    let reason = style.language.say(reason);
    let ended = style
        .language
        .say_with("{outcome}, {reason}", &[("outcome", &outcome), ("reason", &reason)]);
    let mut remarks = vec![Remark::new("", Ink::Faint, ended)];
    remarks.extend(view::fins(handshake).map(|said| Remark::new("", Ink::Faint, said)));
    let caveats = view::caveats(handshake, style);
    remarks.extend(caveats.into_iter().map(|caveat| Remark::new("", Ink::Doubtful, caveat)));
    let mut elsewhere = Vec::new();
    if style.explain {
        let end = view::explain_end(handshake, style.language);
        remarks.extend(end.map(|text| Remark::new("", Ink::Call, text)));
        elsewhere.extend(filters(record, style.language));
    }
    if style.compare {
        let printed = view::compared(handshake, style.unicode);
        let remark = |(program, printed)| Remark::new(program, Ink::Faint, printed);
        elsewhere.extend(printed.into_iter().map(remark));
    }
    Closing {
        remarks,
        clocks: view::clocks(handshake, style),
        patterns: record
            .patterns
            .iter()
            .map(|pattern| recognised(pattern, style.language))
            .collect(),
        elsewhere,
        ..bare
    }
}

/// How to find the frames in Wireshark.
fn filters<'a>(record: &'a Record<'_>, language: Language) -> impl Iterator<Item = Remark> + 'a {
    view::wireshark_filters(record.handshake).enumerate().map(move |(index, filter)| {
        let origin = Origin { source: filter.source, interface: None };
        let text = match record.names.source(origin).filter(|_| index > 0) {
            Some(source) => format!("in {source}: {}", filter.text()),
            None => filter.text(),
        };
        Remark::new(language.say("in Wireshark"), Ink::Faint, text)
    })
}

fn mark(outcome: Outcome, style: Style) -> &'static str {
    match outcome {
        Outcome::Established => style.pick("✓", "+"),
        Outcome::Refused | Outcome::Reset | Outcome::Unreachable => style.pick("✗", "x"),
        Outcome::EstablishedClientOnly | Outcome::Unanswered | Outcome::Unacknowledged => "!",
        Outcome::InProgress => style.pick("…", "~"),
    }
}

fn recognised(pattern: &Pattern, language: Language) -> Recognised {
    let frames: Vec<_> = pattern.frames.iter().map(u64::to_string).collect();
    let frames = match frames.len() {
        0 => String::new(),
        1 => format!("frame {}", frames[0]),
        _ => format!("frames {}", frames.join(" ")),
    };
    let mut remarks = vec![Remark::new("", Ink::Plain, pattern.note.to_string())];
    for (title, text) in [
        (language.say("differs from"), pattern.differs_from),
        (language.say("check next"), pattern.check_next),
    ] {
        if !text.is_empty() {
            remarks.push(Remark::new(title, Ink::Faint, language.say(text)));
        }
    }
    Recognised { name: pattern.name.name(), frames, remarks }
}
