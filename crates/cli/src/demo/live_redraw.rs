//! The picture on a terminal while the scenario runs.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use answers::Question;
use handshake::End;
use lab::{Call, Moment, Progress, Report, Scenario};
use parser::Timestamp;
use render::{Part, Style, Timeline, fitted};

use super::frame_buffer::FrameBuffer;
use super::show::{Showing, show};
use crate::in_place::InPlace;
use crate::layout::Layout;
use crate::output::Output;
use crate::presenter::Before;
use crate::remarks::Remarks;
use crate::shared::Shared;

/// How often the passed time is updated.
const TICK_NS: i64 = 100_000_000;

/// The picture up to now, drawn by the view of the final one, and redrawn in place when something
/// happens. It never takes more lines than the screen has, so that it can be erased. Of a longer
/// picture it shows the lines that end at the last change.
pub(super) struct LiveRedraw {
    lines_below: InPlace,
    style: Style,
    /// Whether the close of connections is drawn, too.
    whole: bool,
    scenario: &'static Scenario,
    /// Whether also the attempts are drawn that only prepare the story.
    all: bool,
    /// Something has happened that is not drawn.
    stale: bool,
    /// The picture without the status below it.
    picture: Vec<String>,
    /// How many of its lines lead up to the end of what changed last.
    changed: usize,
    began: Option<Timestamp>,
    drawn: Option<Timestamp>,
}

impl LiveRedraw {
    pub(super) fn new(
        lines_below: InPlace,
        output: &Output,
        scenario: &'static Scenario,
        all: bool,
    ) -> Self {
        Self {
            lines_below,
            style: output.style,
            whole: output.whole,
            scenario,
            all,
            stale: true,
            picture: Vec::new(),
            changed: 0,
            began: None,
            drawn: None,
        }
    }

    /// Notes what happens, and draws in idle moments.
    pub(super) fn on_moment(
        &mut self,
        moment: &Moment<'_>,
        buffer: &mut FrameBuffer,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let Moment::Idle(now) = *moment else {
            self.stale = true;
            return Ok(());
        };
        if !self.stale && self.drawn.is_some_and(|drawn| now.nanos_since(drawn) < TICK_NS) {
            return Ok(());
        }
        let report = progress.report();
        if std::mem::take(&mut self.stale) {
            let before = std::mem::take(&mut self.picture);
            self.picture = self.draw(buffer, &report)?;
            self.changed = last_change(&before, &self.picture).unwrap_or(self.changed);
        }
        self.drawn = Some(now);
        let passed = now.nanos_since(*self.began.get_or_insert(now));
        let (_, height) = self.lines_below.size();
        // The status and the cursor take a line each.
        let mut lines = window(&self.picture, self.changed, height.saturating_sub(2)).to_vec();
        lines.push(status(&report.calls, passed, self.scenario.duration, self.style));
        self.lines_below.replace(lines)?;
        Ok(self.lines_below.flush()?)
    }

    /// The lines of the picture as far as it goes.
    fn draw(&self, buffer: &mut FrameBuffer, report: &Report) -> anyhow::Result<Vec<String>> {
        let &Self { style, whole, scenario, all, .. } = self;
        let drawn = Drawn::default();
        let output = Output {
            out: Shared::new(drawn.clone()),
            directory: None,
            style,
            layout: Layout::TIMELINE,
            question: Question::default(),
            remarks: Remarks::Off,
            room_to_sort: 0,
            host_names: None,
            whole,
            is_terminal: true,
            size: None,
        };
        let pictures = Timeline::new(output.out.clone(), style).without_footer();
        let pictures: Before = Box::new(|_| Box::new(pictures));
        let showing = Showing { scenario, all, pictures: Some(pictures), end: End::Interrupted };
        show(output, buffer, report, showing)?;
        let text = mem::take(&mut *drawn.lock());
        Ok(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
    }

    pub(super) fn erase(mut self) -> io::Result<()> {
        self.lines_below.replace(Vec::new())?;
        self.lines_below.flush()
    }
}

/// How many lines of `after` lead up to the end of what is new in it; `None` where nothing is.
fn last_change(before: &[String], after: &[String]) -> Option<usize> {
    let same = before.iter().rev().zip(after.iter().rev());
    let same = same.take_while(|(before, after)| before == after).count();
    (before.len() != after.len() || same < after.len()).then(|| after.len() - same)
}

/// At most `height` lines, up to `end` where not all have room.
fn window(lines: &[String], end: usize, height: usize) -> &[String] {
    let end = end.max(height).min(lines.len());
    lines.get(end.saturating_sub(height)..end).unwrap_or_default()
}

/// How long it has taken so far, and which calls have not returned, in one line.
fn status(calls: &[Call], passed_ns: i64, duration: Duration, style: Style) -> String {
    let language = style.language;
    let mark = if style.unicode { "…" } else { "..." };
    let tenths = passed_ns / TICK_NS;
    let passed = format!("{}.{}", tenths / 10, tenths % 10);
    let about = duration.as_millis().div_ceil(1000);
    let in_flight = calls.iter().filter(|call| call.returned.is_none());
    let waiting = in_flight.map(|call| {
        let (side, number) = (language.say(call.actor.side.name()), call.actor.number);
        let parts: [Part<'_>; 3] = [("side", &side), ("number", &number), ("call", &call.text)];
        language.say_with("{side} {number} is in {call}", &parts)
    });
    let waiting = waiting.collect::<Vec<_>>().join(", ");
    let english = if waiting.is_empty() {
        "{passed} s of about {about} s"
    } else {
        "{passed} s of about {about} s: {waiting}"
    };
    let parts: [Part<'_>; 3] = [("passed", &passed), ("about", &about), ("waiting", &waiting)];
    let text = format!(" {mark} {}", language.say_with(english, &parts));
    fitted(&text, style.columns(), style).text().to_owned()
}

/// A picture in memory.
#[derive(Clone, Default)]
struct Drawn(Arc<Mutex<Vec<u8>>>);

impl Drawn {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Drawn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use render::Language;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn owned(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn the_status_is_one_line_that_fits_in_any_language() {
        let calls: Vec<_> = (1..=9)
            .map(|number| Call {
                id: number,
                actor: lab::Actor { side: lab::Side::Client, number },
                entered: Timestamp::from_nanos(0),
                accepted_by: None,
                text: "connect(127.0.0.1:8080)".to_owned(),
                returned: None,
            })
            .collect();
        let style = Style { unicode: true, width: Some(60), ..Style::PLAIN };
        let said = |language| {
            let line = status(
                &calls,
                1_234_567_890,
                Duration::from_millis(3_500),
                Style { language, ..style },
            );
            assert!(line.width() <= 60, "{line}");
            line
        };
        let english = said(Language::English);
        assert!(english.starts_with(" … 1.2 s of about 4 s: client 1 is in connect("), "{english}");
        let chinese = said(Language::Chinese);
        assert!(chinese.starts_with(" … 1.2 s，共约 4 s：客户 1 正在 connect("), "{chinese}");
    }

    #[test]
    fn what_changed_last_is_shown() {
        let change = |before: &[&str], after: &[&str]| last_change(&owned(before), &owned(after));
        assert_eq!(change(&[], &["a", "b"]), Some(2));
        assert_eq!(change(&["a", "z"], &["a", "b", "z"]), Some(2));
        assert_eq!(change(&["a", "z"], &["a", "z"]), None);
        assert_eq!(change(&["a", "z"], &["z"]), Some(0));
        let lines = owned(&["a", "b", "c", "d"]);
        for (end, height, shown) in
            [(4, 2, &lines[2..4]), (3, 2, &lines[1..3]), (0, 2, &lines[..2]), (2, 9, &lines[..])]
        {
            assert_eq!(window(&lines, end, height), shown, "{height} up to {end}");
        }
        assert!(window(&lines, 3, 0).is_empty());
    }
}
