//! The language of expectations. `docs/assert.md` has its grammar; each rule is a function here.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use handshake::PatternName;
use parser::{Endpoint, Ports, PortsError, Subnet, SubnetError, seeming_port};
use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{
    alt, cut_err, delimited, dispatch, eof, fail, opt, peek, preceded, repeat, separated,
    terminated,
};
use winnow::error::{AddContext, ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::Stream;
use winnow::token::{take, take_while};

use super::amount::{DURATION, Nanoseconds, NoDuration, Share, scaled};
use super::expectation::{Claim, Expectation, Operator};
use super::metric::{Measure, Metric, Statistic};
use super::scope::{Condition, Scope};
use crate::Quantile;

/// Bytes of the longest text that is read.
pub const LONGEST: usize = 1_000;

/// Why a text is no expectation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct Misunderstood {
    /// The byte at which something else was expected.
    pub at: usize,
    /// What was expected there, and the next step where that is not enough.
    pub expected: String,
}

/// Reads a port or several: a number, a range, or a name where the reader knows some. Its error says
/// what is expected.
pub type PortReader = fn(&str) -> Result<Ports, String>;

impl Expectation {
    /// Reads an expectation whose ports `ports` reads.
    ///
    /// # Errors
    /// Where the text is none.
    pub fn read(text: &str, ports: PortReader) -> Result<Self, Misunderstood> {
        if text.len() > LONGEST {
            let expected = format!("expected at most {LONGEST} bytes; write several expectations");
            let at = (0..=LONGEST).rfind(|&at| text.is_char_boundary(at)).unwrap_or_default();
            return Err(Misunderstood { at, expected });
        }
        let mut expectation = |input: &mut &_| expectation(ports, input);
        expectation.parse(text).map_err(|error| {
            let Wrong { left, expected } = error.into_inner();
            Misunderstood { at: text.len() - left, expected }
        })
    }
}

impl FromStr for Expectation {
    type Err = Misunderstood;

    /// Its ports are numbers and ranges.
    fn from_str(text: &str) -> Result<Self, Misunderstood> {
        Self::read(text, |ports| ports.parse().map_err(|wrong: PortsError| wrong.to_string()))
    }
}

type Parsed<T> = ModalResult<T, Wrong>;

/// What was expected, and how many bytes were left there.
#[derive(Debug)]
struct Wrong {
    left: usize,
    expected: String,
}

impl Wrong {
    /// Something that no other rule can save.
    fn at(input: &str, expected: impl Into<String>) -> ErrMode<Self> {
        ErrMode::Cut(Self { left: input.len(), expected: expected.into() })
    }
}

impl ParserError<&str> for Wrong {
    type Inner = Self;

    fn from_input(input: &&str) -> Self {
        Self { left: input.len(), expected: String::new() }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// The innermost rule that says what it expects is right about it, and about where it begins.
impl<'a> AddContext<&'a str, &'static str> for Wrong {
    fn add_context(
        self,
        input: &&'a str,
        begin: &<&'a str as Stream>::Checkpoint,
        expected: &'static str,
    ) -> Self {
        if !self.expected.is_empty() {
            return self;
        }
        let mut at_begin = *input;
        at_begin.reset(begin);
        Self { left: at_begin.len(), expected: expected.to_owned() }
    }
}

/// What `rule` takes, and the spaces behind it.
fn spaced<'a, T>(
    rule: impl Parser<&'a str, T, ErrMode<Wrong>>,
) -> impl Parser<&'a str, T, ErrMode<Wrong>> {
    terminated(rule, multispace0)
}

fn expectation(ports: PortReader, input: &mut &str) -> Parsed<Expectation> {
    multispace0.parse_next(input)?;
    let scope = opt(|input: &mut &_| scope(ports, input)).parse_next(input)?.unwrap_or_default();
    let metric = spaced(metric).parse_next(input)?;
    let operator = spaced(operator).parse_next(input)?;
    let claim = spaced(|input: &mut &_| claim(metric, input)).parse_next(input)?;
    eof.context("expected the end: one expectation holds one comparison").parse_next(input)?;
    Ok(Expectation { scope, claim, operator })
}

fn scope(ports: PortReader, input: &mut &str) -> Parsed<Scope> {
    let mut condition = |input: &mut &_| condition(ports, input);
    let and = spaced(word.verify(|word: &&str| *word == "and"));
    let another = cut_err(condition.context("expected `server`, `client`, `host` or `port`"));
    let colon =
        spaced(':').context("expected `and` with another condition, or `:`, a space and a metric");
    let first = condition.parse_next(input)?;
    let more: Vec<_> = repeat(0.., preceded(and, another)).parse_next(input)?;
    cut_err(colon).parse_next(input)?;
    Ok([first].into_iter().chain(more).collect())
}

fn condition(ports: PortReader, input: &mut &str) -> Parsed<Condition> {
    let some = |input: &mut &_| some_ports(ports, input);
    spaced(dispatch! { spaced(word);
        "server" => cut_err(server),
        "client" => cut_err(network_alone).map(Condition::Client),
        "host" => cut_err(network_alone).map(Condition::Host),
        "port" => cut_err(separated(1.., some, ',')).map(Condition::Port),
        _ => fail,
    })
    .parse_next(input)
}

fn server(input: &mut &str) -> Parsed<Condition> {
    if let Ok((rest, text)) = ipv6.take().parse_peek(*input)
        && let Some((addr, port)) = seeming_port(text)
        && !rest.starts_with('/')
    {
        let mut expected = format!("expected brackets around an IPv6 address: `[{addr}]:{port}`");
        if text.parse::<Ipv6Addr>().is_ok() {
            let _ = write!(expected, " with a port, `[{text}]` without");
        }
        return Err(Wrong::at(input, expected));
    }
    let net = alt((bracketed, network)).parse_next(input)?;
    if !is_at_port(input) {
        return Ok(Condition::Server(net));
    }
    if !net.is_host() {
        return Err(Wrong::at(input, NO_PORT));
    }
    let port = preceded(':', port).parse_next(input)?;
    Ok(Condition::ServerAt(Endpoint { addr: net.addr(), port }))
}

fn network_alone(input: &mut &str) -> Parsed<Subnet> {
    let net = alt((bracketed, network)).parse_next(input)?;
    if is_at_port(input) { Err(Wrong::at(input, NO_PORT)) } else { Ok(net) }
}

const NO_PORT: &str = "expected no port behind it: add `and port` with the number";

/// Whether a colon and a port come next. Before anything else, a colon ends the scope.
fn is_at_port(input: &str) -> bool {
    input.strip_prefix(':').is_some_and(begins_with_digit)
}

fn bracketed(input: &mut &str) -> Parsed<Subnet> {
    let addr = take_while(0.., |c| c != ']')
        .verify_map(|addr: &str| addr.parse().ok().map(IpAddr::V6))
        .context("expected an IPv6 address in brackets: [2001:db8::1]");
    let end = ']'.context("expected `]` behind the IPv6 address");
    delimited('[', cut_err(addr), cut_err(end)).map(Subnet::from).parse_next(input)
}

fn network(input: &mut &str) -> Parsed<Subnet> {
    let begin = *input;
    let text = (alt((ipv4, ipv6)), opt(('/', digit0))).take().parse_next(input)?;
    text.parse().map_err(|error| {
        let wrong = match (error, text.split_once('/')) {
            (SubnetError::Prefix { .. }, Some((addr, _))) => addr.len() + 1,
            _ => 0,
        };
        Wrong::at(&begin[wrong..], error.to_string())
    })
}

/// What may be an IPv4 address.
fn ipv4(input: &mut &str) -> Parsed<()> {
    (digit1, '.', take_while(0.., ('0'..='9', '.'))).void().parse_next(input)
}

/// What may be an IPv6 address, without a colon behind it: that ends the scope.
fn ipv6(input: &mut &str) -> Parsed<()> {
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let text = peek(take_while(0.., (is_hex, ':', '.'))).parse_next(input)?;
    let ends_scope = text.ends_with(':') && (text.ends_with(":::") || !text.ends_with("::"));
    take(text.len() - usize::from(ends_scope)).void().parse_next(input)
}

/// One of the ports between commas.
fn some_ports(ports: PortReader, input: &mut &str) -> Parsed<Ports> {
    let begin = *input;
    let text = opt(word).parse_next(input)?.unwrap_or_default();
    ports(text).map_err(|expected| Wrong::at(begin, expected))
}

fn port(input: &mut &str) -> Parsed<u16> {
    digit1.parse_to().context("expected a port from 0 to 65535").parse_next(input)
}

fn metric(input: &mut &str) -> Parsed<Metric> {
    let begin = *input;
    let name = spaced(name).parse_next(input)?;
    if let Some(statistic) = statistic(begin, &name)? {
        return measure.map(|measure| Metric::Duration(statistic, measure)).parse_next(input);
    }
    Metric::words().find(|metric| metric.to_string() == name).ok_or_else(|| no_metric(begin, &name))
}

/// The statistic that has this name, if one has.
fn statistic(begin: &str, name: &str) -> Parsed<Option<Statistic>> {
    match name.strip_prefix('p').filter(|rest| begins_with_digit(rest)) {
        Some(number) => {
            let quantile = scaled(number, 3).and_then(|part| Quantile::new(part.try_into().ok()?));
            let wrong = "expected a percentile from p0 to p100, with at most three decimals";
            let quantile = quantile.ok_or_else(|| Wrong::at(begin, wrong))?;
            Ok(Some(Statistic::Percentile(quantile)))
        }
        None => {
            let others = [Statistic::Min, Statistic::Mean, Statistic::Max];
            Ok(others.into_iter().find(|statistic| statistic.to_string() == name))
        }
    }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The duration in parentheses.
fn measure(input: &mut &str) -> Parsed<Measure> {
    let known = |input: &mut &_| {
        let begin = *input;
        let name = name(input)?;
        let known = Measure::ALL.into_iter().find(|measure| measure.name() == name);
        known.ok_or_else(|| Wrong::at(begin, format!("expected {}", either(&Measure::NAMES))))
    };
    let open = '('.context("expected `(` and a duration, as in `p99(server_rtt)`");
    let close = ')'.context("expected `)` behind the duration");
    cut_err(delimited(spaced(open), spaced(known), close)).parse_next(input)
}

fn operator(input: &mut &str) -> Parsed<Operator> {
    let begin = *input;
    let sign = take_while(0.., ('=', '!', '<', '>')).parse_next(input)?;
    let known = Operator::ALL.into_iter().find(|operator| operator.name() == sign);
    known.ok_or_else(|| {
        let meant = match sign {
            "=" => ": is it `==`?",
            "=>" => ": is it `>=`?",
            "=<" => ": is it `<=`?",
            "<>" => ": is it `!=`?",
            _ => "",
        };
        Wrong::at(begin, format!("expected `==`, `!=`, `<`, `<=`, `>` or `>=`{meant}"))
    })
}

/// The value, which has to suit the metric.
fn claim(metric: Metric, input: &mut &str) -> Parsed<Claim> {
    let begin = *input;
    let expected = match metric {
        Metric::Attempts(_) => "expected a count such as 5, or a share of the attempts such as 99%",
        Metric::Repeats(_) => "expected a whole number of segments: they have no share and no unit",
        Metric::Duration(..) => DURATION,
    };
    let number = (digit1, opt(('.', digit1))).take().context(expected).parse_next(input)?;
    let unit_begins = *input;
    let unit = take_while(0.., |c: char| c.is_alphabetic() || c == '%').parse_next(input)?;
    let count = || number.parse().map_err(|_| Wrong::at(begin, TOO_MUCH));
    match (metric, unit) {
        (Metric::Attempts(kind), "") => Ok(Claim::Count(kind, count()?)),
        (Metric::Repeats(repeats), "") => Ok(Claim::Repeats(repeats, count()?)),
        (Metric::Attempts(kind), "%") => {
            let share = scaled(number, 3).and_then(|share| Share::new(share.try_into().ok()?));
            let wrong = "expected a share from 0% to 100%, with at most three decimals";
            Ok(Claim::Share(kind, share.ok_or_else(|| Wrong::at(begin, wrong))?))
        }
        (Metric::Duration(statistic, measure), unit) => {
            let Nanoseconds(ns) = Nanoseconds::of(number, unit).map_err(|wrong| {
                let at = match wrong {
                    NoDuration::Form => unit_begins,
                    NoDuration::Amount => begin,
                };
                Wrong::at(at, wrong.to_string())
            })?;
            Ok(Claim::Duration(statistic, measure, ns))
        }
        (Metric::Attempts(_) | Metric::Repeats(_), _) => Err(Wrong::at(unit_begins, expected)),
    }
}

const TOO_MUCH: &str = "expected a whole number, at most 18446744073709551615";

fn word<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    let of_name = |c: char| c.is_ascii_alphanumeric();
    take_while(1.., (of_name, '_', '-', '.')).parse_next(input)
}

/// A name, in which `-` and `_` are the same; empty where there is none.
fn name(input: &mut &str) -> Parsed<String> {
    opt(word).map(|word| word.unwrap_or_default().replace('-', "_")).parse_next(input)
}

/// What is expected instead of a metric that there is none of.
fn no_metric(begin: &str, name: &str) -> ErrMode<Wrong> {
    if Measure::NAMES.contains(&name) {
        return Wrong::at(begin, format!("expected a statistic, as in `p99({name})`"));
    }
    // All names are in small letters.
    let small = name.to_lowercase();
    if let Some(statistic) = statistic_like(&small) {
        return Wrong::at(begin, format!("expected a statistic: is it `{statistic}`?"));
    }
    let known: Vec<_> = Metric::words().map(|metric| metric.to_string()).collect();
    let known = || known.iter().map(String::as_str);
    let is_near = |known: &&str| strsim::normalized_damerau_levenshtein(known, &small) > 0.6;
    let near: Vec<_> = match known().find(|known| *known == small) {
        Some(same) => vec![same],
        None => known().filter(is_near).collect(),
    };
    if !near.is_empty() {
        return Wrong::at(begin, format!("expected a metric: is it {}?", either(&near)));
    }
    let few = known().filter(|name| PatternName::from_name(name).is_none());
    let few: Vec<_> = few.map(|name| format!("`{name}`")).collect();
    let few = few.join(", ");
    let others =
        "a pattern (`synscope patterns` lists them) or a statistic such as `p99(server_rtt)`";
    Wrong::at(begin, format!("expected a metric: {few}, {others}"))
}

/// The statistic that is meant by a name in small letters, which may be the one of other programs.
fn statistic_like(small: &str) -> Option<Statistic> {
    match small {
        "median" => Some(Statistic::Percentile(Quantile::P50)),
        "avg" | "average" => Some(Statistic::Mean),
        "minimum" => Some(Statistic::Min),
        "maximum" => Some(Statistic::Max),
        _ => statistic(small, small).ok().flatten(),
    }
}

/// `a`, `b` or `c`.
fn either(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
