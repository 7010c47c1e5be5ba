//! Traffic in any amount: connections and floods, each packet from a number.

use crate::TestFrame;

const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// Connections of [`connections`] that are open at the same time.
const TOGETHER: u32 = 256;
const BEGIN_NS: i64 = 1_700_000_000_000_000_000;

/// The version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// A connection with data both ways and an orderly end, one of millions.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// How its packets are addressed.
    pub ip: Ip,
    /// Which one: another number is another client.
    pub number: u32,
}

impl Connection {
    /// Packets before the first one with data: SYN, SYN-ACK and ACK.
    pub const HANDSHAKE: u32 = 3;
    /// Packets with data behind them.
    pub const DATA: u32 = 8;
    /// All packets: with a FIN of each side at the end.
    pub const PACKETS: u32 = Self::HANDSHAKE + Self::DATA + 2;

    /// One of its packets, the first of which is 0, without the data, captured at this time in
    /// nanoseconds.
    pub fn packet(self, step: u32, timestamp_ns: i64) -> TestFrame {
        let Self { ip, number } = self;
        let [_, a, b, c] = number.to_be_bytes();
        let client = ([10, a, b, c], 32_768 + (number % 28_000) as u16);
        let server = ([192, 0, 2, (number % 200) as u8], 443);
        let client_isn = number.wrapping_mul(0x9e37_79b9);
        let server_isn = number.wrapping_mul(0x85eb_ca6b);
        // After the handshake either side sends in turn, the client first.
        let from_client = matches!(step, 0 | 2) || (step > 2 && step % 2 == 1);
        let exchanged = step.saturating_sub(3) / 2 * 1000;
        let (flags, data) = match step {
            0 => (SYN, 0),
            1 => (SYN | ACK, 0),
            2 => (ACK, 0),
            step if step < Self::HANDSHAKE + Self::DATA => (PSH | ACK, 1000),
            _ => (FIN | ACK, 0),
        };
        let (source, destination, seq, ack) = if from_client {
            let seq = client_isn.wrapping_add(u32::from(step > 0) + exchanged);
            (client, server, seq, server_isn.wrapping_add(1 + exchanged))
        } else {
            let seq = server_isn.wrapping_add(u32::from(step > 1) + exchanged);
            (server, client, seq, client_isn.wrapping_add(1 + exchanged))
        };
        let ack = if step == 0 { 0 } else { ack };
        Packet { source, destination, seq, ack, flags, data }.frame(ip, timestamp_ns)
    }
}

/// So many connections, one packet each 3 µs: their packets take turns in groups of 256.
pub fn connections(count: u32) -> impl Iterator<Item = TestFrame> {
    let steps = move |group: u32| {
        let members = move |step| (0..TOGETHER).map(move |member| (group + member, step));
        (0..Connection::PACKETS).flat_map(members)
    };
    let packets = (0..count).step_by(TOGETHER as usize).flat_map(steps);
    packets.filter(move |&(number, _)| number < count).zip(1..).map(|((number, step), at)| {
        Connection { ip: Ip::V4, number }.packet(step, BEGIN_NS + at * 3_000)
    })
}

/// A SYN from an address that will never answer, captured at this time in nanoseconds.
pub fn spoofed_syn(ip: Ip, number: u32, timestamp_ns: i64) -> TestFrame {
    let spoofed = number.wrapping_mul(0x9e37_79b9);
    let packet = Packet {
        source: (spoofed.to_be_bytes(), 1024 + (number % 60_000) as u16),
        destination: ([192, 0, 2, 1], 80),
        seq: spoofed ^ 0x5555_5555,
        ack: 0,
        flags: SYN,
        data: 0,
    };
    packet.frame(ip, timestamp_ns)
}

/// So many of them, one each 10 µs.
pub fn spoofed_syns(count: u32) -> impl Iterator<Item = TestFrame> {
    (0..count).map(|number| spoofed_syn(Ip::V4, number, BEGIN_NS + i64::from(number) * 10_000))
}

/// A packet that was captured without its data, as a short snap length does it.
struct Packet {
    source: ([u8; 4], u16),
    destination: ([u8; 4], u16),
    seq: u32,
    ack: u32,
    flags: u8,
    data: u16,
}

impl Packet {
    fn frame(&self, ip: Ip, timestamp_ns: i64) -> TestFrame {
        // MSS, SACK permitted, timestamps, window scale on a SYN; timestamps on all others.
        const OPEN: [u8; 20] = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
        const LATER: [u8; 12] = [1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 1];
        let options: &[u8] = if self.flags & SYN != 0 { &OPEN } else { &LATER };
        let header = 20 + options.len() as u16;
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
        self.push_ip(ip, header + self.data, &mut bytes);
        bytes.extend_from_slice(&self.source.1.to_be_bytes());
        bytes.extend_from_slice(&self.destination.1.to_be_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.ack.to_be_bytes());
        bytes.extend_from_slice(&[(header as u8 / 4) << 4, self.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        bytes.extend_from_slice(options);
        let wire_len = bytes.len() as u32 + u32::from(self.data);
        TestFrame { timestamp_ns, link: 1, wire_len, bytes }
    }

    fn push_ip(&self, ip: Ip, payload: u16, bytes: &mut Vec<u8>) {
        let ends = [self.source.0, self.destination.0];
        match ip {
            Ip::V4 => {
                bytes.extend_from_slice(&[8, 0, 0x45, 0]);
                bytes.extend_from_slice(&(20 + payload).to_be_bytes());
                bytes.extend_from_slice(&[0x12, 0x34, 0x40, 0, 64, 6, 0, 0]);
                bytes.extend_from_slice(ends.as_flattened());
            }
            Ip::V6 => {
                bytes.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0]);
                bytes.extend_from_slice(&payload.to_be_bytes());
                bytes.extend_from_slice(&[6, 64]);
                for end in ends {
                    bytes.extend_from_slice(&[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0]);
                    bytes.extend_from_slice(&end);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_connection_follow_on_each_other() {
        let connection = Connection { ip: Ip::V4, number: 5 };
        let numbers = |step| {
            let frame = connection.packet(step, 0);
            let field = |at: usize| u32::from_be_bytes(frame.bytes[at..at + 4].try_into().unwrap());
            (field(38), field(42), frame.bytes[47])
        };
        let (j, none, syn) = numbers(0);
        let (k, after_j, syn_ack) = numbers(1);
        assert_eq!((none, syn, after_j, syn_ack), (0, SYN, j + 1, SYN | ACK));
        let (data, fin) = (PSH | ACK, FIN | ACK);
        let expected = [(j + 1, k + 1, ACK), (j + 1, k + 1, data), (k + 1, j + 1, data)];
        assert_eq!([2, 3, 4].map(numbers), expected);
        assert_eq!([11, 12].map(|step| numbers(step).2), [fin; 2]);
    }
}
