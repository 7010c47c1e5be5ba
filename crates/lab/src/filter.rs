//! Losing chosen segments.
//!
//! A classic BPF program on a TCP socket sees every segment that the kernel is about to give to
//! it, from the TCP header on. What it rejects is gone as if the network had lost it, after a
//! capture on the interface has seen it. On a listening socket it also sees the segments of
//! connections that are not established yet, and the sockets that it accepts inherit it.
//!
//! Attaching one to a TCP socket takes `CAP_NET_ADMIN` in the namespace on recent kernels (6.18 for one); taking it
//! off does not.

use socket2::SockFilter;

/// Which incoming segments are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// All of them.
    Everything,
    /// SYNs without ACK.
    Syn,
    /// SYN-ACKs.
    SynAck,
    /// RSTs with ACK, which is how a program resets a connection; the kernel's answers to segments
    /// that fit no connection have no ACK where those have one.
    RstAck,
    /// Segments that push data.
    Data,
    /// Segments without SYN that come from this port.
    AcksFrom(u16),
}

// Opcodes of classic BPF (linux/bpf_common.h), with the offsets of the TCP header (RFC 9293, 3.1).
const LOAD_BYTE: u16 = 0x30;
const LOAD_HALF: u16 = 0x28;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const SOURCE_PORT: u32 = 0;
const FLAGS: u32 = 13;

const SYN: u32 = 0x02;
const RST: u32 = 0x04;
const PSH: u32 = 0x08;
const ACK: u32 = 0x10;

impl Loss {
    /// The program that keeps all but these.
    pub(crate) fn program(self) -> Vec<SockFilter> {
        match self {
            Self::Everything => vec![SockFilter::new(RETURN, 0, 0, 0)],
            Self::Syn => lose_flags(SYN | ACK, SYN),
            Self::SynAck => lose_flags(SYN | ACK, SYN | ACK),
            Self::RstAck => lose_flags(RST | ACK, RST | ACK),
            Self::Data => lose_flags(PSH, PSH),
            Self::AcksFrom(port) => {
                let rest = lose_flags(SYN, 0);
                // Another port jumps over the rest to its last instruction, which keeps.
                let to_keep = rest.len() as u8 - 1;
                let mut program = vec![
                    SockFilter::new(LOAD_HALF, 0, 0, SOURCE_PORT),
                    SockFilter::new(JUMP_EQUAL, 0, to_keep, u32::from(port)),
                ];
                program.extend(rest);
                program
            }
        }
    }
}

/// Loses the segments which of the flags in `mask` have exactly `set`.
fn lose_flags(mask: u32, set: u32) -> Vec<SockFilter> {
    vec![
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, mask),
        SockFilter::new(JUMP_EQUAL, 0, 1, set),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
}
