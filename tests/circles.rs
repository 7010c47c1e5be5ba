//! Inside each crate the modules use each other without circles.
//!
//! A file that names an item of another draws an arrow to it. The arrow counts between the two
//! siblings that hold the files: `ip/mod.rs` names `crate::tunnel::gre`, so `ip` uses `tunnel`.
//! Between a module and what lies in it nothing counts: they are one. Every other circle of files is a
//! circle of siblings at some level, so these are all that is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A module's place in its crate; the root's is empty.
type Place = Vec<String>;
/// From one sibling to another.
type Arrow = (Place, Place);

/// The modules of one crate.
#[derive(Default)]
struct Crate {
    modules: BTreeMap<Place, Module>,
}

/// What one file of sources says.
#[derive(Default)]
struct Module {
    /// What `use` brings in: the name here, and the path that it stands for.
    names: BTreeMap<String, Vec<String>>,
    /// Every path of the file that has two parts or more.
    paths: Vec<Vec<String>>,
}

impl Crate {
    /// Reads the file and those of the modules that it declares. Modules for tests alone count as
    /// absent.
    fn read(&mut self, place: &[String], file: &Path) {
        let text = fs::read_to_string(file).expect("a module has a file");
        let mut words = Vec::new();
        push_words(text.parse().expect("the sources are Rust"), &mut words);
        self.modules.insert(place.to_vec(), Module::of(&words));

        let folder = if matches!(stem(file), "lib" | "main" | "mod") {
            file.with_file_name("")
        } else {
            file.with_extension("")
        };
        for found in words.windows(3).filter(|found| found[0] == "mod" && found[2] == ";") {
            let flat = folder.join(&found[1]).with_extension("rs");
            let nested = folder.join(&found[1]).join("mod.rs");
            let child = if flat.exists() { flat } else { nested };
            self.read(&[place, &found[1..2]].concat(), &child);
        }
    }

    /// Which module holds what the path names, seen from the module at `from`. It follows what
    /// `use` brings in, each name once.
    fn resolve(
        &self,
        from: &[String],
        path: &[String],
        seen: &mut BTreeSet<Arrow>,
    ) -> Option<Place> {
        let mut place = from.to_vec();
        for (at, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => place.clear(),
                "self" => {}
                "super" => drop(place.pop()),
                _ => {
                    let child = [&place[..], &path[at..=at]].concat();
                    if self.modules.contains_key(&child) {
                        place = child;
                        continue;
                    }
                    let Some(meant) = self.modules[&place].names.get(name) else {
                        // An item of this module; or, as the first word, something foreign.
                        return (at > 0).then_some(place);
                    };
                    let longer = [&meant[..], &path[at + 1..]].concat();
                    return seen
                        .insert((place.clone(), longer.clone()))
                        .then(|| self.resolve(&place, &longer, seen))?;
                }
            }
        }
        Some(place)
    }

    /// The arrows between siblings, each with the files that draw it.
    fn arrows(&self) -> BTreeMap<Arrow, Vec<Arrow>> {
        let mut arrows: BTreeMap<Arrow, Vec<Arrow>> = BTreeMap::new();
        for (from, module) in &self.modules {
            for path in &module.paths {
                let Some(to) = self.resolve(from, path, &mut BTreeSet::new()) else { continue };
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if common < from.len() && common < to.len() {
                    let siblings = (from[..=common].to_vec(), to[..=common].to_vec());
                    arrows.entry(siblings).or_default().push((from.clone(), to));
                }
            }
        }
        arrows
    }
}

impl Module {
    fn of(words: &[String]) -> Self {
        let mut module = Self::default();
        let mut at = 0;
        while at < words.len() {
            if words[at] == "use" && words[at + 1] != "<" {
                module.read_use(words, &mut at, &[]);
            } else {
                module.read_path(words, &mut at);
            }
            at += 1;
        }
        module
    }

    /// Reads a tree of `use` from behind the word at `at`, up to the sign that ends it.
    fn read_use(&mut self, words: &[String], at: &mut usize, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut name = None;
        loop {
            *at += 1;
            match words[*at].as_str() {
                "{" => {
                    while words[*at] != "}" {
                        self.read_use(words, at, &path);
                    }
                    // The branches have said it all.
                    path.clear();
                }
                "as" => {
                    *at += 1;
                    name = Some(words[*at].clone());
                }
                "self" if !path.is_empty() => {}
                "," | ";" | "}" => break,
                ":" | "*" => {}
                word => path.push(word.to_owned()),
            }
        }
        if path.len() > prefix.len() || words[*at - 1] == "self" || name.is_some() {
            let name = name.or_else(|| path.last().cloned()).expect("a path has a word");
            self.names.insert(name, path.clone());
            self.paths.push(path);
        }
    }

    /// Reads the path that begins at `at`, if one does; leaves `at` at its last word.
    fn read_path(&mut self, words: &[String], at: &mut usize) {
        let is_word = |word: &String| word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let mut path = Vec::new();
        while is_word(&words[*at]) {
            path.push(words[*at].clone());
            let behind = words.get(*at + 1..*at + 4);
            if !behind.is_some_and(|b| b[0] == ":" && b[1] == ":" && is_word(&b[2])) {
                break;
            }
            *at += 3;
        }
        if path.len() > 1 {
            self.paths.push(path);
        }
    }
}

fn stem(file: &Path) -> &str {
    file.file_stem().and_then(|stem| stem.to_str()).expect("a module's file has a name")
}

/// The words and signs of the sources, without literals, comments and items for tests alone.
fn push_words(tokens: TokenStream, words: &mut Vec<String>) {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if is_for_tests(&group) => {
                // The item ends with its body, or with a semicolon.
                tokens.find(|token| match token {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(sign) => sign.as_char() == ';',
                    _ => false,
                });
            }
            TokenTree::Group(group) => {
                words.push("{".to_owned());
                push_words(group.stream(), words);
                words.push("}".to_owned());
            }
            TokenTree::Literal(_) => words.push("\"".to_owned()),
            word_or_sign => words.push(word_or_sign.to_string()),
        }
    }
}

fn is_for_tests(group: &Group) -> bool {
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let text: String = group.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn written((from, to): &Arrow) -> String {
    format!("{} -> {}", from.join("/"), to.join("/"))
}

/// Whether arrows lead from one module to the other.
fn reaches(arrows: &BTreeMap<Arrow, Vec<Arrow>>, from: &Place, to: &Place) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(place) = open.pop() {
        if place == to {
            return true;
        }
        if seen.insert(place) {
            open.extend(arrows.keys().filter(|(from, _)| from == place).map(|(_, to)| to));
        }
    }
    false
}

#[test]
fn the_modules_of_a_crate_use_each_other_without_circles() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut left = Vec::new();
    for folder in fs::read_dir(crates).expect("the folder of crates is there") {
        let folder = folder.expect("it can be listed").path();
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a crate has a name");
        let library = folder.join("src/lib.rs");
        let root = if library.exists() { library } else { folder.join("src/main.rs") };
        let mut modules = Crate::default();
        modules.read(&[], &root);
        let arrows = modules.arrows();
        assert!(!arrows.is_empty(), "{name} has modules that use each other");
        for (arrow, drawn) in &arrows {
            if reaches(&arrows, &arrow.1, &arrow.0) {
                let drawn: BTreeSet<String> = drawn.iter().map(written).collect();
                left.push(format!("{name}: {} {drawn:?}", written(arrow)));
            }
        }
    }
    assert!(
        left.is_empty(),
        "these arrows lie on circles; the files draw them:\n{}",
        left.join("\n")
    );
}
