//! What else than a file a path may lead to.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use testkit::TimeLimit;

use super::build::{MICROSECONDS, pcap};
use super::{Scratch, Take, replay, told};
use crate::file::input::{Found, Place};
use crate::file::record::ByteOrder::Little;
use crate::file::{Input, Progress, Replay, create, open_to_write};
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
fn links_that_lead_nowhere_or_to_themselves_are_skipped() {
    let scratch = Scratch::new();
    scratch.file("x", &pcap(Little, MICROSECONDS, 1).bytes);
    for (name, target) in [("circle", "circle"), ("nowhere", "gone")] {
        symlink(target, scratch.path().join(name)).expect("a link");
    }
    let found = Found::of(&[Input::Path(scratch.path().into())]);
    let skipped: Vec<_> = found.skipped.iter().map(ToString::to_string).collect();
    let expected = ["circle", "nowhere"].map(|name| {
        let path = scratch.path().join(name);
        format!("{}: it is gone, or a link to a file that is", path.display())
    });
    assert_eq!((skipped.as_slice(), found.refused.len()), (&expected[..], 0));
    assert_eq!(found.places.len(), 1);
}

#[test]
fn a_tree_is_read_once_whatever_leads_to_its_directories() {
    let scratch = Scratch::new();
    let [top, inner] = ["top", "top/a/inner"].map(|name| scratch.path().join(name));
    fs::create_dir_all(&inner).expect("directories");
    fs::create_dir(top.join("b")).expect("a directory");
    for name in ["top/x", "top/a/inner/y", "top/b/z"] {
        scratch.file(name, &pcap(Little, MICROSECONDS, 1).bytes);
    }
    symlink("..", top.join("a/up")).expect("a link");
    symlink("a/inner", top.join("c")).expect("a link");
    let found = Found::of(&[Input::Tree(top.clone())]);
    let names: Vec<_> = found.places.iter().map(Place::path).collect();
    assert_eq!(names, ["x", "b/z", "c/y"].map(|name| top.join(name)));
    assert_eq!(found.below, ["a", "b", "c"].map(|name| top.join(name)));
    assert!(found.refused.is_empty() && found.skipped.is_empty(), "{found:?}");
    let mut few = Found::default();
    few.add_tree(&top, 1).expect("it can be read");
    let refused: Vec<_> = few.refused.iter().map(ToString::to_string).collect();
    let b = top.join("b").display().to_string();
    assert_eq!(refused, [format!("{b}: it is beyond the 1 directories of a tree")]);
    assert_eq!(few.below, [top.join("a")]);
}

#[test]
fn what_takes_the_place_of_a_file_is_not_waited_for() {
    let scratch = Scratch::new();
    let path = scratch.file("pipe", &pcap(Little, MICROSECONDS, 1).bytes);
    let mut found = Found::of(&[Input::Path(scratch.path().into())]);
    let place = found.places.pop().expect("the file");
    fs::remove_file(&path).expect("it is there");
    pipe(&scratch);
    // Opening the pipe would wait for a writer.
    let _limit = TimeLimit::start();
    let error = place.open(0).err().expect("it is no file any more");
    assert_eq!(error.to_string(), "it was replaced by something that is no regular file");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_gives_nothing_for_now_is_not_waited_for() {
    let _limit = TimeLimit::start();
    // Reading the messages of the kernel waits for the next one, and the file says it is regular.
    told(Replay::open(&[Input::Path("/proc".into())]), Take::All);
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
        replay.read_so_far().progress()
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

/// A directory like `/tmp`, with a file in it.
fn open_to_everybody(scratch: &Scratch, name: &str) -> PathBuf {
    let path = scratch.file(name, b"kept");
    let everybody = fs::Permissions::from_mode(0o1777);
    fs::set_permissions(scratch.path(), everybody).expect("the directory is ours");
    path
}

#[test]
fn nothing_that_others_may_have_prepared_is_written_to() {
    let (scratch, elsewhere) = (Scratch::new(), Scratch::new());
    let own = open_to_everybody(&scratch, "own");
    let victim = elsewhere.file("victim", b"kept");
    let [link, second, dangling] = ["link", "second", "dangling"].map(|it| scratch.path().join(it));
    symlink(&victim, &link).expect("a link");
    symlink(elsewhere.path().join("new"), &dangling).expect("a link");
    fs::hard_link(&victim, &second).expect("a second name");
    let remedy =
        "in a directory that everybody may write to: remove it, or choose another directory";
    for (path, what) in [(link, "is a link"), (dangling, "is a link"), (second, "has another name")]
    {
        for opened in [create(&path), open_to_write(&path)] {
            let error = opened.expect_err(what);
            assert_eq!(error.to_string(), format!("it {what}, {remedy}"));
        }
    }
    assert_eq!(fs::read(&victim).expect("it is still there"), b"kept");
    assert!(!elsewhere.path().join("new").exists());
    // Only root can give a file away.
    let given_away = chown(&own, Some(1), None).is_ok();
    assert_eq!(create(&own).is_err(), given_away);
    assert_eq!(fs::read(&own).expect("it is still there").is_empty(), !given_away);
}

#[test]
fn own_files_are_written_to_wherever_they_are() {
    let (scratch, elsewhere) = (Scratch::new(), Scratch::new());
    let own = open_to_everybody(&scratch, "own");
    drop(open_to_write(&own).expect("it is ours"));
    assert_eq!(fs::read(&own).expect("it is still there"), b"kept");
    drop(create(&own).expect("it is ours"));
    assert_eq!(fs::read(&own).expect("it is still there"), b"");
    let new = scratch.path().join("new");
    drop(create(&new).expect("it is new"));
    // Nobody else could have made this link.
    let link = elsewhere.path().join("link");
    symlink(&new, &link).expect("a link");
    create(&link).expect("it is ours").write_all(b"written").expect("written");
    assert_eq!(fs::read(&new).expect("it is there"), b"written");
}
