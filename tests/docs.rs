//! What the documents say is what the program does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use parser::{LinkType, TcpOption};
use serde_json::Value;

use crate::transcripts::{arguments, assert_shown, transcripts};
pub(crate) use crate::transcripts::{blocks, read, root};
use crate::util::{Dir, all_formats, text};

/// Every document of the project.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "captures"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("it is there"));
    let files = files.map(|entry| entry.expect("it can be listed").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn schema() -> Value {
    serde_json::from_str(&read("docs/synscope.schema.json")).expect("the schema is JSON")
}

#[test]
fn the_examples_of_json_are_valid() {
    let document = read("docs/json.md");
    let mut kinds = BTreeSet::new();
    for (name, text) in blocks(&document, "json") {
        let example: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let mut schema = schema();
        if !name.is_empty() {
            schema.as_object_mut().expect("it is an object").remove("anyOf");
            schema["$ref"] = format!("#/$defs/{name}").into();
        }
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        assert!(validator.is_valid(&example), "is no {name}: {text}");
        let kind = example["type"].as_str().unwrap_or("document");
        kinds.insert(if name.is_empty() { kind } else { name }.to_owned());
    }
    for kind in ["handshake", "summary", "document", "Segment", "Option", "Icmp"] {
        assert!(kinds.contains(kind), "no example of a {kind}");
    }
}

#[test]
fn every_name_in_the_schema_is_explained() {
    fn names(schema: &Value, found: &mut BTreeSet<String>) {
        let Some(object) = schema.as_object() else {
            schema.as_array().into_iter().flatten().for_each(|one| names(one, found));
            return;
        };
        let properties = object.get("properties").and_then(Value::as_object);
        found.extend(properties.into_iter().flat_map(|it| it.keys().cloned()));
        let words = object.get("enum").and_then(Value::as_array).into_iter().flatten();
        found.extend(words.filter_map(Value::as_str).map(str::to_owned));
        object.values().for_each(|one| names(one, found));
    }
    let document = read("docs/json.md");
    let mut found = BTreeSet::new();
    names(&schema(), &mut found);
    assert!(found.contains("server_rtt_range_ns") && found.contains("SYN-RECEIVED"), "{found:?}");
    let is_missing = |name: &&String| !document.contains(&format!("`{name}`"));
    let missing: Vec<_> = found.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "docs/json.md does not explain {missing:?}");
}

#[test]
fn every_tcp_option_is_explained() {
    let document = read("docs/json.md");
    let (_, section) = document.split_once("\n### An option\n").expect("a section on options");
    let (fields, values) = section.split_once("\n| option | `value` |\n").expect("two tables");
    let names = fields.lines().find(|line| line.starts_with("| `name` |")).expect("a row");
    let listed: Vec<_> = names.split('`').skip(3).step_by(2).collect();
    let known: Vec<_> = (0..=u8::MAX).filter_map(TcpOption::name_of_kind).collect();
    assert_eq!(listed, known, "the names in docs/json.md");
    let rows = values.lines().take_while(|line| line.starts_with('|'));
    let options = rows.filter_map(|row| row.split(" | ").next());
    let explained: BTreeSet<_> =
        options.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    // These are there or not, and say no more.
    let bare = ["end_of_list", "nop", "sack_permitted"];
    let speaking: BTreeSet<_> = known.into_iter().filter(|name| !bare.contains(name)).collect();
    assert_eq!(explained, speaking, "the values in docs/json.md");
}

#[test]
fn every_format_is_explained() {
    let document = read("docs/manual.md");
    let (_, section) = document.split_once("\n## Formats\n").expect("a section on formats");
    let section = section.split("\n## ").next().expect("its text");
    let lines = section.lines().skip_while(|line| !line.starts_with("|--"));
    let rows = lines.filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let explained: BTreeSet<_> = rows.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(explained, all_formats().into_iter().collect());
}

#[test]
fn every_link_type_is_listed() {
    // `Ethernet (link type 1)`; where there is no name, nothing is in brackets.
    let texts = (0..1 << 10).map(|number| LinkType(number).to_string());
    let known: Vec<_> = texts.filter(|text| text.ends_with(')')).collect();
    let list = format!("are decoded: {}.", known.join(", ").replace("(link type ", "("));
    let manual = read("docs/manual.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(manual.contains(&list), "docs/manual.md should say: {list}");
}

#[test]
fn what_is_shown_of_the_bundled_captures_is_what_is_printed() {
    let mut count = 0;
    for path in documents() {
        let document = fs::read_to_string(&path).expect("it is text");
        for (command, shown) in transcripts(&document) {
            let Some(words) = command.strip_prefix("synscope ") else { continue };
            let is_scenarios = cfg!(target_os = "linux") && words.starts_with("demo --list");
            let of_files = ["replay ", "stats ", "assert "];
            let is_of_files = of_files.iter().any(|name| words.starts_with(name));
            if !(is_of_files || is_scenarios) || shown.is_empty() {
                continue;
            }
            let program = Dir::new().synscope(arguments(words));
            let output = program.into_command().current_dir(root()).output().expect("it starts");
            let printed = text(&output.stdout).replace('\r', "");
            assert_shown(command, &shown, &printed);
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} outputs are found");
}

/// A picture that only a browser draws: `.ci/browser --picture` draws it anew.
const OF_A_BROWSER: &str = "docs/pictures/report.png";

#[test]
fn the_picture_of_a_page_stands_beside_its_command_and_is_small() {
    let manual = read("docs/manual.md");
    let (shown, command) =
        manual.split_once("](pictures/report.png)").expect("the manual shows the picture");
    assert!(shown.contains("\n## synscope report\n"), "in its section");
    let (command, _) = command.split_once("\n\nFrom top").expect("the command is below it");
    assert!(command.contains("`.ci/browser --picture`") && command.contains(OF_A_BROWSER));
    let picture = fs::read(root().join(OF_A_BROWSER)).expect("it is there");
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"), "it is a PNG");
    assert!(picture.len() < 150_000, "{} bytes", picture.len());
}

/// `SYNSCOPE_WRITE_GOLDENS=1` draws them anew.
#[test]
fn pictures_are_what_the_commands_beside_them_draw() {
    let mut drawn = BTreeSet::from([OF_A_BROWSER.to_owned()]);
    for path in documents() {
        let document = fs::read_to_string(&path).expect("it is text");
        for (command, _) in transcripts(&document) {
            let words = command.strip_prefix("synscope ").and_then(|rest| rest.split_once(" > "));
            let Some((words, picture)) = words.filter(|(_, file)| file.starts_with("docs/")) else {
                continue;
            };
            let program = Dir::new().synscope(arguments(words));
            let output = program.into_command().current_dir(root()).output().expect("it starts");
            let printed = text(&output.stdout).replace('\r', "");
            if std::env::var_os("SYNSCOPE_WRITE_GOLDENS").is_some() {
                fs::write(root().join(picture), &printed).expect("it can be written");
            }
            assert_eq!(read(picture).replace('\r', ""), printed, "{command}");
            let name = picture.rsplit('/').next().expect("it has a name");
            assert!(document.contains(&format!("/{name})")), "{}: {picture}", path.display());
            drawn.insert(picture.to_owned());
        }
    }
    // It is shown on a terminal: the tests of the screen hold it to its command.
    drawn.insert("docs/pictures/screen.svg".to_owned());
    let all = fs::read_dir(root().join("docs/pictures")).expect("it is there");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("it can be listed").file_name();
    let all = all.map(|entry| format!("docs/pictures/{}", name(entry).to_string_lossy()));
    assert_eq!(all.collect::<BTreeSet<_>>(), drawn, "each picture stands beside its command");
}

#[test]
fn links_lead_somewhere() {
    for path in documents() {
        let (name, document) = (path.display(), fs::read_to_string(&path).expect("it is text"));
        for link in document.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("https://") {
                continue;
            }
            let folder = path.parent().expect("it is in a folder");
            let target = if file.is_empty() { path.clone() } else { folder.join(file) };
            assert!(target.exists(), "{name}: there is no {link}");
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("it can be read");
                let text = text.to_lowercase().replace('`', "");
                let title = format!("# {}\n", heading.replace('-', " "));
                assert!(text.contains(&title), "{name}: there is no {link}");
            }
        }
    }
}

#[test]
fn the_tests_that_the_threat_model_names_exist() {
    fn read_sources(folder: &Path, sources: &mut String) {
        for entry in fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                read_sources(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *sources += &fs::read_to_string(&path).expect("it is text");
            }
        }
    }
    let mut sources = String::new();
    for folder in ["tests", "crates"] {
        read_sources(&root().join(folder), &mut sources);
    }
    let document = read("docs/threat-model.md");
    let (_, table) = document.split_once("| test |\n").expect("there is a table of tests");
    let mut count = 0;
    for row in table.lines().take_while(|line| line.starts_with('|')).skip(1) {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().expect("a row has cells");
        for test in cell.split('`').skip(1).step_by(2) {
            let exists = sources.contains(&format!("fn {test}("))
                || sources.contains(&format!("name: \"{test}\""));
            assert!(exists, "there is no test {test}");
            count += 1;
        }
    }
    assert!(count >= 20, "only {count} tests are found");
}
