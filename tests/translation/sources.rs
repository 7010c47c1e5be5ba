//! What the sources say, sentence by sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use handshake::{PatternName, Sender};
use lab::{PortClass, Scenario};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::docs::root;

/// Where words are from that are said and are no literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// A literal of the same file: those with two words are sentences.
    Here,
    /// A literal of another file of this list.
    Outcome,
    Scenarios,
    Patterns,
    /// The roles of the two ends and of what is between them.
    Sides,
    /// No sentence of a language: what a screen is told is English.
    Screen,
    /// The classes of ports.
    PortClasses,
}

/// Everything that is said and is no literal: the file, the argument, where its words are from.
const SAID: [(&str, &str, Words); 28] = [
    ("cli/src/catalogue.rs", "summary", Words::Patterns),
    ("cli/src/demo/folding.rs", "said", Words::Here),
    ("cli/src/demo/live_redraw.rs", "call.actor.side.name()", Words::Sides),
    ("cli/src/demo/live_redraw.rs", "english", Words::Here),
    ("cli/src/demo/on_screen.rs", "verdict", Words::Screen),
    ("cli/src/demo/story.rs", "scenario.title", Words::Scenarios),
    ("cli/src/demo/story.rs", "scenario.story", Words::Scenarios),
    ("cli/src/demo/story.rs", "notice", Words::Scenarios),
    ("cli/src/demo/story.rs", "what", Words::Here),
    ("cli/src/demo/story.rs", "said", Words::Here),
    ("cli/src/demo/story.rs", "class.name()", Words::PortClasses),
    ("render/src/ladder/closing.rs", "reason", Words::Outcome),
    ("render/src/ladder/closing.rs", "text", Words::Patterns),
    ("render/src/ladder/compact.rs", "meaning", Words::Here),
    ("render/src/ladder/label.rs", "said", Words::Here),
    ("render/src/ladder/opening.rs", "said", Words::Here),
    ("render/src/ladder/said.rs", "call.side.name()", Words::Sides),
    ("render/src/ladder/said.rs", "english", Words::Here),
    ("render/src/ladder/said.rs", "segment.from.name()", Words::Sides),
    ("render/src/ladder/said.rs", "side", Words::Sides),
    ("render/src/ladder/said.rs", "side.name()", Words::Sides),
    ("render/src/mermaid.rs", "side.name()", Words::Sides),
    ("render/src/svg/ladder.rs", "side.name()", Words::Sides),
    ("render/src/view/close.rs", "text", Words::Here),
    ("render/src/view/explain.rs", "text", Words::Here),
    ("render/src/view/note.rs", "text", Words::Here),
    ("render/src/view/outcome.rs", "said", Words::Here),
    ("render/src/view/outcome.rs", "side.name()", Words::Sides),
];

/// What the files above have besides sentences: notes that JSON has too stay English, and what stands of
/// a close beside its explanations.
const NOT_SAID: [(&str, &str); 12] = [
    ("render/src/view/close.rs", " of the client"),
    ("render/src/view/close.rs", " of the server"),
    ("render/src/view/close.rs", "at least "),
    ("render/src/view/close.rs", "data{of} that was not captured"),
    ("render/src/view/close.rs", "more segment"),
    ("render/src/view/close.rs", "no FIN and no RST was captured: the connection may be open"),
    (
        "render/src/view/close.rs",
        "not followed to its end: no memory was left (--memory), or another attempt has its numbers",
    ),
    ("render/src/view/close.rs", "{omitted} of the close not kept"),
    ("render/src/view/close.rs", "{} are the numbers of the FINs"),
    ("render/src/view/close.rs", "{} is the number of the FIN"),
    ("render/src/view/note.rs", "ack is "),
    ("render/src/view/note.rs", "{name}, reported by {}{mtu}"),
];

/// The sentences, each with the place that says it.
#[derive(Default)]
pub(crate) struct Sentences(pub(crate) BTreeMap<String, String>);

impl Sentences {
    fn add(&mut self, sentence: &str, place: &str) {
        if !sentence.is_empty() {
            self.0.entry(sentence.to_owned()).or_insert_with(|| place.to_owned());
        }
    }
}

/// The tokens of a source file without attributes, comments and items for tests alone.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Punct(sign) = &token else {
            kept.push(token);
            continue;
        };
        if sign.as_char() != '#' {
            kept.push(token);
            continue;
        }
        tokens.next_if(|next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '!'));
        let attribute = tokens.next().map(|it| it.to_string()).unwrap_or_default();
        if attribute.replace(' ', "") == "[cfg(test)]" {
            // The item ends with its body, or with a semicolon.
            tokens.by_ref().find(|token| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(sign) => sign.as_char() == ';',
                _ => false,
            });
        }
    }
    kept
}

/// The text of a literal; `None` where it is none in quotes.
fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let quoted = literal.to_string();
    let mut signs = quoted.strip_prefix('"')?.strip_suffix('"')?.chars().peekable();
    let mut text = String::new();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => match signs.next().expect("a backslash is before something") {
                '\n' => while signs.next_if(|sign| sign.is_whitespace()).is_some() {},
                'n' => text.push('\n'),
                sign => text.push(sign),
            },
            sign => text.push(sign),
        }
    }
    Some(text)
}

/// What is passed to calls of these names: the tokens of the first argument.
fn first_arguments(tokens: &[TokenTree], names: &[&str], found: &mut Vec<Vec<TokenTree>>) {
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let inner = without_tests(group.stream());
        let is_call = group.delimiter() == Delimiter::Parenthesis
            && at >= 2
            && tokens[at - 2].to_string() == "."
            && names.contains(&tokens[at - 1].to_string().as_str());
        if is_call {
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == ',');
            found.push(inner.split(is_comma).next().unwrap_or_default().to_vec());
        }
        first_arguments(&inner, names, found);
    }
}

/// The literals that hold two words beside each other, without those of errors.
fn phrases(tokens: &[TokenTree], found: &mut Vec<String>) {
    for (at, token) in tokens.iter().enumerate() {
        if let Some(text) = text(token).filter(|text| is_phrase(text)) {
            found.push(text);
        }
        let TokenTree::Group(group) = token else { continue };
        let before = at.checked_sub(1).map(|before| tokens[before].to_string());
        if !matches!(before.as_deref(), Some("context" | "expect")) {
            phrases(&without_tests(group.stream()), found);
        }
    }
}

/// Whether a text is a sentence and no formula: it has two words beside each other, or one beside a
/// part with a name.
fn is_phrase(text: &str) -> bool {
    let words: Vec<_> = text.split(' ').map(is_word).collect();
    let has_part = text.split('{').skip(1).any(|part| part.starts_with(char::is_alphabetic));
    words.windows(2).any(|two| two[0] && two[1]) || has_part && words.contains(&true)
}

/// Whether this is a word of a language, not a term, a part or a sign.
fn is_word(word: &str) -> bool {
    let word = word.trim_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '{' | '}'));
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '-' | '.');
    word.len() > 1 && word.chars().all(is_of_word) && word.chars().any(char::is_lowercase)
}

fn source(path: &Path) -> Vec<TokenTree> {
    let text = fs::read_to_string(path).expect("it is text");
    without_tests(text.parse().expect("the sources are Rust"))
}

/// Every file of sources below a folder, but those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name");
        if path.is_dir() && name != "tests" && name != "fixture" {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// Adds what the sources say.
fn add_said(sentences: &mut Sentences) {
    let mut used = BTreeSet::new();
    let mut files = Vec::new();
    for name in ["render", "cli", "screen"] {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    for path in files {
        let place = path.strip_prefix(root().join("crates")).expect("it is below");
        let place = place.to_str().expect("it is text");
        // This one defines what it is to say something.
        if place != "render/src/language/mod.rs" {
            add_file(&source(&path), place, sentences, &mut used);
        }
    }
    let unused: Vec<_> =
        SAID.iter().filter(|(file, said, _)| !used.contains(&(*file, *said))).collect();
    assert!(unused.is_empty(), "nobody says these any more: {unused:?}");
}

/// Adds what a file says, and to `used` what it says of [`SAID`].
fn add_file(
    tokens: &[TokenTree],
    place: &str,
    sentences: &mut Sentences,
    used: &mut BTreeSet<(&str, &str)>,
) {
    let mut arguments = Vec::new();
    first_arguments(tokens, &["say", "say_with"], &mut arguments);
    for argument in arguments {
        if let [one] = &argument[..]
            && let Some(sentence) = text(one)
        {
            sentences.add(&sentence, place);
            continue;
        }
        let words: String = argument.iter().map(ToString::to_string).collect();
        let known = SAID.iter().find(|(file, said, _)| *file == place && *said == words);
        let (file, said, words) = *known.unwrap_or_else(|| {
            panic!("{place} says {words}: add to SAID where its words are from")
        });
        used.insert((file, said));
        if words == Words::Here {
            let mut found = Vec::new();
            phrases(tokens, &mut found);
            for phrase in found.iter().filter(|phrase| !NOT_SAID.contains(&(place, phrase))) {
                sentences.add(phrase, place);
            }
        }
    }
}

/// Adds what the rules of patterns say: `differs_from` and `check_next`, and the advice for either side.
/// Each is a literal or a constant, which is a literal of the same file.
fn add_rules(sentences: &mut Sentences) {
    let mut files = Vec::new();
    sources(&root().join("crates/handshake/src/patterns"), &mut files);
    // These hold what the rules give them.
    files.retain(|path| !path.ends_with("mod.rs") && !path.ends_with("evidence.rs"));
    for path in files {
        let place = path.strip_prefix(root()).expect("it is below").display().to_string();
        add_advice(&source(&path), &place, sentences);
    }
}

fn add_advice(tokens: &[TokenTree], place: &str, sentences: &mut Sentences) {
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            add_advice(&without_tests(group.stream()), place, sentences);
        }
        // `const NAME: &str = "..."`
        if token.to_string() == "const"
            && let Some(sentence) = tokens.get(at + 6).and_then(text)
        {
            sentences.add(&sentence, place);
        }
        let inside = match tokens.get(at + 1) {
            Some(TokenTree::Group(group)) => without_tests(group.stream()).into_iter().next(),
            Some(TokenTree::Punct(sign)) if sign.as_char() == ':' => tokens.get(at + 2).cloned(),
            _ => None,
        };
        let Some(value) = inside else { continue };
        let is_constant = value.to_string().chars().all(|c| c.is_uppercase() || c == '_');
        match (token.to_string().as_str(), text(&value)) {
            ("differs_from" | "check_next" | "client" | "server", Some(sentence)) => {
                sentences.add(&sentence, place);
            }
            ("differs_from" | "check_next", None) => {
                assert!(is_constant, "{place}: {token} is {value}: no literal and no constant");
            }
            _ => {}
        }
    }
}

/// Every sentence.
pub(crate) fn sentences() -> Sentences {
    let mut sentences = Sentences::default();
    for scenario in Scenario::all() {
        let place = format!("the scenario {}", scenario.name);
        let said = [scenario.title, scenario.story].into_iter();
        said.chain(scenario.notice.iter().copied()).for_each(|one| sentences.add(one, &place));
    }
    for pattern in PatternName::ALL {
        let place = format!("the pattern {}", pattern.name());
        let facts = pattern.describe();
        sentences.add(facts.summary, &place);
        sentences.add(facts.differs_from, &place);
        sentences.add(facts.check_next, &place);
    }
    add_rules(&mut sentences);
    for side in [Sender::Client, Sender::Server, Sender::Network] {
        sentences.add(side.name(), "the two ends");
    }
    for class in
        [PortClass::WellKnown, PortClass::Registered, PortClass::Dynamic, PortClass::Ephemeral]
    {
        sentences.add(class.name(), "the classes of ports");
    }
    add_said(&mut sentences);
    sentences
}
