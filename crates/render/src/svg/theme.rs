//! The colours of drawn pictures: those of the terminal, made as dark or light as their paper needs.

use crate::style::Theme;

/// The classes of [`Ink`](crate::style::Ink), and what else a picture is made of. Text has a contrast of 4.5:1
/// and more on its paper.
const LIGHT: [(&str, &str); 11] = [
    ("paper", "#ffffff"),
    ("plain", "#1b1f24"),
    ("strong", "#1b1f24"),
    ("faint", "#5c6670"),
    ("syn", "#0067ab"),
    ("syn-ack", "#93439a"),
    ("ack", "#00704a"),
    ("good", "#00704a"),
    ("bad", "#c00000"),
    ("doubtful", "#a84600"),
    ("call", "#456a8f"),
];

const DARK: [(&str, &str); 11] = [
    ("paper", "#0d1117"),
    ("plain", "#e6edf3"),
    ("strong", "#ffffff"),
    ("faint", "#8b949e"),
    ("syn", "#58b4ff"),
    ("syn-ack", "#dd9be0"),
    ("ack", "#3fc995"),
    ("good", "#3fc995"),
    ("bad", "#ff7b72"),
    ("doubtful", "#ff9d5c"),
    ("call", "#8fb8e0"),
];

/// The style sheet of a picture.
pub(crate) fn css(theme: Theme) -> String {
    match theme {
        Theme::Auto => {
            format!("{}@media(prefers-color-scheme:dark){{{}}}", rules(&LIGHT), rules(&DARK))
        }
        Theme::Light => rules(&LIGHT),
        Theme::Dark => rules(&DARK),
    }
}

/// The colours for a page: its text and pictures have those of its reader's system, on paper those of
/// white paper. Each is a variable too: `--bad`.
pub(crate) fn page_css() -> String {
    let variables = |colors: &[(&str, &str)]| {
        let variable = |(class, color): &(&str, &str)| format!("--{class}:{color};");
        format!(":root{{{}}}", colors.iter().map(variable).collect::<String>())
    };
    let uses = LIGHT.map(|(class, _)| (class, format!("var(--{class})")));
    let text = |(class, color): &(&str, String)| format!(".{class}{{color:{color}}}");
    let (light, dark) = (variables(&LIGHT), variables(&DARK));
    let texts: String = uses.iter().map(text).collect();
    format!("{light}@media screen and (prefers-color-scheme:dark){{{dark}}}{}{texts}", rules(&uses))
}

/// Text is filled with its colour; lines have it as their stroke.
fn rules<T: std::fmt::Display>(colors: &[(&str, T)]) -> String {
    let rule = |(class, color): &(&str, T)| {
        format!(".{class}{{fill:{color}}}.{class}-line{{stroke:{color};fill:none}}")
    };
    colors.iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of `#rrggbb` (WCAG 2.2).
    fn luminance(color: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&color[at..at + 2], 16).expect("two digits");
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn text_can_be_read_on_its_paper() {
        for colors in [LIGHT, DARK] {
            let paper = luminance(colors[0].1);
            for (class, color) in &colors[1..] {
                let (one, other) = (luminance(color) + 0.05, paper + 0.05);
                let contrast = (one / other).max(other / one);
                assert!(contrast >= 4.5, "{class}: {contrast}");
            }
        }
    }

    #[test]
    fn a_dark_reader_gets_the_dark_colours_last() {
        let auto = css(Theme::Auto);
        assert_eq!(auto.find(&css(Theme::Light)), Some(0));
        assert!(auto.ends_with(&format!("{{{}}}", css(Theme::Dark))), "{auto}");
    }
}
