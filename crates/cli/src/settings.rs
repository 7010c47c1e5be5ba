//! The meaning of the arguments about the output, resolved once.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use answers::{By, Question};
use hostnames::HostNames;
use parser::Period;
use render::{Language, Style, Theme, TimeFormat, Wanted};

use crate::args::{
    AssertArgs, Format, LookArgs, NameArgs, OfAllArgs, OutputArgs, StatsArgs, ThemeName, TimeStyle,
    When,
};
use crate::files::Files;
use crate::host_names::{hosts_file, known_beforehand};
use crate::layout::Layout;
use crate::memory::Memory;
use crate::remarks::Remarks;
use crate::selection::Selection;
use crate::{locale, zone};

/// The target and the look of the output.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The file to write; `None` is standard output.
    pub(crate) file: Option<PathBuf>,
    pub(crate) layout: Layout,
    /// Whether a table may show many attempts in place of pictures: nobody asked for these.
    pub(crate) is_brief: bool,
    pub(crate) remarks: Remarks,
    pub(crate) look: Look,
    /// What the statistics answer, where the layout has some.
    pub(crate) question: Question,
    /// The file of names of hosts, where names are wanted.
    pub(crate) hosts_file: Option<PathBuf>,
    /// The names of hosts that are known beforehand, where names are wanted.
    pub(crate) host_names: Option<HostNames>,
    /// Whether the close of connections is drawn, too.
    pub(crate) whole: bool,
    /// When the attempts began that it is about.
    pub(crate) started_in: Period,
}

/// The wishes for the style. The stream and the environment decide the rest.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct Look {
    color: When,
    ascii: bool,
    width: Option<u16>,
    compact: bool,
    explain: bool,
    compare: bool,
    time: TimeFormat,
    language: Language,
    theme: Theme,
}

impl Look {
    const DEFAULT: Self = Self {
        color: When::Auto,
        ascii: false,
        width: None,
        compact: false,
        explain: false,
        compare: false,
        time: TimeFormat::Relative,
        language: Language::English,
        theme: Theme::Auto,
    };

    /// The style on a stream for which these colours are suggested, of so many columns.
    pub(crate) fn style(&self, suggested: ColorChoice, columns: Option<u16>) -> Style {
        Style {
            color: wants_color(self.color, suggested),
            unicode: !self.ascii && locale::is_utf8(),
            width: self.width.or(columns),
            compact: self.compact,
            explain: self.explain,
            compare: self.compare,
            time: self.time,
            wanted: Wanted::NONE,
            language: self.language,
            theme: self.theme,
        }
    }
}

impl Settings {
    /// Pictures on standard output, and no totals.
    pub(crate) fn pictures(language: Language) -> Self {
        Self {
            file: None,
            layout: Format::Timeline.into(),
            is_brief: false,
            remarks: Remarks::Off,
            look: Look { language, ..Look::DEFAULT },
            question: Question::default(),
            hosts_file: None,
            host_names: None,
            whole: false,
            started_in: Period::ALWAYS,
        }
    }
}

impl Settings {
    /// The same with names of hosts, where these are wanted.
    pub(crate) fn with_names(self, args: &NameArgs) -> anyhow::Result<Self> {
        let hosts_file = hosts_file(args).map(Path::to_owned);
        Ok(Self { hosts_file, host_names: known_beforehand(args)?, ..self })
    }

    /// These files, the output, and what is read beside the inputs.
    pub(crate) fn files(&self, files: Files) -> Files {
        let files = self.hosts_file.iter().fold(files, |files, path| files.and_reading(path));
        files.output(self.file.as_deref())
    }

    /// The same on a screen.
    pub(crate) fn on_screen(self) -> Self {
        Self { layout: Layout::SCREEN, is_brief: false, ..self }
    }

    /// The same beside metrics, which take the place of an output that nobody asked for.
    #[cfg(unix)]
    pub(crate) fn beside_metrics(self) -> Self {
        let is_asked_for = !self.is_brief || self.file.is_some();
        if is_asked_for { self } else { Self { layout: Layout::SILENT, is_brief: false, ..self } }
    }

    /// What is left of the memory beside what the output holds, the groups of attempts that the answers
    /// need, and the names of hosts.
    pub(crate) fn beside_output(&self, memory: Memory, selection: &Selection) -> Memory {
        let for_sorting = selection.most_sorted().map_or(0, |_| memory.for_sorting());
        let memory = memory.beside(self.layout.room + for_sorting);
        let memory = if self.host_names.is_some() { memory.beside_names() } else { memory };
        let more_groups = self.question.by != By::Server || selection.judges();
        // Where no attempt is shown, there is room for the groups of servers.
        let with_attempts = !self.layout.is_of_all();
        let needed = [more_groups, with_attempts]
            .into_iter()
            .filter(|is| *is && self.layout.answers.is_some());
        needed.fold(memory, |memory, _| memory.beside_groups())
    }

    fn new(layout: Layout, args: &LookArgs, question: Question) -> anyhow::Result<Self> {
        let &LookArgs { ref output, time, color, ascii, width, lang, verbosity } = args;
        if let (TimeStyle::Local, Some(tz)) = (time, std::env::var_os("TZ")) {
            zone::check(&tz)?;
        }
        let is_utf8 = layout.is_utf8 || !ascii && locale::is_utf8();
        let language = locale::language(lang.lang, is_utf8)?;
        let file = output.clone().filter(|file| file != Path::new("-"));
        anyhow::ensure!(
            !layout.is_whole_files() || file.is_some(),
            "a Parquet file needs a name: --output FILE, or --output DIR/ for files by day"
        );
        let time = time_format(time);
        Ok(Self {
            file,
            layout,
            is_brief: false,
            remarks: verbosity.into(),
            look: Look { color, ascii, width, time, language, ..Look::DEFAULT },
            question,
            hosts_file: None,
            host_names: None,
            whole: false,
            started_in: Period::ALWAYS,
        })
    }
}

impl TryFrom<&OutputArgs> for Settings {
    type Error = anyhow::Error;

    fn try_from(args: &OutputArgs) -> anyhow::Result<Self> {
        let &OutputArgs {
            format,
            no_segments,
            compact,
            explain,
            compare,
            whole,
            theme,
            ref look,
            ..
        } = args;
        let is_brief = format.is_none() && !compact && !explain && !compare && !whole;
        let format = format.unwrap_or_default();
        let theme = theme_of(theme);
        Layout::check(format, Style { compact, explain, compare, theme, ..Style::PLAIN })?;
        if whole {
            Layout::check_whole(format)?;
        }
        let layout = if no_segments { Layout::without_segments(format)? } else { format.into() };
        #[cfg(feature = "parquet")]
        let layout = if args.segments { Layout::with_segments(format)? } else { layout };
        let settings = Self::new(layout, look, Question::default())?;
        let look = Look { compact, explain, compare, theme, ..settings.look };
        Ok(Self { is_brief, look, whole, ..settings })
    }
}

impl TryFrom<&StatsArgs> for Settings {
    type Error = anyhow::Error;

    fn try_from(args: &StatsArgs) -> anyhow::Result<Self> {
        let &StatsArgs { by, sort, limit, format, ref of } = args;
        let question = Question { by, sort, limit, ..Question::default() };
        Self::new(format.into(), &of.look, question)
    }
}

impl TryFrom<&OfAllArgs> for Settings {
    type Error = anyhow::Error;

    fn try_from(args: &OfAllArgs) -> anyhow::Result<Self> {
        Self::new(Layout::PAGE, &args.look, Question::default())
    }
}

impl TryFrom<&AssertArgs> for Settings {
    type Error = anyhow::Error;

    fn try_from(args: &AssertArgs) -> anyhow::Result<Self> {
        // As the totals, what becomes of expectations is told at the end.
        Self::new(Format::Summary.into(), &args.look, Question::default())
    }
}

fn theme_of(name: ThemeName) -> Theme {
    match name {
        ThemeName::Auto => Theme::Auto,
        ThemeName::Light => Theme::Light,
        ThemeName::Dark => Theme::Dark,
    }
}

fn time_format(style: TimeStyle) -> TimeFormat {
    match style {
        TimeStyle::Relative => TimeFormat::Relative,
        TimeStyle::Utc => TimeFormat::Utc,
        TimeStyle::Local => TimeFormat::Local,
        TimeStyle::Epoch => TimeFormat::Epoch,
    }
}

/// The argument goes before what the stream and the environment suggest.
fn wants_color(asked: When, suggested: ColorChoice) -> bool {
    match asked {
        When::Always => true,
        When::Never => false,
        When::Auto => suggested != ColorChoice::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::SortKey;

    #[test]
    fn a_sorted_table_takes_an_eighth_of_the_memory() {
        let settings = Settings::pictures(Language::English);
        let left = |sort| {
            let selection = Selection { sort, ..Selection::default() };
            settings.beside_output(Memory::default(), &selection)
        };
        assert_eq!(left(SortKey::Time), Memory::default());
        assert_eq!(left(SortKey::Worst), Memory::default().beside(8_000_000));
    }

    #[test]
    fn answers_take_memory_where_they_are_beside_records_or_about_more_than_servers() {
        let failed = Selection { failed: true, ..Selection::default() };
        let groups = |format: Format, selection: &Selection| {
            let settings =
                Settings { layout: format.into(), ..Settings::pictures(Language::English) };
            let left = settings.beside_output(Memory::default(), selection);
            let groups = [0, 1, 2].map(|count| {
                (0..count).fold(Memory::default(), |memory, _| memory.beside_groups())
            });
            groups.iter().position(|memory| *memory == left)
        };
        for (format, all, some) in [
            (Format::Table, 0, 0),
            (Format::Jsonl, 0, 0),
            (Format::Summary, 0, 1),
            (Format::Json, 1, 2),
        ] {
            let found = [groups(format, &Selection::default()), groups(format, &failed)];
            assert_eq!(found, [Some(all), Some(some)], "{format:?}");
        }
    }

    /// Compared only: a test that fails must not lose the file.
    #[test]
    fn the_hosts_file_of_the_system_is_an_input_where_names_are_wanted() {
        let refused = |names, hosts: Option<&str>, file: &str| {
            let settings =
                Settings { file: Some(file.into()), ..Settings::pictures(Language::English) };
            let args = NameArgs { names, hosts: hosts.map(PathBuf::from) };
            let settings = settings.with_names(&args).unwrap();
            settings.files(Files::default()).check().err().map(|error| error.to_string())
        };
        let refusal = "/etc/hosts: is an input file; give --output another name";
        assert_eq!(refused(true, None, "/etc/hosts").as_deref(), Some(refusal));
        assert_eq!(refused(true, None, "/etc/hostname"), None);
        assert_eq!(refused(true, Some("/dev/null"), "/etc/hosts"), None);
        assert_eq!(refused(false, None, "/etc/hosts"), None);
    }

    #[test]
    fn the_user_decides_on_colours_before_the_environment_does() {
        assert!(wants_color(When::Always, ColorChoice::Never));
        assert!(!wants_color(When::Never, ColorChoice::AlwaysAnsi));
        assert!(wants_color(When::Auto, ColorChoice::Always));
        assert!(!wants_color(When::Auto, ColorChoice::Never));
    }
}
