//! What a file is, by its first bytes.

use super::buffer::Buffer;
use super::compression::Compression;
use super::pcap::{FILE_HEADER, Pcap};
use super::pcapng::{self, SECTION_HEADER, SECTION_START};
use super::record::ByteOrder;

/// What can be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Pcap(Pcap),
    Pcapng,
    Compressed(Compression),
}

/// Why a file is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no capture. In a directory such files are passed over.
    Foreign(String),
    /// It is a capture, and can't be read.
    Unreadable(String),
}

/// How much of an unknown file is looked at.
const LOOK: usize = 512;

/// Captures of other kinds, and other files that people mistake for one, by their first bytes.
const OTHER_CAPTURES: &[(&[u8], &str)] = &[
    (b"snoop\0\0\0", "a Sun snoop capture"),
    (b"btsnoop\0", "a Bluetooth btsnoop capture"),
    (b"GMBU", "a Microsoft Network Monitor 2 capture"),
    (b"RTSS", "a Microsoft Network Monitor 1 capture"),
    (b"TRSNIFF data    \x1a", "a Sniffer capture"),
    (b"XCP\0", "a NetXRay or Windows Sniffer capture"),
    (b"iptrace 1.0", "an AIX iptrace capture"),
    (b"iptrace 2.0", "an AIX iptrace capture"),
    (b"\0\0\x02\0\x12\x05\x10\0", "a Tektronix K12 capture"),
    (b"\x05VNF", "a Visual Networks capture"),
    (b"\xaa\xaa\xaa\xaa", "an Accellent 5View capture"),
    (b"EyeSDN", "an EyeSDN capture"),
    (b"\x1c\0\x01\xac", "an Ixia hardware capture (lcap)"),
    (b"\xac\x01\0\x1c", "an Ixia hardware capture (lcap)"),
    (b"\x1c\0\x01\xab", "an Ixia software capture (lcap)"),
    (b"\xab\x01\0\x1c", "an Ixia software capture (lcap)"),
    (b"\xa1\xb2\xcd\x34", "a pcap file of a patched libpcap (Kuznetsov)"),
    (b"\x34\xcd\xb2\xa1", "a pcap file of a patched libpcap (Kuznetsov)"),
    (b"\xa1\xb2\x34\xcd", "a pcap file of a patched libpcap (Mesquita)"),
    (b"\xcd\x34\xb2\xa1", "a pcap file of a patched libpcap (Mesquita)"),
    (b"\xa1\x2b\x3c\x4d", "a pcap file of a patched libpcap (Navtel)"),
    (b"\x4d\x3c\x2b\xa1", "a pcap file of a patched libpcap (Navtel)"),
];

const CONTAINERS: &[(&[u8], &str, &str)] = &[
    (b"BZh", "compressed with bzip2", "bzip2 -dc FILE | synscope replay -"),
    (b"\xfd7zXZ\0", "compressed with xz", "xz -dc FILE | synscope replay -"),
    (b"\x5d\0\0", "compressed with lzma", "xz -dc FILE | synscope replay -"),
    (b"LZIP", "compressed with lzip", "lzip -dc FILE | synscope replay -"),
    (b"\x1f\x9d", "compressed with compress", "zcat FILE | synscope replay -"),
    (b"\x02\x21\x4c\x18", "compressed with lz4's old format", "lz4 -dc FILE | synscope replay -"),
    (b"PK\x03\x04", "a ZIP archive", "unzip -p FILE | synscope replay -"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z x -so FILE | synscope replay -"),
    (b"Rar!", "a RAR archive", "unrar p -inul FILE | synscope replay -"),
];

/// Recognises the stream at its beginning. A pcap file header is consumed, nothing else is.
pub(super) fn recognise(buffer: &mut Buffer) -> Result<Content, Refusal> {
    let Some(&magic) = buffer.peek::<4>() else { return Err(unknown(buffer)) };
    match magic {
        [0xd4, 0xc3, 0xb2, 0xa1] => pcap(buffer, ByteOrder::Little, 1_000),
        [0xa1, 0xb2, 0xc3, 0xd4] => pcap(buffer, ByteOrder::Big, 1_000),
        [0x4d, 0x3c, 0xb2, 0xa1] => pcap(buffer, ByteOrder::Little, 1),
        [0xa1, 0xb2, 0x3c, 0x4d] => pcap(buffer, ByteOrder::Big, 1),
        SECTION_HEADER => section(buffer),
        _ => match Compression::of(magic) {
            Some(compression) => Ok(Content::Compressed(compression)),
            None => Err(unknown(buffer)),
        },
    }
}

fn pcap(buffer: &mut Buffer, order: ByteOrder, unit: u32) -> Result<Content, Refusal> {
    let Some(header) = buffer.peek::<FILE_HEADER>() else {
        return Err(cut_off(buffer, FILE_HEADER, "pcap file header"));
    };
    match Pcap::new(header, order, unit) {
        Ok(pcap) => {
            buffer.consume(FILE_HEADER);
            Ok(Content::Pcap(pcap))
        }
        Err((major, minor)) => {
            Err(Refusal::Unreadable(format!("pcap version {major}.{minor} is not supported")))
        }
    }
}

fn section(buffer: &mut Buffer) -> Result<Content, Refusal> {
    let Some(header) = buffer.peek::<SECTION_START>() else {
        return Err(cut_off(buffer, SECTION_START, "pcapng section header"));
    };
    let [_, _, _, _, _, _, _, _, m0, m1, m2, m3, major0, major1, minor0, minor1] = *header;
    let Some(order) = pcapng::byte_order([m0, m1, m2, m3]) else {
        let reason = "this begins like pcapng, but has no byte-order magic";
        return Err(Refusal::Unreadable(reason.into()));
    };
    pcapng::check_version(order, [major0, major1], [minor0, minor1])
        .map_err(Refusal::Unreadable)?;
    Ok(Content::Pcapng)
}

fn cut_off(buffer: &Buffer, wanted: usize, what: &str) -> Refusal {
    Refusal::Unreadable(match buffer.failure() {
        Some(failure) => failure.to_owned(),
        None => format!("the {what} breaks off: {} of {wanted} bytes", buffer.available().len()),
    })
}

/// Says what a file is that is neither pcap nor pcapng.
fn unknown(buffer: &mut Buffer) -> Refusal {
    buffer.ensure(LOOK);
    if let Some(failure) = buffer.failure() {
        return Refusal::Unreadable(failure.to_owned());
    }
    let start = buffer.available();
    let start = start.get(..LOOK).unwrap_or(start);
    if start.is_empty() {
        return Refusal::Foreign("the file is empty".into());
    }
    if let Some((_, name)) = OTHER_CAPTURES.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Refusal::Unreadable(format!(
            "this is {name}: convert it with `editcap -F pcap FILE NEW`"
        ));
    }
    if let Some((_, name, command)) = CONTAINERS.iter().find(|(magic, ..)| start.starts_with(magic))
    {
        return Refusal::Foreign(format!("this is {name}: use `{command}`"));
    }
    if start.get(257..262) == Some(b"ustar") {
        return Refusal::Foreign("this is a tar archive: extract its files first".into());
    }
    if is_text(start) {
        let json = start.trim_ascii_start().first().is_some_and(|byte| b"{[".contains(byte));
        let kind = if json { "JSON" } else { "text" };
        return Refusal::Foreign(format!("this is {kind}, not a capture"));
    }
    let first: Vec<_> = start.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Refusal::Foreign(format!("this is not a capture file: it begins with {}", first.join(" ")))
}

fn is_text(start: &[u8]) -> bool {
    let readable = |text: &str| {
        !text.chars().any(|char| char.is_control() && !matches!(char, '\t' | '\n' | '\r' | '\x0c'))
    };
    match std::str::from_utf8(start) {
        Ok(text) => readable(text),
        // The look may end within a character.
        Err(error) => {
            error.error_len().is_none()
                && std::str::from_utf8(&start[..error.valid_up_to()]).is_ok_and(readable)
        }
    }
}
