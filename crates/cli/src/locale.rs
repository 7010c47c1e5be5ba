//! What the environment says about language and characters (POSIX, 8.2).

use std::env;
use std::ffi::OsString;

use render::Language;

use crate::args::Lang;

/// Whether the locale's character set is UTF-8.
pub(crate) fn is_utf8() -> bool {
    is_utf8_in(|name| env::var_os(name))
}

/// The language of what people read: what is asked for, or else that of the locale. ASCII is English.
///
/// # Errors
/// Where Chinese is asked for and the output is no UTF-8.
pub(crate) fn language(asked: Option<Lang>, is_utf8: bool) -> anyhow::Result<Language> {
    anyhow::ensure!(
        is_utf8 || asked != Some(Lang::Zh),
        "--lang zh needs UTF-8, and the output is ASCII: leave out --ascii, and set a UTF-8 locale, \
         such as LC_ALL=C.UTF-8"
    );
    Ok(match asked {
        Some(Lang::En) => Language::English,
        Some(Lang::Zh) => Language::Chinese,
        None if is_utf8 => language_in(|name| env::var_os(name)),
        None => Language::English,
    })
}

fn is_utf8_in(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let locale = first_set("LC_CTYPE", variable);
    locale.contains("utf-8") || locale.contains("utf8")
}

fn language_in(variable: impl Fn(&str) -> Option<OsString>) -> Language {
    let locale = first_set("LC_MESSAGES", variable);
    match locale.split(['_', '.', '@']).next() {
        Some("zh") => Language::Chinese,
        _ => Language::English,
    }
}

/// The locale of a category in small letters: the first variable that is set and not empty decides.
fn first_set(category: &str, variable: impl Fn(&str) -> Option<OsString>) -> String {
    let mut values = ["LC_ALL", category, "LANG"].into_iter().filter_map(variable);
    let locale = values.find(|value| !value.is_empty()).unwrap_or_default();
    locale.to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        }
    }

    #[test]
    fn the_first_variable_that_is_set_decides_the_characters() {
        let utf8 = |variables: &[(&str, &str)]| is_utf8_in(set(variables));
        assert!(utf8(&[("LANG", "en_US.UTF-8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!utf8(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!utf8(&[]));
    }

    #[test]
    fn the_first_variable_that_is_set_decides_the_language() {
        let is_chinese =
            |variables: &[(&str, &str)]| language_in(set(variables)) == Language::Chinese;
        for locale in ["zh_CN.UTF-8", "zh_SG.utf8", "zh", "zh_CN"] {
            assert!(is_chinese(&[("LANG", locale)]), "{locale}");
        }
        assert!(is_chinese(&[("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")]));
        assert!(!is_chinese(&[("LC_ALL", "C.UTF-8"), ("LC_MESSAGES", "zh_CN.UTF-8")]));
        assert!(!is_chinese(&[("LC_CTYPE", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")]));
        assert!(!is_chinese(&[("LANG", "zhz_XX.UTF-8")]));
        assert!(!is_chinese(&[]));
    }

    #[test]
    fn what_is_asked_for_goes_first_and_ascii_is_english() {
        assert_eq!(language(Some(Lang::Zh), true).ok(), Some(Language::Chinese));
        assert_eq!(language(Some(Lang::En), true).ok(), Some(Language::English));
        assert_eq!(language(None, false).ok(), Some(Language::English));
        assert!(language(Some(Lang::Zh), false).is_err());
    }
}
