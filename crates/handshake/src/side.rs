//! The two ends of a connection and the states that they pass through.

use parser::named;

named! {
    /// One of the two ends.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Side {
        /// The active opener.
        Client = "client",
        /// The passive opener.
        Server = "server",
    }
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

named! {
    /// The RFC 9293 states (section 3.3.2) that a handshake passes through.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum TcpState {
        /// Waiting for a connection request.
        Listen = "LISTEN",
        /// Waiting for a matching connection request after having sent one.
        SynSent = "SYN-SENT",
        /// Waiting for the acknowledgment after having received and sent a request.
        SynReceived = "SYN-RECEIVED",
        /// Open.
        Established = "ESTABLISHED",
        /// No connection at all.
        Closed = "CLOSED",
    }
}
