//! The names of TCP options.

use parser::TcpOption;

/// The name of an option; `None` where its kind is unknown.
pub(crate) const fn option_name(option: TcpOption<'_>) -> Option<&'static str> {
    Some(match option {
        TcpOption::EndOfList => "end_of_list",
        TcpOption::Nop => "nop",
        TcpOption::Mss(_) => "mss",
        TcpOption::WindowScale(_) => "window_scale",
        TcpOption::SackPermitted => "sack_permitted",
        TcpOption::Sack(_) => "sack",
        TcpOption::Timestamps { .. } => "timestamps",
        TcpOption::Md5(_) => "md5",
        TcpOption::UserTimeout { .. } => "user_timeout",
        TcpOption::Ao { .. } => "ao",
        TcpOption::Mptcp { .. } => "mptcp",
        TcpOption::FastOpen { .. } => "fast_open",
        TcpOption::Malformed { kind, .. } => return kind_name(kind),
        TcpOption::Unknown { .. } => return None,
    })
}

/// The name that an option of this kind would have, were it well formed.
const fn kind_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        2 => "mss",
        3 => "window_scale",
        4 => "sack_permitted",
        5 => "sack",
        8 => "timestamps",
        19 => "md5",
        28 => "user_timeout",
        29 => "ao",
        30 => "mptcp",
        34 => "fast_open",
        _ => return None,
    })
}
