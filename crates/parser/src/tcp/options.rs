//! TCP options, walked once, in wire order, keeping what is unknown and what is malformed.

/// One TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// Kind 0: the rest is padding. It is the last item.
    EndOfList,
    /// Kind 1.
    Nop,
    /// Kind 2: maximum segment size (RFC 9293).
    Mss(u16),
    /// Kind 3: window scale shift (RFC 7323).
    WindowScale(u8),
    /// Kind 4: selective acknowledgment permitted (RFC 2018).
    SackPermitted,
    /// Kind 5: selective acknowledgment blocks, 8 bytes each (RFC 2018).
    Sack(&'a [u8]),
    /// Kind 8: timestamps (RFC 7323).
    Timestamps {
        /// The sender's clock.
        tsval: u32,
        /// The other side's clock, echoed.
        tsecr: u32,
    },
    /// Kind 19: MD5 signature (RFC 2385), its 16 bytes.
    Md5(&'a [u8]),
    /// Kind 28: user timeout (RFC 5482).
    UserTimeout {
        /// The timeout, in the unit of `minutes`.
        value: u16,
        /// Whether the unit is a minute rather than a second.
        minutes: bool,
    },
    /// Kind 29: TCP authentication option (RFC 5925).
    Ao {
        /// Which key.
        key_id: u8,
        /// Which key is wanted next.
        next_key_id: u8,
        /// The message authentication code.
        mac: &'a [u8],
    },
    /// Kind 30: Multipath TCP (RFC 8684).
    Mptcp {
        /// 0 `MP_CAPABLE`, 1 `MP_JOIN`, ...
        subtype: u8,
        /// Everything after kind and length, the subtype included.
        body: &'a [u8],
    },
    /// Kind 34, or the experimental kinds 253/254 with magic 0xF989: Fast Open (RFC 7413).
    FastOpen {
        /// The cookie; empty asks for one.
        cookie: &'a [u8],
        /// The kind it came in: 34, 253 or 254.
        kind: u8,
    },
    /// Any other kind, with its bytes.
    Unknown {
        /// The kind.
        kind: u8,
        /// What follows kind and length.
        body: &'a [u8],
    },
    /// A length that cannot be; it is the last item.
    Malformed {
        /// The kind.
        kind: u8,
        /// Everything from the kind on.
        bytes: &'a [u8],
        /// What is wrong.
        why: &'static str,
    },
}

/// The options of a segment, in wire order.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    rest: &'a [u8],
}

impl<'a> Options<'a> {
    /// The options in `bytes`, the part of a TCP header after its first 20 bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        self.rest = &[];
        None
    }
}
