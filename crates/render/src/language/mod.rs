//! The language of what people read. The code says everything in English; a catalogue in the format of
//! gettext has the same sentences in another language, and the English one is the key.

use std::fmt::{Display, Write as _};
use std::sync::LazyLock;

use polib::catalog::Catalog;
use polib::metadata::CatalogMetadata;
use polib::po_file;

/// The language of what people read. Terms stay as programs and RFCs write them: `connect()`, `SYN-SENT`,
/// `established`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

/// A part of a sentence: its name in the sentence, and what stands there.
pub type Part<'a> = (&'static str, &'a dyn Display);

/// The sentences in Simplified Chinese. A test of the program holds that it has all of them.
static CHINESE: LazyLock<Catalog> = LazyLock::new(|| {
    po_file::parse_from_reader(include_bytes!("zh.po").as_slice())
        .unwrap_or_else(|_| Catalog::new(CatalogMetadata::new()))
});

impl Language {
    /// The sentence in this language, or the English one where there is no other.
    pub fn say(self, english: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => {
                let found = CHINESE.find_message(None, english, None);
                found.and_then(|message| message.msgstr().ok()).unwrap_or(english)
            }
        }
    }

    /// A sentence with parts: `say_with("the {side} sends {flags}", ..)`.
    pub fn say_with(self, english: &'static str, parts: &[Part<'_>]) -> String {
        let mut rest = self.say(english);
        let mut filled = String::with_capacity(2 * rest.len());
        while let Some((before, after)) = split(rest, b'{') {
            filled.push_str(before);
            let (name, after) = split(after, b'}').unwrap_or((after, ""));
            if let Some((_, part)) = parts.iter().find(|(known, _)| *known == name) {
                let _ = write!(filled, "{part}");
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Its tag (BCP 47), where a part of a document that is English otherwise needs one.
    pub(crate) const fn tag(self) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Chinese => Some("zh-Hans"),
        }
    }
}

/// What stands before the first such sign, and what behind it. Sentences are short: to look at each byte takes
/// fewer instructions than `split_once`.
fn split(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == sign)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_where_the_sentence_has_them() {
        let parts: [Part<'_>; 2] = [("one", &1), ("two", &"{one}")];
        let said = |english| Language::English.say_with(english, &parts);
        assert_eq!(said("{two}, then {one}."), "{one}, then 1.");
        assert_eq!(said("nothing"), "nothing");
        assert_eq!(said("{three} and {one"), " and 1");
    }

    #[test]
    fn a_sentence_without_translation_stays_english() {
        assert_eq!(Language::Chinese.say("no such sentence"), "no such sentence");
        assert_eq!(Language::Chinese.say("client"), "客户");
        assert_eq!(Language::English.say("client"), "client");
    }
}
