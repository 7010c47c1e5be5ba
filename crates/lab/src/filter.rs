//! Losing chosen segments without any privilege.
//!
//! A classic BPF program on a TCP socket sees every segment that the kernel is about to give to
//! it, from the TCP header on. What it rejects is gone as if the network had lost it, after a
//! capture on the interface has seen it. On a listening socket it also sees the segments of
//! connections that are not established yet.

use socket2::SockFilter;

/// Which incoming segments are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// All of them.
    Everything,
    /// Those with exactly these of the bits SYN and ACK.
    Control(u8),
    /// Those from this port without SYN.
    AcksFrom(u16),
}

pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;

// Opcodes of classic BPF (linux/bpf_common.h), with the offsets of the TCP header (RFC 9293, 3.1).
const LOAD_BYTE: u16 = 0x30;
const LOAD_HALF: u16 = 0x28;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const SOURCE_PORT: u32 = 0;
const FLAGS: u32 = 13;

impl Loss {
    /// The program that keeps all but these.
    pub(crate) fn program(self) -> Vec<SockFilter> {
        let op = SockFilter::new;
        let (lose, keep) = (op(RETURN, 0, 0, 0), op(RETURN, 0, 0, u32::MAX));
        match self {
            Self::Everything => vec![lose],
            Self::Control(bits) => vec![
                op(LOAD_BYTE, 0, 0, FLAGS),
                op(AND, 0, 0, u32::from(SYN | ACK)),
                op(JUMP_EQUAL, 0, 1, u32::from(bits)),
                lose,
                keep,
            ],
            Self::AcksFrom(port) => vec![
                op(LOAD_HALF, 0, 0, SOURCE_PORT),
                op(JUMP_EQUAL, 0, 4, u32::from(port)),
                op(LOAD_BYTE, 0, 0, FLAGS),
                op(AND, 0, 0, u32::from(SYN)),
                op(JUMP_EQUAL, 0, 1, 0),
                lose,
                keep,
            ],
        }
    }
}
