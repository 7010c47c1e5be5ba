//! Writes the JSON forms as bytes. What it writes is what `serde_json` writes, but for characters
//! that a terminal could obey, which it escapes too.
//!
//! A record has some 250 fields with names that never need an escape, and `serde_json` looks for
//! one in each of them. This writes names as they are, numbers without the machinery of formats,
//! and looks at each string once.

use std::fmt::{self, Display, Write as _};

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    Serializer,
};
use serde_json::Error;

use crate::text::is_unsafe;

/// Adds the JSON of `value` to `out`.
pub(super) fn write(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    value.serialize(Json(out))
}

/// No name of a field is longer.
const LONGEST_NAME: usize = 32;

/// Adds one value to these bytes.
struct Json<'o>(&'o mut Vec<u8>);

impl Json<'_> {
    #[inline]
    fn word(self, word: &str) {
        self.0.extend_from_slice(word.as_bytes());
    }

    #[inline]
    fn number<N: itoa::Integer + TryInto<u8> + Copy>(self, number: N) {
        // Most numbers of a record are small.
        match number.try_into() {
            Ok(digit @ 0..=9) => self.0.push(b'0' + digit),
            _ => self.word(itoa::Buffer::new().format(number)),
        }
    }
}

/// Adds the items of an array or an object.
struct Items<'o> {
    out: &'o mut Vec<u8>,
    /// What comes before the next item: the bracket that opens the list, then a comma.
    before: u8,
    close: u8,
}

impl Items<'_> {
    #[inline]
    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.out.push(self.before);
        self.before = b',';
        value.serialize(Json(self.out))
    }

    #[inline]
    fn close(self) {
        if self.before != b',' {
            self.out.push(self.before);
        }
        self.out.push(self.close);
    }
}

/// Says that a kind of value has no JSON form here: no field of ours has it.
fn no_form<T>(kind: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("{kind} has no form in the output")))
}

macro_rules! numbers {
    ($($name:ident: $number:ty),*) => {
        $(#[inline]
        fn $name(self, number: $number) -> Result<(), Error> {
            self.number(number);
            Ok(())
        })*
    };
}

impl<'o> Serializer for Json<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Items<'o>;
    type SerializeStruct = Items<'o>;
    type SerializeStructVariant = Impossible<(), Error>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.word(if value { "true" } else { "false" });
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Error> {
        self.word("null");
        Ok(())
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.0.push(b'"');
        push_text(self.0, text);
        self.0.push(b'"');
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.0.push(b'"');
        write!(Text(self.0), "{value}").map_err(Error::custom)?;
        self.0.push(b'"');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, Error> {
        Ok(Items { out: self.0, before: b'[', close: b']' })
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, Error> {
        Ok(Items { out: self.0, before: b'[', close: b']' })
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Items<'o>, Error> {
        Ok(Items { out: self.0, before: b'{', close: b'}' })
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Error> {
        Ok(Items { out: self.0, before: b'{', close: b'}' })
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Error> {
        no_form("a fraction")
    }

    fn serialize_f64(self, _: f64) -> Result<(), Error> {
        no_form("a fraction")
    }

    fn serialize_char(self, _: char) -> Result<(), Error> {
        no_form("a character")
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        no_form("a list of bytes")
    }

    fn serialize_unit(self) -> Result<(), Error> {
        no_form("a unit")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        no_form("a unit")
    }

    /// A variant is one of our own words, and those need no escape.
    #[inline]
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
    ) -> Result<(), Error> {
        debug_assert!(is_plain(word), "{word} needs an escape");
        self.0.push(b'"');
        self.0.extend_from_slice(word.as_bytes());
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        no_form("a variant")
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        no_form("a tuple with a name")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        no_form("a variant")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        no_form("a variant")
    }
}

impl SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "where it is called, a name has a length that is known"
    )]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        debug_assert!(is_plain(name), "{name} needs an escape");
        let mut key = [0; LONGEST_NAME + 4];
        key[0] = self.before;
        key[1] = b'"';
        key[2..name.len() + 2].copy_from_slice(name.as_bytes());
        key[name.len() + 2..name.len() + 4].copy_from_slice(b"\":");
        self.out.extend_from_slice(&key[..name.len() + 4]);
        self.before = b',';
        value.serialize(Json(self.out))
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

/// The inside of a string, written piece by piece.
struct Text<'o>(&'o mut Vec<u8>);

impl fmt::Write for Text<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_text(self.0, text);
        Ok(())
    }
}

/// Whether a string holds `text` as it is: printable ASCII without quotes and backslashes.
#[inline]
fn is_plain(text: &str) -> bool {
    let is_plain = |&byte: &u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    let (eights, rest) = text.as_bytes().as_chunks();
    eights.iter().all(|&eight| are_plain(eight)) && rest.iter().all(is_plain)
}

/// The same of eight bytes at once, most strings being short.
#[inline]
fn are_plain(bytes: [u8; 8]) -> bool {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let bytes = u64::from_le_bytes(bytes);
    // The high bit of a byte is set where the byte, or one before it, is below `limit`.
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(EACH * u64::from(limit)) & !bytes;
    let is = |other: u8| below(bytes ^ (EACH * u64::from(other)), 1);
    (bytes | below(bytes, b' ') | is(b'"') | is(b'\\') | is(0x7f)) & (EACH << 7) == 0
}

#[inline]
fn push_text(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_escaped(out, text);
    }
}

/// Adds text with an escape for each character that JSON or a terminal would take for another
/// thing: the reader of the JSON gets the exact text, and the JSON itself is safe to look at.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = 0;
    for (at, c) in text.char_indices() {
        if !(matches!(c, '"' | '\\') || is_unsafe(c)) {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[rest..at]);
        push_escape(out, c);
        rest = at + c.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[rest..]);
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' | '\\' => c as u8,
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests;
