//! The screen of `--tui`: the attempts as they happen, the ladder of one of them, and how the capture
//! stands.
//!
//! The capture hands copies to a [`Feed`], which has a bound and never waits for the terminal. The
//! [`Screen`] has a thread of its own: it takes what came, twenty times a second at most, and draws. What
//! is said comes from `render`, as lines that are escaped; the screen decides where they stand.

#![forbid(unsafe_code)]

mod areas;
mod draw;
mod feed;
mod history;
mod keys;
mod panels;
mod picture;
mod run;
mod save;
mod spans;
mod state;
mod terminal;
#[cfg(test)]
mod tests;

pub use feed::{Feed, Tracked};
pub use run::Screen;
pub use save::CopyPackets;
pub use state::{Doing, Setup};
pub use terminal::give_back;
