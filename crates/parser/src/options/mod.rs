//! TCP options, walked once, in wire order, keeping what is unknown and what is malformed.

use std::iter::FusedIterator;

/// Declares the kinds of options that are known by their numbers (IANA, TCP Option Kind Numbers)
/// and the names that they have in every view.
macro_rules! option_kinds {
    ($($kind:ident = $number:literal, $name:literal;)*) => {
        mod kind {
            $(pub(super) const $kind: u8 = $number;)*
        }

        impl TcpOption<'_> {
            /// The name that a well-formed option of this kind has; `None` where it is unknown.
            pub const fn name_of_kind(kind: u8) -> Option<&'static str> {
                match kind {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

option_kinds! {
    END_OF_LIST = 0, "end_of_list";
    NOP = 1, "nop";
    MSS = 2, "mss";
    WINDOW_SCALE = 3, "window_scale";
    SACK_PERMITTED = 4, "sack_permitted";
    SACK = 5, "sack";
    TIMESTAMPS = 8, "timestamps";
    MD5 = 19, "md5";
    USER_TIMEOUT = 28, "user_timeout";
    AO = 29, "ao";
    MPTCP = 30, "mptcp";
    FAST_OPEN = 34, "fast_open";
}

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

impl TcpOption<'_> {
    /// The number of its kind.
    pub const fn kind(&self) -> u8 {
        match *self {
            Self::EndOfList => kind::END_OF_LIST,
            Self::Nop => kind::NOP,
            Self::Mss(_) => kind::MSS,
            Self::WindowScale(_) => kind::WINDOW_SCALE,
            Self::SackPermitted => kind::SACK_PERMITTED,
            Self::Sack(_) => kind::SACK,
            Self::Timestamps { .. } => kind::TIMESTAMPS,
            Self::Md5(_) => kind::MD5,
            Self::UserTimeout { .. } => kind::USER_TIMEOUT,
            Self::Ao { .. } => kind::AO,
            Self::Mptcp { .. } => kind::MPTCP,
            Self::FastOpen { kind, .. }
            | Self::Unknown { kind, .. }
            | Self::Malformed { kind, .. } => kind,
        }
    }

    /// Its name; `None` where its kind is unknown.
    pub const fn name(&self) -> Option<&'static str> {
        match self {
            // It may come in an experimental kind, which has no name.
            Self::FastOpen { .. } => Self::name_of_kind(kind::FAST_OPEN),
            _ => Self::name_of_kind(self.kind()),
        }
    }
}

/// Which of the options that nearly every segment has a segment has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// Window scale.
    pub window_scale: bool,
    /// SACK permitted.
    pub sack_permitted: bool,
    /// TSval and TSecr.
    pub timestamps: Option<(u32, u32)>,
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

    /// What nearly every segment has, in one look; `None` where there is anything else among these.
    #[inline]
    pub fn usual(self) -> Option<Usual> {
        // A SYN of Linux, then its other segments: nothing of them need be looked for.
        let (clocks, is_syn) = match *self.rest {
            [
                kind::MSS,
                4,
                _,
                _,
                kind::SACK_PERMITTED,
                2,
                kind::TIMESTAMPS,
                10,
                ref clocks @ ..,
                kind::NOP,
                kind::WINDOW_SCALE,
                3,
                _,
            ] => (clocks, true),
            [kind::NOP, kind::NOP, kind::TIMESTAMPS, 10, ref clocks @ ..] => (clocks, false),
            _ => (&[][..], false),
        };
        match clocks.try_into() {
            Ok(clocks) => Some(Usual {
                window_scale: is_syn,
                sack_permitted: is_syn,
                timestamps: Some(both(clocks)),
            }),
            Err(_) => self.usual_one_by_one(),
        }
    }

    #[inline]
    fn usual_one_by_one(self) -> Option<Usual> {
        let mut rest = self.rest;
        let mut found = Usual::default();
        loop {
            rest = match *rest {
                [] | [kind::END_OF_LIST, ..] => return Some(found),
                [kind::NOP, ref rest @ ..] | [kind::MSS, 4, _, _, ref rest @ ..] => rest,
                [kind::SACK_PERMITTED, 2, ref rest @ ..] => {
                    found.sack_permitted = true;
                    rest
                }
                [kind::WINDOW_SCALE, 3, _, ref rest @ ..] => {
                    found.window_scale = true;
                    rest
                }
                [kind::TIMESTAMPS, 10, ref rest @ ..] if found.timestamps.is_none() => {
                    let (clocks, rest) = rest.split_first_chunk()?;
                    found.timestamps = Some(both(*clocks));
                    rest
                }
                _ => return None,
            };
        }
    }

    /// TSval and TSecr (RFC 7323), where they are among these.
    pub fn timestamps(mut self) -> Option<(u32, u32)> {
        self.skip_usual();
        self.find_map(|option| match option {
            TcpOption::Timestamps { tsval, tsecr } => Some((tsval, tsecr)),
            _ => None,
        })
    }

    /// Skips what stands before the time stamps of most segments, without saying what it is.
    #[inline]
    fn skip_usual(&mut self) {
        loop {
            self.rest = match *self.rest {
                [kind::NOP, ref rest @ ..]
                | [kind::SACK_PERMITTED, 2, ref rest @ ..]
                | [kind::WINDOW_SCALE, 3, _, ref rest @ ..]
                | [kind::MSS, 4, _, _, ref rest @ ..] => rest,
                _ => return,
            };
        }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = TcpOption<'a>;

    #[inline]
    fn next(&mut self) -> Option<TcpOption<'a>> {
        let (option, rest) = match *self.rest {
            [] => return None,
            [kind::END_OF_LIST, ..] => (TcpOption::EndOfList, Default::default()),
            [kind::NOP, ref rest @ ..] => (TcpOption::Nop, rest),
            [kind, ref after @ ..] => match split(after).and_then(|(body, rest)| {
                let option = decode(kind, body)?;
                Ok((option, rest))
            }) {
                Ok(item) => item,
                Err(why) => {
                    (TcpOption::Malformed { kind, bytes: self.rest, why }, Default::default())
                }
            },
        };
        self.rest = rest;
        Some(option)
    }
}

impl FusedIterator for Options<'_> {}

/// Splits what follows a kind into the option's body and what comes after it. The length counts
/// kind and length too.
#[inline]
fn split(after_kind: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let (&length, rest) = after_kind.split_first().ok_or("no length byte")?;
    let length = usize::from(length).checked_sub(2).ok_or("length below 2")?;
    rest.split_at_checked(length).ok_or("length beyond the options")
}

/// What an option of `kind` (other than 0 and 1) says.
#[inline]
fn decode(kind: u8, body: &[u8]) -> Result<TcpOption<'_>, &'static str> {
    /// The experiment id of Fast Open (RFC 6994, RFC 7413).
    const FAST_OPEN_MAGIC: [u8; 2] = [0xf9, 0x89];
    Ok(match (kind, body) {
        (kind::MSS, &[a, b]) => TcpOption::Mss(u16::from_be_bytes([a, b])),
        (kind::WINDOW_SCALE, &[shift]) => TcpOption::WindowScale(shift),
        (kind::SACK_PERMITTED, []) => TcpOption::SackPermitted,
        (kind::SACK, blocks) if !blocks.is_empty() && blocks.len() % 8 == 0 => {
            TcpOption::Sack(blocks)
        }
        (kind::TIMESTAMPS, clocks) => {
            let (tsval, tsecr) = both(clocks.try_into().map_err(|_| "length is not 10")?);
            TcpOption::Timestamps { tsval, tsecr }
        }
        (kind::MD5, digest) if digest.len() == 16 => TcpOption::Md5(digest),
        (kind::USER_TIMEOUT, &[a, b]) => TcpOption::UserTimeout {
            value: u16::from_be_bytes([a & 0x7f, b]),
            minutes: a & 0x80 != 0,
        },
        (kind::AO, &[key_id, next_key_id, ref mac @ ..]) => {
            TcpOption::Ao { key_id, next_key_id, mac }
        }
        (kind::MPTCP, &[first, ..]) => TcpOption::Mptcp { subtype: first >> 4, body },
        (kind::FAST_OPEN, cookie) => TcpOption::FastOpen { cookie, kind },
        (253 | 254, [a, b, cookie @ ..]) if [*a, *b] == FAST_OPEN_MAGIC => {
            TcpOption::FastOpen { cookie, kind }
        }
        (kind::MSS | kind::USER_TIMEOUT, _) => return Err("length is not 4"),
        (kind::WINDOW_SCALE, _) => return Err("length is not 3"),
        (kind::SACK_PERMITTED, _) => return Err("length is not 2"),
        (kind::SACK, _) => return Err("length is not 2 and whole blocks of 8"),
        (kind::MD5, _) => return Err("length is not 18"),
        (kind::AO, _) => return Err("length below 4"),
        (kind::MPTCP, _) => return Err("length below 3"),
        (_, body) => TcpOption::Unknown { kind, body },
    })
}

/// The two clocks of kind 8, TSval and TSecr.
#[inline]
fn both([a, b, c, d, tsecr @ ..]: [u8; 8]) -> (u32, u32) {
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes(tsecr))
}

#[cfg(test)]
mod tests;
