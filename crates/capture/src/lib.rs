//! Turns a place into frames: a capture file, standard input, several files merged by time, or a
//! live interface. This crate never looks inside the bytes of a frame.

pub mod file;
pub mod live;
mod memory;
mod source;

pub use memory::give_back_large_blocks;
pub use source::{CaptureError, Damage, DamagedTimes, FrameSource, Next};
