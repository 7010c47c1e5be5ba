//! Turns a place into frames: a capture file, standard input, several files merged by time, or a
//! live interface. This crate never looks inside the bytes of a frame.

pub mod file;
pub mod live;
mod source;

pub use source::{CaptureError, Damage, DamagedTimes, FrameSource, Next};
