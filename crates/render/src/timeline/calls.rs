//! Socket calls beside the lifelines.

use std::io;

use handshake::Side;
use parser::Timestamp;

use super::canvas::{Canvas, Row};
use super::events::Event;
use crate::SocketCall;
use crate::line::{Line, wrap};
use crate::style::Ink;
use crate::text::duration;

/// Draws what `event` says of a call; `time` is what a time is written as.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    event: Event<'_>,
    time: impl Fn(Timestamp) -> Line,
) -> io::Result<()> {
    let style = canvas.style;
    match event {
        Event::Segment(_) => Ok(()),
        Event::Enters(call) => {
            let corner = match call.side {
                Side::Client => style.pick("┐", "."),
                Side::Server => style.pick("┌", "."),
            };
            canvas.open_calls[call.side as usize] += 1;
            text(canvas, call, time(call.entered), &call.call, Some((0, corner)))
        }
        Event::Returns(call) => {
            let corner = match call.side {
                Side::Client => style.pick("┘", "'"),
                Side::Server => style.pick("└", "'"),
            };
            let open = canvas.open_calls[call.side as usize];
            let who = if open > 1 { name(call) } else { "" };
            let at = call.returned.unwrap_or(call.entered);
            let took = duration(at.nanos_since(call.entered), style.unicode);
            let words = format!("{who} returns {} after {took}", call.result);
            // Its bracket ends with this row; other calls' go on.
            let rows = wrap(Ink::Call, &words, canvas.gutter()).len();
            text(canvas, call, time(at), &words, Some((rows.saturating_sub(1), corner)))?;
            canvas.open_calls[call.side as usize] = open.saturating_sub(1);
            Ok(())
        }
        Event::Calls(call) => {
            let words = format!("{} = {}", call.call, call.result);
            text(canvas, call, time(call.entered), &words, None)
        }
    }
}

/// The name of the call, without its arguments.
fn name(call: &SocketCall) -> &str {
    call.call.split('(').next().unwrap_or_default()
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
    for (index, words) in wrap(Ink::Call, words, canvas.gutter()).into_iter().enumerate() {
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
