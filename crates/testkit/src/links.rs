//! Interfaces by rtnetlink(7), for tests that make a network.

use std::io::{self, Read as _, Write as _};
use std::net::Ipv4Addr;

use socket2::{Domain, Protocol, Socket, Type};

// Of linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/veth.h and net/if.h.
const AF_NETLINK: i32 = 16;
const NETLINK_ROUTE: i32 = 0;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_EXCL: u16 = 0x200;
const NLM_F_CREATE: u16 = 0x400;
const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const RTM_NEWADDR: u16 = 20;
const RTM_NEWROUTE: u16 = 24;
const IFLA_IFNAME: u16 = 3;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NET_NS_PID: u16 = 19;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFA_LOCAL: u16 = 2;
const RTA_DST: u16 = 1;
const RTA_GATEWAY: u16 = 5;
const RTN_UNICAST: u8 = 1;
const RTN_PROHIBIT: u8 = 8;
const RTPROT_STATIC: u8 = 4;
const RT_TABLE_MAIN: u8 = 254;
const AF_INET: u8 = 2;
const IFF_UP: u32 = 0x1;
const IFF_NOARP: u32 = 0x80;

/// The interfaces of the network namespace that this process is in. To change one takes
/// `CAP_NET_ADMIN` there.
#[derive(Debug)]
pub struct Links(Socket);

impl Links {
    /// Opens the way to the kernel.
    ///
    /// # Errors
    /// Where it has no rtnetlink.
    pub fn open() -> io::Result<Self> {
        let protocol = Protocol::from(NETLINK_ROUTE);
        Socket::new(Domain::from(AF_NETLINK), Type::RAW, Some(protocol)).map(Self)
    }

    /// Makes two interfaces, what one sends the other receives. The peer is in the namespace of the
    /// process `peer_in` if that is given; `index` is the number of the first one.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn add_veth(
        &self,
        name: &str,
        peer: &str,
        peer_in: Option<u32>,
        index: Option<u32>,
    ) -> io::Result<()> {
        let mut other = link(0, 0, 0);
        other.attribute(IFLA_IFNAME, &text(peer));
        if let Some(pid) = peer_in {
            other.attribute(IFLA_NET_NS_PID, &pid.to_ne_bytes());
        }
        let mut data = Body::default();
        data.attribute(VETH_INFO_PEER, &other.0);
        let mut info = Body::default();
        info.attribute(IFLA_INFO_KIND, b"veth");
        info.attribute(IFLA_INFO_DATA, &data.0);
        let mut body = link(index.unwrap_or(0), 0, 0);
        body.attribute(IFLA_IFNAME, &text(name));
        body.attribute(IFLA_LINKINFO, &info.0);
        self.ask(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body).map(drop)
    }

    /// Removes an interface; a veth takes its peer with it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        self.ask(RTM_DELLINK, 0, &named(name, 0, 0)).map(drop)
    }

    /// Switches an interface on.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn up(&self, name: &str) -> io::Result<()> {
        self.ask(RTM_NEWLINK, 0, &named(name, IFF_UP, IFF_UP)).map(drop)
    }

    /// Switches an interface off.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn down(&self, name: &str) -> io::Result<()> {
        self.ask(RTM_NEWLINK, 0, &named(name, 0, IFF_UP)).map(drop)
    }

    /// Gives an interface another name.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn rename(&self, name: &str, to: &str) -> io::Result<()> {
        let mut body = link(self.index(name)?, 0, 0);
        body.attribute(IFLA_IFNAME, &text(to));
        self.ask(RTM_NEWLINK, 0, &body).map(drop)
    }

    /// Lets an interface send at once to any address on its link, without asking for its station.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn without_arp(&self, name: &str) -> io::Result<()> {
        self.ask(RTM_NEWLINK, 0, &named(name, IFF_NOARP, IFF_NOARP)).map(drop)
    }

    /// Gives an interface an address, and the network of the first `prefix` bits around it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn add_address(&self, name: &str, address: Ipv4Addr, prefix: u8) -> io::Result<()> {
        // `struct ifaddrmsg`: family, prefix, flags, scope, interface.
        let mut body = Body(vec![AF_INET, prefix, 0, 0]);
        body.0.extend(self.index(name)?.to_ne_bytes());
        body.attribute(IFA_LOCAL, &address.octets());
        self.ask(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body).map(drop)
    }

    /// Sends packets for a host to a router; without one, answers that it is forbidden to go there
    /// (ICMP 3/13).
    ///
    /// # Errors
    /// What the kernel says.
    pub fn add_route(&self, host: Ipv4Addr, router: Option<Ipv4Addr>) -> io::Result<()> {
        let kind = if router.is_some() { RTN_UNICAST } else { RTN_PROHIBIT };
        // `struct rtmsg`: family, two lengths, TOS, table, protocol, scope, type, flags.
        let mut body = Body(vec![AF_INET, 32, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, 0, kind]);
        body.0.extend(0_u32.to_ne_bytes());
        body.attribute(RTA_DST, &host.octets());
        if let Some(router) = router {
            body.attribute(RTA_GATEWAY, &router.octets());
        }
        self.ask(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body).map(drop)
    }

    fn index(&self, name: &str) -> io::Result<u32> {
        let answer = self.ask(RTM_GETLINK, 0, &named(name, 0, 0))?;
        // Behind the header and the first four bytes of `struct ifinfomsg`.
        u32_at(&answer, 20).ok_or_else(|| io::Error::other("the answer is too short"))
    }

    /// Sends a message and returns the first one of the answer. Where nothing is to be reported,
    /// that is the error 0.
    fn ask(&self, kind: u16, flags: u16, body: &Body) -> io::Result<Vec<u8>> {
        let acknowledge = if kind == RTM_GETLINK { 0 } else { NLM_F_ACK };
        let flags = flags | NLM_F_REQUEST | acknowledge;
        let length = 16 + body.0.len() as u32;
        // `struct nlmsghdr`; sequence and port are 0: there is one question at a time.
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend(flags.to_ne_bytes());
        message.extend([0; 8]);
        message.extend(&body.0);
        (&self.0).write_all(&message)?;
        let mut answer = vec![0; 1 << 15];
        let length = (&self.0).read(&mut answer)?;
        answer.truncate(length);
        let is_error = answer.get(4..6) == Some(&NLMSG_ERROR.to_ne_bytes());
        match u32_at(&answer, 16).map(u32::cast_signed) {
            Some(error) if is_error && error != 0 => Err(io::Error::from_raw_os_error(-error)),
            Some(_) => Ok(answer),
            None => Err(io::Error::other("the answer is too short")),
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

/// A name as the kernel wants it.
fn text(name: &str) -> Vec<u8> {
    [name.as_bytes(), &[0]].concat()
}

/// What follows the header of a message, or of an attribute with attributes in it.
#[derive(Clone, Debug, Default)]
struct Body(Vec<u8>);

impl Body {
    /// `struct rtattr` and its value, up to the next multiple of four bytes.
    fn attribute(&mut self, kind: u16, value: &[u8]) {
        let length = 4 + value.len() as u16;
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }
}

/// `struct ifinfomsg`: of `flags` those in `change` are set as they are there.
fn link(index: u32, flags: u32, change: u32) -> Body {
    // The address family and the type of the device say nothing here.
    Body([0, index, flags, change].map(u32::to_ne_bytes).concat())
}

fn named(name: &str, flags: u32, change: u32) -> Body {
    let mut body = link(0, flags, change);
    body.attribute(IFLA_IFNAME, &text(name));
    body
}
