//! What is found in each bundled capture, as people read it. `SYNSCOPE_WRITE_FINDINGS=1` writes it anew.

use std::fs;
use std::path::Path;

use super::{all, captures};
use crate::util::Dir;

/// The findings in a capture: a line each, with the attempts that show it.
fn findings(name: &str) -> String {
    let path = captures().join(name);
    let args = ["stats".as_ref(), "--format".as_ref(), "json".as_ref(), path.as_os_str()];
    let run = Dir::new().synscope(args).run().code(0).says("");
    let told: serde_json::Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let findings = told["findings"].as_array().expect("a list");
    let line = |finding: &serde_json::Value| {
        let evidence = finding["evidence"].to_string();
        let text = finding["text"].as_str().expect("a sentence");
        format!("  {text} {evidence}\n")
    };
    findings.iter().map(line).collect::<Vec<_>>().concat()
}

#[test]
fn each_capture_has_its_findings() {
    let told: Vec<_> = all().iter().map(|name| format!("{name}\n{}", findings(name))).collect();
    let told = told.concat();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/findings.txt");
    if std::env::var_os("SYNSCOPE_WRITE_FINDINGS").is_some() {
        fs::write(&golden, &told).expect("it can be written");
    }
    let expected = fs::read_to_string(&golden).expect("it is there").replace('\r', "");
    assert_eq!(told, expected, "SYNSCOPE_WRITE_FINDINGS=1 cargo test -p synscope findings");
}

/// What became of a few attempts says nothing of a server.
#[test]
fn attempts_selected_by_their_outcome_change_no_finding() {
    for name in all() {
        let path = captures().join(&name);
        let findings = |selection: &[&str]| {
            let args = ["stats", "-f", "json"].iter().chain(selection).map(AsRef::as_ref);
            let run = Dir::new().synscope(args.chain([path.as_os_str()])).run().code(0);
            let told: serde_json::Value = serde_json::from_str(run.stdout()).expect("it is JSON");
            (told["findings"].clone(), told["all"]["attempts"].clone())
        };
        let (expected, attempts) = findings(&[]);
        let (failed, of_failed) = findings(&["--failed"]);
        assert_eq!(failed, expected, "{name}");
        assert!(of_failed.as_u64() <= attempts.as_u64(), "{name}");
    }
    let path = captures().join("stalled-listener.pcapng");
    let args = ["stats", "-f", "json", "--client", "10.0.0.33"].map(AsRef::as_ref);
    let run = Dir::new().synscope(args.into_iter().chain([path.as_os_str()])).run().code(0);
    let told: serde_json::Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    assert_eq!(told["findings"][0]["kind"], "silent", "the findings are about this client");
}
