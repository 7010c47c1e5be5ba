//! Builders of frames.

/// The client's addresses.
pub(super) const C4: [u8; 4] = [192, 0, 2, 1];
pub(super) const C6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
/// The server's.
pub(super) const S4: [u8; 4] = [198, 51, 100, 2];
pub(super) const S6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
pub(super) const CLIENT_PORT: u16 = 43210;
pub(super) const SERVER_PORT: u16 = 8080;

/// MSS 1460, SACK permitted, window scale 7.
pub(super) const SYN_OPTIONS: [u8; 12] = [2, 4, 5, 180, 4, 2, 3, 3, 7, 1, 1, 0];

/// `parts`, one after the other.
pub(super) fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A TCP header whose data offset covers `options`, then `data`. Its checksum is 0.
pub(super) fn tcp(seq: u32, ack: u32, flags: u16, options: &[u8], data: &[u8]) -> Vec<u8> {
    let words = (20 + options.len() / 4 * 4) as u16 / 4;
    cat(&[
        &CLIENT_PORT.to_be_bytes(),
        &SERVER_PORT.to_be_bytes(),
        &seq.to_be_bytes(),
        &ack.to_be_bytes(),
        &((words << 12) | flags).to_be_bytes(),
        &64240_u16.to_be_bytes(),
        &[0; 4],
        options,
        data,
    ])
}

/// A SYN with the last sequence number there is.
pub(super) fn syn() -> Vec<u8> {
    tcp(u32::MAX, 0, 0x002, &SYN_OPTIONS, &[])
}

/// An IPv4 packet. `fragment` is the word with flags and offset.
pub(super) fn ipv4_fragment(protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let total = (20 + payload.len()) as u16;
    cat(&[
        &[0x45, 0],
        &total.to_be_bytes(),
        &0x1234_u16.to_be_bytes(),
        &fragment.to_be_bytes(),
        &[63, protocol, 0, 0],
        &C4,
        &S4,
        payload,
    ])
}

/// A whole IPv4 packet.
pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_fragment(protocol, 0x4000, payload)
}

/// An IPv6 packet.
pub(super) fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u16;
    cat(&[&[0x60, 0, 0, 0], &length.to_be_bytes(), &[next_header, 63], &C6, &S6, payload])
}

/// An Ethernet frame.
pub(super) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    cat(&[&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], &ether_type.to_be_bytes(), payload])
}

/// A UDP datagram without checksum.
pub(super) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    cat(&[
        &source.to_be_bytes(),
        &destination.to_be_bytes(),
        &length.to_be_bytes(),
        &[0, 0],
        payload,
    ])
}
