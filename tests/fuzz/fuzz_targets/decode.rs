//! A link type and any bytes: the parser tells what they hold, options and checksum included.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Content, Decoder, Frame, LinkType};

fuzz_target!(|data: &[u8]| {
    let Some((head, bytes)) = data.split_first_chunk::<3>() else { return };
    let [link, high, beyond] = *head;
    // Every link type that is decoded has a number below 512.
    let link = LinkType(u32::from(link) | u32::from(high & 1) << 8);
    let wire_len = bytes.len() as u32 + u32::from(beyond);
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&Frame::of_bytes(link, wire_len, bytes));
    for layer in packet.layers {
        let _ = layer.to_string();
    }
    match packet.content {
        Content::Tcp(segment) => {
            let options = segment.options().count();
            assert!(options <= 41, "{options} options in {} bytes", segment.option_bytes().len());
            assert!(segment.bytes.len() <= bytes.len());
            let _ = (segment.checksum(), segment.next_seq(), segment.ack(), segment.options_cut());
        }
        Content::Icmp(error) => _ = error.is_unreachable(),
        Content::Stopped(stopped) => {
            assert!(stopped.offset as usize <= bytes.len(), "{stopped} of {}", bytes.len());
            let _ = (stopped.to_string(), stopped.reason.name());
        }
        Content::Other(other) => _ = other.to_string(),
    }
});
