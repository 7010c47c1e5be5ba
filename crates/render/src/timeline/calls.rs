//! Socket calls beside the lifelines.

use std::borrow::Cow;
use std::io;

use handshake::Side;

use super::canvas::{Canvas, Row};
use crate::SocketCall;
use crate::ladder;
use crate::line::{Line, wrap};
use crate::style::Ink;

/// Draws that a program enters a call.
pub(super) fn enters(canvas: &mut Canvas<'_>, call: &SocketCall, time: Line) -> io::Result<()> {
    let corner = match call.side {
        Side::Client => canvas.style.pick("┐", "."),
        Side::Server => canvas.style.pick("┌", "."),
    };
    canvas.open_calls[call.side as usize] += 1;
    text(canvas, call, time, &call.call, Some((0, corner)))
}

/// Draws that the call returns.
pub(super) fn returns(canvas: &mut Canvas<'_>, call: &SocketCall, time: Line) -> io::Result<()> {
    let corner = match call.side {
        Side::Client => canvas.style.pick("┘", "'"),
        Side::Server => canvas.style.pick("└", "'"),
    };
    let open = canvas.open_calls[call.side as usize];
    let who = if open > 1 { call.name() } else { "" };
    let words = format!("{who} {}", ladder::returns(call, canvas.style));
    // Its bracket ends with this row; other calls' go on.
    let rows = lines(canvas, &words).len();
    text(canvas, call, time, &words, Some((rows.saturating_sub(1), corner)))?;
    canvas.open_calls[call.side as usize] = open.saturating_sub(1);
    Ok(())
}

/// Draws a call during which nothing happened.
pub(super) fn calls(canvas: &mut Canvas<'_>, call: &SocketCall, time: Line) -> io::Result<()> {
    text(canvas, call, time, &format!("{} = {}", call.call, call.result), None)
}

/// Words as they stand in a gutter: broken at spaces, and no word wider than the gutter.
fn lines(canvas: &Canvas<'_>, words: &str) -> Vec<Line> {
    let (columns, mark) = (canvas.gutter(), canvas.style.pick("…", "~"));
    let words: Vec<_> = words.split(' ').map(|word| shortened(word, columns, mark)).collect();
    wrap(Ink::Call, &words.join(" "), columns)
}

/// A word in at most `columns`, with a mark for what is left out. That begins with the arguments of a
/// call, so that its name stays, and the port, which ends them.
fn shortened<'w>(word: &'w str, columns: usize, mark: &str) -> Cow<'w, str> {
    let length = word.chars().count();
    if length <= columns {
        return Cow::Borrowed(word);
    }
    let name = word.chars().position(|c| c == '(').map_or(columns / 2, |at| at + 1);
    let head = name.min(columns.saturating_sub(4));
    let tail = columns.saturating_sub(head + 1);
    let head = word.chars().take(head);
    let tail = word.chars().skip(length - tail);
    Cow::Owned(head.chain(mark.chars()).chain(tail).collect())
}

/// Writes words in the gutter of the call's side, a corner of the bracket on the row it belongs to.
fn text(
    canvas: &mut Canvas<'_>,
    call: &SocketCall,
    time: Line,
    words: &str,
    corner: Option<(usize, &'static str)>,
) -> io::Result<()> {
    let mut time = Some(time);
    for (index, words) in lines(canvas, words).into_iter().enumerate() {
        let mut row = Row { time: time.take().unwrap_or_default(), ..Row::default() };
        row.bracket[call.side as usize] =
            corner.filter(|&(at, _)| at == index).map(|(_, corner)| corner);
        match call.side {
            Side::Client => row.client = words,
            Side::Server => row.server = words,
        }
        canvas.row(row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn words_too_long_for_the_gutter_keep_both_their_ends() {
        let in_12 = |word| shortened(word, 12, "…");
        assert_eq!(in_12("listen(128)"), "listen(128)");
        assert_eq!(in_12("bind(127.0.0.1:8080)"), "bind(…:8080)");
        assert_eq!(in_12("connect(127.0.0.1:8080)"), "connect(…80)");
        assert_eq!(in_12("setsockopt(SO_LINGER)"), "setsocko…ER)");
        assert_eq!(in_12("127.0.0.1:43210"), "127.0.…43210");
    }
}
