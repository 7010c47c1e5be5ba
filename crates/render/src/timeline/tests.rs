use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use handshake::{Handshake, Side};
use hostnames::EndNames;
use unicode_width::UnicodeWidthStr as _;

use crate::fixture::{self, call, calls, golden};
use crate::ladder;
use crate::{Language, Pace, Record, SocketCall, Style, TimeFormat, Timeline, View as _};

/// As a good terminal shows it.
fn style(width: u16) -> Style {
    Style {
        color: false,
        unicode: true,
        width: Some(width),
        time: TimeFormat::Relative,
        ..Style::PLAIN
    }
}

fn picture(handshake: &Handshake, calls: &[SocketCall], style: Style) -> String {
    let mut out = Vec::new();
    let names = fixture::names();
    let patterns = handshake::recognise(handshake);
    let record = Record {
        handshake,
        patterns: &patterns,
        calls,
        names: &names,
        end_names: EndNames::default(),
        capture_start: None,
    };
    Timeline::new(&mut out, style).handshake(&record).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn pictures_are_as_they_were_looked_at() {
    for (name, handshake) in fixture::all() {
        golden(&format!("{name}.txt"), &picture(&handshake, &[], style(100)));
    }
}

#[test]
fn variants_are_as_they_were_looked_at() {
    let one = fixture::record("established");
    let stall = fixture::record("refused-after-stall");
    golden("established.60.txt", &picture(&one, &[], style(60)));
    golden("established.ascii.txt", &picture(&one, &[], Style { unicode: false, ..style(80) }));
    golden("established.calls.txt", &picture(&one, &calls(), style(120)));
    golden("established.calls.60.txt", &picture(&one, &calls(), style(60)));
    let explained = Style { explain: true, ..style(100) };
    golden("established.explained.txt", &picture(&one, &[], explained));
    golden("refused-after-stall.explained.txt", &picture(&stall, &[], explained));
    golden("unreachable.explained.txt", &picture(&fixture::record("unreachable"), &[], explained));
    golden("client-only.explained.txt", &picture(&fixture::record("client-only"), &[], explained));
    golden("closed.explained.txt", &picture(&fixture::record("closed"), &[], explained));
    golden(
        "hostile-options.explained.txt",
        &picture(&fixture::record("hostile-options"), &[], explained),
    );
    golden("established.calls.explained.txt", &picture(&one, &calls(), explained));
    let compared = Style { compare: true, ..style(100) };
    golden("established.compared.txt", &picture(&one, &[], compared));
    let coloured = Style { color: true, ..style(100) };
    golden("established.ansi", &picture(&one, &calls(), coloured));
    golden("late.ansi", &picture(&fixture::record("late"), &[], coloured));
    golden(
        "established.utc.txt",
        &picture(&one, &[], Style { time: TimeFormat::Utc, ..style(80) }),
    );
    let epoch = Style { time: TimeFormat::Epoch, ..style(100) };
    golden("established.epoch.txt", &picture(&one, &[], epoch));
}

#[test]
fn figures_are_as_they_were_looked_at() {
    let compact = Style { compact: true, ..style(80) };
    let figure = picture(&fixture::record("established"), &calls(), compact);
    golden("established.calls.compact.txt", &figure);
    assert!(figure.lines().count() < 24, "it fits on a small screen: {figure}");
    let ascii = Style { unicode: false, ..compact };
    golden("late.compact.ascii.txt", &picture(&fixture::record("late"), &[], ascii));
    for name in [
        "client-only",
        "half-open-recovery",
        "unanswered",
        "unreachable",
        "closed",
        "closed-at-once",
        "closed-with-ack",
    ] {
        golden(&format!("{name}.compact.txt"), &picture(&fixture::record(name), &[], compact));
    }
}

#[test]
fn a_figure_says_that_its_close_is_not_whole() {
    let compact = Style { compact: true, ..style(100) };
    let mut handshake = fixture::record("closed-again");
    let close = handshake.close.as_mut().expect("it is closed");
    (close.omitted, close.is_cut) = (3, true);
    let figure = picture(&handshake, &[], compact);
    let (_, below) = figure.split_once("✓ established").expect("an outcome");
    assert!(below.contains("3 more segments of the close not kept"), "{figure}");
    assert!(below.contains("not followed to its end: no memory was left"), "{figure}");
}

#[test]
fn a_call_that_sends_a_segment_is_not_said_to_block() {
    let handshake = fixture::record("closed");
    let enters = |name| call(Side::Client, -20_000, Some(1_000_000_000), name, "0");
    let said = |call: SocketCall| {
        let (names, calls) = (fixture::names(), [call]);
        let record = Record {
            handshake: &handshake,
            patterns: &[],
            calls: &calls,
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        };
        let rungs = ladder::of(&record, style(80));
        ladder::said(&record, &rungs, Language::English).swap_remove(0)
    };
    assert_eq!(said(enters("accept()")), "the client calls accept(), which blocks");
    assert_eq!(said(enters("close()")), "the client calls close(), which has not returned yet");
    let compact = Style { compact: true, ..style(100) };
    let figure = |name| picture(&handshake, &[enters(name)], compact);
    assert!(figure("accept()").contains("bracket: the call blocks until it returns"));
    assert!(figure("close()").contains("bracket: from the call to its return"));
}

#[test]
fn chinese_pictures_are_as_they_were_looked_at() {
    let chinese = Style { language: Language::Chinese, explain: true, ..style(80) };
    for name in ["late", "client-only", "unreachable"] {
        let drawn = picture(&fixture::record(name), &[], chinese);
        golden(&format!("{name}.explained.zh.txt"), &drawn);
    }
    let calls = picture(&fixture::record("established"), &calls(), chinese);
    golden("established.calls.explained.zh.txt", &calls);
    let compact = Style { explain: false, compact: true, ..chinese };
    let figure = picture(&fixture::record("client-only"), &[], compact);
    golden("client-only.compact.zh.txt", &figure);
}

#[test]
fn chinese_lines_fit_and_never_begin_with_what_ends_a_sentence() {
    let ends = ['，', '。', '、', '；', '：', '）'];
    for (name, handshake) in fixture::all() {
        for width in [60, 80, 100, 120] {
            for compact in [false, true] {
                let language = Language::Chinese;
                let style = Style { language, compact, explain: !compact, ..style(width) };
                for line in picture(&handshake, &calls(), style).lines() {
                    assert!(line.width() <= width.into(), "{name} at {width}: {line}");
                    let mut texts = line.split('│').map(str::trim_start);
                    assert!(!texts.any(|text| text.starts_with(ends)), "{name} at {width}: {line}");
                }
            }
        }
    }
}

#[test]
fn no_line_is_longer_than_the_terminal_is_wide() {
    for (name, handshake) in fixture::all() {
        for width in [60, 80, 100, 120, 200] {
            for unicode in [false, true] {
                for calls in [vec![], calls()] {
                    for time in [TimeFormat::Relative, TimeFormat::Utc, TimeFormat::Epoch] {
                        let explained = Style { unicode, explain: true, time, ..style(width) };
                        let compact = Style { explain: false, compact: true, ..explained };
                        for style in [explained, compact] {
                            let text = picture(&handshake, &calls, style);
                            for line in text.lines() {
                                assert!(line.width() <= width.into(), "{name} at {width}: {line}");
                            }
                            assert!(unicode || text.is_ascii(), "{name}: {text}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn facts_fit_at_every_width() {
    for (name, handshake) in fixture::all() {
        for width in 60..=140 {
            for line in picture(&handshake, &[], style(width)).lines() {
                assert!(line.width() <= usize::from(width), "{name} at {width}: {line}");
            }
        }
    }
}

#[test]
fn segments_at_one_time_are_no_time_apart() {
    let text = picture(&fixture::of("+0 SYN\n+0 SYN_ACK\n+9us ACK"), &[], style(100));
    assert!(text.contains("      0 s      +0 s  "), "{text}");
}

#[test]
fn a_picture_without_verdict_is_the_begin_of_the_whole() {
    let handshake = fixture::record("established");
    let names = fixture::names();
    let record = Record {
        handshake: &handshake,
        patterns: &[],
        calls: &calls(),
        names: &names,
        end_names: EndNames::default(),
        capture_start: None,
    };
    let mut out = Vec::new();
    let mut timeline = Timeline::new(&mut out, style(100)).without_footer();
    timeline.handshake(&record).expect("memory takes it");
    let begin = String::from_utf8(out).expect("text");
    assert!(picture(&handshake, &calls(), style(100)).starts_with(&begin), "{begin}");
    assert!(begin.contains("SYN,ACK") && !begin.contains("established"), "{begin}");
}

/// What is said at each step, and how long until the next.
#[derive(Clone, Default)]
struct Teacher(Rc<RefCell<String>>);

impl Pace for Teacher {
    fn pause(&mut self, said: &[String], next_ns: Option<i64>) -> io::Result<()> {
        assert!(said.iter().all(|line| line.width() < 80), "{said:?}");
        let mut all = self.0.borrow_mut();
        all.push_str(&said.join("\n"));
        all.push_str(&next_ns.map_or("\n".to_owned(), |ns| format!("\n  ({ns} ns)\n")));
        Ok(())
    }
}

#[test]
fn steps_make_the_same_picture_and_are_explained() {
    for name in [
        "established",
        "half-open-recovery",
        "client-only",
        "unreachable",
        "closed",
        "closed-again",
        "closed-before-ack",
    ] {
        let handshake = fixture::record(name);
        let calls = if name == "established" { calls() } else { vec![] };
        let (names, teacher, mut out) = (fixture::names(), Teacher::default(), Vec::new());
        let patterns = handshake::recognise(&handshake);
        let record = Record {
            handshake: &handshake,
            patterns: &patterns,
            calls: &calls,
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        };
        let mut timeline = Timeline::new(&mut out, style(80)).at_pace(Box::new(teacher.clone()));
        timeline.handshake(&record).expect("memory takes it");
        drop(timeline);
        let drawn = String::from_utf8(out).expect("text");
        assert_eq!(drawn, picture(&handshake, &calls, style(80)), "{name}");
        golden(&format!("{name}.said.txt"), &teacher.0.borrow());
        let rungs = ladder::of(&record, style(80));
        let said = ladder::said(&record, &rungs, Language::Chinese);
        golden(&format!("{name}.said.zh.txt"), &(said.join("\n") + "\n"));
    }
}

#[test]
fn datagrams_are_drawn_between_their_calls() {
    for (name, style) in [
        ("exchange.txt", style(100)),
        ("exchange.ascii.txt", Style { unicode: false, ..style(80) }),
    ] {
        let mut out = Vec::new();
        fixture::with_exchange(|exchange| {
            Timeline::new(&mut out, style).exchange(exchange).expect("memory takes it");
        });
        golden(name, &String::from_utf8(out).expect("text"));
    }
}
