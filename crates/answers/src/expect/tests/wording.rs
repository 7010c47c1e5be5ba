//! What is an expectation, and what is said about a text that is none.

use std::collections::BTreeSet;
use std::net::IpAddr;

use handshake::Outcome;
use parser::{Endpoint, Ports, Subnet};
use proptest::prelude::*;

use crate::Quantile;
use crate::expect::{
    Claim, Condition, Expectation, Kind, LONGEST, Measure, Metric, Misunderstood, Operator,
    Repeats, Scope, Share, Statistic,
};

fn parsed(text: &str) -> Expectation {
    text.parse().unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

#[test]
fn an_expectation_has_a_scope_a_claim_and_an_operator() {
    let server = Endpoint { addr: IpAddr::from([10, 0, 0, 5]), port: 443 };
    let net: Subnet = "2001:db8::/32".parse().unwrap();
    let scope = [Condition::ServerAt(server), Condition::Client(net)].into_iter().collect();
    let claim = Claim::Share(Kind::Outcome(Outcome::Established), Share::new(99_500).unwrap());
    assert_eq!(
        parsed("server 10.0.0.5:443 and client 2001:db8::/32: established >= 99.5%"),
        Expectation { scope, claim, operator: Operator::AtLeast }
    );
    let percentile = Statistic::Percentile(Quantile::new(99_900).unwrap());
    let claim = Claim::Duration(percentile, Measure::ServerRtt, 1_500_000_000);
    assert_eq!(
        parsed("p99.9(server_rtt) < 1.5s"),
        Expectation { scope: Scope::default(), claim, operator: Operator::Less }
    );
}

#[test]
fn it_is_displayed_in_one_way_however_it_was_typed() {
    for (typed, displayed) in [
        ("refused==0", "refused == 0"),
        ("\t in-progress\n!= 7 ", "in_progress != 7"),
        ("closed_port<=007", "closed_port <= 7"),
        ("established >= 99.500%", "established >= 99.5%"),
        ("failed > 0.0%", "failed > 0%"),
        ("syn-ack-retransmissions == 3", "syn_ack_retransmissions == 3"),
        ("p050 ( server-rtt )<1500us", "p50(server_rtt) < 1.5ms"),
        ("p99.90(waited) < 2m", "p99.9(waited) < 2m"),
        ("p99(waited) < 50\u{b5}s", "p99(waited) < 50us"),
        ("p99(waited) < 1.5\u{3bc}s", "p99(waited) < 1.5us"),
        ("mean(client_rtt) >= 1h", "mean(client_rtt) >= 1h"),
        ("mean(client_rtt) >= 5400s", "mean(client_rtt) >= 90m"),
        ("mean(client_rtt) >= 1.55m", "mean(client_rtt) >= 93s"),
        ("min(failed_after) == 0s", "min(failed_after) == 0ns"),
        ("max(waited) <= 18446744073.709551615s", "max(waited) <= 18446744073.709551615s"),
        ("server 10.0.0.5:443:refused == 0", "server 10.0.0.5:443: refused == 0"),
        ("server 10.0.0.5:refused == 0", "server 10.0.0.5: refused == 0"),
        ("server 10.0.0.5/32:443: refused == 0", "server 10.0.0.5:443: refused == 0"),
        ("server 10.0.0.5/8 : refused == 0", "server 10.0.0.5/8: refused == 0"),
        ("server [2001:db8::1]:443: refused == 0", "server [2001:db8::1]:443: refused == 0"),
        ("server [2001:DB8::1]: refused == 0", "server 2001:db8::1: refused == 0"),
        ("server [::1:8080]: refused == 0", "server [::1:8080]: refused == 0"),
        ("server ::1:8080/128: refused == 0", "server [::1:8080]: refused == 0"),
        ("server ::1:8080/112: refused == 0", "server ::1:8080/112: refused == 0"),
        ("server 1:2:3:4:5:6:7:80: refused == 0", "server 1:2:3:4:5:6:7:80: refused == 0"),
        ("server 2001:db8::1: refused == 0", "server 2001:db8::1: refused == 0"),
        ("client [::1:8080]: refused == 0", "client [::1:8080]: refused == 0"),
        ("host [2001:db8::1]: refused == 0", "host 2001:db8::1: refused == 0"),
        ("host ::1:8080/128: refused == 0", "host [::1:8080]: refused == 0"),
        ("client 2001:db8:::refused == 0", "client 2001:db8::: refused == 0"),
        ("host ::/0 and port 80: refused == 0", "host ::/0 and port 80: refused == 0"),
        ("port 443,8000-8100:refused == 0", "port 443,8000-8100: refused == 0"),
        ("port 80-80 : refused == 0", "port 80: refused == 0"),
        ("host ::ffff:192.0.2.1: reset == 0", "host ::ffff:192.0.2.1: reset == 0"),
    ] {
        assert_eq!(parsed(typed).to_string(), displayed, "{typed}");
        assert_eq!(parsed(displayed), parsed(typed));
    }
}

const METRIC: &str = "expected a metric: `attempts`, `failed`, `retried`, `established`, \
    `established_client_only`, `refused`, `reset`, `unreachable`, `unanswered`, `unacknowledged`, \
    `in_progress`, `syn_retransmissions`, `syn_ack_retransmissions`, a pattern (`synscope patterns` \
    lists them) or a statistic such as `p99(server_rtt)`";
const OPERATOR: &str = "expected `==`, `!=`, `<`, `<=`, `>` or `>=`";
const COUNT: &str = "expected a count such as 5, or a share of the attempts such as 99%";
const WHOLE: &str = "expected a whole number, at most 18446744073709551615";
const SHARE: &str = "expected a share from 0% to 100%, with at most three decimals";
const SEGMENTS: &str = "expected a whole number of segments: they have no share and no unit";
const STATISTIC: &str = "expected `(` and a duration, as in `p99(server_rtt)`";
const MEASURE: &str = "expected `server_rtt`, `client_rtt`, `waited` or `failed_after`";
const BEHIND_MEASURE: &str = "expected `)` behind the duration";
const PERCENTILE: &str = "expected a percentile from p0 to p100, with at most three decimals";
const DURATION: &str = "expected a duration with its unit: 50ms, 1.5s, 200us, 3ns, 2m or 1h";
const NANOSECONDS: &str = "expected whole nanoseconds, and less than 500 years";
const END: &str = "expected the end: one expectation holds one comparison";
const ADDRESS: &str = "expected an address (192.0.2.1, 2001:db8::1) or a network (10.0.0.0/8); \
    names are not resolved";
const BRACKETS: &str = "expected an IPv6 address in brackets: [2001:db8::1]";
const COLON: &str = "expected `and` with another condition, or `:`, a space and a metric";
const CONDITION: &str = "expected `server`, `client`, `host` or `port`";
const PORT: &str = "expected a port from 0 to 65535";
const PORTS: &str =
    "expected a port from 0 to 65535, or a range of them, the least first (8000-8100)";
const NO_PORT: &str = "expected no port behind it: add `and port` with the number";

/// A text that is no expectation, a text as long as what is right of it, and what is said.
const WRONG: [(&str, &str, &str); 80] = [
    ("", "", METRIC),
    ("  ", "  ", METRIC),
    ("refusd == 0", "", "expected a metric: is it `refused`?"),
    ("Refused == 0", "", "expected a metric: is it `refused`?"),
    ("REFUSED == 0", "", "expected a metric: is it `refused`?"),
    ("SYN-Retransmissions == 0", "", "expected a metric: is it `syn_retransmissions`?"),
    ("median(server_rtt) < 5ms", "", "expected a statistic: is it `p50`?"),
    ("avg(server_rtt) < 5ms", "", "expected a statistic: is it `mean`?"),
    ("Average(server_rtt) < 5ms", "", "expected a statistic: is it `mean`?"),
    ("P99.9(server_rtt) < 5ms", "", "expected a statistic: is it `p99.9`?"),
    ("MAX(server_rtt) < 5ms", "", "expected a statistic: is it `max`?"),
    (
        "synretransmissions == 0",
        "",
        "expected a metric: is it `syn_retransmissions` or `syn_ack_retransmissions`?",
    ),
    ("connected == 0", "", METRIC),
    ("réfused == 0", "", METRIC),
    ("中 == 1", "", METRIC),
    ("server_rtt < 5ms", "", "expected a statistic, as in `p99(server_rtt)`"),
    ("failed-after < 5ms", "", "expected a statistic, as in `p99(failed_after)`"),
    ("port 443: waited < 5ms", "port 443: ", "expected a statistic, as in `p99(waited)`"),
    ("refused", "refused", OPERATOR),
    ("refused = 0", "refused ", "expected `==`, `!=`, `<`, `<=`, `>` or `>=`: is it `==`?"),
    ("refused => 0", "refused ", "expected `==`, `!=`, `<`, `<=`, `>` or `>=`: is it `>=`?"),
    ("refused =< 0", "refused ", "expected `==`, `!=`, `<`, `<=`, `>` or `>=`: is it `<=`?"),
    ("refused <> 0", "refused ", "expected `==`, `!=`, `<`, `<=`, `>` or `>=`: is it `!=`?"),
    ("refused === 0", "refused ", OPERATOR),
    ("refused ≥ 0", "refused ", OPERATOR),
    ("p99(waited) ~ 1s", "p99(waited) ", OPERATOR),
    ("refused == ", "refused == ", COUNT),
    ("refused == x", "refused == ", COUNT),
    ("refused == -1", "refused == ", COUNT),
    ("refused == 5ms", "refused == 5", COUNT),
    ("refused == 5.5", "refused == ", WHOLE),
    ("refused == 18446744073709551616", "refused == ", WHOLE),
    ("refused == 100.001%", "refused == ", SHARE),
    ("refused == 99.9999%", "refused == ", SHARE),
    ("refused == 99999999999999999999%", "refused == ", SHARE),
    ("syn_retransmissions < 5%", "syn_retransmissions < 5", SEGMENTS),
    ("syn_retransmissions < 5s", "syn_retransmissions < 5", SEGMENTS),
    ("syn_retransmissions < x", "syn_retransmissions < ", SEGMENTS),
    ("syn_ack_retransmissions < 0.5", "syn_ack_retransmissions < ", WHOLE),
    ("p99 < 5ms", "p99 ", STATISTIC),
    ("max", "max", STATISTIC),
    ("p99(", "p99(", MEASURE),
    ("min(total) < 5ms", "min(", MEASURE),
    ("mean(server_rtt < 5ms", "mean(server_rtt ", BEHIND_MEASURE),
    ("p101(server_rtt) < 5ms", "", PERCENTILE),
    ("p99.9999(server_rtt) < 5ms", "", PERCENTILE),
    ("port 80: p1x(waited) < 5ms", "port 80: ", PERCENTILE),
    ("p99(waited) < 50", "p99(waited) < 50", DURATION),
    ("p99(waited) < 50%", "p99(waited) < 50", DURATION),
    ("p99(waited) < 50 ms", "p99(waited) < 50", DURATION),
    ("p99(waited) < 50d", "p99(waited) < 50", DURATION),
    ("p99(waited) < ms", "p99(waited) < ", DURATION),
    ("p99(waited) < 0.5ns", "p99(waited) < ", NANOSECONDS),
    ("p99(waited) < 9999999999h", "p99(waited) < ", NANOSECONDS),
    ("refused == 5 6", "refused == 5 ", END),
    ("refused == 5, failed == 1", "refused == 5", END),
    ("refused == 0 # none", "refused == 0 ", END),
    ("server", "server", ADDRESS),
    ("server example.org: failed == 0", "server ", ADDRESS),
    ("client 10.0.0: failed == 0", "client ", ADDRESS),
    (
        "host 10.0.0.0/33: failed == 0",
        "host 10.0.0.0/",
        "expected a prefix length from 0 to 32 after the slash",
    ),
    (
        "host ::1/: failed == 0",
        "host ::1/",
        "expected a prefix length from 0 to 128 after the slash",
    ),
    ("server [10.0.0.1]:80: failed == 0", "server [", BRACKETS),
    ("server [::1", "server [::1", "expected `]` behind the IPv6 address"),
    (
        "server ::1:8080: failed == 0",
        "server ",
        "expected brackets around an IPv6 address: `[::1]:8080` with a port, `[::1:8080]` without",
    ),
    (
        "port 1 and server 1:2:3:4:5:6:7:8:80: failed == 0",
        "port 1 and server ",
        "expected brackets around an IPv6 address: `[1:2:3:4:5:6:7:8]:80`",
    ),
    ("server 10.0.0.1:65536: failed == 0", "server 10.0.0.1:", PORT),
    ("port http: failed == 0", "port ", PORTS),
    ("port : failed == 0", "port ", PORTS),
    ("port 80,: failed == 0", "port 80,", PORTS),
    ("port 80,90-80: failed == 0", "port 80,", PORTS),
    ("server 10.0.0.0/8:80: failed == 0", "server 10.0.0.0/8", NO_PORT),
    ("client 10.0.0.1:80: failed == 0", "client 10.0.0.1", NO_PORT),
    ("host [::1]:443: failed == 0", "host [::1]", NO_PORT),
    ("client [::1]:443: failed == 0", "client [::1]", NO_PORT),
    ("host [10.0.0.1]: failed == 0", "host [", BRACKETS),
    (
        "client 2001:db8::1:443: failed == 0",
        "client ",
        "expected brackets around an IPv6 address that seems to end in a port: [2001:db8::1:443]; a port \
         is a condition of its own",
    ),
    (
        "port 1 and host 1:2:3:4:5:6:7:8:80: failed == 0",
        "port 1 and host ",
        "expected an address without a port: a port is a condition of its own",
    ),
    ("server ::1:failed == 0", "server ::1:fa", COLON),
    ("port 80 and failed == 0", "port 80 and ", CONDITION),
];

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, right, expected) in WRONG {
        let expected = Misunderstood { at: right.len(), expected: expected.to_owned() };
        assert_eq!(text.parse::<Expectation>(), Err(expected), "{text}");
    }
}

#[test]
fn a_reader_may_know_the_names_of_ports() {
    let read = |text: &str| match text {
        "web" => Ok(Ports::from(80)),
        _ => Err(format!("{text} is unknown")),
    };
    let known = Expectation::read("port web,web: failed == 0", read).map(|it| it.to_string());
    assert_eq!(known, Ok("port 80,80: failed == 0".to_owned()));
    let unknown = Expectation::read("client ::1 and port web,x-y: failed == 0", read);
    let at = "client ::1 and port web,".len();
    assert_eq!(unknown, Err(Misunderstood { at, expected: "x-y is unknown".to_owned() }));
}

#[test]
fn a_text_has_a_longest_length() {
    let of = |length: usize| format!("refused == 0{}", " ".repeat(length - "refused == 0".len()));
    assert_eq!(parsed(&of(LONGEST)), parsed("refused == 0"));
    let expected = "expected at most 1000 bytes; write several expectations".to_owned();
    let too_long = |at| Err(Misunderstood { at, expected: expected.clone() });
    assert_eq!(of(LONGEST + 1).parse::<Expectation>(), too_long(LONGEST));
    assert_eq!("é".repeat(LONGEST).parse::<Expectation>(), too_long(LONGEST));
    assert_eq!("中".repeat(LONGEST).parse::<Expectation>(), too_long(LONGEST - 1));
}

/// The words in the grammar of the manual, by rule.
fn documented(rules: &[&str]) -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/assert.md");
    let text = std::fs::read_to_string(path).expect("the document is there");
    let grammar = text.split_once("```ebnf\n").and_then(|(_, rest)| rest.split_once("```"));
    let rule =
        |rule: &str| rule.split_once('=').map(|(name, it)| (name.trim().to_owned(), it.to_owned()));
    let all: Vec<_> = grammar.expect("a grammar").0.split(" ;").filter_map(rule).collect();
    let of_rule = |name: &&str| {
        let (_, rule) = all.iter().find(|(rule, _)| rule.ends_with(*name)).expect(name);
        rule.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    rules.iter().flat_map(of_rule).collect()
}

#[test]
fn the_grammar_of_the_manual_has_the_words_of_the_parser() {
    let set = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<BTreeSet<_>>();
    let is_pattern = |metric: &Metric| matches!(metric, Metric::Attempts(Kind::Pattern(_)));
    let words = Metric::words().filter(|metric| !is_pattern(metric));
    let words: BTreeSet<_> = words.map(|metric| metric.to_string()).collect();
    assert_eq!(documented(&["attempts", "outcome", "segments"]), words);
    assert_eq!(documented(&["outcome"]), set(&Outcome::NAMES));
    assert_eq!(documented(&["duration"]), set(&Measure::NAMES));
    assert_eq!(documented(&["operator"]), set(&Operator::NAMES));
    for unit in documented(&["unit"]) {
        parsed(&format!("max(waited) == 1{unit}"));
    }
    for statistic in documented(&["statistic"]) {
        let number = if statistic == "p" { "50" } else { "" };
        parsed(&format!("{statistic}{number}(waited) == 1s"));
    }
    for keyword in documented(&["condition"]).iter().filter(|word| *word != ":") {
        let value = if keyword == "port" { "1" } else { "::1" };
        parsed(&format!("{keyword} {value}: failed == 0"));
    }
    assert_eq!(documented(&["condition"]).len(), 5);
    assert_eq!([documented(&["unit"]).len(), documented(&["statistic"]).len()], [7, 4]);
}

#[test]
fn every_word_is_one_metric() {
    let words: Vec<_> = Metric::words().map(|metric| metric.to_string()).collect();
    assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    for word in words {
        assert_eq!(parsed(&format!("{word} == 1")).claim.metric().to_string(), word);
    }
}

fn addr() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from),
        // Addresses with long runs of zeros.
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| IpAddr::from([a, 0, 0, 0, 0, 0, 0, b])),
        // Addresses that end as if in a port.
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| IpAddr::from([a, 0, 0, 0, 0, 0, 1, b])),
    ]
}

fn net() -> impl Strategy<Value = Subnet> {
    (addr(), 0_u8..=128).prop_map(|(addr, prefix)| Subnet::new(addr, prefix).unwrap_or(addr.into()))
}

fn ports() -> impl Strategy<Value = Ports> {
    (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Ports::new(a.min(b), a.max(b)).unwrap())
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        net().prop_map(Condition::Server),
        (addr(), any::<u16>())
            .prop_map(|(addr, port)| Condition::ServerAt(Endpoint { addr, port })),
        net().prop_map(Condition::Client),
        net().prop_map(Condition::Host),
        prop::collection::vec(ports(), 1..3).prop_map(Condition::Port),
    ]
}

fn claim() -> impl Strategy<Value = Claim> {
    let kind = prop::sample::select(Kind::all().collect::<Vec<_>>());
    let share = (0..=100_000_u32).prop_map(|share| Share::new(share).unwrap());
    let quantile = (0..=100_000_u32).prop_map(|share| Quantile::new(share).unwrap());
    let statistic = prop_oneof![
        quantile.prop_map(Statistic::Percentile),
        prop::sample::select(vec![Statistic::Min, Statistic::Mean, Statistic::Max]),
    ];
    let ns = (any::<u64>(), 0..64_u32).prop_map(|(ns, bits)| ns >> bits);
    let measure = prop::sample::select(Measure::ALL.to_vec());
    prop_oneof![
        (kind.clone(), any::<u64>()).prop_map(|(kind, count)| Claim::Count(kind, count)),
        (kind, share).prop_map(|(kind, share)| Claim::Share(kind, share)),
        (prop::sample::select(Repeats::ALL.to_vec()), any::<u64>())
            .prop_map(|(repeats, count)| Claim::Repeats(repeats, count)),
        (statistic, measure, ns)
            .prop_map(|(statistic, measure, ns)| Claim::Duration(statistic, measure, ns)),
    ]
}

proptest! {
    #[test]
    fn what_is_displayed_is_parsed_back(
        conditions in prop::collection::vec(condition(), 0..4),
        claim in claim(),
        operator in prop::sample::select(Operator::ALL.to_vec()),
    ) {
        let scope = conditions.into_iter().collect();
        let expectation = Expectation { scope, claim, operator };
        prop_assert_eq!(parsed(&expectation.to_string()), expectation);
    }

    #[test]
    fn any_text_is_parsed_or_told_a_place_in_it(
        words in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "server ", "client ", "host ", "port ", "and ", ":", "::", "[", "]", "10.0.0.1", "/",
                    "2001:db8::1", "443", "p99", "(", ")", "server_rtt", "refused", "==", "<", "%", "ms",
                    ".", " ",
                ]).prop_map(str::to_owned),
                any::<String>(),
            ],
            0..12,
        ),
    ) {
        let text = words.concat();
        match text.parse::<Expectation>() {
            Ok(expectation) => prop_assert_eq!(parsed(&expectation.to_string()), expectation),
            Err(Misunderstood { at, expected }) => {
                prop_assert!(text.is_char_boundary(at), "{at}");
                prop_assert!(expected.starts_with("expected "), "{expected:?}");
            }
        }
    }
}
