//! A UDP datagram from a name server: what is read of it is bounded, and harmless everywhere.

use std::net::IpAddr;

use hostnames::{AnswerFinder, DnsAnswer, HostNames};
use parser::{Frame, LinkType};

/// From 192.0.2.53 to 10.0.0.9: IPv4, with UDP in it, without the lengths.
const IPV4: [u8; 20] = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 53, 10, 0, 0, 9];
const ASKER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9));

/// The first byte chooses between DNS and multicast DNS. The rest is the message.
pub fn check(data: &[u8]) {
    let Some((&which, message)) = data.split_first() else { return };
    let port: u16 = if which % 2 == 0 { 53 } else { 5353 };
    let frame = framed(port, message);
    let read = |bytes: &[u8]| {
        let frame = Frame::of_bytes(LinkType::RAW, bytes.len() as u32, bytes);
        AnswerFinder::default().find(&frame)
    };
    let Some(answer) = read(&frame) else { return };
    let DnsAnswer { asker, addrs } = &answer;
    assert_eq!(*asker, ASKER);
    assert!((1..=64).contains(&addrs.len()), "{addrs:?}");
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "-_.\\".contains(c);
    for (_, name) in addrs {
        assert!((1..=253).contains(&name.len()) && name.chars().all(is_harmless), "{name}");
    }
    let mut names = HostNames::default();
    names.learn(answer.clone(), 7);
    for (addr, _) in addrs {
        let last = addrs.iter().rev().find(|(other, _)| other == addr).map(|(_, name)| name);
        assert_eq!(names.last(*addr).map(|host| &host.name), last);
        assert_eq!(names.of_attempt(7, ASKER, *addr).server, None);
        assert_eq!(names.of_attempt(8, ASKER, *addr).server, names.last(*addr));
    }
    // Whoever cuts the message takes nothing but names from it, and the last of them first.
    for end in 0..frame.len() {
        let left = read(&frame[..end]).map_or(0, |answer| answer.addrs.len());
        assert!(left <= addrs.len(), "{end}");
    }
}

fn framed(port: u16, message: &[u8]) -> Vec<u8> {
    let mut frame = IPV4.to_vec();
    frame.extend(port.to_be_bytes());
    frame.extend(1024_u16.to_be_bytes());
    // A length of 0 is that of the packet.
    frame.extend([0; 4]);
    frame.extend_from_slice(message);
    frame
}
