//! Any bytes as a capture file: it is read as far as it goes, compressed or not, and the frames add
//! up, whether they come one by one or many in one loop. The last byte says whether the file is
//! merged with itself.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use capture::file::{Input, Replay};
use capture::{FrameSource, Next};
use libfuzzer_sys::fuzz_target;

/// A file in memory.
static PLACE: LazyLock<PathBuf> =
    LazyLock::new(|| format!("/dev/shm/synscope-fuzz-{}", std::process::id()).into());

fuzz_target!(|data: &[u8]| {
    let Some((merged, _)) = data.split_last() else { return };
    fs::write(&*PLACE, data).expect("the memory takes a small file");
    let files = 1 + usize::from(merged & 1);
    let open = || Replay::open(&vec![Input::Path(PLACE.clone()); files]);
    let mut replay = open();
    let mut frames = Vec::new();
    while let Next::Frame(frame) = replay.next().expect("a file never fails as a whole") {
        frames.push(format!("{frame:?}"));
    }
    assert!(matches!(replay.next(), Ok(Next::End)));
    let damaged = replay.damage().len();
    assert!(damaged <= files && damaged + replay.refused().len() <= files);
    let progress = replay.progress();
    assert!(progress.total.is_none_or(|total| progress.read <= total));

    let mut looped = open();
    let mut taken = Vec::new();
    loop {
        let mut left = 3;
        looped.next_while(|frame| {
            let takes = left > 0;
            if takes {
                left -= 1;
                taken.push(format!("{frame:?}"));
            }
            takes
        });
        let Next::Frame(frame) = looped.next().expect("a file never fails as a whole") else {
            break;
        };
        taken.push(format!("{frame:?}"));
    }
    assert_eq!(taken, frames);
    assert_eq!(looped.damage(), replay.damage());
    fs::remove_file(&*PLACE).expect("nobody else takes it away");
});
