//! The values that a column of Parquet stores, out of the bytes of a row.

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};

use crate::cell::{take_number, take_text};

/// A type of Parquet whose values a row can have.
pub(crate) trait Stored: DataType {
    fn take(bytes: &mut &[u8]) -> Self::T;
}

impl Stored for BoolType {
    fn take(bytes: &mut &[u8]) -> bool {
        take_number(bytes) != 0
    }
}

impl Stored for Int32Type {
    /// The last 32 bits, which are also those of a number without a sign.
    fn take(bytes: &mut &[u8]) -> i32 {
        take_number(bytes) as i32
    }
}

impl Stored for Int64Type {
    fn take(bytes: &mut &[u8]) -> i64 {
        take_number(bytes)
    }
}

impl Stored for ByteArrayType {
    fn take(bytes: &mut &[u8]) -> ByteArray {
        ByteArray::from(take_text(bytes).to_vec())
    }
}
