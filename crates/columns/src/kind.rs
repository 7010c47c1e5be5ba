//! What a column holds, and how often in a row.

use parquet::basic::{Encoding, LogicalType, TimeUnit, Type as Physical};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I32,
    I64,
    /// A time in nanoseconds, UTC.
    Time,
    /// Text that many rows share.
    Word,
    /// Text that few rows share.
    Text,
}

impl Kind {
    pub(crate) const fn physical(self) -> Physical {
        match self {
            Self::Bool => Physical::BOOLEAN,
            Self::U8 | Self::U16 | Self::U32 | Self::I32 => Physical::INT32,
            Self::U64 | Self::I64 | Self::Time => Physical::INT64,
            Self::Word | Self::Text => Physical::BYTE_ARRAY,
        }
    }

    pub(crate) fn logical(self) -> Option<LogicalType> {
        let integer = |bits, is_signed| Some(LogicalType::integer(bits, is_signed));
        match self {
            Self::Bool => None,
            Self::U8 => integer(8, false),
            Self::U16 => integer(16, false),
            Self::U32 => integer(32, false),
            Self::U64 => integer(64, false),
            Self::I32 => integer(32, true),
            Self::I64 => integer(64, true),
            Self::Time => Some(LogicalType::timestamp(true, TimeUnit::NANOS)),
            Self::Word | Self::Text => Some(LogicalType::String),
        }
    }

    /// How values are stored that no dictionary has.
    pub(crate) const fn encoding(self) -> Option<Encoding> {
        match self {
            Self::U32 | Self::U64 | Self::I32 | Self::I64 | Self::Time => {
                Some(Encoding::DELTA_BINARY_PACKED)
            }
            Self::Bool | Self::U8 | Self::U16 | Self::Word | Self::Text => None,
        }
    }

    /// Whether a dictionary has its values.
    pub(crate) const fn has_dictionary(self) -> bool {
        matches!(self, Self::U8 | Self::U16 | Self::Word)
    }
}

/// How many values of a column a row has. In the list of segments: how many a segment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    /// One or none, which is null.
    Maybe,
    List,
    /// A list of lists.
    Lists,
}
