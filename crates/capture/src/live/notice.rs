//! What happens to interfaces during a capture.

use std::fmt;

/// Something that the user should know about an interface; the capture goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It went down: nothing can be seen there.
    Down {
        /// The interface.
        interface: String,
    },
    /// It is up again.
    Up {
        /// The interface.
        interface: String,
    },
    /// It has another name now, and the capture goes on.
    Renamed {
        /// The name that it had.
        interface: String,
        /// The name that it has.
        to: String,
    },
    /// It was removed.
    Gone {
        /// The interface.
        interface: String,
    },
    /// An interface of the same name is there again, and the capture has moved to it.
    Replaced {
        /// The interface.
        interface: String,
    },
    /// An interface of the same name is there again, and the capture can't move to it.
    NotReplaced {
        /// The interface.
        interface: String,
        /// The reason.
        reason: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Down { interface } => write!(f, "{interface} is down; waiting for it"),
            Self::Up { interface } => write!(f, "{interface} is up again"),
            Self::Renamed { interface, to } => {
                write!(f, "{interface} is called {to} now; still capturing on it")
            }
            Self::Gone { interface } => write!(f, "{interface} was removed; waiting for it"),
            Self::Replaced { interface } => {
                write!(f, "{interface} is there again; capturing on it")
            }
            Self::NotReplaced { interface, reason } => {
                write!(f, "{interface} is there again, but capturing on it failed: {reason}")
            }
        }
    }
}
