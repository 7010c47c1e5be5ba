//! Bytes as a pcap file: what it holds does not depend on the order of its bytes, and ends where it
//! breaks off.

use super::files::{breaks_off, read};

const MAGIC: [[u8; 4]; 4] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
];
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// The first byte says which magic number the file has, the second where it breaks off.
pub fn check(data: &[u8]) {
    let Some((&[magic, cut], rest)) = data.split_first_chunk() else { return };
    let file = [&MAGIC[usize::from(magic & 3)], rest].concat();
    let told = read(&file);
    breaks_off(&file, &told, file.len() * usize::from(cut) / 256);
    if let Some(twin) = swapped(&file) {
        assert_eq!(read(&twin), told);
    }
}

/// The same file in the other byte order. `None` if its lengths are in an order that is guessed.
fn swapped(file: &[u8]) -> Option<Vec<u8>> {
    let mut twin = file.to_vec();
    let header = twin.get_mut(..FILE_HEADER)?;
    let is_little = header[0] != 0xa1;
    let minor = [header[6], header[7]];
    let minor = if is_little { u16::from_le_bytes(minor) } else { u16::from_be_bytes(minor) };
    header[..4].reverse();
    header[4..6].reverse();
    header[6..8].reverse();
    header[8..].chunks_mut(4).for_each(<[u8]>::reverse);
    let captured = match minor {
        3 => return None,
        0..3 => 3,
        _ => 2,
    };
    let mut rest = &mut twin[FILE_HEADER..];
    while let Some((header, bytes)) = rest.split_at_mut_checked(RECORD_HEADER) {
        let (words, _) = header.as_chunks_mut::<4>();
        let len = words[captured];
        let len = if is_little { u32::from_le_bytes(len) } else { u32::from_be_bytes(len) };
        for word in words {
            word.reverse();
        }
        rest = bytes.get_mut(len as usize..).unwrap_or_default();
    }
    Some(twin)
}
