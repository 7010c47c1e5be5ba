//! The system calls that no safe wrapper offers. Every `unsafe` of this crate is here.
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper; each block says why it is sound"
)]

use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd};

use parser::Timestamp;

/// Moves the calling process into new namespaces; `flags` are those of unshare(2).
pub(crate) fn unshare(flags: libc::c_int) -> io::Result<()> {
    // SAFETY: unshare takes no pointer and changes no memory of this process.
    check(unsafe { libc::unshare(flags) })
}

/// Lets the user of this process own its files in `/proc`, also where its executable has file
/// capabilities: then they belong to root.
pub(crate) fn own_proc_files() -> io::Result<()> {
    // SAFETY: PR_SET_DUMPABLE takes an integer and no pointer.
    check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) })
}

/// Sets `IFF_UP` on the interface called `name` in the namespace of `socket`.
pub(crate) fn interface_up(socket: &impl AsFd, name: &str) -> io::Result<()> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: all zeros is a valid ifreq: integers and character arrays.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from.cast_signed() as libc::c_char;
    }
    // SAFETY: `request` lives through the call, its name ends in a zero byte (checked above), and
    // SIOCGIFFLAGS writes at most the flags inside it.
    check(unsafe { libc::ioctl(fd, libc::SIOCGIFFLAGS as libc::Ioctl, &raw mut request) })?;
    // SAFETY: SIOCGIFFLAGS has just filled this member of the union.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    request.ifr_ifru.ifru_flags = flags | libc::IFF_UP as libc::c_short;
    // SAFETY: as above; SIOCSIFFLAGS only reads the request.
    check(unsafe { libc::ioctl(fd, libc::SIOCSIFFLAGS as libc::Ioctl, &raw mut request) })
}

/// Lets a listening socket accept data in SYNs, with at most `queue` such connections pending.
pub(crate) fn set_fast_open(socket: &impl AsFd, queue: libc::c_int) -> io::Result<()> {
    let fd = socket.as_fd().as_raw_fd();
    let len = mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer and the length describe `queue`, which lives through the call.
    check(unsafe {
        libc::setsockopt(fd, libc::IPPROTO_TCP, libc::TCP_FASTOPEN, (&raw const queue).cast(), len)
    })
}

/// The kernel's data about a TCP socket. Fields that it is too old to fill are zero.
pub(crate) fn tcp_info(socket: &impl AsFd) -> io::Result<libc::tcp_info> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: all zeros is a valid tcp_info: it holds integers alone.
    let mut info: libc::tcp_info = unsafe { mem::zeroed() };
    let mut len = mem::size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes to `info`, which is that long.
    check(unsafe {
        libc::getsockopt(
            fd,
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &raw mut len,
        )
    })?;
    Ok(info)
}

/// When the packet that was read last from `socket` had arrived, by `CLOCK_REALTIME`.
pub(crate) fn arrival(socket: &impl AsFd) -> io::Result<Timestamp> {
    /// `SIOCGSTAMPNS_NEW` of linux/sockios.h (two 64-bit fields on every machine), which libc lacks.
    const SIOCGSTAMPNS: u64 = 0x8010_8907;
    let fd = socket.as_fd().as_raw_fd();
    let mut stamp = [0_i64; 2];
    // SAFETY: SIOCGSTAMPNS writes two integers of 64 bits, and `stamp` lives through the call.
    check(unsafe { libc::ioctl(fd, SIOCGSTAMPNS as _, &raw mut stamp) })?;
    let [seconds, nanoseconds] = stamp;
    Ok(Timestamp::from_parts(seconds, nanoseconds))
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
