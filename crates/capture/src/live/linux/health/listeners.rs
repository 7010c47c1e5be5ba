//! The accept queues of listening sockets, as `ss -ltn` shows them.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv6Addr};

use parser::{Endpoint, Ports};

use crate::live::linux::sys;

/// A listening socket and its accept queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// Where it listens; an unspecified address stands for all.
    pub local: Endpoint,
    /// Connections that are established and not yet accepted.
    pub queue: u32,
    /// How many there may be: the kernel admits one more than this. `None` where it doesn't tell.
    pub backlog: Option<u32>,
}

/// The sockets that listen on one of `ports`, on any port where there are none, by address.
///
/// # Errors
/// Where neither the kernel's socket diagnostics nor `/proc` can be read.
pub fn listeners(ports: &[Ports]) -> io::Result<Vec<Listener>> {
    let mut found = from_diagnostics().or_else(|_| from_proc())?;
    found.retain(|listener| {
        ports.is_empty() || ports.iter().any(|one| one.contains(listener.local.port))
    });
    found.sort_unstable();
    Ok(found)
}

// linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h, net/tcp_states.h.
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const REQUEST_DUMP: u16 = 0x301;
const TCP_LISTEN: u8 = 10;
/// `struct nlmsghdr`.
const HEADER: usize = 16;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

fn from_diagnostics() -> io::Result<Vec<Listener>> {
    let mut found = Vec::new();
    for family in [AF_INET, AF_INET6] {
        let mut socket = sys::socket_diagnostics()?;
        socket.write_all(&request(family))?;
        // The kernel answers with datagrams of 32 KiB at most.
        let mut answer = vec![0; 64 << 10];
        loop {
            let length = socket.read(&mut answer)?;
            if read_answer(answer.get(..length).unwrap_or_default(), &mut found)? {
                break;
            }
        }
    }
    Ok(found)
}

/// Asks for every listening TCP socket of a family: `struct inet_diag_req_v2` behind the header.
fn request(family: u8) -> Vec<u8> {
    const IPPROTO_TCP: u8 = 6;
    let length: u32 = 16 + 56;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(REQUEST_DUMP.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([family, IPPROTO_TCP, 0, 0]);
    bytes.extend((1_u32 << TCP_LISTEN).to_ne_bytes());
    bytes.resize(length as usize, 0);
    bytes
}

/// Takes the messages of one datagram. Whether the answer ends with it.
fn read_answer(mut bytes: &[u8], found: &mut Vec<Listener>) -> io::Result<bool> {
    while !bytes.is_empty() {
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let length = u32_at(bytes, 0).ok_or_else(broken)? as usize;
        let message = bytes.get(..length).filter(|_| length >= HEADER).ok_or_else(broken)?;
        match message.get(4..).and_then(|rest| rest.first_chunk()).copied().map(u16::from_ne_bytes)
        {
            Some(NLMSG_DONE) => return Ok(true),
            Some(NLMSG_ERROR) => {
                let code = u32_at(message, HEADER).unwrap_or(0).cast_signed();
                return Err(io::Error::from_raw_os_error(code.saturating_neg()));
            }
            Some(SOCK_DIAG_BY_FAMILY) => {
                found.extend(message.get(HEADER..).and_then(diagnosed));
            }
            _ => {}
        }
        // Messages are aligned to 4 bytes.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// A `struct inet_diag_msg`.
fn diagnosed(message: &[u8]) -> Option<Listener> {
    let port = u16::from_be_bytes(*message.get(4..)?.first_chunk()?);
    let addr: IpAddr = match *message.first()? {
        AF_INET => (*message.get(8..)?.first_chunk::<4>()?).into(),
        AF_INET6 => (*message.get(8..)?.first_chunk::<16>()?).into(),
        _ => return None,
    };
    let (queue, backlog) = (u32_at(message, 56)?, u32_at(message, 60)?);
    Some(Listener { local: Endpoint::new(addr, port), queue, backlog: Some(backlog) })
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

/// `/proc/net/tcp` has the length of the queue and not its limit.
fn from_proc() -> io::Result<Vec<Listener>> {
    let mut text = fs::read_to_string("/proc/net/tcp")?;
    // Absent where the kernel has no IPv6.
    text += &fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    Ok(text.lines().filter_map(proc_line).collect())
}

/// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000002 ...`
fn proc_line(line: &str) -> Option<Listener> {
    let mut fields = line.split_whitespace().skip(1);
    let (addr, port) = fields.next()?.split_once(':')?;
    let state = fields.nth(1)?;
    let (_, queue) = fields.next()?.split_once(':')?;
    if u8::from_str_radix(state, 16).ok()? != TCP_LISTEN {
        return None;
    }
    let local = Endpoint::new(proc_addr(addr)?, u16::from_str_radix(port, 16).ok()?);
    Some(Listener { local, queue: u32::from_str_radix(queue, 16).ok()?, backlog: None })
}

/// An address as `/proc` has it: words of 32 bits, each as this machine reads it from memory.
fn proc_addr(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = u32::from_str_radix(text.get(8 * at..8 * at + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    match text.len() {
        8 => Some(word(0)?.into()),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.as_flattened().try_into().ok()?;
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Both ways to ask tell the same of a queue with two connections in it, in IPv4 and IPv6.
    #[test]
    fn the_accept_queue_is_that_of_the_kernel() {
        for addr in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(addr).unwrap();
            let local = listener.local_addr().unwrap();
            let _clients = [(); 2].map(|()| TcpStream::connect(local).unwrap());
            let local = Endpoint::new(local.ip(), local.port());
            let [found] = listeners(&[Ports::from(local.port)]).unwrap()[..] else {
                panic!("one listener")
            };
            assert_eq!((found.local, found.queue), (local, 2));
            assert!(found.backlog > Some(1), "{found:?}");
            let in_proc: Vec<_> =
                from_proc().unwrap().into_iter().filter(|one| one.local == local).collect();
            assert_eq!(in_proc, [Listener { local, queue: 2, backlog: None }]);
        }
    }

    #[test]
    fn without_ports_every_listener_is_found_in_order() {
        let _two = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let found = listeners(&[]).unwrap();
        assert!(found.len() >= 2 && found.is_sorted());
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error_and_no_panic() {
        let mut listener = vec![88, 0, 0, 0, 20, 0, 0, 0];
        listener.resize(16, 0);
        listener.extend([AF_INET, TCP_LISTEN, 0, 0, 0, 80, 0, 0, 127, 0, 0, 1]);
        listener.resize(16 + 56, 0);
        listener.extend([129_u32.to_ne_bytes(), 128_u32.to_ne_bytes(), [0; 4], [0; 4]].concat());
        let mut found = Vec::new();
        assert!(!read_answer(&listener, &mut found).unwrap());
        let local = Endpoint::new([127, 0, 0, 1], 80);
        assert_eq!(found, [Listener { local, queue: 129, backlog: Some(128) }]);
        for length in 1..listener.len() {
            assert!(read_answer(&listener[..length], &mut found).is_err(), "{length} bytes");
        }
        let refused = [20, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff];
        let error = read_answer(&refused, &mut found).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(proc_line("  sl  local_address rem_address   st tx_queue rx_queue"), None);
        assert_eq!(proc_addr("0100007F0"), None);
        assert_eq!(proc_addr("ÄÖÜÄÖÜÄÖ"), None);
    }
}
