//! The next step, where a message about the command line has none.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The same message with a tip, where there is one for it.
pub(crate) fn with_tip(mut error: Error) -> Error {
    if let Some(tip) = tip(&error) {
        // An option that only looks like the wrong one.
        error.remove(ContextKind::SuggestedArg);
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error
}

fn tip(error: &Error) -> Option<&'static str> {
    let says = |kind, what: &str| {
        error.get(kind).is_some_and(|value| value.to_string().split(' ').any(|word| word == what))
    };
    let is_about = |what| says(ContextKind::InvalidArg, what) || says(ContextKind::PriorArg, what);
    match error.kind() {
        ErrorKind::UnknownArgument
            if says(ContextKind::Usage, "report") && (is_about("--format") || is_about("-f")) =>
        {
            Some(
                "a report is HTML: `synscope stats --format json` has its numbers, `synscope replay \
                 --format json` its attempts",
            )
        }
        ErrorKind::ArgumentConflict if is_about("--tui") => Some(
            "the screen takes the place of an output and lists all attempts; its key `s` saves one as \
             JSON, SVG and pcapng. Leave --tui or the other option out",
        ),
        ErrorKind::ArgumentConflict if is_about("--compact") => Some(
            "--compact draws the figure alone, --explain and --compare say more below it: give one of \
             them",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::with_tip;
    use crate::args::Cli;

    #[track_caller]
    fn message(words: &str) -> String {
        let error = Cli::try_parse_from(words.split(' ')).expect_err("it is wrong");
        with_tip(error).to_string()
    }

    #[test]
    fn an_option_that_a_command_lacks_or_that_excludes_another_comes_with_the_next_step() {
        for (words, tip) in [
            (
                "synscope report --format json c",
                "tip: a report is HTML: `synscope stats --format json`",
            ),
            ("synscope report c -f json", "tip: a report is HTML"),
            (
                "synscope replay --tui --format json c",
                "tip: the screen takes the place of an output",
            ),
            (
                "synscope replay --format json --tui c",
                "tip: the screen takes the place of an output",
            ),
            ("synscope replay --compact --explain c", "tip: --compact draws the figure alone"),
            ("synscope replay --compare --compact c", "tip: --compact draws the figure alone"),
        ] {
            let message = message(words);
            assert!(message.contains(tip) && message.matches("tip:").count() == 1, "{message}");
        }
    }

    #[test]
    fn other_messages_stay_as_they_are() {
        for words in
            ["synscope replay --fromat json c", "synscope replay -q -v c", "synscope report"]
        {
            let error = Cli::try_parse_from(words.split(' ')).expect_err("it is wrong");
            assert_eq!(message(words), error.to_string());
        }
    }
}
