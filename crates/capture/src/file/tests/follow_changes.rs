//! Files that are written anew, renamed, compressed or removed while they are read.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::build::{MICROSECONDS, pcap};
use super::compression::gzip;
use super::follow::{append, capture, follow, frame, seconds, stopped};
use super::{Scratch, said};
use crate::file::Happened;
use crate::file::record::ByteOrder::Little;
use crate::{Damage, FrameSource as _, Next};

#[test]
fn a_ring_is_read_on_in_the_order_of_its_frames() {
    let scratch = Scratch::new();
    scratch.file("x0", &capture(&[1, 2]));
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "x0"), frame(2, 2, "x0")]);
    scratch.file("x1", &capture(&[3, 4]));
    assert_eq!(seconds(&mut follow), [frame(3, 1, "x1"), frame(4, 2, "x1")]);
    // Emptied, which alone says nothing; then shorter, as long as before, and longer.
    scratch.file("x0", b"");
    assert_eq!(seconds(&mut follow), []);
    scratch.file("x0", &capture(&[5]));
    assert_eq!(seconds(&mut follow), [frame(5, 1, "x0")]);
    scratch.file("x1", &capture(&[6, 7]));
    assert_eq!(seconds(&mut follow), [frame(6, 1, "x1"), frame(7, 2, "x1")]);
    scratch.file("x0", &capture(&[8, 9, 10]));
    scratch.file("x1", &capture(&[11, 12, 13]));
    let expected =
        [(8, 1, "x0"), (9, 2, "x0"), (10, 3, "x0"), (11, 1, "x1"), (12, 2, "x1"), (13, 3, "x1")];
    assert_eq!(
        seconds(&mut follow),
        expected.map(|(second, number, name)| frame(second, number, name))
    );
    assert_eq!((follow.damage(), follow.names().sources().len()), (&[][..], 2));
}

#[test]
fn a_file_that_is_emptied_or_replaced_is_read_as_a_new_one() {
    let scratch = Scratch::new();
    let path = scratch.file("x", &capture(&[1, 2]));
    let mut follow = follow(&path);
    assert_eq!(seconds(&mut follow), [frame(1, 1, "x"), frame(2, 2, "x")]);
    scratch.file("x", &capture(&[3]));
    assert_eq!(seconds(&mut follow), [frame(3, 1, "x")]);
    // The last bytes of the one that is moved away count, too.
    let old = scratch.path().join("old");
    fs::rename(&path, &old).expect("it can be moved");
    append(&old, &capture(&[4])[24..]);
    assert_eq!(seconds(&mut follow), [frame(4, 2, "x")]);
    append(&old, &capture(&[5])[24..]);
    scratch.file("x", &capture(&[6, 7]));
    let expected = [(5, 3), (6, 1), (7, 2)];
    assert_eq!(seconds(&mut follow), expected.map(|(second, number)| frame(second, number, "x")));
}

/// What `tcpdump -z gzip` does.
fn compress(path: &Path) -> PathBuf {
    let compressed = PathBuf::from(format!("{}.gz", path.display()));
    let bytes = gzip(&fs::read(path).expect("it is there"));
    fs::write(&compressed, bytes).expect("it can be written");
    compressed
}

#[test]
fn the_compressed_copy_of_a_file_is_not_read() {
    let scratch = Scratch::new();
    let path = scratch.file("a.pcap", &capture(&[1]));
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "a.pcap")]);
    scratch.file("b.pcap", &capture(&[2]));
    let compressed = compress(&path);
    let whole = fs::read(&compressed).expect("it is there");
    fs::write(&compressed, &whole[..30]).expect("it can be written");
    assert_eq!(seconds(&mut follow), [frame(2, 1, "b.pcap")]);
    append(&compressed, &whole[30..]);
    fs::remove_file(&path).expect("it is there");
    assert_eq!(seconds(&mut follow), []);
    scratch.file("c.pcap", &capture(&[3]));
    assert_eq!(seconds(&mut follow), [frame(3, 1, "c.pcap")]);
    assert_eq!(follow.damage(), []);
}

#[test]
fn the_compressed_copy_stands_for_a_file_that_was_not_read_in_time() {
    let scratch = Scratch::new();
    let paths = [1, 2, 3].map(|second| scratch.file(&format!("{second}"), &capture(&[second])));
    let mut follow = follow(scratch.path());
    compress(&paths[1]);
    fs::remove_file(&paths[1]).expect("it is there");
    let expected = [(1, "1"), (2, "2.gz"), (3, "3")];
    assert_eq!(seconds(&mut follow), expected.map(|(second, name)| frame(second, 1, name)));
    assert_eq!(follow.take_refused().len(), 0);
    assert_eq!(follow.damage(), []);
}

#[test]
fn a_file_that_is_written_anew_before_its_turn_takes_its_new_turn() {
    let scratch = Scratch::new();
    for second in [1, 2, 3] {
        scratch.file(&format!("{second}"), &capture(&[second]));
    }
    let mut follow = follow(scratch.path());
    scratch.file("2", &capture(&[4]));
    let expected = [(1, "1"), (3, "3"), (4, "2")];
    assert_eq!(seconds(&mut follow), expected.map(|(second, name)| frame(second, 1, name)));
    assert_eq!(follow.damage(), [missed(&scratch.path().join("2"))]);
}

fn missed(path: &Path) -> Damage {
    Damage {
        source: path.display().to_string(),
        offset: 0,
        frames: 0,
        reason: "it was removed or written anew before it was read".into(),
    }
}

#[test]
fn a_file_that_is_removed_before_its_turn_is_told() {
    let scratch = Scratch::new();
    let paths = [1, 2, 3, 4].map(|second| scratch.file(&second.to_string(), &capture(&[second])));
    let mut follow = follow(scratch.path());
    fs::remove_file(&paths[1]).expect("it is there");
    // This one is only called otherwise.
    fs::rename(&paths[2], scratch.path().join("c")).expect("it can be renamed");
    let expected = [(1, "1"), (3, "c"), (4, "4")];
    assert_eq!(seconds(&mut follow), expected.map(|(second, name)| frame(second, 1, name)));
    assert_eq!(follow.damage(), [missed(&paths[1])]);
}

#[test]
fn a_file_is_read_once_whatever_its_name() {
    let scratch = Scratch::new();
    let in_scratch = |name: &str| scratch.path().join(name);
    let rename = |from, to| {
        fs::rename(in_scratch(from), in_scratch(to)).expect("it can be renamed");
    };
    // As rotation does it: each older file takes the next name, a new file the first one.
    scratch.file("x", &capture(&[1]));
    let mut follow = follow(scratch.path());
    assert_eq!(seconds(&mut follow), [frame(1, 1, "x")]);
    rename("x", "x.1");
    append(&in_scratch("x.1"), &capture(&[2])[24..]);
    assert_eq!(seconds(&mut follow), [frame(2, 2, "x")]);
    scratch.file("x", &capture(&[3]));
    assert_eq!(seconds(&mut follow), [frame(3, 1, "x")]);
    rename("x.1", "x.2");
    rename("x", "x.1");
    scratch.file("x", &capture(&[4]));
    assert_eq!(seconds(&mut follow), [frame(4, 1, "x")]);
    // The name was forgotten once, when no file had it.
    assert_eq!(follow.names().sources().len(), 2);
    // Compressed under its new name, linked to, and written under a name that it does not keep.
    compress(&in_scratch("x.2"));
    fs::remove_file(in_scratch("x.2")).expect("it is there");
    symlink(in_scratch("x.1"), in_scratch("latest")).expect("it can be linked");
    fs::hard_link(in_scratch("x.1"), in_scratch("again")).expect("it can be linked");
    scratch.file(".part", &capture(&[5]));
    assert_eq!(seconds(&mut follow), [frame(5, 1, ".part")]);
    rename(".part", "y");
    assert_eq!(seconds(&mut follow), []);
    append(&in_scratch("y"), &capture(&[6])[24..]);
    assert_eq!(seconds(&mut follow), [frame(6, 2, ".part")]);
    assert_eq!(follow.damage(), []);
    // The file whose name was taken over is still told where more is written to it.
    append(&in_scratch("x.1"), &capture(&[7])[24..]);
    assert_eq!(seconds(&mut follow), []);
    assert_eq!(follow.damage().len(), 1);
}

#[test]
fn a_file_that_is_removed_is_read_on_until_another_takes_its_name() {
    let scratch = Scratch::new();
    let path = scratch.file("x", &capture(&[1]));
    let mut follow = follow(&path);
    assert_eq!(seconds(&mut follow), [frame(1, 1, "x")]);
    assert_eq!(follow.take_happened(), []);
    let mut writer = File::options().append(true).open(&path).expect("it is there");
    fs::remove_file(&path).expect("it is there");
    for second in [2, 3] {
        writer.write_all(&capture(&[second])[24..]).expect("it is open");
        let number = u64::from(second);
        assert_eq!(seconds(&mut follow), [frame(second.into(), number, "x")]);
    }
    assert_eq!(follow.take_happened(), [Happened::Removed(path.clone())]);
    writer.write_all(&capture(&[4])[24..]).expect("it is open");
    scratch.file("x", &capture(&[5]));
    assert_eq!(seconds(&mut follow), [frame(4, 4, "x"), frame(5, 1, "x")]);
    fs::remove_file(&path).expect("it is there");
    assert_eq!(seconds(&mut follow), []);
    assert_eq!(follow.take_happened(), [Happened::Removed(path)]);
    assert_eq!(follow.damage(), []);
}

#[test]
fn what_can_not_go_on_ends() {
    let scratch = Scratch::new();
    let broken = pcap(Little, MICROSECONDS, 1).record(1, 0, b"frame").raw(&[0xff; 40]);
    let mut broken = follow(&scratch.file("x", &broken.bytes));
    assert_eq!(seconds(&mut broken), [frame(1, 1, "x")]);
    assert!(matches!(broken.next_at_once(), Ok(Next::End)));
    assert_eq!(broken.damage().len(), 1);

    let directory = scratch.path().join("d");
    fs::create_dir(&directory).expect("a new directory");
    let mut follow = follow(&directory);
    fs::remove_dir(&directory).expect("it is empty");
    let _limit = testkit::TimeLimit::start();
    let error = follow.next_at_once().expect_err("it is gone");
    let expected = "d: the directory was removed or renamed: start again once it is there";
    assert!(said(&error).ends_with(expected), "{error:?}");
}

#[test]
fn a_file_that_is_written_anew_before_it_was_read_is_told() {
    let scratch = Scratch::new();
    let name = scratch.path().join("x").display().to_string();
    let bytes = capture(&[1, 2, 3]);
    let end = capture(&[1]).len();
    // Between two records nobody knows whether there was more; within one, there was.
    for (read, known) in [(end, false), (end + 1, true)] {
        for anew in [capture(&[4]), capture(&[4, 5, 6, 7])] {
            let path = scratch.file("x", &bytes[..read]);
            let mut follow = follow(&path);
            assert_eq!(seconds(&mut follow), [frame(1, 1, "x")]);
            append(&path, &bytes[read..]);
            scratch.file("x", &anew);
            assert_eq!(seconds(&mut follow).first(), Some(&frame(4, 1, "x")));
            let damage = known.then(|| Damage {
                source: name.clone(),
                offset: end as u64,
                frames: 1,
                reason: "it was written anew before the rest of it was read".into(),
            });
            assert_eq!(follow.damage(), damage.as_slice());
            let happened = (!known).then_some(Happened::WrittenAnew(path));
            assert_eq!(follow.take_happened(), happened.as_slice());
        }
    }
}

#[test]
fn a_file_that_is_written_anew_at_the_end_is_told() {
    let scratch = Scratch::new();
    let path = scratch.file("x", &capture(&[1, 2]));
    let mut follow = follow(&path);
    assert_eq!(seconds(&mut follow).len(), 2);
    scratch.file("x", b"");
    let (rest, mut follow) = stopped(follow);
    assert_eq!((rest, follow.take_happened()), (vec![], vec![Happened::WrittenAnew(path)]));
}
