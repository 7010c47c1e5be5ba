use serde_json::{Value, json};

use handshake::{Counters, Traffic, Undecoded};
use hostnames::EndNames;
use parser::Other;

use crate::{Damaged, Json, JsonLines, Record, Records, Summary, View, fixture};

/// What a view writes for these attempts.
fn written<'o>(mut view: impl View + 'o, handshakes: &[handshake::Handshake]) {
    let names = fixture::names();
    for handshake in handshakes {
        let patterns = handshake::recognise(handshake);
        let record = Record {
            handshake,
            patterns: &patterns,
            calls: &[],
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        };
        view.handshake(&record).expect("memory takes it");
    }
    view.finish(&summary()).expect("memory takes it");
}

fn lines(handshakes: &[handshake::Handshake]) -> Vec<Value> {
    let mut out = Vec::new();
    written(JsonLines::new(&mut out, Records::default()), handshakes);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

fn summary() -> Summary {
    Summary {
        answers: None,
        counters: Counters {
            tcp_segments: 11,
            outcomes: [1, 2, 3, 4, 5, 6, 7, 8],
            outside_handshake: 3,
            odd_segments: 1,
            client_heard: 7,
            server_heard: 0,
            beyond_syn: 1,
            evicted: [0, 0, 0, 0, 0, 4, 0, 0],
        },
        files: 1,
        traffic: Traffic {
            frames: 12,
            bytes: 1_234,
            first: Some(parser::Timestamp::from_nanos(fixture::START)),
            last: None,
            icmp_errors: 0,
            without_tcp: fixture::tally(&[(Other::Ip(17), 2), (Other::EtherType(0x0806), 1)]),
            undecoded: vec![Undecoded { layer: "ipv4", reason: "truncated", count: 1 }],
        },
        shown: Some(9),
        patterns: Some([("three_way", 1)].into()),
        kernel_dropped: None,
        damaged: vec![Damaged {
            source: "a\u{202e}.pcap".to_owned(),
            offset: 40,
            frames: 0,
            reason: "the record claims 4294967295 bytes".to_owned(),
        }],
    }
}

fn summary_json() -> Value {
    json!({
        "type": "summary", "schema": 1, "files": 1, "frames": 12, "bytes": 1_234,
        "tcp_segments": 11, "first": "2026-11-22T07:00:00.123456789Z", "last": null,
        "handshakes": {
            "established": 1, "established_client_only": 2, "refused": 3, "reset": 4,
            "unreachable": 5, "unanswered": 6, "unacknowledged": 7, "in_progress": 8
        },
        "shown": 9, "patterns": {"three_way": 1}, "outside_handshake": 3, "odd_segments": 1,
        "one_direction": "client", "syn_only": false,
        "without_tcp": [{"protocol": "udp", "count": 2}, {"protocol": "arp", "count": 1}],
        "undecoded": [{"layer": "ipv4", "reason": "truncated", "count": 1}],
        "evicted": {"unanswered": 4}, "kernel_dropped": null,
        "damaged": [{"source": "a\u{202e}.pcap", "offset": 40, "frames": 0,
                     "reason": "the record claims 4294967295 bytes"}]
    })
}

/// The patterns of a record as JSON.
fn patterns_json(handshake: &handshake::Handshake) -> Value {
    let json = |pattern: &handshake::Pattern| {
        json!({
            "name": pattern.name.name(), "frames": pattern.frames, "note": pattern.note.to_string()
        })
    };
    handshake::recognise(handshake).iter().map(json).collect()
}

#[test]
fn an_ordinary_handshake_in_full() {
    let mut line = lines(&[fixture::record("established")]).swap_remove(0);
    let segments = line["segments"].take();
    assert_eq!(line["patterns"].take(), patterns_json(&fixture::record("established")));
    let expected = json!({
        "type": "handshake", "schema": 1, "id": 1,
        "uid": "01568e16f0a7b9b07c45863ee46e48c6",
        "community_id": "1:9tThhgUlYToyX+EsmKJ5b+N7RH8=",
        "previous_id": null, "previous_ended_ns_ago": null,
        "source": "captures/three-way.pcap", "interface": "lo",
        "client": {"addr": "127.0.0.1", "port": 43_210},
        "server": {"addr": "127.0.0.1", "port": 8_080},
        "answered_by": null, "encapsulations": [],
        "outcome": "established", "ended_by": "segment", "reset_by": null,
        "syn_captured": true, "syn_ack_captured": true, "ack_captured": true,
        "client_state": "ESTABLISHED", "server_state": "ESTABLISHED",
        "client_isn": 305_419_896, "server_isn": 2_596_069_104_u32,
        "start": "2026-11-22T07:00:00.123456789Z",
        "timing": {
            "start_ns": 1_795_330_800_123_456_789_i64,
            "total_ns": 61_000, "total_range_ns": null,
            "retry_wait_ns": 0, "retry_wait_range_ns": null,
            "server_rtt_ns": 29_000, "server_rtt_range_ns": null,
            "syn_ack_wait_ns": 0, "syn_ack_wait_range_ns": null,
            "client_rtt_ns": 32_000, "client_rtt_range_ns": null, "failed_after_ns": null,
            "wireshark_irtt_ns": 61_000, "clock_went_back": null
        },
        "syn_retransmissions": 0, "syn_ack_retransmissions": 0,
        "patterns": null,
        "negotiated": {
            "mss": {"client": 65_495, "server": 65_495},
            "window_scale": {"client": 7, "server": 7},
            "sack": true, "sack_offered": {"client": true, "server": true},
            "timestamps": true, "timestamps_offered": {"client": true, "server": true},
            "ecn": "none", "fast_open": "none", "mptcp": "none"
        },
        "icmp": null, "confirmed_frame": 4,
        "wireshark_filter": "ip.addr == 127.0.0.1 && tcp.port == 43210 && tcp.port == 8080 && \
                             frame.number in {1, 2, 3, 4}",
        "context": {
            "others_answered_frame": null, "others_answered_same_host": null,
            "client_completed_frame": null, "server_syn_ack_ttl": 64, "targets_of_client": 1,
            "pending_at_server": 1, "capture_lost_packets": false
        },
        "segments": null, "segments_omitted": 0
    });
    assert_eq!(line, expected);
    assert_eq!(segments, ordinary_segments());
}

#[test]
fn what_other_programs_print_is_there_on_request() {
    let mut out = Vec::new();
    let records = Records { compare: true, ..Records::default() };
    let handshakes = ["established", "established-v6", "unanswered"].map(fixture::record);
    written(JsonLines::new(&mut out, records), &handshakes);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let compare = |line: &str| -> Value {
        serde_json::from_str::<Value>(line).expect("JSON")["compare"].take()
    };
    let printed: Vec<_> = text.lines().take(3).map(compare).collect();
    let expected = |completeness, flags, irtt: Option<i64>, state, history| {
        json!({
            "wireshark_completeness": completeness, "wireshark_completeness_flags": flags,
            "wireshark_irtt_ns": irtt, "zeek_conn_state": state, "zeek_history": history
        })
    };
    assert_eq!(
        printed,
        [
            expected(7, "···ASS", Some(61_000), "S1", "ShA"),
            expected(7, "···ASS", Some(61_000), "S1", "ShA"),
            expected(1, "·····S", None, "S0", "S"),
        ]
    );
}

/// The segments of an ordinary handshake.
fn ordinary_segments() -> Value {
    json!([
        {"frame": 1, "offset_ns": 0, "from": "client", "kind": "syn", "flags": ["SYN"],
         "seq": 305_419_896, "ack": null, "seq_relative": 0, "ack_relative": null, "len": 0,
         "window": 65_495, "ttl": 64, "ip_id": 4_660, "checksum": "partial",
         "options": [
             {"kind": 2, "name": "mss", "value": 65_495}, {"kind": 4, "name": "sack_permitted"},
             {"kind": 8, "name": "timestamps", "value": {"tsval": 1, "tsecr": 0}},
             {"kind": 1, "name": "nop"}, {"kind": 3, "name": "window_scale", "value": 7}],
         "verdict": "advanced", "note": null,
         "client_state": "SYN-SENT", "server_state": "SYN-RECEIVED"},
        {"frame": 2, "offset_ns": 29_000, "from": "server", "kind": "syn_ack",
         "flags": ["SYN", "ACK"], "seq": 2_596_069_104_u32, "ack": 305_419_897,
         "seq_relative": 0, "ack_relative": 1, "len": 0, "window": 65_495, "ttl": 64, "ip_id": 0,
         "checksum": "partial",
         "options": [
             {"kind": 2, "name": "mss", "value": 65_495}, {"kind": 4, "name": "sack_permitted"},
             {"kind": 8, "name": "timestamps", "value": {"tsval": 9, "tsecr": 1}},
             {"kind": 1, "name": "nop"}, {"kind": 3, "name": "window_scale", "value": 7}],
         "verdict": "advanced", "note": "ack = J+1 ok",
         "client_state": "ESTABLISHED", "server_state": "SYN-RECEIVED"},
        {"frame": 3, "offset_ns": 61_000, "from": "client", "kind": "ack", "flags": ["ACK"],
         "seq": 305_419_897, "ack": 2_596_069_105_u32, "seq_relative": 1, "ack_relative": 1,
         "len": 0, "window": 512, "ttl": 64, "ip_id": 4_661, "checksum": "partial",
         "options": [
             {"kind": 1, "name": "nop"}, {"kind": 1, "name": "nop"},
             {"kind": 8, "name": "timestamps", "value": {"tsval": 1, "tsecr": 9}}],
         "verdict": "advanced", "note": "ack = K+1 ok",
         "client_state": "ESTABLISHED", "server_state": "ESTABLISHED"},
    ])
}

#[test]
fn fields_come_in_their_documented_order() {
    let mut out = Vec::new();
    written(JsonLines::new(&mut out, Records::default()), &[fixture::record("established")]);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let documented = "
        type schema id previous_id source interface client server encapsulations outcome
        ended_by reset_by syn_captured syn_ack_captured ack_captured client_state
        server_state client_isn server_isn start timing start_ns total_ns total_range_ns
        retry_wait_ns retry_wait_range_ns server_rtt_ns server_rtt_range_ns
        syn_ack_wait_ns syn_ack_wait_range_ns client_rtt_ns client_rtt_range_ns
        failed_after_ns wireshark_irtt_ns syn_retransmissions syn_ack_retransmissions
        patterns negotiated mss window_scale sack timestamps ecn fast_open mptcp
        segments frame offset_ns from kind flags seq ack seq_relative ack_relative len
        window ttl ip_id options verdict note";
    let mut rest = text.as_str();
    for field in documented.split_whitespace() {
        let key = format!("\"{field}\":");
        let (_, after) =
            rest.split_once(&key).unwrap_or_else(|| panic!("{field} is not in {rest}"));
        rest = after;
    }
}

#[test]
fn a_wrong_acknowledgment_is_shown_with_its_arithmetic() {
    let line = lines(&[fixture::record("hostile-options")]).swap_remove(0);
    let notes: Vec<_> =
        line["segments"].as_array().expect("an array").iter().map(|s| &s["note"]).collect();
    let expected = json!([
        null,
        "ack is J-4999, expected J+1; challenge ACK: its sender still has an open connection; \
         checksum is 0x2019, expected 0x2119",
        "first fragment, so len is a lower bound",
        "ack is J-1, expected J+1",
        "RST without ACK is ignored in SYN-SENT",
        "ack = J+1 ok",
        "frame 10 captured again, or duplicated on the path",
        "ack = K+1 ok",
    ]);
    assert_eq!(json!(notes), expected);
    assert_eq!(line["previous_id"], 1);
    assert_eq!(line["previous_ended_ns_ago"], 2_501_000_000_u64);
    assert_eq!(line["interface"], Value::Null);
    assert_eq!(line["segments"][1]["ack_relative"], -4_999);
    assert_eq!(line["segments"][1]["checksum"], "bad");
    assert_eq!(line["segments"][3]["source"], "other.pcapng");
    assert_eq!(line["segments"][2].get("source"), None);
}

#[test]
fn a_pattern_has_the_texts_that_differ_from_the_catalogue() {
    let pattern =
        |record: &str| lines(&[fixture::record(record)]).swap_remove(0)["patterns"][0].take();
    let established = pattern("established");
    assert_eq!(established["name"], "three_way");
    assert_eq!(established.get("differs_from"), None, "{established}");
    assert_eq!(established.get("check_next"), None, "{established}");
    let refused = pattern("refused");
    let own = "a firewall that answers in the server's name, which looks the same: no SYN-ACK of \
               this server was captured to compare the hop limit with";
    assert_eq!((&refused["name"], &refused["differs_from"]), (&json!("closed_port"), &json!(own)));
    assert_eq!(refused.get("check_next"), None, "{refused}");
}

#[test]
fn options_keep_order_bytes_and_faults() {
    let line = lines(&[fixture::record("hostile-options")]).swap_remove(0);
    let expected = json!([
        {"kind": 99, "name": null, "hex": "0102"},
        {"kind": 30, "name": "mptcp", "value": {"subtype": 0, "body": "0001"}},
        {"kind": 34, "name": "fast_open", "value": {"cookie": ""}},
        {"kind": 5, "name": "sack", "value": [{"left": 1, "right": 9}]},
    ]);
    assert_eq!(line["segments"][1]["options"], expected);
    let expected = json!([
        {"kind": 2, "name": "mss", "hex": "02090101", "malformed": "length beyond the options"}
    ]);
    assert_eq!(line["segments"][3]["options"], expected);
}

#[test]
fn numbers_at_the_wrap_are_ordinary() {
    let line = lines(&[fixture::record("wrap")]).swap_remove(0);
    let ack = &line["segments"][2];
    assert_eq!((&line["client_isn"], &line["server_isn"]), (&json!(u32::MAX), &json!(u32::MAX)));
    assert_eq!((&ack["seq"], &ack["ack"]), (&json!(0), &json!(0)));
    assert_eq!((&ack["seq_relative"], &ack["ack_relative"]), (&json!(1), &json!(1)));
    assert_eq!(ack["note"], "ack = K+1 ok");
}

#[test]
fn what_was_not_seen_is_null() {
    let line = lines(&[fixture::record("unanswered")]).swap_remove(0);
    assert_eq!(line["server_isn"], Value::Null);
    assert_eq!(line["server_state"], Value::Null);
    assert_eq!(line["timing"]["total_ns"], Value::Null);
    assert_eq!(line["negotiated"]["sack"], Value::Null);
    assert_eq!(line["negotiated"]["sack_offered"], json!({"client": true, "server": null}));
    assert_eq!(line["segments"][3]["note"], "sent again 4 s after frame 3");

    let line = lines(&[fixture::record("syn-not-captured")]).swap_remove(0);
    assert_eq!(line["negotiated"]["timestamps"], Value::Null);
    assert_eq!(line["negotiated"]["timestamps_offered"], json!({"client": null, "server": false}));
    assert_eq!(line["timing"]["retry_wait_ns"], Value::Null);

    let line = lines(&[fixture::record("late-which")]).swap_remove(0);
    assert_eq!(line["timing"]["server_rtt_range_ns"], json!([29_000_000, 3_029_000_000_u64]));
}

#[test]
fn segments_beyond_those_kept_are_counted() {
    let packets = format!("+0 SYN{}", "\n+1 SYN".repeat(60));
    let line = lines(&[fixture::of(&packets)]).swap_remove(0);
    let kept = line["segments"].as_array().expect("an array").len() as u64;
    let omitted = line["segments_omitted"].as_u64().expect("a number");
    assert!(omitted > 0 && kept + omitted == 61, "{kept} {omitted}");
}

#[test]
fn what_one_side_alone_offers_is_not_used() {
    let packets = "
        +0   SYN     <sackOK,TS val 1 ecr 0,wscale 7>
        +9us SYN_ACK <mss 1460>
        +9us ACK     <sack 1:9 4294967290:3>";
    let line = lines(&[fixture::of(packets)]).swap_remove(0);
    for option in ["sack", "timestamps"] {
        assert_eq!(line["negotiated"][option], false, "{option}");
        let offered = &line["negotiated"][format!("{option}_offered")];
        assert_eq!(*offered, json!({"client": true, "server": false}), "{option}");
    }
    let blocks = json!([{"left": 1, "right": 9}, {"left": 4_294_967_290_u32, "right": 3}]);
    assert_eq!(line["segments"][2]["options"][0]["value"], blocks);
}

#[test]
fn an_answer_from_another_address_is_reported() {
    let line = lines(&[fixture::record("other-address")]).swap_remove(0);
    assert_eq!(line["answered_by"], json!({"addr": "192.0.2.9", "port": 8_080}));
}

#[test]
fn an_icmp_error_is_shown_with_its_reporter() {
    let line = lines(&[fixture::record("unreachable")]).swap_remove(0);
    let error = json!({
        "family": "icmp", "type": 3, "code": 1, "name": "host unreachable",
        "sender": "192.0.2.254", "mtu": null
    });
    let report = &line["segments"][1];
    assert_eq!(report["icmp"], error);
    assert_eq!(report["from"], "network");
    assert_eq!(report["window"], Value::Null);
    assert_eq!(report["seq_relative"], 0);
    assert_eq!(report["note"], "host unreachable, reported by 192.0.2.254");
    assert_eq!(line["icmp"]["frame"], 2);
    assert_eq!(line["segments"][0].get("icmp"), None);
}

#[test]
fn tunnels_are_listed_without_their_end_points() {
    let line = lines(&[fixture::record("established-v6")]).swap_remove(0);
    assert_eq!(line["encapsulations"], json!([["vxlan 42", "vlan 100"]]));
    assert_eq!(line["client"], json!({"addr": "2001:db8::10", "port": 50_000}));
    assert_eq!(line["segments"][0]["ip_id"], Value::Null);
    assert_eq!(line["segments"][0].get("encapsulation"), None);
}

#[test]
fn a_segment_in_another_tunnel_names_it() {
    let line = lines(&[fixture::record("two-vlans")]).swap_remove(0);
    assert_eq!(line["encapsulations"], json!([["vlan 300"], ["vlan 50"]]));
    let places = |one: &Value| one.get("encapsulation").and_then(Value::as_u64);
    let places: Vec<_> =
        line["segments"].as_array().expect("an array").iter().map(places).collect();
    assert_eq!(places, [None, Some(1), Some(1), None, None, Some(1)]);
}

#[test]
fn records_without_segments_are_the_same_otherwise() {
    let handshakes = [fixture::record("established"), fixture::record("unanswered")];
    let lean = |full: &Value| {
        let mut full = full.clone();
        full.as_object_mut().expect("an object").remove("segments");
        full
    };
    let expected: Vec<_> = lines(&handshakes).iter().map(lean).collect();
    let mut out = Vec::new();
    written(
        JsonLines::new(&mut out, Records { segments: false, ..Records::default() }),
        &handshakes,
    );
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let shown = text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON"));
    assert_eq!(shown.collect::<Vec<Value>>(), expected);
    assert_eq!(expected[0]["segments_omitted"], 0);
    let validator = jsonschema::validator_for(&crate::json_schema()).expect("it is a schema");
    assert!(expected.iter().all(|line| validator.is_valid(line)));
}

/// The totals as a document has them, where nothing is to be known.
fn with_findings(totals: &Value) -> Value {
    let mut totals = totals.clone();
    totals["findings"] = json!([]);
    totals
}

#[test]
fn the_document_holds_the_same_objects_as_the_lines() {
    let handshakes = [fixture::record("established"), fixture::record("refused")];
    let mut out = Vec::new();
    written(Json::new(&mut out, Records::default()), &handshakes);
    let document: Value = serde_json::from_slice(&out).expect("a JSON document");
    let [first, second, totals] = &lines(&handshakes)[..] else { panic!("three lines") };
    assert_eq!(*totals, summary_json());
    let totals = with_findings(totals);
    let expected = json!({"schema": 1, "handshakes": [first, second], "summary": totals});
    assert_eq!(document, expected);
}

#[test]
fn a_document_without_attempts_is_one_too() {
    let mut out = Vec::new();
    written(Json::new(&mut out, Records::default()), &[]);
    let document: Value = serde_json::from_slice(&out).expect("a JSON document");
    let totals = with_findings(&summary_json());
    assert_eq!(document, json!({"schema": 1, "handshakes": [], "summary": totals}));
}

#[test]
fn names_reach_the_reader_exactly_and_the_terminal_harmlessly() {
    let name = "a\x1b[2J\u{9b}\u{202e}\u{e0041}\"\\\n\u{7f}ü.pcap";
    let mut names = parser::Names::default();
    names.add_source(name);
    let handshake = fixture::record("established");
    let mut out = Vec::new();
    let record = Record {
        handshake: &handshake,
        patterns: &[],
        calls: &[],
        names: &names,
        end_names: EndNames::default(),
        capture_start: None,
    };
    JsonLines::new(&mut out, Records::default()).handshake(&record).expect("memory takes it");
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    assert!(!text.trim_end().contains(crate::text::is_unsafe), "{text}");
    assert!(text.contains(r"\u009b\u202e\udb40\udc41"), "{text}");
    let line: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(line["source"], name);
}
