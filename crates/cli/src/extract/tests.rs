use std::fs;
use std::path::PathBuf;

use capture::file::Input;
use handshake::{End, Event, Limits, Reporting, Tracker, recognise};
use testkit::{Pcap, Script, TestFrame};

use super::*;
use crate::files::Files;

const SCRIPT: &str = "
    client [2001:db8::1]:40000 server [2001:db8::2]:80
    isn J=4294967295 K=4294967290
    +0   C > S S  J:J(0)
    +1ms S > C S. K:K(0) ack J+1
    +1ms C > S .  J+1:J+1(0) ack K+1
";

/// A directory with a capture, and an extraction that has noted its packets.
struct Scene {
    dir: PathBuf,
    frames: Vec<TestFrame>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("synscope-{name}-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let scene = Self { dir, frames: Script::parse(SCRIPT).unwrap().into_frames() };
        scene.write(&scene.frames);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write(&self, frames: &[TestFrame]) {
        fs::write(self.path("c.pcap"), testkit::pcap(frames, Pcap::default())).unwrap();
    }

    fn replay(&self) -> Replay {
        Replay::open(&[Input::Path(self.path("c.pcap"))])
    }

    /// Reads the capture, and notes the packets in so much room.
    fn noted(&self, room: usize) -> Extraction {
        let distinct = Files::default().check().unwrap();
        let extraction = Extraction::begin(&self.path("out.pcapng"), room, &distinct).unwrap();
        let mut replay = self.replay();
        let mut tracker = Tracker::new(Limits::DEFAULT, Reporting::Records);
        let mut packets = extraction.packets.borrow_mut();
        let mut note = |event: Event<'_>| {
            if let Event::Ended(handshake) = event {
                packets.add(handshake, &recognise(handshake));
            }
        };
        while let Next::Frame(frame) = replay.next().unwrap() {
            tracker.on_frame(&frame, &mut note);
        }
        tracker.finish(End::Complete, &mut note);
        drop(packets);
        extraction
    }

    /// Copies out of what is there by now, and tells the error.
    fn copy(&self, extraction: Extraction) -> Option<String> {
        let sources = [self.path("c.pcap").display().to_string()];
        let mut progress = Progress::new();
        let copied = extraction.copy(self.replay(), &sources, &mut progress, Remarks::Off);
        copied.err().map(|error| format!("{error:#}"))
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.dir).unwrap();
    }
}

#[test]
fn a_file_that_changes_meanwhile_is_noticed() {
    let scene = Scene::new("changed");
    let out = scene.path("out.pcapng");
    fs::write(&out, "as it was").unwrap();
    let changed = || Some(format!("{}: not written: {CHANGED}", out.display()));
    // It becomes shorter; other packets take the place of the first ones; its name leads elsewhere.
    let extraction = scene.noted(1_000);
    scene.write(&scene.frames[..2]);
    assert_eq!(scene.copy(extraction), changed());
    scene.write(&scene.frames);
    let extraction = scene.noted(1_000);
    scene.write(&scene.frames[1..]);
    assert_eq!(scene.copy(extraction), changed());
    scene.write(&scene.frames);
    let extraction = scene.noted(1_000);
    let mut progress = Progress::new();
    let sources = ["another".to_owned()];
    let copied = extraction.copy(scene.replay(), &sources, &mut progress, Remarks::Off);
    assert_eq!(copied.err().map(|error| format!("{error:#}")), changed());
    assert_eq!(fs::read(&out).unwrap(), b"as it was");
    // It may grow.
    let extraction = scene.noted(1_000);
    scene.write(&[&scene.frames[..], &scene.frames[..]].concat());
    assert_eq!(scene.copy(extraction), None);
    assert_ne!(fs::read(&out).unwrap(), b"as it was");
}

#[test]
fn the_numbers_of_the_packets_are_bounded() {
    let scene = Scene::new("bounded");
    // Room for the attempt and for its packets, of which a fourth might have confirmed it.
    let needed = 4 * size_of::<Packet>() + Packets::ATTEMPT;
    assert_eq!(scene.copy(scene.noted(needed)), None);
    let error = scene.copy(scene.noted(needed - 1)).unwrap();
    assert!(error.contains("have too many packets; select fewer attempts"), "{error}");
}
