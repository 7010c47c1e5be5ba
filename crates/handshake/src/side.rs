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
    /// The RFC 9293 states (section 3.3.2): those that a handshake passes through, then those of a close.
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
        /// Waiting for the acknowledgment of its own FIN, or for the other side's FIN.
        FinWait1 = "FIN-WAIT-1",
        /// Waiting for the other side's FIN.
        FinWait2 = "FIN-WAIT-2",
        /// The other side has closed; waiting for the program to close.
        CloseWait = "CLOSE-WAIT",
        /// Both sides closed at once; waiting for the acknowledgment of its own FIN.
        Closing = "CLOSING",
        /// Waiting for the acknowledgment of its own FIN, after the other side's.
        LastAck = "LAST-ACK",
        /// Waiting until the other side must have received the last acknowledgment.
        TimeWait = "TIME-WAIT",
    }
}
