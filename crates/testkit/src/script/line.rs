//! The lines that stand for a packet.

use super::words::{Words, hex};
use super::{State, icmp, options};
use crate::TestFrame;
use crate::packet::{Body, ChecksumMode, Fragment, Host, Icmp, Packet, Tcp};

/// An IP packet holds 65,535 bytes; this leaves room for the headers.
const MAX_PAYLOAD: u32 = 65_000;

/// The letters of the flags, from FIN upwards.
const FLAGS: &str = "FSRP.UEWA";
const FLAG_ACK: u16 = 0x10;

impl State {
    /// The rest of a line after its time.
    pub(super) fn packet(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        match words.expect("a host, `dup` or `frame`")? {
            "frame" => {
                let bytes = hex(words.expect("the bytes of the frame")?)?;
                self.capture(bytes, None)
            }
            "dup" => {
                let mut packet = self.sent.last().cloned().ok_or("there is no packet to repeat")?;
                packet.vlans.clear();
                packet.vxlan = None;
                let cut = self.modifiers(&mut packet, words, &["ttl", "vlan", "vxlan", "cut"])?;
                self.capture(packet.ethernet(), cut)
            }
            name => {
                let source = self.host(name)?;
                words.exactly(">")?;
                let destination = self.host(words.expect("a host")?)?;
                if source.addr.is_ipv4() != destination.addr.is_ipv4() {
                    return Err("one host has an IPv4 address, the other an IPv6 one".to_owned());
                }
                let body = if words.peek() == Some("icmp") {
                    words.exactly("icmp")?;
                    self.icmp(destination, words)?
                } else {
                    self.tcp(words)?
                };
                self.send(source, destination, body, words)
            }
        }
    }

    /// Sends what was described, once the modifiers at the end of the line are known.
    fn send(
        &mut self,
        source: Host,
        destination: Host,
        body: Body,
        words: &mut Words<'_>,
    ) -> Result<(), String> {
        let count = self.sent_by.entry(source.mac).or_default();
        *count = count.wrapping_add(1);
        let ip_id = *count;
        let allowed: &[&str] = match body {
            Body::Tcp(_) => &[
                "win",
                "urg",
                "ack_field",
                "<",
                "ttl",
                "ip_id",
                "vlan",
                "vxlan",
                "checksum",
                "fragment",
                "cut",
            ],
            Body::Icmp(_) | Body::Udp(_) => &["ttl", "ip_id", "vlan", "vxlan", "cut"],
        };
        let mut packet = Packet {
            source,
            destination,
            vlans: Vec::new(),
            vxlan: None,
            ttl: 64,
            ip_id,
            fragment: Fragment::Whole,
            body,
        };
        let cut = self.modifiers(&mut packet, words, allowed)?;
        let bytes = packet.ethernet();
        self.sent.push(packet);
        self.capture(bytes, cut)
    }

    fn capture(&mut self, mut bytes: Vec<u8>, cut: Option<usize>) -> Result<(), String> {
        let wire_len = bytes.len() as u32;
        if let Some(cut) = cut {
            if cut > bytes.len() {
                return Err(format!("`cut {cut}`: the frame has only {} bytes", bytes.len()));
            }
            bytes.truncate(cut);
        }
        self.frames.push(TestFrame { timestamp_ns: self.now_ns, link: 1, wire_len, bytes });
        Ok(())
    }

    fn tcp(&self, words: &mut Words<'_>) -> Result<Body, String> {
        let flags = flags(words.expect("flags")?)?;
        let (seq, len) = self.sequence(words.expect("first:next(bytes)")?)?;
        let ack = if flags & FLAG_ACK == 0 {
            0
        } else {
            words.exactly("ack")?;
            self.number(words.expect("a number")?)?
        };
        Ok(Body::Tcp(Tcp {
            seq,
            ack,
            flags,
            window: 65_535,
            urgent: 0,
            options: Vec::new(),
            payload: (0..len).map(|n| n as u8).collect(),
            checksum: ChecksumMode::Right,
        }))
    }

    /// `first:next(bytes)`, with the sum checked.
    fn sequence(&self, text: &str) -> Result<(u32, u32), String> {
        let wrong = || format!("expected first:next(bytes), such as J+1:J+6(5), found `{text}`");
        let (first, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (next, rest) = rest.split_once('(').ok_or_else(wrong)?;
        let len = rest.strip_suffix(')').and_then(|len| len.parse().ok()).ok_or_else(wrong)?;
        let (first, next) = (self.number(first)?, self.number(next)?);
        if len > MAX_PAYLOAD {
            return Err(format!("expected at most {MAX_PAYLOAD} bytes, found {len}"));
        }
        if first.wrapping_add(len) != next {
            return Err(format!("`{text}`: the second number is not the first plus {len}"));
        }
        Ok((first, len))
    }

    fn icmp(&self, receiver: Host, words: &mut Words<'_>) -> Result<Body, String> {
        let (kind, code, rest) = icmp::kind(words, receiver.addr.is_ipv6())?;
        words.exactly("quoting")?;
        let seq = self.number(words.expect("a sequence number")?)?;
        let packet = self.sent.iter().rev().find(|packet| {
            packet.source.addr == receiver.addr
                && matches!(&packet.body, Body::Tcp(tcp) if tcp.seq == seq)
        });
        let mut quoted = packet
            .ok_or_else(|| format!("{} sent no segment with that number", receiver.addr))?
            .ip();
        if words.peek() == Some("quote") {
            words.exactly("quote")?;
            let ip_header = if receiver.addr.is_ipv4() { 20 } else { 40 };
            quoted.truncate(ip_header + words.integer::<usize>("a number of bytes")?);
        }
        Ok(Body::Icmp(Icmp { kind, code, rest, quoted }))
    }

    /// Takes the rest of the line; only the words in `allowed` may come. Returns the `cut`.
    fn modifiers(
        &self,
        packet: &mut Packet,
        words: &mut Words<'_>,
        allowed: &[&str],
    ) -> Result<Option<usize>, String> {
        let mut cut = None;
        while let Some(word) = words.next() {
            let name = if word.starts_with('<') { "<" } else { word };
            if !allowed.contains(&name) {
                let allowed = allowed.join(", ").replace('<', "<options>");
                return Err(format!("expected {allowed} or the end of the line, found `{word}`"));
            }
            match name {
                "cut" => cut = Some(words.integer("a number of bytes")?),
                "ttl" => packet.ttl = words.integer("a number up to 255")?,
                "vlan" => packet.vlans.push(vlan(words)?),
                "vxlan" => packet.vxlan = Some(vxlan(words)?),
                "ip_id" if packet.source.addr.is_ipv6() => {
                    return Err("IPv6 has no ip_id".to_owned());
                }
                "ip_id" => packet.ip_id = words.integer("a number up to 65535")?,
                "fragment" => packet.fragment = fragment(words)?,
                _ => self.tcp_modifier(word, packet, words)?,
            }
        }
        Ok(cut)
    }

    fn tcp_modifier(
        &self,
        word: &str,
        packet: &mut Packet,
        words: &mut Words<'_>,
    ) -> Result<(), String> {
        let Body::Tcp(tcp) = &mut packet.body else {
            return Err(format!("`{word}` belongs to a TCP segment"));
        };
        match word {
            "win" => tcp.window = words.integer("a window up to 65535")?,
            "urg" => tcp.urgent = words.integer("an urgent pointer up to 65535")?,
            "ack_field" if tcp.flags & FLAG_ACK != 0 => {
                return Err("`ack_field` is for segments without the ACK flag".to_owned());
            }
            "ack_field" => tcp.ack = self.number(words.expect("a number")?)?,
            "checksum" => {
                tcp.checksum = match words.expect("`bad` or `partial`")? {
                    "bad" => ChecksumMode::Bad,
                    "partial" => ChecksumMode::Partial,
                    other => return Err(format!("expected `bad` or `partial`, found `{other}`")),
                }
            }
            brackets => {
                tcp.options = options::options(brackets.trim_matches(['<', '>']))?;
            }
        }
        Ok(())
    }
}

fn flags(text: &str) -> Result<u16, String> {
    if text == "-" {
        return Ok(0);
    }
    text.chars().try_fold(0, |flags, letter| match FLAGS.find(letter) {
        Some(bit) if flags & (1 << bit) == 0 => Ok(flags | 1 << bit),
        _ => {
            Err(format!("expected flags out of S . P F R U E W A, each once, or -, found `{text}`"))
        }
    })
}

fn vlan(words: &mut Words<'_>) -> Result<u16, String> {
    match words.integer("a VLAN id up to 4095")? {
        id @ 0..=4095 => Ok(id),
        id => Err(format!("expected a VLAN id up to 4095, found {id}")),
    }
}

fn vxlan(words: &mut Words<'_>) -> Result<u32, String> {
    match words.integer("a VXLAN network up to 16777215")? {
        id @ 0..=0xff_ffff => Ok(id),
        id => Err(format!("expected a VXLAN network up to 16777215, found {id}")),
    }
}

fn fragment(words: &mut Words<'_>) -> Result<Fragment, String> {
    match words.expect("`first` or `later`")? {
        "first" => Ok(Fragment::First),
        "later" => Ok(Fragment::Later),
        other => Err(format!("expected `first` or `later`, found `{other}`")),
    }
}
