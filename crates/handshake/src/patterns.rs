//! Patterns.

/// The name of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternName {
    /// SYN J; SYN-ACK K, J+1; ACK K+1.
    ThreeWay,
}

impl PatternName {
    /// Its name in every view.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreeWay => "three_way",
        }
    }
}

/// A pattern that was recognised in an attempt, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Which one.
    pub name: PatternName,
    /// The frames that show it.
    pub frames: Vec<u64>,
    /// What was found, with its numbers, in one sentence.
    pub note: String,
    /// The look-alike, and what told it apart.
    pub told_from: &'static str,
    /// What to check next.
    pub check_next: &'static str,
}
