//! Makes foreign text harmless: names of files and interfaces, and text from packets.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal could take `c` for something else than a visible character: controls (C0, DEL
/// and C1, which hold the escape sequences), characters that change the direction of the text around
/// them (Unicode Standard Annex 9), and those that show nothing at all.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether all of `text` is printable ASCII, one column a byte, as nearly all text is: then nothing in
/// it has to be decoded. Every byte is looked at, which the processor does many at a time.
pub(crate) fn is_printable_ascii(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// Where the first character stands that [`is_unsafe`].
pub(crate) fn find_unsafe(text: &str) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        // What comes before is whole characters.
        let rest = &text[at..];
        let end = at + rest.len().min(64);
        if is_printable_ascii(&text.as_bytes()[at..end]) {
            at = end;
            continue;
        }
        for c in rest.chars() {
            if at >= end {
                break;
            }
            if is_unsafe(c) {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }
    None
}

/// Writes `text` so that a terminal shows it and does nothing else: what `is_unsafe` becomes
/// `\x1b` or `\u{202e}`. A backslash stays, so the result is for reading and not for parsing.
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some(at) = find_unsafe(text) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(at);
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(clean);
    for c in rest.chars() {
        push(&mut safe, c, is_unsafe(c));
    }
    Cow::Owned(safe)
}

/// [`escape`] for a terminal that shows ASCII only. The signs that our own words use get a likeness.
pub(crate) fn escape_ascii(text: &str) -> Cow<'_, str> {
    if is_printable_ascii(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        let c = match c {
            'µ' => 'u',
            '×' => 'x',
            '–' | '—' => '-',
            '→' => '>',
            '…' => '~',
            _ => c,
        };
        push(&mut safe, c, !matches!(c, ' '..='~'));
    }
    Cow::Owned(safe)
}

fn push(safe: &mut String, c: char, is_escaped: bool) {
    if !is_escaped {
        safe.push(c);
        return;
    }
    let code = u32::from(c);
    // Writing to a String can't fail.
    let _ =
        if code < 0x100 { write!(safe, "\\x{code:02x}") } else { write!(safe, "\\u{{{code:x}}}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "captures/three-way.pcap", "Ethernet 2 \u{2013} Büro", "a\\b"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(escape("a\x1b[2Jb\n\t\x7f"), "a\\x1b[2Jb\\x0a\\x09\\x7f");
        assert_eq!(escape("\u{9b}31m"), "\\x9b31m");
        assert_eq!(escape("x\u{202e}gpj"), "x\\u{202e}gpj");
        assert_eq!(escape("\u{2066}\u{feff}\u{e0041}"), "\\u{2066}\\u{feff}\\u{e0041}");
        assert_eq!(escape("\0"), "\\x00");
    }

    #[test]
    fn ascii_terminals_get_ascii() {
        assert_eq!(escape_ascii("eth0"), "eth0");
        assert_eq!(escape_ascii("5 µs – 2×…"), "5 us - 2x~");
        assert_eq!(escape_ascii("Büro\x1b\u{4e2d}"), "B\\xfcro\\x1b\\u{4e2d}");
    }

    #[test]
    fn nothing_escaped_is_escaped_again() {
        for code in 0..=0x10_ffff_u32 {
            let Some(c) = char::from_u32(code) else { continue };
            let once = escape(c.encode_utf8(&mut [0; 4])).into_owned();
            assert_eq!(escape(&once), once, "U+{code:04X}");
        }
    }
}
