//! The bytes of a row that waits: for each column its values, with their Dremel levels.
//!
//! A value stands after a byte with its two levels. The first one of a cell has the repetition level 0, and
//! no other one has: so a cell ends where the next one begins.

use std::fmt::{Display, Write as _};
use std::net::IpAddr;

/// A place for values in a row.
#[derive(Debug)]
pub(crate) struct Cell<'a> {
    bytes: &'a mut Vec<u8>,
    /// The repetition level of the next value.
    repetition: u8,
    /// The definition level of what is around it.
    definition: u8,
    /// How many lists are around it.
    depth: u8,
}

impl<'a> Cell<'a> {
    /// The next cell of a row.
    pub(crate) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, repetition: 0, definition: 0, depth: 0 }
    }

    /// Adds a value that is always there.
    pub(crate) fn one(&mut self, value: impl Value) {
        self.levels(self.definition);
        value.push(self.bytes);
    }

    /// Adds a value, or that there is none.
    pub(crate) fn maybe(&mut self, value: Option<impl Value>) {
        match value {
            Some(value) => {
                self.levels(self.definition + 1);
                value.push(self.bytes);
            }
            None => self.levels(self.definition),
        }
    }

    /// Adds a list, each item as `add` does.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut add: impl FnMut(&mut Cell<'_>, T),
    ) {
        let (definition, depth) = (self.definition + 1, self.depth + 1);
        let mut repetition = self.repetition;
        let mut is_empty = true;
        for item in items {
            add(&mut Cell { bytes: self.bytes, repetition, definition, depth }, item);
            (repetition, is_empty) = (depth, false);
        }
        if is_empty {
            self.levels(self.definition);
        }
    }

    /// Adds a list of values.
    pub(crate) fn values(&mut self, values: impl IntoIterator<Item = impl Value>) {
        self.list(values, |cell: &mut Cell<'_>, value| cell.one(value));
    }

    fn levels(&mut self, definition: u8) {
        self.bytes.push(self.repetition << 4 | definition);
    }
}

/// What can be a value.
pub(crate) trait Value {
    fn push(self, bytes: &mut Vec<u8>);
}

/// A number in as few bytes as it needs, seven bits in each, the last ones first.
impl Value for i64 {
    fn push(self, bytes: &mut Vec<u8>) {
        let mut rest = (self << 1 ^ self >> 63).cast_unsigned();
        while rest > 0x7f {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Value for $number {
            fn push(self, bytes: &mut Vec<u8>) {
                i64::from(self).push(bytes);
            }
        }
    )*};
}
numbers!(bool, u8, u16, u32, i32);

impl Value for u64 {
    fn push(self, bytes: &mut Vec<u8>) {
        self.cast_signed().push(bytes);
    }
}

impl Value for &str {
    fn push(self, bytes: &mut Vec<u8>) {
        (self.len() as u64).push(bytes);
        bytes.extend_from_slice(self.as_bytes());
    }
}

/// A value in its words.
pub(crate) struct Words<T>(pub(crate) T);

impl<T: Display> Value for Words<T> {
    fn push(self, bytes: &mut Vec<u8>) {
        let mut words = String::new();
        // Writing to a String can't fail.
        let _ = write!(words, "{}", self.0);
        words.as_str().push(bytes);
    }
}

impl Value for IpAddr {
    fn push(self, bytes: &mut Vec<u8>) {
        Words(self).push(bytes);
    }
}

/// The levels of a value, as [`Cell`] wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Levels {
    pub(crate) repetition: u8,
    pub(crate) definition: u8,
}

impl Levels {
    /// Those of what comes next, which stays there.
    pub(crate) fn peek(bytes: &[u8]) -> Option<Self> {
        let &byte = bytes.first()?;
        Some(Self { repetition: byte >> 4, definition: byte & 0xf })
    }

    /// Takes them.
    pub(crate) fn take(bytes: &mut &[u8]) -> Option<Self> {
        let levels = Self::peek(bytes)?;
        *bytes = bytes.get(1..)?;
        Some(levels)
    }
}

/// Takes a number.
pub(crate) fn take_number(bytes: &mut &[u8]) -> i64 {
    let (mut number, mut shift) = (0_u64, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (shift & 63);
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Takes a text.
pub(crate) fn take_text<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let len = usize::try_from(take_number(bytes)).unwrap_or_default().min(bytes.len());
    let (text, rest) = bytes.split_at(len);
    *bytes = rest;
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, -1, 63, 64, -64, -65, 1 << 40, i64::MAX, i64::MIN] {
            let mut bytes = Vec::new();
            number.push(&mut bytes);
            let mut rest = &*bytes;
            assert_eq!((take_number(&mut rest), rest), (number, &[][..]));
        }
        let mut bytes = Vec::new();
        u64::MAX.push(&mut bytes);
        assert_eq!(take_number(&mut &*bytes).cast_unsigned(), u64::MAX);
    }

    #[test]
    fn a_list_of_lists_has_the_levels_of_dremel() {
        let levels = |lists: &[&[&str]]| {
            let mut bytes = Vec::new();
            let mut cell = Cell::new(&mut bytes);
            cell.list(lists, |cell, list| cell.values(list.iter().copied()));
            let mut rest = &*bytes;
            let mut found = Vec::new();
            while let Some(Levels { repetition, definition }) = Levels::take(&mut rest) {
                let text = if definition == 2 { take_text(&mut rest) } else { b"" };
                found.push((repetition, definition, std::str::from_utf8(text).unwrap().to_owned()));
            }
            found
        };
        let entry = |repetition, definition, text: &str| (repetition, definition, text.to_owned());
        assert_eq!(levels(&[]), [entry(0, 0, "")]);
        assert_eq!(levels(&[&[]]), [entry(0, 1, "")]);
        assert_eq!(
            levels(&[&["a", "b"], &[], &["c"]]),
            [entry(0, 2, "a"), entry(2, 2, "b"), entry(1, 1, ""), entry(1, 2, "c")]
        );
    }
}
