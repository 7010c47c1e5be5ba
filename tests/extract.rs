//! `synscope replay --extract`: packets into a capture file that other programs open.

use std::fs;
use std::path::Path;
use std::process::Command;

use capture::file::{Input, Replay};
use capture::{FrameSource as _, Next};
use parser::Origin;
use testkit::{Endian, Interface, Pcapng, Script};

use crate::scripts::{ANOTHER, THREE_FATES};
use crate::util::{Dir, Run, formats};

/// A frame as it is read: the name of its interface, its time, its length on the wire, its bytes.
type Read = (Option<String>, Option<i64>, u32, Vec<u8>);

fn frames(path: &Path) -> Vec<(u64, Read)> {
    let mut replay = Replay::open(&[Input::Path(path.to_owned())]);
    assert!(replay.refused().is_empty(), "{:?}", replay.refused());
    let mut read: Vec<(u64, Origin, Read)> = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a file ends without an error") {
        let time = frame.timestamp.map(parser::Timestamp::as_nanos);
        let frame_read = (None, time, frame.wire_len, frame.bytes.to_vec());
        read.push((frame.number, frame.origin, frame_read));
    }
    assert!(replay.damage().is_empty(), "{:?}", replay.damage());
    let named = |(number, origin, (_, time, wire_len, bytes))| {
        let name = replay.names().interface(origin).map(str::to_owned);
        (number, (name, time, wire_len, bytes))
    };
    read.into_iter().map(named).collect()
}

/// Those of these numbers.
fn numbered(frames: &[(u64, Read)], numbers: &[u64]) -> Vec<Read> {
    let is_wanted = |(number, _): &&(u64, Read)| numbers.contains(number);
    frames.iter().filter(is_wanted).map(|(_, read)| read.clone()).collect()
}

fn extracted(path: &Path) -> Vec<Read> {
    frames(path).into_iter().map(|(_, read)| read).collect()
}

fn extract(dir: &Dir, args: &[&str]) -> Run {
    let all = ["replay", "--format", "summary", "--extract", "out.pcapng"];
    dir.synscope(all.iter().chain(args)).run()
}

/// A capture of two interfaces, the first frame of which is cut.
pub(crate) fn two_interfaces(script: &str) -> Vec<u8> {
    let mut file = Pcapng::new(Endian::Big)
        .interface(Interface::nanoseconds(1, "eth0"))
        .interface(Interface::nanoseconds(1, "eth1"));
    for (number, frame) in Script::parse(script).expect("a script").frames().iter().enumerate() {
        let mut frame = frame.clone();
        frame.bytes.truncate(if number == 0 { 60 } else { 128 });
        file = file.enhanced(number as u32 % 2, &frame);
    }
    file.finish()
}

#[test]
fn the_packets_of_the_selected_attempts_are_copied_whole() {
    let dir = Dir::new();
    let path = dir.write("c.pcapng", two_interfaces(THREE_FATES));
    let read = frames(&path);
    // The frame with which the server shows that it took the acknowledgment is the fourth.
    for (select, numbers, attempts) in [
        (&["--outcome", "established"][..], &[1, 2, 3, 4][..], "1 attempt"),
        (&["--port", "81"], &[5, 6], "1 attempt"),
        (&["--host", "2001:db8::/32"], &[7], "1 attempt"),
        (&["--outcome", "refused", "--outcome", "unanswered"], &[5, 6, 7], "2 attempts"),
        (&[], &[1, 2, 3, 4, 5, 6, 7], "3 attempts"),
    ] {
        let packets = match numbers.len() {
            1 => "1 packet".to_owned(),
            count => format!("{count} packets"),
        };
        let said = format!("synscope: wrote {packets} of {attempts} to out.pcapng\n");
        extract(&dir, &[select, &["c.pcapng"]].concat()).code(0).says(&said);
        assert_eq!(extracted(&dir.path("out.pcapng")), numbered(&read, numbers), "{select:?}");
    }
}

#[test]
fn frames_are_taken_from_the_file_in_which_they_were_seen() {
    let dir = Dir::new();
    // The server confirms in the second file, of which it is frame 1.
    let lines = |range: std::ops::Range<usize>| {
        let frames = Script::parse(ANOTHER).expect("a script").into_frames();
        testkit::pcap(&frames[range], testkit::Pcap::default())
    };
    dir.write("a.pcap", lines(0..3));
    dir.write("b.pcap", lines(3..4));
    extract(&dir, &["a.pcap", "b.pcap"])
        .code(0)
        .says("synscope: wrote 4 packets of 1 attempt to out.pcapng\n");
    let whole = dir.capture("whole.pcap", ANOTHER);
    let found = extracted(&dir.path("out.pcapng"));
    let (names, rest): (Vec<_>, Vec<_>) =
        found.into_iter().map(|(name, time, len, bytes)| (name, (time, len, bytes))).unzip();
    let expected = extracted(&whole).into_iter().map(|(_, time, len, bytes)| (time, len, bytes));
    assert_eq!(rest, expected.collect::<Vec<_>>());
    // A pcap file names no interface: the file is its description.
    let files = ["a.pcap", "a.pcap", "a.pcap", "b.pcap"].map(|name| Some(name.to_owned()));
    assert_eq!(names, files);
}

#[test]
fn each_packet_says_what_it_is() {
    let dir = Dir::new();
    let script = format!("{ANOTHER}\n+1ms S > C . K+1:K+1(0) ack J+1");
    dir.capture("c.pcap", &script);
    extract(&dir, &["--quiet", "c.pcap"]).code(0).says("");
    let bytes = fs::read(dir.path("out.pcapng")).expect("it was written");
    for comment in [
        "attempt 1, frame 1: syn; outcome: established; patterns: three_way",
        "attempt 1, frame 2: syn_ack",
        "attempt 1, frame 3: ack",
        "attempt 1, frame 4: the server shows that it took the acknowledgment",
    ] {
        // The option's code and length, and the end of the options after it.
        let mut option = vec![1, 0, comment.len() as u8, 0];
        option.extend(comment.as_bytes());
        option.resize(option.len().next_multiple_of(4), 0);
        option.extend([0; 4]);
        assert!(bytes.windows(option.len()).any(|window| window == option), "{comment}");
    }
}

#[cfg(unix)]
#[test]
fn what_can_be_read_once_only_is_refused() {
    let dir = Dir::new();
    let refusal = "synscope: --extract reads its input twice, which a pipe does not allow: save it \
                   to a file first\n";
    let bytes =
        testkit::pcap(Script::parse(ANOTHER).expect("a script").frames(), testkit::Pcap::default());
    let args = ["replay", "--extract", "out.pcapng", "-"];
    dir.synscope(args).stdin(bytes).run().code(2).says(refusal).shows("");
    assert!(!dir.path("out.pcapng").exists());
    // A named pipe is not opened: nobody writes to it.
    let made = Command::new("mkfifo").arg(dir.path("pipe")).status().expect("there is mkfifo");
    assert!(made.success());
    dir.synscope(["replay", "--extract", "out.pcapng", "pipe"]).run().code(2).says(refusal);
}

#[test]
fn no_input_and_no_other_output_is_overwritten() {
    let dir = Dir::new();
    let path = dir.capture("c.pcap", THREE_FATES);
    let before = fs::read(&path).expect("it was just written");
    let said = |args: &[&str]| dir.synscope(args).run().code(2).stderr().to_owned();
    assert_eq!(
        said(&["replay", "--extract", "./c.pcap", "c.pcap"]),
        "synscope: ./c.pcap: is an input file; give --extract another name\n"
    );
    assert_eq!(
        said(&["replay", "--output", "x", "--extract", "x", "c.pcap"]),
        "synscope: x: --output writes this file too; give --extract another name\n"
    );
    assert_eq!(fs::read(&path).expect("it is there"), before);
    assert!(!dir.path("x").exists());
}

#[test]
fn a_packet_without_a_time_is_left_out_and_that_is_said() {
    let dir = Dir::new();
    let mut file = Pcapng::new(Endian::Little).interface(Interface::nanoseconds(1, "lo"));
    for frame in Script::parse(ANOTHER).expect("a script").frames() {
        file = file.simple(frame);
    }
    dir.write("c.pcapng", file.finish());
    extract(&dir, &["c.pcapng"]).code(0).says(
        "synscope: wrote 0 packets of 1 attempt to out.pcapng\n\
         synscope: left out 4 of the packets: pcapng can't hold a packet without a time\n",
    );
}

#[test]
fn without_an_attempt_the_file_is_a_capture_without_packets() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.write("out.pcapng", "what was extracted before");
    extract(&dir, &["--outcome", "reset", "c.pcap"]).code(0).says(
        "synscope: no attempt is selected: the capture holds 3 attempts, and none meets --outcome\n\
         synscope: wrote 0 packets of 0 attempts to out.pcapng\n",
    );
    let frames = dir.synscope(["replay", "-f", "json", "out.pcapng"]).run().code(0).says("");
    assert!(frames.stdout().contains(r#""frames":0,"#), "{frames:?}");
}

#[test]
fn the_totals_and_the_attempts_are_shown_as_without_it() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for format in formats() {
        let args = ["replay", "-f", &format, "--outcome", "refused", "c.pcap"];
        let plain = dir.synscope(args).run().code(0);
        let args = args.into_iter().chain(["--extract", "out.pcapng"]);
        dir.synscope(args).run().code(0).shows(plain.stdout());
    }
}
