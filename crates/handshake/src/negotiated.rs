//! What the two ends agreed on, by the options and bits of SYN and SYN-ACK.

use parser::named;

/// What both sides offered in SYN and SYN-ACK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Maximum segment sizes.
    pub mss: Offer<u16>,
    /// Window scale shifts.
    pub window_scale: Offer<u8>,
    /// SACK permitted.
    pub sack: Offer<()>,
    /// Timestamps.
    pub timestamps: Offer<()>,
    /// What the ECN bits of SYN and SYN-ACK agreed on.
    pub ecn: Ecn,
    /// The result of Fast Open.
    pub fast_open: FastOpen,
    /// The result of Multipath TCP.
    pub mptcp: Mptcp,
}

named! {
    /// Explicit congestion notification, by the bits of SYN and SYN-ACK (RFC 3168, RFC 9768).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum Ecn {
        /// The SYN did not ask for it, or was not captured.
        #[default]
        None = "none",
        /// Asked for, and no SYN-ACK to say more.
        Offered = "offered",
        /// Asked for, and the SYN-ACK declined.
        Refused = "refused",
        /// Classic ECN.
        Classic = "ecn",
        /// Accurate ECN.
        Accurate = "accecn",
    }
}

impl Ecn {
    /// Whether both ends will use it.
    pub const fn is_used(self) -> bool {
        matches!(self, Self::Classic | Self::Accurate)
    }
}

named! {
    /// TCP Fast Open (RFC 7413).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum FastOpen {
        /// The SYN carries no such option, or was not captured.
        #[default]
        None = "none",
        /// The SYN asks for a cookie, and none was granted.
        CookieRequested = "cookie_requested",
        /// The SYN-ACK grants one.
        CookieGranted = "cookie_granted",
        /// The SYN carries a cookie, and no SYN-ACK says more.
        Offered = "offered",
        /// The SYN-ACK acknowledges data of the SYN.
        Accepted = "accepted",
        /// The SYN-ACK acknowledges the SYN alone.
        Ignored = "ignored",
    }
}

named! {
    /// Multipath TCP (RFC 8684).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum Mptcp {
        /// The SYN does not ask for it, or was not captured.
        #[default]
        None = "none",
        /// Asked for, and no SYN-ACK to say more.
        Offered = "offered",
        /// Asked for, and the SYN-ACK does not answer it.
        Refused = "refused",
        /// A first subflow: `MP_CAPABLE` on both sides.
        Capable = "capable",
        /// A further subflow: `MP_JOIN` on both sides.
        Join = "join",
    }
}

/// What each side said about an option; `None` is silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer<T> {
    /// In the SYN.
    pub client: Option<T>,
    /// In the SYN-ACK.
    pub server: Option<T>,
}

impl<T> Offer<T> {
    /// Whether both sides offered it, which is what RFC 7323 and RFC 2018 ask for.
    pub const fn agreed(&self) -> bool {
        self.client.is_some() && self.server.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_name() {
        let ecn = [Ecn::None, Ecn::Offered, Ecn::Refused, Ecn::Classic, Ecn::Accurate];
        assert_eq!(ecn.map(Ecn::name), ["none", "offered", "refused", "ecn", "accecn"]);
        let fast_open = [
            FastOpen::None,
            FastOpen::CookieRequested,
            FastOpen::CookieGranted,
            FastOpen::Offered,
            FastOpen::Accepted,
            FastOpen::Ignored,
        ];
        assert_eq!(
            fast_open.map(FastOpen::name),
            ["none", "cookie_requested", "cookie_granted", "offered", "accepted", "ignored"]
        );
        let mptcp = [Mptcp::None, Mptcp::Offered, Mptcp::Refused, Mptcp::Capable, Mptcp::Join];
        assert_eq!(mptcp.map(Mptcp::name), ["none", "offered", "refused", "capable", "join"]);
    }

    #[test]
    fn it_takes_both_sides_to_agree() {
        let agreed = |client, server| Offer::<u8> { client, server }.agreed();
        assert_eq!([agreed(Some(1), Some(0)), agreed(None, None)], [true, false]);
        assert_eq!([agreed(Some(1), None), agreed(None, Some(1))], [false, false]);
    }
}
