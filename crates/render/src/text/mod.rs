//! How numbers, times and foreign text are written: the same in every view.

mod escape;
mod number;

pub use escape::escape;
pub(crate) use escape::{escape_ascii, is_unsafe};
pub(crate) use number::{bytes, clock, count, date, duration, rfc3339, seconds};
