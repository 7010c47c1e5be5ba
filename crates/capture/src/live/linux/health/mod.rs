//! What the kernel of this host says about its own handshakes: counters and accept queues.
//!
//! All of it is open to every user, and all of it is about the network namespace of this process.

mod counters;
mod listeners;

pub use counters::Counters;
pub use listeners::{Listener, listeners};
