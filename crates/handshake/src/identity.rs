//! What an attempt is called, so that records of different runs can be put together.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use parser::{Endpoint, Layer, Timestamp};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::record::Handshake;

/// Identifies an attempt, whoever computes it: the first half of a SHA-256 of its end points, its J, its
/// start and what tells its addresses apart from equal ones (docs/json.md, Identity). It is displayed as
/// 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Uid(u128);

/// The Community ID, version 1 with seed 0, of the attempt's addresses and ports: what Zeek, Suricata,
/// Arkime and others call this flow. All attempts between the same two end points share it.
///
/// <https://github.com/corelight/community-id-spec>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommunityId([u8; 20]);

/// TCP, as IP numbers it.
const TCP: u8 = 6;

impl Handshake {
    /// Identifies the attempt.
    pub fn uid(&self) -> Uid {
        let mut text = Hashed::new();
        self.identify(&mut text);
        let sum = text.sum();
        Uid(sum[..16].iter().fold(0, |uid, &byte| uid << 8 | u128::from(byte)))
    }

    /// `tcp 192.0.2.1:50000 > 198.51.100.2:443 J=7 start=1700000000000000000 vlan 5`.
    fn identify(&self, text: &mut Hashed) {
        let Self { client, server, client_isn, .. } = self;
        text.push("tcp ");
        text.end(*client);
        text.push(" > ");
        text.end(*server);
        text.push(" J=");
        text.number(client_isn.0);
        text.push(" start=");
        match self.timing.start.map(Timestamp::as_nanos) {
            Some(start) => text.number(start),
            None => text.push("-"),
        }
        let outer = self.encapsulations.first().into_iter().flatten();
        for layer in outer.filter(|layer| layer.tells_apart()) {
            match *layer {
                // The same in both directions.
                Layer::OuterIp { source, destination } => {
                    let (low, high) = (source.min(destination), source.max(destination));
                    text.value(format_args!(" ip {low} {high}"));
                }
                _ => text.value(format_args!(" {layer}")),
            }
        }
    }

    /// The Community ID of its flow.
    pub fn community_id(&self) -> CommunityId {
        let ordered = |end: &Endpoint| (end.addr, end.port);
        let (one, other) = (&self.client, &self.server);
        let (low, high) = if ordered(one) <= ordered(other) { (one, other) } else { (other, one) };
        // The seed, 0.
        let mut sha = Sha1::new_with_prefix([0, 0]);
        for end in [low, high] {
            match end.addr {
                IpAddr::V4(addr) => sha.update(addr.octets()),
                IpAddr::V6(addr) => sha.update(addr.octets()),
            }
        }
        sha.update([TCP, 0]);
        sha.update(low.port.to_be_bytes());
        sha.update(high.port.to_be_bytes());
        CommunityId(sha.finalize().into())
    }
}

/// Text that is hashed. Nearly all has room here, and is hashed at once.
struct Hashed {
    before: Sha256,
    text: [u8; 192],
    len: usize,
}

impl Hashed {
    fn new() -> Self {
        Self { before: Sha256::new(), text: [0; 192], len: 0 }
    }

    fn sum(mut self) -> [u8; 32] {
        self.before.update(&self.text[..self.len]);
        self.before.finalize().into()
    }

    fn push(&mut self, text: &str) {
        if self.len + text.len() > self.text.len() {
            self.before.update(&self.text[..self.len]);
            self.len = 0;
        }
        match self.text.get_mut(self.len..self.len + text.len()) {
            Some(place) => place.copy_from_slice(text.as_bytes()),
            None => return self.before.update(text),
        }
        self.len += text.len();
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.push(itoa::Buffer::new().format(number));
    }

    fn value(&mut self, value: fmt::Arguments<'_>) {
        // It can't fail.
        let _ = self.write_fmt(value);
    }

    /// As [`Endpoint`] is displayed.
    fn end(&mut self, Endpoint { addr, port }: Endpoint) {
        match addr {
            IpAddr::V4(addr) => {
                for (octet, after) in addr.octets().into_iter().zip([".", ".", ".", ":"]) {
                    self.number(octet);
                    self.push(after);
                }
            }
            IpAddr::V6(addr) => self.value(format_args!("[{addr}]:")),
        }
        self.number(port);
    }
}

impl fmt::Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

impl Uid {
    /// Reads it as it is displayed, in small or capital letters.
    pub fn read(text: &str) -> Option<Self> {
        let is_whole = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        u128::from_str_radix(text, 16).ok().filter(|_| is_whole).map(Self)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 32];
        for (digits, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0.to_be_bytes()) {
            *digits = [byte >> 4, byte & 0xf].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
        }
        f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl fmt::Display for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 20 bytes are 28 characters.
        let mut text = [0; 28];
        let len = BASE64_STANDARD.encode_slice(self.0, &mut text).unwrap_or_default();
        f.write_str("1:")?;
        f.write_str(std::str::from_utf8(&text[..len]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_hashed_however_long_its_pieces_are(
            pieces in proptest::collection::vec("[ -~]{0,250}", 0..8),
        ) {
            let mut text = Hashed::new();
            for piece in &pieces {
                text.push(piece);
            }
            prop_assert_eq!(text.sum(), <[u8; 32]>::from(Sha256::digest(pieces.concat())));
        }
    }
}
