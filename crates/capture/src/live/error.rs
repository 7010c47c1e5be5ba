//! Why a live capture can't begin.

use std::io;

use super::privilege::NotPermitted;

/// Why a live capture can't begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The kernel refuses a packet socket to this process.
    #[error("capturing on {interface} is not permitted: {facts}")]
    NotPermitted {
        /// The interface that was to be opened.
        interface: String,
        /// What is missing and what stands in the way of granting it.
        facts: Box<NotPermitted>,
    },
    /// There is no interface of that name.
    #[error("there is no interface {name:?} here; there are: {}", present.join(", "))]
    NoSuchInterface {
        /// The name asked for.
        name: String,
        /// The names there are.
        present: Vec<String>,
    },
    /// The interface is there and down.
    #[error("interface {name} is down")]
    InterfaceDown {
        /// Its name.
        name: String,
    },
    /// The kernel sets up no ring; [`super::Backend::Pnet`] does without.
    #[error("the kernel can't set up a ring for {interface}")]
    NoRing {
        /// The interface.
        interface: String,
        /// The error of the kernel.
        source: io::Error,
    },
    /// No interface was named.
    #[error("no interface to capture on")]
    NoInterface,
    /// So many ports and addresses that the kernel takes no filter for them.
    #[error("the filter needs {instructions} instructions; the kernel accepts at most {most}")]
    FilterTooLong {
        /// How many it would need.
        instructions: usize,
        /// How many there may be.
        most: usize,
    },
    /// Privileges can be dropped in one thread at a time, so there must be one only.
    #[error("privileges must be dropped before there are threads; there are {count}")]
    Threads {
        /// How many there are.
        count: u32,
    },
    /// A system call failed.
    #[error("{step} failed on {interface}")]
    System {
        /// What was tried: `bind`, `attach the filter`.
        step: &'static str,
        /// For which interface, or `this process`.
        interface: String,
        /// The error of the kernel.
        source: io::Error,
    },
}
