//! Why a scenario could not be played.

use std::fmt;
use std::io;

use capture::CaptureError;
use capture::live::LiveError;

use crate::errno;

/// A scenario that could not be played. Calls that fail because the scenario wants it are no error.
///
/// The texts say the error of the kernel with the name of its number, so that it is no source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A right, or something the kernel should offer, is missing.
    #[error("{need}: {}: {}", errno::describe(.error), need.remedy())]
    Missing {
        /// The missing right or feature.
        need: Need,
        /// The error of the kernel.
        error: io::Error,
    },
    /// A call failed that should not have.
    #[error("{call}: {}", errno::describe(.error))]
    Call {
        /// The call.
        call: String,
        /// The error of the kernel.
        error: io::Error,
    },
    /// The other end of the scenario broke off first; its error is reported in place of this one.
    #[error("the other end of the scenario failed first")]
    Abandoned,
    /// A packet that the scenario needs did not come.
    #[error("no {0} came within {1} s")]
    Silence(&'static str, u64),
    /// The thread that played it panicked.
    #[error("the scenario panicked")]
    Panicked,
    /// It would change what others on this host share.
    #[error("{0} needs its own settings, raw sockets or filters, so it needs a namespace")]
    NeedsNamespace(&'static str),
    /// The capture that was to watch it could not be opened.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The capture that watched it could not go on, or a recording of it could not be written.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The capture that watched it was stopped before its end.
    #[error("the capture was stopped before the scenario ended")]
    Stopped,
}

/// What a scenario takes beyond plain sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Raw sockets: the lab plays one end itself, or a router in between.
    RawSocket,
    /// A setting of the namespace, below `/proc/sys`, and the value it must have.
    Setting(&'static str, &'static str),
    /// A classic BPF filter on a socket: the lab plays a network that loses segments.
    SocketFilter,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RawSocket => f.write_str("socket(AF_INET, SOCK_RAW)"),
            Self::Setting(path, value) => {
                write!(f, "writing {value} to {}", path.replace('/', "."))
            }
            Self::SocketFilter => f.write_str("setsockopt(SO_ATTACH_FILTER)"),
        }
    }
}

impl Need {
    fn remedy(self) -> &'static str {
        match self {
            Self::RawSocket => {
                "it needs CAP_NET_RAW in the namespace: prepare before dropping privileges"
            }
            Self::Setting(..) => {
                "it needs a kernel that has the setting, a writable /proc/sys (containers mount it \
                 read-only) and CAP_NET_ADMIN in the namespace: prepare before dropping privileges"
            }
            Self::SocketFilter => {
                "it needs CAP_NET_ADMIN in the namespace: prepare before dropping privileges"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_would_help() {
        let missing = |need, number| {
            let error = io::Error::from_raw_os_error(number);
            ScenarioError::Missing { need, error }.to_string()
        };
        let setting = missing(Need::Setting("net/ipv4/tcp_fastopen", "3"), libc::EROFS);
        let begin = "writing 3 to net.ipv4.tcp_fastopen: EROFS (Read-only file system): it needs";
        assert!(setting.starts_with(begin), "{setting}");
        assert_eq!(
            missing(Need::RawSocket, libc::EPERM),
            "socket(AF_INET, SOCK_RAW): EPERM (Operation not permitted): it needs CAP_NET_RAW in \
             the namespace: prepare before dropping privileges"
        );
    }
}
