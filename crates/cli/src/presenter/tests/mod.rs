mod beside;
mod terminal;
mod waiting_lines;

use answers::Question;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::emitter::{LastShown, remember};
use super::*;
use crate::args::Format;
use crate::in_place::Size;
use crate::pipeline::{Ending, Pipeline, Step};
use crate::shared::Shared;
use capture::{CaptureError, Damage, FrameSource, Next};
use handshake::{End, Outcome};
use parser::{Frame, LinkType, Origin, Timestamp};
use render::Style;

/// A writer whose text the test can read.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// An output that takes so many bytes and no more.
pub(crate) struct Full(pub(crate) usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output of a program, without colours.
pub(crate) fn output(format: Format, out: impl io::Write + Send + 'static) -> Output {
    Output {
        question: Question::default(),
        out: Shared::new(out),
        directory: None,
        style: Style::PLAIN,
        layout: format.into(),
        remarks: Remarks::Off,
        room_to_sort: 1_000_000,
        host_names: None,
        whole: false,
        is_terminal: false,
        size: None,
    }
}

/// The captures that come with the program.
pub(crate) fn bundled() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut captures: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|name| name == "pcapng")).collect();
    captures.sort();
    captures
}

/// Attempts that overlap, and between them answers that give their server another name each time.
pub(crate) fn renamed() -> Vec<u8> {
    const ATTEMPTS: u16 = 200;
    let attempts = (1..=ATTEMPTS).map(|number| {
        let end = number + 5;
        format!(
            "host C{number} 10.0.0.1:{number}\n={number}ms C{number} > S S J:J(0)\n\
             ={end}ms S > C{number} R. 0:0(0) ack J+1\n",
        )
    });
    let script: String =
        ["host S 192.0.2.7:443\nisn J=1\n".into()].into_iter().chain(attempts).collect();
    let mut frames = testkit::Script::parse(&script).unwrap().into_frames();
    let [resolver, client] =
        ["192.0.2.53:53", "10.0.0.1:5000"].map(|end| end.parse().expect("an end point"));
    for number in 1..=i64::from(ATTEMPTS) {
        let name = format!("n{number}.example");
        let dns = testkit::Dns::of(&name).addr(&name, [192, 0, 2, 7].into());
        let at = frames[0].timestamp_ns + (number - 1) * 1_000_000 + 500_000;
        frames.push(testkit::datagram(resolver, client, dns.finish(), at));
    }
    frames.sort_by_key(|frame| frame.timestamp_ns);
    testkit::pcap(&frames, testkit::Pcap::default())
}

/// Runs a script and returns what is written after each frame, and at the end.
fn screens(format: Format, selection: Selection, show_when: ShowWhen, script: &str) -> Vec<String> {
    written((format, Remarks::Off), selection, show_when, None, script)
}

/// Runs a script and returns what is written after each frame, and at the end, on a terminal of this
/// size.
fn written(
    (format, remarks): (Format, Remarks),
    selection: Selection,
    show_when: ShowWhen,
    size: Option<Size>,
    script: &str,
) -> Vec<String> {
    let written = Written::default();
    let output =
        Output { remarks, is_terminal: true, size, ..self::output(format, written.clone()) };
    let mut pipeline = Pipeline::new(
        Presenter::new(output, selection, show_when),
        crate::memory::Memory::default(),
    );
    let mut names = Names::default();
    names.add_source("script");
    let frames = testkit::Script::parse(script).unwrap().into_frames();
    let mut source = Scripted { frames, names, delivered: 0 };
    let mut screens = Vec::new();
    while pipeline.step(&mut source).unwrap() != Step::End {
        if source.delivered.is_multiple_of(2) {
            screens.push(written.text());
        }
    }
    pipeline.finish(End::Interrupted, &Ending::default()).unwrap();
    screens.push(written.text());
    screens
}

/// The frames of a script, with an idle moment after each.
struct Scripted {
    frames: Vec<testkit::TestFrame>,
    names: Names,
    delivered: usize,
}

impl FrameSource for Scripted {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let Some(frame) = self.frames.get(self.delivered / 2) else { return Ok(Next::End) };
        self.delivered += 1;
        let time = Timestamp::from_nanos(frame.timestamp_ns);
        if self.delivered.is_multiple_of(2) {
            return Ok(Next::Idle(time));
        }
        Ok(Next::Frame(Frame {
            origin: Origin { source: 0, interface: None },
            number: self.delivered as u64 / 2 + 1,
            timestamp: Some(time),
            link: LinkType(frame.link),
            wire_len: frame.wire_len,
            bytes: &frame.bytes,
        }))
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}

const OVERFLOW: &str = "
    client 192.0.2.1:40000 server 192.0.2.2:80
    isn J=1 K=2
    +0 C > S S  J:J(0)
    +1ms S > C S. K:K(0) ack J+1
    +1ms C > S .  J+1:J+1(0) ack K+1
    +1s S > C S. K:K(0) ack J+1
    +1ms C > S .  J+1:J+1(0) ack K+1
    +2s S > C S. K:K(0) ack J+1
    +1ms C > S .  J+1:J+1(0) ack K+1
";

#[test]
fn a_verdict_is_shown_at_once_and_amended_where_it_changes() {
    let screens = screens(Format::Table, Selection::default(), ShowWhen::AsDecided, OVERFLOW);
    assert_eq!(screens[1], "");
    assert!(screens[2].contains(" established "), "{}", screens[2]);
    assert_eq!(screens[2].lines().count(), 2, "{}", screens[2]);
    let end = screens.last().unwrap();
    let amended = end.strip_prefix(&*screens[2]).unwrap();
    assert!(
        amended.starts_with("amended: attempt 1, shown as established above, is now\n"),
        "{amended}"
    );
    assert!(amended.contains(" established_c"), "{amended}");
    assert_eq!(amended.lines().count(), 2, "{amended}");
}

#[test]
fn a_verdict_that_stays_is_shown_once() {
    let script = OVERFLOW.split_inclusive('\n').take(6).collect::<String>()
        + "+1ms S > C .  K+1:K+1(0) ack J+1\n";
    let screens = screens(Format::Table, Selection::default(), ShowWhen::AsDecided, &script);
    assert_eq!(screens.last(), screens.get(2));
}

#[test]
fn what_is_amended_out_of_the_selection_is_amended_all_the_same() {
    let outcomes = vec![Outcome::Established];
    let selection = Selection { outcomes, ..Selection::default() };
    let screens = screens(Format::Table, selection, ShowWhen::AsDecided, OVERFLOW);
    assert!(screens.last().unwrap().contains("amended: attempt 1"), "{screens:?}");
}

#[test]
fn a_program_gets_each_record_once_when_it_is_complete() {
    let screens = screens(Format::Jsonl, Selection::default(), ShowWhen::AsDecided, OVERFLOW);
    let end = screens.last().unwrap();
    assert_eq!(end.matches(r#""type":"handshake""#).count(), 1, "{end}");
    assert!(end.contains(r#""outcome":"established_client_only""#), "{end}");
}

#[test]
fn what_failed_and_goes_on_is_amended_at_once_and_counted_once() {
    let script = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n\
                  isn J=4294967295 K=2\n\
                  +0 C > S S J:J(0)\n+1ms R > C icmp unreachable host quoting J\n\
                  +1s C > S S J:J(0)\n+1ms R > C icmp unreachable host quoting J\n\
                  +2s C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n\
                  +1ms C > S . J+1:J+1(0) ack K+1\n";
    let screens = screens(Format::Table, Selection::default(), ShowWhen::AsDecided, script);
    assert_eq!(screens[0], "");
    assert!(screens[1].contains(" unreachable "), "{}", screens[1]);
    assert!(screens[2..6].iter().all(|screen| *screen == screens[1]), "{screens:#?}");
    let amended = screens[6].strip_prefix(&*screens[1]).unwrap();
    assert!(
        amended.starts_with("amended: attempt 1, shown as unreachable above, is now\n"),
        "{amended}"
    );
    assert!(amended.contains(" established "), "{amended}");
    assert_eq!(screens.last(), Some(&screens[6]));
}

#[test]
fn the_oldest_is_forgotten_beyond_the_limit() {
    let shown = |outcome| LastShown { outcome, patterns: Vec::new() };
    let mut all = BTreeMap::new();
    for id in 1..=5 {
        remember(&mut all, 3, id, shown(Outcome::Refused));
    }
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(all[&5], shown(Outcome::Refused));
}
