//! Classic BPF as the kernel runs it (Documentation/networking/filter.rst, net/core/filter.c).

use crate::live::linux::filter::{Instruction, Program};

const SKF_AD_OFF: i64 = -0x1000;
const SKF_NET_OFF: i64 = -0x10_0000;

/// A frame as a packet socket's filter gets to see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skb<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the kernel found the network header.
    pub(super) network: usize,
    pub(super) packet_type: u32,
    pub(super) hardware: u32,
}

impl Skb<'_> {
    /// What a load of `size` bytes gives; `None` ends the program with 0.
    fn load(&self, offset: i64, size: usize) -> Option<u32> {
        let start = match offset {
            _ if offset == SKF_AD_OFF + 4 => return Some(self.packet_type),
            _ if offset == SKF_AD_OFF + 28 => return Some(self.hardware),
            0.. => usize::try_from(offset).ok()?,
            SKF_NET_OFF..SKF_AD_OFF => self.network + usize::try_from(offset - SKF_NET_OFF).ok()?,
            _ => panic!("load from {offset}"),
        };
        let bytes = self.bytes.get(start..)?.get(..size)?;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }
}

/// What the kernel checks before it takes a program (`bpf_check_classic`).
pub(super) fn check(program: &Program) {
    let code = program.instructions();
    for (at, instruction) in code.iter().enumerate() {
        let farthest = match instruction.code {
            0x05 => instruction.k as usize,
            0x15 | 0x25 | 0x45 => usize::from(instruction.jt.max(instruction.jf)),
            _ => continue,
        };
        assert!(at + 1 + farthest < code.len(), "({at:03}) jumps out of the program");
    }
    assert!(matches!(code.last(), Some(Instruction { code: 0x06, .. })), "the end is a return");
}

/// Runs the program; what it returns is how many bytes of the frame are kept.
pub(super) fn run(program: &Program, skb: Skb<'_>) -> u32 {
    let code = program.instructions();
    let (mut a, mut x, mut memory, mut pc) = (0_u32, 0_u32, [None::<u32>; 16], 0);
    loop {
        let Instruction { code, jt, jf, k } = code[pc];
        pc += 1;
        let branch = |holds| usize::from(if holds { jt } else { jf });
        let absolute = i64::from(k.cast_signed());
        let indexed = i64::from(x.wrapping_add(k).cast_signed());
        let loaded = match code {
            0x20 => skb.load(absolute, 4),
            0x28 => skb.load(absolute, 2),
            0x30 => skb.load(absolute, 1),
            0x40 => skb.load(indexed, 4),
            0x48 => skb.load(indexed, 2),
            0x50 => skb.load(indexed, 1),
            0x80 => u32::try_from(skb.bytes.len()).ok(),
            0x00 => Some(k),
            0x60 => Some(memory[k as usize].expect("a word is written before it is read")),
            0x04 => Some(a.wrapping_add(k)),
            0x0c => Some(a.wrapping_add(x)),
            0x54 => Some(a & k),
            0x64 => Some(a << k),
            _ => Some(a),
        };
        let Some(loaded) = loaded else { return 0 };
        a = loaded;
        match code {
            0x01 => x = k,
            0x61 => x = memory[k as usize].expect("a word is written before it is read"),
            0x02 => memory[k as usize] = Some(a),
            0x03 => memory[k as usize] = Some(x),
            0x05 => pc += k as usize,
            0x15 => pc += branch(a == k),
            0x25 => pc += branch(a > k),
            0x45 => pc += branch(a & k != 0),
            0x06 => return k,
            0x07 => x = a,
            0x20 | 0x28 | 0x30 | 0x40 | 0x48 | 0x50 | 0x80 | 0x00 | 0x60 => {}
            0x04 | 0x0c | 0x54 | 0x64 => {}
            _ => panic!("instruction {code:#x}"),
        }
    }
}
