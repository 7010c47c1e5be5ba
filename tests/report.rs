//! `synscope report`: a page for a browser.

use std::fs;

use serde_json::Value;

use crate::scripts::THREE_FATES;
use crate::util::Dir;

/// The rows of the list in a page.
fn rows(page: &str) -> Vec<Value> {
    let (_, data) = page.split_once("id=\"data\">").expect("there are data");
    let (data, _) = data.split_once("</script>").expect("they end");
    let data: Value = serde_json::from_str(data).expect("they are JSON");
    data["rows"].as_array().expect("there are rows").clone()
}

/// The id, the client and the server.
fn shown(row: &Value) -> (u64, &str, &str) {
    let text = |at: usize| row[at].as_str().expect("text");
    (row[0].as_u64().expect("an id"), text(2), text(3))
}

#[test]
fn the_page_lists_what_is_selected_the_worst_first() {
    let dir = Dir::new();
    dir.capture("three.pcap", THREE_FATES);
    let all = dir.synscope(["report", "three.pcap"]).run().code(0).says("");
    let ids: Vec<_> = rows(all.stdout()).iter().map(|row| shown(row).0).collect();
    assert_eq!(ids, [2, 3, 1], "refused, unanswered after one SYN, established");
    assert!(all.stdout().starts_with("<!DOCTYPE html>"), "{all:?}");
    let refused =
        dir.synscope(["report", "--outcome", "refused", "three.pcap"]).run().code(0).says("");
    let rows = rows(refused.stdout());
    let rows: Vec<_> = rows.iter().map(shown).collect();
    assert_eq!(rows, [(2, "192.0.2.1:40002", "192.0.2.2:81")]);
    assert!(refused.stdout().contains("1 of 3 attempts shown, as selected"), "{refused:?}");
}

#[test]
fn the_page_never_takes_the_place_of_its_capture() {
    let dir = Dir::new();
    let capture = dir.capture("three.pcap", THREE_FATES);
    let before = fs::read(&capture).expect("it is there");
    dir.synscope(["report", "three.pcap", "-o", "three.pcap"]).run().code(2).shows("");
    assert_eq!(fs::read(&capture).expect("it is there"), before);
    dir.synscope(["report", "three.pcap", "-o", "page.html"]).run().code(0).says("").shows("");
    let page = fs::read_to_string(dir.path("page.html")).expect("it was written");
    assert!(page.trim_end().ends_with("</body></html>"));
    dir.synscope(["report", "no-such.pcap", "-o", "page.html"]).run().code(2).shows("");
    assert_eq!(fs::read_to_string(dir.path("page.html")).expect("it stays"), page);
}

#[test]
fn the_name_of_a_file_is_text_in_the_page() {
    let dir = Dir::new();
    let name = "<img src=x onerror=alert(1)>.pcap";
    dir.capture(name, THREE_FATES);
    let page = dir.synscope(["report", name]).run().code(0).says("");
    assert!(!page.stdout().contains("<img"), "{page:?}");
    assert!(page.stdout().contains("<h1>&lt;img src=x onerror=alert(1)&gt;.pcap</h1>"), "{page:?}");
}
