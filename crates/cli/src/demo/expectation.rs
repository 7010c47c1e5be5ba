//! Compares the attempts with the expected ones.

use handshake::{Outcome, PatternName};
use lab::Expectation;

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) patterns: Vec<PatternName>,
}

/// Compares what was found with what was expected. The last expectation holds for all further
/// attempts. Sums up the attempts, where there are some.
///
/// # Errors
/// The differences, one a line.
pub(super) fn check(
    found: &[Found],
    expected: &[Expectation],
) -> Result<Option<String>, Vec<String>> {
    let Some(last) = expected.last() else {
        return match found.len() {
            0 => Ok(None),
            n => Err(vec![format!("found {}, expected none", attempts(n))]),
        };
    };
    let wanted = || expected.iter().chain(std::iter::repeat(last));
    let mut differences: Vec<String> = found
        .iter()
        .zip(wanted())
        .enumerate()
        .filter_map(|(index, (found, wanted))| Some((index + 1, difference(found, wanted)?)))
        .map(|(number, difference)| format!("attempt {number} is {difference}"))
        .collect();
    if found.len() < expected.len() {
        differences.push(format!("found {}, expected {}", attempts(found.len()), expected.len()));
    }
    if differences.is_empty() { Ok(Some(summary(found.len(), wanted()))) } else { Err(differences) }
}

fn attempts(count: usize) -> String {
    format!("{count} attempt{}", if count == 1 { "" } else { "s" })
}

fn difference(found: &Found, wanted: &Expectation) -> Option<String> {
    let names: Vec<_> = found.patterns.iter().map(|pattern| pattern.name()).collect();
    let missing: Vec<_> = wanted.patterns.iter().filter(|name| !names.contains(*name)).collect();
    if found.outcome.name() != wanted.outcome {
        return Some(format!("{}, expected {}", found.outcome.name(), wanted.outcome));
    }
    let missing = missing.iter().map(|name| **name).collect::<Vec<_>>().join(", ");
    (!missing.is_empty()).then(|| format!("{}, but {missing} is missing", found.outcome.name()))
}

/// `established, three_way`; of several `2 established, three_way; 1 refused`.
fn summary<'a>(count: usize, wanted: impl Iterator<Item = &'a Expectation>) -> String {
    let mut groups: Vec<(String, usize)> = Vec::new();
    for Expectation { outcome, patterns, .. } in wanted.take(count) {
        let words = [&[*outcome], *patterns].concat().join(", ");
        match groups.iter_mut().find(|(known, _)| *known == words) {
            Some((_, times)) => *times += 1,
            None => groups.push((words, 1)),
        }
    }
    let groups = groups.into_iter().map(|(words, times)| match count {
        1 => words,
        _ => format!("{times} {words}"),
    });
    groups.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESTABLISHED: Expectation =
        Expectation { outcome: "established", patterns: &["three_way"], is_filler: false };
    const REFUSED: Expectation =
        Expectation { outcome: "refused", patterns: &[], is_filler: false };

    fn established() -> Found {
        Found { outcome: Outcome::Established, patterns: vec![PatternName::ThreeWay] }
    }

    fn refused() -> Found {
        Found { outcome: Outcome::Refused, patterns: Vec::new() }
    }

    #[test]
    fn what_was_expected_is_summed_up() {
        let ok = |found: &[Found], expected: &[Expectation]| check(found, expected).unwrap();
        assert_eq!(ok(&[], &[]), None);
        let one = ok(&[established()], &[ESTABLISHED]);
        assert_eq!(one.as_deref(), Some("established, three_way"));
        let found = [refused(), established(), established()];
        assert_eq!(
            ok(&found, &[REFUSED, ESTABLISHED]).as_deref(),
            Some("1 refused; 2 established, three_way")
        );
    }

    #[test]
    fn every_difference_is_reported() {
        let differences =
            |found: &[Found], expected: &[Expectation]| check(found, expected).unwrap_err();
        assert_eq!(
            differences(&[refused(), refused()], &[REFUSED, ESTABLISHED]),
            ["attempt 2 is refused, expected established"]
        );
        let bare = Found { patterns: Vec::new(), ..established() };
        assert_eq!(
            differences(&[bare], &[ESTABLISHED]),
            ["attempt 1 is established, but three_way is missing"]
        );
        assert_eq!(differences(&[refused()], &[REFUSED, REFUSED]), ["found 1 attempt, expected 2"]);
        assert_eq!(differences(&[refused()], &[]), ["found 1 attempt, expected none"]);
    }
}
