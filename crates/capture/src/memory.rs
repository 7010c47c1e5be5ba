//! What becomes of memory that is free.

#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "the standard library has no word in it")
)]

/// Blocks of so many bytes are the system's own: also what a decompressor needs, as hundreds of these may be
/// closed and opened again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 32 << 10;

/// Gives large blocks of memory back to the system when they are free. Left to itself, glibc keeps them: each
/// one that becomes free raises the size from which it asks the system for the next (mallopt(3),
/// `M_MMAP_THRESHOLD`), so that tables that grow leave a hole for each of their former sizes. Call it before
/// there is another thread. Other allocators need no word.
pub fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call takes two numbers, and changes a setting of the allocator that no other thread uses yet.
    // Where it is refused, all stays as it was.
    let _ = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}
