//! Packets made by hand, for the ends of a scenario that no kernel can be brought to play.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use parser::{Content, Decoder, Endpoint, Flags, Frame, LinkType, SeqNumber};
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ScenarioError;
use crate::socket::{Program, address};

/// How long a packet that the scenario needs is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// IPv4 header and the eight bytes of TCP that an ICMP error quotes at least (RFC 792).
const QUOTE: usize = 28;

/// Raw sockets: one that sees and sends TCP segments, and one that sends ICMP.
#[derive(Debug)]
pub(crate) struct RawSender {
    tcp: Socket,
    icmp: Socket,
}

/// A segment to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crafted {
    pub(crate) source: Endpoint,
    pub(crate) destination: Endpoint,
    pub(crate) flags: Flags,
    pub(crate) seq: SeqNumber,
    pub(crate) ack: SeqNumber,
}

/// What an ICMP error quotes of a segment that was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    quote: [u8; QUOTE],
}

impl RawSender {
    /// Opens them (`CAP_NET_RAW`).
    pub(crate) fn open() -> io::Result<Self> {
        let tcp = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::TCP))?;
        tcp.set_read_timeout(Some(Duration::from_millis(100)))?;
        let icmp = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4))?;
        icmp.bind(&SocketAddr::new(Self::ROUTER, 0).into())?;
        Ok(Self { tcp, icmp })
    }

    /// Who reports ICMP errors.
    const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 254));

    /// Waits for a SYN to `destination`.
    pub(crate) fn wait_for_syn(&self, destination: Endpoint) -> Result<Seen, ScenarioError> {
        let until = Instant::now() + WAIT;
        let mut decoder = Decoder::new();
        let mut buffer = [0; 2048];
        while Instant::now() < until {
            // A time-out of the read is no reason to give up before `until`.
            let Ok(length) = (&self.tcp).read(&mut buffer) else { continue };
            let Some(packet) = buffer.get(..length) else { continue };
            let inner = decoder.decode(&Frame::of_bytes(LinkType::RAW, length as u32, packet));
            if let Content::Tcp(segment) = inner.content
                && (segment.destination, segment.flags) == (destination, Flags::SYN)
                && let Some(quote) = packet.first_chunk()
            {
                return Ok(Seen { quote: *quote });
            }
        }
        Err(ScenarioError::Silence("SYN", WAIT.as_secs()))
    }

    /// Sends a segment, as a call of `program`.
    pub(crate) fn send(&self, program: &Program, segment: &Crafted) -> Result<(), ScenarioError> {
        let Crafted { source, destination, flags, .. } = segment;
        let bytes = segment.bytes();
        let to = address(Endpoint { port: 0, ..*destination }).into();
        if *flags == Flags::SYN {
            let Program { actor, journal, .. } = program;
            journal.tries(*actor, crate::Protocol::Tcp, Some(*source), *destination);
        }
        program
            .call(
                format!("sendto(SOCK_RAW, {flags} {source} > {destination})"),
                || self.tcp.send_to(&bytes, &to),
                usize::to_string,
            )
            .map(|_| ())
    }

    /// Reports, as a router, that the host which `seen` was for can't be reached (ICMP 3/1).
    pub(crate) fn host_unreachable(
        &self,
        program: &Program,
        seen: &Seen,
    ) -> Result<(), ScenarioError> {
        let mut message = vec![3, 1, 0, 0, 0, 0, 0, 0];
        message.extend(seen.quote);
        let sum = checksum(&message).to_be_bytes();
        message[2..4].copy_from_slice(&sum);
        let [.., a, b, c, d] = *seen.quote.first_chunk::<16>().unwrap_or(&[0; 16]);
        let client = Ipv4Addr::new(a, b, c, d);
        let to = SocketAddr::new(client.into(), 0).into();
        program
            .call(
                format!("sendto(SOCK_RAW, ICMP host unreachable {} > {client})", Self::ROUTER),
                || self.icmp.send_to(&message, &to),
                usize::to_string,
            )
            .map(|_| ())
    }
}

impl Crafted {
    /// The 20 bytes of the header, without options and data (RFC 9293, 3.1).
    fn bytes(&self) -> [u8; 20] {
        let mut header = [0; 20];
        header[0..2].copy_from_slice(&self.source.port.to_be_bytes());
        header[2..4].copy_from_slice(&self.destination.port.to_be_bytes());
        header[4..8].copy_from_slice(&self.seq.0.to_be_bytes());
        header[8..12].copy_from_slice(&self.ack.0.to_be_bytes());
        header[12..14].copy_from_slice(&(0x5000 | self.flags.0).to_be_bytes());
        header[14..16].copy_from_slice(&u16::MAX.to_be_bytes());
        let sum = checksum(&[&self.pseudo_header()[..], &header].concat()).to_be_bytes();
        header[16..18].copy_from_slice(&sum);
        header
    }

    fn pseudo_header(&self) -> Vec<u8> {
        let mut pseudo = Vec::with_capacity(12);
        for end in [self.source, self.destination] {
            if let IpAddr::V4(addr) = end.addr {
                pseudo.extend(addr.octets());
            }
        }
        pseudo.extend([0, libc::IPPROTO_TCP as u8, 0, 20]);
        pseudo
    }
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crafted_segment_sums_up_with_its_pseudo_header() {
        let segment = Crafted {
            source: Endpoint::new(Ipv4Addr::LOCALHOST, 43210),
            destination: Endpoint::new(Ipv4Addr::new(127, 0, 0, 2), 8080),
            flags: Flags::SYN | Flags::ACK,
            seq: SeqNumber(u32::MAX),
            ack: SeqNumber(1),
        };
        let bytes = segment.bytes();
        assert_eq!(bytes[12..14], [0x50, 0x12]);
        let all = [&segment.pseudo_header()[..], &bytes].concat();
        assert_eq!(all.len(), 32);
        assert_eq!(checksum(&all), 0);
    }
}
