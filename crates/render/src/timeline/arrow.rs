//! The arrows.

use handshake::{Sender, Side};

use crate::style::Style;

/// How a segment is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    /// Where it starts.
    pub(super) from: Sender,
    /// Where it points.
    pub(super) to: Side,
    /// What it looks like.
    pub(super) look: ArrowStyle,
}

/// What an arrow looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArrowStyle {
    /// From one lifeline to the other.
    Whole,
    /// It fades out and ends with a cross: it did not arrive.
    Lost,
    /// It fades out and ends with a question mark: nothing shows whether it arrived.
    Unknown,
    /// It ends with a cross: RST, or an ACK that a RST answers.
    Crossed,
    /// Dotted: a copy that the capture made.
    Copy,
}

impl Arrow {
    /// The arrow, exactly `width` columns.
    pub(super) fn draw(self, width: usize, style: Style) -> String {
        if width == 0 {
            return String::new();
        }
        let forwards = match (self.from, self.look) {
            (Sender::Network, look) => from_the_middle(width, look, style),
            (_, ArrowStyle::Lost) => fading(width, style.pick("✗", "x"), style),
            (_, ArrowStyle::Unknown) => fading(width, "?", style),
            (_, look) => shaft(width, look, style),
        };
        match self.to {
            Side::Server => forwards,
            Side::Client => forwards.chars().rev().map(mirrored).collect(),
        }
    }
}

fn shaft(width: usize, look: ArrowStyle, style: Style) -> String {
    let (line, head) = match look {
        ArrowStyle::Crossed => (style.pick("━", "-"), style.pick("✗", "X")),
        ArrowStyle::Copy => (style.pick("┄", "."), style.pick("▷", ">")),
        ArrowStyle::Whole | ArrowStyle::Lost | ArrowStyle::Unknown => {
            (style.pick("━", "-"), style.pick("▶", ">"))
        }
    };
    line.repeat(width.saturating_sub(1)) + head
}

/// Solid for half of the way, then dashes, dots and a mark where it is lost from sight.
fn fading(width: usize, mark: &str, style: Style) -> String {
    let solid = width / 2;
    let dashed = width * 3 / 4;
    // Every other column of the rest is empty; the mark stands on one that is not.
    let end = solid + (width * 7 / 8 - solid) / 2 * 2;
    let mut arrow = String::new();
    for column in 0..width {
        let is_gap = column > solid && !(column - solid).is_multiple_of(2);
        arrow.push_str(match column {
            _ if column < solid => style.pick("━", "-"),
            _ if column > end || is_gap => " ",
            _ if column == end => mark,
            _ if column < dashed => style.pick("━", "-"),
            _ => style.pick("·", "."),
        });
    }
    arrow
}

/// A router in the middle is where this one starts.
fn from_the_middle(width: usize, look: ArrowStyle, style: Style) -> String {
    let start = width * 2 / 5;
    let rest = width.saturating_sub(start + 1);
    if rest == 0 {
        return shaft(width, look, style);
    }
    " ".repeat(start) + style.pick("◆", "*") + &shaft(rest, look, style)
}

fn mirrored(c: char) -> char {
    match c {
        '▶' => '◀',
        '▷' => '◁',
        '>' => '<',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    const UNICODE: Style = Style { unicode: true, ..Style::PLAIN };

    fn drawn(from: Sender, to: Side, look: ArrowStyle, style: Style) -> String {
        Arrow { from, to, look }.draw(16, style)
    }

    #[test]
    fn arrows_point_to_whom_they_go() {
        use Side::{Client, Server};
        let whole = |from, to, style| drawn(from, to, ArrowStyle::Whole, style);
        assert_eq!(whole(Sender::Client, Server, UNICODE), "━━━━━━━━━━━━━━━▶");
        assert_eq!(whole(Sender::Server, Client, UNICODE), "◀━━━━━━━━━━━━━━━");
        assert_eq!(whole(Sender::Server, Client, Style::PLAIN), "<---------------");
        assert_eq!(whole(Sender::Network, Client, UNICODE), "◀━━━━━━━━◆      ");
        assert_eq!(whole(Sender::Network, Server, Style::PLAIN), "      *-------->");
    }

    #[test]
    fn arrows_show_what_became_of_them() {
        let to_server = |look, style| drawn(Sender::Client, Side::Server, look, style);
        assert_eq!(to_server(ArrowStyle::Crossed, UNICODE), "━━━━━━━━━━━━━━━✗");
        assert_eq!(to_server(ArrowStyle::Copy, UNICODE), "┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▷");
        assert_eq!(to_server(ArrowStyle::Lost, UNICODE), "━━━━━━━━━ ━ · ✗ ");
        assert_eq!(to_server(ArrowStyle::Lost, Style::PLAIN), "--------- - . x ");
        assert_eq!(to_server(ArrowStyle::Unknown, UNICODE), "━━━━━━━━━ ━ · ? ");
        assert_eq!(to_server(ArrowStyle::Unknown, Style::PLAIN), "--------- - . ? ");
        let to_client = drawn(Sender::Server, Side::Client, ArrowStyle::Crossed, Style::PLAIN);
        assert_eq!(to_client, "X---------------");
    }

    #[test]
    fn arrows_fill_their_width() {
        for width in 0..80 {
            for from in [Sender::Client, Sender::Server, Sender::Network] {
                for look in [
                    ArrowStyle::Whole,
                    ArrowStyle::Lost,
                    ArrowStyle::Unknown,
                    ArrowStyle::Crossed,
                    ArrowStyle::Copy,
                ] {
                    let arrow = Arrow { from, to: Side::Client, look };
                    for style in [UNICODE, Style::PLAIN] {
                        let drawn = arrow.draw(width, style);
                        assert_eq!(drawn.width(), width, "{arrow:?} {drawn:?}");
                    }
                }
            }
        }
    }
}
