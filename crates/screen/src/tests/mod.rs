//! Screens as a terminal would show them, and what keys do.

mod fixture;
mod keys;
#[cfg(target_os = "linux")]
mod panics;
mod pictures;
