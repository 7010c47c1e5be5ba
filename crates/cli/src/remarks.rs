//! How much is reported beside the output.

use crate::args::Verbosity;

/// How much is reported beside the output. Errors always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// Nothing, and no totals.
    Off,
    /// The totals, and what concerns the result.
    Normal,
    /// How privileges were dropped and which files were skipped, too.
    All,
}

impl From<Verbosity> for Remarks {
    fn from(verbosity: Verbosity) -> Self {
        match verbosity {
            Verbosity { quiet: true, .. } => Self::Off,
            Verbosity { verbose: true, .. } => Self::All,
            Verbosity { quiet: false, verbose: false } => Self::Normal,
        }
    }
}
