//! Which captures are read, and how.

use std::path::PathBuf;

use capture::file::{Found, Input, Replay};
use handshake::period_to_read;
use parser::Period;

use crate::args::InputArgs;
use crate::files::is_stdin;
use crate::memory::Memory;

/// The captures that a command line names.
pub(crate) fn inputs(args: &InputArgs) -> Vec<Input> {
    let input = |file: &PathBuf| match file {
        stdin if is_stdin(stdin) => Input::Stdin,
        tree if args.recursive => Input::Tree(tree.clone()),
        path => Input::Path(path.clone()),
    };
    args.files.iter().map(input).collect()
}

/// How inputs are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// Bytes beyond what compressed files may become.
    pub(crate) decompressed: u64,
    /// What reading them may take.
    pub(crate) memory: Memory,
    /// When the attempts began that are wanted.
    pub(crate) started_in: Period,
}

impl Default for Reach {
    fn default() -> Self {
        let (decompressed, memory) = (Replay::DECOMPRESSED, Memory::default());
        Self { decompressed, memory, started_in: Period::ALWAYS }
    }
}

impl Reach {
    /// That of a command line.
    pub(crate) const fn of(args: &InputArgs) -> Self {
        let &InputArgs { max_decompressed: decompressed, memory, started_in, .. } = args;
        Self { decompressed, memory, started_in: started_in.0 }
    }

    /// Opens what was found.
    pub(crate) fn open(self, found: Found) -> Replay {
        Replay::open_found(found, self.decompressed, period_to_read(self.started_in))
    }
}
