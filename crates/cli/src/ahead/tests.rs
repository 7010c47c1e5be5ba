use std::time::Duration;

use capture::Damage;
use capture::file::{Extent, Input, Replay};
use hostnames::HostNames;
use parser::Period;

use super::*;
use crate::args::Format;
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::Ending;
use crate::presenter::tests::{Full, Written, bundled, output, renamed};
use crate::presenter::{Presenter, ShowWhen};
use crate::remarks::Remarks;
use crate::selection::Selection;

/// How attempts are shown.
#[derive(Clone, Debug)]
struct How {
    format: Format,
    names: Option<HostNames>,
    whole: bool,
    started_in: Period,
}

impl How {
    const fn format(format: Format) -> Self {
        Self { format, names: None, whole: false, started_in: Period::ALWAYS }
    }

    /// What is written of these inputs, with or without reading ahead of a tracker that waits so long
    /// after each block.
    fn written(&self, inputs: &[Input], is_ahead: bool, wait: Duration) -> String {
        let written = Written::default();
        let output = Output {
            host_names: self.names.clone(),
            whole: self.whole,
            remarks: Remarks::Normal,
            ..output(self.format, written.clone())
        };
        let presenter = Presenter::new(output, Selection::default(), ShowWhen::InOrder);
        let pipeline = Pipeline::new(presenter, Memory::default());
        let mut pipeline = pipeline.started_in(self.started_in);
        let mut replay = Replay::open(inputs);
        let goes_on = || {
            thread::sleep(wait);
            true
        };
        let end = take_all(&mut pipeline, &mut replay, is_ahead, goes_on).unwrap();
        assert_eq!(end, End::Complete);
        let ending = Ending { damage: replay.damage(), lost: replay.lost(), ..Ending::default() };
        pipeline.finish(end, &ending).unwrap();
        written.text()
    }

    /// That reading ahead changes nothing, not even for a tracker that is slow.
    #[track_caller]
    fn assert_same(&self, inputs: &[Input]) {
        let here = self.written(inputs, false, Duration::ZERO);
        let ahead = self.written(inputs, true, Duration::ZERO);
        let slow = self.written(inputs, true, Duration::from_micros(200));
        assert!(!here.is_empty(), "{inputs:?} {self:?}");
        assert!(here == ahead && here == slow, "{inputs:?} {self:?}");
    }
}

fn captures() -> Vec<Input> {
    bundled().into_iter().map(Input::Path).collect()
}

#[test]
fn what_is_read_ahead_is_shown_alike() {
    for format in [Format::Jsonl, Format::Summary, Format::Timeline] {
        // Together they fill blocks that were used before.
        let how = How::format(format);
        how.assert_same(&[captures(), captures(), captures(), captures()].concat());
        for capture in captures().chunks(1) {
            how.assert_same(capture);
        }
    }
}

#[test]
fn what_is_read_ahead_is_followed_to_its_end() {
    How { whole: true, ..How::format(Format::Jsonl) }.assert_same(&captures());
}

#[test]
fn what_is_read_ahead_has_the_same_period() {
    let mut replay = Replay::open(&captures());
    while let Next::Frame(_) = replay.next().unwrap() {}
    let Extent { first, last, .. } = replay.extent().unwrap();
    let half = (last.as_nanos() - first.as_nanos()) / 2;
    let started_in = Period { from: Some(first.plus_nanos(half)), to: None };
    How { started_in, ..How::format(Format::Jsonl) }.assert_same(&captures());
}

#[test]
fn answers_that_are_read_ahead_give_names_to_what_began_after_them() {
    let input = [Input::Memory("c.pcap", renamed().leak())];
    let names = Some(HostNames::default());
    How { names, ..How::format(Format::Jsonl) }.assert_same(&input);
}

/// SYNs that are read one by one, with what happens before each of them.
struct Syns<'a> {
    frame: testkit::TestFrame,
    names: Names,
    given: u64,
    most: u64,
    before: &'a (dyn Fn() + Sync),
}

impl<'a> Syns<'a> {
    fn new(most: u64, before: &'a (dyn Fn() + Sync)) -> Self {
        let frame = testkit::spoofed_syn(testkit::Ip::V4, 0, 0);
        Self { frame, names: Names::default(), given: 0, most, before }
    }

    /// The numbers of those that a pipeline has got, which takes them until `goes_on` says no.
    fn taken(
        &mut self,
        mut goes_on: impl FnMut() -> bool,
        take: impl FnOnce(&mut Pipeline<Presenter>, &mut Self, &mut dyn FnMut() -> bool),
    ) -> Vec<u64> {
        let written = Written::default();
        let output = output(Format::Csv, written.clone());
        let presenter = Presenter::new(output, Selection::default(), ShowWhen::InOrder);
        let mut pipeline = Pipeline::new(presenter, Memory::default());
        take(&mut pipeline, self, &mut goes_on);
        pipeline.finish(End::Complete, &Ending::default()).unwrap();
        let text = written.text();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
    }
}

impl FrameSource for Syns<'_> {
    /// It ends in an error.
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        (self.before)();
        if self.given == self.most {
            let (path, reason) = ("x".into(), "it ends".to_owned());
            return Err(CaptureError::NotACapture { path, reason });
        }
        self.frame = testkit::spoofed_syn(testkit::Ip::V4, self.given as u32, 0);
        self.given += 1;
        Ok(Next::Frame(Frame {
            number: self.given,
            timestamp: Some(Timestamp::from_nanos(self.given.cast_signed())),
            ..Frame::of_bytes(LinkType(self.frame.link), self.frame.wire_len, &self.frame.bytes)
        }))
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}

#[test]
fn what_came_before_an_error_counts() {
    let taken = Syns::new(100, &|| ()).taken(
        || true,
        |pipeline, source, goes_on| {
            let error = take_all(pipeline, source, true, goes_on).unwrap_err();
            assert_eq!(error.to_string(), "x: it ends");
        },
    );
    assert!(taken.into_iter().eq(1..=100));
}

#[test]
fn a_slow_reader_gives_the_source_back() {
    let _limit = testkit::TimeLimit::start();
    let wait = || thread::sleep(Duration::from_micros(500));
    let mut syns = Syns::new(u64::MAX, &wait);
    let taken = syns.taken(
        || true,
        |pipeline, source, mut goes_on| {
            assert_eq!(take_ahead(pipeline, source, &mut goes_on).unwrap(), None);
            source.most = source.given + 50;
            take_all(pipeline, source, false, goes_on).unwrap_err();
        },
    );
    assert!(taken.into_iter().eq(1..=syns.most));
}

#[test]
fn a_reader_ends_when_the_output_fails() {
    let _limit = testkit::TimeLimit::start();
    let full = output(Format::Csv, Full(10_000));
    let presenter = Presenter::new(full, Selection::default(), ShowWhen::AsTheyEnd);
    let mut pipeline = Pipeline::new(presenter, Memory::default());
    let error =
        take_all(&mut pipeline, &mut Syns::new(u64::MAX, &|| ()), true, || true).unwrap_err();
    assert_eq!(error.to_string(), "the output can't be written");
}

#[test]
fn a_thread_that_reads_gets_a_core_and_enough_to_do() {
    let long = Some(LEAST + 1);
    assert!(pays(2, true, long) && pays(3, false, long));
    assert!(!pays(1, true, long) && !pays(2, false, long));
    assert!(!pays(2, true, Some(LEAST)) && !pays(2, true, None));
}

#[test]
fn a_reader_ends_when_nothing_more_is_wanted() {
    let _limit = testkit::TimeLimit::start();
    let mut blocks = 0;
    let mut syns = Syns::new(u64::MAX, &|| ());
    let is_first = || {
        blocks += 1;
        blocks < 2
    };
    let taken = syns.taken(is_first, |pipeline, source, goes_on| {
        assert_eq!(take_all(pipeline, source, true, goes_on).unwrap(), End::Interrupted);
    });
    let count = taken.len() as u64;
    assert!((1..syns.given).contains(&count) && taken.into_iter().eq(1..=count));
}

const NOTHING: Finding = Finding { finder: None, headers_do: false };

/// How many bytes a block keeps of each of these frames, and whether it has a clue for each.
fn kept(frames: &[Frame<'_>], finding: Finding) -> (Vec<usize>, bool) {
    let mut block = Block::default();
    block.extend(frames, finding);
    let kept = block.frames().map(|frame| frame.bytes.len()).collect();
    (kept, block.clues.len() == frames.len())
}

#[test]
fn of_what_is_counted_alone_the_headers_are_kept() {
    let segment = testkit::Connection { ip: testkit::Ip::V4, number: 0 }.packet(3, 0);
    let with_data = [&segment.bytes[..], &[0; 9]].concat();
    let datagram =
        testkit::datagram(([192, 0, 2, 1], 53).into(), ([192, 0, 2, 2], 53).into(), vec![0; 50], 0);
    let frames = [(&segment, &with_data), (&datagram, &datagram.bytes)]
        .map(|(frame, bytes)| Frame::of_bytes(LinkType(frame.link), frame.wire_len, bytes));
    let pipeline = |format| {
        let output = output(format, Written::default());
        let presenter = Presenter::new(output, Selection::default(), ShowWhen::InOrder);
        Pipeline::new(presenter, Memory::default())
    };
    let all: Vec<_> = frames.iter().map(|frame| frame.bytes.len()).collect();
    for (format, keeps) in [(Format::Summary, segment.bytes.len()), (Format::Jsonl, all[0])] {
        let finding = Finding::of(&pipeline(format));
        assert_eq!(kept(&frames, finding), (vec![keeps, all[1]], true), "{format:?}");
    }
    assert_eq!(kept(&frames, NOTHING), (all, false));
}

#[test]
fn frames_leave_a_block_as_they_came() {
    let (ethernet, null) = (LinkType::ETHERNET, LinkType::NULL);
    let places = [
        (0, Some(0), 1, ethernet),
        (0, Some(0), 2, ethernet),
        (0, Some(0), 9, ethernet),
        (0, Some(0), 10, null),
        (0, Some(1), 11, null),
        (3, Some(1), 12, null),
        (3, None, 13, null),
    ];
    let frame = |(at, (source, interface, number, link))| Frame {
        origin: Origin { source, interface },
        number,
        timestamp: (at != 1).then_some(Timestamp::from_nanos(7)),
        link,
        wire_len: 90,
        bytes: b"abcdefgh".get(..at).unwrap(),
    };
    let frames: Vec<_> = places.into_iter().enumerate().map(frame).collect();
    let mut block = Block::default();
    block.extend(&frames, NOTHING);
    assert_eq!(format!("{:?}", block.frames().collect::<Vec<_>>()), format!("{frames:?}"));
}

#[test]
fn blocks_are_small_while_attempts_need_the_memory() {
    let memory = Memory::of(16_000_000).unwrap();
    let output = output(Format::Summary, Written::default());
    let presenter = Presenter::new(output, Selection::default(), ShowWhen::InOrder);
    let mut pipeline = Pipeline::new(presenter, memory);
    assert_eq!(size_beside(&pipeline), LARGE);
    let mut syns = Syns::new(100_000, &|| ());
    take_all(&mut pipeline, &mut syns, false, || true).unwrap_err();
    assert_eq!(size_beside(&pipeline), SMALL);
}

#[test]
fn a_block_keeps_no_more_space_than_it_shall_take() {
    let syn = testkit::spoofed_syn(testkit::Ip::V4, 0, 0);
    let frame = Frame::of_bytes(LinkType(syn.link), syn.wire_len, &syn.bytes);
    let fill = |mut block: Block| {
        while block.takes() < LARGE {
            block.extend(&[frame], NOTHING);
        }
        block
    };
    let block = fill(Block::default());
    let space = block.space();
    let block = block.emptied(LARGE);
    assert_eq!((block.takes(), block.space()), (0, space));
    assert_eq!(fill(block).emptied(SMALL).space(), 0);
}
