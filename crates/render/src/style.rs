//! How text looks: what the terminal can do, and what the user wants of it.

use handshake::{Kind, Outcome};
use jiff::tz::TimeZone;

use crate::language::Language;

mod wanted;

pub use wanted::{Column, Wanted};

/// How the views for people look. The caller knows the terminal; the views don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// Whether to draw with more than ASCII.
    pub unicode: bool,
    /// Columns of the terminal. No line is longer, down to 60: what is narrower is taken for 60. `None`
    /// is a place that is no terminal: pictures and totals take 100 columns, and nothing is cut.
    pub width: Option<u16>,
    /// Whether a picture is the figure of a textbook: only what the handshake is made of.
    pub compact: bool,
    /// Whether to say what each step means.
    pub explain: bool,
    /// Whether to say what other programs print.
    pub compare: bool,
    /// How times are written.
    pub time: TimeFormat,
    /// The columns of the table that give way last.
    pub wanted: Wanted,
    /// What is said to people is said in this language.
    pub language: Language,
    /// The colours of pictures that are no text.
    pub theme: Theme,
}

/// What paper a picture is drawn for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light, or dark where the reader's system is.
    #[default]
    Auto,
    /// White paper.
    Light,
    /// Black paper.
    Dark,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// As durations since the first segment.
    Relative,
    /// As date and time of day, UTC.
    Utc,
    /// As date and time of day where the program runs.
    Local,
    /// As seconds since 1970.
    Epoch,
}

impl Style {
    /// The columns to fill where nothing limits them.
    const COLUMNS: u16 = 100;

    /// For a place that is no terminal: no colour, ASCII.
    pub const PLAIN: Self = Self {
        color: false,
        unicode: false,
        width: None,
        compact: false,
        explain: false,
        compare: false,
        time: TimeFormat::Utc,
        wanted: Wanted::NONE,
        language: Language::English,
        theme: Theme::Auto,
    };

    /// The columns to fill.
    pub fn columns(self) -> usize {
        self.limit().unwrap_or(Self::COLUMNS.into())
    }

    /// The columns that no line may exceed, if there is such a limit.
    pub(crate) fn limit(self) -> Option<usize> {
        self.width.map(|width| usize::from(width.max(60)))
    }

    /// The zone that dates are written in.
    pub fn zone(self) -> TimeZone {
        match self.time {
            TimeFormat::Local => TimeZone::system(),
            TimeFormat::Relative | TimeFormat::Utc | TimeFormat::Epoch => TimeZone::UTC,
        }
    }

    /// The first where more than ASCII can be shown, else the second.
    pub(crate) const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}

/// What a piece of text is, which decides its colour. The colours are the middle tones of the 256
/// colour palette, which keep a contrast of about 4:1 on black and on white alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ink {
    #[default]
    Plain,
    /// What matters.
    Strong,
    /// What can be skipped.
    Faint,
    Syn,
    SynAck,
    Ack,
    /// What went well.
    Good,
    /// What did not.
    Bad,
    /// What is neither, or to be looked at.
    Doubtful,
    /// A program's calls.
    Call,
}

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tone {
    pub(crate) ink: Ink,
    pub(crate) is_bold: bool,
}

impl Ink {
    /// The same, set in bold.
    pub(crate) const fn bold(self) -> Tone {
        Tone { ink: self, is_bold: true }
    }
}

impl From<Ink> for Tone {
    fn from(ink: Ink) -> Self {
        Self { ink, is_bold: matches!(ink, Ink::Strong) }
    }
}

impl Tone {
    /// The tone that a terminal shows like this.
    pub(crate) fn shown_as(style: anstyle::Style) -> Self {
        const INKS: [Ink; 8] = [
            Ink::Plain,
            Ink::Syn,
            Ink::SynAck,
            Ink::Ack,
            Ink::Bad,
            Ink::Doubtful,
            Ink::Call,
            Ink::Faint,
        ];
        let color = style.get_fg_color();
        let ink = INKS.into_iter().find(|ink| Self::from(*ink).ansi().get_fg_color() == color);
        let is_dimmed = style.get_effects().contains(anstyle::Effects::DIMMED);
        let ink = ink.filter(|_| !is_dimmed).unwrap_or(Ink::Faint);
        Self { ink, is_bold: style.get_effects().contains(anstyle::Effects::BOLD) }
    }

    /// How a terminal shows it.
    pub(crate) const fn ansi(self) -> anstyle::Style {
        let style = match self.ink {
            Ink::Plain | Ink::Strong => anstyle::Style::new(),
            Ink::Faint => color(244),
            Ink::Syn => color(32),
            Ink::SynAck => color(133),
            Ink::Ack | Ink::Good => color(29),
            Ink::Bad => color(160),
            Ink::Doubtful => color(166),
            Ink::Call => color(67),
        };
        if self.is_bold { style.bold() } else { style }
    }
}

const fn color(index: u8) -> anstyle::Style {
    anstyle::Style::new().fg_color(Some(anstyle::Color::Ansi256(anstyle::Ansi256Color(index))))
}

impl From<Outcome> for Ink {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Established => Self::Good,
            Outcome::EstablishedClientOnly | Outcome::Unacknowledged | Outcome::Unanswered => {
                Self::Doubtful
            }
            Outcome::Refused | Outcome::Reset | Outcome::Unreachable => Self::Bad,
            Outcome::InProgress => Self::Faint,
        }
    }
}

impl From<Kind> for Ink {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Syn => Self::Syn,
            Kind::SynAck => Self::SynAck,
            Kind::Ack => Self::Ack,
            Kind::Rst | Kind::Icmp => Self::Bad,
            Kind::Other => Self::Doubtful,
        }
    }
}

/// Whether this is the name of a time zone that the system or this program knows.
pub fn is_zone_name(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}
