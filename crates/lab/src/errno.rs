//! Error numbers by the names that the manuals use.

use std::io;

const NAMES: [(i32, &str); 27] = [
    (libc::EPERM, "EPERM"),
    (libc::ENOENT, "ENOENT"),
    (libc::EINTR, "EINTR"),
    (libc::EAGAIN, "EAGAIN"),
    (libc::ENOMEM, "ENOMEM"),
    (libc::EACCES, "EACCES"),
    (libc::EINVAL, "EINVAL"),
    (libc::EMFILE, "EMFILE"),
    (libc::ENOSPC, "ENOSPC"),
    (libc::EROFS, "EROFS"),
    (libc::EPIPE, "EPIPE"),
    (libc::ENOSYS, "ENOSYS"),
    (libc::ENOPROTOOPT, "ENOPROTOOPT"),
    (libc::EPROTONOSUPPORT, "EPROTONOSUPPORT"),
    (libc::EOPNOTSUPP, "EOPNOTSUPP"),
    (libc::EAFNOSUPPORT, "EAFNOSUPPORT"),
    (libc::EADDRINUSE, "EADDRINUSE"),
    (libc::EADDRNOTAVAIL, "EADDRNOTAVAIL"),
    (libc::ENETUNREACH, "ENETUNREACH"),
    (libc::ECONNABORTED, "ECONNABORTED"),
    (libc::ECONNRESET, "ECONNRESET"),
    (libc::ENOBUFS, "ENOBUFS"),
    (libc::ENOTCONN, "ENOTCONN"),
    (libc::ETIMEDOUT, "ETIMEDOUT"),
    (libc::ECONNREFUSED, "ECONNREFUSED"),
    (libc::EHOSTUNREACH, "EHOSTUNREACH"),
    (libc::EINPROGRESS, "EINPROGRESS"),
];

/// `ECONNREFUSED (Connection refused)`, as errno(3) and strerror(3) name it.
pub(crate) fn describe(error: &io::Error) -> String {
    let message = error.to_string();
    let Some(number) = error.raw_os_error() else { return message };
    let suffix = format!(" (os error {number})");
    let message = message.strip_suffix(&suffix).unwrap_or(&message);
    match NAMES.iter().find(|(known, _)| *known == number) {
        Some((_, name)) => format!("{name} ({message})"),
        None => format!("errno {number} ({message})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_their_name_and_unknown_ones_their_number() {
        let describe = |number| describe(&io::Error::from_raw_os_error(number));
        assert_eq!(describe(libc::ECONNREFUSED), "ECONNREFUSED (Connection refused)");
        assert_eq!(describe(libc::ETIMEDOUT), "ETIMEDOUT (Connection timed out)");
        assert_eq!(describe(libc::EXDEV), "errno 18 (Invalid cross-device link)");
    }

    #[test]
    fn an_error_that_is_no_number_keeps_its_own_words() {
        assert_eq!(describe(&io::Error::other("odd")), "odd");
    }
}
