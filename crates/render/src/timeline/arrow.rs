//! The arrows.

use handshake::{Sender, Side};

use crate::ladder::{Arrow, Fate};
use crate::style::Style;

/// The arrow, exactly `width` columns.
pub(super) fn draw(arrow: Arrow, width: usize, style: Style) -> String {
    if width == 0 {
        return String::new();
    }
    let forwards = match (arrow.from, arrow.fate) {
        (Sender::Network, fate) => from_the_middle(width, fate, style),
        // A cross where it did not arrive, a question mark where nothing shows whether it did.
        (_, Fate::Lost) => fading(width, style.pick("✗", "x"), style),
        (_, Fate::Unknown) => fading(width, "?", style),
        (_, fate) => shaft(width, fate, style),
    };
    match arrow.to {
        Side::Server => forwards,
        Side::Client => forwards.chars().rev().map(mirrored).collect(),
    }
}

fn shaft(width: usize, fate: Fate, style: Style) -> String {
    let (line, head) = match fate {
        Fate::Crossed => (style.pick("━", "-"), style.pick("✗", "X")),
        Fate::Copy => (style.pick("┄", "."), style.pick("▷", ">")),
        Fate::Whole | Fate::Lost | Fate::Unknown => (style.pick("━", "-"), style.pick("▶", ">")),
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
fn from_the_middle(width: usize, fate: Fate, style: Style) -> String {
    let start = width * 2 / 5;
    let rest = width.saturating_sub(start + 1);
    if rest == 0 {
        return shaft(width, fate, style);
    }
    " ".repeat(start) + style.pick("◆", "*") + &shaft(rest, fate, style)
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

    fn drawn(from: Sender, to: Side, fate: Fate, style: Style) -> String {
        draw(Arrow { from, to, fate }, 16, style)
    }

    #[test]
    fn arrows_point_to_whom_they_go() {
        use Side::{Client, Server};
        let whole = |from, to, style| drawn(from, to, Fate::Whole, style);
        assert_eq!(whole(Sender::Client, Server, UNICODE), "━━━━━━━━━━━━━━━▶");
        assert_eq!(whole(Sender::Server, Client, UNICODE), "◀━━━━━━━━━━━━━━━");
        assert_eq!(whole(Sender::Server, Client, Style::PLAIN), "<---------------");
        assert_eq!(whole(Sender::Network, Client, UNICODE), "◀━━━━━━━━◆      ");
        assert_eq!(whole(Sender::Network, Server, Style::PLAIN), "      *-------->");
    }

    #[test]
    fn arrows_show_what_became_of_them() {
        let to_server = |fate, style| drawn(Sender::Client, Side::Server, fate, style);
        assert_eq!(to_server(Fate::Crossed, UNICODE), "━━━━━━━━━━━━━━━✗");
        assert_eq!(to_server(Fate::Copy, UNICODE), "┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▷");
        assert_eq!(to_server(Fate::Lost, UNICODE), "━━━━━━━━━ ━ · ✗ ");
        assert_eq!(to_server(Fate::Lost, Style::PLAIN), "--------- - . x ");
        assert_eq!(to_server(Fate::Unknown, UNICODE), "━━━━━━━━━ ━ · ? ");
        assert_eq!(to_server(Fate::Unknown, Style::PLAIN), "--------- - . ? ");
        let to_client = drawn(Sender::Server, Side::Client, Fate::Crossed, Style::PLAIN);
        assert_eq!(to_client, "X---------------");
    }

    #[test]
    fn arrows_fill_their_width() {
        for width in 0..80 {
            for from in [Sender::Client, Sender::Server, Sender::Network] {
                for fate in [Fate::Whole, Fate::Lost, Fate::Unknown, Fate::Crossed, Fate::Copy] {
                    let arrow = Arrow { from, to: Side::Client, fate };
                    for style in [UNICODE, Style::PLAIN] {
                        let drawn = draw(arrow, width, style);
                        assert_eq!(drawn.width(), width, "{arrow:?} {drawn:?}");
                    }
                }
            }
        }
    }
}
