//! The catalogue of another language has every sentence that can reach a reader, and no other; and the
//! language is the one that was chosen.

mod sources;

use std::collections::BTreeSet;

use polib::message::MessageView;
use polib::po_file;

use self::sources::{Sentences, sentences};
use crate::docs::read;
use crate::scripts::REFUSED;
use crate::util::{Dir, formats};

const CATALOGUE: &str = "crates/render/src/language/zh.po";

/// The names of the parts of a sentence, in one order.
fn parts(sentence: &str) -> Vec<&str> {
    let parts = sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    parts
}

/// A sentence as the catalogue has it before it is translated.
fn entry(sentence: &str) -> String {
    let quoted = sentence.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("msgid \"{quoted}\"\nmsgstr \"\"\n")
}

#[test]
fn the_catalogue_has_every_sentence_and_no_other() {
    let Sentences(said) = sentences();
    let text = read(CATALOGUE);
    let catalogue = po_file::parse_from_reader(text.as_bytes()).expect("it is a catalogue");
    let mut wrong = Vec::new();
    let known: BTreeSet<_> = catalogue.messages().map(MessageView::msgid).collect();
    for (sentence, place) in &said {
        if !known.contains(sentence.as_str()) {
            wrong.push(format!("not in it, said by {place}:\n{}", entry(sentence)));
        }
    }
    for message in catalogue.messages() {
        let (english, other) = (message.msgid(), message.msgstr().expect("no plural is used"));
        if !said.contains_key(english) {
            wrong.push(format!("said no more: {english}"));
        }
        if other.is_empty() || message.is_fuzzy() {
            wrong.push(format!("not translated: {english}"));
        }
        if parts(english) != parts(other) {
            wrong.push(format!("other parts than the English sentence: {other}"));
        }
    }
    // What is there twice, or only as a comment, is in the text more often than in the catalogue.
    let written = text.matches("\nmsgid ").count() + text.matches("#~").count();
    if written != catalogue.count() + 1 {
        wrong.push("some sentence is there twice, or is a comment".to_owned());
    }
    assert!(wrong.is_empty(), "{CATALOGUE}:\n{}", wrong.join("\n"));
}

/// What the program prints with these arguments, in a directory with a capture.
fn printed(args: &[&str], variables: &[(&str, &str)]) -> String {
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    let program = dir.synscope(args);
    let program = variables.iter().fold(program, |program, (name, value)| program.env(name, value));
    program.run().code(0).stdout().to_owned()
}

#[test]
fn the_argument_or_the_locale_chooses_the_language() {
    let replay = ["replay", "c.pcap", "--explain"];
    let english = printed(&replay, &[]);
    let chinese = printed(&[&replay[..], &["--lang", "zh"]].concat(), &[]);
    assert!(chinese.contains("connect() 返回 ECONNREFUSED。") && chinese != english, "{chinese}");
    assert_eq!(printed(&replay, &[("LC_ALL", "zh_CN.UTF-8")]), chinese);
    let messages = [("LC_ALL", ""), ("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "C.UTF-8")];
    assert_eq!(printed(&replay, &messages), chinese);
    let asked = [&replay[..], &["--lang", "en"]].concat();
    assert_eq!(printed(&asked, &[("LC_ALL", "zh_CN.UTF-8")]), english);
    // ASCII stays English where nobody asked for more.
    let ascii = [&replay[..], &["--ascii"]].concat();
    assert_eq!(printed(&ascii, &[("LC_ALL", "zh_CN.UTF-8")]), printed(&ascii, &[]));
    let in_gbk = printed(&replay, &[("LC_ALL", "zh_CN.GBK")]);
    assert_eq!(in_gbk, printed(&ascii, &[]));
}

#[test]
fn lists_are_translated_and_stay_in_their_columns() {
    for (args, words) in [
        (&["patterns"][..], "closed_port               RST+ACK 应答第一个 SYN。\n"),
        (&["patterns", "closed_port"], "\n  来源  RFC 9293"),
        (&["demo", "--list"], "refused         0.1 s  没有程序在监听：内核以 RST 应答\n"),
    ] {
        let list = printed(&[args, &["--lang", "zh"]].concat(), &[]);
        assert!(list.contains(words), "{words}: {list}");
    }
}

#[test]
fn where_the_output_is_ascii_chinese_is_refused_with_what_helps() {
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    let refused = "synscope: --lang zh needs UTF-8, and the output is ASCII: leave out --ascii, and set \
                   a UTF-8 locale, such as LC_ALL=C.UTF-8\n";
    for args in [&["replay", "c.pcap"][..], &["patterns"], &["demo", "--list"]] {
        let args = [args, &["--lang", "zh"]].concat();
        dir.synscope(&args).env("LC_ALL", "C").run().code(2).shows("").says(refused);
    }
    dir.synscope(["replay", "c.pcap", "--lang", "zh", "--ascii"]).run().code(2).says(refused);
    // These are UTF-8, whatever the terminal shows.
    for format in ["svg", "mermaid"] {
        let args = ["replay", "c.pcap", "--lang", "zh", "--format", format];
        let drawn = printed(&args, &[("LC_ALL", "C")]);
        assert!(drawn.contains("客户"), "{drawn}");
    }
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    for format in &formats() {
        let args = ["replay", "c.pcap", "--format", format];
        let same = printed(&args, &[]) == printed(&args, &[("LC_ALL", "zh_CN.UTF-8")]);
        let is_picture = ["timeline", "svg", "mermaid", "markdown"].contains(&format.as_str());
        assert_eq!(same, !is_picture, "{format}");
    }
}
