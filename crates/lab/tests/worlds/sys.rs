//! The socket options for which there is no safe wrapper. Every `unsafe` of these tests is here.
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper; each block says why it is sound"
)]

use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd};

// Of linux/tcp.h. The first ends a repair without a probe that the peer could see.
const REPAIR_OFF_NO_PROBE: libc::c_int = -1;
const RECEIVE_QUEUE: libc::c_int = 1;
const SEND_QUEUE: libc::c_int = 2;

/// What the kernel tells of a TCP socket.
pub(crate) fn tcp_info(socket: &impl AsFd) -> io::Result<libc::tcp_info> {
    // SAFETY: all zeros is a valid tcp_info: it holds integers alone.
    let mut info: libc::tcp_info = unsafe { mem::zeroed() };
    get(socket, libc::TCP_INFO, &mut info)?;
    Ok(info)
}

/// The next sequence number that this socket sends, and the next one that it receives, as a socket
/// tells them that is to be moved to another machine (tcp(7), `TCP_REPAIR`). It takes `CAP_NET_ADMIN`.
pub(crate) fn next_numbers(socket: &impl AsFd) -> io::Result<(u32, u32)> {
    let number = |queue| -> io::Result<u32> {
        let mut number = 0_u32;
        set(socket, libc::TCP_REPAIR_QUEUE, queue)?;
        get(socket, libc::TCP_QUEUE_SEQ, &mut number)?;
        Ok(number)
    };
    in_repair(socket, || Ok((number(SEND_QUEUE)?, number(RECEIVE_QUEUE)?)))
}

/// Lets a socket that is not connected begin with this number, which can't be 0.
pub(crate) fn begin_with(socket: &impl AsFd, number: u32) -> io::Result<()> {
    in_repair(socket, || {
        set(socket, libc::TCP_REPAIR_QUEUE, SEND_QUEUE)?;
        set(socket, libc::TCP_QUEUE_SEQ, number.cast_signed())
    })
}

fn in_repair<T>(socket: &impl AsFd, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    set(socket, libc::TCP_REPAIR, 1)?;
    let done = work();
    set(socket, libc::TCP_REPAIR, REPAIR_OFF_NO_PROBE)?;
    done
}

fn set(socket: &impl AsFd, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let fd = socket.as_fd().as_raw_fd();
    let len = mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer and the length describe `value`, which lives through the call.
    check(unsafe { libc::setsockopt(fd, libc::IPPROTO_TCP, name, (&raw const value).cast(), len) })
}

/// An option that is made of integers alone.
fn get<T: Copy>(socket: &impl AsFd, name: libc::c_int, value: &mut T) -> io::Result<()> {
    let fd = socket.as_fd().as_raw_fd();
    let mut len = mem::size_of::<T>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes to `value`, which is that long, and any bytes make
    // an integer.
    check(unsafe {
        libc::getsockopt(fd, libc::IPPROTO_TCP, name, (&raw mut *value).cast(), &raw mut len)
    })
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
