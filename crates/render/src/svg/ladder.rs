//! The ladder of an attempt.

use handshake::{Sender, Side, TcpState};

use super::sheet::{Anchor, Drawing, LINE, MARGIN, Sheet, class, width_of};
use crate::ladder::{self, Arrow, Closing, Fate, Opening, Remark, Rung, Step};
use crate::line::{Line, pack, wrap};
use crate::style::{Ink, Style};
use crate::{Exchange, Record, SocketCall};

/// Columns of text between the lifelines.
const MIDDLE: usize = 64;
/// Columns for a state, and for the words of calls.
const STATE: usize = 13;
const CALL: usize = 33;
/// Columns for the head of a lifeline.
const HEAD: usize = 50;
/// Columns for the time.
const TIME: usize = 12;
/// By how much an arrow falls on its way.
const FALL: i32 = 14;
/// Columns of the text below the picture, at most.
const BELOW: usize = 104;

/// Draws an attempt.
pub(crate) fn draw(record: &Record<'_>, style: Style) -> Drawing {
    let mut ladder = Ladder::of(record, style);
    ladder.closing(&ladder::closing(record, style));
    ladder.finish()
}

/// Draws an attempt without what is said below its ladder.
pub(crate) fn draw_ladder(record: &Record<'_>, style: Style) -> Drawing {
    Ladder::of(record, style).finish()
}

/// Draws what was sent without a connection.
pub(crate) fn draw_exchange(exchange: &Exchange<'_>, style: Style) -> Drawing {
    let mut ladder = Ladder::new(true, style);
    ladder.draw(&ladder::exchange_opening(exchange, style), ladder::exchange(exchange, style));
    ladder.finish()
}

/// Where times end.
fn time_column() -> i32 {
    MARGIN + width_of(TIME)
}

struct Ladder {
    sheet: Sheet,
    style: Style,
    /// Columns of what stands outside of a lifeline.
    gutter: usize,
    /// Where the next thing goes.
    y: i32,
    /// Where the lifelines begin, and from where on a server is known to be there.
    top: i32,
    server_from: Option<i32>,
    /// Where the calls began that are open, by side.
    open: [Vec<i32>; 2],
}

impl Ladder {
    fn new(has_calls: bool, style: Style) -> Self {
        let gutter = if has_calls { CALL } else { STATE };
        Self {
            sheet: Sheet::default(),
            style,
            gutter,
            y: MARGIN + LINE,
            top: 0,
            server_from: None,
            open: [Vec::new(), Vec::new()],
        }
    }

    /// All but what is said below it.
    fn of(record: &Record<'_>, style: Style) -> Self {
        let mut ladder = Self::new(!record.calls.is_empty(), style);
        ladder.draw(&ladder::opening(record, style), ladder::of(record, style));
        ladder
    }

    fn draw(&mut self, opening: &Opening, rungs: Vec<Rung<'_>>) {
        self.head(opening);
        for rung in rungs {
            self.rung(rung);
        }
        self.lifelines();
    }

    fn finish(self) -> Drawing {
        let (width, height) = (self.width(), self.y + MARGIN);
        self.sheet.finish(width, height)
    }

    fn lifeline(&self, side: Side) -> i32 {
        let client = time_column() + width_of(self.gutter + 3);
        match side {
            Side::Client => client,
            Side::Server => client + width_of(MIDDLE + 2),
        }
    }

    fn middle(&self) -> i32 {
        i32::midpoint(self.lifeline(Side::Client), self.lifeline(Side::Server))
    }

    fn width(&self) -> i32 {
        self.lifeline(Side::Server) + width_of(self.gutter + 3) + MARGIN
    }

    /// Words outside of a lifeline.
    fn beside(&mut self, side: Side, y: i32, line: &Line) {
        let (sign, anchor) = match side {
            Side::Client => (-1, Anchor::End),
            Side::Server => (1, Anchor::Start),
        };
        let away = if self.gutter > STATE { 20 } else { 12 };
        self.sheet.text((self.lifeline(side) + sign * away, y), anchor, line);
    }

    fn state(&mut self, side: Side, y: i32, state: Option<TcpState>) {
        if let Some(state) = state {
            self.beside(side, y, &Line::of(Ink::Strong, state.name()));
        }
    }

    fn head(&mut self, opening: &Opening) {
        let mut title = Line::of(Ink::Faint, &format!("{}  ", opening.name));
        title.append(&opening.ends);
        let place = Line::of(Ink::Faint, &opening.place);
        let is_beside = title.width() + place.width() < BELOW;
        if is_beside {
            self.sheet.text((self.width() - MARGIN, self.y), Anchor::End, &place);
        }
        let mut lines = pack(&[title], 1, BELOW);
        lines.extend(pack(&opening.facts, 1, BELOW));
        lines.extend((!is_beside).then(|| pack(&[place], 1, BELOW)).into_iter().flatten());
        for line in lines {
            self.sheet.text((MARGIN, self.y), Anchor::Start, &line);
            self.y += LINE;
        }
        self.y += LINE / 2;
        let lines = opening.heads.each_ref().map(|head| wrap(Ink::Plain, head, HEAD));
        for (side, lines) in [Side::Client, Side::Server].into_iter().zip(&lines) {
            let x = self.lifeline(side);
            let name = Line::of(Ink::Strong, self.style.language.say(side.name()));
            self.sheet.text((x, self.y), Anchor::Middle, &name);
            for (line, y) in lines.iter().zip((self.y + LINE..).step_by(LINE as usize)) {
                // As near to its lifeline as the right edge allows.
                let most = self.width() - MARGIN - width_of(line.width()) / 2;
                self.sheet.text((x.min(most), y), Anchor::Middle, line);
            }
        }
        let tallest = lines.iter().map(Vec::len).max().unwrap_or_default();
        self.y += LINE * i32::try_from(tallest).unwrap_or(1) + 8;
        self.top = self.y;
        self.server_from = opening.shows_server.then_some(self.top);
        self.y += LINE;
        self.state(Side::Client, self.y, opening.client);
    }

    fn rung(&mut self, rung: Rung<'_>) {
        match rung {
            Rung::Segment(step) => self.step(&step),
            Rung::Enters(call, time) => {
                let y = self.call(call.side, &time, &call.call);
                self.open[call.side as usize].push(y);
            }
            Rung::Returns(call, time) => self.returns(call, &time),
            Rung::Calls(call, time) => {
                let words = format!("{} = {}", call.call, call.result);
                self.call(call.side, &time, &words);
            }
            Rung::Data(said) => {
                for line in wrap(Ink::Faint, &said, MIDDLE) {
                    self.y += LINE;
                    self.sheet.text((self.middle(), self.y), Anchor::Middle, &line);
                }
            }
        }
    }

    /// Words of a call. Gives where they stand.
    fn call(&mut self, side: Side, time: &Line, words: &str) -> i32 {
        let at = self.y + LINE;
        self.sheet.text((time_column(), at), Anchor::End, time);
        for line in wrap(Ink::Call, words, self.gutter) {
            self.y += LINE;
            self.beside(side, self.y, &line);
        }
        at - LINE / 3
    }

    fn returns(&mut self, call: &SocketCall, time: &Line) {
        let end = self.call(call.side, time, &ladder::returns(call, self.style));
        if let Some(begin) = self.open[call.side as usize].pop() {
            self.bracket(call.side, begin, end);
        }
    }

    /// What runs along a lifeline while a call blocks.
    fn bracket(&mut self, side: Side, begin: i32, end: i32) {
        let sign = if side == Side::Client { -1 } else { 1 };
        let x = self.lifeline(side) + sign * 12;
        let points = [(x + sign * 4, begin), (x, begin), (x, end), (x + sign * 4, end)];
        self.sheet.stroke(&points, "call-line arrow", None);
    }

    fn step(&mut self, step: &Step) {
        self.y += 8;
        let frame = Line::of(Ink::Faint, step.frame.as_deref().unwrap_or_default());
        for (index, line) in pack(&step.label, 2, MIDDLE).iter().enumerate() {
            self.y += LINE;
            self.sheet.text((self.middle(), self.y), Anchor::Middle, line);
            if index == 0 {
                self.sheet.text((time_column(), self.y), Anchor::End, &frame);
                self.state(Side::Server, self.y, step.meets);
            }
        }
        if step.shows_server {
            self.server_from.get_or_insert(self.y);
        }
        let (sent, arrives) = (self.y + 8, self.y + 8 + FALL);
        self.arrow(step.arrow, step.ink, (sent, arrives));
        self.sheet.text((time_column(), self.y + LINE - 1), Anchor::End, &step.time);
        self.sheet.text((time_column(), self.y + 2 * LINE - 2), Anchor::End, &step.gap);
        for (side, state) in [Side::Client, Side::Server].into_iter().zip(step.moves) {
            let y = if step.arrow.starts_at() == Some(side) { sent } else { arrives };
            self.state(side, y + LINE - 3, state);
        }
        self.y = arrives;
        let mut lines = pack(&step.options, 1, MIDDLE);
        for (ink, remark) in &step.remarks {
            lines.extend(wrap(*ink, remark, MIDDLE));
        }
        for line in &lines {
            self.y += LINE;
            self.sheet.text((self.middle(), self.y), Anchor::Middle, line);
        }
        self.y = self.y.max(arrives + LINE);
    }

    fn arrow(&mut self, arrow: Arrow, ink: Ink, (sent, arrives): (i32, i32)) {
        let to = self.lifeline(arrow.to);
        let sign = if arrow.to == Side::Server { 1 } else { -1 };
        let from = match arrow.from {
            Sender::Network => self.middle() - sign * width_of(MIDDLE / 10),
            Sender::Client | Sender::Server => self.lifeline(arrow.to.other()),
        };
        let line = format!("{}-line arrow", class(ink));
        let at = |share: i32| (from + (to - from) * share / 100, sent + FALL * share / 100);
        let tip = (to - sign * 2, arrives);
        let neck = (tip.0 - sign * 10, arrives);
        if arrow.from == Sender::Network {
            let corners = [(from, sent - 6), (from + 6, sent), (from, sent + 6), (from - 6, sent)];
            self.sheet.fill(&corners, ink);
        }
        match arrow.fate {
            Fate::Whole | Fate::Copy => {
                let dash = (arrow.fate == Fate::Copy).then_some("2 4");
                self.sheet.stroke(&[(from, sent), neck], &line, dash);
                self.sheet.fill(&[tip, (neck.0, neck.1 - 6), (neck.0, neck.1 + 6)], ink);
            }
            Fate::Crossed => {
                self.sheet.stroke(&[(from, sent), (tip.0 - sign * 8, arrives)], &line, None);
                self.cross((tip.0 - sign * 8, arrives), &line);
            }
            Fate::Lost => {
                self.sheet.stroke(&[(from, sent), at(45)], &line, None);
                self.sheet.stroke(&[at(45), at(76)], &line, Some("8 7"));
                self.cross(at(80), &line);
            }
            Fate::Unknown => {
                self.sheet.stroke(&[(from, sent), at(45)], &line, None);
                self.sheet.stroke(&[at(45), at(78)], &line, Some("8 7"));
                let (x, y) = at(81);
                self.sheet.text((x, y + 5), Anchor::Middle, &Line::of(ink.bold(), "?"));
            }
        }
    }

    fn cross(&mut self, (x, y): (i32, i32), line: &str) {
        self.sheet.stroke(&[(x - 6, y - 6), (x + 6, y + 6)], line, None);
        self.sheet.stroke(&[(x - 6, y + 6), (x + 6, y - 6)], line, None);
    }

    fn lifelines(&mut self) {
        self.y += LINE;
        let bottom = self.y;
        for side in [Side::Client, Side::Server] {
            for begin in std::mem::take(&mut self.open[side as usize]) {
                self.bracket(side, begin, bottom);
            }
        }
        let known = self.server_from.unwrap_or(bottom).clamp(self.top, bottom);
        let (client, server) = (self.lifeline(Side::Client), self.lifeline(Side::Server));
        let class = "faint-line line";
        self.sheet.ground(&[(client, self.top), (client, bottom)], class, None);
        self.sheet.ground(&[(server, self.top), (server, known)], class, Some("2 5"));
        self.sheet.ground(&[(server, known), (server, bottom)], class, None);
    }

    /// What is said below the picture.
    fn closing(&mut self, closing: &Closing) {
        self.y += LINE;
        for (index, words) in wrap(closing.ink.bold(), &closing.outcome, BELOW).iter().enumerate() {
            self.y += LINE;
            if index == 0 {
                let mark = Line::of(closing.ink.bold(), closing.mark);
                self.sheet.text((MARGIN, self.y), Anchor::Start, &mark);
            }
            self.sheet.text((MARGIN + width_of(3), self.y), Anchor::Start, words);
        }
        self.remarks(&closing.remarks);
        let mut clocks = Vec::new();
        for (name, value) in &closing.clocks {
            let mut clock = Line::of(Ink::Faint, &format!("{name} "));
            clock.push(Ink::Strong, value.as_deref().unwrap_or("–"));
            clocks.push(clock);
        }
        self.below(0, &pack(&clocks, 3, BELOW));
        for pattern in &closing.patterns {
            let mut name = Line::of(Ink::Call, "◆ ");
            name.push(Ink::Strong, pattern.name).push(Ink::Faint, &format!(" {}", pattern.frames));
            self.below(0, &[name]);
            self.remarks(&pattern.remarks);
        }
        self.remarks(&closing.elsewhere);
    }

    fn remarks(&mut self, remarks: &[Remark]) {
        const TITLE: usize = 13;
        for remark in remarks {
            let title = Line::of(Ink::Call, remark.title);
            self.sheet.text((MARGIN + width_of(3), self.y + LINE), Anchor::Start, &title);
            let column = if remark.title.is_empty() { 0 } else { TITLE };
            self.below(column, &wrap(remark.ink, &remark.text, BELOW - column));
        }
    }

    fn below(&mut self, column: usize, lines: &[Line]) {
        for line in lines {
            self.y += LINE;
            self.sheet.text((MARGIN + width_of(3 + column), self.y), Anchor::Start, line);
        }
    }
}
