//! Frames, headers only.

pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// A segment without options and data.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) source: ([u8; 4], u16),
    pub(crate) destination: ([u8; 4], u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
}

impl Segment {
    /// The TCP header.
    pub(crate) fn tcp(&self) -> Vec<u8> {
        let mut header = Vec::with_capacity(20);
        header.extend(self.source.1.to_be_bytes());
        header.extend(self.destination.1.to_be_bytes());
        header.extend(self.seq.to_be_bytes());
        header.extend(self.ack.to_be_bytes());
        header.extend([5 << 4, self.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        header
    }

    /// The IPv4 packet.
    pub(crate) fn ip(&self) -> Vec<u8> {
        ipv4(6, self.source.0, self.destination.0, &self.tcp())
    }

    /// The frame.
    pub(crate) fn frame(&self) -> Vec<u8> {
        ethernet(IPV4, &self.ip())
    }
}

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;
const VLAN: u16 = 0x8100;

pub(crate) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &kind.to_be_bytes(), payload].concat()
}

pub(crate) fn ipv4(protocol: u8, source: [u8; 4], destination: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let [high, low] = (20 + payload.len() as u16).to_be_bytes();
    let head = [0x45, 0, high, low, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0];
    [&head[..], &source, &destination, payload].concat()
}

/// A segment behind so many extension headers of 8 bytes.
pub(crate) fn behind_extensions(count: usize, tcp: &[u8]) -> Vec<u8> {
    const DESTINATION_OPTIONS: u8 = 60;
    let len = (8 * count + tcp.len()) as u16;
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(len.to_be_bytes());
    packet.extend([DESTINATION_OPTIONS, 64]);
    packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    for left in (0..count).rev() {
        let next = if left == 0 { 6 } else { DESTINATION_OPTIONS };
        packet.extend([next, 0, 1, 4, 0, 0, 0, 0]);
    }
    packet.extend(tcp);
    ethernet(IPV6, &packet)
}

/// An IPv4 packet behind VLAN tags, the outermost first.
pub(crate) fn behind_vlans(ids: impl IntoIterator<Item = u16>, ip: &[u8]) -> Vec<u8> {
    let mut payload: Vec<u8> = Vec::new();
    for id in ids {
        payload.extend((id & 0xfff).to_be_bytes());
        payload.extend(VLAN.to_be_bytes());
    }
    let end = payload.len().saturating_sub(2);
    payload.truncate(end);
    payload.extend(IPV4.to_be_bytes());
    payload.extend(ip);
    ethernet(VLAN, &payload)
}

/// A frame in VXLAN.
pub(crate) fn in_vxlan(vni: u32, frame: &[u8]) -> Vec<u8> {
    let [_, v0, v1, v2] = vni.to_be_bytes();
    let len = (8 + 8 + frame.len()) as u16;
    let [high, low] = len.to_be_bytes();
    let udp = [0xc0, 0, 0x12, 0xb5, high, low, 0, 0];
    let payload = [&udp[..], &[8, 0, 0, 0, v0, v1, v2, 0], frame].concat();
    ethernet(IPV4, &ipv4(17, [198, 51, 100, 1], [198, 51, 100, 2], &payload))
}

/// An IPv4 packet in so many others.
pub(crate) fn in_tunnels(count: usize, ip: Vec<u8>) -> Vec<u8> {
    let wrap = |inner: Vec<u8>, _| ipv4(4, [198, 51, 100, 1], [198, 51, 100, 2], &inner);
    ethernet(IPV4, &(0..count).fold(ip, wrap))
}

/// An ICMP error about a segment: its host can't be reached.
pub(crate) fn unreachable(segment: &Segment) -> Vec<u8> {
    let payload = [&[3, 1, 0, 0, 0, 0, 0, 0][..], &segment.ip()].concat();
    ethernet(IPV4, &ipv4(1, [198, 51, 100, 9], segment.source.0, &payload))
}
