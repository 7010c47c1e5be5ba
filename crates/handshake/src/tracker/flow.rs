//! What makes two segments belong to the same 4-tuple: addresses, ports, and the tunnel around them.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use parser::{Endpoint, Layer, Segment, SeqNumber};

/// The 4-tuple of a segment, with its hash, which is that of the other direction too.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlowKey<'a> {
    pub(super) hash: u64,
    pub(super) source: &'a Endpoint,
    pub(super) destination: &'a Endpoint,
}

impl FlowKey<'_> {
    /// The two ends, which are equal to those of the other direction.
    #[inline]
    pub(super) fn pair(&self) -> Pair {
        Pair(*self.source, *self.destination)
    }
}

/// The two ends of a connection, whichever way round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair(pub(super) Endpoint, pub(super) Endpoint);

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        (self.0 == other.0 && self.1 == other.1) || (self.0 == other.1 && self.1 == other.0)
    }
}

/// Who opens a connection, and with which number, as its SYN or its SYN-ACK shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opener {
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    /// J.
    pub(super) client_isn: SeqNumber,
}

impl Opener {
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        let Segment { source, destination, .. } = *segment;
        match segment.ack() {
            None => Self { client: source, server: destination, client_isn: segment.seq },
            Some(ack) => Self { client: destination, server: source, client_isn: ack.minus(1) },
        }
    }
}

/// Hashes 4-tuples, both directions alike. Seeded anew for each tracker, so that nobody can prepare
/// addresses that collide.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlowHasher {
    seeds: [u64; 2],
}

impl FlowHasher {
    /// The same in every run, for where a collision costs nothing but a suspicion.
    pub(super) const FIXED: Self = Self { seeds: [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93] };

    /// All hashes are 0.
    #[cfg(test)]
    pub(super) const WORST: Self = Self { seeds: [0, 0] };

    pub(super) fn new() -> Self {
        let random = RandomState::new();
        Self { seeds: [0, 1].map(|number: u64| random.hash_one(number)) }
    }

    #[inline]
    pub(super) fn flow<'a>(&self, source: &'a Endpoint, destination: &'a Endpoint) -> FlowKey<'a> {
        let hash = self.endpoint(source).wrapping_add(self.endpoint(destination));
        FlowKey { hash, source, destination }
    }

    #[inline]
    pub(super) fn endpoint(&self, end: &Endpoint) -> u64 {
        let [first, second] = self.seeds;
        match end.addr {
            IpAddr::V4(addr) => {
                let bits = (u64::from(addr.to_bits()) << 16) | u64::from(end.port);
                fold(bits ^ first, second)
            }
            IpAddr::V6(addr) => {
                let bits = addr.to_bits();
                let halves = fold((bits >> 64) as u64 ^ first, bits as u64 ^ second);
                fold(halves ^ u64::from(end.port), second)
            }
        }
    }
}

/// What tells apart the tunnels and VLANs in which the same addresses may live. 0 is no tunnel.
///
/// VLAN ids, VXLAN and Geneve network identifiers and tunnel end points (in either direction) count.
/// MPLS labels and GTP-U tunnel ids differ between the two directions of one connection, so they can't.
pub(super) fn scope(layers: &[Layer]) -> u64 {
    let mut scope = 0;
    for layer in layers.iter().filter(|layer| layer.tells_apart()) {
        let (tag, value) = match *layer {
            Layer::Vlan(id) => (1, u64::from(id)),
            Layer::Vxlan(id) => (2, u64::from(id)),
            Layer::Geneve(id) => (3, u64::from(id)),
            Layer::OuterIp { source, destination } => {
                (4, address_bits(source).wrapping_add(address_bits(destination)))
            }
            _ => continue,
        };
        scope = mix(mix(scope, tag), value);
    }
    scope
}

fn address_bits(addr: IpAddr) -> u64 {
    match addr {
        IpAddr::V4(addr) => mix(4, u64::from(addr.to_bits())),
        IpAddr::V6(addr) => {
            let bits = addr.to_bits();
            mix(mix(6, (bits >> 64) as u64), bits as u64)
        }
    }
}

const fn mix(sum: u64, value: u64) -> u64 {
    fold(sum ^ 0x9e37_79b9_7f4a_7c15, value ^ 0xd6e8_feb8_6659_fd93)
}

/// The two halves of a 128-bit product, one upon the other: how foldhash and wyhash mix.
#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn both_directions_hash_alike() {
        let hasher = FlowHasher::new();
        let a = Endpoint::new([10, 0, 0, 1], 40000);
        let b = Endpoint::new([0_u16, 0, 0, 0, 0, 0, 0, 1], 80);
        assert_eq!(hasher.flow(&a, &b).hash, hasher.flow(&b, &a).hash);
        assert_ne!(hasher.flow(&a, &b).hash, hasher.flow(&a, &Endpoint { port: 81, ..b }).hash);
    }

    /// End points that differ in one part alone: an end of the address, or the port.
    fn end_points() -> [Vec<Endpoint>; 5] {
        let all = |end: &dyn Fn(u16) -> Endpoint| (0..4_096).map(end).collect();
        let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
        [
            all(&|it| Endpoint::new(v4(it, 1), 80)),
            all(&|it| Endpoint::new(v4(1, it), 80)),
            all(&|it| Endpoint::new([0x2001, 0xdb8, 0, it, 0, 0, 0, 1], 80)),
            all(&|it| Endpoint::new([0x2001, 0xdb8, 0, 1, 0, 0, 0, it], 80)),
            all(&|it| Endpoint::new([0x2001, 0xdb8, 0, 1, 0, 0, 0, 1], it)),
        ]
    }

    #[test]
    fn the_hash_of_an_end_depends_on_all_of_it_and_all_of_its_bits_do() {
        let hasher = FlowHasher { seeds: [0x2545_f491_4f6c_dd1d, 0x8f3a_21c6_0b97_e4d5] };
        for ends in end_points() {
            let found: Vec<u64> = ends.iter().map(|end| hasher.endpoint(end)).collect();
            assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
            // Each bit is set in about half of them.
            for bit in 0..64 {
                let set = found.iter().filter(|&hash| hash >> bit & 1 == 1).count();
                assert!((1_600..=2_500).contains(&set), "bit {bit} is set in {set} of 4096");
            }
        }
    }

    #[test]
    fn the_scope_is_the_same_in_both_directions_and_differs_between_tunnels() {
        let (near, far) = (Ipv4Addr::new(192, 0, 2, 1).into(), Ipv4Addr::new(192, 0, 2, 2).into());
        let there = [Layer::OuterIp { source: near, destination: far }, Layer::Vxlan(42)];
        let back = [Layer::OuterIp { source: far, destination: near }, Layer::Vxlan(42)];
        let other = [Layer::OuterIp { source: near, destination: far }, Layer::Vxlan(43)];
        assert_eq!(scope(&there), scope(&back));
        assert_ne!(scope(&there), scope(&other));
        assert_ne!(scope(&[Layer::Vlan(1)]), scope(&[Layer::Vlan(2)]));
        assert_ne!(scope(&[Layer::Vlan(1)]), 0);
    }

    #[test]
    fn scopes_differ_wherever_their_layers_do() {
        let outer = |high: u16, low: u16| Layer::OuterIp {
            source: Ipv6Addr::new(0x2001, 0xdb8, 0, high, 0, 0, 0, low).into(),
            destination: Ipv6Addr::LOCALHOST.into(),
        };
        let mut stacks: Vec<Vec<Layer>> = vec![vec![]];
        stacks.extend((0..4_096).map(|id| vec![Layer::Vlan(id)]));
        stacks.extend((0..4_096).map(|id| vec![Layer::Vxlan(id)]));
        stacks.extend((0..4_096).map(|id| vec![Layer::Geneve(id)]));
        stacks.extend((0..4_096).map(|id| vec![Layer::Vlan(id / 64), Layer::Vlan(id % 64)]));
        stacks.extend((0..4_096).map(|part| vec![outer(part / 64, part % 64)]));
        let scopes: HashSet<u64> = stacks.iter().map(|layers| scope(layers)).collect();
        assert_eq!(scopes.len(), stacks.len());
    }

    #[test]
    fn labels_that_differ_by_direction_do_not_count() {
        assert_eq!(scope(&[Layer::Mpls(16)]), scope(&[Layer::Mpls(17)]));
        assert_eq!(scope(&[Layer::GtpU(1)]), 0);
    }

    #[test]
    fn a_pair_has_two_ends_whichever_way_round() {
        let [a, b, c] = [1, 2, 3].map(|port| Endpoint::new([192, 0, 2, 1], port));
        assert_eq!(Pair(a, b), Pair(a, b));
        assert_eq!(Pair(a, b), Pair(b, a));
        for other in [Pair(a, c), Pair(c, b), Pair(b, c), Pair(c, a), Pair(a, a), Pair(b, b)] {
            assert_ne!(Pair(a, b), other);
        }
    }
}
