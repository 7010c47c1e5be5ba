//! How a name is spelled.

use std::fmt::Write as _;
use std::sync::Arc;

/// The most characters of a name: as many as DNS allows (RFC 1035, 2.3.4).
const LONGEST: usize = 253;

/// A name of these labels in lower case, as capitals mean nothing in names. Bytes other than letters,
/// digits, `-` and `_` become `\123`, their number in three decimal digits (RFC 4343). `None` of no
/// label, and of a name that is too long then.
pub(crate) fn spelled<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Option<Arc<str>> {
    let mut name = String::new();
    for (index, label) in labels.into_iter().enumerate() {
        if index > 0 {
            name.push('.');
        }
        for &byte in label {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
                name.push(char::from(byte.to_ascii_lowercase()));
            } else {
                // Writing to a String can't fail.
                let _ = write!(name, "\\{byte:03}");
            }
        }
    }
    (1..=LONGEST).contains(&name.len()).then(|| name.into())
}
