//! Attempts from scripts, and a terminal to draw them on.

use handshake::{
    End, Event, Facts, Handshake, Limits, Outcome, Pattern, Reporting, Side, Tracker, recognise,
};
use hostnames::{EndNames, HostName, NameSource};
use parser::{Frame, LinkType, Names, Origin, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use render::{Record, SocketCall, Style, TimeFormat};
use testkit::Script;

use crate::draw::draw;
use crate::feed::{Feed, Tracked};
use crate::keys::{Request, obey};
use crate::state::{Doing, Setup, State};

/// Memory for everything that a test shows.
pub(super) const ROOM: usize = 10_000_000;
/// The style of the pictures, whose text needs no colours.
pub(super) const STYLE: Style = Style { unicode: true, time: TimeFormat::Relative, ..Style::PLAIN };

const ESTABLISHED: &str = "
    +0    C > S S  J:J(0) win 65495 <mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 7>
    +29us S > C S. K:K(0) ack J+1 win 65495 <mss 65495,sackOK,TS val 9 ecr 1,nop,wscale 7>
    +32us C > S .  J+1:J+1(0) ack K+1 win 512 <nop,nop,TS val 1 ecr 9>
    +1ms  S > C P. K+1:K+101(100) ack J+1 win 509
";
const REFUSED: &str = "
    +0    C > S S  J:J(0) win 65495 <mss 65495>
    +18us S > C R. 0:0(0) ack J+1 win 0
";
const UNANSWERED: &str = "
    +0    C > S S  J:J(0) win 65495 <mss 1460>
    +1s   C > S S  J:J(0) win 65495 <mss 1460>
    +2s   C > S S  J:J(0) win 65495 <mss 1460>
";

/// What became of the attempts that a screen shows, the oldest first.
pub(super) const STORIES: [(&str, &str, &str); 6] = [
    ("10.0.0.7:40000", "10.0.0.2:443", ESTABLISHED),
    ("10.0.0.7:40001", "10.0.0.2:443", ESTABLISHED),
    ("10.0.0.8:50123", "10.0.0.2:8080", REFUSED),
    ("[2001:db8::7]:40002", "[2001:db8::2]:443", ESTABLISHED),
    ("10.0.0.9:40003", "192.0.2.99:22", UNANSWERED),
    ("10.0.0.7:40004", "10.0.0.2:443", ESTABLISHED),
];

pub(super) fn names() -> Names {
    let mut names = Names::default();
    let source = names.add_source("many.pcap");
    names.add_interface(source, Some("lo".to_owned()));
    names
}

/// The attempt of a script between two ends, with this id.
pub(super) fn attempt(id: u64, (client, server, packets): (&str, &str, &str)) -> Handshake {
    let text = format!(
        "start {}.123456789\nclient {client} server {server}\nisn J=305419896 K=2596069104\n{packets}",
        1_795_330_800 + id
    );
    let script = Script::parse(&text).expect("a script");
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut ended = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(handshake) = event {
            ended.push(handshake.clone());
        }
    };
    for (number, frame) in (1..).zip(script.frames()) {
        let frame = Frame {
            origin: Origin { source: 0, interface: Some(0) },
            number,
            timestamp: Some(Timestamp::from_nanos(frame.timestamp_ns)),
            link: LinkType(frame.link),
            wire_len: frame.wire_len,
            bytes: &frame.bytes,
        };
        tracker.on_frame(&frame, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    Handshake { id, ..ended.pop().expect("an attempt") }
}

/// Hands an attempt to a feed, as the presenter does.
pub(super) fn hand(feed: &Feed, handshake: &Handshake, before: Option<Outcome>) {
    hand_with(feed, handshake, before, (&[], EndNames::default()));
}

/// The same, with its calls and the names of its ends.
pub(super) fn hand_with(
    feed: &Feed,
    handshake: &Handshake,
    before: Option<Outcome>,
    (calls, end_names): (&[SocketCall], EndNames<'_>),
) {
    let patterns: Vec<Pattern> = recognise(handshake);
    let names = names();
    let record = Record {
        handshake,
        patterns: &patterns,
        calls,
        names: &names,
        end_names,
        capture_start: None,
    };
    feed.attempt(&record, before);
    feed.count(&Facts::of(handshake, patterns.iter().map(|pattern| pattern.name).collect()));
}

/// A feed that has been handed the stories, and that the capture lost nothing.
pub(super) fn told() -> Feed {
    let feed = Feed::new(ROOM);
    feed.learn_names(&names());
    for (id, story) in (1..).zip(STORIES) {
        hand(&feed, &attempt(id, story), None);
    }
    feed.tell(Tracked { frames: 20, ..Tracked::default() });
    feed.tell_dropped(0);
    feed
}

/// Host names and calls around the first story.
pub(super) fn told_more() -> Feed {
    let host = |name: &str| HostName { name: name.into(), source: NameSource::Dns };
    let (client, server) = (host("desk.example.org"), host("www.example.org"));
    let end_names = EndNames { client: Some(&client), server: Some(&server) };
    let story = attempt(1, STORIES[0]);
    let begin = story.timing.start.expect("it has times").as_nanos();
    let at = |micros: i64| Timestamp::from_nanos(begin + micros * 1_000);
    let call = SocketCall {
        side: Side::Client,
        entered: at(-20),
        returned: Some(at(65)),
        call: "connect(10.0.0.2:443)".to_owned(),
        result: "0".to_owned(),
    };
    let feed = Feed::new(ROOM);
    feed.learn_names(&names());
    hand_with(&feed, &story, None, (&[call], end_names));
    feed
}

/// A screen with nothing on it.
pub(super) fn empty() -> State {
    let title = "many.pcap".to_owned();
    State::new(Setup { title, doing: Doing::Reading, style: STYLE, most_bytes: ROOM })
}

/// A screen that took all that was handed to the feed.
pub(super) fn hearing(feed: &Feed) -> State {
    let mut state = empty();
    hear(&mut state, feed);
    state
}

/// Takes what came.
pub(super) fn hear(state: &mut State, feed: &Feed) {
    if let Some(news) = feed.take(!state.is_paused) {
        state.hear(news);
    }
    state.sums = feed.sums(Style { width: Some(80), ..state.style }, true);
}

/// What stands on a terminal of this size, without the spaces at the ends of its lines.
pub(super) fn seen(state: &mut State, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| draw(frame, state)).expect("a terminal in memory does not fail");
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for y in 0..height {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

pub(super) fn key(code: KeyCode) -> Input {
    Input::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Presses the keys of these characters, where `\n`, `\x1b` and arrows stand for their keys.
pub(super) fn press(state: &mut State, keys: &str) -> Vec<Request> {
    let code = |c| match c {
        '\n' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        '→' => KeyCode::Right,
        '←' => KeyCode::Left,
        '↓' => KeyCode::Down,
        '↑' => KeyCode::Up,
        c => KeyCode::Char(c),
    };
    keys.chars().filter_map(|c| obey(state, &key(code(c)))).collect()
}
