//! `--format parquet`: the rows are the attempts of the JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::{Map, Value, json};

use crate::docs::{read, root};
use crate::scripts::THREE_FATES;
use crate::util::Dir;

type Row = Map<String, Value>;

fn open(path: &Path) -> SerializedFileReader<File> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    SerializedFileReader::new(file).expect("the file is complete")
}

/// The rows of a file, in their order.
fn rows(path: &Path) -> Vec<Row> {
    let rows = open(path).into_iter().map(|row| row.expect("a row").to_json_value());
    rows.map(|row| row.as_object().expect("a row has names").clone()).collect()
}

/// What stands below a name of the JSON, by the names of columns.
fn flat(name: &str, value: &Value, into: &mut Row) {
    // Their fields have the names of columns, or are to have the name of what they are of.
    const BARE: [&str; 3] = ["timing", "negotiated", "context"];
    match (name, value) {
        ("start" | "type" | "schema" | "wireshark_filter" | "wireshark_filter_elsewhere", _) => {}
        ("timing.start_ns", start) => drop(into.insert("start".to_owned(), start.clone())),
        ("segments", segments) => drop(into.insert(name.to_owned(), of_segments(segments))),
        ("patterns", Value::Array(patterns)) => {
            let names: Value = patterns.iter().map(|pattern| pattern["name"].clone()).collect();
            into.insert(name.to_owned(), names);
        }
        (_, Value::Object(fields)) if BARE.contains(&name) => {
            fields.iter().for_each(|(field, value)| flat(&format!("{name}.{field}"), value, into));
        }
        (_, Value::Object(fields)) => {
            let name = name.rsplit('.').next().expect("a name");
            for (field, value) in fields {
                // `mss` of the `client`, but `addr` of it too.
                let is_side = matches!(field.as_str(), "client" | "server");
                let (first, last) = if is_side { (field.as_str(), name) } else { (name, &**field) };
                flat(&format!("{first}_{last}"), value, into);
            }
        }
        (_, Value::Array(range)) if name.ends_with("_range_ns") => {
            let name = name.trim_start_matches("timing.").replace("range_ns", "");
            into.insert(format!("{name}min_ns"), range[0].clone());
            into.insert(format!("{name}max_ns"), range[1].clone());
        }
        (_, Value::Null) => {}
        _ => {
            let name = name.rsplit('.').next().expect("a name").to_owned();
            into.insert(name, value.clone());
        }
    }
}

fn of_segments(segments: &Value) -> Value {
    let segments = segments.as_array().expect("a list").iter();
    let column = |segment: &Value| {
        let mut row = Row::from_iter([("encapsulation".to_owned(), json!(0))]);
        for (name, value) in segment.as_object().expect("a segment") {
            if name == "options" {
                let options = value.as_array().expect("a list").iter();
                let kinds: Value = options.map(|option| option["kind"].clone()).collect();
                row.insert("option_kinds".to_owned(), kinds);
            } else {
                flat(name, value, &mut row);
            }
        }
        Value::Object(row)
    };
    segments.map(column).collect()
}

/// The rows that an attempt of the JSON should have.
fn expected(attempt: &Value) -> Row {
    let mut row = Row::new();
    for (name, value) in attempt.as_object().expect("an attempt") {
        flat(name, value, &mut row);
    }
    let frames = attempt["segments"].as_array().expect("its segments").iter();
    row.insert("frames".to_owned(), frames.map(|segment| segment["frame"].clone()).collect());
    row
}

/// The row without what is null, as the JSON may leave it out.
fn known(row: &Row) -> Row {
    let without_null = |value: &Value| match value {
        Value::Array(list) => list
            .iter()
            .map(|one| one.as_object().map_or_else(|| one.clone(), |row| known(row).into()))
            .collect(),
        value => value.clone(),
    };
    let known = row.iter().filter(|(_, value)| !value.is_null());
    known.map(|(name, value)| (name.clone(), without_null(value))).collect()
}

fn by_id(rows: impl IntoIterator<Item = Row>) -> BTreeMap<u64, Row> {
    rows.into_iter().map(|row| (row["id"].as_u64().expect("an id"), row)).collect()
}

fn captures() -> Vec<PathBuf> {
    let folders = [root().join("captures"), root().join("captures/twins")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("it is there"));
    let paths = files.map(|entry| entry.expect("it can be listed").path());
    paths.filter(|path| path.to_string_lossy().contains(".pcap")).collect()
}

#[test]
fn the_rows_are_the_attempts_of_the_json() {
    let dir = Dir::new();
    let mut count = 0;
    for capture in captures() {
        let capture = capture.to_str().expect("UTF-8");
        let lines = dir.synscope(["replay", "-f", "jsonl", capture]).run().code(0).json_lines();
        let attempts = lines.iter().filter(|line| line["type"] == "handshake");
        let expected = by_id(attempts.map(expected));
        let parquet = ["replay", "-f", "parquet", "-q", "-o", "c.parquet", capture];
        dir.synscope([&parquet[..], &["--segments"]].concat()).run().code(0).says("").shows("");
        let rows = rows(&dir.path("c.parquet"));
        assert_eq!(by_id(rows.iter().map(known)), expected, "{capture}");
        count += rows.len();

        dir.synscope(parquet).run().code(0).says("").shows("");
        let without_segments = |mut row: Row| {
            row.remove("segments");
            row
        };
        let lean = expected.into_values().map(without_segments);
        assert_eq!(by_id(self::rows(&dir.path("c.parquet")).iter().map(known)), by_id(lean));
    }
    assert!(count > 200, "only {count} attempts were compared");
}

#[test]
fn every_column_is_explained() {
    let dir = Dir::new();
    let capture = root().join("captures/three-way.pcapng");
    let capture = capture.to_str().expect("UTF-8");
    let args = ["replay", "-f", "parquet", "--segments", "-q", "-o", "c.parquet", capture];
    dir.synscope(args).run().code(0);
    let document = read("docs/columns.md");
    let (attempts, segments) = document.split_once("\n## Segments\n").expect("two tables");
    let explained = |text: &str| -> Vec<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
        let names = rows.filter_map(|row| row.split(" | ").next());
        names
            .flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let file = open(&dir.path("c.parquet"));
    let fields = file.metadata().file_metadata().schema().get_fields();
    let names: Vec<_> = fields.iter().map(|field| field.name()).collect();
    assert_eq!(explained(attempts), names, "docs/columns.md");
    let element = &fields.last().expect("segments").get_fields()[0].get_fields()[0];
    let names: Vec<_> = element.get_fields().iter().map(|field| field.name()).collect();
    assert_eq!(explained(segments), names, "docs/columns.md");
}

#[test]
fn every_word_of_a_column_is_listed() {
    let schema: Value = serde_json::from_str(&read("docs/synscope.schema.json")).expect("JSON");
    let known = |of: &str, column: &str| -> Option<BTreeSet<String>> {
        let (of, field) = match column.strip_prefix("icmp_") {
            Some(field) => ("Icmp", field),
            None if column.ends_with("name_source") => ("Endpoint", "name_source"),
            None => (of, column),
        };
        let words = schema["$defs"][of]["properties"][field]["enum"].as_array()?;
        Some(words.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    let document = read("docs/columns.md");
    let (attempts, segments) = document.split_once("\n## Segments\n").expect("two tables");
    let mut lists = 0;
    for (text, objects) in [(attempts, &["Attempt", "Negotiated"][..]), (segments, &["Segment"])] {
        for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
            let cells: Vec<_> = row.split(" | ").collect();
            let column = cells[0].trim_end_matches('`');
            let Some(known) = objects.iter().find_map(|of| known(of, column)) else { continue };
            let meaning = cells[2];
            let listed: BTreeSet<_> =
                meaning.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            if listed.is_empty() || meaning.contains("...") {
                // Another document has all of them.
                assert!(listed.is_subset(&known), "{column}: {listed:?}");
            } else {
                assert_eq!(listed, known, "{column} in docs/columns.md");
                lists += 1;
            }
        }
    }
    assert_eq!(lists, 12, "lists of words");
}

#[test]
fn a_row_group_is_in_the_order_that_it_says() {
    let dir = Dir::new();
    let captures = captures();
    let captures = captures.iter().filter_map(|path| path.to_str());
    let args = ["replay", "-f", "parquet", "-q", "-o", "c.parquet"];
    dir.synscope(args.into_iter().chain(captures)).run().code(0).says("");
    let file = open(&dir.path("c.parquet"));
    let [group] = file.metadata().row_groups() else { panic!("one group is enough") };
    let sorting = group.sorting_columns().expect("it says its order");
    let names = sorting.iter().map(|by| {
        assert!(!by.descending && !by.nulls_first);
        group.columns()[usize::try_from(by.column_idx).expect("a place")].column_path().string()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["server_addr", "server_port", "start"]);
    let rows = rows(&dir.path("c.parquet"));
    let key = |row: &Row| {
        let number = |name: &str| row[name].as_i64();
        let addr = row["server_addr"].as_str().expect("an address").to_owned();
        (addr, number("server_port"), number("start").is_none(), number("start"))
    };
    assert!(rows.is_sorted_by_key(key));
    assert!(group.columns().iter().all(|column| column.statistics().is_some()), "statistics");

    let about = file.metadata().file_metadata();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(about.created_by(), Some(&*format!("synscope version {version}")));
    let pairs = about.key_value_metadata().expect("it has some").iter();
    let pairs: Vec<_> = pairs.map(|pair| (&*pair.key, pair.value.as_deref())).collect();
    let expected = [("synscope.schema_version", Some("1")), ("synscope.version", Some(version))];
    assert_eq!(pairs, expected);
}

/// All files below a directory, with their content.
fn below(dir: &Dir, name: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for partition in fs::read_dir(dir.path(name)).expect("it is there") {
        let partition = partition.expect("it can be listed").path();
        for file in fs::read_dir(&partition).expect("a partition is a directory") {
            let file = file.expect("it can be listed").path();
            let path = file.strip_prefix(dir.path(name)).expect("it is below");
            let path = path.to_str().expect("UTF-8").replace('\\', "/");
            found.insert(path, fs::read(&file).expect("it can be read"));
        }
    }
    found
}

/// Two of its attempts begin a moment before midnight (UTC), the last one begins after it.
fn around_midnight(dir: &Dir) {
    const DAY: i64 = 86_400_000_000_000;
    let script = testkit::Script::parse(THREE_FATES).expect("the script is right");
    let mut frames = script.into_frames();
    let until_midnight = DAY - frames[0].timestamp_ns % DAY;
    let last = frames.len() - 1;
    // Between the first segment and the last one lie 20 ms.
    let later = |at: usize| until_midnight - if at == last { 15_000_000 } else { 19_000_000 };
    frames.iter_mut().enumerate().for_each(|(at, frame)| frame.timestamp_ns += later(at));
    dir.write("c.pcap", testkit::pcap(&frames, testkit::Pcap::default()));
}

#[test]
fn a_directory_gets_files_by_the_day_which_are_the_same_in_each_run() {
    let dir = Dir::new();
    around_midnight(&dir);
    let lines = dir.synscope(["replay", "-f", "jsonl", "c.pcap"]).run().code(0).json_lines();
    let mut days = BTreeMap::<_, Vec<_>>::new();
    for attempt in lines.iter().filter(|line| line["type"] == "handshake") {
        let start = attempt["start"].as_str().expect("a time");
        let path = format!("date={}/c.pcap-0.parquet", start.split('T').next().expect("a date"));
        days.entry(path).or_default().push(expected(attempt));
    }
    assert_eq!(days.values().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let args = ["replay", "-f", "parquet", "--segments", "-q", "c.pcap", "-o"];
    for name in ["lake/", "again/"] {
        dir.synscope([&args[..], &[name]].concat()).run().code(0).says("").shows("");
    }
    // It is there by now: no slash is needed.
    dir.synscope([&args[..], &["again"]].concat()).run().code(0).says("").shows("");
    let files = below(&dir, "lake");
    assert!(files == below(&dir, "again"), "the same bytes under the same names");
    assert!(files.keys().eq(days.keys()), "{:?}", files.keys());
    for (path, expected) in days {
        let rows = rows(&dir.path("lake").join(path));
        assert_eq!(by_id(rows.iter().map(known)), by_id(expected));
    }
}

#[test]
fn attempts_without_a_time_have_a_partition_of_their_own() {
    let dir = Dir::new();
    let script = testkit::Script::parse(THREE_FATES).expect("the script is right");
    let interface = testkit::Interface::nanoseconds(1, "eth0");
    let file = testkit::Pcapng::new(testkit::Endian::Little).interface(interface);
    let file = script.frames().iter().fold(file, testkit::Pcapng::simple);
    dir.write("c.pcapng", file.finish());
    dir.synscope(["replay", "-f", "parquet", "-q", "c.pcapng", "-o", "lake/"]).run().code(0);
    let files = below(&dir, "lake");
    let path = "date=__HIVE_DEFAULT_PARTITION__/c.pcapng-0.parquet";
    assert!(files.keys().eq([path]), "{:?}", files.keys());
    let rows = rows(&dir.path("lake").join(path));
    assert_eq!(rows.iter().map(|row| &row["start"]).collect::<Vec<_>>(), [&Value::Null; 3]);
}

#[test]
fn what_selects_attempts_selects_rows() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let args = ["replay", "-f", "parquet", "--outcome", "refused", "c.pcap", "-o", "c.parquet"];
    let run = dir.synscope(args).run().code(0).shows("");
    assert!(run.stderr().contains("1 of 3 attempts shown"), "{run:?}");
    let rows = rows(&dir.path("c.parquet"));
    let outcomes: Vec<_> = rows.iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["refused"]);
    let none = ["replay", "-f", "parquet", "-q", "--outcome", "reset", "c.pcap", "-o", "c.parquet"];
    dir.synscope(none).run().code(0);
    assert_eq!(self::rows(&dir.path("c.parquet")).len(), 0, "a file without a row is one too");
}

#[test]
fn a_file_is_needed_and_a_capture_that_is_complete() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let cases = [
        (&["replay", "-f", "parquet", "c.pcap"][..], "--output DIR/"),
        (&["replay", "-f", "parquet", "c.pcap", "-o", "-"], "--output FILE"),
        (&["replay", "-f", "csv", "--segments", "c.pcap"], "it needs --format parquet"),
        (&["replay", "-f", "parquet", "--compare", "c.pcap", "-o", "c"], "it needs --format"),
        #[cfg(unix)]
        (&["replay", "--follow", "-f", "parquet", "c.pcap", "-o", "c"], "synscope replay"),
        #[cfg(unix)]
        (&["live", "-f", "parquet", "-o", "c"], "live --write"),
        #[cfg(target_os = "linux")]
        (&["demo", "refused", "-f", "parquet", "-o", "c"], "demo --save"),
    ];
    for (args, hint) in cases {
        let run = dir.synscope(args).run().code(2).shows("");
        assert!(run.stderr().contains(hint), "`{hint}` is missing from {run:?}");
    }
    assert!(!dir.path("c").exists());
}

#[cfg(unix)]
#[test]
fn no_input_is_overwritten_and_a_failure_leaves_no_file() {
    let dir = Dir::new();
    let capture = dir.capture("c.pcap", THREE_FATES);
    let before = fs::read(&capture).expect("it was just written");
    let replay = ["replay", "-f", "parquet", "-q", "c.pcap", "-o"];
    dir.synscope([&replay[..], &["c.pcap"]].concat()).run().code(2).shows("");
    dir.synscope([&replay[..], &["lake/"]].concat()).run().code(0).says("");
    let path = below(&dir, "lake").into_keys().next().expect("a file");
    let path = dir.path("lake").join(path);
    fs::remove_file(&path).expect("it can be removed");
    std::os::unix::fs::symlink(&capture, &path).expect("a link");
    let run = dir.synscope([&replay[..], &["lake"]].concat()).run().code(2).shows("");
    assert!(run.stderr().contains("c.pcap-0.parquet: is an input file"), "{run:?}");
    assert!(fs::read(&capture).expect("it is there") == before, "the capture is as it was");
    fs::remove_file(&path).expect("it can be removed");

    fs::create_dir(&path).expect("a directory in the place of the file");
    dir.synscope([&replay[..], &["lake"]].concat()).run().code(2).shows("");
    let partition = path.parent().expect("a partition");
    assert_eq!(fs::read_dir(partition).expect("it is there").count(), 1, "no part stays");
}

#[cfg(unix)]
#[test]
fn links_below_a_directory_are_not_followed_and_that_is_said() {
    use std::os::unix::fs::symlink;

    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let replay = ["replay", "-f", "parquet", "-q", "c.pcap", "-o", "link/"];
    fs::create_dir(dir.path("lake")).expect("a directory");
    symlink("lake", dir.path("link")).expect("a link");
    // The user names this link.
    dir.synscope(replay).run().code(0).says("");
    let name = below(&dir, "lake").into_keys().next().expect("a file");
    let path = dir.path("lake").join(&name);
    let partition = path.parent().expect("a partition");
    let rest = "or give --output another directory";
    let refused = |why: &str| {
        let run = dir.synscope(replay).run().code(2).shows("");
        run.says(&format!("synscope: the output can't be written: link/{name}: {why}, {rest}\n"));
    };

    fs::rename(&path, dir.path("elsewhere")).expect("it can be moved");
    symlink(dir.path("elsewhere"), &path).expect("a link");
    refused("it is a link, and links below --output are not followed: remove it");
    fs::remove_file(&path).expect("it can be removed");
    for place in [dir.path("lake/in"), dir.path("out"), dir.path("absent")] {
        if !place.ends_with("absent") {
            fs::create_dir(&place).expect("a directory");
        }
        fs::remove_dir(partition).or_else(|_| fs::remove_file(partition)).expect("it is empty");
        symlink(&place, partition).expect("a link");
        refused(
            "its directory is a link, and links below --output are not followed: put a directory there",
        );
        assert!(!place.exists() || fs::read_dir(&place).expect("it is there").count() == 0);
    }
}

#[cfg(unix)]
#[test]
fn packets_are_not_extracted_to_a_file_that_is_written_by_the_day() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let replay = ["replay", "-f", "parquet", "-q", "c.pcap", "-o"];
    dir.synscope([&replay[..], &["lake/"]].concat()).run().code(0).says("");
    let name = below(&dir, "lake").into_keys().next().expect("a file");
    std::os::unix::fs::symlink("lake", dir.path("link")).expect("a link");
    let before = below(&dir, "lake");
    for (lake, extract) in [
        ("lake", format!("lake/{name}")),
        ("link/", format!("lake/{name}")),
        ("lake", format!("./link/{name}")),
        ("new/", format!("new/{name}")),
        ("new/", "new/date=2026-01-01/other.parquet".to_owned()),
    ] {
        let run = dir.synscope([&replay[..], &[lake, "--extract", &extract]].concat()).run();
        run.code(2).shows("").says(&format!(
            "synscope: {extract}: --output may give a file by day this name; give --extract another name\n"
        ));
    }
    assert!(below(&dir, "lake") == before && !dir.path("new").exists());
    let beside = [&replay[..], &["lake", "--extract", "lake/packets.pcapng"]].concat();
    dir.synscope(beside).run().code(0);
    assert!(dir.path("lake/packets.pcapng").is_file());
}
