//! What else than a file a path may lead to.

use std::fs::File;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use testkit::TimeLimit;

use super::build::{MICROSECONDS, pcap};
use super::{Scratch, replay};
use crate::file::record::ByteOrder::Little;
use crate::file::{Input, Progress, Replay};
use crate::{FrameSource, Next};

fn refused(path: &Path) -> String {
    let told = replay(&[path]);
    let [reason] = told.refused.as_slice() else { panic!("{:?}", told.refused) };
    reason.replace(&path.display().to_string(), "x")
}

#[test]
fn what_is_not_even_a_file_is_refused_by_name() {
    let scratch = Scratch::new();
    let socket = scratch.path().join("socket");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    assert_eq!(refused(&socket), "x: it is a socket, not a capture file");
    assert_eq!(refused(Path::new("/dev/null")), "x: it is a device, not a capture file");
    assert_eq!(
        refused(&scratch.path().join("missing")),
        "x: No such file or directory (os error 2)"
    );
    let told = replay(&[scratch.path()]);
    assert_eq!(told.skipped, [format!("{}: it is a socket, not a capture file", socket.display())]);
}

fn pipe(scratch: &Scratch) -> std::path::PathBuf {
    let path = scratch.path().join("pipe");
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo of the coreutils");
    assert!(made.success());
    path
}

#[test]
fn a_pipe_in_a_directory_is_passed_over() {
    let scratch = Scratch::new();
    let path = pipe(&scratch);
    // Opening it would wait for a writer.
    let _limit = TimeLimit::start();
    let told = replay(&[scratch.path()]);
    assert_eq!(told.skipped, [format!("{}: it is a pipe, not a capture file", path.display())]);
}

#[test]
fn frames_come_out_of_a_pipe_as_they_are_written() {
    let _limit = TimeLimit::start();
    let scratch = Scratch::new();
    let path = pipe(&scratch);
    let inputs = [Input::Path(path.clone())];
    let (told, telling) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut replay = Replay::open(&inputs);
        while let Next::Frame(frame) = replay.next().expect("a frame or the end") {
            told.send(frame.bytes.to_vec()).expect("the writer listens");
        }
        replay.progress()
    });
    let mut writer = File::options().write(true).open(&path).expect("the reader has opened it");
    writer.write_all(&pcap(Little, MICROSECONDS, 1).bytes).expect("written");
    let mut written = 24;
    for payload in [b"first", b"other"] {
        let mut record = pcap(Little, MICROSECONDS, 1).record(1, 0, payload).bytes;
        record.drain(..24);
        writer.write_all(&record).expect("written");
        written += record.len() as u64;
        // The pipe stays open and nothing more is in it.
        assert_eq!(telling.recv().expect("the reader goes on"), payload);
    }
    drop(writer);
    let progress = reader.join().expect("the reader ends");
    assert_eq!(progress, Progress { read: written, total: None });
}
