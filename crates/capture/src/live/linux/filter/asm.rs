//! Classic BPF instructions, and an assembler with labels for them.

use std::fmt;

/// One instruction, as the kernel's `struct sock_filter` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live::linux) struct Instruction {
    pub(in crate::live::linux) code: u16,
    pub(in crate::live::linux) jt: u8,
    pub(in crate::live::linux) jf: u8,
    pub(in crate::live::linux) k: u32,
}

// linux/bpf_common.h: class | size | mode, or class | operation | source.
pub(super) const LD_IMM: u16 = 0x00;
pub(super) const LD_W_ABS: u16 = 0x20;
pub(super) const LD_H_ABS: u16 = 0x28;
pub(super) const LD_B_ABS: u16 = 0x30;
pub(super) const LD_W_IND: u16 = 0x40;
pub(super) const LD_H_IND: u16 = 0x48;
pub(super) const LD_B_IND: u16 = 0x50;
pub(super) const LD_MEM: u16 = 0x60;
pub(super) const LD_LEN: u16 = 0x80;
pub(super) const LDX_IMM: u16 = 0x01;
pub(super) const LDX_MEM: u16 = 0x61;
pub(super) const ST: u16 = 0x02;
pub(super) const STX: u16 = 0x03;
pub(super) const ADD_K: u16 = 0x04;
pub(super) const ADD_X: u16 = 0x0c;
pub(super) const AND_K: u16 = 0x54;
pub(super) const LSH_K: u16 = 0x64;
pub(super) const JA: u16 = 0x05;
pub(super) const JEQ_K: u16 = 0x15;
pub(super) const JGT_K: u16 = 0x25;
pub(super) const JSET_K: u16 = 0x45;
pub(super) const RET_K: u16 = 0x06;
pub(super) const TAX: u16 = 0x07;

/// A place in the program that is jumped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(usize);

/// What the accumulator is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    Equals(u32),
    Exceeds(u32),
    HasAnyOf(u32),
}

/// Collects instructions. Jumps lead forward only, which is all that classic BPF has.
///
/// Conditional jumps reach no further than 255 instructions, so every conditional jump here skips
/// over one instruction: an unconditional jump (which reaches everywhere) or a return.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    code: Vec<Instruction>,
    jumps: Vec<(usize, Label)>,
    places: Vec<Option<usize>>,
}

impl Assembler {
    pub(super) fn emit(&mut self, code: u16, k: u32) {
        self.code.push(Instruction { code, jt: 0, jf: 0, k });
    }

    pub(super) fn label(&mut self) -> Label {
        self.places.push(None);
        Label(self.places.len() - 1)
    }

    pub(super) fn place(&mut self, label: Label) {
        self.places[label.0] = Some(self.code.len());
    }

    pub(super) fn goto(&mut self, label: Label) {
        self.jumps.push((self.code.len(), label));
        self.emit(JA, 0);
    }

    /// Executes the next instruction only where `test` holds.
    fn only_if(&mut self, test: Test) {
        let (code, k) = test.code();
        self.code.push(Instruction { code, jt: 0, jf: 1, k });
    }

    /// Skips the next instruction where `test` holds.
    fn unless(&mut self, test: Test) {
        let (code, k) = test.code();
        self.code.push(Instruction { code, jt: 1, jf: 0, k });
    }

    pub(super) fn goto_if(&mut self, test: Test, label: Label) {
        self.only_if(test);
        self.goto(label);
    }

    pub(super) fn goto_unless(&mut self, test: Test, label: Label) {
        self.unless(test);
        self.goto(label);
    }

    pub(super) fn reject_if(&mut self, test: Test) {
        self.only_if(test);
        self.emit(RET_K, 0);
    }

    pub(super) fn require(&mut self, test: Test) {
        self.unless(test);
        self.emit(RET_K, 0);
    }

    pub(super) fn reject(&mut self) {
        self.emit(RET_K, 0);
    }

    /// The program, with every jump resolved.
    pub(super) fn finish(mut self) -> Program {
        for (at, label) in self.jumps {
            let target = self.places[label.0].expect("every label that is jumped to is placed");
            let next = at + 1;
            self.code[at].k = (target.checked_sub(next)).expect("jumps lead forward") as u32;
        }
        Program(self.code)
    }
}

impl Test {
    fn code(self) -> (u16, u32) {
        match self {
            Self::Equals(k) => (JEQ_K, k),
            Self::Exceeds(k) => (JGT_K, k),
            Self::HasAnyOf(k) => (JSET_K, k),
        }
    }
}

/// A classic BPF program, as the kernel runs it on every frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(Vec<Instruction>);

impl Program {
    pub(in crate::live::linux) fn instructions(&self) -> &[Instruction] {
        &self.0
    }

    /// A program that lets nothing through.
    pub(in crate::live::linux) fn reject_all() -> Self {
        Self(vec![Instruction { code: RET_K, jt: 0, jf: 0, k: 0 }])
    }
}

impl fmt::Display for Program {
    /// One instruction a line, as `tcpdump -d` writes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, instruction) in self.0.iter().enumerate() {
            let Instruction { code, jt, jf, k } = *instruction;
            write!(f, "({at:03}) ")?;
            match code {
                JA => writeln!(f, "ja       {}", at + 1 + k as usize)?,
                JEQ_K | JGT_K | JSET_K => {
                    let name = match code {
                        JEQ_K => "jeq",
                        JGT_K => "jgt",
                        _ => "jset",
                    };
                    let operand = format!("#{k:#x}");
                    let (yes, no) = (at + 1 + usize::from(jt), at + 1 + usize::from(jf));
                    writeln!(f, "{name:<8} {operand:<16} jt {yes}\tjf {no}")?;
                }
                _ => writeln!(f, "{}", plain(code, k).trim_end())?,
            }
        }
        Ok(())
    }
}

/// An instruction that is no jump.
fn plain(code: u16, k: u32) -> String {
    let absolute = |name: &str| {
        let offset = k.cast_signed();
        if offset < 0 { format!("{name:<8} [{offset}]") } else { format!("{name:<8} [{k}]") }
    };
    match code {
        LD_IMM => format!("ld       #{k:#x}"),
        LD_W_ABS => absolute("ld"),
        LD_H_ABS => absolute("ldh"),
        LD_B_ABS => absolute("ldb"),
        LD_W_IND => format!("ld       [x + {k}]"),
        LD_H_IND => format!("ldh      [x + {k}]"),
        LD_B_IND => format!("ldb      [x + {k}]"),
        LD_MEM => format!("ld       M[{k}]"),
        LD_LEN => "ld       #pktlen".to_owned(),
        LDX_IMM => format!("ldx      #{k:#x}"),
        LDX_MEM => format!("ldx      M[{k}]"),
        ST => format!("st       M[{k}]"),
        STX => format!("stx      M[{k}]"),
        ADD_K => format!("add      #{k}"),
        ADD_X => "add      x".to_owned(),
        AND_K => format!("and      #{k:#x}"),
        LSH_K => format!("lsh      #{k}"),
        TAX => "tax".to_owned(),
        RET_K => format!("ret      #{k}"),
        _ => format!("unknown  {code:#x} {k:#x}"),
    }
}
