use answers::{By, Question, Sort, Stats};
use handshake::{Facts, Features, Outcome, PatternSet};
use hostnames::HostNames;
use parser::{Endpoint, Names, Origin, Timestamp};

use super::{Dialect, Metrics, StatsCsv, StatsTable};
use crate::fixture::golden;
use crate::{Answers, StatsJson, Style, Summary, TimeFormat, View};

const MS: i64 = 1_000_000;
/// 2026-03-01 06:59:59 UTC.
const BEGIN: i64 = 1_772_348_399_000 * MS;

/// The attempts of an hour at four servers: a good one, one that drops SYNs, one that refuses, and one
/// with a long name.
fn attempts() -> impl Iterator<Item = Facts> {
    (0..400_u16).map(|n| {
        let server = match n % 4 {
            0 => Endpoint::new([192, 0, 2, 80], 443),
            1 => Endpoint::new([192, 0, 2, 81], 80),
            2 => Endpoint::new([192, 0, 2, 82], 8080),
            _ => {
                Endpoint::new([0x2001, 0xdb8, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff], 443)
            }
        };
        let is_refused = n % 4 == 2;
        let is_late = n % 4 == 1 && n % 3 == 0 && n > 200;
        let refused_ns = is_refused.then_some(MS);
        Facts {
            id: u64::from(n) + 1,
            client: Endpoint::new([10, 0, 0, (n % 50) as u8], 40_000 + n),
            server,
            origin: Origin::default(),
            vlan: (n % 4 == 0).then_some(100),
            outcome: if is_refused { Outcome::Refused } else { Outcome::Established },
            cut_off: false,
            reset_by: None,
            start: Some(Timestamp::from_nanos(BEGIN + i64::from(n) * 9_000 * MS)),
            syn_captured: true,
            syn_ack_captured: !is_refused,
            syn_retransmissions: u32::from(is_late),
            syn_ack_retransmissions: 0,
            server_rtt_ns: (!is_refused).then_some(i64::from(n % 90 + 10) * 100_000),
            client_rtt_ns: (!is_refused).then_some(50_000),
            total_ns: None,
            waited_ns: refused_ns.or(Some(if is_late { 1_000 * MS } else { 0 })),
            failed_after_ns: refused_ns,
            offered: Features::default(),
            accepted: Features::default(),
            answer_ttl: None,
            patterns: PatternSet::default(),
        }
    })
}

fn summary(question: Question) -> Summary {
    let mut stats = Stats::new(question);
    attempts().for_each(|facts| stats.add(&facts));
    let mut names = Names::default();
    let source = names.add_source("bad\u{1b}[31m\"name\\");
    names.add_interface(source, Some("eth\u{202e}0\"".to_owned()));
    let host_names = HostNames::default();
    let answers = Box::new(Answers { stats, whole: None, names, host_names });
    Summary { answers: Some(answers), ..Summary::default() }
}

fn written(question: Question, view: impl FnOnce(&mut Vec<u8>, &Summary)) -> String {
    let mut out = Vec::new();
    view(&mut out, &summary(question));
    String::from_utf8(out).expect("views write UTF-8")
}

fn table(question: Question, style: Style) -> String {
    written(question, |out, summary| {
        StatsTable::new(out, style, true).finish(summary).expect("memory takes it");
    })
}

const STYLE: Style = Style { unicode: true, width: Some(200), ..Style::PLAIN };

#[test]
fn a_table_says_what_fits() {
    let servers = Question::default();
    golden("stats-200.txt", &table(servers, STYLE));
    golden(
        "stats-100-ascii.txt",
        &table(servers, Style { unicode: false, width: Some(100), ..STYLE }),
    );
    golden("stats-60.txt", &table(servers, Style { width: Some(60), ..STYLE }));
    let minutes = Question { by: By::Minute, sort: Sort::Key, limit: 3, ..Question::default() };
    golden("stats-minutes.txt", &table(minutes, Style { width: Some(120), ..STYLE }));
    golden("stats-pipe.txt", &table(servers, Style { width: None, ..STYLE }));
    for width in 60..=200 {
        let text = table(servers, Style { width: Some(width), ..STYLE });
        let widest = text.lines().map(unicode_width::UnicodeWidthStr::width).max();
        assert!(widest <= Some(usize::from(width)), "{width}: {text}");
    }
}

#[test]
fn a_table_of_minutes_says_where_they_are_in_local_time() {
    let first_title = |by, time| {
        let text = table(Question { by, ..Question::default() }, Style { time, ..STYLE });
        let is_heading = |line: &&str| line.contains("attempts over time");
        let heading = text.lines().find(is_heading).expect("a heading").trim_start().to_owned();
        heading.split("  ").next().map(str::to_owned)
    };
    for (by, time, title) in [
        (By::Minute, TimeFormat::Local, "minute, local time"),
        (By::Minute, TimeFormat::Utc, "minute"),
        (By::Minute, TimeFormat::Relative, "minute"),
        (By::Server, TimeFormat::Local, "server"),
    ] {
        assert_eq!(first_title(by, time).as_deref(), Some(title), "{by:?} {time:?}");
    }
}

#[test]
fn programs_get_every_number() {
    let question = Question { limit: 2, ..Question::default() };
    golden(
        "stats.csv",
        &written(question, |out, summary| {
            StatsCsv::new(out).finish(summary).expect("memory takes it");
        }),
    );
    let ports = Question { by: By::Port, limit: 1, ..question };
    golden(
        "stats.openmetrics",
        &written(ports, |out, summary| {
            Metrics::new(out, Dialect::OpenMetrics).finish(summary).expect("memory takes it");
        }),
    );
}

/// The kinds of a text's families, by the names of their samples.
fn families(metrics: &str) -> Vec<&str> {
    metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect()
}

#[test]
fn metrics_are_those_of_their_text_format() {
    for by in [By::Server, By::Outcome, By::Minute] {
        let question = Question { by, ..Question::default() };
        let text = |dialect| {
            written(question, |out, summary| {
                Metrics::new(out, dialect).finish(summary).expect("memory takes it");
            })
        };
        let (open, classic) = (text(Dialect::OpenMetrics), text(Dialect::Prometheus));
        assert!(open.ends_with("# EOF\n") && !classic.contains("# EOF"), "{open}");
        assert!(families(&open).contains(&"synscope_attempts counter"), "{open}");
        assert!(families(&classic).contains(&"synscope_attempts_total counter"), "{classic}");
        let samples = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        assert_eq!(samples(&open), samples(&classic));
        for sample in samples(&open) {
            let labels: Vec<_> =
                sample.split(['{', ',']).filter_map(|part| Some(part.split_once('=')?.0)).collect();
            let different: std::collections::BTreeSet<_> = labels.iter().collect();
            assert_eq!(labels.len(), different.len(), "{sample}");
        }
    }
}

#[test]
fn names_from_outside_are_escaped() {
    let by = Question { by: By::Interface, ..Question::default() };
    let csv = written(by, |out, summary| {
        StatsCsv::new(out).finish(summary).expect("memory takes it");
    });
    let metrics = written(by, |out, summary| {
        Metrics::new(out, Dialect::OpenMetrics).finish(summary).expect("memory takes it");
    });
    let json = written(by, |out, summary| {
        StatsJson::new(out).finish(summary).expect("memory takes it");
    });
    for text in [&csv, &metrics, &json, &table(by, STYLE)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert!(metrics.contains(r#"network_interface_name="bad\\x1b[31m\"name\\""#), "{metrics}");
}

#[test]
fn the_statistics_are_valid_by_the_schema() {
    let schema = crate::json_schema();
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for by in [By::Server, By::Subnet(24), By::Minute, By::Vlan] {
        let text = written(Question { by, limit: 2, ..Question::default() }, |out, summary| {
            StatsJson::new(out).finish(summary).expect("memory takes it");
        });
        let told: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert!(validator.is_valid(&told), "{text}");
        assert_eq!(told["all"]["attempts"], 400);
        let listed: u64 = told["groups"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|group| {
                let cells = group["server_rtt"]["histogram"].as_array().expect("a list");
                let counted: u64 =
                    cells.iter().map(|cell| cell[2].as_u64().expect("a count")).sum();
                assert_eq!(group["server_rtt"]["measured"], counted);
                group["attempts"].as_u64().expect("a count")
            })
            .sum();
        let rest = told["others"]["group"]["attempts"].as_u64().unwrap_or(0);
        assert_eq!(listed + rest, 400, "{by:?}");
    }
}

/// The statistics by something, where the server 192.0.2.82 and the clients have names.
fn with_names(by: By, view: impl FnOnce(&mut Vec<u8>, &Summary)) -> String {
    let mut summary = summary(Question { by, ..Question::default() });
    let answers = summary.answers.as_mut().expect("it has statistics");
    let hosts = &b"192.0.2.82 files.example\n10.0.0.1 laptop\n"[..];
    answers.host_names.read_hosts(hosts).expect("memory can be read");
    let mut out = Vec::new();
    view(&mut out, &summary);
    String::from_utf8(out).expect("views write UTF-8")
}

#[test]
fn hosts_have_their_names_beside_their_addresses() {
    let table = |by| {
        with_names(by, |out, summary| {
            let style = Style { width: None, ..STYLE };
            StatsTable::new(out, style, false).finish(summary).expect("memory takes it");
        })
    };
    let text = table(By::Server);
    assert!(text.contains("\nfiles.example (192.0.2.82):8080 "), "{text}");
    assert!(text.contains("files.example (192.0.2.82):8080 refuses: 100 attempts"), "{text}");
    assert!(table(By::Host).contains("\nfiles.example (192.0.2.82) "), "{}", table(By::Host));
    assert!(table(By::Port).contains("\nport 8080 "), "{}", table(By::Port));

    let csv = with_names(By::Host, |out, summary| {
        StatsCsv::new(out).finish(summary).expect("memory takes it");
    });
    let row = csv.lines().find(|row| row.starts_with("192.0.2.82,")).expect("a row");
    assert!(row.ends_with(",files.example"), "{csv}");
    let json = with_names(By::Server, |out, summary| {
        StatsJson::new(out).finish(summary).expect("memory takes it");
    });
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let named = |list: &str, key: &str| {
        let items = json[list].as_array().expect("a list");
        let found = items.iter().find(|item| item[key] == "192.0.2.82:8080").expect("the server");
        found["name"].clone()
    };
    assert_eq!(named("groups", "key"), "files.example");
    assert_eq!(named("findings", "host"), "files.example");
    let validator = jsonschema::validator_for(&crate::json_schema()).expect("it is a schema");
    assert!(validator.is_valid(&json), "{json}");
}
