//! Any text as a script: an error names its line, and what a script says is in its frames.

use parser::{Checksum, Content, Decoder, Frame, LinkType};
use testkit::{Endian, Pcap, Script, TestFrame, pcap, pcapng};

use super::files::read;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let frames = match Script::parse(&text) {
        Ok(script) => script.into_frames(),
        Err(error) => {
            assert!((1..=text.lines().count()).contains(&error.line), "{error}");
            return;
        }
    };
    let lines: Vec<_> = text.lines().collect();
    let commented: Vec<_> = lines.iter().map(|line| format!(" {line} # +0 C > S")).collect();
    let same = Script::parse(&commented.join("\n")).expect("comments change nothing");
    assert_eq!(same.frames(), frames);
    let part = Script::parse(&lines[..lines.len() / 2].join("\n")).expect("it has no error");
    assert_eq!(part.frames(), &frames[..part.frames().len()]);
    if !text.contains("frame") {
        for frame in &frames {
            decodes(frame, &text);
        }
    }
    // The formats hold no times outside these years.
    let seconds = |frame: &TestFrame| u32::try_from(frame.timestamp_ns.div_euclid(1_000_000_000));
    if frames.iter().all(|frame| seconds(frame).is_ok()) {
        let files = [pcap(&frames, Pcap::default()), pcapng(&frames, Endian::Big)];
        for told in files.map(|file| read(&file)) {
            assert!(told.is_sound(), "{told:?}");
            let got = told.frames.into_iter().map(|got| TestFrame {
                timestamp_ns: got.nanos.expect("it has a time"),
                link: got.link,
                wire_len: got.wire_len,
                bytes: got.bytes,
            });
            assert_eq!(got.collect::<Vec<_>>(), frames);
        }
    }
}

/// A line about a packet makes one that can be decoded, as far as it is captured.
fn decodes(frame: &TestFrame, text: &str) {
    let TestFrame { link, wire_len, bytes, .. } = frame;
    if bytes.len() < *wire_len as usize {
        return;
    }
    let mut decoder = Decoder::new();
    match decoder.decode(&Frame::of_bytes(LinkType(*link), *wire_len, bytes)).content {
        Content::Tcp(segment) if text.contains("checksum") || text.contains("fragment") => {
            assert!(!segment.options_cut());
        }
        Content::Tcp(segment) => assert_eq!(segment.checksum(), Checksum::Ok),
        Content::Stopped(stopped) => panic!("{stopped}: {frame:?}"),
        Content::Icmp(_) | Content::Other(_) => {}
    }
}
