//! Every system call of live capture on Linux, behind safe functions.

#![expect(unsafe_code, reason = "system calls that the standard library doesn't have")]

use std::fs::File;
use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parser::Timestamp;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd};
use rustix::net::netdevice::{index_to_name, name_to_index};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use super::filter::Instruction;

/// `SIOCGSTAMPNS_NEW` of linux/sockios.h (two 64-bit fields on every machine), which libc lacks.
const SIOCGSTAMPNS: u64 = 0x8010_8907;

/// What a system call returned, or the error it left.
fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn new_fd(result: libc::c_int) -> io::Result<OwnedFd> {
    let fd = check(result)?;
    // SAFETY: the call has just returned this descriptor, so it is open and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn set_option<T>(fd: BorrowedFd<'_>, level: i32, name: i32, value: &T) -> io::Result<()> {
    let size = mem::size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for reads of `size` bytes during the call.
    let result =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, ptr::from_ref(value).cast(), size) };
    check(result).map(drop)
}

fn get_option<T: Default>(fd: BorrowedFd<'_>, level: i32, name: i32) -> io::Result<T> {
    let mut value = T::default();
    let mut size = mem::size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for writes of `size` bytes, and every `T` used here (integers and
    // arrays of them) is valid whatever bytes it holds.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            level,
            name,
            ptr::from_mut(&mut value).cast(),
            &raw mut size,
        )
    };
    check(result).map(|_| value)
}

/// A packet socket.
#[derive(Debug)]
pub(super) struct Socket(OwnedFd);

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whether a packet socket delivers link headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkHeader {
    Kept,
    Removed,
}

impl Socket {
    /// A socket that receives nothing until it is bound to an interface.
    pub(super) fn open(link_header: LinkHeader) -> io::Result<Self> {
        let kind = match link_header {
            LinkHeader::Kept => libc::SOCK_RAW,
            LinkHeader::Removed => libc::SOCK_DGRAM,
        };
        // SAFETY: the call takes no pointers.
        let fd = unsafe { libc::socket(libc::AF_PACKET, kind | libc::SOCK_CLOEXEC, 0) };
        new_fd(fd).map(Self)
    }

    /// Another descriptor of the same socket.
    pub(super) fn duplicate(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }

    pub(super) fn attach_filter(&self, program: &[Instruction]) -> io::Result<()> {
        let mut filter: Vec<_> = program
            .iter()
            .map(|&Instruction { code, jt, jf, k }| libc::sock_filter { code, jt, jf, k })
            .collect();
        let len = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
        set_option(self.as_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
    }

    /// Leaves out frames that this host sends.
    pub(super) fn ignore_outgoing(&self) -> io::Result<()> {
        set_option(self.as_fd(), libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, &1_i32)
    }

    pub(super) fn promiscuous(&self, interface: u32) -> io::Result<()> {
        let request = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        set_option(self.as_fd(), libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
    }

    pub(super) fn set_receive_buffer(&self, bytes: i32) -> io::Result<()> {
        set_option(self.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, &bytes)
            .or_else(|_| set_option(self.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUF, &bytes))
    }

    /// Receives from an interface from now on; from all of them where its index is 0.
    pub(super) fn bind(&self, interface: u32) -> io::Result<()> {
        // SAFETY: all-zero bytes are a valid `sockaddr_ll`.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = interface.cast_signed();
        let size = mem::size_of_val(&address) as libc::socklen_t;
        // SAFETY: `address` is valid for reads of `size` bytes during the call.
        let result =
            unsafe { libc::bind(self.0.as_raw_fd(), ptr::from_ref(&address).cast(), size) };
        check(result).map(drop)
    }

    /// The index of the interface that it receives from. It is none of an interface that was removed.
    pub(super) fn bound_to(&self) -> io::Result<u32> {
        // SAFETY: all-zero bytes are a valid `sockaddr_ll`.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        let mut size = mem::size_of_val(&address) as libc::socklen_t;
        // SAFETY: `address` is valid for writes of `size` bytes during the call.
        let result = unsafe {
            libc::getsockname(self.0.as_raw_fd(), ptr::from_mut(&mut address).cast(), &raw mut size)
        };
        check(result).map(|_| address.sll_ifindex.cast_unsigned())
    }

    /// Sets up a `TPACKET_V3` ring and maps it.
    pub(super) fn ring(
        &self,
        block_size: usize,
        blocks: usize,
        time_out: Duration,
    ) -> io::Result<Ring> {
        let version = libc::tpacket_versions::TPACKET_V3 as i32;
        set_option(self.as_fd(), libc::SOL_PACKET, libc::PACKET_VERSION, &version)?;
        // Frames have no fixed size in version 3, but the kernel checks that these fit together.
        let frame_size = 2048;
        let request = libc::tpacket_req3 {
            tp_block_size: block_size as u32,
            tp_block_nr: blocks as u32,
            tp_frame_size: frame_size as u32,
            tp_frame_nr: (block_size / frame_size * blocks) as u32,
            tp_retire_blk_tov: time_out.as_millis() as u32,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        set_option(self.as_fd(), libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        Ring::map(self.as_fd(), block_size, blocks)
    }

    /// Frames that passed the filter and frames that found no room, since the last call.
    pub(super) fn statistics(&self) -> io::Result<(u64, u64)> {
        // `struct tpacket_stats_v3`; before version 3 the kernel fills two fields only.
        let [packets, drops, _]: [u32; 3] =
            get_option(self.as_fd(), libc::SOL_PACKET, libc::PACKET_STATISTICS)?;
        Ok((u64::from(packets), u64::from(drops)))
    }

    /// Takes the error that makes `poll` return at once.
    pub(super) fn take_error(&self) -> io::Result<Option<io::Error>> {
        let code: i32 = get_option(self.as_fd(), libc::SOL_SOCKET, libc::SO_ERROR)?;
        Ok((code != 0).then(|| io::Error::from_raw_os_error(code)))
    }

    /// When the frame arrived that was read last. The first call switches the stamps on.
    pub(super) fn last_timestamp(&self) -> io::Result<Timestamp> {
        let mut stamp = [0_i64; 2];
        // SAFETY: the kernel writes a `struct __kernel_timespec`, which is two 64-bit integers.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), SIOCGSTAMPNS as _, ptr::from_mut(&mut stamp))
        };
        check(result)?;
        let [seconds, nanoseconds] = stamp;
        Ok(Timestamp::from_parts(seconds, nanoseconds))
    }
}

/// The memory of a `TPACKET_V3` ring: blocks that belong to the kernel or to this process in turn.
#[derive(Debug)]
pub(super) struct Ring {
    start: NonNull<u8>,
    block_size: usize,
    blocks: usize,
}

// SAFETY: the mapping belongs to this value alone, and nothing in it is bound to a thread.
unsafe impl Send for Ring {}

/// `block_status` in `struct tpacket_block_desc`.
const BLOCK_STATUS: usize = 8;
/// `num_pkts`, behind it.
const BLOCK_FRAMES: usize = 12;

impl Ring {
    fn map(fd: BorrowedFd<'_>, block_size: usize, blocks: usize) -> io::Result<Self> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                block_size * blocks,
                access,
                libc::MAP_SHARED,
                fd.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { start, block_size, blocks })
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    fn block_start(&self, index: usize) -> NonNull<u8> {
        assert!(index < self.blocks, "the ring has {} blocks", self.blocks);
        // SAFETY: the mapping is `blocks` times `block_size` long, and `index` is below `blocks`.
        unsafe { self.start.add(index * self.block_size) }
    }

    /// A word of a block's header, by its offset.
    fn word(&self, index: usize, offset: usize) -> &AtomicU32 {
        assert!(offset.is_multiple_of(4) && offset < self.block_size, "words are aligned");
        // SAFETY: the word lies in the mapping, which lives as long as `self`; blocks are aligned to
        // pages; the kernel and this process access it as a word that changes hands atomically.
        unsafe { AtomicU32::from_ptr(self.block_start(index).add(offset).as_ptr().cast()) }
    }

    fn status(&self, index: usize) -> &AtomicU32 {
        self.word(index, BLOCK_STATUS)
    }

    /// How many frames are in a block, also in one that the kernel is still filling.
    pub(super) fn frames(&self, index: usize) -> u32 {
        self.word(index, BLOCK_FRAMES).load(Ordering::Acquire)
    }

    /// A block that the kernel has handed over.
    pub(super) fn block(&self, index: usize) -> Option<&[u8]> {
        if self.status(index).load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the kernel doesn't write to a block of this process until `release`, which needs
        // `&mut self` and so can't come while the slice is in use. The block lies in the mapping.
        Some(unsafe {
            std::slice::from_raw_parts(self.block_start(index).as_ptr(), self.block_size)
        })
    }

    /// Gives a block back to the kernel.
    pub(super) fn release(&mut self, index: usize) {
        self.status(index).store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `map`, and no slice of it outlives `self`.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.block_size * self.blocks) };
    }
}

/// A counter that wakes the threads that poll it.
#[derive(Debug)]
pub(super) struct Wake(OwnedFd);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Safe in a signal handler: it is one `write`, and `errno` is left as it was.
    pub(super) fn wake(&self) {
        let one = 1_u64;
        // SAFETY: `errno` is this thread's own; `one` is valid for reads of 8 bytes.
        unsafe {
            let errno = libc::__errno_location();
            let before = *errno;
            libc::write(self.0.as_raw_fd(), ptr::from_ref(&one).cast(), 8);
            *errno = before;
        }
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits until one of `fds` (a gap for those that are left out) can be read or has an error, and
/// tells for each whether it has an error. `None` where the time ran out first.
pub(super) fn poll(
    fds: &[Option<BorrowedFd<'_>>],
    time_out: Duration,
) -> io::Result<Option<Vec<bool>>> {
    let mut entries: Vec<_> =
        fds.iter().flatten().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
    let time_out =
        Timespec::try_from(time_out).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 });
    if rustix::event::poll(&mut entries, Some(&time_out))? == 0 {
        return Ok(None);
    }
    let errors = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    let mut entries = entries.iter();
    let mut has_error = || entries.next().is_some_and(|entry| entry.revents().intersects(errors));
    Ok(Some(fds.iter().map(|fd| fd.is_some() && has_error()).collect()))
}

/// A socket to ask the kernel about interfaces with.
fn any_socket() -> io::Result<OwnedFd> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::DGRAM);
    Ok(socket_with(family, kind, SocketFlags::CLOEXEC, None)?)
}

/// The index of the interface that has this name now.
pub(super) fn interface_index(name: &str) -> Option<u32> {
    name_to_index(any_socket().ok()?, name).ok()
}

/// The name of the interface that has this index now.
pub(super) fn interface_name(index: u32) -> Option<String> {
    index_to_name(any_socket().ok()?, index).ok()
}

/// What the kernel says of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InterfaceFacts {
    pub(super) up: bool,
    pub(super) loopback: bool,
    /// `ARPHRD_` number.
    pub(super) hardware: u16,
    pub(super) mtu: u32,
}

/// The facts about the interface of that name.
pub(super) fn interface_facts(name: &str) -> io::Result<InterfaceFacts> {
    let fd = any_socket()?;
    let ask = |request: libc::c_ulong| -> io::Result<libc::ifreq> {
        // SAFETY: all-zero bytes are a valid `ifreq`.
        let mut answer: libc::ifreq = unsafe { mem::zeroed() };
        if name.len() >= answer.ifr_name.len() {
            return Err(io::ErrorKind::NotFound.into());
        }
        for (to, from) in answer.ifr_name.iter_mut().zip(name.bytes()) {
            *to = libc::c_char::from_ne_bytes([from]);
        }
        // SAFETY: `answer` is an `ifreq`, which is what these requests read and write.
        let result =
            unsafe { libc::ioctl(fd.as_raw_fd(), request as _, ptr::from_mut(&mut answer)) };
        check(result).map(|_| answer)
    };
    // SAFETY: each request fills the field of the union that is read here.
    let (flags, hardware, mtu) = unsafe {
        (
            i32::from(ask(libc::SIOCGIFFLAGS)?.ifr_ifru.ifru_flags),
            ask(libc::SIOCGIFHWADDR)?.ifr_ifru.ifru_hwaddr.sa_family,
            ask(libc::SIOCGIFMTU)?.ifr_ifru.ifru_mtu,
        )
    };
    Ok(InterfaceFacts {
        up: flags & libc::IFF_UP != 0,
        loopback: flags & libc::IFF_LOOPBACK != 0,
        hardware,
        mtu: u32::try_from(mtu).unwrap_or(0),
    })
}

/// The time by the clock that frames are stamped with (`CLOCK_REALTIME`).
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Where the kernel answers questions about sockets. What is written goes to the kernel.
pub(super) fn socket_diagnostics() -> io::Result<File> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
    // SAFETY: the call takes no pointers.
    let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_SOCK_DIAG) };
    new_fd(fd).map(File::from)
}
