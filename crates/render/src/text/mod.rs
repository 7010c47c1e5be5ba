//! How numbers, times and foreign text are written: the same in every view.

mod escape;
mod number;

pub use escape::escape;
pub(crate) use escape::{escape_ascii, is_printable_ascii, is_unsafe};
pub use number::plural;
pub(crate) use number::{
    Hex, Rfc3339, bytes, clock, count, date, duration, hex, millisecond, minute, moment, seconds,
    span,
};
