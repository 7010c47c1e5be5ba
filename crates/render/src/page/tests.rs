use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use handshake::{Facts, Handshake, Range};
use hostnames::{EndNames, HostName, HostNames, NameSource};
use parser::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Page, PageLimits};
use crate::fixture::{self, golden};
use crate::{Answers, Language, Record, Style, Summary, TimeFormat, View as _};

const STYLE: Style = Style { time: TimeFormat::Utc, ..Style::PLAIN };

/// A page of these attempts, whose names are `names`.
fn page(handshakes: &[Handshake], names: &parser::Names, limits: PageLimits) -> String {
    page_with_names(handshakes, names, EndNames::default(), limits)
}

fn page_with_names(
    handshakes: &[Handshake],
    names: &parser::Names,
    end_names: EndNames<'_>,
    limits: PageLimits,
) -> String {
    let mut out = Vec::new();
    let mut page = Page::new(&mut out, STYLE, limits);
    let mut stats = answers::Stats::new(answers::Question::default());
    let mut summary = Summary { files: 1, ..Summary::default() };
    for handshake in handshakes {
        let patterns = handshake::recognise(handshake);
        stats.add(&Facts::of(handshake, patterns.iter().map(|pattern| pattern.name).collect()));
        summary.counters.outcomes[handshake.outcome as usize] += 1;
        let start = handshake.timing.start;
        summary.traffic.first = summary.traffic.first.or(start);
        summary.traffic.last = summary.traffic.last.max(start);
        let capture_start = handshake.timing.start;
        let record =
            Record { handshake, patterns: &patterns, calls: &[], names, end_names, capture_start };
        page.handshake(&record).expect("memory takes it");
    }
    summary.answers = Some(Box::new(Answers {
        stats,
        whole: None,
        names: names.clone(),
        host_names: HostNames::default(),
    }));
    page.finish(&summary).expect("memory takes it");
    String::from_utf8(out).expect("a page is UTF-8")
}

/// Each script once, as an attempt of its own.
fn attempts() -> Vec<Handshake> {
    let records = fixture::all().into_iter().map(|(_, record)| record);
    (1..).zip(records).map(|(id, record)| Handshake { id, ..record }).collect()
}

fn usual(handshakes: &[Handshake]) -> String {
    page(handshakes, &fixture::names(), PageLimits::DEFAULT)
}

/// What stands between the first `begin` and the next `end`.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

fn data(page: &str) -> Value {
    let data = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    serde_json::from_str(data).expect("the data are JSON")
}

/// The ids in the list, from top to bottom.
fn listed(page: &str) -> Vec<u64> {
    let data = data(page);
    let rows = data["rows"].as_array().expect("there are rows");
    rows.iter().map(|row| row[0].as_u64().expect("an id")).collect()
}

/// The ids of the ladders.
fn drawn(page: &str) -> Vec<u64> {
    let ids = page.split("<script type=\"text/plain\" id=\"ladder-").skip(1);
    ids.map(|rest| rest.split_once('"').expect("it ends").0.parse().expect("an id")).collect()
}

/// The page without its style and its script, one element on a line.
fn content(page: &str) -> String {
    let style = between(page, "<style>", "</style>");
    let script = between(page, "<script>", "</script>");
    let hashes = between(page, "style-src ", "; base-uri");
    let page = page.replace(style, "").replace(script, "").replace(hashes, "");
    page.replace("><", ">\n<").replace("<p", "\n<p")
}

#[test]
fn a_page_is_as_it_was_looked_at() {
    let some = ["refused", "late", "established"].map(fixture::record);
    let some: Vec<_> = (1..).zip(some).map(|(id, record)| Handshake { id, ..record }).collect();
    golden("page.html", &content(&usual(&some)));
}

#[test]
fn the_list_has_the_words_of_the_records() {
    let attempts = attempts();
    let page = usual(&attempts);
    let data = data(&page);
    let mut ids = listed(&page);
    for row in data["rows"].as_array().expect("there are rows") {
        let id = row[0].as_u64().expect("an id");
        let handshake = attempts.iter().find(|it| it.id == id).expect("it is an attempt");
        let outcome = &data["outcomes"][row[4].as_u64().expect("a place") as usize][0];
        assert_eq!(outcome, handshake.outcome.name());
        assert_eq!(row[2], handshake.client.to_string());
        assert_eq!(row[3], handshake.server.to_string());
        assert_eq!(row[8], handshake.syn_retransmissions);
        assert_eq!(row[9], handshake.syn_ack_retransmissions);
        let timing = &handshake.timing;
        let least = |ns: Option<i64>, range: Option<Range>| ns.or(range.map(|range| range.min));
        let total = timing.failed_after_ns.or(least(timing.total_ns, timing.total_range_ns));
        let server_rtt = least(timing.server_rtt_ns, timing.server_rtt_range_ns);
        let client_rtt = least(timing.client_rtt_ns, timing.client_rtt_range_ns);
        let start = timing.start.map(|_| 0);
        let values: Vec<_> = (11..15).map(|at| row[at].as_i64()).collect();
        assert_eq!(values, [start, total, server_rtt, client_rtt]);
        let patterns = row[10].as_array().expect("places").iter();
        let patterns: Vec<_> = patterns
            .map(|at| data["patterns"][at.as_u64().expect("a place") as usize].clone())
            .collect();
        let names: Vec<_> =
            handshake::recognise(handshake).iter().map(|it| it.name.name()).collect();
        assert_eq!(patterns, names);
    }
    assert_eq!(drawn(&page).len(), attempts.len());
    ids.sort_unstable();
    assert_eq!(ids, attempts.iter().map(|it| it.id).collect::<Vec<_>>());
}

/// An attempt that begins then.
fn at(id: u64, attempt: Handshake, after_ms: i64, server_rtt_ns: Option<i64>) -> Handshake {
    let mut attempt = Handshake { id, ..attempt };
    let ns = 1_700_000_000_000_000_000 + after_ms * 1_000_000;
    attempt.timing.start = Some(Timestamp::from_nanos(ns));
    attempt.timing.server_rtt_ns = server_rtt_ns;
    attempt
}

#[test]
fn no_time_is_before_the_capture_or_after_it() {
    let established = || fixture::record("established");
    // In intervals of 64 ms, which begin 39 ms before the first attempt and end after the last one.
    let attempts = [at(1, established(), 103, None), at(2, established(), 3_000, None)];
    let page = usual(&attempts);
    let section = between(&page, "aria-labelledby=\"over-time\">", "</section>");
    assert!(section.contains("In intervals of 64 ms, from 2023-11-14 22:13:20.103 UTC on."));
    let axis = between(section, "<div class=\"axis\" aria-hidden=\"true\">", "</div>");
    assert_eq!(axis, "<span>0 s</span><span>2.9 s</span>");
    let mut begins = section.split("<th scope=\"row\">").skip(1);
    let mut begin = || begins.next().and_then(|rest| rest.split_once('<')).map(|(text, _)| text);
    assert_eq!([begin(), begin(), begin()], [Some("0 s"), Some("2.84 s"), None]);
}

#[test]
fn a_long_time_in_the_list_has_days() {
    let attempt = fixture::record("refused");
    let began = |ns: i64| {
        let start = attempt.timing.start.expect("it has a time").as_nanos();
        let record = Record {
            handshake: &attempt,
            patterns: &[],
            calls: &[],
            names: &fixture::names(),
            end_names: EndNames::default(),
            capture_start: Some(Timestamp::from_nanos(start - ns)),
        };
        let style = Style { time: TimeFormat::Relative, ..STYLE };
        let row = super::row::row(&record, style).expect("memory takes it");
        serde_json::from_str::<Value>(&row).expect("the data are JSON")[1].clone()
    };
    assert_eq!(began(86_399_999_999_000), "86399.999999");
    assert_eq!(began(95_359_307_128_426_000), "1103 d 16:41:47.128426");
}

#[test]
fn over_time_there_is_the_median_the_slowest_and_what_failed() {
    let established = || fixture::record("established");
    let attempts = [
        at(1, established(), 0, Some(20_000)),
        at(2, established(), 0, Some(30_000)),
        at(3, established(), 0, Some(5_000_000)),
        at(4, established(), 2, Some(10_000_000)),
        at(5, fixture::record("refused"), 2, None),
    ];
    let page = usual(&attempts);
    let section = between(&page, "aria-labelledby=\"over-time\">", "</section>");
    let labels: Vec<_> = section.split("role=\"img\" aria-label=\"").skip(1).collect();
    let labels: Vec<_> = labels.iter().map(|rest| rest.split_once('"').unwrap().0).collect();
    assert_eq!(
        labels,
        [
            "server RTT over time: median at most 10 ms, at 2 ms; up to the slowest: 10 ms, at 2 ms",
            "attempts over time: began: at most 3, at 0 s; of these failed: at most 1, at 2 ms",
        ]
    );
    let table = between(section, "<tbody>", "</tbody>");
    let cells: Vec<_> = table.split('<').filter_map(|part| part.split_once('>')).collect();
    let cells: Vec<_> = cells.iter().filter(|(tag, _)| tag.starts_with('t')).collect();
    let cells: Vec<_> =
        cells.iter().map(|(_, text)| *text).filter(|text| !text.is_empty()).collect();
    assert_eq!(
        cells,
        ["0 s", "3", "0", "3", "30 µs", "5 ms", "2 ms", "2", "1", "1", "10 ms", "10 ms"]
    );
}

#[test]
fn what_is_too_much_is_left_out_and_said() {
    let attempts = attempts();
    let limits = PageLimits { rows: 5, ladders: 3, ..PageLimits::DEFAULT };
    let page = page(&attempts, &fixture::names(), limits);
    let failed =
        |id: &u64| attempts.iter().any(|attempt| attempt.id == *id && attempt.outcome.is_failure());
    let listed = listed(&page);
    assert_eq!((listed.len(), listed.iter().all(failed)), (5, true));
    let drawn = drawn(&page);
    assert_eq!((drawn.len(), drawn.iter().all(|id| listed.contains(id))), (3, true));
    let left_out = format!("{} more attempts would make the page too large", attempts.len() - 5);
    assert!(page.contains(&left_out), "{left_out}");
    assert!(
        page.contains("Without a ladder in the page: 2 attempts of the list"),
        "5 in the list, 3 ladders"
    );
    let whole = usual(&attempts);
    assert!(!whole.contains("too large") && !whole.contains("Without a ladder"));
}

#[test]
fn ladders_have_a_bound_in_bytes() {
    let attempts = attempts();
    let ladders = |limits| drawn(&page(&attempts, &fixture::names(), limits)).len();
    let none = PageLimits { drawn: 1_000, ..PageLimits::DEFAULT };
    assert_eq!(ladders(none), 0);
    let some = ladders(PageLimits { drawn: 20_000, ..PageLimits::DEFAULT });
    assert!((1..attempts.len()).contains(&some), "{some}");
    let held = ladders(PageLimits { records: 10_000, ..PageLimits::DEFAULT });
    assert!((1..attempts.len()).contains(&held), "{held}");
}

#[test]
fn a_page_has_ladders_of_what_shows_a_finding() {
    // Ten refused attempts that took longer each time, and one of another server.
    let refused = fixture::record("refused");
    let slower = (1..=10).map(|id| {
        let mut attempt = Handshake { id, ..refused.clone() };
        attempt.timing.failed_after_ns = Some(id.cast_signed() * 1_000_000);
        attempt
    });
    let attempts: Vec<_> = slower.collect();
    let limits = PageLimits { ladders: 3, ..PageLimits::DEFAULT };
    let page = page(&attempts, &fixture::names(), limits);
    let evidence: Vec<_> = page.split("href=\"#attempt-").skip(1).collect();
    let evidence: Vec<u64> =
        evidence.iter().map(|rest| rest.split_once('"').unwrap().0.parse().unwrap()).collect();
    assert_eq!(evidence, [1, 2, 3]);
    let mut drawn = drawn(&page);
    drawn.sort_unstable();
    assert_eq!(drawn, evidence);
    assert_eq!(listed(&page), (1..=10).rev().collect::<Vec<_>>());
}

#[test]
fn what_is_not_in_the_page_is_no_link() {
    let refused = fixture::record("refused");
    let attempts: Vec<_> = (1..=3).map(|id| Handshake { id, ..refused.clone() }).collect();
    let limits = PageLimits { rows: 2, ..PageLimits::DEFAULT };
    let page = page(&attempts, &fixture::names(), limits);
    let evidence = between(&page, "<p class=\"evidence\">", "</p>");
    let links = r##"attempts <a href="#attempt-1">1</a> <a href="#attempt-2">2</a> "##;
    let text = r#"<span class="faint" title="not in this page">3</span>"#;
    assert_eq!(evidence, [links, text].concat());
}

#[test]
fn hosts_have_their_names_in_the_list_and_in_ladders() {
    let server = HostName { name: "www.example.org".into(), source: NameSource::Dns };
    let end_names = EndNames { client: None, server: Some(&server) };
    let refused = [fixture::record("refused")];
    let page = page_with_names(&refused, &fixture::names(), end_names, PageLimits::DEFAULT);
    assert_eq!(data(&page)["rows"][0][3], "www.example.org (127.0.0.1):8080");
    let ladder = between(&page, "id=\"ladder-", "</script>");
    assert!(ladder.contains("www.example.org"), "{ladder}");
}

#[test]
fn long_names_leave_room_for_fewer_attempts() {
    let long = HostName { name: "x".repeat(253).into(), source: NameSource::Dns };
    let end_names = EndNames { client: Some(&long), server: Some(&long) };
    let limits = PageLimits { rows: 12, ..PageLimits::DEFAULT };
    let attempts = attempts();
    let page = page_with_names(&attempts, &fixture::names(), end_names, limits);
    assert_eq!(listed(&page).len(), 4, "each of some 700 bytes, in 12 times 250");
}

#[test]
fn a_hostile_name_is_text() {
    let hostile = "a/</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\
                   \u{1b}[31m\u{202e}&amp;";
    let mut names = parser::Names::default();
    let source = names.add_source(hostile);
    names.add_interface(source, Some(format!("<!--{hostile}")));
    let page = page(&attempts(), &names, PageLimits::DEFAULT);
    let clean = usual(&attempts());
    for element in ["<script", "</script", "<img", "<!--", "alert(1)>", "<title", "<style"] {
        let count = |page: &str| page.matches(element).count();
        assert_eq!(count(&page), count(&clean), "{element}");
    }
    assert_eq!(page.find(['\u{1b}', '\u{202e}']), None);
    assert!(page.contains("<h1>script&gt;"), "the name is shown");
}

#[test]
fn a_page_loads_nothing_and_runs_its_own_script_alone() {
    let page = usual(&attempts());
    for load in
        ["http://", "https://", "src=", "url(", "@import", "<link", "<iframe", "style=\"", " on"]
    {
        let without_text = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        let inside_tags = without_text.split('<').filter_map(|part| part.split_once('>'));
        let found = inside_tags.map(|(tag, _)| tag).find(|tag| tag.contains(load));
        assert_eq!(found, None, "{load}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("<style>").count(), 1);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let hash = |begin, end| STANDARD.encode(Sha256::digest(between(&page, begin, end)));
    let (style, script) = (hash("<style>", "</style>"), hash("<script>", "</script>"));
    let expected = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy, expected);
}

#[test]
fn a_capture_without_attempts_has_a_page() {
    let page = usual(&[]);
    assert_eq!(data(&page)["rows"], Value::Array(Vec::new()));
    assert!(page.contains("no attempts"));
}

#[test]
fn what_is_chinese_in_an_english_page_is_marked() {
    let (handshake, names) = (fixture::record("late"), fixture::names());
    let record = Record {
        handshake: &handshake,
        patterns: &handshake::recognise(&handshake),
        calls: &[],
        names: &names,
        end_names: EndNames::default(),
        capture_start: None,
    };
    let drawn = |language| {
        super::attempt::ladder(&record, Style { unicode: true, language, ..STYLE }).into_string()
    };
    assert!(!drawn(Language::English).contains("lang="));
    let chinese = drawn(Language::Chinese);
    assert!(chinese.contains("<span class=\"plain\">SYN to ACK in "), "{chinese}");
    for part in [
        "<svg xml:space=\"preserve\" lang=",
        "<dl class=\"clocks\" lang=",
        "lang=\"zh-Hans\">下一步检查<",
    ] {
        assert!(chinese.contains(part), "{part}: {chinese}");
    }
}
