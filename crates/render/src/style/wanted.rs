//! The columns of a table that somebody asked for.

/// A column that can give way, or two that do so together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When an attempt began.
    Time,
    /// The client's RTT.
    ClientRtt,
    /// The repeats of both sides.
    Repeats,
    /// The patterns.
    Patterns,
    /// The server's RTT.
    ServerRtt,
    /// The time until an attempt was established or failed.
    Total,
}

impl Column {
    /// All of them, what gives way first at the front.
    pub(crate) const ALL: [Self; 6] =
        [Self::Time, Self::ClientRtt, Self::Repeats, Self::Patterns, Self::ServerRtt, Self::Total];
}

/// The columns that a condition or an order of attempts is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted(u8);

impl Wanted {
    /// No column.
    pub const NONE: Self = Self(0);

    /// These, and one more.
    #[must_use]
    pub const fn and(self, column: Column) -> Self {
        Self(self.0 | 1 << column as u8)
    }

    pub(crate) const fn has(self, column: Column) -> bool {
        self.0 & 1 << column as u8 != 0
    }
}

impl FromIterator<Column> for Wanted {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        columns.into_iter().fold(Self::NONE, Self::and)
    }
}
