//! The language of scenarios.

mod icmp;
mod line;
mod options;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use crate::TestFrame;
use crate::packet::{Host, Packet};
use words::Words;

/// A scenario, parsed, as the frames it stands for.
///
/// A script is read line by line; `#` begins a comment. First come declarations:
///
/// | declaration | meaning |
/// |---|---|
/// | `client 192.0.2.1:40000 server [2001:db8::1]:80` | the hosts `C` and `S` |
/// | `host C2 192.0.2.9:40001` | a host by any other name |
/// | `router 192.0.2.254` | the host `R`, which reports ICMP errors |
/// | `isn J=305419896 K=4294967295` | numbers by name, for use as `J`, `J+1`, `K-5000` (modulo 2^32) |
/// | `start 1700000000.5` | when the capture starts, in seconds since the epoch (that is 1700000000 by default) |
///
/// Then the packets, one a line, each after its time: `+` after the packet before it, `-` before
/// the packet before it (a clock that goes back), `=` after the start. Units are `s` (which may be
/// left out), `ms`, `us` and `ns`.
///
/// ```text
/// +0      C > S  S   J:J(0) win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
/// +10ms   S > C  S.  K:K(0) ack J+1
/// +1us    dup ttl 63
/// =1.5    R > C  icmp unreachable host quoting J
/// +0      frame ffffffffffff0200000000010806
/// ```
///
/// A segment is: flags out of `S . P F R U E W A` (`.` is ACK, `A` is AE) or `-` for none; its
/// sequence numbers `first:next(bytes)`, next being first + bytes; `ack` where the ACK flag is set;
/// then in any order `win N`, `urg N`, `ack_field N` (the field without the flag), `<options>`,
/// `ttl N`, `ip_id N`, `vlan N` (repeated: outermost first), `vxlan N` (around all of that),
/// `checksum bad`, `checksum partial`, `fragment first`, `fragment later` and `cut N` (only N bytes
/// of the frame are captured).
/// IPv4 identification counts up for each sender from 1, unless `ip_id` gives it.
///
/// Options: `mss N`, `wscale N`, `sackOK`, `sack 1:2 5:6`, `TS val N ecr N`, `nop`, `eol`,
/// `FO HEX` (kind 34; `FO` alone asks for a cookie), `FOEXP HEX` (kind 254, magic F989), `md5 HEX`,
/// `ao KEY NEXT HEX`, `mptcp HEX` (what follows kind and length), `hex HEX` (any bytes). They are
/// padded with zeros to a multiple of four.
///
/// An ICMP error names a kind (`unreachable net|host|protocol|port|admin`, `fragmentation_needed
/// MTU`, `packet_too_big MTU`, `ttl_exceeded`, or `TYPE/CODE`), then what it quotes: the latest
/// packet that its receiver sent with this sequence number; `quote N` limits the quotation to N
/// bytes of the TCP header, `ttl` and `cut` are as above.
///
/// `dup` captures the packet before it once more, with another `ttl`, `vlan`, `vxlan` or `cut` if
/// given.
/// `frame HEX` is any other frame.
#[derive(Clone, Debug)]
pub struct Script {
    frames: Vec<TestFrame>,
}

impl Script {
    /// Parses a script, strictly: there is no word that is passed over.
    ///
    /// # Errors
    /// The first line that can't be understood, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut state = State::default();
        for (index, line) in text.lines().enumerate() {
            let located = |message| ScriptError { line: index + 1, message };
            let code = line.split('#').next().unwrap_or_default();
            let mut words = Words::of(code).map_err(located)?;
            if let Some(word) = words.next() {
                state.line(word, &mut words).and_then(|()| words.end()).map_err(located)?;
            }
        }
        Ok(Self { frames: state.frames })
    }

    /// The frames, in the order of the script.
    pub fn frames(&self) -> &[TestFrame] {
        &self.frames
    }

    /// The frames, for those who go on to change them.
    pub fn into_frames(self) -> Vec<TestFrame> {
        self.frames
    }
}

/// A script that can't be understood.
#[derive(Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// What was expected there and what was found.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl fmt::Debug for ScriptError {
    /// As it is displayed, so that `unwrap` in a test says what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ScriptError {}

const DEFAULT_START_NS: i64 = 1_700_000_000 * 1_000_000_000;

/// What the lines so far have declared and sent.
#[derive(Debug)]
struct State {
    hosts: HashMap<String, Host>,
    numbers: HashMap<String, u32>,
    start_ns: i64,
    now_ns: i64,
    /// How many packets each host has sent, by its MAC address.
    sent_by: HashMap<u8, u16>,
    /// The packets so far, without those of `frame`.
    sent: Vec<Packet>,
    frames: Vec<TestFrame>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            hosts: HashMap::new(),
            numbers: HashMap::new(),
            start_ns: DEFAULT_START_NS,
            now_ns: DEFAULT_START_NS,
            sent_by: HashMap::new(),
            sent: Vec::new(),
            frames: Vec::new(),
        }
    }
}

impl State {
    fn line(&mut self, first: &str, words: &mut Words<'_>) -> Result<(), String> {
        match first {
            "client" => {
                self.declare_host("C", words.expect("address:port")?)?;
                words.exactly("server")?;
                self.declare_host("S", words.expect("address:port")?)
            }
            "router" => self.declare_host("R", words.expect("an address")?),
            "host" => {
                let name = words.expect("a name and address:port")?;
                self.declare_host(name, words.expect("address:port")?)
            }
            "isn" => {
                let mut word = words.expect("NAME=NUMBER")?;
                loop {
                    self.declare_number(word)?;
                    match words.next() {
                        Some(next) => word = next,
                        None => return Ok(()),
                    }
                }
            }
            "start" => {
                if !self.frames.is_empty() {
                    return Err("`start` must come before the first packet".to_owned());
                }
                self.start_ns = words::duration(words.expect("seconds since the epoch")?)?;
                self.now_ns = self.start_ns;
                Ok(())
            }
            time => {
                self.now_ns = self.time(time)?;
                self.packet(words)
            }
        }
    }

    fn declare_host(&mut self, name: &str, text: &str) -> Result<(), String> {
        let mac = u8::try_from(self.hosts.len() + 1).map_err(|_| "more than 255 hosts")?;
        let (addr, port) = match text.parse::<std::net::SocketAddr>() {
            Ok(both) => (both.ip(), both.port()),
            Err(_) => match text.parse::<IpAddr>() {
                Ok(addr) => (addr, 0),
                Err(_) => {
                    return Err(format!(
                        "expected 192.0.2.1:80, [2001:db8::1]:80 or an address alone, found `{text}`"
                    ));
                }
            },
        };
        match self.hosts.insert(name.to_owned(), Host { addr, port, mac }) {
            None => Ok(()),
            Some(_) => Err(format!("host `{name}` is declared twice")),
        }
    }

    fn declare_number(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_alphabetic()))
            .ok_or_else(|| format!("expected NAME=NUMBER, found `{text}`"))?;
        let value = self.number(value)?;
        match self.numbers.insert(name.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(format!("number `{name}` is declared twice")),
        }
    }

    fn time(&self, text: &str) -> Result<i64, String> {
        let unknown = || {
            format!(
                "expected `client`, `server`, `router`, `host`, `isn`, `start` or a time \
                 (+0.01, +10ms, -1s, =2), found `{text}`"
            )
        };
        let (sign, amount) = text.split_at_checked(1).ok_or_else(unknown)?;
        let (from, factor) = match sign {
            "+" => (self.now_ns, 1),
            "-" => (self.now_ns, -1),
            "=" => (self.start_ns, 1),
            _ => return Err(unknown()),
        };
        words::duration(amount)?
            .checked_mul(factor)
            .and_then(|amount| from.checked_add(amount))
            .ok_or_else(|| format!("time `{text}` is out of range"))
    }

    /// A number as it is written: `17`, `J`, `J+1`, `K-5000`, modulo 2^32.
    fn number(&self, text: &str) -> Result<u32, String> {
        let digits = |text: &str| {
            text.parse::<u32>().map_err(|_| {
                format!("expected a number up to 4294967295 or a name such as J+1, found `{text}`")
            })
        };
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return digits(text);
        }
        let end = text.find(['+', '-']).unwrap_or(text.len());
        let (name, offset) = text.split_at(end);
        let base = *self
            .numbers
            .get(name)
            .ok_or_else(|| format!("number `{name}` is not declared by `isn {name}=...`"))?;
        match offset.split_at_checked(1) {
            None => Ok(base),
            Some(("-", by)) => Ok(base.wrapping_sub(digits(by)?)),
            Some((_, by)) => Ok(base.wrapping_add(digits(by)?)),
        }
    }

    fn host(&self, name: &str) -> Result<Host, String> {
        self.hosts.get(name).copied().ok_or_else(|| format!("host `{name}` is not declared"))
    }
}

#[cfg(test)]
mod tests;
