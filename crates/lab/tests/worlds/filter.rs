//! What a socket does not get, as if the path had lost it.

use socket2::SockFilter;

use crate::plan::Path;

// Opcodes of classic BPF (linux/bpf_common.h), with the offsets of the TCP header (RFC 9293, 3.1).
const LOAD_BYTE: u16 = 0x30;
const LOAD_HALF: u16 = 0x28;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const SOURCE_PORT: u32 = 0;
const FLAGS: u32 = 13;
const SYN: u32 = 0x02;

const LOSE: SockFilter = SockFilter::new(RETURN, 0, 0, 0);
const KEEP: SockFilter = SockFilter::new(RETURN, 0, 0, u32::MAX);

pub(crate) fn everything() -> [SockFilter; 1] {
    [LOSE]
}

/// Loses for each port what its path loses.
pub(crate) fn lossy(paths: impl Iterator<Item = (u16, Path)>) -> Vec<SockFilter> {
    let mut program = Vec::new();
    for (port, path) in paths {
        // Where the SYN flag leads: to the next instruction or to the one after it.
        let (with_syn, without) = match path {
            Path::Clear => continue,
            Path::LosesSyns => (0, 1),
            Path::LosesAcks => (1, 0),
            Path::LosesAll => (0, 0),
        };
        program.extend([
            SockFilter::new(LOAD_HALF, 0, 0, SOURCE_PORT),
            SockFilter::new(JUMP_EQUAL, 0, 5, u32::from(port)),
            SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
            SockFilter::new(AND, 0, 0, SYN),
            SockFilter::new(JUMP_EQUAL, with_syn, without, SYN),
            LOSE,
            KEEP,
        ]);
    }
    program.push(KEEP);
    program
}
